//! Accounts and regions with log files and not one digest file: whether there ever were any, by those beside them.

use std::collections::BTreeMap;

use super::case::Case;
use super::unlisted::Unlisted;
use super::writers::Writers;
use crate::model::integrity::Bare;
use crate::model::time::Timestamp;

/// Log files without digest files, by account and region.
pub(super) struct BareLogs<'c> {
    writers: Writers<'c>,
    unlisted: &'c Unlisted,
    found: BTreeMap<(String, String), Bare>,
}

impl<'c> BareLogs<'c> {
    pub(super) fn new(case: &'c Case, unlisted: &'c Unlisted) -> Self {
        Self { writers: Writers::new(case), unlisted, found: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, object: &str, account: &str, region: &str, time: Timestamp) {
        let writer = self.writers.of(object, account, region, time);
        // Digest files that may not be looked at are not known to be gone.
        let digests = object.replacen("/CloudTrail/", "/CloudTrail-Digest/", 1);
        let lost_by = writer.filter(|_| !self.unlisted.hides(&digests)).map(str::to_owned);
        let bare = self.found.entry((account.to_owned(), region.to_owned())).or_insert_with(|| Bare {
            account: account.to_owned(),
            region: region.to_owned(),
            logs: 0,
            first: time,
            last: time,
            lost_by: None,
        });
        bare.logs += 1;
        bare.first = time.min(bare.first);
        bare.last = time.max(bare.last);
        // The first by name, whatever the order of files.
        bare.lost_by = [bare.lost_by.take(), lost_by].into_iter().flatten().min();
    }

    pub(super) fn found(self) -> Vec<Bare> {
        self.found.into_values().collect()
    }
}
