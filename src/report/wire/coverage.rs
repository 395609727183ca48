//! What was read and what was not.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Text;
use super::Time;
use super::integrity::Integrity;
use crate::model::coverage;
use crate::model::observations::CellCount;

/// How many defects a report lists.
const MAX_DEFECTS: usize = 1000;

/// What was read, and what was not. The absence of findings outside of it means nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Coverage<'a> {
    /// Log files.
    pub objects: Objects,
    /// Records in them.
    pub records: Records,
    /// What was read of each account, by account id.
    pub accounts: Vec<Account<'a>>,
    /// The earliest event.
    pub first_event: Option<Time>,
    /// The latest event.
    pub last_event: Option<Time>,
    /// Pieces of bad input, sorted; at most the first 1000.
    pub defects: Vec<Defect<'a>>,
    /// How many pieces of bad input there were in all.
    pub defects_total: u64,
    /// Regular content of log streams that is no record of a call, by kind. Left out when there was none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside<'a>>,
    /// What CloudTrail's digest files prove about the log files; null when that was not asked for.
    pub integrity: Option<Integrity<'a>>,
}

/// What was set aside of one kind.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetAside<'a> {
    /// The kind: `control_message`, `other_event`, `notification`, `kinesis`, `aggregated` or `insight`.
    pub kind: &'static str,
    /// What it is, in words.
    pub message: &'static str,
    /// How many pieces.
    pub records: u64,
    /// In how many objects.
    pub objects: u64,
    /// The first of these objects by name.
    pub example: Text<'a>,
}

/// Log files: S3 objects or local files.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Objects {
    /// Found.
    pub listed: u64,
    /// Read to their end.
    pub read: u64,
    /// Set apart: digests, Insight files, and what is not CloudTrail.
    pub skipped: u64,
    /// Not readable, or not to their end.
    pub failed: u64,
    /// Digest files among the skipped.
    pub digests: u64,
    /// Insight files among the skipped.
    pub insights: u64,
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// Bytes after inflating.
    pub inflated_bytes: u64,
}

/// Records. `read` is always the sum of unique, duplicate, malformed and unsupported.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Records {
    /// All.
    pub read: u64,
    /// Seen for the first time.
    pub unique: u64,
    /// Seen before: the same event id and account.
    pub duplicate: u64,
    /// Not what a record should be.
    pub malformed: u64,
    /// Of a known shape that carries nothing for role chains.
    pub unsupported: u64,
    /// Unique records outside the window that was asked for.
    pub outside_window: u64,
}

/// What was read of one account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account<'a> {
    /// The account in whose log the records stand; null when records do not say.
    pub account_id: Option<Text<'a>>,
    /// The regions with records.
    pub regions: BTreeSet<Text<'a>>,
    /// Unique records.
    pub records: u64,
    /// The earliest event.
    pub first_event: Option<Time>,
    /// The latest event.
    pub last_event: Option<Time>,
    /// Unique records that say `readOnly: true`. None at all often means that the trail leaves them out.
    pub read_only_records: u64,
    /// Unique records of STS.
    pub sts_records: u64,
}

/// One piece of bad input.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Defect<'a> {
    /// The object, as the user named it.
    pub object: Text<'a>,
    /// What kind of defect it is.
    pub kind: &'static str,
    /// The record inside the object, from 0; null when the object itself is defective.
    pub index: Option<u32>,
    /// What is wrong, in words.
    pub message: Text<'a>,
}

impl<'a> Rows<'a> {
    /// Returns what was read and what was not.
    pub fn coverage(&self) -> Coverage<'a> {
        let observations = &self.lineage().observations;
        let counts = &observations.counts;
        let accounts = self.accounts();
        let mut defects: Vec<&'a coverage::Defect> = observations.defects.iter().collect();
        defects.sort_unstable();
        Coverage {
            objects: Objects {
                listed: counts.objects_listed,
                read: counts.objects_read,
                skipped: counts.objects_skipped,
                failed: counts.objects_failed,
                digests: counts.digests,
                insights: counts.insights,
                stored_bytes: counts.stored_bytes,
                inflated_bytes: counts.inflated_bytes,
            },
            records: Records {
                read: counts.records(),
                unique: counts.unique,
                duplicate: counts.duplicate,
                malformed: counts.malformed,
                unsupported: counts.unsupported,
                outside_window: counts.outside_window,
            },
            first_event: accounts.iter().filter_map(|account| account.first_event).min(),
            last_event: accounts.iter().filter_map(|account| account.last_event).max(),
            accounts,
            defects: defects.into_iter().take(MAX_DEFECTS).map(|defect| self.defect(defect)).collect(),
            defects_total: counts.defects,
            set_aside: observations.set_aside.iter().map(|(kind, aside)| self.set_aside(*kind, aside)).collect(),
            integrity: self.report.integrity.map(|integrity| Integrity::new(integrity, self.shade)),
        }
    }

    fn accounts(&self) -> Vec<Account<'a>> {
        let mut folded: BTreeMap<Option<&'a str>, (BTreeSet<Text<'a>>, CellCount)> = BTreeMap::new();
        for (cell, count) in &self.lineage().observations.cells {
            let (regions, total) = folded.entry(self.lineage().opt(cell.account)).or_default();
            regions.extend(self.text(cell.region));
            total.merge(count);
        }
        let account = |(account_id, (regions, total)): (Option<&'a str>, (_, CellCount))| Account {
            account_id: account_id.map(|id| self.shade.text(id)),
            regions,
            records: total.records,
            first_event: total.first.map(Time),
            last_event: total.last.map(Time),
            read_only_records: total.read_only,
            sts_records: total.sts,
        };
        // Records that name no account come last.
        let (nameless, named): (Vec<_>, Vec<_>) = folded.into_iter().partition(|(id, _)| id.is_none());
        named.into_iter().chain(nameless).map(account).collect()
    }

    fn set_aside(&self, kind: coverage::AsideKind, aside: &'a coverage::SetAside) -> SetAside<'a> {
        SetAside {
            kind: kind.name(),
            message: kind.message(),
            records: aside.records,
            objects: aside.objects,
            example: self.shade.text(&aside.example),
        }
    }

    fn defect(&self, defect: &'a coverage::Defect) -> Defect<'a> {
        Defect {
            object: self.shade.text(&defect.object),
            kind: defect.kind.name(),
            index: defect.index,
            message: self.shade.text(&defect.message),
        }
    }
}
