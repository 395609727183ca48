//! Delivery: records become gzip objects under the keys that CloudTrail gives them.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use rolechain::model::time::Timestamp;

use super::ids::Ids;

/// One record on its way to an object.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// The account whose log it goes to.
    pub(crate) account: String,
    /// The region whose log it goes to.
    pub(crate) region: String,
    /// When it happened.
    pub(crate) time: Timestamp,
    /// How many objects later than usual it arrives.
    pub(crate) delay: i64,
    /// The record.
    pub(crate) json: String,
}

/// Where a trail writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trail {
    /// The organization, for an organization's trail.
    pub(crate) organization: Option<&'static str>,
    /// What stands before `AWSLogs`.
    pub(crate) prefix: &'static str,
}

impl Trail {
    /// The organization's trail of all stories.
    pub(crate) const ORGANIZATION: Self = Self { organization: Some("o-exampleorgid"), prefix: "" };

    /// A trail of one account, beside the organization's.
    pub(crate) const ACCOUNT: Self = Self { organization: None, prefix: "account-trail" };

    /// Returns the key of an object delivered at `stamp`.
    pub(crate) fn key(self, account: &str, region: &str, stamp: Timestamp, random: &str) -> String {
        let (day, compact) = stamp_parts(stamp);
        let folder = self.folder(account, "CloudTrail", region, &day);
        format!("{folder}/{account}_CloudTrail_{region}_{}Z_{random}.json.gz", &compact[..13])
    }

    /// Returns the key of a digest file that ends at `end`.
    pub(crate) fn digest_key(self, account: &str, region: &str, end: Timestamp) -> String {
        let (day, compact) = stamp_parts(end);
        let folder = self.folder(account, "CloudTrail-Digest", region, &day);
        format!("{folder}/{account}_CloudTrail-Digest_{region}_org-trail_eu-central-1_{compact}Z.json.gz")
    }

    fn folder(self, account: &str, kind: &str, region: &str, day: &str) -> String {
        let prefix = if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) };
        let organization = self.organization.map(|id| format!("{id}/")).unwrap_or_default();
        format!("{prefix}AWSLogs/{organization}{account}/{kind}/{region}/{day}")
    }
}

/// Returns `2026/11/03` and `20261103T091500`.
fn stamp_parts(stamp: Timestamp) -> (String, String) {
    let iso = stamp.to_string();
    (iso[..10].replace('-', "/"), iso[..19].replace(['-', ':'], ""))
}

/// Writes the objects of a trail: one per account, region and five minutes, stamped soon after its newest record,
/// with the records in no particular order.
pub(crate) fn objects(trail: Trail, deliveries: &[Delivery], ids: &mut Ids) -> BTreeMap<String, Vec<u8>> {
    const SLOT: i64 = 300;
    let mut slots: BTreeMap<(&str, &str, i64), Vec<&str>> = BTreeMap::new();
    for record in deliveries {
        let slot = record.time.0.div_euclid(SLOT) + 1 + record.delay;
        slots.entry((&record.account, &record.region, slot)).or_default().push(&record.json);
    }
    let mut objects = BTreeMap::new();
    for ((account, region, slot), mut records) in slots {
        for last in (1..records.len()).rev() {
            let other = usize::try_from(ids.below(last as u64 + 1)).unwrap_or(0);
            records.swap(last, other);
        }
        let key = trail.key(account, region, Timestamp(slot * SLOT), &ids.alnum(16));
        objects.insert(key, gzip(envelope(&records).as_bytes()));
    }
    objects
}

/// Wraps records as an object does.
pub(crate) fn envelope(records: &[&str]) -> String {
    format!("{{\"Records\":[{}]}}", records.join(","))
}

/// Compresses: the same bytes give the same bytes.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    writer.write_all(bytes).expect("writing to memory");
    writer.finish().expect("writing to memory")
}
