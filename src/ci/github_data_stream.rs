//! GitHub's Actions Data Stream: events in an envelope, at least once, in any order, with ids and no names. The only source
//! that has the keys of jobs, which session tags hold.

use super::facts::Attempt;
use super::facts::Job;
use super::facts::Person;
use super::facts::Run;
use super::github_rest::is_hosted;
use super::intake::Intake;
use super::intake::attempt;
use super::intake::github_run;
use super::intake::kept;
use super::item::Item;

/// Takes an event.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let event = item.event_data.as_deref()?;
    let key = github_run("", event.run_id.as_deref()?);
    let said = Run {
        repository_id: event.repo_id,
        head_sha: kept(&event.head_sha),
        actor: event.actor_id.map(Person::numbered),
        ..Run::default()
    };
    intake.run(key.clone(), said);
    let number = attempt(event.attempt);
    intake.attempt(key.clone(), number, Attempt::default());
    if let Some(id) = event.job_id.as_deref() {
        let is_skipped = event.job_conclusion.as_deref() == Some("skipped");
        let has_run = event.runner_name.is_some() && !is_skipped;
        let said = Job {
            key: kept(&event.job_key),
            started: event.started_at.filter(|_| has_run),
            ended: event.completed_at.filter(|_| has_run),
            is_hosted: is_hosted(event.runner_group.as_deref(), event.runner_name.as_deref(), &event.labels),
            runner: kept(&event.runner_name),
            has_run,
            is_over: event.job_conclusion.is_some() || event.completed_at.is_some(),
            ..Job::default()
        };
        intake.job(key, number, id.into(), said);
    }
    Some("events of the data stream")
}
