//! Commits, the pull requests that they came with, and the reviews of those. Messages and e-mail addresses have no field.

use std::collections::BTreeSet;

use super::names::Person;
use super::names::Place;
use crate::model::time::Timestamp;

/// Names a pull request: its repository and its number.
pub type PullKey = (Place, u64);

/// Names a commit: other repositories may hold the same one, and know other pull requests of it.
pub type CommitKey = (Box<str>, Place);

/// A commit, and how it came into its repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Who wrote it.
    pub author: Option<Person>,
    /// The pull requests that it belongs to.
    pub pulls: BTreeSet<PullKey>,
    /// How many parents it has; the author of a merge wrote none of what it brings.
    pub parents: Option<usize>,
    /// True when its pull requests were asked for, so that none means none.
    pub pulls_asked: bool,
    /// True when an answer about them may go on, or was not understood.
    pub pulls_unclear: bool,
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
    /// True when an answer about them may go on, or was not understood.
    pub reviews_unclear: bool,
}

/// A pull request as a file shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PullState {
    /// Whether it was merged.
    pub merged: Merged,
    /// The commit that it became.
    pub merge_commit: Option<Box<str>>,
    /// Its last own commit.
    pub head: Option<Box<str>>,
    /// The branch that it is for.
    pub base: Option<Box<str>>,
    /// Who opened it.
    pub author: Option<Person>,
}

/// Whether a pull request was merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Merged {
    /// The file does not say.
    #[default]
    Unknown,
    /// It was open, or closed without.
    No,
    /// When.
    At(Timestamp),
}

impl Merged {
    /// Returns when.
    pub fn at(self) -> Option<Timestamp> {
        if let Self::At(at) = self { Some(at) } else { None }
    }
}

impl Pull {
    /// Returns how it was in the end; `None` where nothing says so, and where files contradict each other.
    pub fn state(&self) -> Option<&PullState> {
        let mut states = self.states.iter().rev();
        let last = states.next()?;
        // What was not merged yet was another then, and says nothing of how it ended. People rename themselves.
        let fits = |other: &PullState| {
            let is_by_same = last.author.as_ref().zip(other.author.as_ref()).is_some_and(|(one, two)| one.is_same(two));
            (last.merged.at().is_some() && other.merged.at().is_none())
                || (is_by_same && PullState { author: last.author.clone(), ..other.clone() } == *last)
        };
        states.all(fits).then_some(last)
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
