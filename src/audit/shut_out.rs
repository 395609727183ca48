//! Shut out: subjects that came in until the owners narrowed the trust policy. Matches of the rule `unexpected-subject`.
//!
//! AWS enforces the policy in force, so that whoever came in fitted it. What a policy can still say against a subject
//! is said later: its owners now trust the same issuer, and this subject no more.

use crate::audit::in_force;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::time::Timestamp;
use crate::provider;
use crate::provider::Subject;
use crate::trust::Principal;
use crate::trust::Verdict;
use crate::trust::grant::Grant;
use crate::trust::timeline::Source;

/// Tells of the subjects that a role's latest policy shuts out, for roles whose subjects nobody declares.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if !context.in_force.is_known() {
        return;
    }
    let entries = context.lineage.sessions().filter(|session| subjects::is_entry(*session));
    let shut_out = entries.filter_map(|session| {
        let role_arn = session.role_arn()?;
        let is_declared = context.expectations.role(role_arn).is_some_and(|role| !role.subjects.is_empty());
        let since = if is_declared { None } else { shut_out(context, session) };
        Some(((session.session.role_arn?, session.session.origin, since?), session))
    });
    for ((_, _, since), entries) in gather(shut_out) {
        let first = entries.first();
        if let (Some(role_arn), Some(subject)) = (first.role_arn(), first.origin().token.as_ref()) {
            matches.push(matched(context, &entries, role_arn, subject, since));
        }
    }
}

/// Returns since when a subject that was let in is let in no more, by the last change in the logs.
fn shut_out(context: &Context<'_>, session: SessionView<'_>) -> Option<Timestamp> {
    let observed = context.in_force.request_of(session.id)?;
    let timeline = context.in_force.timeline(observed.role_arn);
    let (step, latest) = timeline.latest()?;
    let since = step.from.filter(|_| matches!(step.source, Source::Event("UpdateAssumeRolePolicy", _)))?;
    let was_let_in = observed.time? < since && timeline.judge(observed) == Verdict::Allows;
    let is_told = || in_force::opened_for_short(timeline, observed).is_some();
    let is_refused = || matches!(latest.judge(&observed.request), Verdict::Denies(_));
    let subject = observed.subject?;
    let issuer = session.origin().provider.as_deref()?;
    (was_let_in && is_refused() && names_others(step.grants(), issuer, subject) && !is_told()).then_some(since)
}

/// True when grants trust subjects of an issuer by name, and this one is none of them.
fn names_others(grants: &[Grant], issuer: &str, subject: &str) -> bool {
    let of_issuer = grants.iter().filter(
        |grant| matches!(&grant.principal, Principal::Federated(provider) if provider::issuer_of(provider) == issuer),
    );
    let patterns: Vec<_> = of_issuer.map(|grant| grant.subject.as_ref()).collect();
    !patterns.is_empty() && patterns.iter().all(|pattern| pattern.is_some_and(|pattern| !pattern.fits(subject)))
}

fn matched(
    context: &Context<'_>,
    entries: &Occurrences<'_>,
    role_arn: &str,
    subject: &Subject,
    since: Timestamp,
) -> Match {
    let mut key = vec![("role_arn", role_arn.to_owned()), ("context", subjects::context_class(subject))];
    key.extend(subjects::key_of(subject));
    Match {
        key,
        severity: Severity::Low,
        confidence: Confidence::Medium,
        basis: Basis::Match,
        title: format!("{} entered {}, whose trust policy shuts it out now", subject.raw, phrase::short(role_arn)),
        message: format!(
            "{}, a token of {} with the subject {} was let into {}. At {since} the trust policy was changed, and it no \
             longer admits this subject, while it still names others of the issuer. It may have been retired; it may \
             never have been meant to come in.",
            entries.when(),
            subjects::issuer(context, &subject.issuer).name(),
            subject.raw,
            phrase::role(context, role_arn),
        ),
        remediation: Some(format!(
            "Ask why the trust policy of {role_arn} was narrowed. If it was to shut this subject out, deny sessions that \
             were issued before (aws:TokenIssueTime) and review what the listed chains did."
        )),
        count: entries.count(),
        evidence: entries.evidence(),
        chain_ids: entries.chain_ids(context),
    }
}
