//! Sessions.

use std::collections::BTreeSet;

use super::Shape;
use super::cells::joined;
use super::cells::seconds;
use super::origin;
use super::push;
use crate::audit::network;
use crate::export::Source;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::lineage::SessionView;
use crate::model::time::Timestamp;
use crate::report::wire::chain::Hop;
use crate::report::wire::origin::Origin;

columns! {
    /// Sessions.
    pub(super) struct Sessions = "sessions",
        "One set of temporary credentials, also those that are in no listed chain.";
    write (view, hop, began): (SessionView<'v>, &'v Hop<'v>, &'v Origin<'v>), with source: Source<'v> {
        let caller = view.caller();
        let gap_kinds: BTreeSet<&str> = view.session.gaps.iter().map(|gap| gap.kind.name()).collect();
        let [source_ips, networks, user_agents] = places(view);
    };
    session_id: str = view.id, "Stable: the same session has the same id in every run.";
    parent_session_id: str = view.parent().map(|parent| parent.id),
        "The session that issued it; null at the beginning, and when that is not certain.";
    event_id: str = &hop.event_id, "The event that issued the session: the caller's copy when it is there.";
    event_name: str = hop.event_name,
        "The call, such as `AssumeRoleWithWebIdentity`; null when the issuance is not there.";
    issued_at: Timestamp = hop.event_time, "When it was issued.";
    expires_at: Timestamp = hop.expires_at, "When it ends; null when the issuance is not there.";
    duration_seconds: i64 = seconds(hop.event_time, hop.expires_at), "Seconds from `issued_at` to `expires_at`.";
    origin_kind: str = began.kind, "What stood at the beginning, as in `chains`.";
    origin: str = origin::label(began), "The one thing that names the origin best.";
    origin_provider: str = &began.provider, "The issuer of the token, or the provider of the assertion.";
    role_arn: str = &hop.role_arn, "The role, with its path; null for sessions of users.";
    role_name: str = hop.role_arn.as_deref().map(origin::role_name), "The role's name.";
    account_id: str = &hop.account_id, "The account that owns the role (or the user).";
    account_name: str = source.account_name(hop.account_id.as_deref()), "What the expectations call that account.";
    role_session_name: str = &hop.role_session_name, "The session name.";
    access_key_id: str = &hop.issued_access_key_id,
        "The access key id of the session. Not unique: join by `session_id`.";
    principal_id: str = view.session.principal_id, "`AROA…:name` for a role session, the user's id otherwise.";
    caller_arn: str = caller.and_then(|caller| caller.arn), "Who asked for the session.";
    caller_account_id: str = caller.and_then(|caller| caller.account), "The account of who asked.";
    caller_access_key_id: str = source.rows.key(caller.and_then(|caller| caller.access_key)),
        "The access key id of who asked.";
    is_cross_account: bool = hop.cross_account,
        "True when the caller's account is not the role's; null when the caller's is not known.";
    external_id: str = &hop.external_id, "The external id, as it was logged.";
    external_id_present: bool = view.has_external_id(),
        "True when an external id was passed; null when nobody knows: the issuance is not there, or withholds it.";
    source_identity: str = &hop.source_identity, "The source identity that was set, or inherited.";
    delegate_account_id: str = &hop.delegate_account_id,
        "The account outside that acted in the session, or asked for it, by a temporary delegation.";
    source_ip: str = &hop.source_ip, "From where the assumption was asked for.";
    user_agent: str = &hop.user_agent, "With what client the assumption was asked for.";
    region: str = &hop.region, "The region of the issuing event.";
    link_kind: str = hop.link.kind,
        "How sure it is that the session belongs to the one before it: `exact`, `strong`, `probable`, `ambiguous`, `missing`.";
    use_link_kind: str = hop.use_link.as_ref().map(|link| link.kind),
        "How sure it is that its activity belongs to it; null when it has none.";
    gap_kinds: str = joined(gap_kinds), "Why what is above it is not complete, sorted, joined by commas.";
    child_sessions: i64 = view.session.children.1, "How many sessions it issued. 0: a chain ends here.";
    calls: i64 = hop.activity.calls, "Calls. Assumptions are not counted.";
    writes: i64 = hop.activity.writes, "Successful calls with `readOnly: false`.";
    errors: i64 = hop.activity.errors, "Calls that failed.";
    first_event: Timestamp = hop.activity.first_event, "The earliest call.";
    last_event: Timestamp = hop.activity.last_event, "The latest call.";
    source_ips: i64 = source_ips, "From how many addresses it called.";
    networks: i64 = networks,
        "From how many public networks it called: /24 for IPv4, /48 for IPv6. Private addresses and AWS services do not count.";
    user_agents: i64 = user_agents, "With how many clients it called.";
    is_machinery: bool = view.is_machinery(), "True for sessions that AWS services make for themselves.";
}

pub(super) static SHAPE: Shape = Shape {
    table: Sessions::TABLE,
    key: &["session_id"],
    joins: &[("parent_session_id", "sessions.session_id"), ("event_id", "assumptions.event_id")],
    day: "issued_at",
    rows: |source, sink| {
        let rows = source.rows;
        rows.lineage()
            .sessions()
            .try_for_each(|view| push::<Sessions>((view, &rows.hop(view), &rows.origin(view.origin())), source, sink))
    },
};

/// Returns how many addresses, public networks and clients a session called from and with.
fn places(view: SessionView<'_>) -> [usize; 3] {
    let lineage = view.lineage();
    let mut addresses = BTreeSet::new();
    let mut networks = BTreeSet::new();
    let mut clients = BTreeSet::new();
    for (_, contact, _) in view.contacts() {
        clients.extend(contact.user_agent.map(|agent| lineage.str(agent)));
        if let Some(address) = lineage.opt(contact.source_ip)
            && addresses.insert(address)
        {
            networks.extend(network::real(address).map(network::Block::of));
        }
    }
    [addresses.len(), networks.len(), clients.len()]
}
