//! Assumptions, granted and denied.

use super::Shape;
use super::Sink;
use super::cells::boolean;
use super::cells::integer;
use super::cells::moment;
use super::cells::object;
use super::cells::text;
use super::origin;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::frame::Value;
use crate::model::arn;
use crate::model::assumption::Assumption;
use crate::report::wire::Text;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "assumptions",
        doc: "One record of an attempt to get a session, granted or denied. A cross-account call has two records, one in each account's log.",
        columns: &[
            text("event_id", "`eventID`. One row for each event id and account."),
            text("shared_event_id", "The id that both records of a cross-account call share."),
            text("event_name", "The call, such as `AssumeRole`."),
            moment("event_time", "When it happened."),
            text("region", "The region of the record."),
            text("recipient_account_id", "The account in whose log the record stands."),
            boolean("is_granted", "True when a session was issued."),
            text("error_code", "The error; null when it was granted."),
            text("error_message", "What AWS says about the error."),
            text("session_id", "The session that was issued; null when it was denied."),
            boolean(
                "is_counterpart",
                "True when another record of the same call says more; null when no session was issued. Count granted calls where it is false.",
            ),
            text("caller_session_id", "The session that asked; null when none did or it is not certain."),
            text("caller_arn", "Who asked."),
            text("caller_account_id", "The account of who asked."),
            text("caller_principal_id", "The principal id of who asked."),
            text("caller_access_key_id", "The access key id of who asked."),
            boolean("caller_mfa", "Whether who asked had signed in with MFA; null when the record does not say."),
            text("role_arn", "The role asked for, with its path; CloudTrail does not always record it when it denies."),
            text("role_name", "The role's name."),
            text("role_account_id", "The account that owns the role."),
            text("role_account_name", "What the expectations call that account."),
            boolean(
                "is_cross_account",
                "True when the caller's account is not the role's; null when either is not known.",
            ),
            text("role_session_name", "The session name asked for."),
            text("external_id", "The external id, as it was logged. AWS does not log it when it denies."),
            boolean("external_id_present", "True when an external id was logged."),
            text("source_identity", "The source identity."),
            text("subject", "The token's subject."),
            text("audience", "The token's audience."),
            text("provider", "The identity provider: an ARN, or the host of a built-in one."),
            integer("requested_seconds", "The duration asked for, in seconds."),
            moment("expires_at", "When the issued session ends."),
            text("issued_access_key_id", "The access key id of the issued session."),
            text("session_tags", "The session tags that were passed, as a JSON object."),
            text("source_ip", "From where."),
            text("user_agent", "With what client."),
            text("object", "The log file that holds the record."),
            integer("object_index", "Where in the file the record stands, from 0."),
        ],
    },
    key: &["event_id", "recipient_account_id"],
    joins: &[("session_id", "sessions.session_id"), ("caller_session_id", "sessions.session_id")],
    day: "event_time",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let records = &source.rows.lineage().observations.assumptions;
    (0u32..).zip(records).try_for_each(|(number, record)| row(source, number, record, sink))
}

fn row(source: &Source<'_>, number: u32, record: &Assumption, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    let text = |sym| source.rows.text(sym);
    let id = |id| source.rows.event_id(id);
    let caller = lineage.principal(record.caller);
    let caller_session = usize::try_from(record.caller.0).ok();
    let caller_session = caller_session.and_then(|at| lineage.session_of_principal.get(at).copied().flatten());
    let caller_session = caller_session.map(|session| source.session_id(session));
    let issued = source.issued_by(number);
    let session = issued.map(|(session, _)| source.session_id(session));
    let role_arn = text(record.role_arn);
    let role_account = role_arn.as_deref().and_then(arn::account);
    let caller_account = text(caller.account);
    let is_cross = caller_account.as_deref().zip(role_account).map(|(caller, owner)| caller != owner);
    let tags = tags(source, record);
    let ids = [id(record.event_id), id(record.shared_event_id)];
    let texts = texts(source, record);
    let shown: [Option<&str>; 17] = std::array::from_fn(|at| texts.get(at).and_then(|text| text.as_deref()));
    let [
        region,
        recipient,
        error_code,
        error_message,
        caller_arn,
        caller_id,
        caller_key,
        session_name,
        external_id,
        source_identity,
        subject,
        audience,
        provider,
        issued_key,
        source_ip,
        user_agent,
        object,
    ] = shown;
    let [event_id, shared_id] = &ids;
    sink(&[
        event_id.as_deref().into(),
        shared_id.as_deref().into(),
        record.call.event_name().into(),
        record.time.into(),
        region.into(),
        recipient.into(),
        record.is_granted().into(),
        error_code.into(),
        error_message.into(),
        session.as_deref().into(),
        issued.map(|(_, is_counterpart)| is_counterpart).into(),
        caller_session.as_deref().into(),
        caller_arn.into(),
        caller_account.as_deref().into(),
        caller_id.into(),
        caller_key.into(),
        caller.mfa.into(),
        role_arn.as_deref().into(),
        role_arn.as_deref().map(origin::role_name).into(),
        role_account.into(),
        source.account_name(role_account).into(),
        is_cross.into(),
        session_name.into(),
        external_id.into(),
        record.external_id.is_some().into(),
        source_identity.into(),
        subject.into(),
        audience.into(),
        provider.into(),
        record.duration_seconds.into(),
        record.expires.into(),
        issued_key.into(),
        tags.as_deref().into(),
        source_ip.into(),
        user_agent.into(),
        object.into(),
        Value::from(record.index),
    ])
}

/// The session tags that were passed, as a JSON object.
fn tags(source: &Source<'_>, record: &Assumption) -> Option<String> {
    let lineage = source.rows.lineage();
    let shown = |sym| source.rows.shade.text(lineage.str(sym));
    let extra = record.extra.as_deref()?;
    let tags: Vec<_> = extra.tags.iter().map(|(name, value)| (shown(*name), shown(*value))).collect();
    object(tags.iter().map(|(name, value)| (name, value)))
}

/// The cells that are text and stand in the record, in the order in which [`row`] takes them apart.
fn texts<'a>(source: &Source<'a>, record: &Assumption) -> [Option<Text<'a>>; 17] {
    let text = |sym| source.rows.text(sym);
    let caller = source.rows.lineage().principal(record.caller);
    [
        text(record.region),
        text(record.recipient_account),
        text(record.error_code),
        text(record.error_message),
        text(caller.arn),
        text(caller.principal_id),
        source.rows.key(caller.access_key),
        text(record.session_name),
        text(record.external_id),
        text(record.source_identity),
        text(record.subject),
        text(record.audience),
        text(record.provider),
        source.rows.key(record.issued_key),
        text(record.source_ip),
        text(record.user_agent),
        text(Some(record.object)),
    ]
}
