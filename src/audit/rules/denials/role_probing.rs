//! `role-probing`: one caller asked for many roles within an hour, and was refused.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::denial;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::relation;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::denial::DenialRun;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::time::HOUR;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "role-probing",
    title: "A caller tried many roles within an hour, and was refused",
    theme: Theme::Denials,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "logs of the caller's account",
    remediation: "Find out who holds the caller's credentials. If it is no scanner of yours, take the credentials away \
                  (rotate the key, or deny sessions of the role issued before now by aws:TokenIssueTime) and look at what \
                  else they did. Write an exception for a scanner.",
    techniques: &["T1087.004", "T1069.003", "T1110"],
    reading: &[("ATT&CK: cloud account discovery", "https://attack.mitre.org/techniques/T1087/004/")],
    page: include_str!("../../../../docs/rules/role-probing.md"),
    check,
};

/// So many roles, or roles of so many accounts, are no mistake of one configuration.
const ROLES: usize = 5;
const ACCOUNTS: usize = 3;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let refused = refused(context);
    let is_enough = |runs: &Vec<&DenialRun>| ACCOUNTS <= roles(context, runs).len();
    let mut suspects = refused.iter().filter(|(_, runs)| is_enough(runs)).peekable();
    if suspects.peek().is_none() {
        return;
    }
    let granted = granted(context);
    let mut by_caller: BTreeMap<String, Vec<Vec<&DenialRun>>> = BTreeMap::new();
    for (_, runs) in suspects {
        let Some(first) = runs.first() else { continue };
        let caller = denial::caller(context.lineage, first);
        let is_own = |run: &&&DenialRun| {
            let name = context.lineage.opt(run.role_arn).and_then(arn::role_name);
            name.is_some_and(|name| granted.contains(&(caller.clone(), name)))
        };
        let strange: Vec<&DenialRun> = runs.iter().filter(|run| !is_own(run)).copied().collect();
        if let Some(tries) = tries(context, &strange) {
            by_caller.entry(caller).or_default().push(tries);
        }
    }
    for (caller, tries) in by_caller {
        matches.push(matched(context, &caller, &tries));
    }
}

/// Collects the refused calls for roles by who made them: a session, else a key, else a principal. In order of time.
fn refused<'a>(context: &Context<'a>) -> BTreeMap<(Option<u32>, Option<&'a str>), Vec<&'a DenialRun>> {
    let lineage = context.lineage;
    let mut refused: BTreeMap<(Option<u32>, Option<&str>), Vec<&DenialRun>> = BTreeMap::new();
    for run in lineage.denied.iter().filter(|run| run.role_arn.is_some() && denial::is_of_role(lineage, run)) {
        let session = run.session.map(|session| session.0);
        let named = if session.is_some() { None } else { run.access_key.or(run.principal) };
        refused.entry((session, lineage.opt(named))).or_default().push(run);
    }
    refused
}

/// Returns the names of the roles that each caller was given: whoever has a role of that name in one account, and is
/// refused it in others, deploys to many accounts.
fn granted<'a>(context: &Context<'a>) -> BTreeSet<(String, &'a str)> {
    let lineage = context.lineage;
    let given = |session: SessionView<'a>| {
        Some((denial::asker(lineage, session.issuing_record()?), arn::role_name(session.role_arn()?)?))
    };
    lineage.sessions().filter_map(given).collect()
}

fn roles<'a>(context: &Context<'a>, runs: &[&DenialRun]) -> BTreeSet<&'a str> {
    runs.iter().filter_map(|run| context.lineage.opt(run.role_arn)).collect()
}

/// Returns the runs of the first hour in which the roles are enough.
fn tries<'r>(context: &Context<'_>, runs: &[&'r DenialRun]) -> Option<Vec<&'r DenialRun>> {
    let mut hours = runs.iter().enumerate().filter_map(|(at, run)| {
        let end = run.first_event?.plus(HOUR);
        let rest = runs.iter().skip(at).copied();
        Some(rest.take_while(|run| run.first_event.is_some_and(|time| time <= end)).collect::<Vec<_>>())
    });
    hours.find(|hour| {
        let roles = roles(context, hour);
        let accounts: BTreeSet<&str> = roles.iter().filter_map(|role| arn::account(role)).collect();
        // One name in many accounts is a list of bookmarks, unless it is the name of a way into every account.
        let names: BTreeSet<&str> = roles.iter().filter_map(|role| arn::role_name(role)).collect();
        let is_list = names.len() == 1 && !names.iter().any(|name| relation::is_for_management(name));
        ROLES <= roles.len() || (ACCOUNTS <= accounts.len() && !is_list)
    })
}

fn matched(context: &Context<'_>, caller: &str, tries: &[Vec<&DenialRun>]) -> Match {
    let lineage = context.lineage;
    let mut all: Vec<&DenialRun> = tries.iter().flatten().copied().collect();
    all.sort_by_key(|run| (run.first_event, run.records.first().copied()));
    let roles = roles(context, &all);
    let accounts: BTreeSet<&str> = roles.iter().filter_map(|role| arn::account(role)).collect();
    let number = |set: &BTreeSet<&str>, word: &str| phrase::count(wide(set.len()), word);
    let times = wide(tries.len());
    let first = all.first().and_then(|run| run.first_event);
    let when = occurrences::when(times, first, all.last().and_then(|run| run.last_event));
    let begins = if times == 1 { format!("{when} and in the hour that followed") } else { when };
    let who = if arn::role_name(caller).is_some() { phrase::role(context, caller) } else { caller.to_owned() };
    Match {
        key: vec![("principal_arn", caller.to_owned())],
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!(
            "{} tried {} of {} and was refused",
            phrase::short(caller),
            number(&roles, "role"),
            number(&accounts, "account")
        ),
        message: format!(
            "{begins}, {who} asked for {} and was refused each of them. In these logs it was never given a role of one \
             of these names. Whoever finds credentials tries what they open in this way; so does a scanner.",
            phrase::all_of(roles.iter().map(|role| phrase::role(context, role))),
        ),
        remediation: None,
        count: times,
        evidence: denial::evidence(lineage, &all),
        chain_ids: all.iter().filter_map(|run| run.session).flat_map(|id| context.chain_ids(id)).collect(),
    }
}
