//! Denied attempts.

use super::Shape;
use super::origin;
use super::push;
use crate::export::Source;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::arn;
use crate::model::time::Timestamp;
use crate::report::wire::denied::Denied;

columns! {
    /// Denied attempts.
    pub(super) struct Denials = "denied",
        "Denied attempts of one principal at one role, with one error, folded. Each single record is in `assumptions`.";
    write row: &'v Denied<'v>, with source: Source<'v> {
        let account = row.role_arn.as_deref().and_then(arn::account);
    };
    event_name: str = row.event_name, "The call, such as `AssumeRole`.";
    principal: str = &row.principal, "Who asked: an ARN, else a principal id.";
    subject: str = &row.subject, "The token's subject, for web identities.";
    provider: str = &row.provider, "The identity provider, for web identities.";
    role_arn: str = &row.role_arn, "The role asked for; CloudTrail does not always record it.";
    role_name: str = row.role_arn.as_deref().map(origin::role_name), "The role's name.";
    role_account_id: str = account, "The account that owns the role.";
    role_account_name: str = source.account_name(account), "What the expectations call that account.";
    error_code: str = &row.error_code, "The error.";
    runs: i64 = row.runs, "Attempts: retries within 120 seconds are one.";
    events: i64 = row.events, "Events.";
    settling_runs: i64 = row.settling_runs, "Attempts that failed only because a change of IAM had not spread yet.";
    first_event: Timestamp = row.first_event, "The earliest event.";
    last_event: Timestamp = row.last_event, "The latest event.";
    first_event_id: str = row.event_ids.first(), "The event id of the earliest.";
    last_event_id: str = row.event_ids.last(), "The event id of the latest.";
}

pub(super) static SHAPE: Shape = Shape {
    table: Denials::TABLE,
    key: &["event_name", "principal", "subject", "provider", "role_arn", "error_code"],
    joins: &[("first_event_id", "assumptions.event_id"), ("last_event_id", "assumptions.event_id")],
    day: "last_event",
    rows: |source, sink| source.rows.denied().iter().try_for_each(|row| push::<Denials>(row, source, sink)),
};
