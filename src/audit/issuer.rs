//! Issuers: whose tokens are vouched for, by the owners or by what is known of the host.

use crate::audit::rule::Context;
use crate::provider::Issuer;
use crate::provider::Tenancy;

/// Why an issuer is not known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Other issuers are declared, and this is none of them.
    Undeclared,
    /// The issuer is declared for other accounts only.
    OtherAccounts,
    /// Nothing is declared, and the host is none that is known.
    Unrecognized,
    /// Nothing is declared, and anybody could run a host of this shape.
    SelfHosted,
    /// Nothing is declared and the host is none that is known; but the trust policy of each role that it entered names it,
    /// and pins whom it may send.
    Pinned,
}

/// Returns why nobody vouches for the tokens of an issuer in an account.
pub(super) fn unknown(context: &Context<'_>, issuer: &str, account: &str) -> Option<Unknown> {
    let expectations = context.expectations;
    if let Some(declared) = expectations.issuer(issuer) {
        let is_at_home = declared.accounts.is_empty() || declared.accounts.has(account);
        return (!is_at_home).then_some(Unknown::OtherAccounts);
    }
    let provider = Issuer::of(&context.lineage.kinds, issuer).provider;
    if expectations.issuers.is_empty() {
        return match provider.and_then(|provider| provider.tenancy(issuer)) {
            // The owners say what it is.
            _ if context.lineage.kinds.of(issuer).is_some() => None,
            None => Some(Unknown::Unrecognized),
            Some(Tenancy::SelfHosted) => Some(Unknown::SelfHosted),
            Some(Tenancy::Shared | Tenancy::Tenant) => None,
        };
    }
    // Issuers of clusters and platforms come and go: they are judged only when the file names one of their kind.
    let class = provider.filter(|provider| provider.is_class).map(|provider| provider.id);
    let is_class_named = class.is_none_or(|class| expectations.issuers.names_class(class));
    is_class_named.then_some(Unknown::Undeclared)
}
