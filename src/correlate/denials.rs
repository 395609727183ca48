//! Denials: retries of one attempt folded into one run.

use crate::model::arn;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::denial::DenialRun;
use crate::model::lineage::Lineage;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;
use crate::model::width::place;

/// Retries of one attempt lie at most this far apart: the GitHub action sleeps up to 102 s between its twelve tries.
const LONGEST_PAUSE: u64 = 120;

/// A denial this soon after a change of its target is IAM spreading the change …
const SETTLING_AFTER_CHANGE: i64 = 60;

/// … when the same call succeeds this soon afterwards.
const SETTLING_BEFORE_SUCCESS: i64 = 120;

/// Changes that IAM needs some seconds to spread.
const SPREADING: &[&str] = &["CreateRole", "UpdateAssumeRolePolicy", "PutRolePolicy", "AttachRolePolicy"];

/// What makes two denials the same attempt.
#[derive(PartialEq, Eq, Hash)]
struct Attempt {
    caller: Option<Sym>,
    call: IssuingCall,
    role_arn: Option<Sym>,
    error_code: Option<Sym>,
    account: Option<Sym>,
}

/// Folds denied assumptions, in order of time, into runs.
pub(super) fn fold(lineage: &Lineage) -> Vec<DenialRun> {
    let mut runs: Vec<DenialRun> = Vec::new();
    let mut open: Map<Attempt, usize> = Map::default();
    for (record, assumption) in (0u32..).zip(&lineage.observations.assumptions) {
        if !assumption.is_refused() {
            continue;
        }
        let caller = lineage.principal(assumption.caller);
        let attempt = Attempt {
            caller: caller.access_key.or(caller.principal_id).or(caller.arn),
            call: assumption.call,
            role_arn: assumption.role_arn,
            error_code: assumption.error_code,
            account: assumption.recipient_account,
        };
        let known = open.get(&attempt).and_then(|at| runs.get_mut(*at)).filter(|run| {
            run.last_event.zip(assumption.time).is_some_and(|(last, time)| last.distance(time) <= LONGEST_PAUSE)
        });
        if let Some(run) = known {
            run.records.push(record);
            run.last_event = assumption.time;
        } else {
            open.insert(attempt, runs.len());
            runs.push(start(lineage, record, assumption));
        }
    }
    let settling = Settling::new(lineage);
    for run in &mut runs {
        run.is_settling = settling.covers(lineage, run);
    }
    runs
}

fn start(lineage: &Lineage, record: u32, assumption: &Assumption) -> DenialRun {
    let caller = lineage.principal(assumption.caller);
    let is_federated = matches!(assumption.call, IssuingCall::WebIdentity | IssuingCall::Saml);
    DenialRun {
        records: vec![record],
        role_arn: assumption.role_arn,
        principal: caller.arn.or(caller.principal_id).or(caller.invoked_by),
        access_key: caller.access_key,
        session: lineage.session_of_principal.get(place(assumption.caller.0)).copied().flatten(),
        subject: assumption.subject.or(if is_federated { caller.user_name } else { None }),
        provider: assumption.provider.or(caller.identity_provider),
        error_code: assumption.error_code,
        account: assumption.recipient_account,
        first_event: assumption.time,
        last_event: assumption.time,
        token: None,
        is_settling: false,
    }
}

/// When roles were changed, and when they were assumed again: in order, as changes and assumptions are.
struct Settling<'l> {
    changes: Map<(Option<Sym>, &'l str), Vec<Timestamp>>,
    successes: Map<Sym, Vec<Timestamp>>,
}

impl<'l> Settling<'l> {
    fn new(lineage: &'l Lineage) -> Self {
        let mut changes: Map<(Option<Sym>, &str), Vec<Timestamp>> = Map::default();
        for change in &lineage.observations.changes {
            let spreads = SPREADING.contains(&lineage.str(change.name)) && change.error_code.is_none();
            if let (true, Some(target), Some(time)) = (spreads, change.target, change.time) {
                changes.entry((change.account, lineage.str(target))).or_default().push(time);
            }
        }
        let mut successes: Map<Sym, Vec<Timestamp>> = Map::default();
        if !changes.is_empty() {
            for assumption in lineage.observations.assumptions.iter().filter(|record| record.is_granted()) {
                if let Some((role, time)) = assumption.role_arn.zip(assumption.time) {
                    successes.entry(role).or_default().push(time);
                }
            }
        }
        Self { changes, successes }
    }

    fn covers(&self, lineage: &Lineage, run: &DenialRun) -> bool {
        let (Some(role), Some(first), Some(last)) = (run.role_arn, run.first_event, run.last_event) else {
            return false;
        };
        let role_arn = lineage.str(role);
        let Some(name) = arn::role_name(role_arn) else { return false };
        let account = arn::account(role_arn).and_then(|account| lineage.observations.symbols.find(account));
        let changes = self.changes.get(&(account, name));
        let successes = self.successes.get(&role);
        changes.is_some_and(|times| has_any(times, first.plus(-SETTLING_AFTER_CHANGE), first))
            && successes.is_some_and(|times| has_any(times, last, last.plus(SETTLING_BEFORE_SUCCESS)))
    }
}

/// Returns true when one of the times, which are in order, lies between two moments, both included.
fn has_any(times: &[Timestamp], from: Timestamp, to: Timestamp) -> bool {
    let at = times.partition_point(|time| *time < from);
    times.get(at).is_some_and(|time| *time <= to)
}
