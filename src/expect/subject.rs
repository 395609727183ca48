//! Matchers for subjects: which tokens may enter a role.

use std::borrow::Cow;
use std::fmt;

use super::sieve::Comparison;
use crate::model::glob;
use crate::model::glob::Glob;
use crate::provider::{Context, Subject};

/// One entry of a role's `subjects`. Every key that is given must hold; one that is not given admits anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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

/// A key that a matcher may give, in the order in which they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Issuer,
    Raw,
    Owner,
    Repository,
    OwnerId,
    RepositoryId,
    PullRequest,
    Ref,
    Environment,
    Project,
    Workspace,
    RunPhase,
    Namespace,
    ServiceAccount,
}

impl Key {
    pub(super) const ALL: [Self; 14] = [
        Self::Issuer,
        Self::Raw,
        Self::Owner,
        Self::Repository,
        Self::OwnerId,
        Self::RepositoryId,
        Self::PullRequest,
        Self::Ref,
        Self::Environment,
        Self::Project,
        Self::Workspace,
        Self::RunPhase,
        Self::Namespace,
        Self::ServiceAccount,
    ];

    pub(super) fn comparison(self) -> Comparison {
        match self {
            Self::Issuer | Self::Owner | Self::Repository => Comparison::AnyCase,
            Self::OwnerId | Self::RepositoryId | Self::PullRequest => Comparison::Same,
            _ => Comparison::Glob,
        }
    }

    /// Returns what a subject says of it.
    pub(super) fn said(self, subject: &Subject) -> Option<Cow<'_, str>> {
        let said = match (self, &subject.context) {
            (Self::Issuer, _) => Some(&*subject.issuer),
            (Self::Raw, _) => Some(&*subject.raw),
            (Self::Owner, _) => subject.owner.as_deref(),
            (Self::Repository, _) => subject.repository.as_deref(),
            (Self::OwnerId, _) => subject.owner_id.as_deref(),
            (Self::RepositoryId, _) => subject.repository_id.as_deref(),
            (Self::PullRequest, context) => Some(yes_or_no(*context == Context::PullRequest)),
            (Self::Ref, _) => return subject.git_ref().map(Cow::Owned),
            (Self::Environment, _) => subject.environment(),
            (Self::Project, Context::Workspace { project, .. }) => project.as_deref(),
            (Self::Workspace, Context::Workspace { workspace, .. }) => Some(&**workspace),
            (Self::RunPhase, Context::Workspace { run_phase, .. }) => Some(&**run_phase),
            (Self::Namespace, Context::ServiceAccount { namespace, .. }) => Some(&**namespace),
            (Self::ServiceAccount, Context::ServiceAccount { name, .. }) => Some(&**name),
            _ => None,
        };
        said.map(Cow::Borrowed)
    }

    /// Returns why a matcher that asks for something else than what the subject says refuses it.
    pub(super) fn refusal(self, said: Option<&str>) -> Refusal {
        match (self, said) {
            (Self::Issuer, _) => Refusal::Issuer,
            (Self::Raw, _) => Refusal::Raw,
            (Self::Owner, _) => Refusal::Owner,
            (Self::Repository, _) => Refusal::Repository,
            (Self::OwnerId, None) => Refusal::NoOwnerId,
            (Self::OwnerId, Some(_)) => Refusal::OwnerId,
            (Self::RepositoryId, None) => Refusal::NoRepositoryId,
            (Self::RepositoryId, Some(_)) => Refusal::RepositoryId,
            (Self::PullRequest, _) => Refusal::PullRequest,
            (Self::Ref, _) => Refusal::Ref,
            (Self::Environment, _) => Refusal::Environment,
            (Self::Project, _) => Refusal::Project,
            (Self::Workspace, _) => Refusal::Workspace,
            (Self::RunPhase, _) => Refusal::RunPhase,
            (Self::Namespace, _) => Refusal::Namespace,
            (Self::ServiceAccount, _) => Refusal::ServiceAccount,
        }
    }
}

fn yes_or_no(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

/// Returns the owner in a pattern of repositories, `owner/name`.
pub(super) fn owner_of(repo: &Glob) -> Option<Glob> {
    Glob::new(repo.as_str().split_once('/')?.0)
}

impl SubjectMatcher {
    /// True when the matcher admits the subject.
    pub fn matches(&self, subject: &Subject) -> bool {
        self.refusal(subject).is_none()
    }

    /// Returns the owner that the matcher names, by itself or before the name of a repository.
    pub fn named_owner(&self) -> Option<Glob> {
        self.owner.clone().or_else(|| owner_of(self.repo.as_ref()?))
    }

    /// Returns why the matcher does not admit the subject, or `None` when it does.
    pub fn refusal(&self, subject: &Subject) -> Option<Refusal> {
        let refuses = |key: Key| {
            let asked = self.asked(key)?;
            let said = key.said(subject);
            let is_fit = said.as_deref().is_some_and(|said| match key.comparison() {
                Comparison::AnyCase => glob::matches_ignore_case(asked, said),
                Comparison::Glob => glob::matches(asked, said),
                Comparison::Same => asked == said,
            });
            (!is_fit).then(|| key.refusal(said.as_deref()))
        };
        Key::ALL.into_iter().find_map(refuses)
    }

    /// Returns what the matcher asks for under a key.
    pub(super) fn asked(&self, key: Key) -> Option<&str> {
        let glob = match key {
            Key::Issuer => &self.issuer,
            Key::Raw => &self.raw,
            Key::Owner => &self.owner,
            Key::Repository => &self.repo,
            Key::OwnerId => return self.owner_id.as_deref(),
            Key::RepositoryId => return self.repo_id.as_deref(),
            Key::PullRequest => return self.pull_request.map(yes_or_no),
            Key::Ref => &self.git_ref,
            Key::Environment => &self.environment,
            Key::Project => &self.project,
            Key::Workspace => &self.workspace,
            Key::RunPhase => &self.run_phase,
            Key::Namespace => &self.namespace,
            Key::ServiceAccount => &self.service_account,
        };
        glob.as_ref().map(Glob::as_str)
    }
}
