//! Chains.

use std::collections::BTreeSet;

use super::Shape;
use super::Sink;
use super::cells::at;
use super::cells::boolean;
use super::cells::count;
use super::cells::integer;
use super::cells::joined;
use super::cells::moment;
use super::cells::seconds;
use super::cells::text;
use super::origin;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::frame::Value;
use crate::report::wire::Text;
use crate::report::wire::chain::Chain;
use crate::report::wire::chain::Hop;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "chains",
        doc: "One chain: from an origin over role sessions to the last one, and what that one did.",
        columns: &[
            text("chain_id", "Stable: the same chain has the same id in every run."),
            text("route_id", "The route that the chain belongs to."),
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
            text("first_session_id", "The first session."),
            text("last_session_id", "The last session: the one that did the work."),
            text("role_path", "The names of the roles, joined by ` > `; null when there is no role."),
            text("first_role_arn", "The first role, with its path."),
            text("first_role_name", "The first role's name."),
            text("last_role_arn", "The last role, with its path."),
            text("last_role_name", "The last role's name."),
            text("last_account_id", "The account that owns the last role."),
            text("last_account_name", "What the expectations call that account."),
            integer("hops", "How many sessions the chain has."),
            moment("started_at", "When the first session was issued."),
            moment("expires_at", "When the last session ends."),
            moment("first_event", "The earliest event of the last session."),
            moment("last_event", "The latest event of the last session."),
            integer("duration_seconds", "Seconds from `started_at` to `last_event`."),
            boolean("is_cross_account", "True when any hop leads into another account; null when that is not known."),
            boolean("external_id_present", "True when any hop passed an external id; null when no issuance is known."),
            text(
                "weakest_link",
                "How sure the least sure hop is: `exact`, `strong`, `probable`, `ambiguous`, `missing`.",
            ),
            boolean("is_complete", "True when nothing is missing."),
            integer("gaps", "How many reasons there are why the chain is not complete."),
            text("gap_kinds", "Those reasons, sorted, joined by commas."),
            integer("calls", "Calls of the last session. Assumptions are not counted."),
            integer("writes", "Successful calls of the last session with `readOnly: false`."),
            integer("errors", "Calls of the last session that failed."),
            integer("services", "How many services the last session called."),
            integer("source_ips", "From how many addresses the last session called."),
            integer("user_agents", "With how many clients the last session called."),
            text("ci_repository", "The repository of the CI run."),
            text("ci_run_id", "The number of the CI run, when tags or a user agent name it."),
            text("ci_run_url", "Where to look at the CI run."),
        ],
    },
    key: &["chain_id"],
    joins: &[
        ("route_id", "routes.route_id"),
        ("first_session_id", "sessions.session_id"),
        ("last_session_id", "sessions.session_id"),
        ("origin_access_key_id", "long_term_keys.access_key_id"),
    ],
    day: "started_at",
    rows,
};

/// The kinds of links, the surest first.
const SUREST_FIRST: [&str; 5] = ["exact", "strong", "probable", "ambiguous", "missing"];

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    for chain in lineage.chains.iter().filter(|chain| source.rows.is_shown(chain.is_listed)) {
        let ends = chain.path.first().zip(chain.path.last());
        let ends = ends.map(|(first, last)| (source.session_id(*first), source.session_id(*last)));
        row(source, &source.rows.chain(chain), ends.as_ref(), sink)?;
    }
    Ok(())
}

fn row(
    source: &Source<'_>,
    chain: &Chain<'_>,
    ends: Option<&(String, String)>,
    sink: &mut Sink<'_>,
) -> Result<(), FrameError> {
    let roles: Vec<Text<'_>> = chain.hops.iter().filter_map(|hop| hop.role_arn.clone()).collect();
    let path = origin::role_path(&roles);
    let role = |role: Option<&Text<'_>>| role.map(|role| (role.to_string(), origin::role_name(role).to_owned()));
    let (first, last) = (role(roles.first()), role(roles.last()));
    let account = chain.hops.last().and_then(|hop| hop.account_id.as_deref());
    let started = chain.hops.first().and_then(|hop| hop.event_time);
    let kinds: BTreeSet<&str> = chain.gaps.iter().map(|gap| gap.kind).collect();
    let gap_kinds = joined(kinds);
    let services: BTreeSet<_> = chain.activity.actions.iter().map(|action| action.event_source.as_deref()).collect();
    let total = chain.activity.total;
    let run = chain.ci_run.as_ref();
    let mut row: Vec<Value<'_>> = vec![chain.id.as_str().into(), chain.route_id.as_str().into()];
    row.extend(origin::cells(&chain.origin));
    row.extend([
        ends.map(|(first, _)| first.as_str()).into(),
        ends.map(|(_, last)| last.as_str()).into(),
        path.as_deref().into(),
        first.as_ref().map(|(arn, _)| arn.as_str()).into(),
        first.as_ref().map(|(_, name)| name.as_str()).into(),
        last.as_ref().map(|(arn, _)| arn.as_str()).into(),
        last.as_ref().map(|(_, name)| name.as_str()).into(),
        account.into(),
        source.account_name(account).into(),
        count(chain.hops.len()),
        at(started),
        at(chain.hops.last().and_then(|hop| hop.expires_at)),
        at(total.first_event),
        at(total.last_event),
        seconds(started, total.last_event),
        is_cross_account(&chain.hops).into(),
        has_external_id(&chain.hops).into(),
        weakest_link(&chain.hops).into(),
        chain.gaps.is_empty().into(),
        count(chain.gaps.len()),
        gap_kinds.as_deref().into(),
        total.calls.into(),
        total.writes.into(),
        total.errors.into(),
        count(services.len()),
        count(chain.activity.source_ips.len()),
        count(chain.activity.user_agents.len()),
        run.map(|run| run.repository.as_str()).into(),
        run.map(|run| run.run_id.as_str()).into(),
        run.map(|run| run.url.as_str()).into(),
    ]);
    sink(&row)
}

fn is_cross_account(hops: &[Hop<'_>]) -> Option<bool> {
    if hops.iter().any(|hop| hop.cross_account == Some(true)) {
        return Some(true);
    }
    hops.iter().all(|hop| hop.cross_account.is_some()).then_some(false)
}

fn has_external_id(hops: &[Hop<'_>]) -> Option<bool> {
    let is_issuance_known = hops.iter().any(|hop| hop.event_name.is_some());
    is_issuance_known.then(|| hops.iter().any(|hop| hop.external_id.is_some()))
}

fn weakest_link(hops: &[Hop<'_>]) -> Option<&'static str> {
    let rank = |kind: &str| SUREST_FIRST.iter().position(|known| *known == kind);
    hops.iter().map(|hop| hop.link.kind).max_by_key(|kind| rank(kind))
}
