//! Buildkite: builds with their jobs. A step that waits for somebody is a job, too: whoever unblocks it approves.

use super::address;
use super::facts::Approval;
use super::facts::Attempt;
use super::facts::Job;
use super::facts::Run;
use super::facts::RunKey;
use super::facts::System;
use super::intake::Intake;
use super::intake::ending;
use super::intake::kept;
use super::intake::shown;
use super::item::Item;

const HOST: &str = "buildkite.com";

/// States of builds that have not ended.
const GOING_ON: &[&str] = &["creating", "scheduled", "running", "blocked", "canceling", "failing"];

/// States of jobs after which nothing comes, though they never began.
const OVER: &[&str] =
    &["skipped", "broken", "expired", "canceled", "waiting_failed", "blocked_failed", "unblocked_failed"];

/// Takes a build.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let (host, path) = address::split(item.web_url.as_deref()?)?;
    let (pipeline, _) = path.split_once("/builds/").filter(|_| host == HOST)?;
    let state = item.state.as_deref().and_then(|state| state.text.as_deref());
    let mut one = Attempt {
        started: item.started_at,
        ended: item.completed_at,
        conclusion: ending(state, GOING_ON).map(Into::into),
        triggered_by: shown(item.creator.as_deref()),
        ..Attempt::default()
    };
    let mut said = Run {
        repositories: [pipeline.into()].into(),
        number: item.number,
        event: kept(&item.source),
        head_branch: kept(&item.branch),
        head_sha: item.commit.as_ref().and_then(|commit| kept(&commit.text)),
        created: item.created_at,
        url: kept(&item.web_url),
        actor: shown(item.creator.as_deref()),
        approvals_asked: item.jobs.is_some(),
        is_shown: true,
        ..Run::default()
    };
    for inner in item.jobs.iter().flatten() {
        if let Some(person) = shown(inner.unblocked_by.as_deref()) {
            said.approvals.insert(Approval { person, is_approved: true, environment: None, at: inner.unblocked_at });
        }
        let (Some(id), Some("script")) = (kept(&inner.id), inner.kind.as_deref()) else { continue };
        let agent = inner.agent.as_deref();
        let state = inner.state.as_deref().and_then(|state| state.text.as_deref());
        let has_run = inner.started_at.is_some();
        let job = Job {
            name: kept(&inner.name),
            key: kept(&inner.job_key),
            started: inner.started_at,
            ended: inner.completed_at.filter(|_| has_run),
            runner: agent.and_then(|agent| kept(&agent.name)),
            has_run,
            is_over: inner.completed_at.is_some() || state.is_some_and(|state| OVER.contains(&state)),
            lists: [None].into(),
            ..Job::default()
        };
        *one.jobs.slot(id) = job.into();
    }
    *said.attempts.slot(1) = one.into();
    let id = item.id.as_deref()?;
    intake.run(RunKey { system: System::Buildkite, host: HOST.into(), id: id.into() }, said);
    Some("runs")
}
