//! Ways: which way the expectations say that tokens take to a deploy role.

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::expect::RoleClass;
use crate::model::lineage::SessionView;

/// How the expectations say that tokens take another way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// The role expects callers, and a token is none.
    Callers(Vec<String>),
    /// The tokens of the issuer may enter other accounts only.
    OtherAccounts(Vec<String>),
    /// Other roles are for tokens to enter.
    EntryRoles(Vec<String>),
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
        let callers = expected.from.iter().map(|from| match (&from.principal, &from.account) {
            (Some(principal), _) => phrase::short(principal.as_str()).to_owned(),
            (None, Some(id)) => phrase::account(context, id),
            (None, None) => "anybody".to_owned(),
        });
        return Some(Way::Callers(callers.collect()));
    }
    let issuer = session.origin().provider.as_deref().and_then(|issuer| expectations.issuer(issuer));
    let accounts = issuer.map(|issuer| issuer.accounts.as_slice()).unwrap_or_default();
    if !accounts.is_empty() {
        let is_at_home = session.account().is_some_and(|own| accounts.iter().any(|id| id == own));
        let others = || accounts.iter().map(|id| phrase::account(context, id)).collect();
        return (!is_at_home).then(|| Way::OtherAccounts(others()));
    }
    let entries = expectations.roles.iter().filter(|role| role.class == Some(RoleClass::Entry));
    let entries: Vec<String> = entries.map(|role| phrase::short(role.arn.as_str()).to_owned()).collect();
    (!entries.is_empty()).then_some(Way::EntryRoles(entries))
}
