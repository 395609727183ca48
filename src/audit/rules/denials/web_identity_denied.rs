//! `web-identity-denied`: a token was refused.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::denial;
use crate::audit::forgotten;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::renumbered;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::standing::Standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::assumption::IssuingCall;
use crate::model::chains::Chains;
use crate::model::denial::DenialRun;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::provider::Subject;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "web-identity-denied",
    title: "A token was refused a role",
    theme: Theme::Denials,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs; `[org] github_owners` to tell strangers",
    remediation: "If the pipeline should have the role, add its exact subject to the role's trust policy. If not, remove \
                  the step. A refusal does not prove that the trust policy is right: a role that does not exist refuses \
                  in the same words.",
    techniques: &["T1078.004", "T1110"],
    reading: &[(
        "IAM User Guide: troubleshooting roles",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html",
    )],
    page: include_str!("../../../../docs/rules/web-identity-denied.md"),
    check,
};

/// Errors that mean a token was looked at and refused; expired tokens and unreachable issuers are the issuer's trouble.
const REFUSALS: [&str; 2] = ["IDPRejectedClaim", "InvalidIdentityToken"];

/// Whose token it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    /// A repository of an owner that the expectations do not list.
    Foreign,
    /// That of running software, or of a platform itself: a refusal there is a pod with a wrong annotation.
    Workload,
    /// A pipeline's; for all that is known, an own one.
    Pipeline,
}

type Key = Vec<(&'static str, String)>;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut explained: BTreeSet<usize> = forgotten::find(context).into_iter().map(|forgotten| forgotten.run).collect();
    explained.extend(renumbered::find(context).into_iter().map(|rejected| rejected.run));
    let mut groups: BTreeMap<(Key, Whose), (Subject, Vec<&DenialRun>)> = BTreeMap::new();
    for (at, run) in lineage.denied.iter().enumerate() {
        let call = run.records.first().map(|record| lineage.assumption(*record).call);
        let error = lineage.opt(run.error_code).unwrap_or_default();
        let is_refusal = denial::is_refusal(error) || REFUSALS.iter().any(|code| error.starts_with(code));
        if run.is_settling || call != Some(IssuingCall::WebIdentity) || !is_refusal || explained.contains(&at) {
            continue;
        }
        let subject = run.token.clone().unwrap_or_default();
        let whose = whose(context, &subject);
        let mut key = subjects::key_of(&subject);
        key.extend(lineage.opt(run.account).map(|account| ("account_id", account.to_owned())));
        if whose != Whose::Foreign {
            // Which role an own pipeline was refused is what has to be mended. Strangers try many.
            key.extend(lineage.opt(run.role_arn).map(|role| ("role_arn", role.to_owned())));
        }
        groups.entry((key, whose)).or_insert_with(|| (subject, Vec::new())).1.push(run);
    }
    for ((key, whose), (subject, runs)) in groups {
        matches.push(matched(context, key, whose, &subject, &runs));
    }
}

fn whose(context: &Context<'_>, subject: &Subject) -> Whose {
    let issuer = subjects::issuer(context, &subject.issuer);
    if (issuer.provider.is_some() && !issuer.is_for_pipelines()) || subject.is_log_stream() {
        return Whose::Workload;
    }
    // The role that was asked for names nobody here: a typing error of one's own pipeline is no stranger.
    if standing::of(context, None, subject) == Standing::Foreign { Whose::Foreign } else { Whose::Pipeline }
}

fn matched(context: &Context<'_>, key: Key, whose: Whose, subject: &Subject, runs: &[&DenialRun]) -> Match {
    let lineage = context.lineage;
    let count = wide(runs.len());
    let when = occurrences::when(
        count,
        runs.first().and_then(|run| run.first_event),
        runs.last().and_then(|run| run.last_event),
    );
    let records: usize = runs.iter().map(|run| run.records.len()).sum();
    let roles: BTreeSet<&str> = runs.iter().filter_map(|run| lineage.opt(run.role_arn)).collect();
    let target = match (roles.is_empty(), runs.iter().find_map(|run| lineage.opt(run.account))) {
        (false, _) => phrase::all_of(roles.iter().map(|role| phrase::role(context, role))),
        (true, Some(account)) => format!("an unnamed role of {}", phrase::account(context, account)),
        (true, None) => "an unnamed role".to_owned(),
    };
    let short =
        if roles.is_empty() { target.clone() } else { phrase::all_of(roles.iter().map(|role| arn::short(role))) };
    let name = subject.repository.clone().unwrap_or_else(|| subject.raw.clone());
    let tried: BTreeSet<&str> = runs.iter().filter_map(|run| lineage.opt(run.subject)).collect();
    let (severity, title, meaning) = match whose {
        Whose::Foreign => (
            Severity::High,
            format!("{name}, of an owner that is not yours, was refused {short}"),
            "Somebody outside knows these role ARNs and tries them. The refusal shows that this token was not enough, \
             not that no other would be.",
        ),
        Whose::Workload => (
            Severity::Low,
            format!("{name} was refused {short}"),
            "A workload asks for a role that does not trust it, or that does not exist.",
        ),
        Whose::Pipeline => (
            Severity::Medium,
            format!("{name} was refused {short}"),
            "Either the trust policy lacks this subject, or the role does not exist, or the pipeline should not ask: \
             the record does not tell which.",
        ),
    };
    Match {
        key,
        severity,
        confidence: Confidence::High,
        basis: Basis::Proof,
        title,
        message: format!(
            "{when}, the token {} of {} was presented for {target} and refused ({}). {meaning}",
            phrase::all_of(tried),
            subjects::issuer(context, &subject.issuer).name(),
            phrase::count(wide(records), "record"),
        ),
        remediation: (whose == Whose::Foreign).then(|| {
            "Check that every role that trusts this issuer pins its exact owner and repository, and that none uses a \
             wildcard before the repository. Consider subjects with numeric ids (repo:owner@id/name@id)."
                .to_owned()
        }),
        count,
        evidence: denial::evidence(lineage, runs),
        chain_ids: Chains::default(),
    }
}
