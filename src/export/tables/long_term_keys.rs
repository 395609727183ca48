//! Long-term keys.

use super::Shape;
use super::Sink;
use super::cells::at;
use super::cells::boolean;
use super::cells::count;
use super::cells::integer;
use super::cells::moment;
use super::cells::text;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::model::arn;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "long_term_keys",
        doc: "One long-term key (`AKIA…`) that was used, and all that was done with it directly.",
        columns: &[
            text("access_key_id", "The key."),
            text("principal_arn", "The user."),
            text("user_name", "The user's name."),
            text("account_id", "The user's account."),
            text("account_name", "What the expectations call that account."),
            integer("calls", "Calls made with the key. Assumptions are not counted."),
            integer("writes", "Successful calls with `readOnly: false`."),
            integer("assumptions", "Granted assumptions made with the key."),
            moment("first_event", "The first use, assumptions included."),
            moment("last_event", "The last use, assumptions included."),
            integer("source_ips", "From how many addresses it was used."),
            integer("user_agents", "With how many clients it was used."),
            boolean("is_ci", "True when a client is that of a CI system."),
        ],
    },
    key: &["access_key_id"],
    joins: &[],
    day: "last_event",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    for key in source.rows.long_term_keys() {
        let arn = key.principal_arn.as_deref();
        sink(&[
            key.access_key_id.as_ref().into(),
            arn.into(),
            arn.map(arn::short).into(),
            key.account_id.as_deref().into(),
            source.account_name(key.account_id.as_deref()).into(),
            key.calls.into(),
            key.writes.into(),
            key.assumptions.into(),
            at(key.first_event),
            at(key.last_event),
            count(key.source_ips.len()),
            count(key.user_agents.len()),
            key.ci.into(),
        ])?;
    }
    Ok(())
}
