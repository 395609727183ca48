//! GitHub's REST API, bodies of webhooks (which hold the same objects), and `gh run list --json`, which renames their fields.
//!
//! The list of runs shows the latest attempt only: `created_at` is the run's, `run_started_at` the attempt's. The last change
//! is the end of an attempt that is completed, and never the end of a job.

use super::address;
use super::address::GitHub;
use super::facts::Approval;
use super::facts::Attempt;
use super::facts::Deployment;
use super::facts::Guard;
use super::facts::Job;
use super::facts::Run;
use super::facts::System;
use super::few::FewSet;
use super::intake::APPROVALS;
use super::intake::Intake;
use super::intake::attempt;
use super::intake::github_run;
use super::intake::kept;
use super::intake::person;
use super::intake::place;
use super::item::Item;
use super::item::Texts;
use super::merge::keep;
use super::stream::Sink as _;
use super::stream::Total;

/// States of jobs that no runner has begun with. Their times of start are those of their making.
const WAITING: &[&str] = &["queued", "waiting", "pending", "requested"];

/// Takes what GitHub's API and its webhooks say.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    webhook(item, intake)
        .or_else(|| run(item, intake))
        .or_else(|| job(item, intake))
        .or_else(|| approvals(item, intake))
        .or_else(|| deployment(item, intake))
        .or_else(|| status(item, intake))
        .or_else(|| jobs(item, intake))
        .or_else(|| guards(item, intake))
        .or_else(|| ranges(item, intake))
}

/// Reads where an object is: every object of the API has an address of itself.
pub(super) fn whereabouts<'i>(item: &'i Item<'_>) -> GitHub<'i> {
    let addresses = [&item.html_url, &item.url, &item.run_url];
    addresses.into_iter().flatten().find_map(|address| address::github(address)).unwrap_or_default()
}

/// A webhook names objects by their kinds; several come in one body.
fn webhook(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    item.repository.as_ref()?;
    let mut found = None;
    if let Some(inner) = &item.workflow_run {
        found = run(inner, intake);
    }
    if let Some(inner) = &item.workflow_job {
        // An event speaks of one job, and says nothing of the others.
        found = add_job(inner, intake, Job { lists: FewSet::default(), ..job_facts(inner) }).map(|()| "jobs");
        if let Some(environment) = item.deployment.as_ref().and_then(|made| kept(&made.environment.as_ref()?.text)) {
            let said = Job { environment: Some(environment), ..Job::default() };
            add_job(inner, intake, said);
        }
    }
    if let Some(inner) = &item.deployment {
        found = deployment(inner, intake).or(found);
    }
    if let Some(inner) = &item.deployment_status {
        found = status(inner, intake).or(found);
    }
    if let (Some(run), Some(approver), Some(action)) =
        (&item.workflow_run, person(item.approver.as_deref()), &item.action)
    {
        let is_approved = match &**action {
            "approved" => true,
            "rejected" => false,
            _ => return found,
        };
        let name = item.workflow_job_run.as_ref().and_then(|job| kept(&job.environment.as_ref()?.text));
        let approval = Approval { person: approver, is_approved, environment: name, at: item.since };
        let key = github_run(&whereabouts(run).host, run.id.as_deref()?);
        intake.run(key, Run { approvals: [approval].into(), ..Run::default() });
        found = Some("approvals");
    }
    found
}

fn run(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let at = whereabouts(item);
    // Few fields are needed: people let `jq` drop the rest. An address that ends with the id is a run's.
    let has_address = at.run.is_some() && at.run == item.id.as_deref() && item.run_id.is_none();
    let has_fields = item.run_number.is_some() && item.head_sha.is_some();
    let is_rest = (has_fields || has_address) && item.action.is_none();
    let id = item.database_id.as_deref().or(item.id.as_deref().filter(|_| is_rest))?;
    // A job of `gh run view` has an id and an address of its own, and its address names the run, too.
    if item.database_id.is_some() && at.run.map_or(item.event.is_none() && item.number.is_none(), |run| run != id) {
        return None;
    }
    let status = item.status.as_deref();
    let is_over = status == Some("completed") || (status.is_none() && item.conclusion.is_some());
    let number = attempt(item.attempt);
    let mut one = Attempt {
        started: item.run_started_at.or(item.started_at),
        ended: item.updated_at.filter(|_| is_over),
        conclusion: kept(&item.conclusion),
        triggered_by: person(item.triggering_actor.as_deref()),
        ..Attempt::default()
    };
    let repository = item.repository.as_deref();
    let full_name = repository.and_then(|own| own.full_name.as_deref());
    let name = full_name.unwrap_or(at.repository);
    let repository_id = repository.and_then(|own| own.id.as_deref()?.parse().ok());
    for inner in item.jobs.iter().flatten() {
        let found = whereabouts(inner);
        if let Some(id) = inner.database_id.as_deref().or(found.job) {
            *one.jobs.slot(id.into()) = job_facts(inner).into();
        }
    }
    let head = item.head_repository.inner.as_deref();
    let said = Run {
        repository_id,
        repositories: Some(name).filter(|name| !name.is_empty()).map(Into::into).into_iter().collect(),
        number: item.run_number.or(item.number.filter(|_| !is_rest)),
        workflow_id: item.workflow_id,
        workflow_path: item.path.as_deref().and_then(|path| path.split('@').next()).map(Into::into),
        name: kept(&item.name),
        event: kept(&item.event),
        head_branch: kept(&item.head_branch),
        head_sha: kept(&item.head_sha),
        head_repository_id: head.and_then(|head| head.id.as_deref()?.parse().ok()),
        head_repository: head.and_then(|head| kept(&head.full_name)),
        is_head_gone: item.head_repository.is_null,
        created: item.created_at,
        url: kept(&item.html_url).or_else(|| kept(&item.url).filter(|_| !is_rest)),
        actor: person(item.actor.as_deref()),
        attempts: [(number, one.into())].into(),
        is_shown: true,
        ..Run::default()
    };
    if !name.is_empty() {
        intake.id(place(System::GitHub, &at.host, name), repository_id);
    }
    intake.run(github_run(&at.host, id), said);
    Some("runs")
}

fn job(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let is_gh = item.database_id.is_some() && whereabouts(item).job.is_some();
    let is_rest = item.id.is_some() && item.run_id.is_some() && item.run_number.is_none() && item.action.is_none();
    if !is_gh && !(is_rest && (item.run_url.is_some() || item.started_at.is_some() || !item.labels.is_empty())) {
        return None;
    }
    add_job(item, intake, job_facts(item))?;
    Some("jobs")
}

/// `gh run view --json jobs` has nothing but the jobs, and so has a page.
fn jobs(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let jobs = item.jobs.as_ref().filter(|_| item.id.is_none())?;
    intake.begin();
    let found = jobs.iter().fold(None, |found, inner| job(inner, intake).or(found));
    // A page whose fields were sorted counts them last.
    intake.page(item.total_count.map(Total::Jobs));
    found.or(jobs.is_empty().then_some("answers without jobs"))
}

fn add_job(item: &Item<'_>, intake: &mut Intake<'_>, said: Job) -> Option<()> {
    let at = whereabouts(item);
    let run = item.run_id.as_deref().or(at.run)?;
    let id = item.database_id.as_deref().or(item.id.as_deref())?;
    intake.job(github_run(&at.host, run), attempt(item.attempt), id.into(), said);
    if !at.repository.is_empty() {
        let repositories = [at.repository.into()].into();
        intake.run(github_run(&at.host, run), Run { repositories, ..Run::default() });
    }
    Some(())
}

/// Reads what a job says of itself. Without a runner it has not run, whatever its times say.
fn job_facts(item: &Item<'_>) -> Job {
    let is_waiting = item.status.as_deref().is_some_and(|status| WAITING.contains(&status));
    let is_skipped = item.conclusion.as_deref() == Some("skipped");
    let has_length = item.started_at.is_some() && item.started_at < item.completed_at;
    let is_begun = item.runner_name.is_some() || has_length || item.status.as_deref() == Some("in_progress");
    let has_run = is_begun && !is_waiting && !is_skipped;
    Job {
        name: kept(&item.name),
        started: item.started_at.filter(|_| has_run),
        ended: item.completed_at.filter(|_| has_run),
        is_hosted: is_hosted(item.runner_group.as_deref(), item.runner_name.as_deref(), &item.labels),
        runner: kept(&item.runner_name),
        has_run,
        is_over: item.status.as_deref() == Some("completed")
            || item.conclusion.is_some()
            || item.completed_at.is_some(),
        lists: [None].into(),
        ..Job::default()
    }
}

/// GitHub keeps the name of the group to itself. Larger runners of its own have any name: only a label proves the reverse.
pub(super) fn is_hosted(group: Option<&str>, runner: Option<&str>, labels: &Texts<'_>) -> Option<bool> {
    if labels.iter().any(|label| label.eq_ignore_ascii_case("self-hosted")) {
        return Some(false);
    }
    let is_githubs = group == Some("GitHub Actions") && runner.is_some_and(|name| name.starts_with("GitHub Actions "));
    is_githubs.then_some(true)
}

/// Approvals have no time. Their run is beside them, where whoever collected them wrote it, or in the name of the file.
pub(super) fn approvals(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let state = item.state.as_deref()?.text.as_deref()?;
    let is = |word: &str| state.eq_ignore_ascii_case(word);
    let environments = item.environments.as_ref()?;
    if !["approved", "rejected", "pending"].into_iter().any(is) || environments.iter().any(|one| one.name.is_none()) {
        return None;
    }
    let run = item.run_id.as_deref().map(Into::into).or_else(|| intake.named_run.clone());
    let Some(run) = run else { return Some("approvals of which no run is named") };
    let person = person(item.user.as_deref());
    // Whose account is gone approved it all the same.
    let approvals_unclear = person.is_none() && is("approved");
    let mut said = Run { approvals_asked: true, approvals_unclear, ..Run::default() };
    let mut host: Option<String> = kept(&item.host);
    said.repositories.extend(kept(&item.repo));
    let names = environments.iter().map(|environment| kept(&environment.name));
    for environment in names.chain(environments.is_empty().then_some(None)) {
        let Some(person) = person.clone().filter(|_| !is("pending")) else { continue };
        said.approvals.insert(Approval { person, is_approved: is("approved"), environment, at: None });
    }
    for at in environments.iter().map(whereabouts).filter(|at| !at.host.is_empty()) {
        keep(&mut host, Some(at.host.into()));
        said.repositories.insert(at.repository.into());
    }
    intake.run(github_run(&host.unwrap_or_default(), run), said);
    Some(APPROVALS)
}

fn deployment(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let at = item.url.as_deref().and_then(address::github)?;
    let environment = kept(&item.environment.as_ref()?.text)?;
    let id = at.deployment.filter(|_| item.sha.is_some())?;
    let said = Deployment {
        place: Some(place(System::GitHub, &at.host, at.repository)),
        environment: Some(environment),
        ..Deployment::default()
    };
    intake.deployment(at.host.into(), id, said);
    Some("deployments")
}

/// The status of a deployment leads to the job that made it.
fn status(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let of = item.deployment_url.as_deref().and_then(address::github)?;
    item.state.as_ref()?;
    let logs = [&item.log_url, &item.target_url].into_iter().flatten().filter_map(|address| address::github(address));
    let job = logs.filter(|log| log.host == of.host).find_map(|log| Some((log.run?.into(), log.job.map(Into::into))));
    let said = Deployment {
        place: Some(place(System::GitHub, &of.host, of.repository)),
        environment: item.environment.as_ref().and_then(|environment| kept(&environment.text)),
        jobs: job.into_iter().collect(),
    };
    intake.deployment(of.host.into(), of.deployment?, said);
    Some("deployment statuses")
}

/// Reads what environments ask for: one, or a page of them.
fn guards(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    if item.state.is_some() || item.action.is_some() {
        return None;
    }
    let one = item.protection_rules.as_ref().map(|_| std::slice::from_ref(item));
    for environment in item.environments.as_deref().or(one)? {
        let (at, Some(name)) = (whereabouts(environment), kept(&environment.name)) else { continue };
        if at.host.is_empty() {
            continue;
        }
        let mut said = Guard { updated: environment.updated_at, ..Guard::default() };
        for rule in environment.protection_rules.iter().flatten() {
            said.asks_for_review |= rule.kind.as_deref() == Some("required_reviewers");
            said.refuses_self_review |= rule.prevent_self_review == Some(true);
        }
        let key = (place(System::GitHub, &at.host, at.repository), name);
        super::merge::guard(intake.facts.guards.entry(key).or_default(), said);
    }
    Some("environments")
}

/// Reads the addresses of hosted runners: all that GitHub publishes, or the ones of an organization's larger runners.
fn ranges(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let own = item.public_ips.iter().flatten();
    let own = own.filter_map(|net| Some(format!("{}/{}", net.prefix.as_deref()?, net.length?).into()));
    let found: Vec<Box<str>> = item.actions.iter().map(|net| (&**net).into()).chain(own).collect();
    if found.is_empty() {
        return None;
    }
    intake.facts.ranges.entry(System::GitHub).or_default().networks.extend(found);
    Some("lists of addresses")
}
