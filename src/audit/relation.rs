//! Relations: whose is an account? The organization's own, a third party's, or one that nobody speaks of.

use std::collections::BTreeSet;

use crate::audit::rule::Context;
use crate::expect::Account;
use crate::expect::RoleClass;
use crate::model::arn;

/// Words with which owners declare accounts that are not their own.
const OUTSIDE: [&str; 6] = ["external", "outside", "partner", "supplier", "third-party", "vendor"];

/// How the names of roles begin that AWS makes for an organization's management account.
const MANAGEMENT_ROLES: [&str; 3] = ["AWSControlTowerExecution", "OrganizationAccountAccessRole", "stacksets-exec-"];

/// Whose an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Relation {
    /// The organization's: declared, or its log or a snapshot of it is here.
    Own,
    /// Somebody else's, because the owners declare their accounts and this is none of them.
    ThirdParty,
    /// Nobody declares any account, and this one has no records here: treated as a third party, and said so.
    Undeclared,
}

/// True for the names of roles that exist in every account for the organization's management account.
pub(super) fn is_for_management(name: &str) -> bool {
    MANAGEMENT_ROLES.iter().any(|role| name.starts_with(role))
}

/// What is known about accounts.
pub(super) struct Relations<'c, 'a> {
    context: &'c Context<'a>,
    covered: Vec<&'a str>,
    snapshotted: BTreeSet<&'a str>,
    /// Accounts that roles which are made for a third party name as their callers.
    vendors: BTreeSet<&'a str>,
}

impl<'c, 'a> Relations<'c, 'a> {
    /// Looks at which accounts have records or a snapshot.
    pub(super) fn new(context: &'c Context<'a>) -> Self {
        let roles = context.in_force.snapshots().iter().flat_map(|snapshot| &snapshot.roles);
        let snapshotted = roles.filter_map(|role| arn::account(role.arn.as_deref()?)).collect();
        let expectations = context.expectations;
        let vendor_roles = expectations.roles.iter().filter(|role| role.class == Some(RoleClass::Vendor));
        let vendors = vendor_roles.flat_map(|role| role.from.iter()).filter_map(|from| from.account.as_deref());
        Self { context, covered: context.lineage.covered_accounts(), snapshotted, vendors: vendors.collect() }
    }

    /// Returns true when the account's own log has records here.
    pub(super) fn is_covered(&self, account: &str) -> bool {
        self.covered.binary_search(&account).is_ok()
    }

    /// Returns whose the account is.
    pub(super) fn of(&self, account: &str) -> Relation {
        let expectations = self.context.expectations;
        match expectations.account(account) {
            Some(declared) if is_outside(declared) => Relation::ThirdParty,
            Some(_) => Relation::Own,
            // Nobody else's trail writes into this organization's bucket, and nobody else hands over a snapshot.
            None if self.is_covered(account) || self.snapshotted.contains(account) => Relation::Own,
            None if !expectations.accounts.is_empty() || self.vendors.contains(account) => Relation::ThirdParty,
            None => Relation::Undeclared,
        }
    }

    /// Returns whose the account is that came into a role.
    ///
    /// Some roles exist only for the management account of the organization: whoever nobody declares is that account.
    pub(super) fn of_caller(&self, role_arn: &str, account: &str) -> Relation {
        let is_for_management = arn::role_name(role_arn).is_some_and(is_for_management);
        match self.of(account) {
            Relation::Undeclared if is_for_management => Relation::Own,
            relation => relation,
        }
    }
}

/// True when the owners declare the account as somebody else's.
pub(super) fn is_outside(account: &Account) -> bool {
    account.kind.as_deref().is_some_and(|kind| OUTSIDE.iter().any(|word| kind.eq_ignore_ascii_case(word)))
}
