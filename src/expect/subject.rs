//! Matchers for subjects: which tokens may enter a role.

use std::fmt;

use crate::model::glob::Glob;
use crate::provider::{Context, Subject};

/// One entry of a role's `subjects`. Every key that is given must hold; one that is not given admits anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubjectMatcher {
    /// The token's issuer, without scheme.
    pub issuer: Option<Glob>,
    /// The subject's raw text: for custom templates and unknown grammars.
    pub raw: Option<Glob>,
    /// The owner; case does not matter.
    pub owner: Option<Glob>,
    /// `owner/name`; case does not matter.
    pub repo: Option<Glob>,
    /// The provider's id of the owner. A subject without ids does not match.
    pub owner_id: Option<String>,
    /// The provider's id of the repository. A subject without ids does not match.
    pub repo_id: Option<String>,
    /// The full git ref: `refs/heads/main`.
    pub git_ref: Option<Glob>,
    /// The deployment environment.
    pub environment: Option<Glob>,
    /// Whether the token was issued to a pull request.
    pub pull_request: Option<bool>,
    /// The Terraform project.
    pub project: Option<Glob>,
    /// The Terraform workspace.
    pub workspace: Option<Glob>,
    /// `plan` or `apply`.
    pub run_phase: Option<Glob>,
    /// The Kubernetes namespace.
    pub namespace: Option<Glob>,
    /// The Kubernetes service account's name.
    pub service_account: Option<Glob>,
}

/// Why a matcher refuses a subject: the first key that does not hold, in the order of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Another issuer signed the token.
    Issuer,
    /// The raw text does not fit.
    Raw,
    /// The repository belongs to somebody else.
    Owner,
    /// It is another repository.
    Repository,
    /// The subject carries no owner id, and the matcher pins one.
    NoOwnerId,
    /// The subject carries another owner id under the right name.
    OwnerId,
    /// The subject carries no repository id, and the matcher pins one.
    NoRepositoryId,
    /// The subject carries another repository id under the right name.
    RepositoryId,
    /// It is another branch or tag, or none.
    Ref,
    /// It is another environment, or none.
    Environment,
    /// It is a pull request where none is admitted, or the reverse.
    PullRequest,
    /// It is another Terraform project, or none.
    Project,
    /// It is another workspace, or none.
    Workspace,
    /// It is another run phase, or none.
    RunPhase,
    /// It is another namespace, or none.
    Namespace,
    /// It is another service account, or none.
    ServiceAccount,
}

impl Refusal {
    /// Says it in words that follow “refused because”.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "another issuer signed the token",
            Self::Raw => "the text of the subject does not fit",
            Self::Owner => "the repository belongs to another owner",
            Self::Repository => "it is another repository",
            Self::NoOwnerId => "the subject carries no owner id",
            Self::OwnerId => "the subject carries another owner id",
            Self::NoRepositoryId => "the subject carries no repository id",
            Self::RepositoryId => "the subject carries another repository id",
            Self::Ref => "it is another branch or tag, or none",
            Self::Environment => "it is another environment, or none",
            Self::PullRequest => "a pull request is not the same as a branch or an environment",
            Self::Project => "it is another project, or none",
            Self::Workspace => "it is another workspace, or none",
            Self::RunPhase => "it is another run phase, or none",
            Self::Namespace => "it is another namespace, or none",
            Self::ServiceAccount => "it is another service account, or none",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl SubjectMatcher {
    /// True when the matcher admits the subject.
    pub fn matches(&self, subject: &Subject) -> bool {
        self.refusal(subject).is_none()
    }

    /// Returns why the matcher does not admit the subject, or `None` when it does.
    pub fn refusal(&self, subject: &Subject) -> Option<Refusal> {
        self.refusal_of_place(subject).or_else(|| self.refusal_of_context(subject))
    }

    fn refusal_of_place(&self, subject: &Subject) -> Option<Refusal> {
        let admits = |glob: &Option<Glob>, text: &Option<String>| match (glob, text) {
            (None, _) => true,
            (Some(glob), text) => text.as_deref().is_some_and(|text| glob.matches_ignore_case(text)),
        };
        if self.issuer.as_ref().is_some_and(|glob| !glob.matches_ignore_case(&subject.issuer)) {
            return Some(Refusal::Issuer);
        }
        if self.raw.as_ref().is_some_and(|glob| !glob.matches(&subject.raw)) {
            return Some(Refusal::Raw);
        }
        if !admits(&self.owner, &subject.owner) {
            return Some(Refusal::Owner);
        }
        if !admits(&self.repo, &subject.repository) {
            return Some(Refusal::Repository);
        }
        match (&self.owner_id, &subject.owner_id) {
            (Some(_), None) => return Some(Refusal::NoOwnerId),
            (Some(pinned), Some(id)) if pinned != id => return Some(Refusal::OwnerId),
            _ => {}
        }
        match (&self.repo_id, &subject.repository_id) {
            (Some(_), None) => Some(Refusal::NoRepositoryId),
            (Some(pinned), Some(id)) if pinned != id => Some(Refusal::RepositoryId),
            _ => None,
        }
    }

    fn refusal_of_context(&self, subject: &Subject) -> Option<Refusal> {
        let (namespace, service_account) = match &subject.context {
            Context::ServiceAccount { namespace, name } => (Some(namespace.as_str()), Some(name.as_str())),
            _ => (None, None),
        };
        let (project, workspace, run_phase) = match &subject.context {
            Context::Workspace { project, workspace, run_phase } => {
                (project.as_deref(), Some(workspace.as_str()), Some(run_phase.as_str()))
            }
            _ => (None, None, None),
        };
        let git_ref = subject.git_ref();
        let is_pull_request = subject.context == Context::PullRequest;
        if self.pull_request.is_some_and(|wanted| wanted != is_pull_request) {
            return Some(Refusal::PullRequest);
        }
        [
            (&self.git_ref, git_ref.as_deref(), Refusal::Ref),
            (&self.environment, subject.environment(), Refusal::Environment),
            (&self.project, project, Refusal::Project),
            (&self.workspace, workspace, Refusal::Workspace),
            (&self.run_phase, run_phase, Refusal::RunPhase),
            (&self.namespace, namespace, Refusal::Namespace),
            (&self.service_account, service_account, Refusal::ServiceAccount),
        ]
        .into_iter()
        .find(|(glob, text, _)| glob.as_ref().is_some_and(|glob| !text.is_some_and(|text| glob.matches(text))))
        .map(|(_, _, refusal)| refusal)
    }
}
