//! `run-without-session`: a run deployed to a production environment, and no session belongs to it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::environment;
use crate::audit::environment::Stage;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::ci::Facts;
use crate::ci::Run;
use crate::ci::RunKey;
use crate::ci::System;
use crate::join::Joined;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::Timestamp;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "run-without-session",
    title: "A CI run deployed to production and left nothing in CloudTrail",
    theme: Theme::Ci,
    severity: Severity::Info,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with jobs and deployments",
    remediation: "Find out where the run deployed to: an account whose logs are not here, another cloud, or with \
                  other credentials.",
    techniques: &[],
    reading: &[("GitHub: deployments", "https://docs.github.com/en/rest/deployments/deployments")],
    page: include_str!("../../../../docs/rules/run-without-session.md"),
    check,
};

/// So many runs of a workflow must have left sessions before one that left none is worth a word …
const FEWEST_SEEN: usize = 3;

/// … and at least so many for each that left none.
const SEEN_PER_UNSEEN: usize = 9;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(Joined { facts, links }) = context.ci else { return };
    let seen: BTreeSet<&RunKey> =
        links.values().flat_map(|link| link.found.iter().map(|found| &found.run).chain(&link.candidates)).collect();
    let Some((from, to)) = span(context) else { return };
    let homes: BTreeSet<Home<'_>> = seen.iter().filter_map(|key| home(key, facts.runs.get(key)?)).collect();
    let deploying = deploying(facts, &seen);
    let mut left_nothing: BTreeMap<(&str, &str), Vec<Left<'_>>> = BTreeMap::new();
    for (key, run) in facts.runs.iter().filter(|(key, run)| !seen.contains(key) && !run.is_missing) {
        // Only repositories whose other runs are here, while these logs go on, are expected to show up.
        let Some(home) = home(key, run).filter(|home| homes.contains(home)) else { continue };
        let by_workflow = || run.workflow_id.and_then(|id| deploying.get(&(home, id))).copied();
        let has_jobs = run.attempts.values().any(|attempt| !attempt.jobs.is_empty());
        let is_success = run.attempts.values().any(|attempt| attempt.conclusion.as_deref() == Some("success"));
        let environment = if has_jobs { deployed(run) } else { is_success.then(by_workflow).flatten() };
        let Some(environment) = environment else { continue };
        let Some(at) = run.created.filter(|at| from <= *at && *at <= to) else { continue };
        let how = if has_jobs { How::Deployed } else { How::LikeOthers };
        left_nothing.entry((home.2, environment)).or_default().push((at, &key.id, how));
    }
    for ((repository, environment), runs) in left_nothing {
        matches.push(matched(repository, environment, runs));
    }
}

/// A run that left nothing: when it was made, its id, and how it is known to have deployed.
type Left<'f> = (Timestamp, &'f str, How);

/// How it is known that a run deployed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// A job of it did, by the CI system.
    Deployed,
    /// Nearly all other runs of its workflow did.
    LikeOthers,
}

fn matched(repository: &str, environment: &str, mut runs: Vec<Left<'_>>) -> Match {
    runs.sort_unstable();
    let count = wide(runs.len());
    let named = phrase::all_of(runs.iter().map(|(_, id, _)| *id));
    let first = runs.first().map(|(at, ..)| at.to_string()).unwrap_or_default();
    let how = if runs.iter().all(|(.., how)| *how == How::Deployed) {
        "By the CI system, a job of each deployed there"
    } else {
        "A job of each deployed there, or nearly all other runs of its workflow did"
    };
    let runs = phrase::count(count, "run");
    Match {
        key: vec![("repository", repository.to_ascii_lowercase()), ("context", format!("environment:{environment}"))],
        severity: Severity::Info,
        confidence: Confidence::Medium,
        basis: Basis::Match,
        title: format!("{runs} of {repository} deployed to {environment} and left nothing in these logs"),
        message: format!(
            "No session in these logs belongs to {runs} of {repository} for {environment}, the first made at {first}: {named}. \
             {how}. What they deployed may lie in another account or cloud, or was done with other credentials."
        ),
        remediation: None,
        count,
        evidence: Vec::new(),
        chain_ids: Chains::default(),
    }
}

/// The system, host and repository of a run.
type Home<'f> = (System, &'f str, &'f str);

fn home<'f>(key: &'f RunKey, run: &'f Run) -> Option<Home<'f>> {
    Some((key.system, &key.host, run.repositories.first()?))
}

/// Returns the workflows of which nearly every run reached production and is seen, with the environment.
fn deploying<'f>(facts: &'f Facts, seen: &BTreeSet<&RunKey>) -> BTreeMap<(Home<'f>, u64), &'f str> {
    let mut counts: BTreeMap<(Home<'f>, u64), (usize, usize, Option<&'f str>)> = BTreeMap::new();
    for (key, run) in &facts.runs {
        let Some(workflow) = home(key, run).zip(run.workflow_id) else { continue };
        let (here, elsewhere, environment) = counts.entry(workflow).or_default();
        match deployed(run).filter(|_| seen.contains(key)) {
            Some(found) => (*here, *environment) = (*here + 1, Some(found)),
            None => *elsewhere += 1,
        }
    }
    let is_usual = |(here, elsewhere): (usize, usize)| here >= FEWEST_SEEN && here >= elsewhere * SEEN_PER_UNSEEN;
    let usual = counts.into_iter().filter(|(_, (here, elsewhere, _))| is_usual((*here, *elsewhere)));
    usual.filter_map(|(workflow, (.., environment))| Some((workflow, environment?))).collect()
}

/// Returns the production environment that a job of the run deployed to.
fn deployed(run: &Run) -> Option<&str> {
    let jobs = run.attempts.values().flat_map(|attempt| attempt.jobs.values()).filter(|job| job.has_run);
    jobs.filter_map(|job| job.environment.as_deref())
        .find(|environment| environment::stage(environment) == Some(Stage::Prod))
}

/// Returns the time that these logs are of.
fn span(context: &Context<'_>) -> Option<(Timestamp, Timestamp)> {
    let cells = || context.lineage.observations.cells.values();
    cells().filter_map(|cell| cell.first).min().zip(cells().filter_map(|cell| cell.last).max())
}
