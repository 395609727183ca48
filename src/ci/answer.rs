//! What the name of a file says that it answers about commits and reviews: the answer itself may be empty.

use std::collections::BTreeMap;

use super::commits::PullKey;
use super::facts::Facts;
use super::item::Text;
use super::names::Place;
use super::names::System;

pub(super) const PULLS: &str = "pull requests";
pub(super) const REVIEWS: &str = "reviews";

/// What a file answers: by its name, and by the objects that it lists.
#[derive(Default)]
pub(super) struct Answer {
    /// The commit that was asked for its pull requests.
    pub(super) commit: Option<Box<str>>,
    /// The pull request that was asked for its reviews.
    pub(super) pull: Option<u64>,
    /// How many reviews there are of each pull request.
    pub(super) reviews: BTreeMap<PullKey, usize>,
}

impl Answer {
    /// Reads the name of a file: `commit-c7b8….-pulls.json`, `commits/c7b8…/pulls.json`, `pull-6-reviews.json`,
    /// `pulls/6/reviews.json`.
    pub(super) fn of_name(name: &str) -> Self {
        let mut parts = name.rsplit(['/', '\\']);
        let stem = parts.next().and_then(|last| last.split('.').next()).unwrap_or_default();
        let inner = |start: &str, end: &str| stem.strip_prefix(start)?.strip_suffix(end);
        let folder = |kind: &str| parts.clone().next().filter(|_| stem == kind);
        let commit = inner("commit-", "-pulls").or_else(|| folder("pulls"));
        let pull = inner("pull-", "-reviews").or_else(|| folder("reviews"));
        let pull = pull.and_then(|number| number.parse().ok());
        Self { commit: commit.and_then(sha), pull, ..Self::default() }
    }

    /// Notes what was asked when all of a file is read, and says what an empty answer is about.
    pub(super) fn close(self, facts: &mut Facts, holds: &BTreeMap<&'static str, u64>) -> Option<&'static str> {
        if let Some(sha) = self.commit.filter(|_| holds.keys().all(|what| *what == PULLS)) {
            facts.commits.entry(sha).or_default().pulls_asked = true;
            return Some(PULLS);
        }
        // A full page may be the first of more.
        let is_whole = |count: &usize| !count.is_multiple_of(30) && !count.is_multiple_of(100);
        for (key, _) in self.reviews.iter().filter(|(_, count)| is_whole(count)) {
            facts.pulls.entry(key.clone()).or_default().reviews_asked = true;
        }
        let named = self.pull.filter(|_| holds.is_empty())?;
        facts.pulls.entry((nowhere(), named)).or_default().reviews_asked = true;
        Some(REVIEWS)
    }
}

/// Stands for a repository that no file names.
pub(super) fn nowhere() -> Place {
    Place { system: System::GitHub, host: "".into(), name: "".into() }
}

/// Reads the name of a commit.
fn sha(text: &str) -> Option<Box<str>> {
    let is_sha = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sha.then(|| text.to_ascii_lowercase().into())
}

pub(super) fn sha_of(text: &Text<'_>) -> Option<Box<str>> {
    sha(text.as_deref()?)
}
