//! The subject of a token in parts: the words for what every provider's subjects say.

use std::fmt;

/// How the subject of GitHub's Actions Data Stream begins, and the claim that it is kept as.
pub const DATA_STREAM: &str = "actions-data-stream";

/// How a subject names the place it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectForm {
    /// By names that can be given up and taken by somebody else.
    Mutable,
    /// By ids that are never given twice.
    Immutable,
    /// By a template of its owner's choice.
    Custom,
    /// In a grammar that is not known: only the raw text is there.
    #[default]
    Opaque,
}

impl SubjectForm {
    /// The word for it in columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mutable => "mutable",
            Self::Immutable => "immutable",
            Self::Custom => "custom",
            Self::Opaque => "opaque",
        }
    }
}

impl fmt::Display for SubjectForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What, inside its repository or organization, the token was issued to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// A branch, without `refs/heads/`.
    Branch(String),
    /// A tag, without `refs/tags/`.
    Tag(String),
    /// A pull request: bound to no branch.
    PullRequest,
    /// A deployment environment.
    Environment(String),
    /// A Kubernetes service account.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A Terraform workspace.
    Workspace {
        /// The project that holds it; subjects from before projects existed name none.
        project: Option<String>,
        /// Its name.
        workspace: String,
        /// `plan` or `apply`.
        run_phase: String,
    },
    /// The subject names no context.
    #[default]
    None,
    /// A context that has no word here, as the subject writes it.
    Other(String),
}

impl Context {
    /// Reads a full git ref: `refs/heads/…`, `refs/tags/…`, `refs/pull/…`.
    pub fn from_git_ref(git_ref: &str) -> Self {
        if let Some(branch) = git_ref.strip_prefix("refs/heads/") {
            Self::Branch(branch.to_owned())
        } else if let Some(tag) = git_ref.strip_prefix("refs/tags/") {
            Self::Tag(tag.to_owned())
        } else if git_ref.starts_with("refs/pull/") {
            Self::PullRequest
        } else {
            Self::Other(format!("ref:{git_ref}"))
        }
    }

    /// The word for its kind in columns: `branch`, `environment`, …
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Branch(_) => "branch",
            Self::Tag(_) => "tag",
            Self::PullRequest => "pull_request",
            Self::Environment(_) => "environment",
            Self::ServiceAccount { .. } => "service_account",
            Self::Workspace { .. } => "workspace",
            Self::None => "none",
            Self::Other(_) => "other",
        }
    }
}

impl fmt::Display for Context {
    /// Writes it for people: `branch main`, `environment prod`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(name) => write!(f, "branch {name}"),
            Self::Tag(name) => write!(f, "tag {name}"),
            Self::PullRequest => f.write_str("pull request"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::ServiceAccount { namespace, name } => write!(f, "service account {namespace}/{name}"),
            Self::Workspace { project: Some(project), workspace, run_phase } => {
                write!(f, "workspace {workspace} of project {project}, {run_phase}")
            }
            Self::Workspace { project: None, workspace, run_phase } => write!(f, "workspace {workspace}, {run_phase}"),
            Self::None => f.write_str("no context"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// The subject of a token, in parts. Only `raw` is always there; parts that the text does not state are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The id of the provider whose grammar was used, when the issuer is recognized.
    pub provider: Option<&'static str>,
    /// The issuer, without scheme.
    pub issuer: String,
    /// The subject as the log has it.
    pub raw: String,
    /// How it names the place it comes from.
    pub form: SubjectForm,
    /// The organization, user, group, team or workspace that owns the repository.
    pub owner: Option<String>,
    /// The provider's id of the owner.
    pub owner_id: Option<String>,
    /// `owner/name` without ids; for some providers a project or pipeline takes the repository's place.
    pub repository: Option<String>,
    /// The repository without its owner.
    pub repository_name: Option<String>,
    /// The provider's id of the repository.
    pub repository_id: Option<String>,
    /// What the token was issued to.
    pub context: Context,
    /// The name that the token bears (`owner/name`), where the owners know the same ids under another name. The parts above
    /// hold the name that is known.
    pub bears: Option<String>,
    /// What else the subject states, in its order: claim and value.
    pub extra: Vec<(String, String)>,
}

impl Subject {
    /// Sets owner, name and `owner/name` together, so that they always agree.
    pub fn set_repository(&mut self, owner: &str, name: &str) {
        self.owner = Some(owner.to_owned());
        self.repository_name = Some(name.to_owned());
        self.repository = Some(format!("{owner}/{name}"));
    }

    /// Gives the repository the name that it is known by. Ids outlive names.
    pub fn rename(&mut self, owner: &str, name: &str) {
        let Some(borne) = self.repository.clone() else { return };
        self.set_repository(owner, name);
        if self.repository.as_ref().is_some_and(|known| !known.eq_ignore_ascii_case(&borne)) {
            self.bears = Some(borne);
        }
    }

    /// Returns the name of the repository that the token bears, whatever it is known by.
    pub fn borne(&self) -> Option<&str> {
        self.bears.as_deref().or(self.repository.as_deref())
    }

    /// Returns the name of the owner that the token bears, whatever it is known by.
    pub fn borne_owner(&self) -> Option<&str> {
        let borne = self.bears.as_deref().and_then(|borne| borne.split('/').next());
        borne.or(self.owner.as_deref())
    }

    /// True when the subject carries the repository's id.
    pub fn has_ids(&self) -> bool {
        self.repository_id.is_some()
    }

    /// Returns the value of a claim that has no field of its own.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.extra.iter().find(|(claim, _)| claim == name).map(|(_, value)| value.as_str())
    }

    /// Returns the subject's text without numeric ids: `repo:acme/orders:environment:prod`.
    ///
    /// Two subjects with the same stripped text are the mutable and the immutable spelling of one another.
    pub fn stripped(&self) -> String {
        let borne = self.borne().and_then(|name| name.split_once('/'));
        match (borne, &self.owner_id, &self.repository_id) {
            (Some((owner, name)), Some(owner_id), Some(id)) => {
                self.raw.replacen(&format!("{owner}@{owner_id}/{name}@{id}"), &format!("{owner}/{name}"), 1)
            }
            _ => self.raw.clone(),
        }
    }

    /// True when both name the same repository on the same host; owner and name compare case-insensitively.
    ///
    /// Ids are not compared: the same name with another id is a taken-over name, which callers want to see.
    pub fn is_same_repository(&self, other: &Self) -> bool {
        match (&self.repository, &other.repository) {
            (Some(mine), Some(theirs)) => {
                self.provider == other.provider
                    && self.host().eq_ignore_ascii_case(other.host())
                    && mine.eq_ignore_ascii_case(theirs)
            }
            _ => false,
        }
    }

    /// Returns the branch or tag, without `refs/…/`, when the subject states one.
    pub fn ref_name(&self) -> Option<&str> {
        match &self.context {
            Context::Branch(name) | Context::Tag(name) => Some(name),
            _ => {
                let git_ref = self.claim("ref")?;
                git_ref.strip_prefix("refs/heads/").or_else(|| git_ref.strip_prefix("refs/tags/"))
            }
        }
    }

    /// Returns the full git ref (`refs/heads/main`) when the subject states one.
    pub fn git_ref(&self) -> Option<String> {
        match &self.context {
            Context::Branch(name) => Some(format!("refs/heads/{name}")),
            Context::Tag(name) => Some(format!("refs/tags/{name}")),
            _ => self.claim("ref").map(str::to_owned),
        }
    }

    /// Returns the deployment environment, when the subject states one.
    pub fn environment(&self) -> Option<&str> {
        match &self.context {
            Context::Environment(name) => Some(name),
            _ => None,
        }
    }

    /// True for a subject of the provider called `id`.
    pub fn is_from(&self, id: &str) -> bool {
        self.provider == Some(id)
    }

    /// True when GitHub itself holds the token, to deliver logs: the audit log of an enterprise, or the events of Actions.
    pub fn is_log_stream(&self) -> bool {
        self.is_from("github-audit-log") || self.claim(DATA_STREAM).is_some()
    }

    /// True for github.com, whatever the enterprise that its issuer names: ids are of the host.
    pub fn has_shared_host(&self) -> bool {
        self.host().eq_ignore_ascii_case("token.actions.githubusercontent.com")
    }

    fn host(&self) -> &str {
        self.issuer.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Subject {
    /// Writes the raw text. It is foreign: escape it for the medium at hand.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.raw)
    }
}
