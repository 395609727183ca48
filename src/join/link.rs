//! A link between a chain and a run: how sure, why, and what speaks against it.

use crate::ci::Attempt;
use crate::ci::Facts;
use crate::ci::Job;
use crate::ci::Run;
use crate::ci::RunKey;
use crate::model::time::Timestamp;

/// How sure it is that a run made a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// What the records name, where the token is from, and the time of one job agree; or the token names the job.
    Exact,
    /// The run is certain, the job is not.
    Strong,
    /// The records name no run; one job fits, and the evidence holds every run.
    Probable,
    /// The records name no run, and several jobs fit, or others might: all are listed and none is chosen.
    Ambiguous,
    /// The records name a run that the CI system says was another, was elsewhere or does not exist.
    Contradicted,
    /// The records name a run that is not in the evidence, which does not hold every run.
    Unknown,
    /// The records name no run, and none in complete evidence fits.
    Missing,
    /// The evidence says nothing about this repository or time.
    NotCovered,
}

impl Grade {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Strong => "strong",
            Self::Probable => "probable",
            Self::Ambiguous => "ambiguous",
            Self::Contradicted => "contradicted",
            Self::Unknown => "unknown",
            Self::Missing => "missing",
            Self::NotCovered => "not_covered",
        }
    }

    /// True where the run is certain.
    pub fn is_sure(self) -> bool {
        matches!(self, Self::Exact | Self::Strong)
    }
}

/// A run that was found, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The run.
    pub run: RunKey,
    /// The attempt, when it is known.
    pub attempt: Option<u32>,
    /// The job, when it is known.
    pub job: Option<Box<str>>,
}

impl Found {
    /// Returns the run.
    pub fn run<'f>(&self, facts: &'f Facts) -> Option<&'f Run> {
        facts.runs.get(&self.run).map(AsRef::as_ref)
    }

    /// Returns the attempt.
    pub fn attempt<'f>(&self, facts: &'f Facts) -> Option<&'f Attempt> {
        self.run(facts)?.attempts.get(&self.attempt?).map(Box::as_ref)
    }

    /// Returns the job.
    pub fn job<'f>(&self, facts: &'f Facts) -> Option<&'f Job> {
        self.attempt(facts)?.jobs.get(self.job.as_deref()?).map(Box::as_ref)
    }
}

/// Where records and CI system contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// The run is of another repository, by ids, or by names where one side has no id.
    Repository {
        /// What the token says, or a tag.
        said: String,
        /// What the CI system says.
        found: String,
        /// True when both have ids, which a rename does not change.
        by_ids: bool,
    },
    /// No job of the run deployed to the environment that the token is for.
    Environment {
        /// What the token says.
        said: String,
        /// What the CI system says.
        found: String,
    },
    /// The run was for another branch or tag.
    GitRef {
        /// What the token says.
        said: String,
        /// What the CI system says.
        found: String,
    },
    /// The token is for a pull request, and something else started the run.
    Event {
        /// What the CI system says.
        found: String,
    },
    /// No job of the run ran when the session was issued.
    Time {
        /// When the nearest job began.
        started: Timestamp,
        /// When it ended.
        ended: Option<Timestamp>,
    },
    /// The run was deleted.
    Deleted,
    /// The CI system was asked for the run and does not have it.
    NotThere,
    /// The evidence holds every run of the repository at that time, and not this one.
    NotListed {
        /// True when its numbers have a hole where a run was.
        has_hole: bool,
    },
}

impl Contradiction {
    /// Returns the word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Repository { .. } => "repository",
            Self::Environment { .. } => "environment",
            Self::GitRef { .. } => "ref",
            Self::Event { .. } => "event",
            Self::Time { .. } => "time",
            Self::Deleted => "deleted",
            Self::NotThere => "not_there",
            Self::NotListed { .. } => "not_listed",
        }
    }

    /// True when it says that there is no such run, rather than that it was another one.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Deleted | Self::NotThere | Self::NotListed { .. })
    }
}

/// What a chain and the runs of the evidence have to do with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLink {
    /// How sure.
    pub grade: Grade,
    /// What agreed: `run_id`, `attempt`, `repository_id`, `repository`, `environment`, `ref`, `event`, `job_time`, `run_time`,
    /// `job_id`, `commit`.
    pub matched_on: Vec<&'static str>,
    /// True when a token of the CI system began the chain. Else all that ties the chain to the run is what its caller says.
    pub is_signed: bool,
    /// The run.
    pub found: Option<Found>,
    /// Runs that fit where none is chosen, at most twenty of them.
    pub candidates: Vec<RunKey>,
    /// What speaks against it.
    pub contradictions: Vec<Contradiction>,
}

/// How many runs that fit are listed.
pub(super) const MAX_CANDIDATES: usize = 20;

impl RunLink {
    /// Makes a link to nothing.
    pub(super) fn none(grade: Grade, is_signed: bool) -> Self {
        Self {
            grade,
            matched_on: Vec::new(),
            is_signed,
            found: None,
            candidates: Vec::new(),
            contradictions: Vec::new(),
        }
    }

    /// Returns the run, where it is certain.
    pub fn sure(&self) -> Option<&Found> {
        self.found.as_ref().filter(|_| self.grade.is_sure())
    }
}
