//! Settles the records of assumptions: duplicates become one, and the two copies of a cross-account call one issuance.

use std::cmp::Ordering;
use std::collections::HashSet;

use rayon::prelude::*;

use crate::model::addendum;
use crate::model::assumption::Assumption;
use crate::model::assumption::AssumptionExtra;
use crate::model::assumption::IssuingCall;
use crate::model::chain::Issuance;
use crate::model::change::Change;
use crate::model::correction;
use crate::model::event_id::EventId;
use crate::model::folder;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::width::id_of;
use crate::model::width::place;

use super::amended::Names;
use super::amended::leave_corrected;
use super::copies;

/// Sorts the records by time, id and what they say, and keeps one of those that say the same; of copies of an event that
/// hold less, the fuller. Two records of one event id that say different things are two: neither hides the other.
///
/// Where a record stands decides only which of equal ones is kept: the same records may come in any objects, but one in
/// its own account's folder goes before one in another's.
pub(super) fn settle(observations: &mut Observations) {
    let mut assumptions = std::mem::take(&mut observations.assumptions);
    assumptions.par_sort_unstable_by(|a, b| {
        name_order(a, b, observations)
            .then_with(|| what_order(a, b, observations))
            .then_with(|| is_misplaced(a, observations).cmp(&is_misplaced(b, observations)))
            .then_with(|| observations.symbols.get(a.object).cmp(observations.symbols.get(b.object)))
            .then_with(|| a.index.cmp(&b.index))
    });
    assumptions.dedup_by(|later, kept| {
        name_order(later, kept, observations).is_eq() && what_order(later, kept, observations).is_eq()
    });
    let names = |row: &Assumption| Names {
        account: row.recipient_account,
        event_id: row.event_id,
        amends: row.extra.as_deref().and_then(|extra| extra.amends),
    };
    leave_corrected(
        &mut assumptions,
        names,
        |a, b| {
            addendum::by_delivery(a.object, b.object, &observations.symbols)
                .then_with(|| what_order(a, b, observations))
        },
        |addendum, original| correction::may_correct(addendum, original, observations),
    );
    copies::keep_fuller(
        &mut assumptions,
        |a, b| a.event_id.is_some() && name_order(a, b, observations).is_eq(),
        |less, more| copies::is_less(less, more, observations),
    );
    observations.assumptions = assumptions;
    settle_changes(observations);
}

fn is_misplaced(record: &Assumption, observations: &Observations) -> bool {
    let symbols = &observations.symbols;
    folder::is_misplaced(symbols.get(record.object), symbols.opt(record.recipient_account))
}

/// Compares what names two records. Equal ones may be deliveries of one event.
fn name_order(a: &Assumption, b: &Assumption, observations: &Observations) -> Ordering {
    let symbols = &observations.symbols;
    // AWS's own sample shows both copies of a call under one id and account; the callers tell them apart.
    let kind = |record: &Assumption| super::principal_of(&observations.principals, record.caller).map(|p| p.kind);
    a.time
        .cmp(&b.time)
        .then_with(|| id_order(a.event_id, b.event_id, symbols))
        .then_with(|| symbols.opt(a.recipient_account).cmp(&symbols.opt(b.recipient_account)))
        .then_with(|| a.is_granted().cmp(&b.is_granted()))
        .then_with(|| kind(a).cmp(&kind(b)))
}

/// Compares what two records say besides their names.
fn what_order(a: &Assumption, b: &Assumption, observations: &Observations) -> Ordering {
    let symbols = &observations.symbols;
    let texts = |record: &Assumption| {
        [
            record.role_arn,
            record.session_name,
            record.issued_key,
            record.assumed_role_id,
            record.assumed_role_arn,
            record.subject,
            record.audience,
            record.provider,
            record.external_id,
            record.source_identity,
            record.error_code,
            record.error_message,
            record.region,
            record.source_ip,
            record.user_agent,
        ]
        .map(|sym| symbols.opt(sym))
    };
    let numbers =
        |record: &Assumption| (record.call, record.expires, record.duration_seconds, record.withholds_request);
    numbers(a)
        .cmp(&numbers(b))
        .then_with(|| super::sessions::compare_principals(observations, a.caller, b.caller))
        .then_with(|| texts(a).cmp(&texts(b)))
        .then_with(|| id_order(a.shared_event_id, b.shared_event_id, symbols))
        .then_with(|| id_order(a.request_id, b.request_id, symbols))
        .then_with(|| extra_order(a.extra.as_deref(), b.extra.as_deref(), symbols))
}

fn extra_order(a: Option<&AssumptionExtra>, b: Option<&AssumptionExtra>, symbols: &Symbols) -> Ordering {
    let says = |extra: &AssumptionExtra| {
        let tags = |tags: &[(Sym, Sym)]| -> Vec<(String, String)> {
            tags.iter().map(|(key, value)| (symbols.get(*key).to_owned(), symbols.get(*value).to_owned())).collect()
        };
        let texts = [
            extra.target_principal,
            extra.task_policy,
            extra.serving_region,
            extra.endpoint_type,
            extra.denied_action,
            extra.token_id,
        ];
        (
            tags(&extra.tags),
            tags(&extra.incoming_tags),
            extra.has_session_policy,
            extra.explicit_trust_grant,
            texts.map(|sym| symbols.opt(sym)),
        )
    };
    let amends = |extra: Option<&AssumptionExtra>| extra.and_then(|extra| extra.amends);
    a.map(says).cmp(&b.map(says)).then_with(|| id_order(amends(a), amends(b), symbols))
}

fn id_order(a: Option<EventId>, b: Option<EventId>, symbols: &Symbols) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.compare(b, symbols),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Sorts the changes and keeps one of each, in the same way.
fn settle_changes(observations: &mut Observations) {
    let mut changes = std::mem::take(&mut observations.changes);
    let symbols = &observations.symbols;
    let says = |change: &Change| {
        let texts = [change.account, change.target, change.document, change.error_code, change.user_agent];
        (symbols.get(change.source), symbols.get(change.name), texts.map(|sym| symbols.opt(sym)), change.omitted)
    };
    let order = |a: &Change, b: &Change| {
        a.time
            .cmp(&b.time)
            .then_with(|| id_order(a.event_id, b.event_id, symbols))
            .then_with(|| says(a).cmp(&says(b)))
            .then_with(|| id_order(a.amends, b.amends, symbols))
            .then_with(|| super::sessions::compare_principals(observations, a.caller, b.caller))
    };
    changes.sort_unstable_by(|a, b| order(a, b).then_with(|| symbols.get(a.object).cmp(symbols.get(b.object))));
    changes.dedup_by(|later, kept| order(later, kept).is_eq());
    let names = |row: &Change| Names { account: row.account, event_id: row.event_id, amends: row.amends };
    leave_corrected(
        &mut changes,
        names,
        |a, b| addendum::by_delivery(a.object, b.object, symbols).then_with(|| order(a, b)),
        |addendum, original| correction::may_correct_change(addendum, original, observations),
    );
    copies::keep_fuller(
        &mut changes,
        |a, b| a.event_id.is_some() && (a.time, a.event_id) == (b.time, b.event_id),
        |less, more| copies::is_less_change(less, more, observations),
    );
    observations.changes = changes;
}

/// Brings the two copies of each granted cross-account call together. The caller's copy leads: it has the key.
pub(super) fn issuances(observations: &Observations) -> Vec<Issuance> {
    let mut issuances: Vec<Issuance> = Vec::new();
    let mut open: Map<(EventId, Option<Sym>), usize> = Map::default();
    let of_services = keys_of_services(observations);
    for (record, assumption) in (0u32..).zip(&observations.assumptions) {
        if !assumption.issues_session() || (is_of_service(assumption) && of_services.contains(&named(assumption))) {
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
            is_other_copy(observations, issuances.get(at)?, assumption).then_some(at)
        });
        if let Some(issuance) = partner.and_then(|at| issuances.get_mut(at)) {
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
    debug_assert!(id_of(issuances.len()) < u32::MAX);
    issuances
}

/// Services that issue sessions by a call of their own have a record of STS beside it that says more.
fn is_of_service(record: &Assumption) -> bool {
    matches!(record.call, IssuingCall::RolesAnywhere | IssuingCall::PodIdentity)
}

/// What names a session in both records. In redacted logs all sessions have one key.
fn named(record: &Assumption) -> (Option<Sym>, Option<Sym>) {
    (record.issued_key, record.assumed_role_id)
}

fn keys_of_services(observations: &Observations) -> HashSet<(Option<Sym>, Option<Sym>)> {
    let by_service = observations.assumptions.iter().filter(|record| {
        let caller = super::principal_of(&observations.principals, record.caller);
        record.call == IssuingCall::AssumeRole
            && record.is_granted()
            && record.issued_key.is_some()
            && caller.is_some_and(|caller| caller.kind == PrincipalKind::AwsService)
    });
    by_service.map(named).collect()
}

fn is_other_copy(observations: &Observations, issuance: &Issuance, copy: &Assumption) -> bool {
    let Some(first) = observations.assumptions.get(place(issuance.record)) else { return false };
    let is_target_view = |record: &Assumption| {
        super::principal_of(&observations.principals, record.caller)
            .is_some_and(|caller| caller.kind == PrincipalKind::AwsAccount)
    };
    issuance.counterpart.is_none()
        && first.call == copy.call
        && (first.issued_key == copy.issued_key || first.issued_key.is_none() || copy.issued_key.is_none())
        && is_target_view(first) != is_target_view(copy)
}
