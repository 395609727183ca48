//! `ci-run-unknown`: the run that a session names is not known to the CI system.

use std::collections::BTreeSet;

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Linked;
use crate::audit::runs::Said;
use crate::audit::theme::Theme;
use crate::join::Contradiction;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::subject::Subject;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "ci-run-unknown",
    title: "A session names a CI run that the CI system does not know",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with all runs of the repository, or with an answer to `rolechain ci wanted`",
    remediation: "Find out who opened the session: a token of this repository was used, but the run that it names \
                  does not exist. Look for a workflow that sets its user agent or session tags itself, for a deleted \
                  run, and for a second repository of the same name.",
    techniques: &["T1036", "T1078.004"],
    reading: &[("GitHub: workflow runs", "https://docs.github.com/en/rest/actions/workflow-runs")],
    page: include_str!("../../../../docs/rules/ci-run-unknown.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let runs = context.ci.iter().flat_map(|ci| ci.facts.runs.values()).filter(|run| run.is_shown);
    let shown: BTreeSet<String> =
        runs.flat_map(|run| run.repositories.iter()).map(|name| name.to_ascii_lowercase()).collect();
    for linked in runs::linked(context) {
        for contradiction in &linked.link.contradictions {
            matches.extend(matched(context, linked, contradiction, &shown));
        }
    }
}

fn matched(
    context: &Context<'_>,
    linked: Linked<'_>,
    contradiction: &Contradiction,
    shown: &BTreeSet<String>,
) -> Option<Match> {
    let run = linked.link.found.as_ref().and_then(|found| found.run(linked.facts));
    let asked = run.into_iter().flat_map(|run| run.repositories.iter()).map(AsRef::as_ref);
    let mut names = asked.chain(linked.token().and_then(Subject::borne));
    let is_seen = names.any(|name: &str| shown.contains(&name.to_ascii_lowercase()));
    let how = match contradiction {
        Contradiction::NotThere if is_seen => "The CI system was asked for this run and does not have it.",
        Contradiction::NotThere => {
            "The CI system was asked for this run and does not have it. It showed no other run of the repository, either: \
             perhaps the login that asked may not see them."
        }
        Contradiction::NotListed { has_hole: false } => {
            "The files of the CI system hold every run that the repository had at that time, and not this one."
        }
        _ => return None,
    };
    let run = linked.run_name();
    let is_doubtful = !is_seen && *contradiction == Contradiction::NotThere;
    let said = Said {
        severity: if is_doubtful { Severity::Medium } else { Severity::High },
        confidence: if is_doubtful { Confidence::Low } else { Confidence::High },
        basis: Basis::Match,
        title: format!("A session names {run}, which the CI system does not know"),
        message: format!("{} was opened that says it belongs to {run}. {how}", linked.opened(context)),
    };
    Some(linked.matched(context, said))
}
