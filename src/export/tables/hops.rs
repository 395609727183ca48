//! Hops.

use super::Shape;
use super::Sink;
use super::cells::at;
use super::cells::boolean;
use super::cells::count;
use super::cells::integer;
use super::cells::joined;
use super::cells::moment;
use super::cells::object;
use super::cells::seconds;
use super::cells::text;
use super::origin;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::model::lineage::SessionView;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "hops",
        doc: "One session of one chain, and the assumption that issued it. A session that issued several others is in several chains.",
        columns: &[
            text("chain_id", "The chain."),
            integer("hop_number", "Its place in the chain, from 1."),
            text("session_id", "The session."),
            text(
                "parent_session_id",
                "The session that issued it; null at the beginning, and when that is not certain.",
            ),
            text("event_id", "The event that issued the session: the caller's copy when it is there."),
            text("shared_event_id", "The id that both copies of a cross-account event share."),
            text("counterpart_event_id", "The event id of the other account's copy, when it is there."),
            text("event_name", "The call, such as `AssumeRoleWithWebIdentity`."),
            moment(
                "event_time",
                "When the session was issued; from later records when the issuing event is not there.",
            ),
            moment("expires_at", "When the session ends."),
            integer("duration_seconds", "Seconds from `event_time` to `expires_at`."),
            text("caller_arn", "Who asked for the session."),
            text("caller_account_id", "The account of who asked."),
            text("role_arn", "The role, with its path; null for sessions of users."),
            text("role_name", "The role's name."),
            text("account_id", "The account that owns the role."),
            text("account_name", "What the expectations call that account."),
            text("role_session_name", "The session name."),
            text("external_id", "The external id, as it was logged."),
            boolean("external_id_present", "True when an external id was passed; null when the issuance is not known."),
            text("source_identity", "The source identity."),
            text("access_key_id", "The access key id of the session."),
            text("source_ip", "From where the assumption was asked for."),
            text("user_agent", "With what client the assumption was asked for."),
            text("region", "The region of the issuing event."),
            boolean(
                "is_cross_account",
                "True when the caller's account is not the role's; null when the caller's is not known.",
            ),
            text("session_tags", "The session tags that were passed, as a JSON object."),
            text(
                "incoming_session_tags",
                "The transitive tags that the previous session handed down, as a JSON object.",
            ),
            text(
                "link_kind",
                "How sure it is that the session belongs to the one before it: `exact`, `strong`, `probable`, `ambiguous`, `missing`.",
            ),
            text("link_matched_on", "What agreed, joined by commas."),
            integer("link_candidates", "How many sessions fit, when several do; else 0."),
            text("use_link_kind", "How sure it is that its activity belongs to it; null when it has none."),
            integer("calls", "Calls of the session. Assumptions are not counted."),
            integer("writes", "Successful calls with `readOnly: false`."),
            integer("errors", "Calls that failed."),
            moment("first_event", "The earliest call."),
            moment("last_event", "The latest call."),
            text("object", "The log file that holds the issuing record."),
        ],
    },
    key: &["chain_id", "hop_number"],
    joins: &[
        ("chain_id", "chains.chain_id"),
        ("session_id", "sessions.session_id"),
        ("parent_session_id", "sessions.session_id"),
        ("event_id", "assumptions.event_id"),
        ("counterpart_event_id", "assumptions.event_id"),
    ],
    day: "event_time",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    for chain in lineage.chains.iter().filter(|chain| source.rows.is_shown(chain.is_listed)) {
        let chain_id = chain.id.to_string();
        for (at, session) in chain.path.iter().enumerate() {
            row(source, &chain_id, at + 1, lineage.session(*session), sink)?;
        }
    }
    Ok(())
}

fn row(
    source: &Source<'_>,
    chain_id: &str,
    number: usize,
    view: SessionView<'_>,
    sink: &mut Sink<'_>,
) -> Result<(), FrameError> {
    let hop = source.rows.hop(view);
    let session_id = source.session_id(view.id);
    let parent = view.parent().map(|parent| source.session_id(parent.id));
    let caller = view.caller();
    let caller_arn = source.rows.text(caller.and_then(|caller| caller.arn));
    let caller_account = source.rows.text(caller.and_then(|caller| caller.account));
    let tags = object(&hop.session_tags);
    let incoming = object(&hop.incoming_session_tags);
    let matched_on = joined(hop.link.matched_on.iter().copied());
    sink(&[
        chain_id.into(),
        count(number),
        session_id.as_str().into(),
        parent.as_deref().into(),
        hop.event_id.as_deref().into(),
        hop.shared_event_id.as_deref().into(),
        hop.counterpart_event_id.as_deref().into(),
        hop.event_name.into(),
        at(hop.event_time),
        at(hop.expires_at),
        seconds(hop.event_time, hop.expires_at),
        caller_arn.as_deref().into(),
        caller_account.as_deref().into(),
        hop.role_arn.as_deref().into(),
        hop.role_arn.as_deref().map(origin::role_name).into(),
        hop.account_id.as_deref().into(),
        source.account_name(hop.account_id.as_deref()).into(),
        hop.role_session_name.as_deref().into(),
        hop.external_id.as_deref().into(),
        hop.event_name.map(|_| hop.external_id.is_some()).into(),
        hop.source_identity.as_deref().into(),
        hop.issued_access_key_id.as_deref().into(),
        hop.source_ip.as_deref().into(),
        hop.user_agent.as_deref().into(),
        hop.region.as_deref().into(),
        hop.cross_account.into(),
        tags.as_deref().into(),
        incoming.as_deref().into(),
        hop.link.kind.into(),
        matched_on.as_deref().into(),
        count(hop.link.candidates.len()),
        hop.use_link.as_ref().map(|link| link.kind).into(),
        hop.activity.calls.into(),
        hop.activity.writes.into(),
        hop.activity.errors.into(),
        at(hop.activity.first_event),
        at(hop.activity.last_event),
        hop.object.as_deref().into(),
    ])
}
