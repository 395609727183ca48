//! Key status: which long-lived keys the logs show to be switched off, or deleted.

use super::changes;
use super::rule::Context;
use crate::model::change::Change;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;

/// A key may work for so many seconds after it was switched off: IAM takes a moment to say so everywhere.
const SETTLING: i64 = 300;

/// The last word on each key that a change names.
pub(super) struct KeyStatus {
    /// When each key of an account was last switched, and whether that was off.
    last: Map<(Sym, Sym), Switch>,
}

#[derive(Clone, Copy)]
struct Switch {
    time: Timestamp,
    is_off: bool,
}

impl KeyStatus {
    /// Reads it off the changes.
    pub(super) fn read(context: &Context<'_>) -> Self {
        let mut last: Map<(Sym, Sym), Switch> = Map::default();
        for change in context.lineage.observations.changes.iter().filter(|change| changes::is_of_iam(context, change)) {
            let Some((of, switch)) = switch(context, change) else { continue };
            let known = last.entry(of).or_insert(switch);
            // Of two switches in one second nobody knows which came last: the key then counts as working.
            if (known.time, !known.is_off) < (switch.time, !switch.is_off) {
                *known = switch;
            }
        }
        Self { last }
    }

    /// Returns when a key was switched off for good, as far as these logs reach: nothing switched it on again, and it was
    /// not used any more.
    pub(super) fn off_since(&self, context: &Context<'_>, key: &LongTermKey) -> Option<Timestamp> {
        // A key id alone proves nothing: the change must be of the account of the key's user.
        let mut accounts = key.principals.iter().filter_map(|id| context.lineage.principal(*id).account);
        let switch = accounts.find_map(|account| self.last.get(&(account, key.access_key)))?;
        let is_unused = key.last_event.is_none_or(|last| last <= switch.time.plus(SETTLING));
        (switch.is_off && is_unused).then_some(switch.time)
    }
}

fn switch(context: &Context<'_>, change: &Change) -> Option<((Sym, Sym), Switch)> {
    let is_off = match context.lineage.str(change.name) {
        "UpdateAccessKey" => changes::parameter(context, change, "status")?.eq_ignore_ascii_case("inactive"),
        "DeleteAccessKey" => true,
        _ => return None,
    };
    let key = changes::parameter(context, change, "accessKeyId")?;
    // A key that nobody used has no symbol, and nobody asks about it.
    let key = context.lineage.observations.symbols.find(&key)?;
    Some(((change.account?, key), Switch { time: change.time?, is_off }))
}
