//! Folders that could not be listed: whether something would stand in one of them, without asking each.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::place;

/// Texts, of which none begins with another.
#[derive(Debug, Default)]
struct Beginnings(BTreeSet<String>);

/// Folders that could not be listed.
#[derive(Debug, Default)]
pub(super) struct Unlisted {
    all: Beginnings,
    /// Those of buckets, without the scheme.
    addresses: Beginnings,
    /// Those of copies, from the first folder on that they share with the layout of CloudTrail.
    folders: Beginnings,
}

impl FromIterator<String> for Beginnings {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Self {
        let texts: BTreeSet<String> = texts.into_iter().collect();
        let mut kept = Self::default();
        // Whatever a text begins with comes before it.
        for text in texts {
            if !kept.begins(&text) {
                kept.0.insert(text);
            }
        }
        kept
    }
}

impl Beginnings {
    /// Says whether a text begins with one of them: what would stand between that one and the text begins with it, too,
    /// and so is not here.
    fn begins(&self, text: &str) -> bool {
        self.0
            .range::<str, _>((Bound::Unbounded, Bound::Included(text)))
            .next_back()
            .is_some_and(|known| text.starts_with(known.as_str()))
    }
}

impl Unlisted {
    /// Takes folders.
    pub(super) fn new(folders: &[String]) -> Self {
        let (buckets, copies): (Vec<&String>, Vec<&String>) =
            folders.iter().partition(|folder| folder.starts_with("s3://"));
        let shared = |folder: &String| {
            let inside = format!("{}/x", folder.trim_end_matches('/'));
            place::folders(&inside).map(|(_, folders)| format!("{folders}/"))
        };
        Self {
            all: folders.iter().cloned().collect(),
            addresses: buckets.into_iter().filter_map(|it| it.strip_prefix("s3://")).map(str::to_owned).collect(),
            folders: copies.into_iter().filter_map(shared).collect(),
        }
    }

    /// Says whether an object of this name stands below one of them.
    pub(super) fn hides(&self, object: &str) -> bool {
        self.all.begins(object)
    }

    /// Says whether a file of this bucket and key would stand below one of them.
    pub(super) fn would_hide(&self, bucket: &str, key: &str) -> bool {
        if !self.addresses.0.is_empty() && self.addresses.begins(&format!("{bucket}/{key}")) {
            return true;
        }
        let mut starts = std::iter::once(0).chain(key.match_indices('/').map(|(at, _)| at + 1));
        !self.folders.0.is_empty() && starts.any(|at| key.get(at..).is_some_and(|rest| self.folders.begins(rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::Unlisted;

    const KEY: &str = "AWSLogs/111111111111/CloudTrail/eu-central-1/2026/11/05/111111111111_CloudTrail_eu-central-1_20261105T1005Z_aB3.json.gz";

    #[test]
    fn a_folder_that_could_not_be_listed_covers_what_would_stand_in_it() {
        let fitting = [
            "s3://trail/AWSLogs/111111111111/",
            "logs/AWSLogs/111111111111/CloudTrail/eu-central-1/2026",
            "l/CloudTrail/eu-central-1",
        ];
        let others = ["s3://trail/AWSLogs/222222222222/", "logs/AWSLogs/11", "logs", "s3://other/"].map(str::to_owned);
        assert!(!Unlisted::new(&others).would_hide("trail", KEY));
        for folder in fitting {
            assert!(Unlisted::new(&[folder.to_owned()]).would_hide("trail", KEY), "{folder}");
            let mut all = others.to_vec();
            all.push(folder.to_owned());
            assert!(Unlisted::new(&all).would_hide("trail", KEY), "{folder}");
        }
    }

    /// Comparing each with each would take minutes.
    #[test]
    fn many_folders_are_not_each_compared_with_each_file() {
        let bucket = (0..50_000).map(|at| format!("s3://trail/{at}/"));
        let copies = (0..50_000).map(|at| format!("l/CloudTrail/region-{at}"));
        let unlisted = Unlisted::new(&bucket.chain(copies).collect::<Vec<_>>());
        assert!((0..50_000).all(|at| unlisted.would_hide("trail", &format!("{at}/f"))));
        assert!((0..50_000).all(|at| unlisted.would_hide("trail", &format!("a/CloudTrail/region-{at}/f"))));
        assert!((0..50_000).all(|at| !unlisted.would_hide("other", &format!("{at}/CloudTrail/region-{at}"))));
    }

    #[test]
    fn one_folder_within_another_hides_no_less() {
        let folders = ["a/", "a/b/", "a/b/c", "ab/"].map(str::to_owned);
        let unlisted = Unlisted::new(&folders);
        for object in ["a/x", "a/b", "a/b/cd", "a/zzz", "ab/", "a", "abc", "b", ""] {
            let each = folders.iter().any(|folder| object.starts_with(folder.as_str()));
            assert_eq!(unlisted.hides(object), each, "{object}");
        }
    }
}
