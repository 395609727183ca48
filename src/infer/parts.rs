//! The parts of a draft: what the file will say, before it is written.

use std::collections::BTreeSet;

use super::evidence;
use crate::expect::CallerExpectation;
use crate::expect::RoleClass;
use crate::expect::SubjectMatcher;
use crate::model::arn;
use crate::model::origin::OriginKind;
use crate::provider::Subject;

/// Everything that the file will say.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) head: Vec<String>,
    pub(super) org: Org,
    pub(super) accounts: Vec<Account>,
    pub(super) strangers: Vec<Stranger>,
    pub(super) issuers: Vec<Issuer>,
    pub(super) people: Vec<String>,
    pub(super) roles: Vec<Stanza>,
    pub(super) left_out: Vec<LeftOut>,
}

/// `[org]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Org {
    /// Owners on GitHub, each with its id when only one was seen.
    pub(super) owners: Vec<(String, Option<String>)>,
    pub(super) owners_comments: Vec<String>,
    /// Roles that change trust policies by trade, each with what it rests on.
    pub(super) iac_roles: Vec<(String, String)>,
}

/// One `[[account]]`.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) env: Option<String>,
    pub(super) comments: Vec<String>,
}

/// An account that is not declared, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stranger {
    pub(super) id: String,
    pub(super) deeds: Vec<String>,
}

/// One `[[issuer]]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Issuer {
    pub(super) url: String,
    pub(super) kind: Option<&'static str>,
    pub(super) audiences: BTreeSet<String>,
    pub(super) accounts: BTreeSet<String>,
    pub(super) comments: Vec<String>,
}

/// One entry of `subjects`, whom it speaks of, and what it rests on.
#[derive(Clone, Debug)]
pub(super) struct SubjectLine {
    pub(super) matcher: SubjectMatcher,
    /// A subject that it admits, when it was made from one.
    pub(super) subject: Option<Subject>,
    pub(super) comments: Vec<String>,
}

/// One `[[role]]`.
#[derive(Clone, Debug)]
pub(super) struct Stanza {
    pub(super) arn: String,
    pub(super) comments: Vec<String>,
    pub(super) class: Option<RoleClass>,
    pub(super) env: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) subjects: Vec<SubjectLine>,
    pub(super) from: Vec<CallerLine>,
    pub(super) origin: Option<OriginKind>,
    pub(super) repos: Vec<String>,
    pub(super) session_tags: Vec<String>,
    pub(super) max_session_seconds: Option<u64>,
    pub(super) learned: bool,
}

impl Stanza {
    /// Returns the account of the role.
    pub(super) fn account(&self) -> &str {
        arn::account(&self.arn).unwrap_or_default()
    }

    /// Returns the environment that the subjects agree on.
    pub(super) fn environment(&self) -> Option<String> {
        let of_line = |line: &SubjectLine| {
            let glob = line.matcher.environment.as_ref().filter(|glob| glob.is_literal());
            glob.map(|glob| glob.as_str().to_owned())
        };
        evidence::only(self.subjects.iter().map(of_line)).flatten()
    }

    /// Returns the repositories that the subjects name, when each names one.
    pub(super) fn repositories(&self) -> Option<BTreeSet<String>> {
        self.subjects.iter().map(|line| line.matcher.repo.as_ref().map(|repo| repo.as_str().to_owned())).collect()
    }
}

/// One entry of `[[role.from]]`, and what it rests on.
#[derive(Clone, Debug)]
pub(super) struct CallerLine {
    pub(super) expectation: CallerExpectation,
    pub(super) comments: Vec<String>,
}

/// What was left out, and why: so that a person can add it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LeftOut {
    /// The role it is about.
    pub(super) role: Option<String>,
    /// What it is.
    pub(super) what: String,
    /// Why it was left out.
    pub(super) why: String,
}
