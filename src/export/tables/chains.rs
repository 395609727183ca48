//! Chains.

use std::collections::BTreeSet;

use super::Shape;
use super::Sink;
use super::cells::joined;
use super::cells::seconds;
use super::origin;
use super::origin::OriginColumns;
use super::push;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::chain::SessionId;
use crate::model::time::Timestamp;
use crate::model::width::place;
use crate::report::wire::chain::Chain;

columns! {
    /// Chains.
    pub(super) struct Chains = "chains",
        "One chain: from an origin over role sessions to the last one, and what that one did.";
    write (chain, ends): (&'v Chain<'v>, Option<(SessionId, SessionId)>), with source: Source<'v> {
        let roles: Vec<&str> = chain.hops.iter().filter_map(|hop| hop.role_arn.as_deref()).collect();
        let (first, last) = (roles.first().copied(), roles.last().copied());
        let account = chain.hops.last().and_then(|hop| hop.account_id.as_deref());
        let started = chain.hops.first().and_then(|hop| hop.event_time);
        let gap_kinds: BTreeSet<&str> = chain.gaps.iter().map(|gap| gap.kind).collect();
        let total = chain.activity.total;
        let services: BTreeSet<_> = chain.activity.actions.iter().map(|action| action.event_source.as_deref()).collect();
        let run = chain.ci_run.as_ref();
    };
    chain_id: str = &chain.id, "Stable: the same chain has the same id in every run.";
    route_id: str = &chain.route_id, "The route that the chain belongs to.";
    ..origin: OriginColumns = &chain.origin;
    first_session_id: str = ends.map(|(first, _)| first), "The first session.";
    last_session_id: str = ends.map(|(_, last)| last), "The last session: the one that did the work.";
    role_path: str = origin::role_path(&chain.roles()), "The names of the roles, joined by ` > `; null when there is no role.";
    first_role_arn: str = first, "The first role, with its path.";
    first_role_name: str = first.map(origin::role_name), "The first role's name.";
    last_role_arn: str = last, "The last role, with its path.";
    last_role_name: str = last.map(origin::role_name), "The last role's name.";
    last_account_id: str = account, "The account that owns the last role.";
    last_account_name: str = source.account_name(account), "What the expectations call that account.";
    hops: i64 = place(chain.way.hops), "How many sessions the chain has.";
    started_at: Timestamp = started, "When the first session was issued.";
    expires_at: Timestamp = chain.hops.last().and_then(|hop| hop.expires_at), "When the last session ends.";
    first_event: Timestamp = total.first_event, "The earliest event of the last session.";
    last_event: Timestamp = total.last_event, "The latest event of the last session.";
    duration_seconds: i64 = seconds(started, total.last_event), "Seconds from `started_at` to `last_event`.";
    is_cross_account: bool = chain.way.is_cross_account,
        "True when any hop leads into another account; null when that is not known.";
    external_id_present: bool = chain.way.has_external_id,
        "True when any hop passed an external id; null when no issuance is known.";
    weakest_link: str = chain.way.weakest_link.name(),
        "How sure the least sure hop is: `exact`, `strong`, `probable`, `ambiguous`, `missing`.";
    is_complete: bool = chain.gaps.is_empty(), "True when nothing is missing.";
    gaps: i64 = chain.gaps.len(), "How many reasons there are why the chain is not complete.";
    gap_kinds: str = joined(gap_kinds), "Those reasons, sorted, joined by commas.";
    calls: i64 = total.calls, "Calls of the last session. Assumptions are not counted.";
    writes: i64 = total.writes, "Successful calls of the last session with `readOnly: false`.";
    errors: i64 = total.errors, "Calls of the last session that failed.";
    services: i64 = services.len(), "How many services the last session called.";
    source_ips: i64 = chain.activity.source_ips.len(), "From how many addresses the last session called.";
    user_agents: i64 = chain.activity.user_agents.len(), "With how many clients the last session called.";
    ci_repository: str = run.map(|run| &run.repository), "The repository of the CI run.";
    ci_run_id: str = run.map(|run| &run.run_id), "The number of the CI run, when tags or a user agent name it.";
    ci_run_url: str = run.map(|run| &run.url), "Where to look at the CI run.";
    ci_run_basis: str = run.map(|run| run.basis), "`proved` when a token of the CI system began the chain, `claimed` when others named the run.";
    ci_attempt: i64 = run.and_then(|run| run.attempt).map(u64::from), "Which attempt at the run, when the records say it.";
    ci_link: str = chain.ci.as_ref().map(|ci| ci.link), "How sure the CI system's files make the run; null without `--ci`, and for chains that no CI job began.";
    ci_person: str = chain.ci.as_ref().and_then(|ci| ci.started_by.as_ref()).map(|by| &by.login), "Who started the run, by the CI system.";
}

pub(super) static SHAPE: Shape = Shape {
    table: Chains::TABLE,
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

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    for chain in lineage.chains.iter().filter(|chain| source.rows.is_shown(chain.is_listed)) {
        let ends = chain.path.first().copied().zip(chain.path.last().copied());
        push::<Chains>((&source.rows.chain(chain), ends), source, sink)?;
    }
    Ok(())
}
