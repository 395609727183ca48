//! Ways: which way the expectations say that tokens take to a deploy role.

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::expect::RoleClass;
use crate::expect::RoleExpectation;
use crate::model::lineage::SessionView;

/// How the expectations say that tokens take another way.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// The role expects callers, and a token is none.
    Callers,
    /// The tokens of the issuer may enter other accounts only.
    OtherAccounts,
    /// Other roles are for tokens to enter.
    EntryRoles,
}

/// Returns the way that tokens were to take, when a token opened a deploy role that does not expect any.
///
/// Federating each account directly is as good a design: a role that lists subjects has declared it.
pub(super) fn way(context: &Context<'_>, session: SessionView<'_>) -> Option<Way> {
    if !subjects::is_entry(session) {
        return None;
    }
    let expectations = context.expectations;
    let role_arn = session.role_arn()?;
    let expected = expectations.role(role_arn).filter(|role| role.class == Some(RoleClass::Deploy))?;
    if !expected.subjects.is_empty() {
        return None;
    }
    if !expected.from.is_empty() {
        return Some(Way::Callers);
    }
    let issuer = session.origin().provider.as_deref().and_then(|issuer| expectations.issuer(issuer));
    if let Some(accounts) = issuer.map(|issuer| &issuer.accounts).filter(|accounts| !accounts.is_empty()) {
        let is_at_home = session.account().is_some_and(|own| accounts.has(own));
        return (!is_at_home).then_some(Way::OtherAccounts);
    }
    let is_entry = |role: &RoleExpectation| role.class == Some(RoleClass::Entry);
    expectations.roles.iter().any(is_entry).then_some(Way::EntryRoles)
}

/// Says which way that is, in words that follow `the role is for deployments,`.
pub(super) fn said(context: &Context<'_>, way: Way, session: SessionView<'_>) -> String {
    let expectations = context.expectations;
    match way {
        Way::Callers => {
            let expected = session.role_arn().and_then(|role| expectations.role(role));
            let callers = expected.into_iter().flat_map(|role| role.from.iter());
            let callers = callers.map(|from| match (&from.principal, &from.account) {
                (Some(principal), _) => phrase::short(principal.as_str()).to_owned(),
                (None, Some(id)) => phrase::account(context, id),
                (None, None) => "anybody".to_owned(),
            });
            format!("and list as its callers {} and no tokens", phrase::all_of(callers))
        }
        Way::OtherAccounts => {
            let issuer = session.origin().provider.as_deref().and_then(|issuer| expectations.issuer(issuer));
            let accounts = issuer.into_iter().flat_map(|issuer| issuer.accounts.iter());
            let accounts = accounts.map(|id| phrase::account(context, id));
            format!("and let tokens of the issuer into {} only", phrase::all_of(accounts))
        }
        Way::EntryRoles => {
            let entries = expectations.roles.iter().filter(|role| role.class == Some(RoleClass::Entry));
            let entries = entries.map(|role| phrase::short(role.arn.as_str()));
            format!("and say that tokens enter {}", phrase::any_of(entries))
        }
    }
}
