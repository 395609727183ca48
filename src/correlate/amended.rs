//! Records that stand in for others: of an event that CloudTrail delivered again, corrected, the corrected row is left.

use std::cmp::Ordering;

use crate::model::addendum;
use crate::model::event_id::EventId;
use crate::model::observations::Map;
use crate::model::symbols::Sym;

/// What a row says of its own name and of the event that it stands in for.
#[derive(Clone, Copy)]
pub(super) struct Names {
    /// In whose log it stands.
    pub(super) account: Option<Sym>,
    pub(super) event_id: Option<EventId>,
    pub(super) amends: Option<EventId>,
}

/// Leaves of each event that was corrected the row that counts: the last in `order`, where there are several. What that one
/// may not correct stays beside it.
pub(super) fn leave_corrected<T>(
    rows: &mut Vec<T>,
    names: impl Fn(&T) -> Names,
    order: impl Fn(&T, &T) -> Ordering,
    may_correct: impl Fn(&T, &T) -> bool,
) {
    let pairs: Vec<_> = rows
        .iter()
        .map(&names)
        .filter_map(|row| Some((row.event_id.map(|own| (row.account, own)), (row.account, row.amends?))))
        .collect();
    if pairs.is_empty() {
        return;
    }
    let replaced = addendum::replaced(&pairs);
    let mut counts: Map<(Option<Sym>, EventId), usize> = Map::default();
    for (at, row) in rows.iter().enumerate() {
        let Names { account, amends, .. } = names(row);
        let Some(original) = amends.map(|id| (account, id)).filter(|name| replaced.contains(name)) else { continue };
        let best = counts.entry(original).or_insert(at);
        if rows.get(*best).is_some_and(|known| order(known, row).is_lt()) {
            *best = at;
        }
    }
    let is_left_out = |at: usize, row: &T| {
        let Names { account, event_id, amends } = names(row);
        // An addendum may have the id of its original: it is not what it replaces.
        let own = event_id.filter(|_| event_id != amends);
        let mut corrections = own.into_iter().chain(amends).filter_map(|id| counts.get(&(account, id)));
        corrections.any(|best| *best != at && rows.get(*best).is_some_and(|best| may_correct(best, row)))
    };
    let left_out: Vec<bool> = rows.iter().enumerate().map(|(at, row)| is_left_out(at, row)).collect();
    let mut left_out = left_out.into_iter();
    rows.retain(|_| left_out.next() != Some(true));
}
