//! What sessions and long-term keys did.

use std::collections::BTreeMap;

use super::Shape;
use super::Sink;
use super::cells::boolean;
use super::cells::integer;
use super::cells::moment;
use super::cells::text;
use super::origin;
use crate::export::Source;
use crate::export::actor;
use crate::export::spread::Spread;
use crate::frame::FrameError;
use crate::frame::Table;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "activity",
        doc: "What one session did, or one long-term key without a session: calls of one kind that ended in one way. Assumptions are not in here.",
        columns: &[
            text("session_id", "The session; null for a long-term key."),
            text(
                "access_key_id",
                "The session's key, or the long-term key. Not unique: join sessions by `session_id`.",
            ),
            text("role_arn", "The session's role, with its path."),
            text("role_name", "The role's name."),
            text("account_id", "The account that owns the role or the user."),
            text("account_name", "What the expectations call that account."),
            text("event_source", "The service, such as `s3.amazonaws.com`."),
            text("event_name", "The call, such as `PutObject`."),
            boolean("read_only", "What CloudTrail says about the call; null when it says nothing."),
            text("error_code", "The error; null when the calls succeeded."),
            boolean("is_write", "True for successful calls with `readOnly: false`."),
            integer("calls", "How many unique events."),
            moment("first_event", "The earliest."),
            moment("last_event", "The latest."),
            text("first_event_id", "The event id of the earliest."),
            text("last_event_id", "The event id of the latest."),
        ],
    },
    key: &["session_id", "access_key_id", "event_source", "event_name", "read_only", "error_code"],
    joins: &[("session_id", "sessions.session_id"), ("access_key_id", "long_term_keys.access_key_id")],
    day: "first_event",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    for actor in actor::all(source) {
        // What one session did under several principals is one row.
        let mut actions: BTreeMap<_, Spread<'_>> = BTreeMap::new();
        for (id, tally) in actor.principals.iter().flat_map(|principal| lineage.actions.of(*principal)) {
            let action = lineage.action(*id);
            let text = |sym| source.rows.text(sym);
            let key = (text(action.source), text(action.name), action.read_only, text(action.error_code));
            actions.entry(key).or_default().add(tally, lineage);
        }
        for ((service, name, read_only, error), spread) in &actions {
            let [first_id, last_id] = spread.event_ids(&source.rows);
            sink(&[
                actor.session_id.as_deref().into(),
                actor.access_key_id.as_deref().into(),
                actor.role_arn.as_deref().into(),
                actor.role_arn.as_deref().map(origin::role_name).into(),
                actor.account_id.as_deref().into(),
                source.account_name(actor.account_id.as_deref()).into(),
                service.as_deref().into(),
                name.as_deref().into(),
                (*read_only).into(),
                error.as_deref().into(),
                (error.is_none() && *read_only == Some(false)).into(),
                spread.events.into(),
                spread.first().into(),
                spread.last().into(),
                first_id.as_deref().into(),
                last_id.as_deref().into(),
            ])?;
        }
    }
    Ok(())
}
