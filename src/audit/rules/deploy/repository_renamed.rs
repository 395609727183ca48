//! `repository-renamed`: a repository, or its owner, has another name than before, and the same id.

use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::repositories::Repositories;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "repository-renamed",
    title: "A repository has another name, and the same id",
    theme: Theme::Deploy,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs with immutable subjects; better with `repo_id` or the owner's `id`",
    remediation: "Write the new name into rolechain.toml and the trust policies, beside its id. Then see that nobody holds \
                  the old name: whoever takes it gets tokens that policies without ids admit.",
    techniques: &[],
    reading: &[("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc")],
    page: include_str!("../../../../docs/rules/repository-renamed.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let repositories = Repositories::of(context.lineage);
    let entries = context.lineage.sessions().filter(|session| subjects::is_entry(*session));
    let renamed = entries.filter_map(|session| {
        let subject = session.origin().token.as_ref()?;
        let (old, new) = repositories.name_of(subject).zip(subject.borne())?;
        let key = (subject.issuer.to_ascii_lowercase(), old.to_owned(), new.to_owned());
        (!old.eq_ignore_ascii_case(new)).then_some((key, session))
    });
    for ((issuer, old, new), entries) in gather(renamed) {
        if let Some(subject) = entries.first().origin().token.as_ref() {
            matches.push(matched(context, subject, (&issuer, &old, &new), &entries));
        }
    }
}

fn matched(
    context: &Context<'_>,
    subject: &Subject,
    (issuer, old, new): (&str, &str, &str),
    entries: &Occurrences<'_>,
) -> Match {
    let roles = phrase::all_of(entries.sessions().iter().filter_map(SessionView::role_arn).map(phrase::short));
    let ids = [("repository", &subject.repository_id), ("owner", &subject.owner_id)];
    let ids = ids.iter().filter_map(|(what, id)| Some(format!("{what} id {}", id.as_ref()?)));
    let ids = phrase::all_of(ids);
    let by = if subject.bears.is_some() { "the expectations pin" } else { "these logs know" };
    Match {
        key: vec![("issuer", issuer.to_owned()), ("repository", new.to_ascii_lowercase())],
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: if subject.bears.is_some() { Basis::Match } else { RULE.basis },
        title: format!("{new} is {old} under another name"),
        message: format!(
            "{}, tokens of {new} with {ids} entered {roles}, and {by} {old} with the same id. An id is never given twice, so \
             this is the same repository: it, or its owner, was renamed.",
            entries.when(),
        ),
        remediation: None,
        count: entries.count(),
        evidence: entries.evidence(),
        chain_ids: entries.chain_ids(context),
    }
}
