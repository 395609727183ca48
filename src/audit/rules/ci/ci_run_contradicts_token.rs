//! `ci-run-contradicts-token`: what the CI system says of a run contradicts the signed token.

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

pub(in crate::audit) static RULE: Rule = Rule {
    id: "ci-run-contradicts-token",
    title: "The CI run that a session names contradicts its token",
    theme: Theme::Ci,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "`--ci` with runs; better with jobs and deployments",
    remediation: "Treat the session as stolen until it is explained: the token is signed for one place, and the run \
                  that the client names was in another. Revoke the role's sessions, and find the job that was given \
                  the token by its time.",
    techniques: &["T1036", "T1078.004"],
    reading: &[("GitHub: the claims of the token", "https://docs.github.com/en/actions/reference/security/oidc")],
    page: include_str!("../../../../docs/rules/ci-run-contradicts-token.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for linked in runs::linked(context).into_iter().filter(|linked| linked.link.is_signed) {
        for contradiction in &linked.link.contradictions {
            matches.extend(matched(context, linked, contradiction));
        }
    }
}

fn matched(context: &Context<'_>, linked: Linked<'_>, contradiction: &Contradiction) -> Option<Match> {
    let (severity, confidence, basis, how) = match contradiction {
        Contradiction::Repository { said, found, by_ids } => {
            let how = format!("The token is of {said}; the CI system says that the run is of {found}.");
            // Without ids on both sides, a rename looks the same.
            if *by_ids {
                (Severity::Critical, Confidence::High, Basis::Proof, how)
            } else {
                (Severity::High, Confidence::Medium, Basis::Match, how)
            }
        }
        Contradiction::Environment { said, found } => {
            let how = format!(
                "The token is for environment {said}; the jobs of the run that ran at that time deployed to {found} and to \
                 nothing else."
            );
            (Severity::Critical, Confidence::High, Basis::Proof, how)
        }
        Contradiction::GitRef { said, found } => {
            let how = format!("The token is for {said}; the CI system says that the run was for {found}.");
            (Severity::Critical, Confidence::High, Basis::Proof, how)
        }
        Contradiction::Event { found } => {
            let how =
                format!("The token is for a pull request; the CI system says that the run was started by {found}.");
            (Severity::Critical, Confidence::High, Basis::Proof, how)
        }
        Contradiction::Time { started, ended } => {
            let end = ended.map(|ended| format!(" to {ended}")).unwrap_or_default();
            let how = format!(
                "No job of the run ran at that time; the nearest one ran from {started}{end}. A token holds for five minutes."
            );
            (Severity::High, Confidence::High, Basis::Match, how)
        }
        Contradiction::Deleted | Contradiction::NotThere | Contradiction::NotListed { .. } => return None,
    };
    let run = linked.run_name();
    let said = Said {
        severity,
        confidence,
        basis,
        title: format!("{} contradicts the token of the session that names it", run.replacen("run", "Run", 1)),
        message: format!(
            "{} was opened that says it belongs to {run}. {how} The token is signed; the run is named by \
             the client.",
            linked.opened(context)
        ),
    };
    Some(linked.incident(context, said))
}
