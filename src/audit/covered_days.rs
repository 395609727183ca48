//! Covered days: on which days the log of an account holds records, so that the absence of something says something.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::rule::Context;
use crate::model::delivery;
use crate::model::lineage::Lineage;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::tallies::Mark;
use crate::model::time::Timestamp;

/// The covered days of each account, by region.
pub(super) struct CoveredDays<'a> {
    lineage: &'a Lineage,
    accounts: Map<Sym, BTreeMap<&'a str, Days>>,
}

/// The days of one account and region.
#[derive(Default)]
struct Days {
    /// Those with records of any kind.
    any: BTreeSet<i64>,
    /// Those with records of calls that only read. A trail that leaves these out shows a part of what a key does, and not
    /// that it did nothing.
    whole: BTreeSet<i64>,
}

impl<'a> CoveredDays<'a> {
    /// Reads them off the coverage map, that of a store included.
    pub(super) fn read(context: &Context<'a>) -> Self {
        let lineage = context.lineage;
        let mut accounts: Map<Sym, BTreeMap<&str, Days>> = Map::default();
        for (cell, count) in &lineage.observations.cells {
            if let (Some(account), Some(region), Some(day)) = (cell.account, lineage.opt(cell.region), cell.day) {
                let days = accounts.entry(account).or_default().entry(region).or_default();
                days.any.insert(i64::from(day));
                if count.read_only > 0 {
                    days.whole.insert(i64::from(day));
                }
            }
        }
        Self { lineage, accounts }
    }

    /// Returns the days, in order, on which a use of the key would stand in these logs: those covered in each region in which
    /// it was used, and in the one that logs the calls of global services, such as IAM.
    pub(super) fn of(&self, key: &LongTermKey) -> Vec<i64> {
        let account = key.principals.iter().find_map(|id| self.lineage.principal(*id).account);
        let Some(regions) = account.and_then(|account| self.accounts.get(&account)) else { return Vec::new() };
        let tallies = key.principals.iter().flat_map(|id| self.lineage.contacts.of(*id)).map(|(_, tally)| tally);
        let used = tallies.flat_map(|tally| [tally.first, tally.last]);
        let mut needed: BTreeSet<&str> = used.flat_map(|mark| self.regions_of(&mark, regions)).collect();
        needed.extend(needed.iter().next().map(|region| global_region(region)));
        let needed: Option<Vec<&Days>> = needed.into_iter().map(|region| regions.get(region)).collect();
        let Some((first, others)) = needed.as_deref().and_then(<[_]>::split_first) else { return Vec::new() };
        let is_covered = |day: &&i64| others.iter().all(|days| days.whole.contains(*day));
        first.whole.iter().filter(is_covered).copied().collect()
    }

    /// Returns the region of a record, as its file's name tells it; else each of which there are records of its day.
    fn regions_of(&self, mark: &Mark, regions: &BTreeMap<&'a str, Days>) -> Vec<&'a str> {
        if let Some(region) = delivery::region(self.lineage.str(mark.object)) {
            return vec![region];
        }
        let day = mark.time().map(Timestamp::day);
        let is_of_day = |days: &Days| day.is_some_and(|day| days.any.contains(&day));
        regions.iter().filter(|(_, days)| is_of_day(days)).map(|(region, _)| *region).collect()
    }
}

/// Counts the days after the day of one moment, and before that of another.
pub(super) fn between(days: &[i64], after: Timestamp, before: Option<Timestamp>) -> usize {
    let until = before.map_or(days.len(), |before| days.partition_point(|day| *day < before.day()));
    until.saturating_sub(days.partition_point(|day| *day <= after.day()))
}

/// Returns the region in which CloudTrail logs the calls of global services, in the partition of a region.
fn global_region(region: &str) -> &'static str {
    match region.split_once('-') {
        Some(("cn", _)) => "cn-north-1",
        Some(("us", rest)) if rest.starts_with("gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}
