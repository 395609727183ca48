//! Covered days: on which days the log of an account holds records, so that the absence of something says something.

use std::collections::BTreeSet;

use super::rule::Context;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;

/// The covered days of each account, in order.
pub(super) struct CoveredDays(Map<Sym, Vec<i64>>);

impl CoveredDays {
    /// Reads them off the coverage map, that of a store included.
    pub(super) fn read(context: &Context<'_>) -> Self {
        let mut days: Map<Sym, BTreeSet<i64>> = Map::default();
        for (cell, count) in &context.lineage.observations.cells {
            // A trail that leaves out what only reads shows a part of what a key does, and not that it did nothing.
            if let (Some(account), Some(day), true) = (cell.account, cell.day, count.read_only > 0) {
                days.entry(account).or_default().insert(i64::from(day));
            }
        }
        Self(days.into_iter().map(|(account, days)| (account, days.into_iter().collect())).collect())
    }

    /// Counts the covered days of a key's account after the day of one moment, and before that of another.
    pub(super) fn between(
        &self,
        context: &Context<'_>,
        key: &LongTermKey,
        after: Timestamp,
        before: Option<Timestamp>,
    ) -> usize {
        let account = key.principals.iter().find_map(|id| context.lineage.principal(*id).account);
        let days = account.and_then(|account| self.0.get(&account)).map(Vec::as_slice).unwrap_or_default();
        let until = before.map_or(days.len(), |before| days.partition_point(|day| *day < before.day()));
        until.saturating_sub(days.partition_point(|day| *day <= after.day()))
    }
}
