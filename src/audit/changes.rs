//! Changes: who made one, with which tool, and what proves it.

use serde_json::Value;

use crate::audit::client::Client;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::model::arn;
use crate::model::change::Change;
use crate::model::finding::Evidence;
use crate::model::lineage::SessionView;
use crate::model::principal::PrincipalKind;

/// Programs that make what a file declares.
const TOOLS: [&str; 2] = ["pulumi", "terraform"];

/// True for a call of IAM that was not refused.
pub(super) fn is_of_iam(context: &Context<'_>, change: &Change) -> bool {
    change.error_code.is_none() && context.lineage.str(change.source) == "iam.amazonaws.com"
}

/// Returns the session that made the change.
pub(super) fn session<'a>(context: &Context<'a>, change: &Change) -> Option<SessionView<'a>> {
    let at = usize::try_from(change.caller.0).ok()?;
    context.lineage.session_of_principal.get(at).copied().flatten().map(|id| context.lineage.session(id))
}

/// Returns who made the change, the role for a session; `None` for AWS services and their own roles.
pub(super) fn actor(context: &Context<'_>, change: &Change) -> Option<String> {
    let lineage = context.lineage;
    let principal = lineage.principal(change.caller);
    let role = session(context, change).and_then(|session| session.role_arn());
    let role = role.or(lineage.opt(principal.issuer_arn));
    if principal.kind == PrincipalKind::AwsService || role.is_some_and(arn::is_service_linked_role) {
        return None;
    }
    let named = role.or(lineage.opt(principal.arn)).or(lineage.opt(principal.principal_id));
    Some(named.unwrap_or("an unnamed principal").to_owned())
}

/// Names who made a change.
pub(super) fn who(context: &Context<'_>, actor: &str) -> String {
    if arn::role_name(actor).is_some() { phrase::role(context, actor) } else { actor.to_owned() }
}

/// Returns a request parameter that is a text, where the parameters were kept.
pub(super) fn parameter(context: &Context<'_>, change: &Change, name: &str) -> Option<String> {
    let parameters: Value = serde_json::from_str(context.lineage.opt(change.document)?).ok()?;
    parameters.get(name)?.as_str().map(str::to_owned)
}

/// True when a program made the change that makes what a file declares: by its user agent, or because `CloudFormation`
/// called. Whoever calls chooses the user agent.
pub(super) fn is_by_tool(context: &Context<'_>, change: &Change) -> bool {
    let lineage = context.lineage;
    let invoked_by = lineage.opt(lineage.principal(change.caller).invoked_by);
    invoked_by == Some("cloudformation.amazonaws.com")
        || lineage.opt(change.user_agent).is_some_and(|agent| TOOLS.contains(&Client::read(agent).family.as_str()))
}

/// Returns the change as evidence.
pub(super) fn evidence(context: &Context<'_>, change: &Change) -> Evidence {
    let symbols = &context.lineage.observations.symbols;
    Evidence {
        event_time: change.time,
        event_id: change.event_id.map(|id| id.text(symbols)),
        object: Some(symbols.get(change.object).to_owned()),
    }
}
