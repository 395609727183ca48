//! Silence: an account and region that has records hour by hour, and then none for longer than a log may be silent.
//!
//! Of each day only the first and the last event are kept, so a silence is seen where it spans a midnight. That an account and
//! region is busy is shown by the hours in which it is known to have a record: those of its assumptions, which are kept one
//! by one, and of the first and last events.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::rule::Context;
use crate::model::observations::CellCount;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;

/// One day, in hours.
const DAY: i64 = 24;

/// A longer silence is an end, and what comes after it a new beginning.
const LONGEST: i64 = 7 * DAY * HOUR;

/// So many days on each side show what is usual.
const AROUND: i64 = 7;

/// On fewer whole days nothing is usual.
const FEWEST_DAYS: i64 = 3;

/// A busy day has records in so many of its hours, in percent.
const BUSY: i64 = 90;

/// An account and a region.
type Place<'a> = (&'a str, &'a str);

/// What is known of the days of one place.
type Days<'a> = BTreeMap<i64, &'a CellCount>;

/// A busy place that has no record for a while.
pub(super) struct Silence<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    /// The last record before it.
    pub(super) from: Timestamp,
    /// The first record after it.
    pub(super) to: Timestamp,
    /// On how many whole days around it the place was busy.
    pub(super) days: i64,
    /// In how many of their hours it is known to have a record, in percent.
    pub(super) percent: i64,
    /// It alone is silent: another place has records of that time.
    pub(super) is_alone: bool,
}

/// Finds the silences of busy places that are longer than a log may be silent.
pub(super) fn find<'a>(context: &Context<'a>) -> Vec<Silence<'a>> {
    let lineage = context.lineage;
    let mut places: BTreeMap<Place<'a>, Days<'a>> = BTreeMap::new();
    for (cell, count) in &lineage.observations.cells {
        let place = lineage.opt(cell.account).zip(lineage.opt(cell.region));
        if let Some((place, day)) = place.zip(cell.day).filter(|_| count.first.is_some()) {
            places.entry(place).or_default().insert(i64::from(day), count);
        }
    }
    let minutes = i64::try_from(context.expectations.limits.log_gap_minutes).unwrap_or(i64::MAX);
    let limit = minutes.saturating_mul(60);
    let mut silences: Vec<(Place<'a>, Timestamp, Timestamp)> = Vec::new();
    for (place, days) in &places {
        for (before, after) in days.values().zip(days.values().skip(1)) {
            let Some((from, to)) = before.last.zip(after.first) else { continue };
            let is_long = limit < to.0 - from.0 && to.0 - from.0 <= LONGEST;
            if is_long && may_be_busy(days, from, to) {
                silences.push((*place, from, to));
            }
        }
    }
    let hours = hours(context, &places, &silences.iter().map(|(place, ..)| *place).collect());
    let judged = silences.iter().filter_map(|(place, from, to)| {
        let (days, percent) = busy(places.get(place)?, *place, &hours, *from, *to)?;
        let is_alone = places.iter().any(|(other, days)| other != place && has_record(days, *from, *to, limit));
        Some(Silence { account: place.0, region: place.1, from: *from, to: *to, days, percent, is_alone })
    });
    judged.collect()
}

/// The whole days around a silence: those of the silence itself are left out, and so are the first and the last day of all,
/// which may have been cut.
fn around(days: &Days<'_>, from: Timestamp, to: Timestamp) -> impl Iterator<Item = i64> {
    let first = days.keys().next().map_or(i64::MAX, |day| day + 1);
    let last = days.keys().next_back().map_or(i64::MIN, |day| day - 1);
    let (begin, end) = (from.day(), to.day());
    let before = (begin - AROUND).max(first)..begin;
    before.chain(end + 1..=(end + AROUND).min(last))
}

/// Says whether the days around a silence have enough records to be busy: a look at numbers, before any hour is counted.
fn may_be_busy(days: &Days<'_>, from: Timestamp, to: Timestamp) -> bool {
    let (mut all, mut enough) = (0, 0);
    for day in around(days, from, to) {
        all += 1;
        let least = u64::try_from(DAY * BUSY / 100).unwrap_or(u64::MAX);
        enough += i64::from(days.get(&day).is_some_and(|count| least <= count.records));
    }
    FEWEST_DAYS <= all && all * BUSY <= enough * 100
}

/// Returns the hours in which these places are known to have a record, one bit each, by day.
fn hours<'a>(
    context: &Context<'a>,
    places: &BTreeMap<Place<'a>, Days<'a>>,
    wanted: &BTreeSet<Place<'a>>,
) -> BTreeMap<(Place<'a>, i64), u32> {
    let lineage = context.lineage;
    let mut hours: BTreeMap<(Place<'a>, i64), u32> = BTreeMap::new();
    if wanted.is_empty() {
        return hours;
    }
    let mut note = |place: Place<'a>, time: Timestamp| {
        let hour = time.0.div_euclid(HOUR).rem_euclid(DAY);
        *hours.entry((place, time.day())).or_default() |= 1 << hour;
    };
    for place in wanted {
        let counts = places.get(place).into_iter().flat_map(|days| days.values());
        counts.flat_map(|count| [count.first, count.last]).flatten().for_each(|time| note(*place, time));
    }
    for record in &lineage.observations.assumptions {
        let place = lineage.opt(record.recipient_account).zip(lineage.opt(record.region));
        if let Some((place, time)) = place.zip(record.time).filter(|(place, _)| wanted.contains(place)) {
            note(place, time);
        }
    }
    hours
}

/// Returns the number of whole days around a silence, and the share of their hours with a record, when the place was busy
/// on days of the same kind: many are so on working days only.
fn busy<'a>(
    days: &Days<'_>,
    place: Place<'a>,
    hours: &BTreeMap<(Place<'a>, i64), u32>,
    from: Timestamp,
    to: Timestamp,
) -> Option<(i64, i64)> {
    let (mut all, mut seen) = ([0, 0], [0, 0]);
    for day in around(days, from, to) {
        let hours = hours.get(&(place, day)).map_or(0, |hours| i64::from(hours.count_ones()));
        for (kind, of_kind) in [false, true].into_iter().zip(all.iter_mut().zip(seen.iter_mut())) {
            if kind == is_weekend(day) {
                *of_kind.0 += 1;
                *of_kind.1 += hours;
            }
        }
    }
    let is_busy = |all: i64, seen: i64| 0 < all && all * DAY * BUSY <= seen * 100;
    let kinds = [false, true].into_iter().zip(all.into_iter().zip(seen));
    let is_usual = kinds
        .filter(|(kind, _)| (from.day()..=to.day()).any(|day| is_weekend(day) == *kind))
        .all(|(_, (all, seen))| is_busy(all, seen));
    let (all, seen) = (all.iter().sum::<i64>(), seen.iter().sum::<i64>());
    (is_usual && FEWEST_DAYS <= all && is_busy(all, seen)).then(|| (all, seen * 100 / (all * DAY)))
}

/// Says whether a day is a Saturday or a Sunday. The first of January 1970 was a Thursday.
fn is_weekend(day: i64) -> bool {
    matches!((day + 4).rem_euclid(7), 0 | 6)
}

/// Says whether a place is known to have a record well within a silence: when nothing at all was read of it, the last and
/// first records of all places lie near its ends.
fn has_record(days: &Days<'_>, from: Timestamp, to: Timestamp, limit: i64) -> bool {
    let margin = limit.min((to.0 - from.0) / 4);
    let (from, to) = (from.plus(margin), to.plus(-margin));
    let counts = days.range(from.day()..=to.day()).flat_map(|(_, count)| [count.first, count.last]);
    counts.flatten().any(|time| from < time && time < to)
}

#[cfg(test)]
mod tests {
    use super::is_weekend;
    use crate::model::time::Timestamp;

    #[test]
    fn saturdays_and_sundays_are_weekends() {
        let day = |text: &str| Timestamp::parse_iso(text).unwrap().day();
        let week = ["02", "03", "04", "05", "06", "07", "08"].map(|date| day(&format!("2026-11-{date}T00:00:00Z")));
        assert_eq!(week.map(is_weekend), [false, false, false, false, false, true, true]);
    }
}
