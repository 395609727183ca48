//! `credentials-outlived-job`: credentials of a CI job were used after the job had ended.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::audit::network::Hosted;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::runs::Use;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::Timestamp;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "credentials-outlived-job",
    title: "Credentials of a CI job were used after the job had ended",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "`--ci` with runs and jobs",
    remediation: "Revoke the sessions of the role (deny on aws:TokenIssueTime), look at every call after the end of the job, \
                  and search the run's log and artifacts for printed credentials. Shorten the role's sessions to what the \
                  job needs.",
    techniques: &["T1528", "T1550.001"],
    reading: &[
        (
            "GitHub: hosted runners are decommissioned when a job ends",
            "https://docs.github.com/en/actions/how-tos/manage-runners/github-hosted-runners/use-github-hosted-runners",
        ),
        (
            "IAM User Guide: revoking role sessions",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/credentials-outlived-job.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let hosted = context.ci.map(|ci| Hosted::of(&ci.facts)).unwrap_or_default();
    for sure in runs::signed(context) {
        let Some(ended) = sure.ended() else { continue };
        matches.extend(late_token(context, sure, ended));
        let late: Vec<Use<'_>> = sure.uses().into_iter().filter(|used| used.last > runs::surely_after(ended)).collect();
        matches.extend(matched(context, sure, ended, &late, &hosted));
    }
}

/// Finds a token that was presented after its job. Tokens hold five minutes.
fn late_token(context: &Context<'_>, sure: Sure<'_>, ended: Timestamp) -> Option<Match> {
    let issued = sure.linked.entry.issued().filter(|issued| *issued > runs::surely_after(ended))?;
    sure.job()?;
    let run = sure.linked.run_name();
    let said = Said {
        severity: Severity::High,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("A token of {run} was used {} after its job had ended", runs::long(issued.distance(ended))),
        message: format!(
            "At {issued}, a token of {run} opened a session of {}. The job that was given the token ended at {ended}. A token \
             holds for five minutes; somebody kept this one and presented it later.",
            sure.linked.role(context)
        ),
    };
    Some(sure.linked.incident(context, said))
}

fn matched(
    context: &Context<'_>,
    sure: Sure<'_>,
    ended: Timestamp,
    late: &[Use<'_>],
    hosted: &Hosted,
) -> Option<Match> {
    let after = runs::surely_after(ended);
    let last = late.iter().map(|used| used.last).max()?;
    // Of a client that was there before and after, only its last call is known to be late.
    let first = late.iter().filter(|used| used.first > after).map(|used| used.first).min().unwrap_or(last);
    let ips: BTreeSet<IpAddr> = late.iter().filter_map(Use::ip).collect();
    let is_foreign = ips.iter().any(|ip| hosted.holds(*ip) == Some(false));
    let writes = late.iter().any(|used| wrote_after(used, after));
    let goes_on = sure.attempt_ended().is_none_or(|end| first <= runs::surely_after(end));
    let (severity, confidence, basis, why) = match (goes_on, sure.is_hosted()) {
        _ if late.iter().all(|used| used.may_be_presigned(after)) => (
            Severity::Medium,
            Confidence::Low,
            Basis::Heuristic,
            "All that was done after the end may have been signed before it and sent by somebody else: presigned addresses of \
             S3 objects, or of GetCallerIdentity.",
        ),
        (true, _) => (
            Severity::Low,
            Confidence::Low,
            Basis::Heuristic,
            "Another job of the run was still going on, or its end is not known: the credentials may have been handed to it, \
             or they leaked.",
        ),
        (false, Some(true)) => (
            if writes || is_foreign { Severity::Critical } else { Severity::High },
            Confidence::High,
            Basis::Proof,
            "The job ran on a machine of the CI vendor, which is gone when the job ends. Whoever made these calls has the \
             credentials elsewhere.",
        ),
        (false, _) => (
            Severity::Medium,
            Confidence::Medium,
            Basis::Heuristic,
            "The job did not run on a machine that is known to be gone when it ends: a process that it left behind may have \
             made these calls, or the credentials leaked.",
        ),
    };
    let run = sure.linked.run_name();
    let starter = sure.starter().map(|person| format!(" that {} started", person.login)).unwrap_or_default();
    let from = if ips.is_empty() {
        String::new()
    } else {
        format!(" from {}", phrase::all_of(ips.iter().map(ToString::to_string)))
    };
    let outside = if is_foreign { ", outside of the networks of the vendor's runners" } else { "" };
    let said = Said {
        severity,
        confidence,
        basis,
        title: format!("Credentials of {run} were used {} after its job had ended", runs::long(last.distance(ended))),
        message: format!(
            "The job of {run}{starter} ended at {ended}. Credentials that it was given through {} were used{from}{outside}: \
             after the end of the job first at {first} and last at {last}. {why}",
            sure.linked.role(context)
        ),
    };
    let mut matched = sure.linked.incident(context, said);
    let lineage = context.lineage;
    matched.evidence.extend(late.iter().flat_map(|used| {
        let marks = [Some(used.tally.first).filter(|_| used.first > after), Some(used.tally.last)];
        marks.into_iter().flatten().map(|mark| lineage.evidence(&mark))
    }));
    Some(matched)
}

/// True when the session made a successful write after a time.
fn wrote_after(used: &Use<'_>, after: Timestamp) -> bool {
    used.session.actions().any(|(action, tally)| {
        action.read_only == Some(false) && action.error_code.is_none() && tally.last.time() > Some(after)
    })
}
