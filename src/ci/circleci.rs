//! CircleCI: pipelines and workflows. A job names neither, so the jobs of a workflow cannot be placed.

use super::facts::Attempt;
use super::facts::Run;
use super::facts::RunKey;
use super::facts::System;
use super::intake::Intake;
use super::intake::kept;
use super::intake::shown;
use super::item::Item;

/// Takes what CircleCI's API says.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    // `gh/acme/orders`, or ids where a project is not bound to a host of code.
    let Some(slug) = item.project_slug.as_deref() else {
        // A job that waits for an approval names no project.
        let waits = item.kind.as_deref() == Some("approval") && item.id.is_some();
        return waits.then_some("jobs of which no run is named");
    };
    let repository = slug.split_once('/').map_or(slug, |(_, name)| name);
    let mut said = Run { repositories: [repository.into()].into(), is_shown: true, ..Run::default() };
    let id = if let Some(id) = item.pipeline_id.as_deref() {
        // Workflows of a pipeline are run again on their own: their states and times are not the pipeline's.
        said.is_shown = false;
        id
    } else if let Some(trigger) = item.trigger.as_deref() {
        said.number = item.number;
        said.event = kept(&trigger.kind);
        said.actor = shown(trigger.actor.as_deref());
        said.created = item.created_at;
        said.head_branch = item.vcs.as_ref().and_then(|vcs| kept(&vcs.branch).or_else(|| kept(&vcs.tag)));
        said.head_sha = item.vcs.as_ref().and_then(|vcs| kept(&vcs.hash));
        let one = Attempt { started: item.created_at, triggered_by: said.actor.clone(), ..Attempt::default() };
        *said.attempts.slot(1) = one.into();
        item.id.as_deref()?
    } else {
        return Some("jobs of which no run is named");
    };
    intake.run(RunKey { system: System::CircleCi, host: "circleci.com".into(), id: id.into() }, said);
    Some("runs")
}
