//! `observed-outside-trust`: somebody assumed a role whose trust policy, as it is known, would have refused it; or who
//! came in while the policy stood open for a short time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::in_force::opened_for_short;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::trust::Verdict;
use crate::trust::observed::Observed;
use crate::trust::snapshot::SnapshotKind;
use crate::trust::timeline::Source;
use crate::trust::timeline::Step;
use crate::trust::timeline::Timeline;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "observed-outside-trust",
    title: "A role was assumed by somebody whom its known trust policy refuses",
    theme: Theme::Trust,
    severity: Severity::Info,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs, and `--iam` or changes of trust policies in the logs",
    remediation: "Take a new snapshot (aws iam get-account-authorization-details) and look for changes of the trust \
                  policy in between. If the trust was widened and put back, find out who did it and why, and review \
                  what the sessions in between did.",
    techniques: &["T1098.003"],
    reading: &[(
        "AWS: UpdateAssumeRolePolicy",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html",
    )],
    page: include_str!("../../../../docs/rules/observed-outside-trust.md"),
    check,
};

/// How long IAM may still act on the old trust policy after a change.
const SPREADING: i64 = 60;

/// Assumptions of one role that its known policies do not explain.
#[derive(Default)]
struct Unexplained<'o, 'a> {
    /// Refused by the policy that is known for their time, and why.
    outside: Vec<(&'o Observed<'a>, String)>,
    /// Let in by a policy that was put back within a day, by the place of that policy in the timeline and by who.
    meanwhile: BTreeMap<(usize, String), Vec<&'o Observed<'a>>>,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if !context.in_force.is_known() {
        return;
    }
    let mut by_role: BTreeMap<&str, Vec<&Observed<'_>>> = BTreeMap::new();
    for observed in context.in_force.observed() {
        by_role.entry(observed.role_arn).or_default().push(observed);
    }
    for (role_arn, observed) in by_role {
        let timeline = context.in_force.timeline(role_arn);
        if timeline.steps.is_empty() || arn::is_service_linked_role(role_arn) {
            continue;
        }
        let mut unexplained = Unexplained::default();
        for one in observed {
            if is_spreading(timeline, one.time) {
                continue;
            }
            match timeline.judge(one) {
                Verdict::Denies(refusal) if !is_planned(timeline.at(one.time)) => {
                    unexplained.outside.push((one, refusal.said()));
                }
                Verdict::Allows => {
                    if let Some(at) = opened_for_short(timeline, one) {
                        unexplained.meanwhile.entry((at, one.who())).or_default().push(one);
                    }
                }
                _ => {}
            }
        }
        matches.extend(outside(context, role_arn, timeline, &unexplained.outside));
        let opened = unexplained.meanwhile.into_iter();
        matches.extend(
            opened.filter_map(|((at, who), observed)| meanwhile(context, role_arn, timeline, (at, who), &observed)),
        );
    }
}

fn is_spreading(timeline: &Timeline<'_>, time: Option<Timestamp>) -> bool {
    let Some((step, time)) = timeline.at(time).zip(time) else { return false };
    step.from.is_some_and(|from| time < from.plus(SPREADING))
}

/// A plan says what will be, not what is.
fn is_planned(step: Option<&Step<'_>>) -> bool {
    step.is_some_and(
        |step| matches!(step.source, Source::Snapshot(snapshot) if snapshot.kind == SnapshotKind::TerraformPlan),
    )
}

fn outside(
    context: &Context<'_>,
    role_arn: &str,
    timeline: &Timeline<'_>,
    observed: &[(&Observed<'_>, String)],
) -> Option<Match> {
    let (first, reason) = observed.first()?;
    let step = timeline.at(first.time)?;
    let users: BTreeSet<String> = observed.iter().map(|(one, _)| one.who()).collect();
    let count = wide(observed.len());
    let times = (first.time, observed.last().and_then(|(last, _)| last.time));
    let why = match step.source {
        Source::Snapshot(_) => {
            "so the policy was another one then, or the snapshot is not of this role as it was: judge nothing by it \
             before you have a new one"
        }
        Source::Event(..) => "so a later change of the policy is missing from these logs",
    };
    let source = step.said(context.lineage);
    Some(Match {
        key: vec![("role_arn", role_arn.to_owned())],
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!(
            "{} was assumed by {}, whom its known trust policy refuses",
            phrase::short(role_arn),
            phrase::all_of(users.iter().cloned())
        ),
        message: format!(
            "{}, {} assumed {}. The policy known for that time is that of {source}, and it would have refused: {reason}. \
             AWS let the calls in, {why}.",
            occurrences::when(count, times.0, times.1),
            phrase::all_of(users),
            phrase::role(context, role_arn),
        ),
        remediation: None,
        count,
        evidence: evidence(observed.iter().map(|(one, _)| *one)),
        chain_ids: observed.iter().flat_map(|(one, _)| context.chain_ids(one.session.id)).collect(),
    })
}

fn meanwhile(
    context: &Context<'_>,
    role_arn: &str,
    timeline: &Timeline<'_>,
    (at, who): (usize, String),
    observed: &[&Observed<'_>],
) -> Option<Match> {
    let (opened, closed) = (timeline.steps.get(at)?, timeline.steps.get(at + 1)?);
    let (from, until) = opened.from.zip(closed.from)?;
    let count = wide(observed.len());
    let actor = actor(context, opened);
    // Tools roll back what they rolled out.
    let is_tool = actor.is_some_and(|actor| context.expectations.is_iac_role(actor));
    let by = actor.map(|actor| format!(" by {actor}")).unwrap_or_default();
    Some(Match {
        key: vec![("role_arn", role_arn.to_owned()), ("caller", who.clone())],
        severity: if is_tool { Severity::Low } else { Severity::High },
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{who} assumed {} while its trust policy stood open for a short time", phrase::short(role_arn)),
        message: format!(
            "At {from} the trust policy of {} was changed{by} so that it lets in {who}, and at {until} it was changed \
             so that it does not; before, it did not either. In between {} of the role began. A door that is opened and \
             closed again within a day is how traces are kept small, and how emergencies are handled.",
            phrase::role(context, role_arn),
            phrase::count(count, "session"),
        ),
        remediation: Some(
            "Ask who opened the trust policy, and for which ticket. If there is none, treat it as an intrusion: deny \
             sessions issued before now (aws:TokenIssueTime) and review what the listed chains did."
                .to_owned(),
        ),
        count,
        evidence: evidence(observed.iter().copied()),
        chain_ids: observed.iter().flat_map(|one| context.chain_ids(one.session.id)).collect(),
    })
}

/// Returns who made the change of a step.
fn actor<'a>(context: &Context<'a>, step: &Step<'_>) -> Option<&'a str> {
    let Source::Event(_, Some(id)) = step.source else { return None };
    let lineage = context.lineage;
    let change = context.in_force.change(id)?;
    let caller = lineage.principal(change.caller);
    lineage.opt(caller.issuer_arn).or(lineage.opt(caller.arn))
}

/// So many assumptions are handed over as evidence, and the last one.
const TOLD: usize = 4;

fn evidence<'o, 'a: 'o>(observed: impl DoubleEndedIterator<Item = &'o Observed<'a>> + Clone) -> Vec<Evidence> {
    let last = observed.clone().next_back();
    observed.take(TOLD).chain(last).flat_map(Observed::evidence).collect()
}
