//! `logging-tampered`: somebody stopped, narrowed or redirected the log.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::changes;
use crate::audit::class;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::audit::trail;
use crate::audit::trail::Harm;
use crate::audit::trail::Trails;
use crate::model::arn;
use crate::model::change::Change;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "logging-tampered",
    title: "CloudTrail was stopped, narrowed or redirected, or its bucket was opened",
    theme: Theme::Integrity,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; `[org] iac_roles` for tools that manage trails",
    remediation: "Restore the trail (StartLogging, all regions, readWriteType = All, log file validation), keep what is left \
                  of the logs, and find out what happened while they were off. Forbid these calls with a service control \
                  policy for everyone but the logging team.",
    techniques: &["T1562.008", "T1685.002", "T1070"],
    reading: &[(
        "CloudTrail User Guide: security best practices",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
    )],
    page: include_str!("../../../../docs/rules/logging-tampered.md"),
    check,
};

/// Who changed which trail or bucket, in which account.
type Key<'a> = (Option<&'a str>, String, String);

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let trails = Trails::new(lineage);
    let mut groups: BTreeMap<Key<'_>, Vec<(&Change, Harm)>> = BTreeMap::new();
    for change in &lineage.observations.changes {
        let Some(harm) = trail::harm(&trails, change) else { continue };
        let Some(who) = changes::actor(context, change) else { continue };
        let target = trail::name(lineage.opt(change.target).unwrap_or("(unnamed)")).to_owned();
        groups.entry((lineage.opt(change.account), who, target)).or_default().push((change, harm));
    }
    if groups.is_empty() {
        return;
    }
    for (key, mut changes) in groups {
        let order = |change: &Change| (change.time, change.event_id.map(|id| id.text(&lineage.observations.symbols)));
        changes.sort_by_key(|(change, _)| order(change));
        matches.extend(matched(context, key, &changes));
    }
}

fn matched(context: &Context<'_>, (account, who, target): Key<'_>, made: &[(&Change, Harm)]) -> Option<Match> {
    let lineage = context.lineage;
    let (done, refused): (Vec<_>, Vec<_>) = made.iter().partition(|(change, _)| change.error_code.is_none());
    let is_only_tried = done.is_empty();
    let told = if is_only_tried { &refused } else { &done };
    let (_, worst) = told.iter().max_by_key(|(_, harm)| (harm.severity, harm.confidence))?;
    let is_by_tool = context.expectations.is_iac_role(&who)
        || told.iter().all(|(change, _)| lineage.principal(change.caller).invoked_by.is_some());
    let sessions: Vec<SessionView<'_>> =
        told.iter().filter_map(|(change, _)| changes::session(context, change)).collect();
    let run = sessions.iter().find(|session| class::is_of_ci(context, **session));
    let severity = match (is_by_tool, run) {
        (true, _) => worst.severity.min(Severity::High),
        (false, Some(_)) => Severity::Critical,
        (false, None) => worst.severity,
    };
    let actor = if arn::role_name(&who).is_some() { phrase::role(context, &who) } else { who.clone() };
    let place = account.map_or_else(|| "an unnamed account".to_owned(), |id| phrase::account(context, id));
    let verb = if is_only_tried { "tried to tamper" } else { "tampered" };
    let what = listed(told);
    let count = wide(told.len());
    let first = told.first().and_then(|(change, _)| change.time);
    let when = occurrences::when(count, first, told.last().and_then(|(change, _)| change.time));
    let thing = worst.thing;
    let it = if is_only_tried { "it would have been" } else { "it was" };
    let mut message = format!("{when}, {actor} {verb} with the {thing} {target} of {place}: {it} {what}.");
    if let Some(run) = run {
        let origin = run.origin().label();
        message = format!("{message} It happened in a pipeline's chain, which began with {origin}.");
    }
    if is_only_tried {
        message.push_str(" Every call was refused.");
    } else {
        if !refused.is_empty() {
            message = format!("{message} Other calls would have had it {}, and were refused.", listed(&refused));
        }
        message.push_str(" From then on these logs may be silent about what happened.");
    }
    let title = if is_only_tried {
        format!("{} tried to have the {thing} {target} {what}", arn::short(&who))
    } else {
        format!("{} {verb} with the {thing} {target}: {what}", arn::short(&who))
    };
    let mut key = vec![("principal_arn", who), ("target", target)];
    key.extend(account.map(|account| ("account_id", account.to_owned())));
    Some(Match {
        key,
        severity: if is_only_tried { lowered(severity) } else { severity },
        confidence: worst.confidence,
        basis: Basis::Match,
        title,
        message,
        remediation: None,
        count,
        evidence: told.iter().map(|(change, _)| changes::evidence(context, change)).collect(),
        chain_ids: sessions.iter().flat_map(|session| context.chain_ids(session.id)).collect(),
    })
}

fn lowered(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
        Severity::Info => Severity::Info,
    }
}

/// Names what was done, in order and once each.
fn listed(changes: &[&(&Change, Harm)]) -> String {
    let mut named = BTreeSet::new();
    let words: Vec<&str> = changes
        .iter()
        .flat_map(|(_, harm)| &harm.what)
        .map(String::as_str)
        .filter(|what| named.insert(*what))
        .collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((only, _)) => (*only).to_owned(),
        None => String::new(),
    }
}
