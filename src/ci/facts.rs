//! What CI systems say, in one vocabulary: runs with their attempts and jobs, who approved them, what was deployed, what was
//! done to the evidence. E-mail addresses, commit messages, comments and tokens have no field.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

pub use super::commits::Commit;
pub use super::commits::CommitKey;
pub use super::commits::Merged;
pub use super::commits::Pull;
pub use super::commits::PullKey;
pub use super::commits::PullState;
pub use super::commits::Review;
pub use super::commits::Verdict;
use super::few::FewMap;
use super::few::FewSet;
pub use super::names::Person;
pub use super::names::Place;
pub use super::names::RunKey;
pub use super::names::System;
use super::names::nowhere;
use super::words::Words;
use crate::model::time::Timestamp;
use crate::model::width::wide;

/// A run (GitLab: pipeline; Buildkite: build). Only its key is always there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five things that files say, independent of each other")]
pub struct Run {
    /// The repository's id, where the system has numbers for them.
    pub repository_id: Option<u64>,
    /// `owner/name` as the evidence writes it; several after a rename.
    pub repositories: FewSet<Arc<str>>,
    /// The number of the run among those of its workflow (GitHub) or project.
    pub number: Option<u64>,
    /// The id of the workflow.
    pub workflow_id: Option<u64>,
    /// The file of the workflow, without `@ref`: `.github/workflows/deploy.yml`.
    pub workflow_path: Option<Arc<str>>,
    /// The name of the workflow or of the run.
    pub name: Option<Arc<str>>,
    /// What started it: `push`, `pull_request`, `schedule`, …
    pub event: Option<Arc<str>>,
    /// The branch or tag, without `refs/…/`: which of both, GitHub does not say.
    pub head_branch: Option<Arc<str>>,
    /// The commit. Of a pull request its head, not the merge that is built.
    pub head_sha: Option<Box<str>>,
    /// The id of the repository that the commit comes from; of a fork it is another one.
    pub head_repository_id: Option<u64>,
    /// `owner/name` of the repository that the commit comes from.
    pub head_repository: Option<Arc<str>>,
    /// True when the system no longer shows the repository that the commit comes from.
    pub is_head_gone: bool,
    /// When the run was made; a run may wait 30 days for an approval.
    pub created: Option<Timestamp>,
    /// Where people look at it.
    pub url: Option<Box<str>>,
    /// Who first started it, and with whose rights it runs, re-runs included.
    pub actor: Option<Person>,
    /// Its attempts by number; a system without re-runs has attempt 1. Attempt 0 holds jobs of which no file says the attempt.
    pub attempts: FewMap<u32, Box<Attempt>>,
    /// Jobs that GitHub's audit log saw begin. It names neither attempt nor job id.
    pub prepared: BTreeSet<PreparedJob>,
    /// Who approved or rejected it.
    pub approvals: FewSet<Approval>,
    /// True when the run's approvals were asked for, so that none means none.
    pub approvals_asked: bool,
    /// True when an answer about them was not understood, or names nobody any more.
    pub approvals_unclear: bool,
    /// True when the system was asked for this run and does not have it.
    pub is_missing: bool,
    /// True when the system itself showed the run: not only its audit log or its events, which know deleted ones, too.
    pub is_shown: bool,
    /// Facts about which files contradict each other, by their names.
    pub disputed: BTreeSet<&'static str>,
    /// The lists that it stood in, by their places in [`Facts::lists`]. Empty when all is settled.
    pub lists: FewSet<usize>,
}

/// One attempt at a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended; `None` while it goes on, and where no file says.
    pub ended: Option<Timestamp>,
    /// How it ended: `success`, `failure`, `cancelled`, …
    pub conclusion: Option<Arc<str>>,
    /// Who started this attempt.
    pub triggered_by: Option<Person>,
    /// Its jobs by id.
    pub jobs: FewMap<Box<str>, Box<Job>>,
    /// True when lists of its jobs hold as many as they count; of lists that do not count, when they are no full pages.
    pub are_jobs_whole: bool,
}

impl Attempt {
    /// True when the files hold every job of the attempt. While one goes on, jobs that need it are not made yet.
    pub fn has_all_jobs(&self) -> bool {
        self.are_jobs_whole && self.jobs.values().all(|job| job.is_over)
    }

    /// True when it had ended as the files were made: what they do not show did not happen later, either.
    pub fn is_over(&self) -> bool {
        let is_done = self.ended.is_some() || self.conclusion.is_some();
        is_done && self.jobs.values().all(|job| job.is_over)
    }
}

/// One job (Bitbucket: step).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// What people read: `Deploy to prod`, with matrix values and callers.
    pub name: Option<Arc<str>>,
    /// Its key in the workflow file, which session tags hold.
    pub key: Option<Arc<str>>,
    /// The environment that it deploys to; of several, one.
    pub environment: Option<Arc<str>>,
    /// All environments that it deploys to, where several deployments name the job.
    pub environments: FewSet<Arc<str>>,
    /// When its runner began with it.
    pub started: Option<Timestamp>,
    /// When it ended; `None` while it goes on.
    pub ended: Option<Timestamp>,
    /// True where the vendor's own machine ran it, which is gone when the job ends; `None` when no file says.
    pub is_hosted: Option<bool>,
    /// The name of the runner.
    pub runner: Option<Arc<str>>,
    /// False for jobs that were skipped or still wait, which had no runner.
    pub has_run: bool,
    /// True when it had ended or was skipped as a file was made.
    pub is_over: bool,
    /// The lists of jobs that it stood in, by how many jobs the system counts for each; `None` for lists that do not say.
    pub lists: FewSet<Option<u64>>,
}

impl Job {
    /// True when it may deploy to an environment of this name: to this one, or to one that no file says.
    pub fn may_be_for(&self, name: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|one| one.eq_ignore_ascii_case(name))
    }
}

/// A job that GitHub's audit log saw begin (`workflows.prepared_workflow_job`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PreparedJob {
    /// When it began.
    pub at: Timestamp,
    /// Its name, as [`Job::name`].
    pub name: Arc<str>,
    /// The environment that it deploys to.
    pub environment: Option<Arc<str>>,
    /// As [`Job::is_hosted`].
    pub is_hosted: Option<bool>,
}

/// A decision about a run that waited for somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Approval {
    /// Who decided.
    pub person: Person,
    /// True for an approval, false for a rejection.
    pub is_approved: bool,
    /// The environment that it was about; `None` where the file does not say.
    pub environment: Option<Arc<str>>,
    /// When, where the file says.
    pub at: Option<Timestamp>,
}

/// A deployment: which environment a job of a run, or somebody else, deployed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// The repository.
    pub place: Option<Place>,
    /// The environment.
    pub environment: Option<Arc<str>>,
    /// The runs and jobs that its statuses name: (run id, job id).
    pub jobs: BTreeSet<(Box<str>, Option<Box<str>>)>,
}

/// What an environment asks for, as of when the file was made, not as of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// True when somebody must approve.
    pub asks_for_review: bool,
    /// True when whoever started the run may not approve it.
    pub refuses_self_review: bool,
    /// When the environment was last changed.
    pub updated: Option<Timestamp>,
}

/// What was done to runs, and to what guards them, by an audit log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: ActKind,
    /// Who; `None` where the log does not say.
    pub actor: Option<Person>,
    /// The repository.
    pub place: Option<Place>,
    /// The run's id.
    pub run_id: Option<Box<str>>,
    /// The environment.
    pub environment: Option<Arc<str>>,
}

/// What an audit log says was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActKind {
    /// A run was deleted, and with it its jobs and approvals.
    RunDeleted,
    /// The rules that protect an environment were bypassed for a run.
    RulesBypassed,
    /// A rule that protects an environment was added.
    GuardAdded,
    /// A rule that protects an environment was changed.
    GuardChanged,
    /// A rule that protects an environment was removed.
    GuardRemoved,
}

/// Addresses from which hosted runners call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostedRanges {
    /// Networks (`198.51.100.0/24`) that the vendor publishes.
    pub networks: BTreeSet<Box<str>>,
}

/// What the files cover of one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// How many runs.
    pub runs: usize,
    /// When the first and the last of them were made.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Up to when the files hold every run since the first one: as many as GitHub counts, whose numbers count up in each workflow
    /// only; of other systems, every number. Few numbers that are not there are in `holes`; many in a row end what is complete. `None` when nothing is.
    pub complete_until: Option<Timestamp>,
    /// Numbers of runs that should be there and are not: (workflow id, number).
    pub holes: BTreeSet<(u64, u64)>,
    /// How many attempts have jobs.
    pub attempts_with_jobs: usize,
    /// How many attempts there are.
    pub attempts: usize,
    /// How many runs were asked for their approvals.
    pub approvals_asked: usize,
}

impl Run {
    /// Returns the repository's places among the facts: after a rename it has several.
    pub fn places(&self, key: &RunKey) -> impl Iterator<Item = Place> {
        let names = self.repositories.iter().map(|name| name.to_ascii_lowercase().into());
        names.map(|name| Place { system: key.system, host: key.host.clone(), name })
    }
}

impl Facts {
    /// Returns the commit that a run built, as the run's own repository has it.
    pub fn commit(&self, key: &RunKey, run: &Run) -> Option<&Commit> {
        let sha = run.head_sha.as_ref()?;
        let found = run.places(key).filter_map(|place| self.commits.get(&(sha.clone(), place)));
        let best = found.max_by_key(|commit| (commit.pulls_asked, commit.pulls.len()));
        best.or_else(|| self.commits.get(&(sha.clone(), nowhere())))
    }

    /// True when no file held anything that counts.
    pub fn says_nothing(&self) -> bool {
        let has_nothing = self.runs.is_empty() && self.deployments.is_empty() && self.acts.is_empty();
        has_nothing && self.guards.is_empty() && self.ranges.is_empty()
    }
}

impl Covered {
    /// True when the files hold every run that was made from the first one on to this time.
    pub fn is_complete_at(&self, at: Timestamp) -> bool {
        self.complete_until.is_some_and(|until| at <= until)
    }
}

/// One file of evidence, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Its name, as it was given.
    pub name: String,
    /// SHA-256 of its bytes, as hexadecimal digits.
    pub sha256: String,
    /// What it holds, in words: `runs`, `jobs`, `audit log entries`, …; with how many.
    pub holds: BTreeMap<&'static str, u64>,
    /// What was not understood, with the byte at which it stands: the first thousand.
    pub defects: Vec<Defect>,
    /// How many more there are.
    pub more_defects: u64,
}

impl File {
    /// Returns how many parts were not understood.
    pub fn defects_total(&self) -> u64 {
        wide(self.defects.len()) + self.more_defects
    }
}

/// A part of a file that is not understood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// The byte at which reading stopped.
    pub at: u64,
    /// What is wrong, in words.
    pub message: String,
}

/// Everything that the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Runs by their keys.
    pub runs: BTreeMap<RunKey, Box<Run>>,
    /// Commits by their names and repositories.
    pub commits: BTreeMap<CommitKey, Commit>,
    /// Pull requests.
    pub pulls: BTreeMap<PullKey, Pull>,
    /// Deployments by host and id.
    pub deployments: BTreeMap<(Arc<str>, u64), Deployment>,
    /// What environments ask for, by repository and name.
    pub guards: BTreeMap<(Place, Arc<str>), Guard>,
    /// What audit logs say was done.
    pub acts: BTreeSet<Act>,
    /// Addresses of hosted runners, by system.
    pub ranges: BTreeMap<System, HostedRanges>,
    /// What the files cover, by repository.
    pub covered: BTreeMap<Place, Covered>,
    /// The repositories' ids, where a file says them.
    pub ids: BTreeMap<Place, BTreeSet<u64>>,
    /// The files, in order of their names.
    pub files: Vec<File>,
    /// What many of them name alike. Empty when all is settled.
    pub(super) words: Words,
    /// How many runs the system counts for each list; `None` for lists that do not say. Empty when all is settled.
    pub lists: Vec<Option<u64>>,
}
