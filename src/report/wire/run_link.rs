//! The run behind a chain, as the CI system says it, and what ties the two together.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Time;
use crate::audit;
use crate::ci::People;
use crate::ci::Person;
use crate::ci::Run;
use crate::ci::RunKey;
use crate::join::Contradiction;
use crate::join::Grade;
use crate::join::RunLink;
use crate::model::chain::Chain;
use crate::model::chain::ChainId;
use crate::model::lineage::SessionView;
use crate::model::subject::Subject;
use crate::model::time::Timestamp;

/// What a CI system says of the run behind a chain. What the chain itself says is in `ci_run`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ci {
    /// How sure it is that this run made the chain: `exact` (the run that the records name, the place of the token and the
    /// time of one job agree, or the token names the job), `strong` (the run is certain, the job is not), `probable` (no run
    /// is named and one job fits), `ambiguous` (several may fit), `contradicted`, `unknown` (the named run is not in evidence
    /// that is not complete), `missing` (no run is named and none fits), `not_covered`.
    #[schemars(extend("enum" = ["exact", "strong", "probable", "ambiguous", "contradicted", "unknown", "missing", "not_covered"]))]
    pub link: &'static str,
    /// What agreed.
    pub matched_on: Vec<&'static str>,
    /// True when a token of the CI system began the chain; else the run is what the caller says.
    pub signed: bool,
    /// The run; null when there is none, or none is chosen.
    pub run: Option<CiRunFacts>,
    /// The job; null when it is not known.
    pub job: Option<CiJob>,
    /// Who first started the run: it has their rights.
    pub started_by: Option<CiPerson>,
    /// Who started this attempt, when somebody else did.
    pub restarted_by: Option<CiPerson>,
    /// Who approved the run.
    pub approved_by: Vec<CiApproval>,
    /// True when the run's approvals were asked for, so that none means none.
    pub approvals_known: bool,
    /// True when somebody else approved the commit's pull request, false when nobody did; null where the evidence does not say.
    pub reviewed: Option<bool>,
    /// By how many seconds the last direct use of the credentials came after the end of the job; null when none did, while
    /// another job of the run went on, and where all that came may have been signed before.
    pub seconds_after_job: Option<u64>,
    /// What speaks against the run.
    pub contradictions: Vec<CiContradiction>,
    /// The runs that fit when none is chosen, at most twenty.
    pub candidates: Vec<String>,
}

/// A run, by what the CI system says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiRunFacts {
    /// The CI system: `github`, `gitlab`, …
    pub system: &'static str,
    /// The host.
    pub host: String,
    /// The id of the run on its host.
    pub id: String,
    /// Where to look at it.
    pub url: Option<String>,
    /// `owner/name`.
    pub repository: Option<String>,
    /// Which attempt.
    pub attempt: Option<u32>,
    /// The workflow's file.
    pub workflow: Option<String>,
    /// What started it.
    pub event: Option<String>,
    /// The branch or tag.
    pub branch: Option<String>,
    /// The commit; of a pull request its head.
    pub commit: Option<String>,
    /// The repository that the commit is from, when it is another one: a fork.
    pub fork: Option<String>,
    /// When the run was made.
    pub created_at: Option<Time>,
}

/// A job, by what the CI system says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiJob {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The environment that it deployed to.
    pub environment: Option<String>,
    /// When it began.
    pub started_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// True on a machine of the CI vendor, which is gone when the job ends; null when that is not known.
    pub hosted: Option<bool>,
}

/// Somebody, by what the CI system says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiPerson {
    /// The name they sign in with.
    pub login: String,
    /// The CI system's number of them.
    pub id: Option<u64>,
    /// True for programs.
    pub bot: bool,
    /// What they did: `pushed`, `dispatched`, `scheduled` (nobody: they changed the schedule last), `started`, …
    pub how: &'static str,
}

/// An approval.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiApproval {
    /// Who.
    pub login: String,
    /// For which environment.
    pub environment: Option<String>,
    /// When.
    pub at: Option<Time>,
}

/// What speaks against a run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiContradiction {
    /// What it is about.
    #[schemars(extend("enum" = ["repository", "environment", "ref", "event", "time", "deleted", "not_there", "not_listed"]))]
    pub kind: &'static str,
    /// What the token says, or the caller.
    pub said: Option<String>,
    /// What the CI system says.
    pub found: Option<String>,
}

impl Rows<'_> {
    /// Returns what a CI system says of the run behind a chain; `None` without files of one, and for what no job began.
    pub fn ci(&self, chain: &Chain) -> Option<Ci> {
        let link = self.report.ci?.links.get(&chain.id)?;
        let first = self.lineage().session(*chain.path.first()?);
        Some(self.run_link(link, first, chain))
    }

    /// Returns what a CI system says of the run behind the chain of this id.
    pub fn ci_of(&self, id: ChainId) -> Option<Ci> {
        self.report.ci?.links.get(&id)?;
        self.lineage().chains.iter().find(|chain| chain.id == id).and_then(|chain| self.ci(chain))
    }

    fn run_link(&self, link: &RunLink, first: SessionView<'_>, chain: &Chain) -> Ci {
        let text = |text: &str| self.shade.text(text).into_owned();
        let opt = |value: &Option<Arc<str>>| value.as_deref().map(text);
        let facts = self.report.ci.map(|joined| &*joined.facts);
        let found = link.found.as_ref();
        let run = facts.zip(found).and_then(|(facts, found)| found.run(facts));
        let sure = facts.zip(found).filter(|_| link.grade.is_sure());
        let job = sure.and_then(|(facts, found)| Some((found.job.as_deref()?, found.job(facts)?)));
        let attempt = sure.and_then(|(facts, found)| found.attempt(facts));
        let is_absent = link.grade == Grade::Contradicted && link.contradictions.iter().any(Contradiction::is_absence);
        let run = run.filter(|_| !is_absent);
        let how = run.and_then(|run| run.event.as_deref()).map_or("started", how);
        let person =
            |person: &Person, how| CiPerson { login: text(&person.login), id: person.id, bot: person.is_bot, how };
        let actor = run.and_then(|run| run.actor.as_ref());
        let restarted = attempt.and_then(|attempt| attempt.triggered_by.as_ref()).filter(|by| Some(*by) != actor);
        let signed = first.origin().token.as_ref().and_then(Subject::environment);
        let environment = signed.or_else(|| job.and_then(|(_, job)| job.environment.as_deref()));
        Ci {
            link: link.grade.name(),
            matched_on: link.matched_on.clone(),
            signed: link.is_signed,
            run: found.zip(run).map(|(found, run)| CiRunFacts {
                system: found.run.system.provider(),
                host: text(&found.run.host),
                id: text(&found.run.id),
                url: run.url.as_deref().filter(|url| url.starts_with("https://")).map(|url| {
                    let attempt = found.attempt.filter(|_| url.contains("/actions/runs/"));
                    attempt.map_or_else(|| text(url), |attempt| format!("{}/attempts/{attempt}", text(url)))
                }),
                repository: run.repositories.first().map(|name| text(name)),
                attempt: found.attempt,
                workflow: opt(&run.workflow_path).or_else(|| opt(&run.name)),
                event: opt(&run.event),
                branch: opt(&run.head_branch),
                commit: run.head_sha.as_deref().map(text),
                fork: run
                    .head_repository
                    .as_deref()
                    .filter(|_| run.head_repository_id.zip(run.repository_id).is_some_and(|(head, own)| head != own))
                    .map(text),
                created_at: run.created.map(Time),
            }),
            job: job.map(|(id, job)| CiJob {
                id: text(id),
                name: opt(&job.name),
                environment: opt(&job.environment),
                started_at: job.started.map(Time),
                ended_at: job.ended.map(Time),
                hosted: job.is_hosted,
            }),
            started_by: actor.map(|by| person(by, how)),
            restarted_by: restarted.map(|by| person(by, "restarted")),
            approved_by: run.map(|run| self.approvals(run, environment, first.issued())).unwrap_or_default(),
            // The list has no attempts, and may be older than a later one.
            approvals_known: run.is_some_and(|run| {
                let is_whole = run.approvals_asked && found.is_some_and(|found| found.attempt == Some(1));
                !run.approvals_unclear && (is_whole || !run.approvals.is_empty())
            }),
            reviewed: self.report.ci.and_then(|joined| audit::is_reviewed(joined, link, first)),
            seconds_after_job: self.report.ci.and_then(|joined| {
                let sessions = chain.path.iter().map(|id| self.lineage().session(*id));
                audit::seconds_after_job(joined, link, first, sessions)
            }),
            contradictions: link.contradictions.iter().map(|contradiction| self.contradiction(contradiction)).collect(),
            candidates: link.candidates.iter().map(|RunKey { id, .. }| text(id)).collect(),
        }
    }

    /// Returns who approved a run before a session was issued. Who renamed themselves has one name.
    fn approvals(&self, run: &Run, environment: Option<&str>, issued: Option<Timestamp>) -> Vec<CiApproval> {
        let text = |text: &str| self.shade.text(text).into_owned();
        let (mut people, mut names) = (People::default(), Vec::new());
        audit::approvals(run, environment, issued)
            .filter(|one| {
                let at = people.place(&one.person);
                if names.len() == at {
                    names.push(&one.person.login);
                }
                names.get(at) == Some(&&one.person.login)
            })
            .map(|approval| CiApproval {
                login: text(&approval.person.login),
                environment: approval.environment.as_deref().map(text),
                at: approval.at.map(Time),
            })
            .collect()
    }

    fn contradiction(&self, contradiction: &Contradiction) -> CiContradiction {
        let text = |text: &String| Some(self.shade.text(text).into_owned());
        let (said, found) = match contradiction {
            Contradiction::Repository { said, found, .. }
            | Contradiction::Environment { said, found }
            | Contradiction::GitRef { said, found } => (text(said), text(found)),
            Contradiction::Event { found } => (Some("pull_request".to_owned()), text(found)),
            Contradiction::Time { started, ended } => {
                let end = ended.map_or_else(|| "it goes on".to_owned(), |ended| ended.to_string());
                (None, Some(format!("{started} to {end}")))
            }
            Contradiction::Deleted | Contradiction::NotThere | Contradiction::NotListed { .. } => (None, None),
        };
        CiContradiction { kind: contradiction.name(), said, found }
    }
}

/// Returns the word for what somebody did who caused an event.
fn how(event: &str) -> &'static str {
    match event {
        "push" => "pushed",
        "workflow_dispatch" | "repository_dispatch" | "web" | "api" => "dispatched",
        // The system names whoever changed the schedule last; nobody pressed a button.
        "schedule" => "scheduled",
        "pull_request" | "pull_request_target" | "merge_request_event" => "opened or changed the pull request",
        "merge_group" => "queued the merge",
        "release" => "published the release",
        _ => "started",
    }
}
