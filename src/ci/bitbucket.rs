//! Bitbucket: pipelines and their steps. The token of a step names the step, so a step is found without guessing.

use std::sync::Arc;

use super::facts::Attempt;
use super::facts::Job;
use super::facts::Run;
use super::facts::RunKey;
use super::facts::System;
use super::intake::Intake;
use super::intake::kept;
use super::intake::shown;
use super::item::Item;
use super::item::Text;

/// Takes what Bitbucket's API says.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    match item.kind.as_deref()? {
        "pipeline" => pipeline(item, intake),
        "pipeline_step" => step(item, intake),
        _ => None,
    }
}

/// Reads a UUID, which Bitbucket writes in braces.
fn bare(uuid: &Text<'_>) -> Option<Box<str>> {
    Some(uuid.as_deref()?.trim_matches(['{', '}']).to_ascii_lowercase().into())
}

fn key(uuid: &Text<'_>) -> Option<RunKey> {
    Some(RunKey { system: System::Bitbucket, host: "bitbucket.org".into(), id: bare(uuid)? })
}

fn conclusion(item: &Item<'_>) -> Option<Arc<str>> {
    let result = item.state.as_deref()?.result.as_deref()?;
    Some(result.name.as_deref()?.to_ascii_lowercase().into())
}

fn pipeline(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let target = item.target.as_deref();
    let creator = shown(item.creator.as_deref());
    let one = Attempt {
        started: item.created_at,
        ended: item.completed_at,
        conclusion: conclusion(item),
        triggered_by: creator.clone(),
        ..Attempt::default()
    };
    let said = Run {
        repositories: item.repository.iter().filter_map(|repository| kept(&repository.full_name)).collect(),
        number: item.number,
        event: item.trigger.as_ref().and_then(|trigger| Some(trigger.name.as_deref()?.to_ascii_lowercase().into())),
        head_branch: target.and_then(|target| kept(&target.branch)),
        head_sha: target.and_then(|target| kept(&target.commit.as_ref()?.hash)),
        created: item.created_at,
        actor: creator,
        attempts: [(1, one.into())].into(),
        is_shown: true,
        ..Run::default()
    };
    intake.run(key(&item.uuid)?, said);
    Some("runs")
}

fn step(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let run = key(&item.pipeline.as_deref()?.uuid)?;
    let has_run = item.started_at.is_some();
    let said = Job {
        name: kept(&item.name),
        started: item.started_at,
        ended: item.completed_at.filter(|_| has_run),
        has_run,
        is_over: conclusion(item).is_some() || item.completed_at.is_some(),
        lists: [None].into(),
        ..Job::default()
    };
    intake.job(run, 1, bare(&item.uuid)?, said);
    Some("jobs")
}
