//! Settles the records of assumptions: duplicates become one, and the two copies of a cross-account call one issuance.

use std::cmp::Ordering;

use crate::model::assumption::Assumption;
use crate::model::chain::Issuance;
use crate::model::event_id::EventId;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;

use super::number;

/// Sorts the records by time and id, and keeps one of each event id and account: the one of the first object.
pub(super) fn settle(observations: &mut Observations) {
    let Observations { symbols, principals, assumptions, .. } = observations;
    assumptions.sort_unstable_by(|a, b| compare(a, b, symbols));
    assumptions.dedup_by(|later, kept| {
        let kind = |record: &Assumption| super::principal_of(principals, record.caller).map(|caller| caller.kind);
        later.event_id.is_some()
            && later.event_id == kept.event_id
            && later.recipient_account == kept.recipient_account
            && later.time == kept.time
            && later.is_granted() == kept.is_granted()
            // AWS's own sample shows both copies of a call under one id and account; the callers tell them apart.
            && kind(later) == kind(kept)
    });
}

fn compare(a: &Assumption, b: &Assumption, symbols: &Symbols) -> Ordering {
    let text = |sym: Option<Sym>| symbols.opt(sym);
    a.time
        .cmp(&b.time)
        .then_with(|| match (a.event_id, b.event_id) {
            (Some(a), Some(b)) => a.compare(b, symbols),
            (a, b) => a.is_some().cmp(&b.is_some()),
        })
        .then_with(|| text(a.recipient_account).cmp(&text(b.recipient_account)))
        .then_with(|| symbols.get(a.object).cmp(symbols.get(b.object)))
        .then_with(|| a.index.cmp(&b.index))
}

/// Brings the two copies of each granted cross-account call together. The caller's copy leads: it has the key.
pub(super) fn issuances(observations: &Observations) -> Vec<Issuance> {
    let mut issuances: Vec<Issuance> = Vec::new();
    let mut open: Map<(EventId, Option<Sym>), usize> = Map::default();
    for (record, assumption) in (0u32..).zip(&observations.assumptions) {
        if !assumption.is_granted() {
            continue;
        }
        let kind = super::principal_of(&observations.principals, assumption.caller).map(|caller| caller.kind);
        if kind == Some(PrincipalKind::AwsService) {
            // A service has no account of its own that could hold a second copy.
            issuances.push(Issuance { record, counterpart: None });
            continue;
        }
        // A sharedEventID names the call by itself; a requestID only together with the issued key.
        let names = [
            assumption.shared_event_id.map(|id| (id, None)),
            assumption.request_id.zip(assumption.issued_key).map(|(id, key)| (id, Some(key))),
        ];
        let partner = names.into_iter().flatten().find_map(|name| {
            let at = *open.get(&name)?;
            is_other_copy(observations, &issuances[at], assumption).then_some(at)
        });
        if let Some(at) = partner {
            let issuance = &mut issuances[at];
            if kind == Some(PrincipalKind::AwsAccount) {
                issuance.counterpart = Some(record);
            } else {
                *issuance = Issuance { record, counterpart: Some(issuance.record) };
            }
        } else {
            for name in names.into_iter().flatten() {
                open.insert(name, issuances.len());
            }
            issuances.push(Issuance { record, counterpart: None });
        }
    }
    debug_assert!(number(issuances.len()) < u32::MAX);
    issuances
}

fn is_other_copy(observations: &Observations, issuance: &Issuance, copy: &Assumption) -> bool {
    let Some(first) = observations.assumptions.get(super::index(issuance.record)) else { return false };
    let is_target_view = |record: &Assumption| {
        super::principal_of(&observations.principals, record.caller)
            .is_some_and(|caller| caller.kind == PrincipalKind::AwsAccount)
    };
    issuance.counterpart.is_none()
        && first.call == copy.call
        && first.issued_key == copy.issued_key
        && is_target_view(first) != is_target_view(copy)
}
