//! Reach: what of its sources a run looked at. Silence about the rest means nothing.

use std::collections::BTreeSet;

/// What a run looked at.
#[derive(Clone, Copy, Debug)]
pub struct Reach<'r> {
    /// What was named.
    pub sources: &'r [String],
    /// Neither accounts nor regions nor days were left out.
    pub is_whole: bool,
    /// Digest files were looked for: without the check, their folders are not even listed.
    pub has_digests: bool,
    /// The objects that were listed, of those that failed in an earlier run.
    pub met: &'r BTreeSet<String>,
}

impl Reach<'_> {
    /// Says whether the run would have come upon an object or folder.
    pub(super) fn includes(&self, path: &str) -> bool {
        let is_below = |source: &String| {
            let rest = path.strip_prefix(source.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_digests = path.split('/').any(|name| name == "CloudTrail-Digest");
        self.is_whole && (self.has_digests || !is_digests) && self.sources.iter().any(is_below)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Reach;

    #[test]
    fn a_run_reaches_what_lies_below_its_sources() {
        let sources = ["logs/AWSLogs/".to_owned(), "s3://bucket".to_owned()];
        let met = BTreeSet::new();
        let reach = Reach { sources: &sources, is_whole: true, has_digests: false, met: &met };
        for path in ["logs/AWSLogs", "logs/AWSLogs/o-1", "s3://bucket/AWSLogs/111111111111/"] {
            assert!(reach.includes(path), "{path}");
            assert!(!Reach { is_whole: false, ..reach }.includes(path), "{path}");
        }
        for path in ["logs/AWSLogs2", "logs", "s3://bucket2/AWSLogs/"] {
            assert!(!reach.includes(path), "{path}");
        }
        let digests = "s3://bucket/AWSLogs/111111111111/CloudTrail-Digest/eu-west-1/";
        assert!(!reach.includes(digests));
        assert!(Reach { has_digests: true, ..reach }.includes(digests));
    }
}
