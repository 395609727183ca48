//! Objects that were read and are no longer there: what a store notices of deleted logs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use super::entry::Entry;
use super::entry::State;
use super::ledger::Ledger;
use super::ledger::News;
use super::reach::Reach;
use super::reach::place;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;
use crate::model::width::wide;

/// Days that rules which delete old objects may take for it: what is this much newer than the oldest one that is still
/// there was deleted by somebody else.
const EXPIRY: i64 = 2;

impl Ledger {
    /// Notes the objects that a listing no longer has, and those that it has again.
    pub(super) fn miss(&self, receipts: &[Receipt], reach: Reach<'_>, news: &mut News) {
        let is_read = |name: &str| receipts.binary_search_by(|receipt| receipt.object.as_str().cmp(name)).is_ok();
        let read = self.entries.values().map(|noted| &noted.entry).filter(|entry| entry.state == State::Read);
        let unread: Vec<&Entry> = read.filter(|entry| !is_read(&entry.object)).collect();
        let is_complete = !self.has_hole(reach, &news.rows);
        let is_gone = |entry: &&Entry| {
            is_complete
                && !entry.is_gone
                && reach.covers(&entry.object)
                && !reach.listed.has(&entry.object)
                && !is_on_disk(&entry.object)
        };
        let gone: Vec<&Entry> = unread.iter().copied().filter(is_gone).collect();
        let back: Vec<&Entry> =
            unread.into_iter().filter(|entry| entry.is_gone && reach.listed.has(&entry.object)).collect();
        let are = |count: usize| if count == 1 { "1 object".to_owned() } else { format!("{count} objects") };
        if let Some(example) = gone.first() {
            news.notices.push(format!(
                "{} read in an earlier run can no longer be found, such as {}: what was read stays in the store; unless a \
                 lifecycle rule deletes old logs, find out who deleted them",
                are(gone.len()),
                example.object
            ));
        }
        if let Some(example) = back.first() {
            news.notices.push(format!("{} can be found again, such as {}", are(back.len()), example.object));
        }
        for (entries, is_gone) in [(gone, true), (back, false)] {
            for entry in entries {
                // Their defects are said again with them.
                news.defects.extend(self.defects_of(&entry.object));
                news.rows.push(Entry { is_gone, ..entry.clone() });
            }
        }
    }

    /// Says whether a folder could not be listed, as far as the run looked.
    fn has_hole(&self, reach: Reach<'_>, news: &[Entry]) -> bool {
        let is_listed = |path: &str| news.iter().any(|row| row.state == State::Listed && row.object == path);
        let known = self.entries.values().map(|noted| &noted.entry);
        known
            .chain(news)
            .any(|entry| entry.state == State::Unlisted && reach.looks_into(&entry.object) && !is_listed(&entry.object))
    }

    /// Counts the objects that are no longer there.
    pub(super) fn gone(&self) -> u64 {
        let gone = self.entries.values().filter(|noted| noted.entry.is_gone);
        wide(gone.count())
    }

    /// Returns the log files that somebody deleted: of those that are gone, the ones that no rule would have deleted yet,
    /// because older ones beside them are still there.
    pub(super) fn deleted(&self) -> BTreeSet<&str> {
        let entries = self.entries.values().map(|noted| &noted.entry);
        let is_log = |entry: &&Entry| entry.state == State::Lost || entry.state == State::Read;
        let logs = entries.filter(|entry| is_log(entry) && entry.kind != Some(ObjectKind::Digest));
        let (gone, there): (Vec<&Entry>, Vec<&Entry>) =
            logs.partition(|entry| entry.is_gone || entry.state == State::Lost);
        if gone.is_empty() {
            return BTreeSet::new();
        }
        let mut oldest: BTreeMap<&str, i64> = BTreeMap::new();
        for (series, day) in there.into_iter().filter_map(|entry| place(&entry.object)) {
            let known = oldest.entry(series).or_insert(day);
            *known = day.min(*known);
        }
        let is_deleted = |entry: &&Entry| {
            place(&entry.object).is_some_and(|(series, day)| oldest.get(series).is_some_and(|old| old + EXPIRY < day))
        };
        gone.into_iter().filter(is_deleted).map(|entry| entry.object.as_str()).collect()
    }
}

/// True for a file that lies where it was read: a walk passes over hidden names and links, and spells paths in its own way.
fn is_on_disk(object: &str) -> bool {
    !object.contains("://") && Path::new(object).exists()
}

#[cfg(test)]
mod tests {
    use super::Entry;
    use super::Ledger;
    use super::State;

    fn object(region: &str, day: u32) -> String {
        format!("s3://b/AWSLogs/111111111111/CloudTrail/{region}/2026/11/{day:02}/log.json.gz")
    }

    #[test]
    fn what_a_rule_may_have_deleted_was_not_deleted_by_somebody() {
        let mut ledger = Ledger::default();
        let entry = |region: &str, day, is_gone| Entry { is_gone, ..Entry::folder(&object(region, day), State::Read) };
        for entry in [
            // The oldest went, and what is about as old as the oldest that is there.
            entry("eu-west-1", 1, true),
            entry("eu-west-1", 4, false),
            entry("eu-west-1", 6, true),
            // One from the middle.
            entry("eu-west-1", 7, true),
            entry("eu-west-1", 9, false),
            // A region of which nothing is left.
            entry("us-east-1", 3, true),
            entry("us-east-1", 9, true),
        ] {
            ledger.note(entry, 1);
        }
        assert_eq!(ledger.deleted().into_iter().collect::<Vec<_>>(), [object("eu-west-1", 7)]);
    }
}
