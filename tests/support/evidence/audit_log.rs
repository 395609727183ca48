//! What the audit log of the organization says of runs, the oldest entry first.

use rolechain::model::time::Timestamp;
use serde_json::{Value, json};

use super::{Run, Runner, number_of_person};
use crate::support::ids::number_of;

/// Returns the entries about runs as `/orgs/ORG/audit-log?include=all` gives them.
pub(crate) fn entries(runs: &[Run]) -> Value {
    let mut entries: Vec<(Timestamp, Value)> = runs.iter().flat_map(of_run).collect();
    entries.sort_by_key(|(at, entry)| (*at, entry.to_string()));
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn of_run(run: &Run) -> Vec<(Timestamp, Value)> {
    let mut found = Vec::new();
    let mut add = |action: &str, at: Timestamp, who: Option<&str>, more: Value| {
        let id = format!("{action}/{}/{}/{}", run.id, at.0, found.len());
        let mut entry = json!({
            "_document_id": format!("{:016x}", number_of(&id)), "@timestamp": at.0 * 1_000, "created_at": at.0 * 1_000,
            "action": format!("workflows.{action}"), "org": owner(run), "repo": run.repository.name,
            "repo_id": run.repository.id, "workflow_run_id": run.id,
        });
        let fields = entry.as_object_mut().unwrap();
        if let Some(login) = who {
            fields.insert("actor".to_owned(), json!(login));
            fields.insert("actor_id".to_owned(), json!(number_of_person(login)));
        }
        fields.extend(more.as_object().unwrap().clone());
        found.push((at, entry));
    };
    let about = json!({
        "name": run.workflow.name, "workflow_id": run.workflow.id, "event": run.event, "head_branch": run.branch,
        "head_sha": run.sha,
    });
    let with = |more: Value| {
        let mut fields = about.clone();
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields
    };
    let millis = |at: Timestamp| at.to_string().replace('Z', ".000Z");
    add("created_workflow_run", run.created, Some(run.actor), with(json!({"started_at": millis(run.created)})));
    for (_, login, at) in &run.approvals {
        add("approve_workflow_job", *at, Some(login), json!({"run_number": run.number}));
    }
    if let Some((login, at)) = run.bypassed {
        add("bypass_protection_rules", at, Some(login), json!({"run_number": run.number}));
    }
    for (attempt, number) in run.attempts.iter().zip(1_u64..) {
        if number > 1 {
            let again = json!({"run_attempt": number, "rerun_type": "all_jobs"});
            add("rerun_workflow_run", attempt.started, Some(attempt.by), again);
        }
        for job in attempt.jobs.iter().filter(|job| job.runner != Runner::None) {
            let more = json!({
                "job_name": job.name, "environment_name": job.environment, "is_hosted_runner": job.runner == Runner::Hosted,
            });
            add("prepared_workflow_job", job.started, None, more);
        }
        if let Some(ended) = attempt.ended() {
            let more = json!({
                "run_attempt": number, "run_number": run.number, "conclusion": attempt.conclusion,
                "completed_at": millis(ended),
            });
            add("completed_workflow_run", ended, Some(run.actor), with(more));
        }
    }
    if let Some((login, at)) = run.deleted {
        let more = json!({"head_branch": run.branch, "head_sha": run.sha, "started_at": millis(run.created)});
        add("delete_workflow_run", at, Some(login), more);
    }
    found
}

fn owner(run: &Run) -> &str {
    run.repository.name.split('/').next().unwrap()
}
