//! `deployment-without-approval`: a run deployed to an environment that asks for an approval, and nobody approved it.

use std::collections::BTreeSet;

use crate::audit::deployment;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Acts;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::theme::Theme;
use crate::audit::uses;
use crate::ci::Act;
use crate::ci::ActKind;
use crate::expect::EnvironmentExpectation;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "deployment-without-approval",
    title: "A deployment to production had no approval",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with jobs, approvals and environments; better with GitHub's audit log and `[[environment]]`",
    remediation: "Ask who started the run why nobody approved it. Set required reviewers for the environment, and \
                  switch off that administrators may bypass them.",
    techniques: &["T1078.004"],
    reading: &[(
        "GitHub: reviewing deployments",
        "https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/review-deployments",
    )],
    page: include_str!("../../../../docs/rules/deployment-without-approval.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let bypasses = Acts::of_kind(context, ActKind::RulesBypassed);
    for sure in runs::signed(context) {
        let expected = deployment::expected(context, sure).filter(|expected| expected.approvals > 0);
        if expected.is_some() || sure.is_production(context) {
            matches.extend(matched(context, sure, expected, &bypasses));
        }
    }
}

fn matched<'a>(
    context: &Context<'a>,
    sure: Sure<'a>,
    expected: Option<&EnvironmentExpectation>,
    bypasses: &Acts<'a>,
) -> Option<Match> {
    let environment = sure.environment()?;
    let bypass = bypass(sure, environment, bypasses);
    let approved = sure.approvals(environment).next().is_some();
    let is_told = sure.knows_approvals();
    let (severity, confidence, why) = if let Some(act) = bypass {
        let who = act.actor.as_ref().map(|person| format!("{} bypassed", person.login));
        let who = who.unwrap_or_else(|| "Somebody bypassed".to_owned());
        let why = format!("{who} the rules that protect the environment at {}.", act.at);
        (if expected.is_some() { Severity::Critical } else { Severity::High }, Confidence::High, why)
    } else if let Some(expected) = expected {
        let (severity, why) = lacking(sure, environment, expected).filter(|_| is_told)?;
        (severity, Confidence::High, why)
    } else if !approved && is_told && sure.asked_for_review(environment) {
        let why = "The CI system lists no approval of the run, and the environment asks for one.";
        (Severity::High, Confidence::Medium, why.to_owned())
    } else {
        return None;
    };
    let starter = sure.starter().map(|person| format!(", started by {},", person.login)).unwrap_or_default();
    let by = bypass.and_then(|act| act.actor.as_ref()).map(|person| format!(": {} bypassed the rules", person.login));
    let how =
        if bypass.is_none() && approved { "without the approvals that are expected" } else { "without an approval" };
    let said = Said {
        severity,
        confidence,
        basis: Basis::Match,
        title: format!("{} reached {environment} {how}{}", sure.linked.run_title(), by.unwrap_or_default()),
        message: format!(
            "{}{starter} deployed to environment {environment} through {}. {why}",
            sure.linked.run_title(),
            sure.linked.role(context)
        ),
    };
    let mut matched = sure.linked.matched(context, said);
    matched.key.push(("context", format!("environment:{environment}")));
    Some(matched)
}

/// Returns how the approvals of a run fall short of what is expected; `None` where they do not, and where its only approval is by
/// whoever started it, of which another rule speaks.
fn lacking(sure: Sure<'_>, environment: &str, expected: &EnvironmentExpectation) -> Option<(Severity, String)> {
    let counting = deployment::approvers(sure, environment, expected);
    let mut people = sure.approvals(environment).map(|approval| &approval.person).peekable();
    let is_own = people.peek().is_some() && people.all(|person| deployment::is_starter(sure, person));
    if is_own || expected.approvals <= wide(counting.len()) {
        return None;
    }
    let all: BTreeSet<&str> = sure.approvals(environment).map(|approval| &*approval.person.login).collect();
    let listed = if all.is_empty() { "no approval".to_owned() } else { format!("that of {}", phrase::all_of(all)) };
    let of = if expected.approvers.is_empty() {
        "people other than the one who started it".to_owned()
    } else {
        phrase::any_of(expected.approvers.iter().map(String::as_str))
    };
    let asked = phrase::count(expected.approvals, "approval");
    let why = format!("The CI system lists {listed}, and the expectations ask for {asked} by {of}.");
    Some((if counting.is_empty() { Severity::Critical } else { Severity::High }, why))
}

/// Returns what the audit log says of rules that were bypassed for this attempt at the run.
fn bypass<'a>(sure: Sure<'a>, environment: &str, bypasses: &Acts<'a>) -> Option<&'a Act> {
    let issued = uses::surely_after(sure.linked.entry.issued()?);
    let began = sure.attempt().and_then(|attempt| attempt.started).or(sure.run.created);
    bypasses.of(sure.linked).find(|act| {
        let is_environment = act.environment.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(environment));
        is_environment && act.at <= issued && began.is_none_or(|began| began <= uses::surely_after(act.at))
    })
}
