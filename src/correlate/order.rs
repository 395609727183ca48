//! Puts what is numbered in another order.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::model::chain::Session;
use crate::model::symbols::Sym;
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
    pub(super) fn of<T: Sync>(items: &[T], compare: impl Fn(&T, &T) -> Ordering + Sync) -> Self {
        let mut sorted: Vec<(u32, &T)> = (0u32..).zip(items).collect();
        sorted.par_sort_unstable_by(|(a_number, a), (b_number, b)| compare(a, b).then(a_number.cmp(b_number)));
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
    // Records are settled in an order of their own, so their numbers may break the last ties.
    let record = |session: &Session| session.issuance.map(|issuance| issuance.record);
    a.issued
        .cmp(&b.issued)
        .then_with(|| text_order(a.principal_id, b.principal_id, symbols))
        .then_with(|| text_order(a.access_key, b.access_key, symbols))
        .then_with(|| record(a).cmp(&record(b)))
        .then_with(|| text_order(a.role_arn, b.role_arn, symbols))
}

/// Orders two texts. Equal ones have one symbol: only those that differ are looked at.
pub(super) fn text_order(a: Option<Sym>, b: Option<Sym>, symbols: &Symbols) -> Ordering {
    if a == b { Ordering::Equal } else { symbols.opt(a).cmp(&symbols.opt(b)) }
}
