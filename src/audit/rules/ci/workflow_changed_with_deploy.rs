//! `workflow-changed-with-deploy`: a run changed production with a workflow that its own commit changed.

use crate::audit::reviewed;
use crate::audit::reviewed::Reviewed;
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
    id: "workflow-changed-with-deploy",
    title: "A commit changed the workflow that deployed it to production",
    theme: Theme::Ci,
    severity: Severity::Medium,
    confidence: Confidence::Low,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "`--ci` with runs, commits, pull requests and reviews",
    remediation: "Read what the commit changed in the workflow. Require a review of `.github/workflows/`, with a \
                  CODEOWNERS file, and let the environment admit protected branches only.",
    techniques: &["T1677"],
    reading: &[("GitHub: secure use of Actions", "https://docs.github.com/en/actions/reference/security/secure-use")],
    page: include_str!("../../../../docs/rules/workflow-changed-with-deploy.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for sure in runs::signed(context) {
        let Some(role) = sure.changed_production(context) else { continue };
        let Some((sha, path)) = sure.run.head_sha.as_deref().zip(sure.run.workflow_path.as_deref()) else { continue };
        let Some(commit) = sure.commit().filter(|commit| commit.workflows.contains(path)) else { continue };
        let why = match reviewed::of(sure) {
            Reviewed::No(_) => "The evidence shows no review of it by somebody else.",
            // What a pull request changes is merged after the run, if at all.
            Reviewed::Unknown if sure.run.event.as_deref().is_some_and(|event| event.starts_with("pull_request")) => {
                "It is of a pull request, and nobody needs to have reviewed it."
            }
            Reviewed::Yes | Reviewed::Unknown => continue,
        };
        let by = commit.author.as_ref().map(|person| format!(" by {}", person.login)).unwrap_or_default();
        let said = Said {
            severity: Severity::Medium,
            confidence: Confidence::Low,
            basis: Basis::Heuristic,
            title: format!(
                "{} changed production with a workflow that its own commit changed",
                sure.linked.run_title()
            ),
            message: format!(
                "{} changed production through {role} with the workflow {}/{path}. Its commit {sha}{by} changed that file. {why}",
                sure.linked.run_title(),
                sure.run.repositories.first().map_or("…", AsRef::as_ref)
            ),
        };
        matches.push(sure.linked.matched(context, said));
    }
}
