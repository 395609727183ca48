//! What `gh api` prints: runs, attempts, jobs, approvals, deployments and their statuses, environments. Only fields that say
//! something about a run.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Attempt, Job, Repository, Run, Runner, number_of_person};

const API: &str = "https://api.github.com/repos";
const PAGES: &str = "https://github.com";

/// Writes values as lines.
pub(crate) fn lines<'v>(values: impl IntoIterator<Item = &'v Value>) -> String {
    let mut lines = String::new();
    for value in values {
        writeln!(lines, "{value}").unwrap();
    }
    lines
}

/// Returns the runs of a repository as `gh api --paginate --slurp …/actions/runs` lists them, the newest first: pages of so
/// many, each with the latest attempts only. Deleted runs are not among them.
pub(crate) fn runs(runs: &[Run], repository: &Repository, per_page: usize) -> Value {
    let mut listed: Vec<&Run> =
        runs.iter().filter(|run| run.repository == *repository && run.deleted.is_none()).collect();
    listed.sort_by_key(|run| (std::cmp::Reverse(run.created), run.id));
    let page = |page: &[&Run]| {
        let runs: Vec<Value> = page
            .iter()
            .map(|run| {
                let (number, attempt) = run.latest();
                of_attempt(run, number, attempt)
            })
            .collect();
        json!({"total_count": listed.len(), "workflow_runs": runs})
    };
    listed.chunks(per_page).map(page).collect()
}

/// Returns the attempts that the list of runs does not show, each as `…/actions/runs/ID/attempts/N` gives it.
pub(crate) fn earlier_attempts(runs: &[Run]) -> Vec<Value> {
    let there = runs.iter().filter(|run| run.deleted.is_none());
    let earlier = |run| {
        let Run { attempts, .. }: &Run = run;
        let earlier = attempts.iter().enumerate().take(attempts.len() - 1);
        earlier.map(move |(at, attempt)| of_attempt(run, at + 1, attempt))
    };
    there.flat_map(earlier).collect()
}

fn of_attempt(run: &Run, number: usize, attempt: &Attempt) -> Value {
    let (api, page) = (run.under(API), run.under(PAGES));
    let workflow = run.workflow;
    let ended = attempt.ended();
    let updated = ended.unwrap_or(attempt.started);
    let previous = (number > 1).then(|| format!("{api}/attempts/{}", number - 1));
    json!({
        "id": run.id, "name": workflow.name, "run_number": run.number, "run_attempt": number, "event": run.event,
        "path": format!(".github/workflows/{}.yml", workflow.name), "workflow_id": workflow.id,
        "status": if ended.is_some() { "completed" } else { "in_progress" },
        "conclusion": ended.map(|_| attempt.conclusion), "head_branch": run.branch, "head_sha": run.sha, "url": api,
        "html_url": page, "created_at": run.created.to_string(), "run_started_at": attempt.started.to_string(),
        "updated_at": updated.to_string(), "previous_attempt_url": previous, "actor": person(run.actor),
        "triggering_actor": person(attempt.by), "repository": repository(&run.repository, false),
        "head_repository": repository(&run.head, run.head != run.repository),
    })
}

fn repository(repository: &Repository, fork: bool) -> Value {
    json!({"id": repository.id, "full_name": repository.name, "fork": fork})
}

/// Returns somebody, as every object of the API names them.
pub(crate) fn person(login: &str) -> Value {
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    json!({"login": login, "id": number_of_person(login), "type": kind})
}

/// Returns the jobs of every run as `…/actions/runs/ID/jobs?filter=all` lists them, one answer for each run.
pub(crate) fn jobs(runs: &[Run]) -> Vec<Value> {
    let there = runs.iter().filter(|run| run.deleted.is_none());
    let answer = |run: &Run| {
        let jobs: Vec<Value> = run.jobs().map(|(number, one)| job(run, number, one)).collect();
        json!({"total_count": jobs.len(), "jobs": jobs})
    };
    there.map(answer).collect()
}

fn job(run: &Run, number: usize, job: &Job) -> Value {
    let (group, runner, labels) = match job.runner {
        Runner::Hosted => (
            Some("GitHub Actions"),
            Some(format!("GitHub Actions {}", 1_000_000_000 + job.id % 9_999_999)),
            json!(["ubuntu-24.04"]),
        ),
        Runner::Own => (Some("Default"), Some("build-07".to_owned()), json!(["self-hosted", "linux"])),
        Runner::None => (None, None, json!(["ubuntu-24.04"])),
    };
    let conclusion = match job.runner {
        Runner::None => "skipped",
        _ => run.attempts[number - 1].conclusion,
    };
    json!({
        "id": job.id, "run_id": run.id, "run_attempt": number, "run_url": run.under(API), "name": job.name,
        "html_url": log(run, job), "status": if job.ended.is_some() { "completed" } else { "in_progress" },
        "conclusion": job.ended.map(|_| conclusion), "started_at": job.started.to_string(),
        "completed_at": job.ended.map(|ended| ended.to_string()), "labels": labels, "runner_name": runner,
        "runner_group_name": group,
    })
}

fn log(run: &Run, job: &Job) -> String {
    format!("{}/job/{}", run.under(PAGES), job.id)
}

/// Returns who approved each run. The API's answer names no run, so whoever collects it writes the run beside it.
pub(crate) fn approvals(runs: &[Run]) -> Vec<Value> {
    let there = runs.iter().filter(|run| run.deleted.is_none());
    let answer = |run: &Run| {
        let one = |(environment, login, _): &(&str, &str, _)| {
            let url = format!("{API}/{}/environments/{environment}", run.repository.name);
            json!({"state": "approved", "user": person(login), "environments": [{"name": environment, "url": url}]})
        };
        let approvals: Vec<Value> = run.approvals.iter().map(one).collect();
        json!({"run_id": run.id, "repo": run.repository.name, "approvals": approvals})
    };
    there.map(answer).collect()
}

/// Every job that began to deploy to an environment, with the environment.
fn deploying(runs: &[Run]) -> impl Iterator<Item = (&Run, &Job, &'static str)> {
    let of_run = |run| Run::jobs(run).filter_map(move |(_, job)| Some((run, job, job.environment?)));
    runs.iter().flat_map(of_run).filter(|(_, job, _)| job.runner != Runner::None)
}

fn deployment(job: &Job) -> u64 {
    job.id / 19
}

/// Returns the deployments of `…/deployments`. Those of deleted runs stay.
pub(crate) fn deployments(runs: &[Run]) -> Value {
    let one = |(run, job, environment): (&Run, &Job, &str)| {
        json!({
            "id": deployment(job), "url": format!("{API}/{}/deployments/{}", run.repository.name, deployment(job)), "sha": run.sha,
            "ref": run.branch, "task": "deploy", "environment": environment, "original_environment": environment,
            "creator": person(run.actor), "created_at": job.started.plus(-2).to_string(),
            "production_environment": environment == "prod",
        })
    };
    deploying(runs).map(one).collect()
}

/// Returns the last status of each deployment, as `…/deployments/ID/statuses` gives it. It names the job.
pub(crate) fn statuses(runs: &[Run]) -> Vec<Value> {
    let one = |(run, job, environment): (&Run, &Job, &str)| {
        let of = format!("{API}/{}/deployments/{}", run.repository.name, deployment(job));
        let log = log(run, job);
        json!({
            "id": job.id / 9, "url": format!("{of}/statuses/{}", job.id / 9), "deployment_url": of,
            "state": "success", "environment": environment, "log_url": log, "target_url": log,
            "created_at": job.ended.unwrap_or(job.started).to_string(),
        })
    };
    deploying(runs).map(one).collect()
}

/// Returns the environments of a repository, each with who must approve; last changed long ago.
pub(crate) fn environments(repository: &Repository, asked: &[(&str, Option<&str>)]) -> Value {
    let one = |(name, reviewer): &(&str, Option<&str>)| {
        let reviewers = reviewer.map(|login| {
            json!({
                "type": "required_reviewers", "prevent_self_review": false,
                "reviewers": [{"type": "User", "reviewer": person(login)}],
            })
        });
        json!({
            "name": name, "url": format!("{API}/{}/environments/{name}", repository.name), "can_admins_bypass": true,
            "created_at": "2025-02-11T10:20:30Z", "updated_at": "2026-07-01T08:15:00Z",
            "protection_rules": reviewers.into_iter().collect::<Vec<_>>(),
        })
    };
    let environments: Vec<Value> = asked.iter().map(one).collect();
    json!({"total_count": environments.len(), "environments": environments})
}

/// Returns the part of `gh api /meta` that lists where hosted runners call from.
pub(crate) fn meta(networks: &[&str]) -> Value {
    json!({"verifiable_password_authentication": false, "actions": networks, "actions_macos": []})
}
