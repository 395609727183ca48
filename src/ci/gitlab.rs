//! GitLab: pipelines, jobs, and deployments, which hold their job and their approvals with times.
//!
//! A job that is tried again is another job of the same pipeline, so a pipeline has one attempt.

use super::address;
use super::facts::Approval;
use super::facts::Attempt;
use super::facts::Deployment;
use super::facts::Job;
use super::facts::Run;
use super::facts::RunKey;
use super::facts::System;
use super::few::FewSet;
use super::intake::Intake;
use super::intake::branch;
use super::intake::ending;
use super::intake::kept;
use super::intake::person;
use super::intake::place;
use super::item::Item;

/// States of what has not ended.
const GOING_ON: &[&str] = &[
    "created",
    "waiting_for_resource",
    "preparing",
    "pending",
    "running",
    "manual",
    "scheduled",
    "canceling",
    "waiting_for_callback",
];

/// Takes what GitLab's API says.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    // The jobs of a pipeline come in a list; a deployment holds one of them.
    let listed = |intake: &mut Intake<'_>| job(item, intake, [None].into()).map(|_| "jobs");
    pipeline(item, intake).or_else(|| listed(intake)).or_else(|| deployment(item, intake))
}

fn key(host: &str, id: &str) -> RunKey {
    RunKey { system: System::GitLab, host: host.into(), id: id.into() }
}

fn pipeline(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let (host, project, rest) = address::gitlab(item.web_url.as_deref()?)?;
    let id = item.id.as_deref().filter(|_| rest.starts_with("pipelines/"))?;
    let conclusion = ending(item.status.as_deref(), GOING_ON);
    let one = Attempt {
        started: item.started_at,
        ended: item.completed_at.or(item.updated_at).filter(|_| conclusion.is_some()),
        conclusion: conclusion.map(Into::into),
        triggered_by: person(item.user.as_deref()),
        ..Attempt::default()
    };
    let said = Run {
        repository_id: item.project_id,
        repositories: [project.into()].into(),
        number: item.number,
        event: kept(&item.source),
        head_branch: branch(&item.ref_),
        head_sha: kept(&item.sha),
        created: item.created_at,
        url: kept(&item.web_url),
        actor: person(item.user.as_deref()),
        attempts: [(1, one.into())].into(),
        is_shown: true,
        ..Run::default()
    };
    intake.id(place(System::GitLab, &host, project), item.project_id);
    intake.run(key(&host, id), said);
    Some("runs")
}

/// Reads a job, and returns which run it is of.
fn job(item: &Item<'_>, intake: &mut Intake<'_>, lists: FewSet<Option<u64>>) -> Option<RunKey> {
    let (host, project, rest) = address::gitlab(item.web_url.as_deref()?)?;
    let id = item.id.as_deref().filter(|_| rest.starts_with("jobs/"))?;
    let pipeline = item.pipeline.as_deref()?;
    let key = key(&host, pipeline.id.as_deref()?);
    let said = Run {
        repository_id: pipeline.project_id,
        repositories: [project.into()].into(),
        head_branch: branch(&pipeline.ref_),
        head_sha: kept(&pipeline.hash),
        ..Run::default()
    };
    intake.id(place(System::GitLab, &host, project), pipeline.project_id);
    intake.run(key.clone(), said);
    let runner = item.runner.as_deref();
    // The runners of an instance are the vendor's only where the instance is.
    let is_hosted = match runner.and_then(|runner| runner.runner_type.as_deref()) {
        Some("instance_type") if host == "gitlab.com" => Some(true),
        Some("group_type" | "project_type") => Some(false),
        _ => None,
    };
    let has_run = item.started_at.is_some();
    let said = Job {
        name: kept(&item.name),
        key: kept(&item.name),
        started: item.started_at,
        ended: item.completed_at.filter(|_| has_run),
        is_hosted,
        runner: runner.and_then(|runner| kept(&runner.description)),
        has_run,
        is_over: ending(item.status.as_deref(), GOING_ON).is_some() || item.completed_at.is_some(),
        lists,
        ..Job::default()
    };
    intake.job(key.clone(), 1, id.into(), said);
    Some(key)
}

fn deployment(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let deployable = item.deployable.as_deref()?;
    let environment = item.environment.as_ref().and_then(|environment| kept(&environment.name));
    let (host, project, _) = address::gitlab(deployable.web_url.as_deref()?)?;
    let key = job(deployable, intake, FewSet::default())?;
    let job_id: Box<str> = deployable.id.as_deref()?.into();
    intake.job(key.clone(), 1, job_id.clone(), Job { environment: environment.clone(), ..Job::default() });
    let mut said = Run { approvals_asked: item.approvals.is_some(), ..Run::default() };
    for approval in item.approvals.iter().flatten() {
        let one = person(approval.user.as_deref());
        let is_approved = match approval.status.as_deref() {
            Some("approved") => true,
            Some("rejected") => false,
            _ => {
                said.approvals_unclear = true;
                continue;
            }
        };
        said.approvals_unclear |= one.is_none() && is_approved;
        let environment = environment.clone();
        said.approvals.extend(one.map(|person| Approval { person, is_approved, environment, at: approval.created_at }));
    }
    intake.run(key.clone(), said);
    let said = Deployment {
        place: Some(place(System::GitLab, &host, project)),
        environment,
        jobs: [(key.id, Some(job_id))].into(),
    };
    if let Some(id) = item.id.as_deref().and_then(|id| id.parse().ok()) {
        intake.deployment(host.into(), id, said);
    }
    Some("deployments")
}
