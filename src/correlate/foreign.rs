//! Calls that only the owner of what was called has logged: of the caller, such a record says the account and the principal
//! id, and no key.
//!
//! Mostly the caller's own account has a record of the call, too, which says more. Tallies keep no id that would bring the
//! two together; but where a principal has as many calls of a name in its own log as others have of it, each of those may be
//! a copy. Only what is more counts, and never more than there was.

use crate::model::observations::ActionId;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Sym;
use crate::model::tallies::Tally;
use crate::model::width::place;

/// A principal id, and what was called.
type Call = (Sym, Option<Sym>, Option<Sym>);

/// How often whom was seen to call what.
type Row = ((PrincipalId, ActionId), Tally);

/// Takes out of what was tallied the copies of calls that the caller's account has logged, too.
pub(super) fn settle(observations: &mut Observations) {
    if !observations.principals.iter().any(Principal::is_seen_from_afar) {
        return;
    }
    let mut copies: Map<Call, Vec<Row>> = Map::default();
    let mut others: Vec<Row> = Vec::new();
    for row in std::mem::take(&mut observations.activity).into_rows() {
        let ((who, what), _) = row;
        let seen = super::principal_of(&observations.principals, who).filter(|who| who.is_seen_from_afar());
        match (seen.and_then(|seen| seen.principal_id), observations.actions.get(place(what.0))) {
            (Some(id), Some(action)) => copies.entry((id, action.source, action.name)).or_default().push(row),
            _ => others.push(row),
        }
    }
    let mut own: Map<Call, u64> = copies.keys().map(|call| (*call, 0)).collect();
    for ((who, what), tally) in &others {
        let id = super::principal_of(&observations.principals, *who).and_then(|who| who.principal_id);
        let Some((id, action)) = id.zip(observations.actions.get(place(what.0))) else { continue };
        if let Some(count) = own.get_mut(&(id, action.source, action.name)) {
            *count += tally.count();
        }
    }
    let mut alone: Map<PrincipalId, ()> = Map::default();
    for (call, mut rows) in copies {
        let mut twins = own.get(&call).copied().unwrap_or_default();
        rows.sort_unstable_by(|a, b| order(a, b, observations));
        for (key, mut tally) in rows {
            let of_these = u32::try_from(twins.min(tally.count())).unwrap_or(u32::MAX);
            twins -= u64::from(of_these);
            tally.uncount(of_these);
            if tally.count() > 0 {
                alone.insert(key.0, ());
                others.push((key, tally));
            }
        }
    }
    for (key, tally) in others {
        observations.activity.merge(key, &tally, &observations.symbols);
    }
    for (key, tally) in std::mem::take(&mut observations.contacts).into_rows() {
        let is_copy = super::principal_of(&observations.principals, key.0).is_some_and(Principal::is_seen_from_afar);
        if !is_copy || alone.contains_key(&key.0) {
            observations.contacts.merge(key, &tally, &observations.symbols);
        }
    }
}

/// The earliest first; then by what they say.
fn order(a: &Row, b: &Row, observations: &Observations) -> std::cmp::Ordering {
    let says = |row: &Row| {
        let action = observations.actions.get(place(row.0.1.0));
        action.map(|action| (observations.symbols.opt(action.error_code), action.read_only))
    };
    a.1.first
        .time()
        .cmp(&b.1.first.time())
        .then_with(|| super::sessions::compare_principals(observations, a.0.0, b.0.0))
        .then_with(|| says(a).cmp(&says(b)))
}
