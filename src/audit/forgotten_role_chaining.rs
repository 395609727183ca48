//! B9: the second step of a pipeline asked the token issuer again instead of going on from the first role.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Context;
use super::Rule;
use super::client;
use super::dead_end;
use super::denial;
use super::network;
use super::occurrences;
use super::phrase;
use super::subjects;
use crate::model::arn;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::chain::DenialRun;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::provider;

pub(super) static RULE: Rule = Rule {
    id: "forgotten-role-chaining",
    title: "A pipeline presented its token to a second account instead of assuming the next role",
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    remediation: "Set role-chaining: true on the second configure-aws-credentials step, and allow sts:TagSession in the \
                  next role's trust policy (or set role-skip-session-tagging: true). If the token is meant to be used \
                  in the second account directly, admit the subject there.",
    references: &[
        "https://github.com/aws-actions/configure-aws-credentials#assumerole-with-role-previously-assumed-by-action-in-same-workflow",
        "https://github.com/aws-actions/configure-aws-credentials/issues/391",
    ],
    page: include_str!("../../docs/rules/forgotten-role-chaining.md"),
    check,
};

/// The second step follows the first within this many seconds.
const LONGEST_PAUSE: i64 = 15 * 60;

/// A run of refusals, and the session from which the pipeline should have gone on.
pub(super) struct Forgotten<'a> {
    /// Index of the run among the lineage's denied.
    pub(super) run: usize,
    entry: SessionView<'a>,
}

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    let lineage = context.lineage;
    let mut groups: BTreeMap<Group<'_>, Vec<(SessionView<'_>, &DenialRun)>> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for Forgotten { run, entry } in find(context) {
        told.insert(entry.id);
        let run = &lineage.denied[run];
        let origin = entry.origin();
        let issuer = origin.provider.as_deref().unwrap_or_default();
        let subject = context.expectations.parse_subject(issuer, origin.subject.as_deref().unwrap_or_default());
        let group = Group {
            key: subjects::key_of(&subject),
            name: subject.repository.unwrap_or(subject.raw),
            role_arn: entry.role_arn(),
            account: lineage.opt(run.account),
        };
        groups.entry(group).or_default().push((entry, run));
    }
    for (group, runs) in groups {
        claims.push(claim(context, group, &runs));
    }
    claims.extend(dead_end::claims(context, &told));
}

/// One pipeline, the role that it entered, and the account that it then asked.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    key: Vec<(&'static str, String)>,
    name: String,
    role_arn: Option<&'a str>,
    account: Option<&'a str>,
}

/// Finds the refusals that a forgotten `role-chaining: true` explains.
pub(super) fn find<'a>(context: &Context<'a>) -> Vec<Forgotten<'a>> {
    let lineage = context.lineage;
    let mut entries: Map<Sym, Vec<SessionView<'a>>> = Map::default();
    for run in &lineage.denied {
        if let Some(subject) = run.subject {
            entries.entry(subject).or_default();
        }
    }
    if entries.is_empty() {
        return Vec::new();
    }
    for session in lineage.sessions().filter(|session| subjects::is_entry(*session)) {
        if let Some(found) = subject(session).and_then(|subject| entries.get_mut(&subject)) {
            found.push(session);
        }
    }
    let runs = lineage.denied.iter().enumerate().filter(|(_, run)| !run.is_settling);
    runs.filter_map(|(at, run)| {
        let entries = entries.get(&run.subject?)?;
        // Sessions are in order of issue: only those of the last quarter of an hour matter, the latest first.
        let end = entries.partition_point(|entry| entry.issued() <= run.first_event);
        let recent = entries.get(..end)?.iter().rev();
        let recent = recent.take_while(|entry| entry.issued().map(|time| time.plus(LONGEST_PAUSE)) >= run.first_event);
        let entry = *recent.into_iter().find(|entry| is_forgotten(context, **entry, run))?;
        Some(Forgotten { run: at, entry })
    })
    .collect()
}

fn subject(session: SessionView<'_>) -> Option<Sym> {
    session.issuing_record()?.subject.or(session.caller()?.user_name)
}

fn is_forgotten(context: &Context<'_>, entry: SessionView<'_>, run: &DenialRun) -> bool {
    let lineage = context.lineage;
    let Some(refused) = run.records.first().map(|record| lineage.assumption(*record)) else { return false };
    let Some(granted) = entry.issuing_record() else { return false };
    let issuer = |sym: Option<Sym>| lineage.opt(sym).map(provider::issuer_of);
    let granted_by = granted.provider.or(lineage.principal(granted.caller).identity_provider);
    let went_on = entry.children().any(|child| child.issued() <= run.last_event);
    refused.call == IssuingCall::WebIdentity
        && denial::is_refusal(lineage.opt(run.error_code).unwrap_or_default())
        && run.account.is_some()
        && run.account != granted.recipient_account
        && issuer(run.provider) == issuer(granted_by)
        && is_same_run(context, granted, refused)
        && !went_on
}

/// True when both calls come from one run of the pipeline: the user agent numbers it, else the address is the same.
fn is_same_run(context: &Context<'_>, granted: &Assumption, refused: &Assumption) -> bool {
    let lineage = context.lineage;
    let run = |record: &Assumption| lineage.opt(record.user_agent).and_then(client::github_run);
    if let (Some(granted), Some(refused)) = (run(granted), run(refused)) {
        return granted == refused;
    }
    let is_real = lineage.opt(granted.source_ip).and_then(network::real).is_some();
    is_real && granted.source_ip == refused.source_ip
}

fn claim(context: &Context<'_>, group: Group<'_>, found: &[(SessionView<'_>, &DenialRun)]) -> Claim {
    let lineage = context.lineage;
    let runs: Vec<&DenialRun> = found.iter().map(|(_, run)| *run).collect();
    let entry = group.role_arn.map_or_else(|| "the first role".to_owned(), |role| phrase::role(context, role));
    let account = group.account.map_or_else(|| "another account".to_owned(), |id| phrase::account(context, id));
    let targets: Vec<&str> = runs.iter().filter_map(|run| lineage.opt(run.role_arn)).collect();
    let target = if targets.is_empty() {
        format!("{account} (the records do not name the role)")
    } else {
        phrase::all_of(targets.iter().map(|role| phrase::role(context, role)))
    };
    let count = u64::try_from(runs.len()).unwrap_or(u64::MAX);
    let records: usize = runs.iter().map(|run| run.records.len()).sum();
    let when = occurrences::when(
        count,
        runs.first().and_then(|run| run.first_event),
        runs.last().and_then(|run| run.last_event),
    );
    let Group { mut key, name, role_arn, account: account_id } = group;
    key.extend(role_arn.map(|role| ("role_arn", role.to_owned())));
    key.extend(account_id.map(|account| ("account_id", account.to_owned())));
    let mut evidence: Vec<_> = found.iter().take(2).flat_map(|(entry, _)| entry.issuing_evidence()).collect();
    evidence.extend(denial::evidence(lineage, &runs));
    Claim {
        key,
        severity: Severity::Medium,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!(
            "{name} presented its token to {account} instead of going on from {}",
            role_arn.map_or("the first role", arn::short)
        ),
        message: format!(
            "{when}, {name} entered {entry} with its token, and the next step of the same run presented the same \
             token to {target}, which refused it ({}). No role was assumed from the first session meanwhile: the \
             second step most likely lacks role-chaining: true. This is a broken pipeline, not an attack.",
            phrase::count(u64::try_from(records).unwrap_or(u64::MAX), "record")
        ),
        remediation: None,
        count,
        evidence,
        chain_ids: found.iter().flat_map(|(entry, _)| context.chain_ids(entry.id)).collect(),
    }
}
