//! `subject-drift`: a role that has been known for weeks was entered by a repository that never did so before.

use crate::audit::grade;
use crate::audit::novelty;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::repositories::Repositories;
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
use crate::model::observations::Map;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "subject-drift",
    title: "A role was entered by a repository, or in a context, for the first time in weeks",
    theme: Theme::Deploy,
    severity: Severity::Low,
    confidence: Confidence::Medium,
    basis: Basis::Novelty,
    persona: Persona::Regular,
    needs: "a store (`--store`) with 14 covered days since the role was first entered",
    remediation: "Ask the owner of the role whether this repository belongs there. If so, add it to the role's subjects in \
                  rolechain.toml; if not, narrow the sub condition of the role's trust policy.",
    techniques: &["T1078.004"],
    reading: &[("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc")],
    page: include_str!("../../../../docs/rules/subject-drift.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.history.is_none() {
        return;
    }
    let entries: Vec<_> = context.lineage.sessions().filter(|session| subjects::is_entry(*session)).collect();
    let of_role = |session: &crate::model::lineage::SessionView<'_>| session.session.role_arn;
    let roles: Map<_, _> =
        gather(entries.iter().filter_map(|session| Some((of_role(session)?, *session)))).into_iter().collect();
    let repositories = Repositories::of(context.lineage);
    let kinds = gather(entries.iter().filter_map(|session| {
        let subject = session.origin().token.as_ref()?;
        Some(((of_role(session)?, repositories.key_of(subject), subjects::context_class(subject)), *session))
    }));
    for ((role, mut key, class), kind) in kinds {
        let Some(all) = roles.get(&role) else { continue };
        let Some(first) = novelty::newcomer(context, &kind, all) else { continue };
        let Some(subject) = first.origin().token.as_ref() else { continue };
        let role_arn = context.lineage.str(role);
        // What the owners expect is no drift.
        if context
            .expectations
            .role(role_arn)
            .is_some_and(|role| role.subject_refusal(subject).is_none() && !role.subjects.is_empty())
        {
            continue;
        }
        key.extend([("role_arn", role_arn.to_owned()), ("context", class)]);
        matches.push(Match {
            key,
            severity: grade::in_prod(RULE.severity, context, role_arn),
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!("{} entered {} for the first time", subject.raw, phrase::short(role_arn)),
            message: format!(
                "{}, a token of {} with the subject {} was let into {}. \
                 In the {} before, since the role was first entered, no such token was. \
                 Branches, tags and pull requests count as one kind each. \
                 A new workflow looks the same as an intruder.",
                first.issued().map_or_else(|| "Once".to_owned(), |time| format!("At {time}")),
                subjects::issuer(context, &subject.issuer).name(),
                subject.raw,
                phrase::role(context, role_arn),
                novelty::looked(context, all, first),
            ),
            remediation: Some(standing::advice(
                standing::of(context, Some(role_arn), subject),
                subject,
                role_arn,
                RULE.remediation.to_owned(),
            )),
            count: 1,
            evidence: crate::audit::occurrences::proof(first),
            chain_ids: kind.chain_ids(context),
        });
    }
}
