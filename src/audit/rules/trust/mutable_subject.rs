//! `mutable-subject`: a role is entered under a name that somebody else may hold one day.

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
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "mutable-subject",
    title: "A role is entered under a repository name without ids",
    theme: Theme::Trust,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Pedantic,
    needs: "logs",
    remediation: "Let the repository use immutable subjects: first add the form with ids to the trust policy beside the \
                  old one, then change the repository, then remove the old one. Never bridge with OWNER*/….",
    techniques: &["T1199"],
    reading: &[("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc")],
    page: include_str!("../../../../docs/rules/mutable-subject.md"),
    check,
};

/// Only github.com can put ids into subjects: servers of one's own have no such form.
const GITHUB: &str = "token.actions.githubusercontent.com";

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = context.lineage.sessions().filter(|session| subjects::is_entry(*session));
    let by_repository = gather(entries.filter_map(|session| {
        let subject = session.origin().token.as_ref().filter(|subject| is_of_github(subject))?;
        Some(((session.role_arn()?, subject.repository.as_ref()?.to_ascii_lowercase()), session))
    }));
    for ((role_arn, repository), entries) in by_repository {
        let seen = || entries.sessions().iter().filter_map(|session| session.origin().token.as_ref());
        // Where ids are seen too, the change is on its way; where they are pinned, `unexpected-subject` speaks.
        let Some(first) = seen().next().filter(|subject| !is_pinned(context, role_arn, subject)) else { continue };
        if seen().any(has_ids) {
            continue;
        }
        let named = first.repository.as_deref().unwrap_or(&first.raw);
        let short = phrase::short(role_arn);
        matches.push(Match {
            key: vec![("role_arn", role_arn.to_owned()), ("issuer", first.issuer.clone()), ("repository", repository)],
            severity: RULE.severity,
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!("{named} enters {short} by its name alone"),
            message: format!(
                "{}, a token of {named} was let into {}, and its subject carries no numeric ids ({}). A name can be given \
                 up and taken by somebody else, who then holds such tokens, too.",
                entries.when(),
                phrase::role(context, role_arn),
                first.raw,
            ),
            remediation: Some(standing::advice(
                standing::of(context, Some(role_arn), first),
                first,
                role_arn,
                format!(
                    "Let {named} use immutable subjects: add the form with ids to the trust policy of {role_arn} beside \
                     the old one, change the repository, see in this report that it arrives, then remove the old one."
                ),
            )),
            count: entries.count(),
            evidence: entries.evidence(),
            chain_ids: entries.chain_ids(context),
        });
    }
}

fn is_of_github(subject: &Subject) -> bool {
    let rest = subject.issuer.strip_prefix(GITHUB);
    subject.is_from("github") && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn has_ids(subject: &Subject) -> bool {
    subject.repository_id.is_some() || subject.owner_id.is_some()
}

/// True when the owners pin an id for the repository in this role.
fn is_pinned(context: &Context<'_>, role_arn: &str, subject: &Subject) -> bool {
    let Some(role) = context.expectations.role(role_arn) else { return false };
    let repository = subject.repository.as_deref().unwrap_or_default();
    role.subjects.pin(repository)
}
