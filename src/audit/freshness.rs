//! Freshness: whether every trail still speaks that used to. CloudTrail delivers records within minutes, and a digest file
//! each hour.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::phrase::count;
use crate::model::assurance::Reason;
use crate::model::integrity::Integrity;
use crate::model::integrity::TrailCheck;
use crate::model::lineage::Lineage;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

/// An account or region used to speak when it has records on at least so many days.
const FEWEST_DAYS: usize = 5;

/// It is silent after so many days without a record, or after so many times its own longest pause, whichever is longer.
const FEWEST_SILENT_DAYS: i32 = 3;
const LONGEST_PAUSES: i32 = 3;

/// Logs that were copied to a disk may be older than those that a run reads where they arrive.
const OLDEST_COPY: i32 = 30;

/// A trail's digest files are silent after so many days.
const SILENT_DIGEST_DAYS: i64 = 1;

/// The moment up to which logs could speak.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Now.
    pub now: Timestamp,
    /// Now, or the end of the window, whichever comes first.
    pub end: Timestamp,
    /// The run reads a bucket or a store: logs arrive there by themselves.
    pub is_live: bool,
}

impl Clock {
    /// How many days the logs may end before this moment.
    fn patience(self) -> i32 {
        if self.is_live { FEWEST_SILENT_DAYS } else { OLDEST_COPY }
    }
}

/// Says what has fallen silent: all of it by the clock, and accounts and regions by the newest day of the logs, so that
/// each silence is reported once.
pub(super) fn reasons(lineage: &Lineage, integrity: Option<&Integrity>, clock: Option<Clock>) -> Vec<Reason> {
    let mut days: BTreeSet<i32> = BTreeSet::new();
    let mut accounts: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    let mut regions: BTreeMap<(&str, &str), BTreeSet<i32>> = BTreeMap::new();
    // A scan keeps records of the future apart. Tables that others made may hold some: they must not hide a silence.
    let today = clock.map(|clock| i32::try_from(clock.now.day()).unwrap_or(i32::MAX));
    let mut of_the_future = 0;
    for (cell, of_cell) in &lineage.observations.cells {
        let Some(day) = cell.day.filter(|_| of_cell.records > 0) else { continue };
        if today.is_some_and(|today| today.saturating_add(1) < day) {
            of_the_future += of_cell.records;
            continue;
        }
        days.insert(day);
        let Some(account) = lineage.opt(cell.account) else { continue };
        accounts.entry(account).or_default().insert(day);
        if let Some(region) = lineage.opt(cell.region) {
            regions.entry((account, region)).or_default().insert(day);
        }
    }
    let newest = days.last().copied().unwrap_or_default();
    let mut reasons = Vec::new();
    if of_the_future > 0 {
        reasons.push(Reason {
            kind: "future_records",
            message: format!("{} later than this run", count(of_the_future, "record")),
            remedy: "Check the clock of this machine, and who made these tables.",
        });
    }
    if let Some(clock) = clock {
        let today = i32::try_from(clock.end.day()).unwrap_or(i32::MAX);
        reasons.extend(silence(&days, today, clock.patience()).map(|_| Reason {
            kind: "silent_since",
            message: format!("no record since {}", Timestamp::of_day(newest.into()).date()),
            remedy: "Check whether trails still deliver; for logs that end there on purpose, name the end with --until.",
        }));
        let trails = integrity.map(|integrity| integrity.trails.as_slice()).unwrap_or_default();
        reasons.extend(trails.iter().filter_map(|trail| old_digests(trail, clock, newest)));
    }
    let mut silent: Vec<(String, i32)> = Vec::new();
    for (account, days) in &accounts {
        let quiet = silence(days, newest, FEWEST_SILENT_DAYS);
        silent.extend(quiet.map(|quiet| (format!("account {account}"), quiet)));
    }
    for ((account, region), days) in &regions {
        // A region of a silent account is no second thing to know.
        let spoke_last = accounts.get(account).and_then(BTreeSet::last).copied().unwrap_or_default();
        let quiet = silence(days, spoke_last, FEWEST_SILENT_DAYS);
        silent.extend(quiet.map(|quiet| (format!("region {region} of account {account}"), quiet)));
    }
    reasons.extend(silent.into_iter().map(|(place, quiet)| Reason {
        kind: "silent",
        message: format!(
            "{place} has no record in the last {}, and used to have",
            count(quiet.unsigned_abs().into(), "day")
        ),
        remedy: "Check whether its trail still delivers, and whether everything was copied.",
    }));
    reasons
}

/// Returns for how many days a place that used to speak has been silent before a day.
fn silence(days: &BTreeSet<i32>, today: i32, fewest: i32) -> Option<i32> {
    let last = *days.last()?;
    let pauses = days.iter().zip(days.iter().skip(1)).map(|(one, next)| next - one);
    let longest = pauses.max().unwrap_or_default();
    let quiet = today.saturating_sub(last);
    (days.len() >= FEWEST_DAYS && quiet >= fewest.max(longest.saturating_mul(LONGEST_PAUSES))).then_some(quiet)
}

/// Says when a trail's digest files end before the records do, or before the clock.
fn old_digests(trail: &TrailCheck, clock: Clock, newest: i32) -> Option<Reason> {
    let last = trail.last?;
    let end = if clock.is_live { clock.end } else { Timestamp::of_day(newest.into()) };
    let days = (end.0 - last.0) / DAY;
    (SILENT_DIGEST_DAYS <= days).then(|| Reason {
        kind: "digests_silent",
        message: format!(
            "the digest files of account {} in {} end {} before {}",
            trail.account,
            trail.region,
            count(days.unsigned_abs(), "day"),
            if clock.is_live { "this run" } else { "the newest record" }
        ),
        remedy: "Check that log file validation is still on, and that all digest files were copied.",
    })
}

#[cfg(test)]
mod tests {
    use super::FEWEST_SILENT_DAYS;
    use super::silence;

    #[test]
    fn a_place_is_silent_when_it_used_to_speak_and_pauses_longer_than_ever() {
        for (days, newest, expected) in [
            (&[1, 2, 3, 4, 5][..], 22, Some(17)),
            (&[1, 2, 3, 4, 5], 7, None),
            (&[1, 2, 3, 4, 5], 8, Some(3)),
            // It speaks once a week: three weeks are needed.
            (&[1, 8, 15, 22, 29], 43, None),
            (&[1, 8, 15, 22, 29], 50, Some(21)),
            // Nobody knows what is usual.
            (&[1, 2], 300, None),
            (&[], 300, None),
        ] {
            assert_eq!(
                silence(&days.iter().copied().collect(), newest, FEWEST_SILENT_DAYS),
                expected,
                "{days:?} {newest}"
            );
        }
    }
}
