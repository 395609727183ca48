//! `ci-run-deleted`: a run whose credentials reached AWS was deleted.

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Linked;
use crate::audit::runs::Said;
use crate::audit::theme::Theme;
use crate::ci::Act;
use crate::ci::ActKind;
use crate::join::Contradiction;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "ci-run-deleted",
    title: "The CI run of a session was deleted",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "`--ci` with runs; better with GitHub's audit log",
    remediation: "Ask who deleted the run, and why. Rebuild what it did from CloudTrail: `rolechain trace` shows the \
                  chain. Take write access to runs away from whoever does not need it, and stream the audit log to a \
                  bucket that nobody can change.",
    techniques: &["T1070", "T1562.008"],
    reading: &[
        (
            "GitHub: deleting a workflow run",
            "https://docs.github.com/en/actions/how-tos/manage-workflow-runs/delete-a-workflow-run",
        ),
        (
            "GitHub: audit log events",
            "https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization",
        ),
    ],
    page: include_str!("../../../../docs/rules/ci-run-deleted.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for linked in runs::linked(context) {
        for contradiction in &linked.link.contradictions {
            matches.extend(matched(context, linked, contradiction));
        }
    }
}

fn matched(context: &Context<'_>, linked: Linked<'_>, contradiction: &Contradiction) -> Option<Match> {
    let run = linked.run_name();
    let (severity, confidence, basis, title, how) = match contradiction {
        Contradiction::Deleted => {
            let act = deletion(linked);
            let who = act
                .and_then(|act| act.actor.as_ref())
                .map(|person| format!(" by {}", person.login))
                .unwrap_or_default();
            let at = act.map(|act| format!(" at {}", act.at)).unwrap_or_default();
            let severity = if linked.is_prod(context) { Severity::Critical } else { Severity::High };
            let title = format!("{}, whose credentials reached AWS, was deleted{who}", capitalized(&run));
            let how = format!("The audit log of the CI system says that the run was deleted{who}{at}.");
            (severity, Confidence::High, Basis::Proof, title, how)
        }
        Contradiction::NotListed { has_hole: true } => {
            let title = format!("{}, whose credentials reached AWS, seems to have been deleted", capitalized(&run));
            let how = "It is not among the runs that the CI system lists, and the numbers of the listed runs have a hole: a \
                       deleted run leaves one. No audit log says who deleted it.";
            (Severity::High, Confidence::Medium, Basis::Heuristic, title, how.to_owned())
        }
        _ => return None,
    };
    let message = format!(
        "{} was opened by {run}. {how} With the run, its log, its jobs and its approvals are gone.",
        linked.opened(context)
    );
    Some(linked.incident(context, Said { severity, confidence, basis, title, message }))
}

/// Returns what the audit log says of the deletion: the earliest entry.
fn deletion(linked: Linked<'_>) -> Option<&Act> {
    let run = &linked.link.found.as_ref()?.run;
    linked.facts.acts.iter().find(|act| act.kind == ActKind::RunDeleted && act.run_id.as_deref() == Some(&*run.id))
}

fn capitalized(run: &str) -> String {
    run.replacen("run", "Run", 1)
}
