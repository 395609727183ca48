//! Who wrote digest files where and when: which trail must have named a log file, without asking each trail.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::case::Case;
use super::digest::Fault;
use super::place;
use crate::model::time::Timestamp;

/// What one trail wrote below one folder.
struct Writer<'c> {
    accounts: BTreeSet<&'c str>,
    regions: BTreeSet<&'c str>,
    first: Timestamp,
    last: Timestamp,
}

/// Folder, trail and home region.
type Name<'c> = (Option<&'c str>, &'c str, &'c str);

/// A folder, an account and a region: `None` for all accounts of an organization, and for all regions.
type Group<'c> = (Option<&'c str>, Option<&'c str>, Option<&'c str>);

/// The first trail by name that wrote, from each moment on.
type Steps<'c> = Vec<(Timestamp, Option<&'c str>)>;

/// The trails that wrote below each folder, for each account and region.
pub(super) struct Writers<'c>(BTreeMap<Group<'c>, Steps<'c>>);

impl<'c> Writers<'c> {
    pub(super) fn new(case: &'c Case) -> Self {
        let mut writers: BTreeMap<Name<'c>, Writer<'c>> = BTreeMap::new();
        for digest in case.digests.iter().filter(|digest| digest.fault != Some(Fault::Moved)) {
            let name = &digest.name;
            let folder = place::folder_of_account(&digest.object, &name.account, "CloudTrail-Digest");
            let writer = writers.entry((folder, &name.trail, &name.home_region)).or_insert_with(|| Writer {
                accounts: BTreeSet::new(),
                regions: BTreeSet::new(),
                first: digest.start,
                last: digest.end,
            });
            writer.accounts.insert(&name.account);
            writer.regions.insert(&name.region);
            writer.first = digest.start.min(writer.first);
            writer.last = digest.end.max(writer.last);
        }
        let mut spans: BTreeMap<Group<'c>, Vec<(Timestamp, Timestamp, &'c str)>> = BTreeMap::new();
        for ((folder, trail, _), writer) in writers {
            // A trail that writes in several regions writes in all of them.
            let only = writer.regions.first().copied().filter(|_| writer.regions.len() == 1);
            // A trail of an organization writes for every account. Other accounts have trails of their own beside it.
            let is_of_organization = folder.is_some_and(place::is_of_organization);
            let accounts: Vec<Option<&str>> =
                if is_of_organization { vec![None] } else { writer.accounts.into_iter().map(Some).collect() };
            for account in accounts {
                spans.entry((folder, account, only)).or_default().push((writer.first, writer.last, trail));
            }
        }
        Self(spans.into_iter().map(|(group, spans)| (group, steps(&spans))).collect())
    }

    /// Returns the trail that must have named a log file in a digest file: one that writes to the same folder in the same
    /// hours, for this account and in this region.
    pub(super) fn of(&self, object: &str, account: &str, region: &str, time: Timestamp) -> Option<&'c str> {
        let folder = place::folder_of_account(object, account, "CloudTrail");
        let account = Some(account).filter(|_| !folder.is_some_and(place::is_of_organization));
        let first = |region: Option<&str>| {
            let steps = self.0.get(&(folder, account, region))?;
            let begun = steps.partition_point(|(from, _)| *from <= time);
            steps.get(begun.checked_sub(1)?)?.1
        };
        [Some(region), None].into_iter().filter_map(first).min()
    }
}

/// Finds out which of the trails that wrote from one moment to another comes first, from each moment on.
fn steps<'c>(spans: &[(Timestamp, Timestamp, &'c str)]) -> Steps<'c> {
    let mut turns: Vec<(Timestamp, bool, &str)> = Vec::new();
    for (first, last, trail) in spans {
        // What is delivered later than this may be in the next digest file.
        let end = last.plus(1 - place::DELIVERY);
        if *first < end {
            turns.extend([(*first, true, *trail), (end, false, *trail)]);
        }
    }
    turns.sort_unstable();
    let mut writing: BTreeMap<&str, usize> = BTreeMap::new();
    let mut steps = Steps::new();
    for (moment, begins, trail) in turns {
        let count = writing.entry(trail).or_default();
        if begins {
            *count += 1;
        } else {
            *count -= 1;
        }
        if *count == 0 {
            writing.remove(trail);
        }
        steps.push((moment, writing.keys().next().copied()));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::steps;
    use crate::integrity::place;
    use crate::model::time::Timestamp;

    #[test]
    fn steps_say_what_each_span_says() {
        let spans: Vec<(Timestamp, Timestamp, &str)> = [
            (0, 9, "d"),
            (2, 5, "b"),
            (4, 4, "a"),
            (4, 8, "b"),
            (7, 8, "a"),
            (8, 7, "a"),
            (12, 14, "c"),
            (12, 12, "e"),
        ]
        .map(|(from, to, trail)| (Timestamp(from), Timestamp(to).plus(place::DELIVERY), trail))
        .to_vec();
        let steps = steps(&spans);
        for time in (-1..16).map(Timestamp) {
            let writes = |(first, last, _): &&(Timestamp, Timestamp, &str)| {
                *first <= time && time.plus(place::DELIVERY) <= *last
            };
            let each = spans.iter().filter(writes).map(|(_, _, trail)| *trail).min();
            let begun = steps.partition_point(|(from, _)| *from <= time);
            let found = begun.checked_sub(1).and_then(|at| steps[at].1);
            assert_eq!(found, each, "{time:?}");
        }
    }
}
