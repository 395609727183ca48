//! Accounts and regions with log files and not one digest file: whether there ever were any, by those beside them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Scope;
use super::case::Case;
use super::digest::Fault;
use super::place;
use crate::model::integrity::Bare;
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

/// Log files without digest files, by account and region.
pub(super) struct BareLogs<'c> {
    writers: BTreeMap<Name<'c>, Writer<'c>>,
    found: BTreeMap<(String, String), Bare>,
}

impl<'c> BareLogs<'c> {
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
        Self { writers, found: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, object: &str, account: &str, region: &str, time: Timestamp, scope: &Scope) {
        let lost_by = self.writer(object, account, region, time, scope).map(str::to_owned);
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

    /// Returns the trail that must have named a log file in a digest file: one that writes to the same folder in the same
    /// hours, for this account and in this region.
    fn writer<'o>(
        &'o self,
        object: &'o str,
        account: &str,
        region: &str,
        time: Timestamp,
        scope: &Scope,
    ) -> Option<&'o str> {
        let folder = place::folder_of_account(object, account, "CloudTrail");
        // A trail of an organization writes for every account. Other accounts have trails of their own beside it.
        let is_of_organization = folder.is_some_and(place::is_of_organization);
        let writes = |writer: &Writer<'_>| {
            (is_of_organization || writer.accounts.contains(account))
                && (writer.regions.contains(region) || writer.regions.len() > 1)
                && writer.first <= time
                && time.plus(place::DELIVERY) <= writer.last
        };
        let of_folder = self.writers.range((folder, "", "")..).take_while(|(name, _)| name.0 == folder);
        let ((_, found, _), _) = of_folder.into_iter().find(|(_, writer)| writes(writer))?;
        // Digest files that may not be looked at are not known to be gone.
        let digests = object.replacen("/CloudTrail/", "/CloudTrail-Digest/", 1);
        let is_hidden = |folder: &String| digests.starts_with(folder.as_str());
        (!scope.unreadable.iter().any(is_hidden)).then_some(found)
    }

    pub(super) fn found(self) -> Vec<Bare> {
        self.found.into_values().collect()
    }
}
