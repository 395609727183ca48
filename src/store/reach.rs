//! Reach: what of its sources a run looked at. Silence about the rest means nothing.

use std::collections::HashSet;
use std::hash::DefaultHasher;
use std::hash::Hash as _;
use std::hash::Hasher as _;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::entry::Entry;
use crate::model::owed::Owed;
use crate::model::time::Timestamp;

/// The objects that a run has listed, whether it read them or not: 64 bits of each name, for there may be millions.
#[derive(Debug, Default)]
pub struct Listed(Mutex<HashSet<u64>>);

impl Listed {
    /// Notes an object.
    pub fn note(&self, object: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(short(object));
    }

    /// Says whether an object was listed.
    pub(super) fn has(&self, object: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&short(object))
    }
}

fn short(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// What a run looked at.
#[derive(Clone, Copy, Debug)]
pub struct Reach<'r> {
    /// What was named.
    pub sources: &'r [String],
    /// Neither accounts nor regions nor events were left out.
    pub is_open: bool,
    /// Folders of days before this moment were left out, in buckets.
    pub since: Option<Timestamp>,
    /// What was listed from an earlier moment on.
    pub owed: &'r Owed,
    /// Digest files were looked for: without the check, their folders are not even listed.
    pub has_digests: bool,
    /// The objects that were listed.
    pub listed: &'r Listed,
}

impl Reach<'_> {
    /// Returns from when on the run looked at a path.
    pub(super) fn since_of(&self, path: &str) -> Option<Timestamp> {
        // Paths on the disk are always listed as a whole.
        self.owed.since(path, self.since.filter(|_| path.contains("://")))
    }

    /// Says whether the run listed all that was not listed when a folder could not be.
    pub(super) fn makes_up_for(&self, folder: &Entry) -> bool {
        self.looks_into(&folder.object) && self.since_of(&folder.object) <= folder.listed_since()
    }

    /// Says whether the run would have come upon an object, as far as the folder of its day tells.
    pub(super) fn covers(&self, object: &str) -> bool {
        let is_later =
            |since: Timestamp| place(object).map_or_else(|| !is_in_trail(object), |(_, day)| since.day() < day);
        self.looks_into(object) && self.since_of(object).is_none_or(is_later)
    }

    /// Says whether a path lies where the run looked, days aside.
    pub(super) fn looks_into(&self, path: &str) -> bool {
        let is_below = |source: &String| {
            let rest = path.strip_prefix(source.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_digests = path.split('/').any(|name| name == "CloudTrail-Digest");
        self.is_open && (self.has_digests || !is_digests) && self.sources.iter().any(is_below)
    }
}

/// Says whether a path lies in the folder of a trail, where folders of days can be left out.
pub(super) fn is_in_trail(path: &str) -> bool {
    path.split('/').any(|name| name.starts_with("CloudTrail"))
}

/// Returns the folder of an account's region, and the day of the folder that an object lies in: `…/2026/11/02/`.
pub(super) fn place(object: &str) -> Option<(&str, i64)> {
    let (folders, _) = object.rsplit_once('/')?;
    let (rest, day) = folders.rsplit_once('/')?;
    let (rest, month) = rest.rsplit_once('/')?;
    let (series, year) = rest.rsplit_once('/')?;
    let is_date = [(year, 4), (month, 2), (day, 2)]
        .iter()
        .all(|(name, digits)| name.len() == *digits && name.bytes().all(|digit| digit.is_ascii_digit()));
    let midnight = is_date.then(|| Timestamp::parse_iso(&format!("{year}-{month}-{day}T00:00:00Z")))??;
    Some((series, midnight.day()))
}

#[cfg(test)]
mod tests {
    use super::Entry;
    use super::Listed;
    use super::Reach;
    use super::place;
    use crate::model::owed::Owed;
    use crate::model::time::Timestamp;

    #[test]
    fn a_run_reaches_what_lies_below_its_sources() {
        let sources = ["logs/AWSLogs/".to_owned(), "s3://bucket".to_owned()];
        let listed = Listed::default();
        let reach = Reach {
            sources: &sources,
            is_open: true,
            since: None,
            owed: &Owed::default(),
            has_digests: false,
            listed: &listed,
        };
        for path in ["logs/AWSLogs", "logs/AWSLogs/o-1", "s3://bucket/AWSLogs/111111111111/"] {
            assert!(reach.looks_into(path), "{path}");
            assert!(!Reach { is_open: false, ..reach }.looks_into(path), "{path}");
        }
        for path in ["logs/AWSLogs2", "logs", "s3://bucket2/AWSLogs/"] {
            assert!(!reach.looks_into(path), "{path}");
        }
        let digests = "s3://bucket/AWSLogs/111111111111/CloudTrail-Digest/eu-central-1/";
        assert!(!reach.looks_into(digests));
        assert!(Reach { has_digests: true, ..reach }.looks_into(digests));
    }

    #[test]
    fn folders_of_days_that_were_left_out_are_out_of_reach() {
        let sources = ["s3://b".to_owned(), "logs".to_owned()];
        let listed = Listed::default();
        let since = Timestamp::parse_iso("2026-11-03T10:00:00Z");
        let mut owed = Owed::default();
        owed.add("s3://b/1/CloudTrail/us/".to_owned(), Some(Timestamp::parse_iso("2026-10-07T00:00:00Z").unwrap()));
        owed.add("s3://b/2/".to_owned(), None);
        let reach = Reach { sources: &sources, is_open: true, since, owed: &owed, has_digests: false, listed: &listed };
        for (path, is_covered) in [
            ("s3://b/1/CloudTrail/eu/2026/11/04/log.json.gz", true),
            ("s3://b/1/CloudTrail/eu/2026/11/03/log.json.gz", false),
            ("s3://b/1/CloudTrail/eu/log.json.gz", false),
            ("s3://b/1/CloudTrail/us/2026/10/08/log.json.gz", true),
            ("s3://b/1/CloudTrail/us/2026/10/07/log.json.gz", false),
            ("s3://b/2/CloudTrail/us/2020/10/07/log.json.gz", true),
            // Nothing is left out beside trails, and on the disk.
            ("s3://b/log.json.gz", true),
            ("logs/1/CloudTrail/eu/2026/11/03/log.json.gz", true),
            ("other/2026/11/04/log.json.gz", false),
        ] {
            assert_eq!(reach.covers(path), is_covered, "{path}");
            assert_eq!(Reach { since: None, ..reach }.covers(path), !path.starts_with("other/"), "{path}");
        }
        let folder = |path: &str, since: Option<&str>| {
            let since = since.and_then(Timestamp::parse_iso);
            Entry::unlisted(path, since)
        };
        for (path, since_then, is_made_up) in [
            ("s3://b/1/CloudTrail/us/", Some("2026-10-07T00:00:00Z"), true),
            ("s3://b/1/CloudTrail/us/", Some("2026-10-06T00:00:00Z"), false),
            ("s3://b/1/CloudTrail/us/", None, false),
            ("s3://b/1/CloudTrail/eu/", Some("2026-11-03T10:00:00Z"), true),
            ("s3://b/2/CloudTrail/us/", None, true),
            ("logs/1", None, true),
            ("other/1", None, false),
        ] {
            assert_eq!(reach.makes_up_for(&folder(path, since_then)), is_made_up, "{path} {since_then:?}");
        }
    }

    #[test]
    fn a_path_tells_the_folder_of_a_region_and_the_day() {
        let (series, day) = ("s3://b/AWSLogs/111111111111/CloudTrail/eu-west-1", 20_759);
        assert_eq!(place(&format!("{series}/2026/11/02/log.json.gz")), Some((series, day)));
        for odd in ["", "log.json.gz", "a/2026/11/log.json.gz", "a/2026/13/02/log.json.gz", "a/2026/1/02/log.json.gz"] {
            assert_eq!(place(odd), None, "{odd}");
        }
    }
}
