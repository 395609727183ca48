//! `deployment-self-approved`: the only approval of a production deployment is by the person who started it.

use std::collections::BTreeSet;

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "deployment-self-approved",
    title: "A deployment to production was approved only by whoever started it",
    theme: Theme::Ci,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with jobs and approvals",
    remediation: "Set \"prevent self-review\" for the environment, so that somebody else must approve.",
    techniques: &["T1078.004"],
    reading: &[(
        "GitHub: deployment protection rules",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments",
    )],
    page: include_str!("../../../../docs/rules/deployment-self-approved.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for sure in runs::signed(context).filter(|sure| sure.is_production(context)) {
        let Some(environment) = sure.environment() else { continue };
        let approvers: BTreeSet<&str> = sure.approvals(environment).map(|one| &*one.person.login).collect();
        // Whoever starts a run of somebody else again has not made the change: they may approve it.
        let first = sure.run.actor.as_ref().filter(|person| !person.is_bot);
        let is_starter = |login: &&str| match first {
            Some(first) => &*first.login == *login,
            None => sure.starters().any(|person| &*person.login == *login),
        };
        if approvers.is_empty() || !approvers.iter().all(is_starter) {
            continue;
        }
        let who = approvers.into_iter().collect::<Vec<_>>().join(" and ");
        let run = sure.linked.run_name();
        // Where the owners let people approve their own runs, it is worth knowing and no more.
        let is_allowed = sure.guard(environment).is_some_and(|guard| !guard.refuses_self_review);
        let said = Said {
            severity: if is_allowed { Severity::Low } else { Severity::Medium },
            confidence: Confidence::High,
            basis: Basis::Match,
            title: format!("{} was approved by {who}, who started it", run.replacen("run", "Run", 1)),
            message: format!(
                "{} deployed to environment {environment} through {}. Its only approval is by {who}, who also started it: \
                 nobody else has looked at this change here.{}",
                run.replacen("run", "Run", 1),
                sure.linked.role(context),
                if is_allowed { " The environment allows that." } else { "" }
            ),
        };
        let mut found = sure.linked.matched(context, said);
        found.key.push(("context", format!("environment:{environment}")));
        matches.push(found);
    }
}
