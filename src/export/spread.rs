//! How often something happened, and when first and last: several tallies as one.

use super::Source;
use crate::frame::columns;
use crate::model::event_id::EventId;
use crate::model::lineage::Lineage;
use crate::model::tallies::Mark;
use crate::model::tallies::Tally;
use crate::model::time::Timestamp;

/// Tallies of the same thing, brought together.
#[derive(Default)]
pub(super) struct Spread<'l> {
    /// Unique events.
    pub(super) events: u64,
    ends: Option<(&'l Mark, &'l Mark)>,
}

impl<'l> Spread<'l> {
    /// Takes in a tally.
    pub(super) fn add(&mut self, tally: &'l Tally, lineage: &Lineage) {
        self.events += tally.count();
        // Of events of one second, the choice must not depend on who came first.
        let name = |mark: &Mark| mark.event_id.map(|id: EventId| id.text(&lineage.observations.symbols));
        let (first, last) = self.ends.get_or_insert((&tally.first, &tally.last));
        let is_earlier = match (tally.first.time(), first.time()) {
            (Some(new), Some(old)) if new == old => name(&tally.first) < name(first),
            (Some(new), Some(old)) => new < old,
            (new, old) => new.is_some() && old.is_none(),
        };
        if is_earlier {
            *first = &tally.first;
        }
        if (tally.last.time(), name(&tally.last)) > (last.time(), name(last)) {
            *last = &tally.last;
        }
    }
}

columns! {
    /// When it happened first and last, and in which events.
    pub(super) struct Ends;
    write spread: &'v Spread<'v>, with source: Source<'v>;
    first_event: Timestamp = spread.ends.and_then(|(first, _)| first.time()), "The earliest.";
    last_event: Timestamp = spread.ends.and_then(|(_, last)| last.time()), "The latest.";
    first_event_id: str = spread.ends.and_then(|(first, _)| first.event_id), "The event id of the earliest.";
    last_event_id: str = spread.ends.and_then(|(_, last)| last.event_id), "The event id of the latest.";
}
