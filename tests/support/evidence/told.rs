//! What GitHub would say of the runs in `sample-logs`: read off the stories' own records, so that ids and times agree, and
//! with what is planted.

use std::collections::BTreeMap;

use rolechain::model::time::Timestamp;
use serde_json::Value;

use super::{Attempt, Job, Repository, Run, Runner, Workflow, audit_log, rest};
use crate::support::ids::number_of;
use crate::support::json::parsed;
use crate::support::stories::Story;
use crate::support::{GITHUB, at};

const DEPLOY: Workflow = Workflow { name: "deploy", id: 51_200_071 };
const LEGACY: Workflow = Workflow { name: "nightly-legacy", id: 51_200_072 };
const TESTS: Workflow = Workflow { name: "tests", id: 51_200_090 };
const FIRST_JOB: u64 = 54_000_000_000;

/// A run that deployed to production and left nothing in the logs.
pub(crate) const UNSEEN_RUN: u64 = 19_447_000_777;

/// What the records of a story say of a run.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The story.
    pub(crate) story: &'static str,
    /// The run's number among those of its story.
    pub(crate) nth: usize,
    /// The run that the records name.
    pub(crate) id: u64,
    /// The token's issuer and subject; `None` when the run used a long-lived key.
    pub(crate) token: Option<(String, String)>,
    first: Timestamp,
    last: Timestamp,
    tags: BTreeMap<String, String>,
}

/// Returns the runs that the records of a story name, in order of their ids.
pub(crate) fn seen(story: &Story) -> Vec<Seen> {
    let mut records: Vec<Value> = story.org.records().iter().map(|record| parsed(&record.json)).collect();
    records.sort_by_key(|record| text(record, "/eventTime").map(str::to_owned));
    let mut runs: BTreeMap<u64, Seen> = BTreeMap::new();
    let mut holders: BTreeMap<(String, String), u64> = BTreeMap::new();
    for record in &records {
        let holder = || {
            let key = text(record, "/userIdentity/accessKeyId")?.to_owned();
            holders.get(&(key, text(record, "/userIdentity/principalId")?.to_owned())).copied()
        };
        let Some((id, time)) = named(record).or_else(holder).zip(text(record, "/eventTime").map(at)) else { continue };
        let run = runs.entry(id).or_insert_with(|| Seen {
            story: story.name,
            nth: 0,
            id,
            token: None,
            first: time,
            last: time,
            tags: BTreeMap::new(),
        });
        if text(record, "/userIdentity/type") == Some("WebIdentityUser") {
            let issuer =
                text(record, "/userIdentity/identityProvider").unwrap().split("oidc-provider/").nth(1).unwrap();
            run.token = Some((issuer.to_owned(), text(record, "/userIdentity/userName").unwrap().to_owned()));
        }
        for tag in record.pointer("/requestParameters/tags").and_then(Value::as_array).into_iter().flatten() {
            run.tags.insert(tag["key"].as_str().unwrap().to_owned(), tag["value"].as_str().unwrap().to_owned());
        }
        if text(record, "/userIdentity/invokedBy").is_none() {
            run.last = time;
        }
        let issued = text(record, "/responseElements/credentials/accessKeyId");
        if let Some((key, who)) = issued.zip(text(record, "/responseElements/assumedRoleUser/assumedRoleId")) {
            holders.insert((key.to_owned(), who.to_owned()), id);
        }
    }
    runs.into_values().enumerate().map(|(nth, run)| Seen { nth, ..run }).collect()
}

fn text<'a>(record: &'a Value, pointer: &str) -> Option<&'a str> {
    record.pointer(pointer).and_then(Value::as_str)
}

/// The run that the action writes into its user agent.
fn named(record: &Value) -> Option<u64> {
    let (_, rest) = text(record, "/userAgent")?.split_once("md/run_id#")?;
    rest.split(' ').next()?.parse().ok()
}

impl Seen {
    /// Returns the repository, when it is one of the organization's. Those of others are not in its evidence.
    fn repository(&self) -> Option<Repository> {
        let name = match &self.token {
            Some((issuer, subject)) if issuer == GITHUB => subject.strip_prefix("repo:")?.split(':').next()?,
            Some(_) => return None,
            None => "acme/orders",
        };
        match name {
            "acme/orders" | "acme@4242/orders@9001" => Some(Repository::new("acme/orders", 9001)),
            "acme@4242/docs@9002" => Some(Repository::new("acme/docs", 9002)),
            _ => None,
        }
    }

    fn environment(&self) -> Option<&'static str> {
        let (_, subject) = self.token.as_ref()?;
        ["prod", "staging"].into_iter().find(|name| subject.ends_with(&format!(":environment:{name}")))
    }

    /// A healthy run that fits the records: its job began shortly before the first of them and ended after the last.
    fn run(&self, repository: Repository) -> Run {
        let started = self.first.plus(-14 - i64::try_from(self.id % 17).unwrap());
        // What the key of a user does later does not say the run.
        let ended = self.last.plus(if self.token.is_none() { 240 } else { 21 });
        let created = started.plus(-55);
        let environment = self.environment();
        let tag = |name: &str| self.tags.get(name).cloned();
        let event = if tag("EventName").as_deref() == Some("pull_request") { "pull_request" } else { "push" };
        let invented =
            format!("{:016x}{:016x}{:08x}", number_of("commit") ^ self.id, number_of("of") ^ self.id, self.id % 0xffff);
        let sha = tag("Commit").filter(|_| event == "push").unwrap_or(invented);
        let branch = tag("Branch").unwrap_or_else(|| "refs/heads/main".to_owned());
        let job = Job {
            id: 0,
            name: environment.map_or("Deploy".to_owned(), |name| format!("Deploy to {name}")),
            environment,
            started,
            ended: Some(ended),
            runner: Runner::Hosted,
        };
        let approval = (environment == Some("prod")).then_some(("prod", "priya", started.plus(-9)));
        Run {
            id: self.id,
            head: repository.clone(),
            repository,
            workflow: if self.token.is_none() { LEGACY } else { DEPLOY },
            number: 0,
            event,
            branch: branch.trim_start_matches("refs/heads/").to_owned(),
            sha,
            created,
            actor: "octavia",
            attempts: vec![Attempt { started: created, by: "octavia", conclusion: "success", jobs: vec![job] }],
            approvals: approval.into_iter().collect(),
            bypassed: None,
            deleted: None,
        }
    }
}

/// Plants what is not healthy. `sample-logs/ci-evidence/README.md` says the same.
fn plant(seen: &Seen, run: &mut Run) {
    let first = &mut run.attempts[0];
    match (seen.story, seen.nth) {
        ("05-long-lived-key-in-ci", 3) => run.event = "workflow_dispatch",
        ("10-key-collision", 2) => run.deleted = Some(("dmitri", at("2026-11-11T07:30:00Z"))),
        ("11-broken-files", 0) => run.sha = format!("{:016x}{:024x}", number_of("another commit"), seen.id),
        ("14-log-tampering", 1) => {
            first.conclusion = "cancelled";
            first.jobs[0].ended = Some(at("2026-11-13T23:50:00Z"));
        }
        ("15-cross-repo", 3) => first.jobs[0].ended = Some(at("2026-11-12T14:05:52Z")),
        ("17-reference", 0) => run.approvals[0].1 = "octavia",
        ("17-reference", 2) => first.jobs[0].runner = Runner::Own,
        ("17-reference", 3) => {
            let started = at("2026-11-10T09:31:00Z");
            let job = Job { id: 0, started: started.plus(40), ended: Some(started.plus(55)), ..first.jobs[0].clone() };
            run.attempts.push(Attempt { started, by: "sam", conclusion: "failure", jobs: vec![job] });
        }
        ("17-reference", 4) => {
            run.bypassed = run.approvals.pop().map(|(_, _, time)| ("dmitri", time));
        }
        _ => {}
    }
}

/// Runs that the logs do not show: tests, which ask AWS for nothing, and one that deployed.
fn unseen() -> Vec<Run> {
    let orders = Repository::new("acme/orders", 9001);
    let template = |id: u64, created: Timestamp, workflow, job: Job| Run {
        id,
        repository: orders.clone(),
        head: orders.clone(),
        workflow,
        number: 0,
        event: "push",
        branch: "main".to_owned(),
        sha: format!("{:016x}{id:024x}", number_of("tests")),
        created,
        actor: "sam",
        attempts: vec![Attempt { started: created, by: "sam", conclusion: "success", jobs: vec![job] }],
        approvals: Vec::new(),
        bypassed: None,
        deleted: None,
    };
    let mut found = Vec::new();
    for day in 3..=13 {
        let created = at(&format!("2026-11-{day:02}T10:05:00Z"));
        let job = |name: &str, runner| Job {
            id: 0,
            name: name.to_owned(),
            environment: None,
            started: created.plus(12),
            ended: Some(created.plus(if runner == Runner::None { 12 } else { 190 })),
            runner,
        };
        let mut run = template(19_446_000_100 + day * 1_000, created, TESTS, job("Test", Runner::Hosted));
        run.attempts[0].jobs.push(job("Publish", Runner::None));
        found.push(run);
    }
    let created = at("2026-11-13T16:00:00Z");
    let job = Job {
        id: 0,
        name: "Deploy to prod".to_owned(),
        environment: Some("prod"),
        started: created.plus(70),
        ended: Some(created.plus(160)),
        runner: Runner::Hosted,
    };
    let mut run = template(UNSEEN_RUN, created, DEPLOY, job);
    run.approvals.push(("prod", "priya", created.plus(55)));
    found.push(run);
    found
}

/// Returns every run of the organization, in order of time, with the numbers that GitHub would give.
pub(crate) fn all(stories: &[Story]) -> Vec<Run> {
    let mut runs = unseen();
    for seen in stories.iter().flat_map(seen) {
        if let Some(repository) = seen.repository() {
            let mut run = seen.run(repository);
            plant(&seen, &mut run);
            runs.push(run);
        }
    }
    number(&mut runs, FIRST_JOB);
    runs
}

/// Sorts runs by time, and numbers them and their jobs as GitHub does.
pub(super) fn number(runs: &mut [Run], first_job: u64) {
    runs.sort_by_key(|run| (run.created, run.id));
    let mut numbers: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    let mut job_id = first_job;
    for run in runs {
        let number = numbers.entry((run.repository.id, run.workflow.id)).or_insert(410);
        *number += 1;
        run.number = *number;
        for job in run.attempts.iter_mut().flat_map(|attempt| &mut attempt.jobs) {
            job_id += 23;
            job.id = job_id;
        }
    }
}

const README: &str = include_str!("README.md");

/// Returns the files of `sample-logs/ci-evidence`, by their names.
pub(crate) fn files(stories: &[Story]) -> BTreeMap<String, Vec<u8>> {
    let runs = all(stories);
    let orders = Repository::new("acme/orders", 9001);
    let one = |value: Value| format!("{value}\n");
    let files = [
        ("README.md", README.to_owned()),
        ("orders-runs.json", one(rest::runs(&runs, &orders, 30))),
        ("docs-runs.json", one(rest::runs(&runs, &Repository::new("acme/docs", 9002), 30))),
        ("earlier-attempts.ndjson", rest::lines(&rest::earlier_attempts(&runs))),
        ("jobs.ndjson", rest::lines(&rest::jobs(&runs))),
        ("approvals.ndjson", rest::lines(&rest::approvals(&runs))),
        ("orders-deployments.json", one(rest::deployments(&runs))),
        ("orders-deployment-statuses.ndjson", rest::lines(&rest::statuses(&runs))),
        ("orders-environments.json", one(rest::environments(&orders, &[("prod", Some("priya")), ("staging", None)]))),
        ("audit-log.json", one(audit_log::entries(&runs))),
        ("meta.json", one(rest::meta(&["198.51.100.0/24", "2001:db8:6a00::/40"]))),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}
