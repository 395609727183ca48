//! What names runs, repositories and people.

use std::sync::Arc;

/// Which CI system says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// GitHub Actions, on github.com, GHE.com or an Enterprise Server.
    GitHub,
    /// GitLab CI/CD.
    GitLab,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Buildkite.
    Buildkite,
    /// CircleCI.
    CircleCi,
    /// HCP Terraform.
    HcpTerraform,
}

impl System {
    /// Returns the id of the provider that signs its tokens.
    pub fn provider(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Bitbucket => "bitbucket",
            Self::Buildkite => "buildkite",
            Self::CircleCi => "circleci",
            Self::HcpTerraform => "hcp-terraform",
        }
    }
}

/// Names a run: ids of runs are unique on their host, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunKey {
    /// GitHub's run id, GitLab's pipeline id, the UUID of a Bitbucket pipeline (without braces), the id of a Buildkite build.
    /// It comes first: keys are compared all the time, and most of them have one host.
    pub id: Box<str>,
    /// Where it ran: `github.com`, or the host of a server, in lower case.
    pub host: Arc<str>,
    /// Whose run it is.
    pub system: System,
}

/// Names a repository (a project, a pipeline) of a host, as files that know no ids do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Whose it is.
    pub system: System,
    /// The host, in lower case.
    pub host: Arc<str>,
    /// `owner/name`, in lower case.
    pub name: Arc<str>,
}

/// Stands for a repository that no file names.
pub(super) fn nowhere() -> Place {
    Place { system: System::GitHub, host: "".into(), name: "".into() }
}

/// Somebody: a person, or a program that acts under a name of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// The name they sign in with; of systems that have none, the name they show. `user 501` when no file has more than the
    /// number.
    pub login: Arc<str>,
    /// The system's number of them, which outlives the name.
    pub id: Option<u64>,
    /// True for programs: `github-actions[bot]`.
    pub is_bot: bool,
}
