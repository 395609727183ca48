//! `credentials-outlived-job`: credentials of a CI job were used after the job had ended.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::audit::network::Hosted;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::theme::Theme;
use crate::audit::uses;
use crate::audit::uses::Use;
use crate::model::chain::SessionId;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::tallies::Mark;
use crate::model::time;
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
    remediation: "Revoke the sessions of each role that was used late (deny on aws:TokenIssueTime): a chained session \
                  outlives that of the role that it came from. Look at every call after the end of the job, \
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

/// How many of the things that were done late are named.
const MAX_NAMED: usize = 4;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let hosted = context.ci.map(|ci| Hosted::of(&ci.facts)).unwrap_or_default();
    for sure in runs::signed(context) {
        let Some(ended) = sure.ended() else { continue };
        matches.extend(late_token(context, sure, ended));
        let uses = sure.uses();
        let later_than = |end| {
            let late = uses.iter().copied().filter(|used| used.last > uses::surely_after(end));
            late.collect::<Vec<Use<'_>>>()
        };
        // What came after the last job of the run is no other job's doing, whatever came before.
        let run_ended = sure.attempt_ended().map(|end| end.max(ended));
        let after_run = run_ended.map(later_than).unwrap_or_default();
        matches.extend(match run_ended.filter(|_| !after_run.is_empty()) {
            Some(end) => matched(context, sure, (end, true), &after_run, &hosted),
            None => matched(context, sure, (ended, false), &later_than(ended), &hosted),
        });
    }
}

/// Finds a token that was presented after its job. Tokens hold five minutes.
fn late_token(context: &Context<'_>, sure: Sure<'_>, ended: Timestamp) -> Option<Match> {
    let issued = sure.linked.entry.issued().filter(|issued| *issued > uses::surely_after(ended))?;
    sure.job()?;
    let run = sure.linked.run_name();
    let said = Said {
        severity: Severity::High,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("A token of {run} was used {} after its job had ended", time::length(issued.distance(ended))),
        message: format!(
            "At {issued}, a token of {run} opened a session of {}. The job that was given the token ended at {ended}. A token \
             holds for five minutes; somebody kept this one and presented it later.",
            sure.linked.role(context)
        ),
    };
    Some(sure.linked.matched(context, said))
}

fn matched(
    context: &Context<'_>,
    sure: Sure<'_>,
    (ended, is_over): (Timestamp, bool),
    late: &[Use<'_>],
    hosted: &Hosted,
) -> Option<Match> {
    let after = uses::surely_after(ended);
    let last = late.iter().map(|used| used.last).max()?;
    let done = done_after(late, after);
    let first =
        done.iter().map(|done| done.at).chain(late.iter().map(|used| used.first).filter(|first| *first > after));
    let first = first.min().unwrap_or(last);
    let ips: BTreeSet<IpAddr> = late.iter().filter_map(Use::ip).collect();
    let is_foreign = ips.iter().any(|ip| hosted.holds(*ip) == Some(false));
    let writes = done.iter().any(|done| done.is_write);
    let (severity, confidence, basis, why) = match (!is_over, sure.is_hosted()) {
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
    let named: Vec<&str> = done.iter().take(MAX_NAMED).map(|done| done.told.as_str()).collect();
    let more = if done.len() > named.len() { ", …" } else { "" };
    let what = if named.is_empty() { String::new() } else { format!(" ({}{more})", named.join(", ")) };
    let outside = if is_foreign { ", outside of the networks of the vendor's runners" } else { "" };
    let said = Said {
        severity,
        confidence,
        basis,
        title: format!("Credentials of {run} were used {} after its job had ended", time::length(last.distance(ended))),
        message: format!(
            "The job of {run}{starter} ended at {ended}. Credentials that it was given through {} were used{from}{outside}: \
             after the end of the job first at {first} and last at {last}{what}. {why}{}",
            sure.linked.role(context),
            to_revoke(context, late)
        ),
    };
    let mut matched = sure.linked.matched(context, said);
    let lineage = context.lineage;
    matched.evidence.extend(done.iter().take(MAX_NAMED).map(|done| lineage.evidence(done.mark)));
    matched.evidence.extend(late.iter().flat_map(|used| {
        let marks = [Some(used.tally.first).filter(|_| used.first > after), Some(used.tally.last)];
        marks.into_iter().flatten().map(|mark| lineage.evidence(&mark))
    }));
    Some(matched)
}

/// Names the sessions that were used late, as they have to be revoked: by role and account, with key and expiry.
fn to_revoke(context: &Context<'_>, late: &[Use<'_>]) -> String {
    let sessions: BTreeMap<SessionId, SessionView<'_>> =
        late.iter().map(|used| (used.session.id, used.session)).collect();
    let named = sessions.values().take(MAX_NAMED).filter_map(|session| {
        let role = phrase::role(context, session.role_arn()?);
        let key = session.access_key().map(|key| format!("key {key}"));
        let until = session.session.expires.map(|expires| format!("valid until {expires}"));
        let about: Vec<String> = key.into_iter().chain(until).collect();
        Some(if about.is_empty() { role } else { format!("{role} ({})", about.join(", ")) })
    });
    let named = phrase::all_of(named.collect::<Vec<_>>());
    let more = if sessions.len() > MAX_NAMED { " and others" } else { "" };
    if named.is_empty() { String::new() } else { format!(" Used after the job: {named}{more}.") }
}

/// What was done late: an action whose last call was.
struct Done<'a> {
    at: Timestamp,
    told: String,
    is_write: bool,
    mark: &'a Mark,
}

/// Returns what was done after a time, in order. Of an action that was called before and after, the last call is known.
fn done_after<'a>(late: &[Use<'a>], after: Timestamp) -> Vec<Done<'a>> {
    let sessions: BTreeMap<SessionId, SessionView<'a>> =
        late.iter().map(|used| (used.session.id, used.session)).collect();
    let mut done = Vec::new();
    for (action, tally) in sessions.values().copied().flat_map(uses::direct_actions) {
        let Some(last) = tally.last.time().filter(|last| *last > after) else { continue };
        let first = tally.first.time().filter(|first| *first > after);
        let (at, mark) = first.map_or((last, &tally.last), |first| (first, &tally.first));
        let is_write = action.read_only == Some(false) && action.error_code.is_none();
        let lineage = late.first().map(|used| used.session.lineage());
        let name = lineage.and_then(|lineage| lineage.opt(action.name)).unwrap_or_default();
        let end = match (is_write, action.error_code.is_some()) {
            (true, _) => " (write)",
            (false, true) => " (refused)",
            (false, false) => "",
        };
        done.push(Done { at, told: format!("{name}{end}"), is_write, mark });
    }
    // Writes are not to be lost among what is named.
    done.sort_by(|a, b| (!a.is_write, a.at, &a.told).cmp(&(!b.is_write, b.at, &b.told)));
    done
}
