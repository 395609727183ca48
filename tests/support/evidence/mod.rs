//! Evidence of CI made to measure: what GitHub would say of runs, in the words of its REST API and of its audit log.

pub(crate) mod audit_log;
pub(crate) mod company;
pub(crate) mod pulls;
pub(crate) mod rest;
pub(crate) mod told;

use rolechain::model::time::Timestamp;

use super::ids::number_of;

/// A repository, by name and number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Repository {
    /// `owner/name`.
    pub(crate) name: String,
    /// Its number, which a rename does not change.
    pub(crate) id: u64,
}

impl Repository {
    /// Names a repository.
    pub(crate) fn new(name: &str, id: u64) -> Self {
        Self { name: name.to_owned(), id }
    }
}

/// A workflow: the name of its file without `.yml`, which is its own name, too, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Workflow {
    /// The name.
    pub(crate) name: &'static str,
    /// The number.
    pub(crate) id: u64,
}

/// A run, as GitHub keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// Its id.
    pub(crate) id: u64,
    /// Where it runs.
    pub(crate) repository: Repository,
    /// Where its commit is from: another repository for a fork.
    pub(crate) head: Repository,
    /// Its workflow.
    pub(crate) workflow: Workflow,
    /// Its number among the runs of the workflow.
    pub(crate) number: u64,
    /// What started it.
    pub(crate) event: &'static str,
    /// `head_branch`: a branch or a tag.
    pub(crate) branch: String,
    /// `head_sha`.
    pub(crate) sha: String,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// Who started it first.
    pub(crate) actor: &'static str,
    /// Its attempts, the first one first.
    pub(crate) attempts: Vec<Attempt>,
    /// Who approved it, for which environment, and when.
    pub(crate) approvals: Vec<(&'static str, &'static str, Timestamp)>,
    /// Who bypassed the rules that protect its environment, and when.
    pub(crate) bypassed: Option<(&'static str, Timestamp)>,
    /// Who deleted it, and when.
    pub(crate) deleted: Option<(&'static str, Timestamp)>,
}

/// One attempt at a run.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// When it was started.
    pub(crate) started: Timestamp,
    /// Who started it.
    pub(crate) by: &'static str,
    /// How it ended.
    pub(crate) conclusion: &'static str,
    /// Its jobs.
    pub(crate) jobs: Vec<Job>,
}

/// One job.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Its id.
    pub(crate) id: u64,
    /// The name that people see.
    pub(crate) name: String,
    /// The environment that it deploys to.
    pub(crate) environment: Option<&'static str>,
    /// When its runner began.
    pub(crate) started: Timestamp,
    /// When it ended; `None` while it goes on.
    pub(crate) ended: Option<Timestamp>,
    /// What ran it.
    pub(crate) runner: Runner,
}

/// What runs a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// A machine of GitHub.
    Hosted,
    /// A machine of the owners.
    Own,
    /// Nothing: the job was skipped.
    None,
}

impl Run {
    /// Returns the address of the run on GitHub's pages or of its API, as `base` says.
    fn under(&self, base: &str) -> String {
        format!("{base}/{}/actions/runs/{}", self.repository.name, self.id)
    }

    /// Returns the latest attempt with its number.
    fn latest(&self) -> (usize, &Attempt) {
        (self.attempts.len(), self.attempts.last().unwrap())
    }

    /// Returns every job, with the number of its attempt.
    fn jobs(&self) -> impl Iterator<Item = (usize, &Job)> {
        self.attempts.iter().enumerate().flat_map(|(at, attempt)| attempt.jobs.iter().map(move |job| (at + 1, job)))
    }
}

impl Attempt {
    /// Returns when it ended: when the last of its jobs did; `None` while one goes on.
    fn ended(&self) -> Option<Timestamp> {
        let ends = self.jobs.iter().map(|job| job.ended);
        let last = ends.collect::<Option<Vec<_>>>()?.into_iter().max()?;
        Some(last.plus(2))
    }
}

/// Returns the number of a person.
fn number_of_person(login: &str) -> u64 {
    500 + number_of(login) % 90_000
}
