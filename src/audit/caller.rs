//! Callers: who assumed a role, as exactly as the records say.

use crate::model::assumption::IssuingCall;
use crate::model::lineage::SessionView;

/// Who assumed a role. Ordered, hashed and folded over as text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Caller<'a> {
    /// The role or user, by its IAM ARN.
    Principal(&'a str),
    /// A principal of this account; the log names no more of it.
    SomebodyOf(&'a str),
}

/// Returns true for a session that `AssumeRole` issued, with the record that says so.
pub(super) fn is_assumed(session: SessionView<'_>) -> bool {
    session.issuing_record().is_some_and(|record| record.call == IssuingCall::AssumeRole)
}

/// Returns the ARN of who called, when the log names more than an account.
pub(super) fn caller_role(session: SessionView<'_>) -> Option<&str> {
    if let Some(Caller::Principal(arn)) = caller(session) { Some(arn) } else { None }
}

/// Returns who called: the role behind a session, with its path, or the user.
pub(super) fn caller(session: SessionView<'_>) -> Option<Caller<'_>> {
    let lineage = session.lineage();
    let principal = session.caller()?;
    let parent_role = session.parent().and_then(|parent| parent.role_arn());
    let issuer = lineage.opt(principal.issuer_arn).filter(|arn| arn.contains(":role/"));
    parent_role
        .or(issuer)
        .or(lineage.opt(principal.arn))
        .map(Caller::Principal)
        .or_else(|| session.caller_account().map(Caller::SomebodyOf))
}
