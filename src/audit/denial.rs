//! Denials: what a refused call is, and who made it.

use crate::model::arn;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::chain::SessionId;
use crate::model::denial::DenialRun;
use crate::model::finding::Evidence;
use crate::model::lineage::Lineage;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;

/// A match hands over at most so many runs as evidence: the finding keeps fewer events.
const MAX_RUNS: usize = 5;

/// True when the error means that somebody may not, as opposed to a call that was malformed, expired or too large.
pub(super) fn is_refusal(error_code: &str) -> bool {
    error_code.starts_with("AccessDenied") || error_code.ends_with("UnauthorizedOperation")
}

/// True when an AWS service made the call, for itself or in a principal's name.
pub(super) fn is_by_service(lineage: &Lineage, record: &Assumption) -> bool {
    let caller = lineage.principal(record.caller);
    caller.kind == PrincipalKind::AwsService || caller.invoked_by.is_some()
}

/// True when a principal asked for a role and may not have it. Tags that a trust policy does not know break every step
/// of a pipeline, and are no question for the role.
pub(super) fn is_of_role(lineage: &Lineage, run: &DenialRun) -> bool {
    let Some(record) = run.records.first().map(|record| lineage.assumption(*record)) else { return false };
    let action = record.extra.as_ref().and_then(|extra| lineage.opt(extra.denied_action));
    record.call == IssuingCall::AssumeRole
        && !run.is_settling
        && action != Some("sts:TagSession")
        && is_refusal(lineage.opt(run.error_code).unwrap_or_default())
        && !is_by_service(lineage, record)
}

/// Returns who asked: the role of a session, since session names change from run to run; else what the record says.
pub(super) fn caller(lineage: &Lineage, run: &DenialRun) -> String {
    named(lineage, run.session, run.principal)
}

/// Returns who asked for a session, by the same name.
pub(super) fn asker(lineage: &Lineage, record: &Assumption) -> String {
    let principal = lineage.principal(record.caller);
    let at = usize::try_from(record.caller.0).ok();
    let session = at.and_then(|at| lineage.session_of_principal.get(at)).copied().flatten();
    named(lineage, session, principal.arn.or(principal.principal_id).or(principal.invoked_by))
}

fn named(lineage: &Lineage, session: Option<SessionId>, principal: Option<Sym>) -> String {
    if let Some(role) = session.and_then(|session| lineage.session(session).role_arn()) {
        return role.to_owned();
    }
    let principal = lineage.opt(principal).unwrap_or("an unnamed principal");
    let role = arn::partition(principal).zip(arn::account(principal)).zip(arn::role_name(principal));
    match role {
        Some(((partition, account), name)) if principal.contains(":assumed-role/") => {
            format!("arn:{partition}:iam::{account}:role/{name}")
        }
        _ => principal.to_owned(),
    }
}

/// Returns the first record of runs that are spread from the first to the last, and the very last record.
pub(super) fn evidence(lineage: &Lineage, runs: &[&DenialRun]) -> Vec<Evidence> {
    let last = runs.len().saturating_sub(1);
    let wanted = (0..MAX_RUNS).map(|at| at * last / (MAX_RUNS - 1));
    let mut records: Vec<u32> = wanted
        .filter_map(|at| runs.get(at)?.records.first())
        .chain(runs.last().and_then(|run| run.records.last()))
        .copied()
        .collect();
    records.sort_unstable();
    records.dedup();
    records.into_iter().map(|record| lineage.assumption_evidence(record)).collect()
}
