//! `unexpected-workflow`: a run deployed to an environment by another workflow, event or machine than its owners expect.

use crate::audit::deployment;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::theme::Theme;
use crate::expect::EnvironmentExpectation;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "unexpected-workflow",
    title: "An environment was deployed to by another workflow, event or runner than expected",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with runs and jobs, and `workflows`, `events` or `runners` of `[[environment]]`",
    remediation: "Find out who wrote the workflow and who started it. If it is meant to deploy, add it to the \
                  environment in rolechain.toml; else remove it, and let the environment admit protected branches only.",
    techniques: &["T1677"],
    reading: &[(
        "GitHub: deployments and environments",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments",
    )],
    page: include_str!("../../../../docs/rules/unexpected-workflow.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for sure in runs::signed(context) {
        let Some((expected, environment)) = deployment::expected(context, sure).zip(sure.environment()) else {
            continue;
        };
        let odd = odd(sure, expected);
        if odd.is_empty() {
            continue;
        }
        let run = sure.linked.run_title();
        let said = Said {
            severity: Severity::High,
            confidence: Confidence::High,
            basis: Basis::Match,
            title: format!("{run} deployed to {environment} in another way than expected"),
            message: format!(
                "{run}{} deployed to environment {environment} through {}. {}.",
                sure.starter().map(|person| format!(", started by {},", person.login)).unwrap_or_default(),
                sure.linked.role(context),
                odd.join(". ")
            ),
        };
        let mut found = sure.linked.matched(context, said);
        found.key.push(("context", format!("environment:{environment}")));
        matches.push(found);
    }
}

/// Returns what is different, a sentence each. What the evidence does not say is not different.
fn odd(sure: Sure<'_>, expected: &EnvironmentExpectation) -> Vec<String> {
    let mut odd = Vec::new();
    let workflow = sure.run.workflow_path.as_deref();
    if let Some(path) = workflow.filter(|path| !expected.workflows.is_empty() && !expected.workflows.fits(path)) {
        let wanted = phrase::any_of(expected.workflows.iter().map(|glob| format!("\"{glob}\"")));
        odd.push(format!("Its workflow is \"{path}\", and {wanted} is expected"));
    }
    let event = sure.run.event.as_deref();
    let is_expected = |event: &str| expected.events.iter().any(|one| one.eq_ignore_ascii_case(event));
    if let Some(event) = event.filter(|event| !expected.events.is_empty() && !is_expected(event)) {
        let wanted = phrase::any_of(expected.events.iter().map(String::as_str));
        odd.push(format!("It was started by {event}, and {wanted} is expected"));
    }
    match (expected.is_hosted, sure.is_hosted()) {
        (Some(true), Some(false)) => {
            odd.push("It ran on a self-hosted runner, and one of the CI system is expected".to_owned());
        }
        (Some(false), Some(true)) => {
            odd.push("It ran on a runner of the CI system, and a self-hosted one is expected".to_owned());
        }
        _ => {}
    }
    odd
}
