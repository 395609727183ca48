//! Puts what is numbered in another order.

use std::cmp::Ordering;

use crate::model::chain::Session;
use crate::model::symbols::Symbols;
use crate::model::width::place;

/// An order of things that have numbers from 0 on.
pub(super) struct Order {
    /// The old numbers, in the new order.
    old: Vec<u32>,
    /// The new number of each, by its old one.
    pub(super) new: Vec<u32>,
}

impl Order {
    /// Finds the order; what compares as equal stays as it was.
    pub(super) fn of<T>(items: &[T], compare: impl Fn(&T, &T) -> Ordering) -> Self {
        let mut sorted: Vec<(u32, &T)> = (0u32..).zip(items).collect();
        sorted.sort_unstable_by(|(a_number, a), (b_number, b)| compare(a, b).then(a_number.cmp(b_number)));
        let old: Vec<u32> = sorted.into_iter().map(|(number, _)| number).collect();
        let mut new = vec![0; old.len()];
        for (number, old) in (0u32..).zip(&old) {
            if let Some(slot) = new.get_mut(place(*old)) {
                *slot = number;
            }
        }
        Self { old, new }
    }

    /// Brings the things themselves in the order.
    pub(super) fn sorted<T>(&self, items: Vec<T>) -> Vec<T> {
        let mut slots: Vec<Option<T>> = items.into_iter().map(Some).collect();
        self.old.iter().filter_map(|old| slots.get_mut(place(*old))?.take()).collect()
    }
}

/// Orders sessions by time, then by what names them.
pub(super) fn compare(a: &Session, b: &Session, symbols: &Symbols) -> Ordering {
    let text = |session: &Session| {
        (
            symbols.opt(session.principal_id),
            symbols.opt(session.access_key),
            // Records are settled in an order of their own, so their numbers may break the last ties.
            session.issuance.map(|issuance| issuance.record),
            symbols.opt(session.role_arn),
        )
    };
    a.issued.cmp(&b.issued).then_with(|| text(a).cmp(&text(b)))
}
