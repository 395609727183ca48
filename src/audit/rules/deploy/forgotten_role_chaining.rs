//! `forgotten-role-chaining`: the second step of a pipeline asked the token issuer again instead of going on from the first role.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::dead_end;
use crate::audit::denial;
use crate::audit::forgotten;
use crate::audit::forgotten::Forgotten;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::denial::DenialRun;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "forgotten-role-chaining",
    title: "A pipeline presented its token to a second account instead of assuming the next role",
    theme: Theme::Deploy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs of both accounts",
    remediation: "Set role-chaining: true on the second configure-aws-credentials step, and allow sts:TagSession in the \
                  next role's trust policy (or set role-skip-session-tagging: true). If the token is meant to be used \
                  in the second account directly, admit the subject there.",
    techniques: &[],
    reading: &[
        (
            "aws-actions/configure-aws-credentials",
            "https://github.com/aws-actions/configure-aws-credentials#assumerole-with-role-previously-assumed-by-action-in-same-workflow",
        ),
        ("Issue 391 of that action", "https://github.com/aws-actions/configure-aws-credentials/issues/391"),
    ],
    page: include_str!("../../../../docs/rules/forgotten-role-chaining.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut groups: BTreeMap<Group<'_>, Vec<(SessionView<'_>, &DenialRun)>> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for Forgotten { run, entry } in forgotten::find(context) {
        told.insert(entry.id);
        let Some(run) = lineage.denied.get(run) else { continue };
        let origin = entry.origin();
        let issuer = origin.provider.as_deref().unwrap_or_default();
        let subject = origin.token.clone().unwrap_or_else(|| subjects::issuer(context, issuer).parse(""));
        let group = Group {
            key: subjects::key_of(&subject),
            name: subject.repository.unwrap_or(subject.raw),
            role_arn: entry.role_arn(),
            account: lineage.opt(run.account),
        };
        groups.entry(group).or_default().push((entry, run));
    }
    for (group, runs) in groups {
        matches.push(matched(context, group, &runs));
    }
    matches.extend(dead_end::matches(context, &told, RULE.remediation));
}

/// One pipeline, the role that it entered, and the account that it then asked.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    key: Vec<(&'static str, String)>,
    name: String,
    role_arn: Option<&'a str>,
    account: Option<&'a str>,
}

fn matched(context: &Context<'_>, group: Group<'_>, found: &[(SessionView<'_>, &DenialRun)]) -> Match {
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
    let count = wide(runs.len());
    let records: usize = runs.iter().map(|run| run.records.len()).sum();
    let when = occurrences::when(
        count,
        runs.first().and_then(|run| run.first_event),
        runs.last().and_then(|run| run.last_event),
    );
    let Group { mut key, name, role_arn, account: account_id } = group;
    let subject = found.first().and_then(|(entry, _)| entry.origin().token.as_ref());
    let remediation = subject.zip(role_arn).map(|(subject, door)| {
        let standing = standing::of(context, role_arn, subject);
        standing::advice(standing, subject, door, RULE.remediation.to_owned())
    });
    key.extend(role_arn.map(|role| ("role_arn", role.to_owned())));
    key.extend(account_id.map(|account| ("account_id", account.to_owned())));
    let mut evidence: Vec<_> = found.iter().take(2).flat_map(|(entry, _)| entry.issuing_evidence()).collect();
    evidence.extend(denial::evidence(lineage, &runs));
    Match {
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
            phrase::count(wide(records), "record")
        ),
        remediation,
        count,
        evidence,
        chain_ids: found.iter().flat_map(|(entry, _)| context.chain_ids(entry.id)).collect(),
    }
}
