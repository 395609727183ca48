//! Places: the bucket and key that digest files give to a file, against where it was read; and what names tell.

use crate::model::delivery::file_name;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;

/// What the name of a digest file tells:
/// `<account>_CloudTrail-Digest_<region>_<trail>_<home region>_<time>[_backfill].json.gz`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DigestName {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) trail: String,
    pub(super) home_region: String,
}

const BACKFILL: &str = "_backfill";

/// A log file may be named after the begin of its delivery: it belongs to the digest file of its hour, or of the next.
pub(super) const DELIVERY: i64 = HOUR;

/// Folders from which on a copy keeps the order of the bucket, if it has them.
pub(super) const ANCHORS: [&str; 5] =
    ["AWSLogs", "CloudTrail-Digest", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated", "CloudTrail"];

/// Says whether a key or path is that of a backfill digest file.
pub(super) fn is_backfill(path: &str) -> bool {
    let name = file_name(path);
    name.strip_suffix(".json").unwrap_or(name).ends_with(BACKFILL)
}

/// Says whether a path is where digest files stand.
pub(super) fn is_digest(path: &str) -> bool {
    let name = file_name(path);
    // A sidecar stands there, too, and is none.
    !name.ends_with(".signature") && (name.contains("_CloudTrail-Digest_") || path.contains("/CloudTrail-Digest/"))
}

/// Reads the name of a digest file.
pub(super) fn digest_name(path: &str) -> Option<DigestName> {
    let name = file_name(path);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let (account, rest) = name.strip_suffix(BACKFILL).unwrap_or(name).split_once("_CloudTrail-Digest_")?;
    let (region, rest) = rest.split_once('_')?;
    // A trail's name may have the separator in it; what stands behind it has none.
    let (rest, _time) = rest.rsplit_once('_')?;
    let (trail, home_region) = rest.rsplit_once('_')?;
    let [account, region, trail, home_region] = [account, region, trail, home_region].map(str::to_owned);
    Some(DigestName { account, region, trail, home_region })
}

/// Returns the time in the name of a digest file: the end of the hours that it covers.
pub(super) fn digest_end(path: &str) -> Option<Timestamp> {
    let name = file_name(path);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let (_, stamp) = name.strip_suffix(BACKFILL).unwrap_or(name).rsplit_once('_')?;
    Timestamp::parse_iso(stamp)
}

/// Says whether an object that was read at `object` is the one of this bucket and key.
///
/// In S3 both must be equal. A copy has no bucket and may have lost folders: from the first folder on that it shares with
/// the layout of CloudTrail it must be equal; without any such folder the name of the file decides.
pub(super) fn is_at(object: &str, bucket: &str, key: &str) -> bool {
    if let Some(address) = object.strip_prefix("s3://") {
        return address.strip_prefix(bucket).and_then(|rest| rest.strip_prefix('/')) == Some(key);
    }
    if file_name(object) != file_name(key) {
        return false;
    }
    folders(object).is_none_or(|(anchor, folders)| {
        // A key of an odd layout has other folders than a copy that happens to have one of these.
        tail(key, anchor).is_none_or(|own| own == folders)
    })
}

/// Returns the folders of a copy from the first one on that is one of the layout of CloudTrail, and which one that is.
pub(super) fn folders(object: &str) -> Option<(&'static str, &str)> {
    ANCHORS.into_iter().find_map(|anchor| Some((anchor, tail(object, anchor)?)))
}

/// Returns the folders from the last one of this name on, without the file's name.
pub(super) fn tail<'p>(path: &'p str, anchor: &str) -> Option<&'p str> {
    let (folders, _) = path.rsplit_once('/')?;
    let starts = folders.match_indices(anchor).map(|(at, _)| at);
    let is_whole = |at: &usize| {
        let before = folders.get(..*at).unwrap_or_default();
        let after = folders.get(at + anchor.len()..).unwrap_or_default();
        (before.is_empty() || before.ends_with('/')) && (after.is_empty() || after.starts_with('/'))
    };
    let at = starts.filter(is_whole).last()?;
    folders.get(at..)
}

/// Returns what stands before the folder of an account, in which its files of one kind have a folder; `None` where they
/// have none.
pub(super) fn folder_of_account<'p>(path: &'p str, account: &str, kind: &str) -> Option<&'p str> {
    let at = path.find(&format!("/{account}/{kind}/"))?;
    path.get(..at)
}

/// Says whether a folder is that of an organization.
pub(super) fn is_of_organization(folder: &str) -> bool {
    folder.rsplit('/').next().is_some_and(|name| name.starts_with("o-"))
}

#[cfg(test)]
mod tests {
    use super::{digest_end, digest_name, is_at, is_backfill};

    const KEY: &str = "AWSLogs/111111111111/CloudTrail/eu-central-1/2026/11/05/111111111111_CloudTrail_eu-central-1_20261105T1005Z_aB3.json.gz";

    #[test]
    fn names_tell_account_region_trail_and_time() {
        // From the CloudTrail User Guide, with underscores in the trail's name.
        let name = "111122223333_CloudTrail-Digest_us-east-2_your_trail_name_us-east-1_20150817T150131Z.json.gz";
        let read = digest_name(&format!("a/{name}")).unwrap();
        assert_eq!((read.account.as_str(), read.region.as_str()), ("111122223333", "us-east-2"));
        assert_eq!((read.trail.as_str(), read.home_region.as_str()), ("your_trail_name", "us-east-1"));
        assert_eq!(digest_name(&name.replace(".json", "_backfill.json")).as_ref(), Some(&read));
        for name in [name, &name.replace(".json", "_backfill.json")] {
            assert_eq!(digest_end(name).unwrap().to_string(), "2015-08-17T15:01:31Z");
        }
        assert!(!is_backfill(name) && is_backfill(&name.replace(".json", "_backfill.json")));
    }

    #[test]
    fn a_copy_is_where_it_belongs_as_far_as_it_has_folders() {
        let file = KEY.rsplit('/').next().unwrap();
        let folders = KEY.trim_end_matches(file);
        for object in [
            format!("s3://trail/{KEY}"),
            format!("logs/{KEY}"),
            KEY.to_owned(),
            format!("logs/{}", KEY.trim_start_matches("AWSLogs/111111111111/")),
            format!("flat/{file}"),
            file.to_owned(),
            format!("flat/{}", file.trim_end_matches(".gz")),
        ] {
            assert!(is_at(&object, "trail", KEY), "{object}");
        }
        for object in [
            format!("s3://other/{KEY}"),
            format!("s3://trail/x/{KEY}"),
            format!("logs/{}{file}", folders.replace("/05/", "/06/")),
            format!("logs/{folders}other.json.gz"),
            String::new(),
        ] {
            assert!(!is_at(&object, "trail", KEY), "{object}");
        }
    }
}
