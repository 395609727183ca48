//! One caller that may assume a role, and the external ids that it must send.

use std::collections::BTreeSet;
use std::ops::Deref;

use sha2::Digest as _;
use sha2::Sha256;

use super::arn::ArnPattern;

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

    /// Returns the account that it names, by itself or with the principal.
    pub fn named_account(&self) -> Option<&str> {
        self.account.as_deref().or_else(|| self.principal.as_ref()?.account())
    }

    /// Sorts the ones that name a principal first, and of those the narrow ones.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        (self.principal.is_none(), self.principal.as_ref().map(ArnPattern::width))
    }
}

/// Which external ids are expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalIdExpectation {
    /// One must be present; its value is not pinned.
    Any,
    /// One of these values must be present.
    OneOf(ExternalIds),
}

/// One expected value of an external id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
            (Self::OneOf(expected), Some(value)) => expected.has(value),
        }
    }
}

/// Expected values, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalIds {
    all: Vec<ExternalId>,
    known: BTreeSet<ExternalId>,
}

impl ExternalIds {
    fn has(&self, value: &str) -> bool {
        let is_hashed = || self.known.contains(&ExternalId::Sha256(Sha256::digest(value.as_bytes()).into()));
        self.known.contains(&ExternalId::Literal(value.to_owned())) || is_hashed()
    }

    /// Adds others.
    pub(super) fn extend(&mut self, more: Self) {
        self.all.extend(more.all);
        self.known.extend(more.known);
    }
}

impl FromIterator<ExternalId> for ExternalIds {
    fn from_iter<I: IntoIterator<Item = ExternalId>>(ids: I) -> Self {
        let all: Vec<ExternalId> = ids.into_iter().collect();
        Self { known: all.iter().cloned().collect(), all }
    }
}

impl Deref for ExternalIds {
    type Target = [ExternalId];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}
