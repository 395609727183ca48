//! Sessions.

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
use crate::audit::network;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::model::lineage::SessionView;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "sessions",
        doc: "One set of temporary credentials, also those that are in no listed chain.",
        columns: &[
            text("session_id", "Stable: the same session has the same id in every run."),
            text(
                "parent_session_id",
                "The session that issued it; null at the beginning, and when that is not certain.",
            ),
            text("event_id", "The event that issued the session: the caller's copy when it is there."),
            text("event_name", "The call, such as `AssumeRoleWithWebIdentity`; null when the issuance is not there."),
            moment("issued_at", "When it was issued."),
            moment("expires_at", "When it ends; null when the issuance is not there."),
            integer("duration_seconds", "Seconds from `issued_at` to `expires_at`."),
            text("origin_kind", "What stood at the beginning, as in `chains`."),
            text("origin", "The one thing that names the origin best."),
            text("origin_provider", "The issuer of the token, or the provider of the assertion."),
            text("role_arn", "The role, with its path; null for sessions of users."),
            text("role_name", "The role's name."),
            text("account_id", "The account that owns the role (or the user)."),
            text("account_name", "What the expectations call that account."),
            text("role_session_name", "The session name."),
            text("access_key_id", "The access key id of the session. Not unique: join by `session_id`."),
            text("principal_id", "`AROA…:name` for a role session, the user's id otherwise."),
            text("caller_arn", "Who asked for the session."),
            text("caller_account_id", "The account of who asked."),
            text("caller_access_key_id", "The access key id of who asked."),
            boolean(
                "is_cross_account",
                "True when the caller's account is not the role's; null when the caller's is not known.",
            ),
            text("external_id", "The external id, as it was logged."),
            boolean("external_id_present", "True when an external id was passed; null when the issuance is not known."),
            text("source_identity", "The source identity."),
            text("source_ip", "From where the assumption was asked for."),
            text("user_agent", "With what client the assumption was asked for."),
            text("region", "The region of the issuing event."),
            text(
                "link_kind",
                "How sure it is that the session belongs to the one before it: `exact`, `strong`, `probable`, `ambiguous`, `missing`.",
            ),
            text("use_link_kind", "How sure it is that its activity belongs to it; null when it has none."),
            text("gap_kinds", "Why what is above it is not complete, sorted, joined by commas."),
            integer("child_sessions", "How many sessions it issued. 0: a chain ends here."),
            integer("calls", "Calls. Assumptions are not counted."),
            integer("writes", "Successful calls with `readOnly: false`."),
            integer("errors", "Calls that failed."),
            moment("first_event", "The earliest call."),
            moment("last_event", "The latest call."),
            integer("source_ips", "From how many addresses it called."),
            integer(
                "networks",
                "From how many public networks it called: /24 for IPv4, /48 for IPv6. Private addresses and AWS services do not count.",
            ),
            integer("user_agents", "With how many clients it called."),
            boolean("is_machinery", "True for sessions that AWS services make for themselves."),
        ],
    },
    key: &["session_id"],
    joins: &[("parent_session_id", "sessions.session_id"), ("event_id", "assumptions.event_id")],
    day: "issued_at",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    source.rows.lineage().sessions().try_for_each(|view| row(source, view, sink))
}

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

fn row(source: &Source<'_>, view: SessionView<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let hop = source.rows.hop(view);
    let session_id = source.session_id(view.id);
    let parent = view.parent().map(|parent| source.session_id(parent.id));
    let began = source.rows.origin(view.origin());
    let caller = view.caller();
    let caller_arn = source.rows.text(caller.and_then(|caller| caller.arn));
    let caller_account = source.rows.text(caller.and_then(|caller| caller.account));
    let caller_key = source.rows.key(caller.and_then(|caller| caller.access_key));
    let principal_id = source.rows.text(view.session.principal_id);
    let kinds: BTreeSet<&str> = view.session.gaps.iter().map(|gap| gap.kind.name()).collect();
    let gap_kinds = joined(kinds);
    let [source_ips, networks, user_agents] = places(view);
    sink(&[
        session_id.as_str().into(),
        parent.as_deref().into(),
        hop.event_id.as_deref().into(),
        hop.event_name.into(),
        at(hop.event_time),
        at(hop.expires_at),
        seconds(hop.event_time, hop.expires_at),
        began.kind.into(),
        origin::label(&began).into(),
        began.provider.as_deref().into(),
        hop.role_arn.as_deref().into(),
        hop.role_arn.as_deref().map(origin::role_name).into(),
        hop.account_id.as_deref().into(),
        source.account_name(hop.account_id.as_deref()).into(),
        hop.role_session_name.as_deref().into(),
        hop.issued_access_key_id.as_deref().into(),
        principal_id.as_deref().into(),
        caller_arn.as_deref().into(),
        caller_account.as_deref().into(),
        caller_key.as_deref().into(),
        hop.cross_account.into(),
        hop.external_id.as_deref().into(),
        hop.event_name.map(|_| hop.external_id.is_some()).into(),
        hop.source_identity.as_deref().into(),
        hop.source_ip.as_deref().into(),
        hop.user_agent.as_deref().into(),
        hop.region.as_deref().into(),
        hop.link.kind.into(),
        hop.use_link.as_ref().map(|link| link.kind).into(),
        gap_kinds.as_deref().into(),
        view.session.children.1.into(),
        hop.activity.calls.into(),
        hop.activity.writes.into(),
        hop.activity.errors.into(),
        at(hop.activity.first_event),
        at(hop.activity.last_event),
        count(source_ips),
        count(networks),
        count(user_agents),
        view.is_machinery().into(),
    ])
}
