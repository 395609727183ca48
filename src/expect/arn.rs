//! Patterns for the ARNs of roles and users, aware that assumed-role ARNs drop a role's path.

use std::cmp::Reverse;
use std::fmt;

use crate::model::arn;
use crate::model::glob::Glob;

/// A role's or user's ARN in which `*` and `?` are wildcards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArnPattern(Glob);

/// An ARN of IAM in parts.
struct Parts<'a> {
    account: &'a str,
    kind: &'a str,
    path: &'a str,
    name: &'a str,
}

impl ArnPattern {
    /// Takes an IAM ARN; says what is wrong with a bad one.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let fields: Vec<&str> = pattern.splitn(6, ':').collect();
        let [arn, partition, service, region, account, resource] = fields.as_slice() else {
            return Err(format!("{pattern:?} is not an ARN: it has the form arn:aws:iam::<account>:role/<name>"));
        };
        if *arn != "arn" || partition.is_empty() {
            return Err(format!("{pattern:?} is not an ARN: it begins with \"arn:aws:\" or another partition"));
        }
        if *service == "sts" {
            return Err(format!(
                "{pattern:?} is the ARN of a session: write its role, arn:{partition}:iam::<account>:role/<name>"
            ));
        }
        if *service != "iam" || !region.is_empty() {
            return Err(format!("{pattern:?} is not an IAM ARN: it begins with \"arn:{partition}:iam::\""));
        }
        if !is_account_pattern(account) {
            return Err(format!("{account:?} is not an account id of 12 digits, in the ARN {pattern:?}"));
        }
        if resource.is_empty() || resource.ends_with('/') {
            return Err(format!("the ARN {pattern:?} names no role or user"));
        }
        Glob::new(pattern).map(Self).ok_or_else(|| "the ARN is empty".to_owned())
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// True when the ARN has no wildcard.
    pub fn is_literal(&self) -> bool {
        self.0.is_literal()
    }

    /// What follows the account: `role/ci/deploy`.
    pub fn resource(&self) -> &str {
        self.as_str().splitn(6, ':').nth(5).unwrap_or_default()
    }

    /// The account, unless it is a wildcard.
    pub fn account(&self) -> Option<&str> {
        self.as_str().split(':').nth(4).filter(|account| account.bytes().all(|b| b.is_ascii_digit()))
    }

    /// True when `arn` fits, or names the same role or user with its path left out.
    pub fn matches(&self, arn: &str) -> bool {
        self.fits(arn) || self.has_same_name(arn)
    }

    /// True when `arn` fits as it is written.
    pub(super) fn fits(&self, arn: &str) -> bool {
        self.0.matches(arn)
    }

    /// True when both name one role (or user) and one of them leaves the path out.
    ///
    /// Names are unique in an account whatever the path, so a bare name cannot mean another role.
    pub(super) fn has_same_name(&self, arn: &str) -> bool {
        let (Some(mine), Some(theirs)) = (Parts::of(self.as_str()), Parts::of(arn)) else { return false };
        self.is_literal()
            && mine.account == theirs.account
            && mine.kind == theirs.kind
            && mine.name == theirs.name
            && (mine.path.is_empty() || theirs.path.is_empty() || mine.path == theirs.path)
    }

    /// Sorts narrow patterns before wide ones.
    pub(super) fn width(&self) -> impl Ord + use<> {
        (!self.is_literal(), Reverse(self.0.literal_chars()))
    }
}

impl fmt::Display for ArnPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'a> Parts<'a> {
    /// Reads `arn:…:iam::ACCOUNT:role/path/name` and `arn:…:sts::ACCOUNT:assumed-role/name/session`.
    fn of(arn: &'a str) -> Option<Self> {
        let mut fields = arn.splitn(6, ':');
        let service = fields.by_ref().nth(2)?;
        let account = fields.nth(1)?;
        let (kind, rest) = fields.next()?.split_once('/')?;
        if service == "sts" && kind == "assumed-role" {
            let name = rest.split('/').next()?;
            return Some(Self { account, kind: "role", path: "", name });
        }
        let (path, name) = rest.rsplit_once('/').unwrap_or(("", rest));
        Some(Self { account, kind, path, name })
    }
}

/// Returns account, kind and name of what an ARN names, without its path: what fits a literal pattern has them, too.
pub fn account_and_name(arn: &str) -> Option<String> {
    Parts::of(arn).map(|Parts { account, kind, name, .. }| format!("{account}/{kind}/{name}"))
}

fn is_account_pattern(text: &str) -> bool {
    arn::is_account_id(text)
        || (text.contains(['*', '?']) && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'?')))
}
