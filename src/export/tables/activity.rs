//! What sessions and long-term keys did.

use std::collections::BTreeMap;

use super::Shape;
use super::Sink;
use super::origin;
use super::push;
use crate::export::Source;
use crate::export::actor;
use crate::export::actor::Actor;
use crate::export::spread::Ends;
use crate::export::spread::Spread;
use crate::frame::FrameError;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::report::wire::Text;

columns! {
    /// What sessions and long-term keys did.
    pub(super) struct Activity = "activity",
        "What one session did, or one long-term key without a session: calls of one kind that ended in one way. Assumptions are not in here.";
    write (actor, action, spread): (&'v Actor<'v>, &'v Action<'v>, &'v Spread<'v>), with source: Source<'v>;
    session_id: str = actor.session, "The session; null for a long-term key.";
    access_key_id: str = &actor.access_key_id,
        "The session's key, or the long-term key. Not unique: join sessions by `session_id`.";
    role_arn: str = &actor.role_arn, "The session's role, with its path.";
    role_name: str = actor.role_arn.as_deref().map(origin::role_name), "The role's name.";
    account_id: str = &actor.account_id, "The account that owns the role or the user.";
    account_name: str = source.account_name(actor.account_id.as_deref()), "What the expectations call that account.";
    event_source: str = &action.0, "The service, such as `s3.amazonaws.com`.";
    event_name: str = &action.1, "The call, such as `PutObject`.";
    read_only: bool = action.2, "What CloudTrail says about the call; null when it says nothing.";
    error_code: str = &action.3, "The error; null when the calls succeeded.";
    is_write: bool = action.3.is_none() && action.2 == Some(false), "True for successful calls with `readOnly: false`.";
    calls: i64 = spread.events, "How many unique events.";
    ..ends: Ends = spread;
}

pub(super) static SHAPE: Shape = Shape {
    table: Activity::TABLE,
    key: &["session_id", "access_key_id", "event_source", "event_name", "read_only", "error_code"],
    joins: &[("session_id", "sessions.session_id"), ("access_key_id", "long_term_keys.access_key_id")],
    day: "first_event",
    rows,
};

/// Service, call, whether it only reads, and the error.
type Action<'a> = (Option<Text<'a>>, Option<Text<'a>>, Option<bool>, Option<Text<'a>>);

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    for actor in actor::all(source) {
        // What one session did under several principals is one row.
        let mut actions: BTreeMap<Action<'_>, Spread<'_>> = BTreeMap::new();
        for (id, tally) in actor.principals.iter().flat_map(|principal| lineage.actions.of(*principal)) {
            let action = lineage.action(*id);
            let text = |sym| source.rows.text(sym);
            let key = (text(action.source), text(action.name), action.read_only, text(action.error_code));
            actions.entry(key).or_default().add(tally, lineage);
        }
        actions.iter().try_for_each(|(action, spread)| push::<Activity>((&actor, action, spread), source, sink))?;
    }
    Ok(())
}
