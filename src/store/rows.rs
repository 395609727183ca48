//! What rows of several tables share: whom they are about, and how often, when and where something happened.

use crate::frame::columns;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::tallies::Mark;
use crate::model::tallies::Tally;
use crate::model::time::Timestamp;

/// Stands in rows that were just read until the principal of their key is looked up.
pub(super) const UNKNOWN: PrincipalId = PrincipalId(u32::MAX);

/// Whom a row counts: the account and the region of the log, and the key of the principal.
pub(super) type Who<'w> = (Option<Sym>, Option<Sym>, &'w str);

columns! {
    /// How often, and when first and last.
    pub(super) struct Tallied;
    write tally: &'v Tally, with symbols: Symbols;
    read Tally = Tally::counted(
        event_count,
        Mark::new(first_time, first_object, first_event_id),
        Mark::new(last_time, last_object, last_event_id),
    );
    event_count: i64 = tally.count(), "Unique events. 0 when all of them were counted in an earlier file.";
    first_time: Timestamp = tally.first.time(), "When the earliest event happened.";
    first_event_id: str = tally.first.event_id, "`eventID` of the earliest event.";
    first_object: str = tally.first.object, "The log file of the earliest event.";
    last_time: Timestamp = tally.last.time(), "When the latest event happened.";
    last_event_id: str = tally.last.event_id, "`eventID` of the latest event.";
    last_object: str = tally.last.object, "The log file of the latest event.";
}
