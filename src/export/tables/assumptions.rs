//! Assumptions, granted and denied.

use super::Shape;
use super::Sink;
use super::cells::object;
use super::origin;
use super::push;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::arn;
use crate::model::assumption::Assumption;
use crate::model::time::Timestamp;

columns! {
    /// Assumptions, granted and denied.
    pub(super) struct Assumptions = "assumptions",
        "One record of an attempt to get a session, granted or denied. A cross-account call has two records, one in each account's log.";
    write (number, record, role_arn): (u32, &'v Assumption, Option<&'v str>), with source: Source<'v> {
        let lineage = source.rows.lineage();
        let caller = lineage.principal(record.caller);
        let caller_session = usize::try_from(record.caller.0).ok();
        let caller_session = caller_session.and_then(|at| lineage.session_of_principal.get(at).copied().flatten());
        let caller_account = source.rows.text(caller.account);
        let issued = source.issued_by(number);
        let role_account = role_arn.and_then(arn::account);
        let is_cross = caller_account.as_deref().zip(role_account).map(|(caller, owner)| caller != owner);
    };
    event_id: str = record.event_id, "`eventID`. One row for each event id and account.";
    shared_event_id: str = record.shared_event_id, "The id that both records of a cross-account call share.";
    event_name: str = record.call.event_name(), "The call, such as `AssumeRole`.";
    event_time: Timestamp = record.time, "When it happened.";
    region: str = record.region, "The region of the record.";
    recipient_account_id: str = record.recipient_account, "The account in whose log the record stands.";
    is_granted: bool = record.is_granted(), "True when a session was issued.";
    error_code: str = record.error_code, "The error; null when it was granted.";
    error_message: str = record.error_message, "What AWS says about the error.";
    session_id: str = issued.map(|(session, _)| session), "The session that was issued; null when it was denied.";
    is_counterpart: bool = issued.map(|(_, is_counterpart)| is_counterpart),
        "True when another record of the same call says more; null when no session was issued. Count granted calls where it is false.";
    caller_session_id: str = caller_session, "The session that asked; null when none did or it is not certain.";
    caller_arn: str = caller.arn, "Who asked.";
    caller_account_id: str = caller_account, "The account of who asked.";
    caller_principal_id: str = caller.principal_id, "The principal id of who asked.";
    caller_access_key_id: str = source.rows.key(caller.access_key), "The access key id of who asked.";
    caller_mfa: bool = caller.mfa, "Whether who asked had signed in with MFA; null when the record does not say.";
    role_arn: str = role_arn, "The role asked for, with its path; CloudTrail does not always record it when it denies.";
    role_name: str = role_arn.map(origin::role_name), "The role's name.";
    role_account_id: str = role_account, "The account that owns the role.";
    role_account_name: str = source.account_name(role_account), "What the expectations call that account.";
    is_cross_account: bool = is_cross,
        "True when the caller's account is not the role's; null when either is not known.";
    role_session_name: str = record.session_name, "The session name asked for.";
    external_id: str = record.external_id, "The external id, as it was logged. AWS does not log it when it denies.";
    external_id_present: bool = record.said(record.external_id).is_passed(),
        "True when an external id was logged; null when the record does not hold what was asked.";
    source_identity: str = record.source_identity, "The source identity.";
    subject: str = record.subject, "The token's subject.";
    audience: str = record.audience, "The token's audience.";
    provider: str = record.provider, "The identity provider: an ARN, or the host of a built-in one.";
    requested_seconds: i64 = record.duration_seconds, "The duration asked for, in seconds.";
    expires_at: Timestamp = record.expires, "When the issued session ends.";
    issued_access_key_id: str = source.rows.key(record.issued_key), "The access key id of the issued session.";
    session_tags: str = tags(source, record), "The session tags that were passed, as a JSON object.";
    source_ip: str = record.source_ip, "From where.";
    user_agent: str = record.user_agent, "With what client.";
    object: str = record.object, "The log file that holds the record.";
    object_index: i64 = record.index, "Where in the file the record stands, from 0.";
}

pub(super) static SHAPE: Shape = Shape {
    table: Assumptions::TABLE,
    key: &["event_id", "recipient_account_id"],
    joins: &[("session_id", "sessions.session_id"), ("caller_session_id", "sessions.session_id")],
    day: "event_time",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let records = &source.rows.lineage().observations.assumptions;
    (0u32..).zip(records).try_for_each(|(number, record)| {
        let role_arn = source.rows.text(record.role_arn);
        push::<Assumptions>((number, record, role_arn.as_deref()), source, sink)
    })
}

/// The session tags that were passed, as a JSON object.
fn tags(source: &Source<'_>, record: &Assumption) -> Option<String> {
    let lineage = source.rows.lineage();
    let shown = |sym| source.rows.shade.text(lineage.str(sym));
    let extra = record.extra.as_deref()?;
    let tags: Vec<_> = extra.tags.iter().map(|(name, value)| (shown(*name), shown(*value))).collect();
    object(tags.iter().map(|(name, value)| (name, value)))
}
