//! Network activity events: which of them tell of a call that has no record of its own in these logs?
//!
//! A call through a VPC endpoint is logged where it was made, and once more for the owner of the endpoint. The two records
//! share a request id, which tallies do not keep. But where a caller has as many calls of a name as there are network
//! activity events of it, each of these may be such a second record. What is more was seen by the endpoint alone: it counts,
//! and never more than there was.

use crate::model::observations::ActionId;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Sym;
use crate::model::tallies::Tally;
use crate::model::width::place;

/// Who called what. Whoever is named by a key is told apart by it, others by their principal id: the two records of a call
/// need not spell their caller alike.
type Call = (Caller, Option<Sym>, Option<Sym>);

/// How often whom was seen to call what.
type Row = ((PrincipalId, ActionId), Tally);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Caller {
    Key(Sym),
    Named(Option<Sym>),
}

impl Caller {
    fn named(principal: &Principal) -> Self {
        Self::Named(principal.principal_id.or(principal.arn).or(principal.account))
    }

    fn of(principal: &Principal) -> Self {
        principal.access_key.map_or_else(|| Self::named(principal), Self::Key)
    }
}

/// Counts the calls of which only network activity events tell, and forgets the others.
pub(super) fn settle(observations: &mut Observations) {
    let network = std::mem::take(&mut observations.network);
    if network.is_empty() {
        return;
    }
    let mut events: Map<Call, Vec<Row>> = Map::default();
    for row in network.into_rows().filter(|(_, tally)| tally.count() > 0) {
        let (who, what) = row.0;
        let Some(principal) = super::principal_of(&observations.principals, who) else { continue };
        let Some(action) = observations.actions.get(place(what.0)) else { continue };
        events.entry((Caller::of(principal), action.source, action.name)).or_default().push(row);
    }
    let mut calls: Map<Call, u64> = events.keys().map(|call| (*call, 0)).collect();
    for ((who, what), tally) in observations.activity.iter() {
        let Some(principal) = super::principal_of(&observations.principals, *who) else { continue };
        let Some(action) = observations.actions.get(place(what.0)) else { continue };
        let named = Caller::named(principal);
        for caller in principal.access_key.map(Caller::Key).into_iter().chain([named]) {
            if let Some(count) = calls.get_mut(&(caller, action.source, action.name)) {
                *count += tally.count();
            }
        }
    }
    let mut alone: Map<PrincipalId, ()> = Map::default();
    for (call, mut rows) in events {
        let mut twins = calls.get(&call).copied().unwrap_or_default();
        rows.sort_unstable_by(|a, b| {
            let says = |row: &Row| {
                let action = observations.actions.get(place(row.0.1.0));
                action.map(|action| (observations.symbols.opt(action.error_code), action.read_only))
            };
            super::sessions::compare_principals(observations, a.0.0, b.0.0).then_with(|| says(a).cmp(&says(b)))
        });
        for (key, tally) in rows {
            let of_these = twins.min(tally.count());
            twins -= of_these;
            let more = u32::try_from(tally.count() - of_these).unwrap_or(u32::MAX);
            if more > 0 {
                alone.insert(key.0, ());
                let tally = Tally::counted(more, tally.first, tally.last);
                observations.activity.merge(key, &tally, &observations.symbols);
            }
        }
    }
    // Where a call was made from is said by its own record.
    for (key, tally) in std::mem::take(&mut observations.contacts).into_rows() {
        if tally.count() > 0 || alone.contains_key(&key.0) {
            observations.contacts.merge(key, &tally, &observations.symbols);
        }
    }
}
