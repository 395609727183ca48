//! From the observations of days and machines to those that a report is made of.

use super::layout::Day;
use crate::model::assumption::Assumption;
use crate::model::change::Change;
use crate::model::observations::Cell;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::PrincipalId;
use crate::model::tallies::Place;
use crate::model::tallies::Tallies;
use crate::model::time::DAY;
use crate::model::time::LONGEST_SESSION;
use crate::model::time::Timestamp;
use crate::observe::Counted;

/// What a report is about. A store knows days: the window begins and ends at midnight.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// The first moment.
    pub since: Option<Timestamp>,
    /// The first moment after it.
    pub until: Option<Timestamp>,
    /// The accounts in whose logs records must stand; empty for all.
    pub accounts: Vec<String>,
    /// The regions of the records; empty for all.
    pub regions: Vec<String>,
    /// How long before the window assumptions still count, in seconds, when not as long as sessions live.
    pub(super) lead_in: Option<i64>,
}

impl Window {
    /// Makes a window from midnight to midnight, of all accounts and regions.
    pub fn days(since: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        Self { since, until, ..Self::default() }
    }

    /// Says whether everything is inside.
    pub fn is_open(&self) -> bool {
        self.since.is_none() && self.until.is_none() && self.accounts.is_empty() && self.regions.is_empty()
    }

    /// Says whether anything of a day can matter.
    pub(super) fn touches(&self, day: Day) -> bool {
        let Some(day) = day else { return true };
        let start = Timestamp::of_day(i64::from(day));
        self.until.is_none_or(|until| start < until)
            && self.since.is_none_or(|since| since.plus(-self.lead_in()) < start.plus(DAY))
    }

    fn is_named(&self, cell: &Cell, observations: &Observations) -> bool {
        let named = |wanted: &[String], value: Option<&str>| {
            wanted.is_empty() || value.is_some_and(|value| wanted.iter().any(|name| name == value))
        };
        let opt = |sym| observations.symbols.opt(sym);
        named(&self.accounts, opt(cell.account)) && named(&self.regions, opt(cell.region))
    }

    fn lead_in(&self) -> i64 {
        self.lead_in.unwrap_or(LONGEST_SESSION)
    }

    fn holds_day(&self, day: Day) -> bool {
        let Some(day) = day else { return true };
        let start = Timestamp::of_day(i64::from(day));
        self.until.is_none_or(|until| start < until) && self.since.is_none_or(|since| since <= start)
    }

    fn holds(&self, cell: &Cell, observations: &Observations) -> bool {
        self.holds_day(cell.day) && self.is_named(cell, observations)
    }

    /// Says whether an issuance just before the window matters.
    fn leads_in(&self, assumption: &Assumption) -> bool {
        match (assumption.time, self.since) {
            (Some(time), Some(since)) => since.plus(-self.lead_in()) <= time && time < since && assumption.is_granted(),
            _ => false,
        }
    }
}

/// Adds observations with slots to those of a report, which have none.
pub(super) fn add(total: &mut Observations, mut part: Observations, window: &Window) {
    if !window.is_open() {
        restrict(&mut part, window);
    }
    for principal in &mut part.principals {
        principal.slot = None;
    }
    part.slots.clear();
    part.events = Vec::new();
    total.merge(part);
}

/// Returns an item by its number.
pub(super) fn nth<T>(list: &[T], number: u32) -> Option<&T> {
    list.get(usize::try_from(number).ok()?)
}

/// Returns the day, account and region of a principal's records.
pub(super) fn cell_of(part: &Observations, who: PrincipalId) -> Option<Cell> {
    let principal = nth(&part.principals, who.0)?;
    nth(&part.slots, principal.slot?.0).copied()
}

/// Leaves what lies in the window.
fn restrict(part: &mut Observations, window: &Window) {
    let all = |test: &dyn Fn(&Cell) -> bool| -> Vec<bool> {
        let cells = part.principals.iter().map(|principal| nth(&part.slots, principal.slot?.0));
        cells.map(|cell| cell.is_none_or(test)).collect()
    };
    let is_inside = all(&|cell| window.holds(cell, part));
    let is_named = all(&|cell| window.is_named(cell, part));
    let get = |list: &[bool], who: PrincipalId| nth(list, who.0) == Some(&true);
    let cells: Map<Cell, _> =
        std::mem::take(&mut part.cells).into_iter().filter(|(cell, _)| window.holds(cell, part)).collect();
    part.cells = cells;
    part.assumptions.retain(|assumption: &Assumption| {
        get(&is_inside, assumption.caller) || (get(&is_named, assumption.caller) && window.leads_in(assumption))
    });
    part.changes.retain(|change: &Change| get(&is_inside, change.caller));
    part.addenda.retain(|addendum| get(&is_inside, addendum.caller));
    part.watched.retain(|(who, _)| get(&is_inside, *who));
    let activity = std::mem::take(&mut part.activity);
    for (key, tally) in activity.into_rows().filter(|((who, _), _)| get(&is_inside, *who)) {
        part.activity.merge(key, &tally, &part.symbols);
    }
    let network = std::mem::take(&mut part.network);
    for (key, tally) in network.into_rows().filter(|((who, _), _)| get(&is_inside, *who)) {
        part.network.merge(key, &tally, &part.symbols);
    }
    let contacts = std::mem::take(&mut part.contacts);
    for (key, tally) in contacts.into_rows().filter(|((who, _), _)| get(&is_inside, *who)) {
        part.contacts.merge(key, &tally, &part.symbols);
    }
}

/// Takes events out of the counts that were counted in another part already, and returns how many. What they say of
/// first and last events stays: the report keeps the widest.
pub(super) fn subtract(part: &mut Observations, seen: &mut Counted) -> u64 {
    let mut events = std::mem::take(&mut part.events);
    let mut subtracted = 0;
    events.retain(|event| {
        if seen.insert(event.fingerprint) {
            return true;
        }
        if event.network {
            if let Some(row) = event.activity {
                uncount(&mut part.network, row);
            }
            return false;
        }
        subtracted += 1;
        uncount(&mut part.contacts, event.contact);
        if let Some(row) = event.activity {
            uncount(&mut part.activity, row);
        }
        let who = part.contacts.key(Place::of_row(event.contact)).map(|(who, _)| who);
        let cell = who.and_then(|who| cell_of(part, who));
        if let Some(count) = cell.and_then(|cell| part.cells.get_mut(&cell)) {
            count.records = count.records.saturating_sub(1);
            count.read_only = count.read_only.saturating_sub(u64::from(event.read_only));
            count.sts = count.sts.saturating_sub(u64::from(event.sts));
        }
        false
    });
    part.events = events;
    subtracted
}

fn uncount<K: Copy + Eq + std::hash::Hash>(tallies: &mut Tallies<K>, row: u32) {
    if let Some(tally) = tallies.at(Place::of_row(row)) {
        tally.uncount(1);
    }
}
