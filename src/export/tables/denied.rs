//! Denied attempts.

use super::Shape;
use super::Sink;
use super::cells::at;
use super::cells::integer;
use super::cells::moment;
use super::cells::text;
use super::origin;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::model::arn;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "denied",
        doc: "Denied attempts of one principal at one role, with one error, folded. Each single record is in `assumptions`.",
        columns: &[
            text("event_name", "The call, such as `AssumeRole`."),
            text("principal", "Who asked: an ARN, else a principal id."),
            text("subject", "The token's subject, for web identities."),
            text("provider", "The identity provider, for web identities."),
            text("role_arn", "The role asked for; CloudTrail does not always record it."),
            text("role_name", "The role's name."),
            text("role_account_id", "The account that owns the role."),
            text("role_account_name", "What the expectations call that account."),
            text("error_code", "The error."),
            integer("runs", "Attempts: retries within 120 seconds are one."),
            integer("events", "Events."),
            integer("settling_runs", "Attempts that failed only because a change of IAM had not spread yet."),
            moment("first_event", "The earliest event."),
            moment("last_event", "The latest event."),
            text("first_event_id", "The event id of the earliest."),
            text("last_event_id", "The event id of the latest."),
        ],
    },
    key: &["event_name", "principal", "subject", "provider", "role_arn", "error_code"],
    joins: &[("first_event_id", "assumptions.event_id"), ("last_event_id", "assumptions.event_id")],
    day: "last_event",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    for row in source.rows.denied() {
        let account = row.role_arn.as_deref().and_then(arn::account);
        sink(&[
            row.event_name.into(),
            row.principal.as_deref().into(),
            row.subject.as_deref().into(),
            row.provider.as_deref().into(),
            row.role_arn.as_deref().into(),
            row.role_arn.as_deref().map(origin::role_name).into(),
            account.into(),
            source.account_name(account).into(),
            row.error_code.as_deref().into(),
            row.runs.into(),
            row.events.into(),
            row.settling_runs.into(),
            at(row.first_event),
            at(row.last_event),
            row.event_ids.first().map(String::as_str).into(),
            row.event_ids.last().map(String::as_str).into(),
        ])?;
    }
    Ok(())
}
