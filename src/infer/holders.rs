//! Holders: which roles of an account may assume which roles, by their own policies. Looked up, not searched.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::model::glob;

/// The roles of one account that may assume others.
#[derive(Debug, Default)]
struct OfAccount {
    /// Holders by the one ARN that a pattern names.
    exact: BTreeMap<String, BTreeSet<String>>,
    /// Holders by a pattern with wildcards.
    open: BTreeMap<String, BTreeSet<String>>,
}

/// The roles that may assume others, by account.
#[derive(Debug, Default)]
pub(super) struct Holders(BTreeMap<String, OfAccount>);

impl Holders {
    /// Adds a role of an account, and the patterns of the roles that it may assume.
    pub(super) fn add(&mut self, account: &str, role_arn: &str, patterns: &[String]) {
        for pattern in patterns {
            let of_account = self.0.entry(account.to_owned()).or_default();
            let is_open = pattern.contains(['*', '?', '$']);
            let holders = if is_open { &mut of_account.open } else { &mut of_account.exact };
            holders.entry(pattern.clone()).or_default().insert(role_arn.to_owned());
        }
    }

    /// Returns the roles of an account whose own policies let them assume a role.
    pub(super) fn get(&self, account: &str, role_arn: &str) -> Vec<String> {
        let Some(of_account) = self.0.get(account) else { return Vec::new() };
        let open = of_account.open.iter().filter(|(pattern, _)| glob::matches(pattern, role_arn));
        let found = of_account.exact.get(role_arn).into_iter().chain(open.map(|(_, holders)| holders));
        let found: BTreeSet<&String> = found.flatten().filter(|holder| *holder != role_arn).collect();
        found.into_iter().cloned().collect()
    }
}
