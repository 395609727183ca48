//! A made-up organization that does everything right, with thousands of runs of every kind: what its logs say, and what
//! GitHub says.

use std::collections::BTreeMap;

use rolechain::model::time::Timestamp;

use super::{Attempt, Job, Repository, Run, Runner, Workflow, audit_log, pulls, rest, told};
use crate::support::actor::{Assume, Call};
use crate::support::organization::Organization;
use crate::support::stories::{
    PROD_EXTERNAL_ID, STAGING_EXTERNAL_ID, deploy_prod, deploy_staging, entry_prod, entry_shared, entry_staging,
};
use crate::support::{PROD, at};

/// What a run is like. Each is healthy.
pub(crate) const KINDS: &[&str] = &[
    "push to production, approved",
    "push to staging",
    "pull request",
    "tag",
    "merge queue",
    "schedule",
    "dispatch by a program",
    "matrix",
    "started again by another person",
    "started again by the approver",
    "self-hosted runner",
    "waited for days",
    "two roles in one job",
    "build, then deploy",
    "reusable workflow",
    "issue comment",
    "pull request of a program",
    "renamed repository",
    "renamed repository without ids",
    "goes on",
    "clocks differ",
    "a service works on",
    "home-made session name",
];

/// The organization's logs, and its runs.
pub(crate) struct Company {
    /// The logs.
    pub(crate) org: Organization,
    /// The runs.
    pub(crate) runs: Vec<Run>,
}

/// When the first run is made.
fn begin() -> Timestamp {
    at("2026-09-01T06:00:00Z")
}

const ORDERS: &str = "acme@4242/orders@9001";

/// One run in the making.
struct Making<'o> {
    org: &'o Organization,
    run: Run,
    subject: String,
}

/// How a job of a run enters AWS.
#[derive(Clone, Copy)]
struct Doing {
    prod: bool,
    /// When the job begins, and for how long it lasts.
    begin: Timestamp,
    lasts: i64,
    /// The addresses of the runner.
    ip: &'static str,
}

/// Makes so many runs, one every 40 minutes, of every kind in turn.
pub(crate) fn company(count: usize) -> Company {
    let org = Organization::new("company");
    let mut runs = Vec::new();
    for nth in 0..count {
        let created = begin().plus(i64::try_from(nth).unwrap() * 2_400);
        runs.push(Making::new(&org, created).made(KINDS[nth % KINDS.len()], nth));
    }
    told::number(&mut runs, 61_000_000_000);
    Company { org, runs }
}

impl<'o> Making<'o> {
    fn new(org: &'o Organization, created: Timestamp) -> Self {
        let repository = Repository::new("acme/orders", 9001);
        let run = Run {
            id: org.next_run(),
            head: repository.clone(),
            repository,
            workflow: Workflow { name: "deploy", id: 51_200_071 },
            number: 0,
            event: "push",
            branch: "main".to_owned(),
            sha: org.hex(40),
            created,
            actor: "octavia",
            attempts: Vec::new(),
            approvals: Vec::new(),
            bypassed: None,
            deleted: None,
        };
        Self { org, run, subject: format!("{ORDERS}:ref:refs/heads/main") }
    }

    fn made(mut self, kind: &str, nth: usize) -> Run {
        let soon = self.run.created.plus(45);
        let doing = Doing { prod: false, begin: soon, lasts: 240, ip: "198.51.100.61" };
        let prod = Doing { prod: true, ..doing };
        if ["matrix", "merge queue", "pull request", "pull request of a program"].contains(&kind) {
            self.run.workflow = Workflow { name: "tests", id: 51_200_090 };
        }
        match kind {
            "push to production, approved" => self.approved("priya", 30).deploy(prod),
            "pull request" => {
                self.of_pull_request("octavia", "feature/discounts");
                self.job("Plan", None, doing, 0);
            }
            "pull request of a program" => {
                self.of_pull_request("dependabot[bot]", "dependabot/cargo/serde-1.0.230");
                self.job("Plan", None, doing, 0);
            }
            "tag" => {
                self.run.branch = format!("v1.{nth}.0");
                self.subject = format!("{ORDERS}:ref:refs/tags/v1.{nth}.0");
                self.job("Release", None, doing, 0);
            }
            "merge queue" => {
                self.run.event = "merge_group";
                self.run.branch = format!("gh-readonly-queue/main/pr-{nth}-{}", self.run.sha);
                self.subject = format!("{ORDERS}:ref:refs/heads/{}", self.run.branch);
                self.job("Test", None, doing, 0);
            }
            "schedule" => {
                self.run.event = "schedule";
                self.job("Nightly", None, doing, 0);
            }
            "dispatch by a program" => {
                self.run.event = "workflow_dispatch";
                self.run.actor = "github-actions[bot]";
                self.approved("priya", 30).deploy(prod);
            }
            "matrix" => {
                for (part, name) in ["Test (linux)", "Test (macos)", "Test (windows)"].into_iter().enumerate() {
                    let begin = soon.plus(i64::try_from(part).unwrap() * 3);
                    self.job(name, None, Doing { begin, ..doing }, 0);
                }
            }
            "started again by another person" => self.again("sam"),
            "started again by the approver" => self.again("priya"),
            "self-hosted runner" => {
                self.job("Deploy", None, Doing { ip: "203.0.113.50", ..doing }, 0);
                self.run.attempts[0].jobs[0].runner = Runner::Own;
                let skipped = Job {
                    runner: Runner::None,
                    ended: Some(soon),
                    name: "Publish".to_owned(),
                    ..self.run.attempts[0].jobs[0].clone()
                };
                self.run.attempts[0].jobs.push(skipped);
            }
            "waited for days" => {
                let wait = 12 * 86_400;
                let begin = self.run.created.plus(wait);
                self.approved("priya", wait - 20).deploy(Doing { begin, ..prod });
            }
            _ => self.made_of_parts(kind, doing),
        }
        self.run
    }

    /// As [`Self::made`], for what has several parts or names, or ends oddly.
    fn made_of_parts(&mut self, kind: &str, doing: Doing) {
        let (soon, prod) = (doing.begin, Doing { prod: true, ..doing });
        match kind {
            "two roles in one job" => {
                self.approved("priya", 30).deploy(prod);
                self.enter(0, Doing { begin: soon.plus(90), prod: false, ..prod }, Some("_2"));
            }
            "build, then deploy" => {
                self.job("Build", None, doing, 0);
                let later = soon.plus(600);
                self.approved("priya", 590);
                self.subject = format!("{ORDERS}:environment:prod");
                self.job("Deploy to prod", Some("prod"), Doing { begin: later, ..prod }, 0);
            }
            "reusable workflow" => {
                self.approved("priya", 30);
                self.job("release / Deploy to prod", Some("prod"), prod, 0);
            }
            "issue comment" => {
                self.run.event = "issue_comment";
                self.job("Preview", None, doing, 0);
            }
            // The evidence was exported after the rename: it has the new name and the old id.
            "renamed repository" | "renamed repository without ids" => {
                self.run.repository = Repository::new("acme/shop", 9077);
                self.run.head = self.run.repository.clone();
                let ids = kind == "renamed repository";
                let old = if ids { "acme@4242/storefront@9077" } else { "acme/storefront" };
                self.subject = format!("{old}:ref:refs/heads/main");
                self.job("Deploy", None, doing, 0);
            }
            "goes on" => {
                self.job("Deploy", None, doing, 0);
                self.run.attempts[0].jobs[0].ended = None;
            }
            "clocks differ" => {
                self.approved("priya", 30).deploy(prod);
                let job = &mut self.run.attempts[0].jobs[0];
                job.started = job.started.plus(40);
                job.ended = job.ended.map(|ended| ended.plus(-160));
            }
            "a service works on" => {
                self.approved("priya", 30);
                let session = self.job("Deploy to prod", Some("prod"), prod, 0);
                let key = self.org.temporary_key(PROD);
                let service = session.through_service("cloudformation.amazonaws.com", Some(&key));
                service.call(soon.plus(1_900), Call::write("ecs", "UpdateService"));
            }
            "home-made session name" => {
                self.job("Deploy", None, doing, 1);
            }
            _ => {
                self.job("Deploy", None, doing, 0);
            }
        }
    }

    fn approved(&mut self, by: &'static str, after: i64) -> &mut Self {
        self.subject = format!("{ORDERS}:environment:prod");
        self.run.approvals.push(("prod", by, self.run.created.plus(after)));
        self
    }

    fn deploy(&mut self, doing: Doing) {
        self.job("Deploy to prod", Some("prod"), doing, 0);
    }

    fn of_pull_request(&mut self, actor: &'static str, branch: &str) {
        self.run.event = "pull_request";
        self.run.actor = actor;
        branch.clone_into(&mut self.run.branch);
        self.subject = format!("{ORDERS}:pull_request");
    }

    /// A first attempt that fails after it entered AWS, and a second one on the next day.
    fn again(&mut self, by: &'static str) {
        let first = self.run.created.plus(45);
        let doing = Doing { prod: true, begin: first, lasts: 240, ip: "198.51.100.61" };
        self.approved("priya", 30).deploy(doing);
        self.run.attempts[0].conclusion = "failure";
        let started = self.run.created.plus(86_400);
        self.run.attempts.push(Attempt { started, by, conclusion: "success", jobs: Vec::new() });
        self.deploy(Doing { begin: started.plus(50), ..doing });
    }

    /// Adds a job to the latest attempt, and lets it enter AWS. With a name of its own, the session names the run and the
    /// user agent does not: the action before version 6.2.
    fn job(
        &mut self,
        name: &str,
        environment: Option<&'static str>,
        doing: Doing,
        own_name: usize,
    ) -> crate::support::actor::Session {
        if self.run.attempts.is_empty() {
            let (started, by) = (self.run.created, self.run.actor);
            self.run.attempts.push(Attempt { started, by, conclusion: "success", jobs: Vec::new() });
        }
        let job = Job {
            id: 0,
            name: name.to_owned(),
            environment,
            started: doing.begin,
            ended: Some(doing.begin.plus(doing.lasts)),
            runner: Runner::Hosted,
        };
        self.run.attempts.last_mut().unwrap().jobs.push(job);
        self.enter(own_name, doing, None)
    }

    /// Enters the entry role, goes on to the deploy role and works there.
    fn enter(&mut self, own_name: usize, doing: Doing, step: Option<&str>) -> crate::support::actor::Session {
        let (run, attempt) = (&self.run, self.run.attempts.len());
        let pull = run.event.starts_with("pull_request");
        let reference = if pull {
            "refs/pull/7/merge".to_owned()
        } else if self.subject.contains(":ref:refs/tags/") {
            format!("refs/tags/{}", run.branch)
        } else {
            format!("refs/heads/{}", run.branch)
        };
        let by = run.attempts.last().unwrap().by;
        let action = format!("__aws-actions_configure-aws-credentials{}", step.unwrap_or_default());
        let commit = if pull { self.org.hex(40) } else { run.sha.clone() };
        // The action writes what a tag may not hold as an underscore.
        let written = |text: &str| text.replace(['[', ']'], "_");
        let tags = [
            ("Action", action.clone()),
            ("Actor", written(run.actor)),
            ("TriggeringActor", written(by)),
            ("Commit", commit),
            ("Branch", reference),
            ("EventName", run.event.to_owned()),
            ("RunId", run.id.to_string()),
        ];
        let agent = format!(
            "aws-sdk-js/3.1011.0 ua/2.1 os/linux lang/js md/nodejs#24.4.1 api/sts#3.1011.0 \
             configure-aws-credentials-for-github-actions md/action#{action}"
        );
        let agent = if own_name == 0 { format!("{agent} md/run_id#{} md/attempt#{attempt}", run.id) } else { agent };
        let mut job = self.org.github_job(&self.subject, &run.branch).at_address(doing.ip).with_actor(|actor| {
            actor.agent = agent;
            for (name, value) in tags {
                if let Some(tag) = actor.tags.iter_mut().find(|(key, _)| key == name) {
                    tag.1 = value;
                }
            }
            if own_name > 0 {
                actor.tags.clear();
            }
        });
        if own_name > 0 {
            job.session = format!("gha-{}", run.id);
        }
        let first = doing.begin.plus(18);
        let entry = match (doing.prod, step) {
            (_, Some(_)) => entry_shared(),
            (true, None) => entry_prod(),
            (false, None) => entry_staging(),
        };
        let (role, external_id) =
            if doing.prod { (deploy_prod(), PROD_EXTERNAL_ID) } else { (deploy_staging(), STAGING_EXTERNAL_ID) };
        let session = job.enter(first, &entry);
        let name = job.session.clone();
        let deploy =
            session.assume(first.plus(3), &Assume { external_id: Some(external_id), ..Assume::role(&role, &name) });
        deploy.call(first.plus(30), Call::write("ecs", "UpdateService"));
        deploy.call(first.plus(120), Call::read("ecs", "DescribeServices"));
        deploy
    }
}

/// Returns what the company exports of the runs that were made in a window: every run, in lists of one day each or in one,
/// with an audit log or without.
pub(crate) fn exported(runs: &[Run], by_day: bool, audit_log: bool) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let orders = Repository::new("acme/orders", 9001);
    for repository in [&orders, &Repository::new("acme/shop", 9077)] {
        let days: BTreeMap<i64, Vec<Run>> = runs.iter().fold(BTreeMap::new(), |mut days, run| {
            days.entry(if by_day { run.created.0 / 86_400 } else { 0 }).or_insert_with(Vec::new).push(run.clone());
            days
        });
        for (day, runs) in days {
            files.insert(format!("runs-{}-{day}.json", repository.id), rest::runs(&runs, repository, 100).to_string());
        }
    }
    files.insert("attempts.ndjson".to_owned(), rest::lines(&rest::earlier_attempts(runs)));
    files.insert("jobs.ndjson".to_owned(), rest::lines(&rest::jobs(runs)));
    files.insert("approvals.ndjson".to_owned(), rest::lines(&rest::approvals(runs)));
    files.insert("deployments.json".to_owned(), rest::deployments(runs).to_string());
    files.insert("statuses.ndjson".to_owned(), rest::lines(&rest::statuses(runs)));
    files.insert(
        "environments.json".to_owned(),
        rest::environments(&orders, &[("prod", Some("priya")), ("staging", None)]).to_string(),
    );
    files.insert("commits.ndjson".to_owned(), rest::lines(&pulls::commits(runs)));
    files.insert("pulls.ndjson".to_owned(), rest::lines(&pulls::pulls(runs)));
    files.insert("reviews.ndjson".to_owned(), rest::lines(&pulls::reviews(runs)));
    files.insert("meta.json".to_owned(), rest::meta(&["198.51.100.0/24"]).to_string());
    if audit_log {
        files.insert("audit-log.json".to_owned(), audit_log::entries(runs).to_string());
    }
    files
}
