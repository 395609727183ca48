//! Renumbered: refusals of subjects with numeric ids whose names alone are trusted.

use std::collections::BTreeMap;

use crate::audit::denial;
use crate::audit::occurrences::gather;
use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::model::arn;
use crate::model::assumption::IssuingCall;
use crate::model::denial::DenialRun;
use crate::provider;
use crate::provider::Subject;
use crate::trust::Principal;
use crate::trust::grant::SubjectPattern;

/// A refusal that the numbers explain.
pub(super) struct Rejected<'a> {
    /// The place of the run in the list of denials.
    pub(super) run: usize,
    /// The subject, with its numbers.
    pub(super) subject: &'a Subject,
    /// The roles that the subject without numbers may enter, and by which pattern if a policy says so.
    pub(super) roles: BTreeMap<String, Option<String>>,
}

/// Granted tokens: subjects with account, role and time.
struct Granted<'a> {
    subject: &'a Subject,
    account: Option<&'a str>,
    role_arn: &'a str,
}

/// Returns the refusals of subjects with numbers whose twins without numbers are trusted, or were let in.
pub(super) fn find<'a>(context: &Context<'a>) -> Vec<Rejected<'a>> {
    let lineage = context.lineage;
    let with_ids = lineage.denied.iter().enumerate().filter_map(|(at, run)| {
        let call = run.records.first().map(|record| lineage.assumption(*record).call);
        let is_refusal = denial::is_refusal(lineage.opt(run.error_code).unwrap_or_default());
        if run.is_settling || call != Some(IssuingCall::WebIdentity) || !is_refusal {
            return None;
        }
        let subject = run.token.as_ref()?;
        (subject.has_ids() && subject.stripped() != subject.raw).then_some((at, run, subject))
    });
    let with_ids: Vec<_> = with_ids.collect();
    if with_ids.is_empty() {
        return Vec::new();
    }
    let granted = granted(context);
    let explained = with_ids.into_iter().filter_map(|(at, run, subject)| {
        if is_another_owner(context, &granted, subject) {
            return None;
        }
        let roles = roles(context, &granted, run, subject);
        (!roles.is_empty()).then_some(Rejected { run: at, subject, roles })
    });
    explained.collect()
}

fn granted<'a>(context: &Context<'a>) -> Vec<Granted<'a>> {
    let entries = context.lineage.sessions().filter(|session| subjects::is_entry(*session));
    let distinct = gather(entries.map(|session| ((session.session.role_arn, session.session.origin), session)));
    let granted = distinct.iter().filter_map(|(_, entries)| {
        let session = entries.first();
        let subject = session.origin().token.as_ref()?;
        Some(Granted { subject, account: session.account(), role_arn: session.role_arn()? })
    });
    granted.collect()
}

/// True when the numbers are those of somebody who took a name over: to trust them would open the door.
fn is_another_owner(context: &Context<'_>, granted: &[Granted<'_>], subject: &Subject) -> bool {
    let declared = subject.owner.as_deref().and_then(|owner| context.expectations.github_owner(owner));
    let differs = |known: &Option<String>, own: &Option<String>| known.is_some() && own.is_some() && known != own;
    let is_undeclared = subject.is_from("github")
        && !context.expectations.github_owners().is_empty()
        && declared.is_none_or(|known| differs(&known.id, &subject.owner_id));
    let had_others = granted.iter().map(|granted| granted.subject).any(|known| {
        known.is_same_repository(subject)
            && (differs(&known.owner_id, &subject.owner_id) || differs(&known.repository_id, &subject.repository_id))
    });
    is_undeclared || had_others
}

/// Returns the roles that trust the subject without its numbers, or let it in.
fn roles(
    context: &Context<'_>,
    granted: &[Granted<'_>],
    run: &DenialRun,
    subject: &Subject,
) -> BTreeMap<String, Option<String>> {
    let lineage = context.lineage;
    let stripped = subject.stripped();
    let account = lineage.opt(run.account);
    let asked = lineage.opt(run.role_arn);
    let is_asked = |role: &str| asked.is_none_or(|asked| arn::is_same_role(asked, role));
    let let_in = granted.iter().filter(|granted| {
        granted.account == account
            && is_asked(granted.role_arn)
            && granted.subject.issuer == subject.issuer
            && granted.subject.raw == stripped
    });
    let mut roles: BTreeMap<String, Option<String>> =
        let_in.map(|granted| (granted.role_arn.to_owned(), None)).collect();
    for role in context.in_force.roles() {
        if arn::account(&role.role_arn) != account || !is_asked(&role.role_arn) {
            continue;
        }
        let grants = role.in_force.iter().flat_map(|known| &known.grants).map(|used| &used.grant);
        let of_issuer = grants.filter(|grant| {
            matches!(&grant.principal, Principal::Federated(provider)
                if provider::issuer_of(provider) == subject.issuer)
        });
        let patterns: Vec<&SubjectPattern> = of_issuer.filter_map(|grant| grant.subject.as_ref()).collect();
        let by_name = patterns.iter().find(|pattern| pattern.fits(&stripped));
        // Where the numbers are trusted as well, something else is missing.
        let has_numbers = patterns.iter().any(|pattern| pattern.fits(&subject.raw));
        if let Some(pattern) = by_name.filter(|_| !has_numbers) {
            roles.insert(role.role_arn.clone(), Some(pattern.text.clone()));
        }
    }
    roles
}
