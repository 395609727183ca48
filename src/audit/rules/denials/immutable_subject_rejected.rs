//! `immutable-subject-rejected`: a token was refused because its subject carries numbers that the trust policy lacks.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::denial;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::renumbered;
use crate::audit::renumbered::Rejected;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::chains::Chains;
use crate::model::denial::DenialRun;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "immutable-subject-rejected",
    title: "A token was refused because its subject now carries numeric ids",
    theme: Theme::Denials,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with `--iam`",
    remediation: "Compare the numbers with those of your repository, then add the subject with its numbers to the \
                  trust policy, next to the old one. Take the old one out when no run needs it any more. Never bridge \
                  with repo:acme*/…: that admits every owner whose name begins so.",
    techniques: &[],
    reading: &[
        ("GitHub: OpenID Connect", "https://docs.github.com/en/actions/reference/security/oidc"),
        ("configure-aws-credentials: OIDC", "https://github.com/aws-actions/configure-aws-credentials#oidc"),
    ],
    page: include_str!("../../../../docs/rules/immutable-subject-rejected.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut groups: BTreeMap<(String, String), Vec<(Rejected, &DenialRun)>> = BTreeMap::new();
    for rejected in renumbered::find(context) {
        let Some(run) = lineage.denied.get(rejected.run) else { continue };
        let account = lineage.opt(run.account).unwrap_or_default().to_owned();
        groups.entry((rejected.subject.raw.clone(), account)).or_default().push((rejected, run));
    }
    for ((_, account), runs) in groups {
        matches.extend(matched(context, &account, &runs));
    }
}

fn matched(context: &Context<'_>, account: &str, runs: &[(Rejected, &DenialRun)]) -> Option<Match> {
    let lineage = context.lineage;
    let (first, _) = runs.first()?;
    let subject = &first.subject;
    let stripped = subject.stripped();
    let known: BTreeMap<&String, &Option<String>> = runs.iter().flat_map(|(rejected, _)| &rejected.roles).collect();
    let patterns: BTreeSet<&str> = known.values().filter_map(|pattern| pattern.as_deref()).collect();
    let role_names = phrase::all_of(known.keys().map(|role| phrase::role(context, role)));
    let refused: Vec<&DenialRun> = runs.iter().map(|(_, run)| *run).collect();
    let count = wide(refused.len());
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
    Some(Match {
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
        chain_ids: Chains::default(),
    })
}
