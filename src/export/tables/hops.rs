//! Hops.

use super::Shape;
use super::Sink;
use super::cells::joined;
use super::cells::object;
use super::cells::seconds;
use super::origin;
use super::push;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::lineage::SessionView;
use crate::model::time::Timestamp;
use crate::model::width::place;
use crate::report::wire::chain::Hop;

columns! {
    /// Hops.
    pub(super) struct Hops = "hops",
        "One session of one chain, and the assumption that issued it. A session that issued several others is in several chains. \
         Of a long chain, sessions in the middle that an earlier chain has are left out; `sessions` has all.";
    write (chain_id, view, hop): (&'v str, SessionView<'v>, &'v Hop<'v>), with source: Source<'v> {
        let caller = view.caller();
    };
    chain_id: str = chain_id, "The chain.";
    hop_number: i64 = place(view.session.way.hops), "Its place in the chain, from 1.";
    session_id: str = view.id, "The session.";
    parent_session_id: str = view.parent().map(|parent| parent.id),
        "The session that issued it; null at the beginning, and when that is not certain.";
    event_id: str = &hop.event_id, "The event that issued the session: the caller's copy when it is there.";
    shared_event_id: str = &hop.shared_event_id, "The id that both copies of a cross-account event share.";
    counterpart_event_id: str = &hop.counterpart_event_id,
        "The event id of the other account's copy, when it is there.";
    event_name: str = hop.event_name, "The call, such as `AssumeRoleWithWebIdentity`.";
    event_time: Timestamp = hop.event_time,
        "When the session was issued; from later records when the issuing event is not there.";
    expires_at: Timestamp = hop.expires_at, "When the session ends.";
    duration_seconds: i64 = seconds(hop.event_time, hop.expires_at), "Seconds from `event_time` to `expires_at`.";
    caller_arn: str = caller.and_then(|caller| caller.arn), "Who asked for the session.";
    caller_account_id: str = caller.and_then(|caller| caller.account), "The account of who asked.";
    role_arn: str = &hop.role_arn, "The role, with its path; null for sessions of users.";
    role_name: str = hop.role_arn.as_deref().map(origin::role_name), "The role's name.";
    account_id: str = &hop.account_id, "The account that owns the role.";
    account_name: str = source.account_name(hop.account_id.as_deref()), "What the expectations call that account.";
    role_session_name: str = &hop.role_session_name, "The session name.";
    external_id: str = &hop.external_id, "The external id, as it was logged.";
    external_id_present: bool = view.has_external_id(),
        "True when an external id was passed; null when nobody knows: the issuance is not there, or withholds it.";
    source_identity: str = &hop.source_identity, "The source identity that was set, or inherited.";
    delegate_account_id: str = &hop.delegate_account_id,
        "The account outside that acted in the session, or asked for it, by a temporary delegation.";
    access_key_id: str = &hop.issued_access_key_id, "The access key id of the session.";
    source_ip: str = &hop.source_ip, "From where the assumption was asked for.";
    user_agent: str = &hop.user_agent, "With what client the assumption was asked for.";
    region: str = &hop.region, "The region of the issuing event.";
    is_cross_account: bool = hop.cross_account,
        "True when the caller's account is not the role's; null when the caller's is not known.";
    session_tags: str = object(&hop.session_tags), "The session tags that were passed, as a JSON object.";
    incoming_session_tags: str = object(&hop.incoming_session_tags),
        "The transitive tags that the previous session handed down, as a JSON object.";
    link_kind: str = hop.link.kind,
        "How sure it is that the session belongs to the one before it: `exact`, `strong`, `probable`, `ambiguous`, `missing`.";
    link_matched_on: str = joined(hop.link.matched_on.iter().copied()), "What agreed, joined by commas.";
    link_candidates: i64 = hop.link.count(), "How many sessions fit, when several do; else 0.";
    use_link_kind: str = hop.use_link.as_ref().map(|link| link.kind),
        "How sure it is that its activity belongs to it; null when it has none.";
    calls: i64 = hop.activity.calls, "Calls of the session. Assumptions are not counted.";
    writes: i64 = hop.activity.writes, "Successful calls with `readOnly: false`.";
    errors: i64 = hop.activity.errors, "Calls that failed.";
    first_event: Timestamp = hop.activity.first_event, "The earliest call.";
    last_event: Timestamp = hop.activity.last_event, "The latest call.";
    object: str = &hop.object, "The log file that holds the issuing record.";
}

pub(super) static SHAPE: Shape = Shape {
    table: Hops::TABLE,
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
        for session in &chain.path {
            let view = lineage.session(*session);
            push::<Hops>((&chain_id, view, &source.rows.hop(view)), source, sink)?;
        }
    }
    Ok(())
}
