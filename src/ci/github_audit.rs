//! GitHub's audit log, as its API, an export or a stream gives it: entries with an action, at least once, in any order.
//!
//! It knows what the API forgets: runs that were deleted and who did it, when somebody approved, what guards an environment.
//! It names no host, and of jobs neither attempt nor id.

use super::facts::Act;
use super::facts::ActKind;
use super::facts::Approval;
use super::facts::Attempt;
use super::facts::Person;
use super::facts::PreparedJob;
use super::facts::Run;
use super::facts::System;
use super::intake::Intake;
use super::intake::attempt;
use super::intake::github_run;
use super::intake::kept;
use super::intake::person;
use super::intake::place;
use super::item::Item;
use crate::model::time::Timestamp;

const WHAT: &str = "audit log entries";

/// Takes an entry of the audit log.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let action = item.action.as_deref().filter(|action| action.contains('.'))?;
    let at = item.created_at.or(item.timestamp)?;
    if let Some(repository) = &item.repo {
        intake.id(place(System::GitHub, "", repository), item.repo_id);
    }
    if let Some(kind) = kind(action) {
        intake.facts.acts.insert(act(item, at, kind));
    }
    let Some(id) = item.run_id.as_deref() else { return Some(WHAT) };
    let mut said = Run {
        repository_id: item.repo_id,
        repositories: item.repo.iter().map(|name| (&**name).into()).collect(),
        workflow_id: item.workflow_id,
        event: kept(&item.event),
        head_branch: kept(&item.head_branch),
        head_sha: kept(&item.head_sha),
        ..Run::default()
    };
    match action {
        "workflows.created_workflow_run" => {
            said.name = kept(&item.name);
            said.created = item.started_at.or(Some(at));
            said.actor = actor(item);
            let first = Attempt { started: item.started_at, triggered_by: actor(item), ..Attempt::default() };
            *said.attempts.slot(1) = first.into();
        }
        "workflows.completed_workflow_run" => {
            said.name = kept(&item.name);
            said.number = item.run_number;
            let ended = item.completed_at.or(Some(at));
            let one = Attempt { ended, conclusion: kept(&item.conclusion), ..Attempt::default() };
            *said.attempts.slot(attempt(item.attempt)) = one.into();
        }
        "workflows.prepared_workflow_job" => said.prepared.extend(prepared(item, at)),
        "workflows.approve_workflow_job" | "workflows.reject_workflow_job" => {
            said.number = item.run_number;
            let is_approved = action == "workflows.approve_workflow_job";
            let environment = kept(&item.environment_name);
            let approval = actor(item).map(|person| Approval { person, is_approved, environment, at: Some(at) });
            said.approvals.extend(approval);
        }
        _ if action.starts_with("workflows.") => said.number = item.run_number,
        _ => return Some(WHAT),
    }
    intake.run(github_run("", id), said);
    Some(WHAT)
}

fn kind(action: &str) -> Option<ActKind> {
    Some(match action {
        "workflows.delete_workflow_run" => ActKind::RunDeleted,
        "workflows.bypass_protection_rules" => ActKind::RulesBypassed,
        "environment.add_protection_rule" => ActKind::GuardAdded,
        "environment.update_protection_rule" => ActKind::GuardChanged,
        "environment.remove_protection_rule" | "environment.delete" => ActKind::GuardRemoved,
        _ => return None,
    })
}

fn act(item: &Item<'_>, at: Timestamp, kind: ActKind) -> Act {
    let is_guard = matches!(kind, ActKind::GuardAdded | ActKind::GuardChanged | ActKind::GuardRemoved);
    // An entry about an environment calls it `name`; one about a run calls the workflow so.
    let named = kept(&item.environment_name).or_else(|| item.environment.as_ref().and_then(|one| kept(&one.text)));
    Act {
        at,
        kind,
        actor: actor(item),
        place: item.repo.as_deref().map(|name| place(System::GitHub, "", name)),
        run_id: kept(&item.run_id),
        environment: named.or_else(|| kept(&item.name).filter(|_| is_guard)),
    }
}

fn actor(item: &Item<'_>) -> Option<Person> {
    let mut person = person(item.actor.as_deref())?;
    person.id = person.id.or(item.actor_id);
    person.is_bot |= item.actor_is_bot == Some(true);
    Some(person)
}

fn prepared(item: &Item<'_>, at: Timestamp) -> Option<PreparedJob> {
    Some(PreparedJob {
        at,
        name: kept(&item.job_name)?,
        environment: kept(&item.environment_name),
        is_hosted: item.is_hosted_runner,
    })
}
