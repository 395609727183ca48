//! Settles what the owners accept of what the rules found, and remembers what the acceptances came to.

use std::collections::BTreeSet;

use crate::audit::rule::Context;
use crate::audit::rule::Given;
use crate::audit::settled::Back;
use crate::audit::settled::Ended;
use crate::audit::settled::Settled;
use crate::expect::Exception;
use crate::expect::Exceptions;
use crate::model::acceptance;
use crate::model::acceptance::Acceptance;
use crate::model::acceptance::AcceptedBy;
use crate::model::baseline::Baseline;
use crate::model::baseline::Known;
use crate::model::finding::Basis;
use crate::model::finding::Finding;
use crate::model::finding::LEARNING_DAYS;
use crate::model::finding::Severity;
use crate::model::finding::Status;
use crate::model::observations::Map;
use crate::model::time::Timestamp;

/// An exception with its place, and the last day it holds.
type Held<'a> = (Timestamp, usize, &'a Exception);

/// Gives each finding that is accepted its status. An occurrence is accepted up to the end of the last day: a finding is
/// open again when it was seen after that, and one without a time when the logs go on after it.
pub(super) fn settle<'a>(
    findings: &mut [Finding],
    context: &Context<'a>,
    baseline: Option<&'a Baseline>,
) -> Settled<'a> {
    let exceptions = &context.expectations.exceptions;
    let now = last_event(context);
    let days = covered_days(context);
    let mut used = BTreeSet::new();
    let mut longest_of: Map<(usize, Severity, Basis), Option<Held<'_>>> = Map::default();
    let mut ended: Vec<(usize, Timestamp, Back)> = Vec::new();
    for finding in &mut *findings {
        let graded = finding.regraded_from.unwrap_or(finding.severity);
        let key = |part: &str| finding.key.get(part).map(String::as_str);
        let covering = exceptions.covering(finding.rule, key);
        // The one that holds longest; among equals the first of the file.
        let held = covering.iter().filter_map(|number| {
            let longest = || longest(exceptions, *number, graded, finding.basis);
            *longest_of.entry((*number, graded, finding.basis)).or_insert_with(longest)
        });
        let longest = held.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        used.extend(covering);
        let holds = |last_day| finding.last_seen.or(now).is_none_or(|seen| acceptance::holds_at(last_day, seen));
        let accepted = longest.filter(|(last_day, ..)| holds(*last_day)).map(|(last_day, _, exception)| Acceptance {
            by: AcceptedBy::Exception,
            reason: exception.reason.clone(),
            owner: exception.owner.clone(),
            ticket: exception.ticket.clone(),
            created: exception.created,
            last_day,
            days_left: days_left(last_day, now),
        });
        let accepted = accepted.or_else(|| known(finding, graded, baseline?, now).filter(|it| holds(it.last_day)));
        if accepted.is_some() {
            finding.status = Status::Excepted;
            finding.exception = accepted;
        } else if let Some((last_day, at, _)) = longest {
            let back = Back {
                title: finding.title.clone(),
                evidence: finding.evidence.clone(),
                chain_ids: finding.chain_ids.clone(),
            };
            ended.push((at, last_day, back));
        }
    }
    Settled {
        ended: gather(exceptions, ended),
        unused: unused(
            context,
            &days,
            &used.iter().flat_map(|number| exceptions.alike(*number)).map(|(at, _)| at).collect(),
        ),
        gone: gone(context, &days, findings, baseline),
        baseline,
    }
}

/// Returns the exception that holds longest of those that match the same, for a finding of this gravity.
fn longest(exceptions: &Exceptions, number: usize, graded: Severity, basis: Basis) -> Option<Held<'_>> {
    let held = exceptions.alike(number).map(|(at, exception)| (exception.last_day(graded, basis), at, exception));
    held.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)))
}

/// Returns what a baseline says of a finding.
fn known(finding: &Finding, graded: Severity, baseline: &Baseline, now: Option<Timestamp>) -> Option<Acceptance> {
    baseline.known.get(&finding.fingerprint)?;
    let last_day = graded.last_day(finding.basis, baseline.created, baseline.expires);
    Some(Acceptance {
        by: AcceptedBy::Baseline,
        reason: baseline.reason.clone(),
        owner: baseline.by.clone(),
        ticket: None,
        created: baseline.created,
        last_day,
        days_left: days_left(last_day, now),
    })
}

fn days_left(last_day: Timestamp, now: Option<Timestamp>) -> Option<i64> {
    now.map(|now| last_day.day() - now.day())
}

/// Puts together what came back, by exception and last day.
fn gather(exceptions: &[Exception], back: Vec<(usize, Timestamp, Back)>) -> Vec<Ended<'_>> {
    let mut places: Map<(usize, Timestamp), usize> = Map::default();
    let mut ended: Vec<Ended<'_>> = Vec::new();
    for (at, last_day, back) in back {
        let Some(exception) = exceptions.get(at) else { continue };
        let place = *places.entry((at, last_day)).or_insert(ended.len());
        match ended.get_mut(place) {
            Some(known) => known.back.push(back),
            None => ended.push(Ended { exception, last_day, back: vec![back] }),
        }
    }
    ended
}

/// Returns the exceptions that nothing was found for, of those that would have been used if they were needed.
fn unused<'a>(context: &Context<'a>, days: &[i32], used: &BTreeSet<usize>) -> Vec<&'a Exception> {
    let candidates = context.expectations.exceptions.iter().enumerate().filter(|(at, _)| !used.contains(at));
    let accounts = context.lineage.covered_accounts();
    candidates
        .map(|(_, exception)| exception)
        .filter(|exception| is_covered(context, days, &exception.detection, exception.created))
        .filter(|exception| places(exception).all(|account| accounts.binary_search(&account).is_ok()))
        .collect()
}

/// Returns what the baseline knows and nobody found, of what would have been found if it were there.
fn gone<'a>(
    context: &Context<'a>,
    days: &[i32],
    findings: &[Finding],
    baseline: Option<&'a Baseline>,
) -> Vec<&'a Known> {
    let Some(baseline) = baseline else { return Vec::new() };
    let found: BTreeSet<&str> = findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let missing = baseline.known.iter().filter(|(fingerprint, _)| !found.contains(fingerprint.as_str()));
    missing.map(|(_, known)| known).filter(|known| is_covered(context, days, &known.rule, baseline.created)).collect()
}

/// The accounts whose logs would show what an exception accepts.
fn places(exception: &Exception) -> impl Iterator<Item = &str> {
    exception.parts().filter_map(|(part, glob)| match part {
        "account_id" if glob.is_literal() => Some(glob.as_str()),
        "role_arn" | "principal_arn" => glob.as_str().split(':').nth(4).filter(|account| !account.contains(['*', '?'])),
        _ => None,
    })
}

/// True when silence means something: the rule could judge, nothing was left out on purpose, and the logs cover enough
/// days since the finding was accepted.
fn is_covered(context: &Context<'_>, days: &[i32], rule: &str, since: Timestamp) -> bool {
    let given = Given {
        digests: context.integrity.is_some(),
        snapshots: !context.in_force.snapshots().is_empty(),
        expectations: !context.expectations.says_nothing(),
        learned: context.history.is_some_and(|history| history.covered_days.len() >= LEARNING_DAYS),
        ci: context.ci.is_some(),
    };
    !context.lineage.is_filtered
        && context.rules.iter().filter(|known| known.id == rule).all(|rule| rule.is_asked(given))
        && days.len() - days.partition_point(|day| i64::from(*day) < since.day()) >= LEARNING_DAYS
}

/// Returns the days with records, in order.
fn covered_days(context: &Context<'_>) -> Vec<i32> {
    if let Some(history) = context.history {
        return history.covered_days.clone();
    }
    let days = context.lineage.observations.cells.keys().filter_map(|cell| cell.day);
    days.collect::<BTreeSet<i32>>().into_iter().collect()
}

/// The time of the logs: nothing here knows another one.
fn last_event(context: &Context<'_>) -> Option<Timestamp> {
    context.lineage.observations.cells.values().filter_map(|count| count.last).max()
}
