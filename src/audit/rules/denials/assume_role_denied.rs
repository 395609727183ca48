//! `assume-role-denied`: an `AssumeRole` was refused, again and again or once.

use std::collections::BTreeMap;

use crate::audit::denial;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::assumption::IssuingCall;
use crate::model::denial::DenialRun;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::Timestamp;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "assume-role-denied",
    title: "A principal was refused a role",
    theme: Theme::Denials,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs of the caller's account",
    remediation: "If the caller should have the role, check both sides: the role's trust policy must admit the caller \
                  (with the ExternalId and session tags that it sends), and the caller's own policies must allow \
                  sts:AssumeRole on the role. If it should not, find out who tried.",
    techniques: &["T1078.004"],
    reading: &[(
        "IAM User Guide: troubleshooting roles",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html",
    )],
    page: include_str!("../../../../docs/rules/assume-role-denied.md"),
    check,
};

/// What was refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Refusal {
    /// The role itself.
    Role,
    /// The session tags that the call carried.
    Tags,
    /// A chained session of more than an hour.
    Duration,
}

impl Refusal {
    fn of(context: &Context<'_>, run: &DenialRun) -> Option<Self> {
        let lineage = context.lineage;
        let record = lineage.assumption(*run.records.first()?);
        if record.call != IssuingCall::AssumeRole || denial::is_by_service(lineage, record) {
            return None;
        }
        let error = lineage.opt(record.error_code).unwrap_or_default();
        let message = lineage.opt(record.error_message).unwrap_or_default();
        let action = record.extra.as_ref().and_then(|extra| lineage.opt(extra.denied_action));
        if action == Some("sts:TagSession") {
            return Some(Self::Tags);
        }
        if error == "ValidationError" && message.contains("role chaining") {
            return Some(Self::Duration);
        }
        denial::is_refusal(error).then_some(Self::Role)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Role => "sts:AssumeRole",
            Self::Tags => "sts:TagSession",
            Self::Duration => "duration",
        }
    }
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut groups: BTreeMap<(Refusal, String, Option<&str>), Vec<&DenialRun>> = BTreeMap::new();
    for run in lineage.denied.iter().filter(|run| !run.is_settling) {
        if let Some(refusal) = Refusal::of(context, run) {
            let caller = denial::caller(lineage, run);
            groups.entry((refusal, caller, lineage.opt(run.role_arn))).or_default().push(run);
        }
    }
    for ((refusal, caller, role), runs) in groups {
        matches.push(matched(context, refusal, &caller, role, &runs));
    }
}

fn matched(context: &Context<'_>, refusal: Refusal, caller: &str, role: Option<&str>, runs: &[&DenialRun]) -> Match {
    let lineage = context.lineage;
    let mut by_day: BTreeMap<i64, u64> = BTreeMap::new();
    for run in runs {
        *by_day.entry(run.first_event.map_or(0, Timestamp::day)).or_default() += 1;
    }
    let most = by_day.values().copied().max().unwrap_or_default();
    let limit = context.expectations.limits.denial_runs_per_day.max(1);
    let severity = match refusal {
        Refusal::Role if limit <= most => Severity::Medium,
        Refusal::Role => Severity::Low,
        Refusal::Tags | Refusal::Duration => Severity::Info,
    };
    let who = if arn::role_name(caller).is_some() { phrase::role(context, caller) } else { caller.to_owned() };
    let target =
        role.map_or_else(|| "a role that the record does not name".to_owned(), |role| phrase::role(context, role));
    let count = wide(runs.len());
    let records: usize = runs.iter().map(|run| run.records.len()).sum();
    let when = occurrences::when(
        count,
        runs.first().and_then(|run| run.first_event),
        runs.last().and_then(|run| run.last_event),
    );
    let (what, meaning, remediation) = match refusal {
        Refusal::Role => (
            "",
            " The record does not say whether the trust policy, the caller's own policies, the ExternalId or a service \
             control policy refused, and an ExternalId that was sent is not in it.",
            None,
        ),
        Refusal::Tags => (
            " (with session tags)",
            " The refused action is sts:TagSession: the call carried session tags that the trust policy does not allow.",
            Some(
                "Allow sts:TagSession beside sts:AssumeRole in the target's trust policy, or set \
                 role-skip-session-tagging: true in aws-actions/configure-aws-credentials.",
            ),
        ),
        Refusal::Duration => (
            " (for more than an hour)",
            " A session that was got with another session can last one hour at most.",
            Some("Ask for at most 3600 seconds (role-duration-seconds) in the chained step."),
        ),
    };
    let mut key = vec![("principal_arn", caller.to_owned()), ("action", refusal.word().to_owned())];
    key.extend(role.map(|role| ("role_arn", role.to_owned())));
    Match {
        key,
        severity,
        confidence: Confidence::High,
        basis: Basis::Proof,
        title: format!("{} was refused {}{what}", arn::short(caller), role.map_or(target.as_str(), arn::short)),
        message: format!(
            "{when}, {who} asked for {target}{what} and was refused ({} in all, retries within two minutes are one \
             attempt).{meaning}",
            phrase::count(wide(records), "record")
        ),
        remediation: remediation.map(str::to_owned),
        count,
        evidence: denial::evidence(lineage, runs),
        chain_ids: runs.iter().filter_map(|run| run.session).flat_map(|id| context.chain_ids(id)).collect(),
    }
}
