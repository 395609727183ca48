//! `immutable-subject-rejected`: a token was refused because its subject carries numbers that the trust policy lacks.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::Context;
use crate::audit::Rule;
use crate::audit::denial;
use crate::audit::occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::subjects;
use crate::model::arn;
use crate::model::assumption::IssuingCall;
use crate::model::chain::DenialRun;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::provider;
use crate::provider::Subject;
use crate::trust::Principal;
use crate::trust::grant::SubjectPattern;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "immutable-subject-rejected",
    title: "A token was refused because its subject now carries numeric ids",
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    remediation: "Compare the numbers with those of your repository, then add the subject with its numbers to the \
                  trust policy, next to the old one. Take the old one out when no run needs it any more. Never bridge \
                  with repo:acme*/…: that admits every owner whose name begins so.",
    references: &[
        "https://docs.github.com/en/actions/reference/security/oidc",
        "https://github.com/aws-actions/configure-aws-credentials#oidc",
    ],
    page: include_str!("../../docs/rules/immutable-subject-rejected.md"),
    check,
};

/// A refusal that the numbers explain.
pub(super) struct Rejected {
    /// The place of the run in the list of denials.
    pub(super) run: usize,
    subject: Subject,
    /// The roles that the subject without numbers may enter, and by which pattern if a policy says so.
    roles: BTreeMap<String, Option<String>>,
}

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    let lineage = context.lineage;
    let mut groups: BTreeMap<(String, String), Vec<(Rejected, &DenialRun)>> = BTreeMap::new();
    for rejected in find(context) {
        let Some(run) = lineage.denied.get(rejected.run) else { continue };
        let account = lineage.opt(run.account).unwrap_or_default().to_owned();
        groups.entry((rejected.subject.raw.clone(), account)).or_default().push((rejected, run));
    }
    for ((_, account), runs) in groups {
        claims.extend(claim(context, &account, &runs));
    }
}

/// Granted tokens: subjects with account, role and time.
struct Granted<'a> {
    subject: Subject,
    account: Option<&'a str>,
    role_arn: &'a str,
}

/// Returns the refusals of subjects with numbers whose twins without numbers are trusted, or were let in.
pub(super) fn find(context: &Context<'_>) -> Vec<Rejected> {
    let lineage = context.lineage;
    let with_ids = lineage.denied.iter().enumerate().filter_map(|(at, run)| {
        let call = run.records.first().map(|record| lineage.assumption(*record).call);
        let issuer = provider::issuer_of(lineage.opt(run.provider)?);
        let is_refusal = denial::is_refusal(lineage.opt(run.error_code).unwrap_or_default());
        if run.is_settling || call != Some(IssuingCall::WebIdentity) || !is_refusal {
            return None;
        }
        let subject = context.expectations.parse_subject(issuer, lineage.opt(run.subject)?);
        (subject.has_ids() && subject.stripped() != subject.raw).then_some((at, run, subject))
    });
    let with_ids: Vec<_> = with_ids.collect();
    if with_ids.is_empty() {
        return Vec::new();
    }
    let granted = granted(context);
    let explained = with_ids.into_iter().filter_map(|(at, run, subject)| {
        if is_another_owner(context, &granted, &subject) {
            return None;
        }
        let roles = roles(context, &granted, run, &subject);
        (!roles.is_empty()).then_some(Rejected { run: at, subject, roles })
    });
    explained.collect()
}

fn granted<'a>(context: &Context<'a>) -> Vec<Granted<'a>> {
    let entries = context.lineage.sessions().filter(|session| subjects::is_entry(*session));
    let distinct = gather(entries.map(|session| ((session.session.role_arn, session.session.origin), session)));
    let granted = distinct.iter().filter_map(|(_, entries)| {
        let session = entries.first();
        let origin = session.origin();
        let subject = context.expectations.parse_subject(origin.provider.as_deref()?, origin.subject.as_deref()?);
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
    let had_others = granted.iter().map(|granted| &granted.subject).any(|known| {
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

fn claim(context: &Context<'_>, account: &str, runs: &[(Rejected, &DenialRun)]) -> Option<Claim> {
    let lineage = context.lineage;
    let (first, _) = runs.first()?;
    let subject = &first.subject;
    let stripped = subject.stripped();
    let known: BTreeMap<&String, &Option<String>> = runs.iter().flat_map(|(rejected, _)| &rejected.roles).collect();
    let patterns: BTreeSet<&str> = known.values().filter_map(|pattern| pattern.as_deref()).collect();
    let role_names = phrase::all_of(known.keys().map(|role| phrase::role(context, role)));
    let refused: Vec<&DenialRun> = runs.iter().map(|(_, run)| *run).collect();
    let count = u64::try_from(refused.len()).unwrap_or(u64::MAX);
    let last = refused.last().and_then(|run| run.last_event);
    let when = occurrences::when(count, refused.first().and_then(|run| run.first_event), last);
    let is_mended = context.lineage.sessions().any(|session| {
        let origin = session.origin();
        subjects::is_entry(session)
            && session.account() == Some(account)
            && origin.subject.as_deref() == Some(subject.raw.as_str())
            && session.issued() > last
    });
    let (severity, since) = if is_mended {
        (Severity::Low, " Later it was let in, so that somebody has mended it.")
    } else {
        (RULE.severity, "")
    };
    let (by, confidence) = if patterns.is_empty() {
        (format!("which {role_names} lets in"), Confidence::Medium)
    } else {
        (format!("which the trust of {role_names} has as {}", phrase::all_of(patterns)), RULE.confidence)
    };
    let repository = subject.repository.clone().unwrap_or_default();
    Some(Claim {
        key: vec![
            ("account_id", account.to_owned()),
            ("issuer", subject.issuer.clone()),
            ("subject", subject.raw.clone()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect(),
        severity,
        confidence,
        basis: if confidence == Confidence::High { Basis::Match } else { Basis::Heuristic },
        title: format!("{repository} was refused since its subject carries numeric ids"),
        message: format!(
            "{when}, the token {} was refused in {}. Without its numbers it is {stripped}, {by}: patterns of names alone \
             do not match subjects with ids, which GitHub issues for repositories that were made, renamed or moved \
             since July 2026, and for those that ask for them.{since}",
            subject.raw,
            phrase::account(context, account),
        ),
        remediation: Some(format!(
            "Compare the numbers with your repository's (`gh api repos/{repository}` shows them as \
             owner.id and id). If they agree, add {} to the sub condition of {}, next to the old value, and take the old one out when no run needs \
             it any more. Never bridge with a * after a name: that admits every owner whose name begins so.",
            subject.raw,
            phrase::all_of(known.keys().map(|role| role.as_str())),
        )),
        count,
        evidence: denial::evidence(lineage, &refused),
        chain_ids: Vec::new(),
    })
}
