//! `account-not-covered`: an account takes part in chains, or is declared, and its log is not here.

use std::collections::BTreeMap;

use crate::audit::class;
use crate::audit::environment;
use crate::audit::environment::Stage;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::relation;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "account-not-covered",
    title: "An account takes part and its log is not among these",
    theme: Theme::Integrity,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; `[[account]]`",
    remediation: "Add the account's trail or its prefix (AWSLogs/<organization>/<account>/) to the input. If the account is \
                  somebody else's, declare it with kind = \"external\".",
    techniques: &[],
    reading: &[(
        "CloudTrail User Guide: trails for an organization",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    )],
    page: include_str!("../../../../docs/rules/account-not-covered.md"),
    check,
};

/// How an account takes part.
#[derive(Default)]
struct Part<'a> {
    /// Sessions of its roles.
    roles: Vec<SessionView<'a>>,
    /// Sessions that its principals got elsewhere.
    callers: Vec<SessionView<'a>>,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.lineage.is_filtered {
        // What was left out on purpose is not missing.
        return;
    }
    let relations = Relations::new(context);
    // Without any record there is nothing to be covered, and other lines of the report say so.
    if context.lineage.observations.cells.is_empty() {
        return;
    }
    let mut parts: BTreeMap<&str, Part<'_>> = BTreeMap::new();
    for session in context.lineage.sessions().filter(|session| !class::is_noise(*session)) {
        if let Some(owner) = session.account().filter(|account| !relations.is_covered(account)) {
            parts.entry(owner).or_default().roles.push(session);
        }
        if let Some(caller) = session.caller_account().filter(|account| !relations.is_covered(account))
            && session.is_cross_account()
        {
            parts.entry(caller).or_default().callers.push(session);
        }
    }
    for account in context.expectations.accounts.iter() {
        if !relations.is_covered(&account.id) && !relation::is_outside(account) {
            parts.entry(&account.id).or_default();
        }
    }
    for (account, part) in parts {
        matches.extend(matched(context, &relations, account, &part));
    }
}

fn matched(context: &Context<'_>, relations: &Relations<'_, '_>, account: &str, part: &Part<'_>) -> Option<Match> {
    let severity = match relations.of(account) {
        Relation::Own if is_prod(context, account) => Severity::Medium,
        // Strangers' logs are never ours: that they call is what the ExternalId rules judge.
        Relation::ThirdParty => return None,
        Relation::Undeclared if part.roles.is_empty() => Severity::Info,
        Relation::Own | Relation::Undeclared => Severity::Low,
    };
    let named = phrase::account(context, account);
    let sessions = |sessions: &[SessionView<'_>]| phrase::count(wide(sessions.len()), "session");
    let roles = phrase::all_of(part.roles.iter().filter_map(SessionView::role_arn).map(arn::short));
    let takes_part = match (part.roles.is_empty(), part.callers.is_empty()) {
        (true, true) => "the expectations declare it".to_owned(),
        (false, true) => format!("its roles ({roles}) were assumed in {}", sessions(&part.roles)),
        (true, false) => format!("its principals came into roles of other accounts in {}", sessions(&part.callers)),
        (false, false) => format!(
            "its roles ({roles}) were assumed in {}, and its principals came into roles of other accounts in {}",
            sessions(&part.roles),
            sessions(&part.callers)
        ),
    };
    let unseen = if part.roles.is_empty() && !part.callers.is_empty() {
        "Who stood behind them before that, and what else they did, is unknown."
    } else {
        "What was done there is unknown, and silence about it means nothing."
    };
    let all = part.roles.iter().chain(&part.callers);
    Some(Match {
        key: vec![("account_id", account.to_owned())],
        severity,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("No records of {named} are in these logs"),
        message: format!("No record of {named} is in these logs, although {takes_part}. {unseen}"),
        remediation: None,
        count: wide(part.roles.len() + part.callers.len()).max(1),
        evidence: evidence(context, part),
        chain_ids: all.flat_map(|session| context.chain_ids(session.id)).collect(),
    })
}

/// Returns what shows that the account takes part. For one that is only declared, no record can: what there is says
/// from when to when nothing of it was seen.
fn evidence(context: &Context<'_>, part: &Part<'_>) -> Vec<Evidence> {
    let sessions = [part.roles.first(), part.roles.last(), part.callers.first(), part.callers.last()];
    let evidence: Vec<Evidence> =
        sessions.into_iter().flatten().flat_map(|session| occurrences::proof(*session)).collect();
    if !evidence.is_empty() {
        return evidence;
    }
    let cells = || context.lineage.observations.cells.values();
    [cells().filter_map(|count| count.first).min(), cells().filter_map(|count| count.last).max()]
        .into_iter()
        .map(|event_time| Evidence { event_time, event_id: None, object: None })
        .collect()
}

fn is_prod(context: &Context<'_>, account: &str) -> bool {
    let declared = context.expectations.account(account);
    let env = declared.and_then(|account| account.env.as_deref().or(account.name.as_deref()));
    env.and_then(environment::stage) == Some(Stage::Prod)
}
