//! `deploy-without-environment`: production was reached by a job without a GitHub environment.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::environment::production;
use crate::audit::grade;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::provider::Context as SubjectContext;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "deploy-without-environment",
    title: "Production was reached by a job without a GitHub environment",
    theme: Theme::Deploy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Pedantic,
    needs: "logs, and an `env` (or an account name) that says which roles are in production",
    remediation: "Add an environment to the job, give it required reviewers and branch rules, and pin it in the trust policy \
                  (repo:OWNER/NAME:environment:prod).",
    techniques: &["T1677"],
    reading: &[
        ("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc"),
        (
            "GitHub: deployment environments",
            "https://docs.github.com/en/actions/concepts/workflows-and-actions/deployment-environments",
        ),
    ],
    page: include_str!("../../../../docs/rules/deploy-without-environment.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let told: BTreeSet<_> = context
        .matches_of(&["unexpected-subject", "unprotected-ref-on-deploy-role"])
        .iter()
        .map(subject_and_role)
        .collect();
    let firsts = context.lineage.sessions().filter(|session| session.parent().is_none());
    let by_place = gather(firsts.filter_map(|session| {
        let subject = session.origin().token.as_ref().filter(|subject| is_without(subject))?;
        production(context, session)?;
        let key = (subjects::entry_of(session).role_arn()?, subjects::key_of(subject), subject.context.kind());
        Some((key, session))
    }));
    for ((role_arn, whose, kind), sessions) in by_place {
        let mut key = whose;
        key.extend([("role_arn", role_arn.to_owned()), ("context", kind.to_owned())]);
        if told.contains(&key.iter().cloned().collect()) {
            continue;
        }
        let Some(subject) = sessions.first().origin().token.as_ref() else { continue };
        let Some((end, hops)) = production(context, sessions.first()) else { continue };
        let who = subject.repository.as_deref().unwrap_or(&subject.raw);
        let confidence = sessions.sessions().iter().map(|session| grade::of_links(RULE.confidence, *session)).max();
        matches.push(Match {
            key,
            severity: RULE.severity,
            confidence: confidence.unwrap_or(RULE.confidence),
            basis: RULE.basis,
            title: format!("{who} came to {}, which is in production, without an environment", phrase::short(end)),
            message: format!(
                "{}, a token of {who} with the subject {} entered role {} and reached {}, which is in production. Its job \
                 names no environment, so no reviewers and no rules of an environment stood before it. An environment \
                 hides the branch from the subject; its rules are kept at GitHub, and CloudTrail does not show them.",
                sessions.when(),
                subject.raw,
                phrase::short(role_arn),
                phrase::role(context, end),
            ),
            remediation: Some(standing::advice(
                standing::of(context, Some(role_arn), subject),
                subject,
                role_arn,
                RULE.remediation.to_owned(),
            )),
            count: sessions.count(),
            evidence: sessions.evidence().into_iter().chain(hops).collect(),
            chain_ids: sessions.chain_ids(context),
        });
    }
}

fn is_without(subject: &Subject) -> bool {
    let is_open = matches!(subject.context, SubjectContext::Branch(_) | SubjectContext::Tag(_) | SubjectContext::None);
    // What GitHub delivers by itself is no job, which could name an environment.
    subject.is_from("github") && is_open && !subject.is_log_stream()
}

/// Returns what another rule's match is about. `unprotected-ref-on-deploy-role` speaks of branches, and says no context.
fn subject_and_role(matched: &Match) -> BTreeMap<&'static str, String> {
    let branch = ("context", "branch".to_owned());
    std::iter::once(branch).chain(matched.key.iter().cloned()).collect()
}
