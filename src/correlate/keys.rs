//! Long-term keys: every `AKIA…` that was used, and for what.

use std::cmp::Reverse;

use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::chain::Activity;
use crate::model::lineage::Lineage;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Map;
use crate::model::origin::OriginKind;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Sym;

use super::sessions::compare_principals;

/// Collects the keys; those that changed most come first.
pub(super) fn collect(lineage: &Lineage) -> Vec<LongTermKey> {
    let mut principals: Map<Sym, Vec<PrincipalId>> = Map::default();
    for (id, principal) in (0u32..).map(PrincipalId).zip(&lineage.observations.principals) {
        if let Some(key) = principal.access_key
            && arn::key_kind(lineage.str(key)) == KeyKind::LongTerm
            && !lineage.contacts.of(id).is_empty()
        {
            principals.entry(key).or_default().push(id);
        }
    }
    for session in lineage.sessions() {
        // What a service does in a user's name is done with the key that called it.
        let origin = session.origin();
        let key = origin.access_key_id.as_deref().and_then(|key| lineage.observations.symbols.find(key));
        if let Some(key) = key.filter(|_| origin.kind == OriginKind::ForwardAccess) {
            principals.entry(key).or_default().extend(session.principals());
        }
    }
    let mut keys: Vec<LongTermKey> = principals.into_iter().map(|(key, users)| one(lineage, key, users)).collect();
    let mut assumptions: Map<Sym, u64> = Map::default();
    for assumption in lineage.observations.assumptions.iter().filter(|record| record.issues_session()) {
        if let Some(key) = lineage.principal(assumption.caller).access_key {
            *assumptions.entry(key).or_default() += 1;
        }
    }
    for key in &mut keys {
        key.assumptions = assumptions.get(&key.access_key).copied().unwrap_or_default();
    }
    keys.sort_by(|a, b| {
        let rank = |key: &LongTermKey| (Reverse(key.activity.writes), Reverse(key.activity.calls));
        rank(a).cmp(&rank(b)).then_with(|| lineage.str(a.access_key).cmp(lineage.str(b.access_key)))
    });
    keys
}

fn one(lineage: &Lineage, access_key: Sym, mut users: Vec<PrincipalId>) -> LongTermKey {
    let names = |id: PrincipalId| {
        let principal = lineage.principal(id);
        let symbols = &lineage.observations.symbols;
        (symbols.opt(principal.arn), symbols.opt(principal.invoked_by), symbols.opt(principal.principal_id))
    };
    // Records that agree in these may differ in the account. Who came first must not decide.
    users.sort_unstable_by(|a, b| {
        names(*a).cmp(&names(*b)).then_with(|| compare_principals(&lineage.observations, *a, *b))
    });
    let mut activity = Activity::default();
    let mut first_event = None;
    let mut last_event = None;
    for id in &users {
        activity.merge(&lineage.activity_of_principal(*id));
        for (_, tally) in lineage.contacts.of(*id) {
            first_event = [first_event, tally.first.time()].into_iter().flatten().min();
            last_event = last_event.max(tally.last.time());
        }
    }
    LongTermKey { access_key, principals: users, activity, assumptions: 0, first_event, last_event, ci: None }
}
