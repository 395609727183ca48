//! What is expected of deployments to an environment of a CI system: by which workflow, started how, approved by whom.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Deref;

use crate::model::glob::Glob;
use crate::model::globs::Globs;

use super::listed::GlobList;

/// What one `[[environment]]` says.
#[derive(Clone, Debug)]
pub struct EnvironmentExpectation {
    /// The repository, or a glob over repositories.
    pub repo: Glob,
    /// The environment, or a glob over environments.
    pub name: Glob,
    /// How many people must approve; 0 where nothing is said.
    pub approvals: u64,
    /// Whose approvals count, in lower case. Empty: everybody's but that of whoever started the run.
    pub approvers: BTreeSet<String>,
    /// The files of the workflows that may deploy. Empty: nothing is said.
    pub workflows: GlobList,
    /// What may start them. Empty: nothing is said.
    pub events: BTreeSet<String>,
    /// Whether the CI system's own machines must run them, or other ones; `None` where either may.
    pub is_hosted: Option<bool>,
}

impl EnvironmentExpectation {
    /// True when an approval of this login counts, as far as the list of approvers goes.
    pub fn admits_approver(&self, login: &str) -> bool {
        self.approvers.is_empty() || self.approvers.contains(&login.to_lowercase())
    }
}

/// Every `[[environment]]`, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Environments {
    all: Vec<EnvironmentExpectation>,
    /// Over repository and name, with a line break between them.
    globs: Globs,
}

impl Environments {
    pub(super) fn new(all: Vec<EnvironmentExpectation>) -> Self {
        let patterns: Vec<String> = all.iter().map(|one| format!("{}\n{}", one.repo, one.name)).collect();
        Self { globs: Globs::ignoring_case(patterns.iter().map(String::as_str)), all }
    }

    /// Returns the one for an environment of a repository: that with the narrowest repository, then with the narrowest name; of
    /// equals the first.
    pub fn of(&self, repository: &str, name: &str) -> Option<&EnvironmentExpectation> {
        let text = format!("{repository}\n{name}");
        let fitting = self.globs.fitting(&text).filter_map(|at| Some((at, self.all.get(at)?)));
        let width = |one: &EnvironmentExpectation| (one.repo.literal_chars(), one.name.literal_chars());
        fitting.max_by_key(|(at, one)| (width(one), Reverse(*at))).map(|(_, one)| one)
    }
}

impl Deref for Environments {
    type Target = [EnvironmentExpectation];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}
