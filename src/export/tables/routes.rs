//! Routes.

use super::Shape;
use super::Sink;
use super::cells::at;
use super::cells::count;
use super::cells::integer;
use super::cells::moment;
use super::cells::text;
use super::origin;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::frame::Value;
use crate::model::arn;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "routes",
        doc: "One route: chains with the same origin and the same roles, folded.",
        columns: &[
            text("route_id", "Stable: the same route has the same id in every run."),
            text(
                "origin_kind",
                "What stood at the beginning: `oidc`, `saml`, `identity_center`, `long_term_key`, `root`, `console`, `aws_service`, `roles_anywhere`, `pod_identity`, `external_account`, `unknown`.",
            ),
            text(
                "origin",
                "The one thing that names the origin best: subject, key, principal, service, provider or account.",
            ),
            text(
                "origin_provider",
                "The identity provider: an issuer's host (and path) for OIDC, the provider's ARN for SAML.",
            ),
            text("origin_subject", "The token's subject, or the person's name for SAML and Identity Center."),
            text("origin_audience", "The token's audience."),
            text("origin_principal_arn", "The ARN of the user (or other principal) that began."),
            text("origin_access_key_id", "The long-term key that began."),
            text("origin_account_id", "The account in which the chain began."),
            text("origin_service", "The AWS service that began."),
            text(
                "subject_provider",
                "The provider whose grammar reads the subject, such as `github`; null when none does.",
            ),
            text(
                "subject_form",
                "`mutable` (by names that can be taken over), `immutable` (by ids), `custom` or `opaque`.",
            ),
            text(
                "subject_context",
                "What the token was issued to: `branch`, `tag`, `pull_request`, `environment` and others.",
            ),
            text("repository_owner", "The owner of the repository."),
            text("repository", "`owner/name`, without ids."),
            text("environment", "The deployment environment."),
            text("git_ref", "The full git ref."),
            text("role_path", "The names of the roles, joined by ` > `; null when there is no role."),
            integer("roles", "How many roles the route has."),
            text("first_role_arn", "The first role, with its path."),
            text("last_role_arn", "The last role, with its path."),
            text("last_role_name", "The last role's name."),
            text("last_account_id", "The account that owns the last role."),
            text("last_account_name", "What the expectations call that account."),
            integer("chains", "How many chains took the route."),
            integer("calls", "Calls of their last sessions. Assumptions are not counted."),
            integer("writes", "Successful calls of their last sessions with `readOnly: false`."),
            integer("errors", "Calls of their last sessions that failed."),
            moment("first_event", "The earliest event of their last sessions."),
            moment("last_event", "The latest event of their last sessions."),
        ],
    },
    key: &["route_id"],
    joins: &[("origin_access_key_id", "long_term_keys.access_key_id")],
    day: "last_event",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    for route in source.rows.routes() {
        let path = origin::role_path(&route.role_arns);
        let last = route.role_arns.last().map(AsRef::as_ref);
        let account = last.and_then(arn::account);
        let mut row: Vec<Value<'_>> = vec![route.id.as_str().into()];
        row.extend(origin::cells(&route.origin));
        row.extend([
            path.as_deref().into(),
            count(route.role_arns.len()),
            route.role_arns.first().map(AsRef::<str>::as_ref).into(),
            last.into(),
            last.map(origin::role_name).into(),
            account.into(),
            source.account_name(account).into(),
            route.chains.into(),
            route.activity.calls.into(),
            route.activity.writes.into(),
            route.activity.errors.into(),
            at(route.activity.first_event),
            at(route.activity.last_event),
        ]);
        sink(&row)?;
    }
    Ok(())
}
