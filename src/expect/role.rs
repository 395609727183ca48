//! What is expected of one role: who may enter it, from where, and what it may do.

use std::fmt;

use regex_lite::Regex;
use sha2::{Digest, Sha256};

use super::arn::ArnPattern;
use super::subject::{Refusal, SubjectMatcher};
use crate::model::glob::Glob;
use crate::model::origin::OriginKind;
use crate::provider::Subject;

/// What a role is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleClass {
    /// The first role a token enters: a hallway, no work is done in it.
    Entry,
    /// The role that deploys.
    Deploy,
    /// The role of a running application.
    Workload,
    /// The role of people.
    Human,
    /// The role of people in an emergency.
    BreakGlass,
    /// The role of a third party.
    Vendor,
    /// The role of an AWS service.
    Service,
}

impl RoleClass {
    /// Every class, by its word.
    pub const WORDS: &[(&str, Self)] = &[
        ("entry", Self::Entry),
        ("deploy", Self::Deploy),
        ("workload", Self::Workload),
        ("human", Self::Human),
        ("break-glass", Self::BreakGlass),
        ("vendor", Self::Vendor),
        ("service", Self::Service),
    ];

    /// The word for it in the file.
    pub fn as_str(self) -> &'static str {
        word_of(Self::WORDS, self)
    }
}

fn word_of<T: Copy + PartialEq>(words: &[(&'static str, T)], wanted: T) -> &'static str {
    words.iter().find(|(_, value)| *value == wanted).map_or("", |(word, _)| word)
}

/// What one `[[role]]` says.
#[derive(Clone, Debug)]
pub struct RoleExpectation {
    /// The role, or a glob over roles.
    pub arn: ArnPattern,
    /// What the role is for.
    pub class: Option<RoleClass>,
    /// The environment that it acts in.
    pub env: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The tokens that may enter it. Empty: nothing is said about tokens.
    pub subjects: Vec<SubjectMatcher>,
    /// What its session names look like.
    pub session_name: Option<SessionName>,
    /// How long its sessions may last.
    pub max_session_seconds: Option<u64>,
    /// The actions it may call, as globs over `service:Action`. Empty: nothing is said about actions.
    pub may: Vec<Glob>,
    /// True when it manages users, roles and providers by trade.
    pub manages_iam: bool,
    /// The repositories that may stand at the far end of its chains. Empty: nothing is said.
    pub repos: Vec<Glob>,
    /// The kinds of origin its chains may have. Empty: nothing is said.
    pub origin: Vec<OriginKind>,
    /// The session tags that its sessions must carry.
    pub session_tags: Vec<String>,
    /// Who may assume it. Empty: nothing is said.
    pub from: Vec<CallerExpectation>,
    /// True when this was learned from logs and no person has confirmed it.
    pub learned: bool,
    /// The line of the file it begins at, to name it in reports.
    pub line: usize,
}

impl RoleExpectation {
    /// True when `subjects` admits the subject.
    pub fn admits_subject(&self, subject: &Subject) -> bool {
        self.subjects.iter().any(|matcher| matcher.matches(subject))
    }

    /// Returns why no matcher admits the subject: the word of the matcher that came closest.
    pub fn subject_refusal(&self, subject: &Subject) -> Option<Refusal> {
        let refusals = self.subjects.iter().map(|matcher| matcher.refusal(subject));
        refusals.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// True when the role may call `action`, written `service:Action`. Actions compare case-insensitively, as in IAM.
    pub fn may_call(&self, action: &str) -> bool {
        self.may.iter().any(|glob| glob.matches_ignore_case(action))
    }

    /// True when `repository` (`owner/name`) is listed in `repos`.
    pub fn admits_repository(&self, repository: &str) -> bool {
        self.repos.iter().any(|glob| glob.matches_ignore_case(repository))
    }

    /// True when `origin` is listed. `kind` is the word that reports use: `oidc`, `long_term_key`, …
    pub fn admits_origin(&self, kind: &str) -> bool {
        self.origin.iter().any(|origin| origin.name() == kind)
    }

    /// Returns the caller expectation that speaks of this caller: one that names the principal before one that names
    /// only the account.
    pub fn caller(&self, principal_arn: Option<&str>, account: Option<&str>) -> Option<&CallerExpectation> {
        let mut callers: Vec<_> = self.from.iter().filter(|from| from.admits(principal_arn, account)).collect();
        callers.sort_by_key(|from| (from.principal.is_none(), from.principal.as_ref().map(ArnPattern::width)));
        callers.first().copied()
    }
}

/// What one `[[role.from]]` says: a caller that may assume the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerExpectation {
    /// The calling role or user, or a glob.
    pub principal: Option<ArnPattern>,
    /// The account of the caller.
    pub account: Option<String>,
    /// The external id that the caller must send. `None`: nothing is said.
    pub external_id: Option<ExternalIdExpectation>,
}

impl CallerExpectation {
    /// True when this speaks of the caller. Of a principal that the log does not name, only the account is compared:
    /// the copy of a call in the role's account often says no more.
    pub fn admits(&self, principal_arn: Option<&str>, account: Option<&str>) -> bool {
        let by_principal = self.principal.as_ref().is_none_or(|pattern| match (principal_arn, account) {
            (Some(arn), _) => pattern.matches(arn),
            (None, Some(account)) => pattern.account().is_none_or(|wanted| wanted == account),
            (None, None) => false,
        });
        let by_account = self.account.as_deref().is_none_or(|wanted| {
            let account = account.or_else(|| principal_arn.and_then(|arn| arn.split(':').nth(4)));
            account == Some(wanted)
        });
        by_principal && by_account
    }
}

/// Which external ids are expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalIdExpectation {
    /// One must be present; its value is not pinned.
    Any,
    /// One of these values must be present.
    OneOf(Vec<ExternalId>),
}

/// One expected value of an external id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalId {
    /// The value itself.
    Literal(String),
    /// The SHA-256 of the value, so that the file need not hold it.
    Sha256([u8; 32]),
}

impl ExternalIdExpectation {
    /// True when the external id of a call, if it had one, is expected.
    pub fn admits(&self, external_id: Option<&str>) -> bool {
        match (self, external_id) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::OneOf(expected), Some(value)) => expected.iter().any(|id| id.is(value)),
        }
    }
}

impl ExternalId {
    fn is(&self, value: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == value,
            Self::Sha256(digest) => Sha256::digest(value.as_bytes()).as_slice() == digest,
        }
    }
}

/// A regular expression over role session names.
#[derive(Clone, Debug)]
pub struct SessionName(Regex);

impl SessionName {
    /// Compiles the expression.
    pub fn new(expression: &str) -> Result<Self, String> {
        Regex::new(expression).map(Self).map_err(|error| error.to_string())
    }

    /// True when the expression is found in `name`; anchor it with `^` and `$` to bind the whole.
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
