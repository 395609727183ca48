//! What is expected of one role: who may enter it, from where, and what it may do.

use std::collections::BTreeSet;
use std::fmt;

use regex_lite::Regex;

use super::arn::ArnPattern;
use super::caller::CallerExpectation;
use super::callers::Callers;
use super::listed::GlobList;
use super::subject::Refusal;
use super::subjects::Subjects;
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
    pub subjects: Subjects,
    /// What its session names look like.
    pub session_name: Option<SessionName>,
    /// How long its sessions may last.
    pub max_session_seconds: Option<u64>,
    /// The actions it may call, as globs over `service:Action`. Empty: nothing is said about actions.
    pub may: GlobList,
    /// True when it manages users, roles and providers by trade.
    pub manages_iam: bool,
    /// The repositories that may stand at the far end of its chains. Empty: nothing is said.
    pub repos: GlobList,
    /// The kinds of origin its chains may have. Empty: nothing is said.
    pub origin: BTreeSet<OriginKind>,
    /// The session tags that its sessions must carry.
    pub session_tags: Vec<String>,
    /// True when every session of it must belong to a run of a CI system.
    pub needs_run: bool,
    /// Who may assume it. Empty: nothing is said.
    pub from: Callers,
    /// True when this was learned from logs and no person has confirmed it.
    pub learned: bool,
    /// The line of the file it begins at, to name it in reports.
    pub line: usize,
}

impl RoleExpectation {
    /// Returns why no matcher admits the subject: the word of the matcher that came closest.
    pub fn subject_refusal(&self, subject: &Subject) -> Option<Refusal> {
        self.subjects.refusal(subject)
    }

    /// True when the role may call `action`, written `service:Action`. Actions compare case-insensitively, as in IAM.
    pub fn may_call(&self, action: &str) -> bool {
        self.may.fits(action)
    }

    /// True when `repository` (`owner/name`) is listed in `repos`.
    pub fn admits_repository(&self, repository: &str) -> bool {
        self.repos.fits(repository)
    }

    /// True when `origin` is listed. `kind` is the word that reports use: `oidc`, `long_term_key`, …
    pub fn admits_origin(&self, kind: &str) -> bool {
        self.origin.iter().any(|origin| origin.name() == kind)
    }

    /// Returns the caller expectation that speaks of this caller: one that names the principal before one that names
    /// only the account.
    pub fn caller(&self, principal_arn: Option<&str>, account: Option<&str>) -> Option<&CallerExpectation> {
        self.from.of(principal_arn, account)
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
