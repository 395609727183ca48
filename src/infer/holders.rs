//! Holders: which roles of an account may assume which roles, by their own policies. Looked up, not searched.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::material::Name;
use super::material::Role;
use crate::trust::like;

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
    /// Collects them.
    pub(super) fn of(roles: &BTreeMap<Name, Role<'_>>) -> Self {
        let mut holders = Self::default();
        for ((account, _), role) in roles {
            for pattern in role.details.iter().flat_map(|details| &details.may_assume) {
                let of_account = holders.0.entry(account.clone()).or_default();
                let is_open = pattern.contains(['*', '?', '$']);
                let patterns = if is_open { &mut of_account.open } else { &mut of_account.exact };
                patterns.entry(pattern.clone()).or_default().insert(role.arn.clone());
            }
        }
        holders
    }

    /// Returns the roles of an account whose own policies let them assume a role.
    pub(super) fn get(&self, account: &str, role_arn: &str) -> Vec<String> {
        let Some(of_account) = self.0.get(account) else { return Vec::new() };
        let open = of_account.open.iter().filter(|(pattern, _)| like::matches(pattern, role_arn));
        let found = of_account.exact.get(role_arn).into_iter().chain(open.map(|(_, holders)| holders));
        let found: BTreeSet<&String> = found.flatten().filter(|holder| *holder != role_arn).collect();
        found.into_iter().cloned().collect()
    }
}
