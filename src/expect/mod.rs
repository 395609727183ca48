//! What did the owners say should happen? Reads `rolechain.toml` and answers the questions that rules ask of it.

mod arn;
pub mod baseline;
mod caller;
mod callers;
mod environment;
mod exception;
mod exceptions;
mod file;
mod file_environment;
mod file_exception;
mod file_role;
mod ground;
mod issuers;
mod keyed;
mod listed;
mod named;
mod network;
mod problem;
mod reader;
mod role;
mod roles;
pub mod schema;
mod sieve;
mod subject;
mod subjects;

use std::collections::BTreeMap;

pub use arn::{ArnPattern, account_and_name};
pub use caller::{CallerExpectation, ExternalId, ExternalIdExpectation, ExternalIds};
pub use callers::Callers;
pub use environment::{EnvironmentExpectation, Environments};
pub use exception::{Exception, MAX_EXCEPTION_DAYS};
pub use exceptions::Exceptions;
pub use ground::{Account, GithubOwner, Issuer, Keys, Limits, Org};
pub use issuers::Issuers;
pub use keyed::Keyed;
pub use listed::{ArnList, GlobList, NameList};
pub use network::{Network, NetworkError, NetworkFile, Networks};
pub use problem::{ExpectError, Problem, nearest};
pub use role::{RoleClass, RoleExpectation, SessionName};
pub use roles::Roles;
pub use subject::{Refusal, SubjectMatcher};
pub use subjects::Subjects;

use crate::model::finding::Finding;
use crate::model::finding::Severity;
use crate::model::lineage::Lineage;
use crate::model::origin::OriginKind;
use crate::provider::{self, Subject};

/// What the owners expect. The default expects nothing: an open world.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// `[org]`.
    pub org: Org,
    /// `[[account]]`, in the order of the file.
    pub accounts: Keyed<Account>,
    /// `[[issuer]]`, in the order of the file.
    pub issuers: Issuers,
    /// `[[role]]`, in the order of the file.
    pub roles: Roles,
    /// `[[environment]]`, in the order of the file.
    pub environments: Environments,
    /// `[keys]`.
    pub keys: Keys,
    /// `[limits]`.
    pub limits: Limits,
    /// `[networks]`.
    pub networks: Networks,
    /// `[severity]`: grades by rule id.
    pub severity: BTreeMap<String, Severity>,
    /// `[[exception]]`, in the order of the file.
    pub exceptions: Exceptions,
}

impl Expectations {
    /// True when no account, role or issuer is declared, as without a file.
    pub fn says_nothing(&self) -> bool {
        self.accounts.is_empty() && self.roles.is_empty() && self.issuers.is_empty()
    }

    /// Returns the declared account.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.named(id)
    }

    /// True when the account is declared, `None` when no account is: then nobody can say.
    pub fn is_own_account(&self, id: &str) -> Option<bool> {
        (!self.accounts.is_empty()).then(|| self.account(id).is_some())
    }

    /// The GitHub owners that are declared. Empty: nothing is said.
    pub fn github_owners(&self) -> &[GithubOwner] {
        &self.org.github_owners
    }

    /// Returns the declared GitHub owner of this name; case does not matter.
    pub fn github_owner(&self, name: &str) -> Option<&GithubOwner> {
        self.org.github_owners.named(&name.to_ascii_lowercase())
    }

    /// Returns the declared GitHub owner of this id.
    pub fn github_owner_of_id(&self, id: &str) -> Option<&GithubOwner> {
        self.org.github_owner_ids.named(id)
    }

    /// Returns the declared issuer: `host` is bare, with scheme, or an identity provider's ARN.
    pub fn issuer(&self, host: &str) -> Option<&Issuer> {
        self.issuers.of(provider::issuer_of(host))
    }

    /// Reads a subject; the kind that the file gives to its issuer decides the grammar, else the issuer's host does. A
    /// repository whose id is pinned has the name that it is pinned with, whatever the token calls it.
    pub fn parse_subject(&self, issuer: &str, subject: &str) -> Subject {
        let mut subject = provider::Issuer::of(self.issuers.kinds(), issuer).parse(subject);
        let of_org = subject.owner_id.as_deref().and_then(|id| self.github_owner_of_id(id));
        let of_org = of_org.filter(|_| subject.is_from("github") && subject.has_shared_host());
        let (of_org, pinned) = (of_org.map(|owner| owner.name.as_str()), self.roles.owner_of_id(&subject));
        // A repository that went to another owner keeps its id, and is not the same any more.
        let named = [of_org, pinned, subject.owner.as_deref()];
        let is_same = |owner: &str| named.into_iter().flatten().any(|known| known.eq_ignore_ascii_case(owner));
        let of_repository = self.roles.repository_of_id(&subject).and_then(|known| known.split_once('/'));
        let of_repository = of_repository.filter(|(owner, _)| is_same(owner));
        let of_owner = || of_org.or(pinned).zip(subject.repository_name.as_deref());
        let known = of_repository.or_else(of_owner).map(|(owner, name)| (owner.to_owned(), name.to_owned()));
        if let Some((owner, name)) = known {
            subject.rename(&owner, &name);
        }
        subject
    }

    /// Reads the subject of every token in the logs, once for all that look at it.
    pub fn read_tokens(&self, lineage: &mut Lineage) {
        lineage.kinds = self.issuers.kinds().clone();
        for origin in lineage.origins.iter_mut().filter(|origin| origin.kind == OriginKind::Oidc) {
            let Some(issuer) = origin.provider.as_deref() else { continue };
            origin.token = origin.subject.as_deref().map(|subject| self.parse_subject(issuer, subject));
            let is_for_jobs = provider::Issuer::of(&lineage.kinds, issuer).is_for_pipelines();
            origin.is_pipeline = is_for_jobs && !origin.token.as_ref().is_some_and(Subject::is_log_stream);
        }
        let symbols = &lineage.observations.symbols;
        for run in &mut lineage.denied {
            let text = |sym| symbols.opt(sym).unwrap_or_default();
            let is_token = run.provider.or(run.subject).is_some();
            run.token = is_token.then(|| self.parse_subject(text(run.provider), text(run.subject)));
        }
    }

    /// Keeps of what the owners say of which kinds their issuers are, and nothing else.
    #[must_use]
    pub fn kinds_alone(self) -> Self {
        Self { issuers: self.issuers.kinds_alone(), ..Self::default() }
    }

    /// Returns what is expected of the role: by its exact ARN, then by its name when either side leaves the path out,
    /// then by the narrowest glob.
    pub fn role(&self, role_arn: &str) -> Option<&RoleExpectation> {
        self.roles.of(role_arn)
    }

    /// Returns the line of the file that speaks of each finding, by fingerprint, where there is one: that of its role, or
    /// of the exception that it is about.
    pub fn lines_of(&self, findings: &[Finding]) -> BTreeMap<String, usize> {
        let line = |finding: &Finding| match (finding.key.get("detection"), finding.key.get("match")) {
            (Some(rule), Some(matched)) => self.exception(rule, matched).map(|exception| exception.line),
            _ => self.role(finding.key.get("role_arn")?).map(|role| role.line),
        };
        findings.iter().filter_map(|finding| Some((finding.fingerprint.clone(), line(finding)?))).collect()
    }

    /// Returns the exception for a rule with this match, as [`Exception::matched`] tells it.
    pub fn exception(&self, rule: &str, matched: &str) -> Option<&Exception> {
        self.exceptions.matching(rule, matched)
    }

    /// Returns the environment of the role, else that of its account.
    pub fn env_of_role(&self, role_arn: &str) -> Option<&str> {
        let of_role = self.role(role_arn).and_then(|role| role.env.as_deref());
        of_role.or_else(|| self.account(role_arn.split(':').nth(4)?)?.env.as_deref())
    }

    /// True when the principal changes trust policies by trade.
    pub fn is_iac_role(&self, role_arn: &str) -> bool {
        self.org.iac_roles.has(role_arn)
    }
}
