//! Everything that some directories, and perhaps a scan, know: as one run over all of it would have observed.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::error::StoreError;
use super::fold;
use super::fold::Window;
use super::layout::Day;
use super::ledger::Ledger;
use super::load;
use super::reach::Reach;
use super::tables::Coverage;
use super::tables::Events;
use super::view::View;
use super::write;
use crate::model::coverage::Defect;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::receipt::Receipt;
use crate::model::symbols::Symbols;
use crate::model::tallies::Place;
use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::observe;
use crate::observe::Counted;
use crate::observe::Seen;
use crate::observe::keep_first_defects;

/// What came of joining.
#[derive(Debug)]
pub struct Joined {
    /// As one run over everything would have observed, without slots.
    pub observations: Observations,
    /// The first moment of what is reported: of the window, or of the days that are kept.
    pub since: Option<Timestamp>,
    /// The first moment that all of them keep, when days were let go.
    pub kept_since: Option<Timestamp>,
    /// Objects that could not be read before they were gone, in order.
    pub lost: Vec<String>,
    /// What people should hear.
    pub notices: Vec<String>,
}

impl Joined {
    /// Adds the defects of this run that no later one shall have.
    pub fn add_defects(&mut self, defects: Vec<Defect>) {
        self.observations.counts.defects += wide(defects.len());
        self.observations.defects.extend(defects);
        keep_first_defects(&mut self.observations.defects);
    }
}

/// What a scan found that no store keeps.
#[derive(Debug)]
pub struct Fresh<'f> {
    /// With slots, and without records that a directory holds.
    pub observations: Observations,
    /// One for each object that was read.
    pub receipts: &'f [Receipt],
    /// What was looked at.
    pub reach: Reach<'f>,
}

/// Joins directories of observations, and what a scan found beside them.
pub fn join(views: &[&View], fresh: Option<Fresh<'_>>, window: &Window) -> Result<Joined, StoreError> {
    let kept_since = views.iter().filter_map(|view| view.kept_since()).max();
    let kept_since = kept_since.map(|day| Timestamp::of_day(i64::from(day)));
    let window = kept_window(kept_since, window);
    let mut notices = Vec::new();
    if let Some(view) = views.iter().find(|view| !view.has_events() && (views.len() > 1 || fresh.is_some())) {
        notices.push(format!(
            "{} does not say which records it counted: what other sources hold of the same counts twice",
            view.root.display()
        ));
    }
    let mut total = Observations::default();
    let mut ledgers = Vec::new();
    for view in views {
        ledgers.push((Ledger::read(view)?, 0));
    }
    let days: BTreeSet<Day> = views.iter().flat_map(|view| view.days()).collect();
    let is_mixed = views.len() > 1;
    for day in days {
        let mut seen = Counted::default();
        for (view, (ledger, shared)) in views.iter().zip(&mut ledgers) {
            if !view.has_ledger() {
                ledger.count_unplaced(unlisted_records(view, day)?);
            }
            if window.touches(day) {
                let mut part = load::day(view, day, is_mixed)?;
                *shared += fold::subtract(&mut part, &mut seen);
                fold::add(&mut total, part, &window);
            } else if is_mixed {
                view.each_of_day::<Events>(day, &mut (), |_, event| {
                    *shared += u64::from(!seen.insert(event.fingerprint) && !event.network);
                    Ok(())
                })?;
            }
        }
    }
    let mut ledger = Ledger::default();
    for (other, shared) in ledgers {
        ledger.join(other, shared);
    }
    let mut given_up = Vec::new();
    let mut fresh_prints = Map::default();
    if let Some(fresh) = fresh {
        let news = ledger.take(fresh.receipts, u64::MAX, &fresh.observations.defects, fresh.reach);
        notices.extend(news.notices);
        given_up = news.lost;
        if !(total.addenda.is_empty() && fresh.observations.addenda.is_empty()) {
            fresh_prints = prints_by_day(&fresh.observations);
        }
        fold::add(&mut total, fresh.observations, &window);
    }
    finish(&mut total, &ledger);
    amend(&mut total, views, &fresh_prints)?;
    let lost: Vec<String> = ledger.lost().map(str::to_owned).collect();
    if let Some(example) = lost.first() {
        let (are, is_there) = if lost.len() == 1 { ("object was", "it") } else { ("objects were", "they") };
        notices.push(format!(
            "{} {are} gone before {is_there} could be read, such as {example}: what {is_there} held is not in this report",
            lost.len()
        ));
    }
    let mut joined = Joined { observations: total, since: window.since, kept_since, lost, notices };
    joined.add_defects(given_up);
    Ok(joined)
}

/// Returns the fingerprints of what a scan found, by day.
fn prints_by_day(fresh: &Observations) -> Map<Day, Vec<u64>> {
    let mut days: Map<Day, Vec<u64>> = Map::default();
    for event in &fresh.events {
        let who = fresh.contacts.key(Place::of_row(event.contact)).map(|(who, _)| who);
        let day = who.and_then(|who| fold::cell_of(fresh, who)).and_then(|cell| cell.day);
        days.entry(day).or_default().push(event.fingerprint);
    }
    days
}

/// Takes out the records for which others stand in, whichever night or directory each of them came from.
fn amend(total: &mut Observations, views: &[&View], fresh: &Map<Day, Vec<u64>>) -> Result<(), StoreError> {
    let failure: Mutex<Option<StoreError>> = Mutex::default();
    let memory = |day: Day| {
        let mut all = fresh.get(&day).cloned().unwrap_or_default();
        for view in views {
            match view.fingerprints(day) {
                Ok(known) => all.extend(known),
                Err(error) => {
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        }
        all
    };
    observe::amend(total, &Seen::lasting(Box::new(memory)));
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Puts the counts and defects of the ledger in place of those of the parts.
fn finish(total: &mut Observations, ledger: &Ledger) {
    let (counts, defects) = ledger.counts();
    total.counts = counts;
    let inside: u64 = total.cells.values().map(|count| count.records).sum();
    total.counts.outside_window = counts.unique.saturating_sub(inside);
    total.set_aside = ledger.set_aside();
    total.defects = defects;
    keep_first_defects(&mut total.defects);
}

/// Narrows a window to the days that are kept.
fn kept_window(kept_since: Option<Timestamp>, window: &Window) -> Window {
    match kept_since {
        Some(kept) if window.since.is_none_or(|since| since < kept) => {
            Window { since: Some(kept), lead_in: Some(i64::from(write::OPEN_CHAINS) * DAY), ..window.clone() }
        }
        _ => window.clone(),
    }
}

/// Counts the unique records of a day of a directory without a ledger.
fn unlisted_records(view: &View, day: Day) -> Result<u64, StoreError> {
    let mut records = 0;
    view.each_of_day::<Coverage>(day, &mut Symbols::default(), |_, (_, _, count)| {
        records += count.records;
        Ok(())
    })?;
    Ok(records)
}
