//! How often something happened, and when first and last: several tallies as one.

use crate::model::event_id::EventId;
use crate::model::lineage::Lineage;
use crate::model::tallies::Mark;
use crate::model::tallies::Tally;
use crate::model::time::Timestamp;
use crate::report::wire::Rows;

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

    /// Returns when it happened first.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.ends.and_then(|(first, _)| first.time())
    }

    /// Returns when it happened last.
    pub(super) fn last(&self) -> Option<Timestamp> {
        self.ends.and_then(|(_, last)| last.time())
    }

    /// Returns the ids of the first and the last event.
    pub(super) fn event_ids(&self, rows: &Rows<'_>) -> [Option<String>; 2] {
        let id = |mark: &Mark| rows.event_id(mark.event_id);
        [self.ends.and_then(|(first, _)| id(first)), self.ends.and_then(|(_, last)| id(last))]
    }
}
