//! `run-without-session`: a run deployed to a production environment, and no session belongs to it.

use std::collections::BTreeSet;

use crate::audit::environment::Stage;
use crate::audit::environment;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::ci::Facts;
use crate::ci::Run;
use crate::ci::RunKey;
use crate::join::Joined;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::Timestamp;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "run-without-session",
    title: "A CI run deployed to production and left nothing in CloudTrail",
    theme: Theme::Ci,
    severity: Severity::Info,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with jobs and deployments",
    remediation: "Find out where the run deployed to: an account whose logs are not here, another cloud, or with other credentials.",
    techniques: &[],
    reading: &[(
            "GitHub: deployments",
            "https://docs.github.com/en/rest/deployments/deployments",
        )],
    page: include_str!("../../../../docs/rules/run-without-session.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(Joined { facts, links }) = context.ci else { return };
    let seen: BTreeSet<&RunKey> = links
        .values()
        .flat_map(|link| link.found.iter().map(|found| &found.run).chain(&link.candidates))
        .collect();
    // Only repositories whose other runs are here, while these logs go on, are expected to show up.
    let homes: BTreeSet<&str> = seen.iter().filter_map(|key| home(facts, key)).collect();
    let Some((from, to)) = span(context) else { return };
    for (key, run) in facts.runs.iter().filter(|(key, _)| !seen.contains(key)) {
        let Some(repository) = home(facts, key).filter(|home| homes.contains(home)) else { continue };
        let Some((environment, at)) = deployed(run).filter(|(_, at)| from <= *at && *at <= to) else { continue };
        let said = Match {
            key: vec![("repository", repository.to_ascii_lowercase()), ("context", format!("environment:{environment}"))],
            severity: Severity::Info,
            confidence: Confidence::Medium,
            basis: Basis::Match,
            title: format!("Run {} of {repository} deployed to {environment} and left nothing in these logs", key.id),
            message: format!(
                "The CI system says that a job of run {} of {repository} deployed to {environment}; it began at {at}. No \
                 session in these logs belongs to the run. It may have deployed to another account or cloud, or with \
                 other credentials.",
                key.id
            ),
            remediation: None,
            count: 1,
            evidence: Vec::new(),
            chain_ids: Chains::default(),
        };
        matches.push(said);
    }
}

fn home<'f>(facts: &'f Facts, key: &RunKey) -> Option<&'f str> {
    facts.runs.get(key)?.repositories.first().map(AsRef::as_ref)
}

/// Returns the production environment that a job of the run deployed to, and when.
fn deployed(run: &Run) -> Option<(&str, Timestamp)> {
    let jobs = run.attempts.values().flat_map(|attempt| attempt.jobs.values()).filter(|job| job.has_run);
    jobs.filter_map(|job| Some((job.environment.as_deref()?, job.started?)))
        .find(|(environment, _)| environment::stage(environment) == Some(Stage::Prod))
}

/// Returns the time that these logs are of.
fn span(context: &Context<'_>) -> Option<(Timestamp, Timestamp)> {
    let cells = || context.lineage.observations.cells.values();
    cells().filter_map(|cell| cell.first).min().zip(cells().filter_map(|cell| cell.last).max())
}
