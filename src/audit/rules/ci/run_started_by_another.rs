//! `run-started-by-another`: somebody started a run of another person again, and it changed production.

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
    id: "run-started-by-another",
    title: "A run that changed production was started again by somebody else",
    theme: Theme::Ci,
    severity: Severity::Info,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Auditor,
    needs: "`--ci` with runs and their attempts",
    remediation: "Nothing, where both may deploy. Who starts a run again acts with the rights of whoever started it \
                  first.",
    techniques: &[],
    reading: &[(
        "GitHub: re-running workflows and jobs",
        "https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs",
    )],
    page: include_str!("../../../../docs/rules/run-started-by-another.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for sure in runs::signed(context) {
        let Some(role) = sure.changed_production(context) else { continue };
        // Of a first attempt, whoever started it may be another than GitHub names: nobody started it again.
        if sure.found.attempt.is_none_or(|attempt| attempt < 2) {
            continue;
        }
        let again = sure.attempt().and_then(|attempt| attempt.triggered_by.as_ref());
        let Some((first, again)) = sure.run.actor.as_ref().zip(again) else { continue };
        // One file may know the number alone, and another the login: they may be one person.
        let is_clear = first.id.is_some() == again.id.is_some();
        if !is_clear || first.is_same(again) {
            continue;
        }
        let program = if again.is_bot { "the program " } else { "" };
        let run = sure.linked.run_name();
        // GitHub names whoever changed the schedule last.
        let (first_of_all, rights) = if sure.run.event.as_deref() == Some("schedule") {
            (format!("A schedule started {run}"), String::new())
        } else {
            (format!("{} started {run}", first.login), format!(" It ran with the rights of {}.", first.login))
        };
        let said = Said {
            severity: Severity::Info,
            confidence: Confidence::High,
            basis: Basis::Match,
            title: format!("{} was started again by {program}{}", sure.linked.run_title(), again.login),
            message: format!(
                "{first_of_all}, and {program}{} started this attempt at it, which changed production through {role}.{rights}",
                again.login
            ),
        };
        matches.push(sure.linked.matched(context, said));
    }
}
