//! Long-term keys.

use super::Shape;
use super::push;
use crate::export::Source;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::arn;
use crate::model::time::Timestamp;
use crate::report::wire::key::LongTermKey;

columns! {
    /// Long-term keys.
    pub(super) struct LongTermKeys = "long_term_keys",
        "One long-term key (`AKIA…`) that was used, and all that was done with it directly.";
    write key: &'v LongTermKey<'v>, with source: Source<'v> {
        let arn = key.principal_arn.as_deref();
    };
    access_key_id: str = &key.access_key_id, "The key.";
    principal_arn: str = arn, "The user.";
    user_name: str = arn.map(arn::short), "The user's name.";
    account_id: str = &key.account_id, "The user's account.";
    account_name: str = source.account_name(key.account_id.as_deref()), "What the expectations call that account.";
    calls: i64 = key.calls, "Calls made with the key. Assumptions are not counted.";
    writes: i64 = key.writes, "Successful calls with `readOnly: false`.";
    assumptions: i64 = key.assumptions, "Granted assumptions made with the key.";
    first_event: Timestamp = key.first_event, "The first use, assumptions included.";
    last_event: Timestamp = key.last_event, "The last use, assumptions included.";
    source_ips: i64 = key.source_ips.len(), "From how many addresses it was used.";
    user_agents: i64 = key.user_agents.len(), "With how many clients it was used.";
    is_ci: bool = key.ci, "True when a CI system used it.";
    ci_sign: str = key.ci_sign,
        "By what that shows: `client` (a user agent that only CI sends) or `network`; null when nothing does.";
    ci_reason: str = &key.ci_reason, "What shows it: the piece of the user agent, or the network's name.";
}

pub(super) static SHAPE: Shape = Shape {
    table: LongTermKeys::TABLE,
    key: &["access_key_id"],
    joins: &[],
    day: "last_event",
    rows: |source, sink| source.rows.long_term_keys().try_for_each(|key| push::<LongTermKeys>(&key, source, sink)),
};
