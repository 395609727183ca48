//! Commits, the pull requests that they came with, and the reviews of those. Messages and e-mail addresses have no field.

use std::collections::BTreeSet;

use super::names::Person;
use super::names::Place;
use crate::model::time::Timestamp;

/// Names a pull request: its repository and its number.
pub type PullKey = (Place, u64);

/// A commit, and how it came into its repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Who wrote it.
    pub author: Option<Person>,
    /// The pull requests that it belongs to.
    pub pulls: BTreeSet<PullKey>,
    /// True when its pull requests were asked for, so that none means none.
    pub pulls_asked: bool,
    /// The files of workflows that it changed.
    pub workflows: BTreeSet<Box<str>>,
}

/// A pull request, with all that is said of its reviews.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pull {
    /// What files say of it; several when they were made at several times, or contradict each other.
    pub states: BTreeSet<PullState>,
    /// Its reviews.
    pub reviews: BTreeSet<Review>,
    /// True when all its reviews were asked for, so that none means none.
    pub reviews_asked: bool,
}

/// A pull request as a file shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PullState {
    /// When it was merged; `None` while it is open, and when it was closed without.
    pub merged: Option<Timestamp>,
    /// The commit that it became.
    pub merge_commit: Option<Box<str>>,
    /// Its last own commit.
    pub head: Option<Box<str>>,
    /// The branch that it is for.
    pub base: Option<Box<str>>,
    /// Who opened it.
    pub author: Option<Person>,
}

impl Pull {
    /// Returns how it was in the end; `None` where nothing says so, and where files contradict each other.
    pub fn state(&self) -> Option<&PullState> {
        let mut states = self.states.iter().rev();
        let last = states.next()?;
        // What was not merged yet was another then, and says nothing of how it ended.
        states.next().is_none_or(|other| last.merged.is_some() && other.merged.is_none()).then_some(last)
    }
}

/// What somebody made of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Review {
    /// When.
    pub at: Timestamp,
    /// What they said.
    pub verdict: Verdict,
    /// Who; `None` for an account that is gone.
    pub person: Option<Person>,
    /// The commit that they looked at.
    pub commit: Option<Box<str>>,
}

/// What a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Somebody approved.
    Approved,
    /// Somebody asked for changes.
    ChangesRequested,
    /// It was one of both, and somebody took its force, then or later.
    Dismissed,
}
