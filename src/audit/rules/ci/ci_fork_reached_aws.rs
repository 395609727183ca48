//! `ci-fork-reached-aws`: a run for the code of a fork opened a session.

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
    id: "ci-fork-reached-aws",
    title: "A CI run for code of a fork reached AWS",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with runs",
    remediation: "Do not check out or run code of forks in workflows that can get a token: pull_request_target and \
                  workflow_run run with the rights of your repository. Take `id-token: write` from such workflows, \
                  and let the role's trust policy name environments that ask for a review.",
    techniques: &["T1677", "T1078.004"],
    reading: &[(
        "GitHub: preventing pwn requests",
        "https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/",
    )],
    page: include_str!("../../../../docs/rules/ci-fork-reached-aws.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for sure in runs::signed(context) {
        let run = sure.linked.run_name();
        let event = sure.run.event.as_deref();
        let started = event.map(|event| format!(", started by {event},")).unwrap_or_default();
        let (whose, confidence, why) = match (sure.run.head_repository_id, sure.run.repository_id) {
            (Some(head), Some(own)) if head != own => {
                let fork = sure.run.head_repository.as_deref().unwrap_or("another repository");
                let why = format!(
                    "The CI system says that {run}{started} is for a commit of {fork} (repository {head}), not of the \
                     repository that it runs in ({own})."
                );
                (format!("code of {fork}"), Confidence::High, why)
            }
            // The repository that a run is in is always shown.
            (None, _) if sure.run.is_head_gone && event.is_some_and(is_for_others) => {
                let why = format!(
                    "GitHub no longer shows the repository that the commit of {run}{started} came from: it was deleted since, \
                     or is out of sight, which only a fork can be."
                );
                ("code of a repository that is gone".to_owned(), Confidence::Medium, why)
            }
            _ => continue,
        };
        let is_prod = sure.linked.is_prod(context);
        let said = Said {
            severity: if is_prod { Severity::Critical } else { Severity::High },
            confidence,
            basis: Basis::Match,
            title: format!("{}, which is for {whose}, reached AWS", sure.linked.run_title()),
            message: format!(
                "{why} It opened a session of {}. The token names your repository alone: CloudTrail does not show the fork.",
                sure.linked.role(context)
            ),
        };
        matches.push(sure.linked.matched(context, said));
    }
}

/// True for what starts runs of a repository for the commits of others.
fn is_for_others(event: &str) -> bool {
    matches!(event, "pull_request" | "pull_request_target" | "workflow_run")
}
