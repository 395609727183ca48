//! `deployment-without-approval`: a run deployed to an environment that asks for an approval, and nobody approved it.

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::theme::Theme;
use crate::ci::Act;
use crate::ci::ActKind;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "deployment-without-approval",
    title: "A deployment to production had no approval",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with jobs, approvals and environments; better with GitHub's audit log",
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
    for sure in runs::signed(context).filter(|sure| sure.is_production(context)) {
        matches.extend(matched(context, sure));
    }
}

fn matched(context: &Context<'_>, sure: Sure<'_>) -> Option<Match> {
    let environment = sure.environment()?;
    if sure.approvals(environment).next().is_some() {
        return None;
    }
    let bypass = bypass(sure);
    let (confidence, why) = match bypass {
        Some(act) => {
            let who = act.actor.as_ref().map(|person| format!("{} bypassed", person.login));
            let who = who.unwrap_or_else(|| "Somebody bypassed".to_owned());
            (Confidence::High, format!("{who} the rules that protect the environment at {}.", act.at))
        }
        // None known means none only where they were asked for, and the environment asked for one then.
        None if sure.run.approvals_asked && has_begun(sure) && sure.asked_for_review(environment) => {
            let why = "The CI system lists no approval of the run, and the environment asks for one.";
            (Confidence::Medium, why.to_owned())
        }
        None => return None,
    };
    let run = sure.linked.run_name();
    let starter = sure.starter().map(|person| format!(", started by {},", person.login)).unwrap_or_default();
    let bypassed =
        bypass.and_then(|act| act.actor.as_ref()).map(|person| format!(": {} bypassed the rules", person.login));
    let said = Said {
        severity: Severity::High,
        confidence,
        basis: Basis::Match,
        title: format!(
            "{} reached {environment} without an approval{}",
            run.replacen("run", "Run", 1),
            bypassed.unwrap_or_default()
        ),
        message: format!(
            "{}{starter} deployed to environment {environment} through {}. {why}",
            run.replacen("run", "Run", 1),
            sure.linked.role(context)
        ),
    };
    let mut matched = sure.linked.matched(context, said);
    matched.key.push(("context", format!("environment:{environment}")));
    Some(matched)
}

/// True when the run had come past its approval when it was exported: until then, none means not yet.
fn has_begun(sure: Sure<'_>) -> bool {
    sure.job().is_some() || sure.attempt().is_some_and(|attempt| attempt.ended.is_some())
}

/// Returns what the audit log says of rules that were bypassed for the run.
fn bypass(sure: Sure<'_>) -> Option<&Act> {
    let id = &*sure.found.run.id;
    let acts = &sure.linked.facts.acts;
    acts.iter().find(|act| act.kind == ActKind::RulesBypassed && act.run_id.as_deref() == Some(id))
}
