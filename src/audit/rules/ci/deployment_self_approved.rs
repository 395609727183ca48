//! `deployment-self-approved`: the only approval of a production deployment is by the person who started it.

use std::collections::BTreeMap;

use crate::audit::deployment;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::theme::Theme;
use crate::ci::Person;
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
    needs: "`--ci` with jobs and approvals; better with `[[environment]]`",
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
    for sure in runs::signed(context) {
        let asks = deployment::expected(context, sure).is_some_and(|expected| expected.approvals > 0);
        let Some(environment) = sure.environment().filter(|_| asks || sure.is_production(context)) else { continue };
        // Another approval may be among what was not understood.
        if sure.run.approvals_unclear {
            continue;
        }
        let approvers: BTreeMap<&str, &Person> =
            sure.approvals(environment).map(|one| (&*one.person.login, &one.person)).collect();
        if approvers.is_empty() || !approvers.values().all(|person| deployment::is_starter(sure, person)) {
            continue;
        }
        let who = approvers.into_keys().collect::<Vec<_>>().join(" and ");
        // Where the owners let people approve their own runs, it is worth knowing and no more.
        let is_allowed = !asks && sure.guard(environment).is_some_and(|guard| !guard.refuses_self_review);
        let said = Said {
            severity: match (asks, is_allowed) {
                (true, _) => Severity::High,
                (false, false) => Severity::Medium,
                (false, true) => Severity::Low,
            },
            confidence: Confidence::High,
            basis: Basis::Match,
            title: format!("{} was approved by {who}, who started it", sure.linked.run_title()),
            message: format!(
                "{} deployed to environment {environment} through {}. Its only approval is by {who}, who also started it: \
                 nobody else has looked at this change here.{}",
                sure.linked.run_title(),
                sure.linked.role(context),
                match (asks, is_allowed) {
                    (true, _) => " The expectations ask for the approval of somebody else.",
                    (false, true) => " The environment allows that.",
                    (false, false) => "",
                }
            ),
        };
        let mut found = sure.linked.matched(context, said);
        found.key.push(("context", format!("environment:{environment}")));
        matches.push(found);
    }
}
