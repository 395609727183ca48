//! Runs: the sessions that jobs of a CI system began, with what the CI system says of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::audit::environment;
use crate::audit::environment::Stage;
use crate::audit::grade;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::uses;
use crate::audit::uses::Use;
use crate::audit::uses::surely_after;
use crate::ci::Act;
use crate::ci::ActKind;
use crate::ci::Approval;
use crate::ci::Attempt;
use crate::ci::Commit;
use crate::ci::Facts;
use crate::ci::Guard;
use crate::ci::Job;
use crate::ci::Person;
use crate::ci::Place;
use crate::ci::Run;
use crate::ci::RunKey;
use crate::ci::System;
use crate::join::CLOCK_SKEW;
use crate::join::Found;
use crate::join::Joined;
use crate::join::RunLink;
use crate::model::chain::SessionId;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::subject::Subject;
use crate::model::time::Timestamp;

/// A session that a job began, or whose caller says so, and the link to its run.
#[derive(Clone, Copy)]
pub(super) struct Linked<'a> {
    pub(super) facts: &'a Facts,
    /// The first session of the chains.
    pub(super) entry: SessionView<'a>,
    pub(super) link: &'a RunLink,
}

/// A session whose run is certain.
#[derive(Clone, Copy)]
pub(super) struct Sure<'a> {
    pub(super) linked: Linked<'a>,
    pub(super) found: &'a Found,
    pub(super) run: &'a Run,
}

/// Returns the sessions that have something to do with a run, in order of issue; nothing without files of a CI system.
pub(super) fn linked<'a>(context: &Context<'a>) -> Vec<Linked<'a>> {
    let Some(joined) = context.ci else { return Vec::new() };
    let lineage = context.lineage;
    let mut seen: BTreeMap<(SessionId, Option<&RunKey>), &RunLink> = BTreeMap::new();
    for chain in &lineage.chains {
        if let Some((first, link)) = chain.path.first().zip(joined.links.get(&chain.id)) {
            seen.entry((*first, link.found.as_ref().map(|found| &found.run))).or_insert(link);
        }
    }
    let linked = |((first, _), link)| Linked { facts: &joined.facts, entry: lineage.session(first), link };
    seen.into_iter().map(linked).collect()
}

/// What an audit log says was done to runs, by run.
pub(super) struct Acts<'a>(BTreeMap<(System, &'a str, &'a str), Vec<&'a Act>>);

impl<'a> Acts<'a> {
    /// Gathers what is of this kind.
    pub(super) fn of_kind(context: &Context<'a>, kind: ActKind) -> Self {
        let mut acts: BTreeMap<_, Vec<&Act>> = BTreeMap::new();
        for act in context.ci.iter().flat_map(|ci| &ci.facts.acts).filter(|act| act.kind == kind) {
            if let Some((place, id)) = act.place.as_ref().zip(act.run_id.as_deref()) {
                acts.entry((place.system, &*place.host, id)).or_default().push(act);
            }
        }
        Self(acts)
    }

    /// Returns what was done to a session's run, in order of time.
    pub(super) fn of(&self, linked: Linked<'a>) -> impl Iterator<Item = &'a Act> {
        let run = linked.link.found.as_ref().map(|found| &found.run);
        let acts = run.and_then(|run| self.0.get(&(run.system, &*run.host, &*run.id)));
        acts.into_iter().flatten().copied()
    }
}

/// Returns the sessions whose run is certain and that a token of the CI system began.
pub(super) fn signed<'a>(context: &Context<'a>) -> impl Iterator<Item = Sure<'a>> {
    linked(context).into_iter().filter(|linked| linked.link.is_signed).filter_map(Linked::sure)
}

impl<'a> Linked<'a> {
    /// Returns the run, when it is certain.
    pub(super) fn sure(self) -> Option<Sure<'a>> {
        let found = self.link.sure()?;
        Some(Sure { linked: self, found, run: found.run(self.facts)? })
    }

    /// Returns the token.
    pub(super) fn token(self) -> Option<&'a Subject> {
        self.entry.origin().token.as_ref()
    }

    /// Returns what a finding is folded over: repository and first role.
    pub(super) fn key_parts(self) -> Vec<(&'static str, String)> {
        let named = self.link.found.as_ref().and_then(|found| found.run(self.facts)?.repositories.first());
        let repository = self.token().and_then(Subject::borne).or(named.map(AsRef::as_ref));
        let repository = repository.map(|name| ("repository", name.to_ascii_lowercase()));
        let subject = self.entry.origin().subject.as_ref().map(|subject| ("subject", subject.clone()));
        let role = self.entry.role_arn().map(|role| ("role_arn", role.to_owned()));
        repository.or(subject).into_iter().chain(role).collect()
    }

    /// Names the run: `run 19460502349 of acme/orders`.
    pub(super) fn run_name(self) -> String {
        let Some(found) = self.link.found.as_ref() else { return "a run".to_owned() };
        let of_run = found.run(self.facts).and_then(|run| run.repositories.first()).map(AsRef::as_ref);
        let repository = self.token().and_then(Subject::borne).or(of_run);
        let repository = repository.map(|name| format!(" of {name}")).unwrap_or_default();
        let attempt = found.attempt.filter(|attempt| *attempt > 1);
        let attempt = attempt.map(|attempt| format!(", attempt {attempt}")).unwrap_or_default();
        format!("run {}{repository}{attempt}", found.run.id)
    }

    /// Begins a sentence about the session: `At 2026-11-02T10:00:00Z, a session of role deploy …`.
    pub(super) fn opened(self, context: &Context<'_>) -> String {
        let role = self.role(context);
        let at = |issued| format!("At {issued}, a session of {role}");
        self.entry.issued().map_or_else(|| format!("A session of {role}"), at)
    }

    /// As [`run_name`](Self::run_name), to begin a sentence.
    pub(super) fn run_title(self) -> String {
        self.run_name().replacen("run", "Run", 1)
    }

    /// Names the first role.
    pub(super) fn role(self, context: &Context<'_>) -> String {
        self.entry.role_arn().map_or_else(|| "a session".to_owned(), |role| phrase::role(context, role))
    }

    /// True when the session, or one that it opened, acts in production.
    pub(super) fn is_prod(self, context: &Context<'_>) -> bool {
        environment::production(context, self.entry).is_some()
    }

    /// Makes a match about the session and its run: each run is a story of its own.
    pub(super) fn matched(self, context: &Context<'_>, said: Said) -> Match {
        let run = self.link.found.as_ref().and_then(|found| found.run(self.facts));
        let said = if run.is_some_and(|run| !run.disputed.is_empty()) { said.doubted() } else { said };
        let run_id = self.link.found.as_ref().map(|found| ("run_id", found.run.id.to_string()));
        Match {
            key: self.key_parts().into_iter().chain(run_id).collect(),
            severity: said.severity,
            confidence: grade::of_links(said.confidence, self.entry),
            basis: said.basis,
            title: said.title,
            message: said.message,
            remediation: None,
            count: 1,
            evidence: occurrences::proof(self.entry),
            chain_ids: context.chain_ids(self.entry.id),
        }
    }
}

/// What a match says.
pub(super) struct Said {
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) basis: Basis,
    pub(super) title: String,
    pub(super) message: String,
}

impl Said {
    /// What files say that contradict each other proves nothing.
    fn doubted(self) -> Self {
        Self {
            severity: self.severity.min(Severity::Medium),
            confidence: Confidence::Low,
            basis: Basis::Heuristic,
            message: format!("{} The files of the CI system contradict each other about this run.", self.message),
            ..self
        }
    }
}

impl<'a> Sure<'a> {
    /// Returns the job, when it is known.
    pub(super) fn job(self) -> Option<&'a Job> {
        self.found.job(self.linked.facts)
    }

    /// Returns the attempt, when it is known.
    pub(super) fn attempt(self) -> Option<&'a Attempt> {
        self.found.attempt(self.linked.facts)
    }

    /// Returns when the job ended; where the job is not known, when the last job of its attempt did. `None` while one goes on.
    pub(super) fn ended(self) -> Option<Timestamp> {
        let of_attempt = || self.attempt().filter(|attempt| attempt.conclusion.is_some())?.ended;
        self.job().map_or_else(|| self.attempt_ended(), |job| job.ended.or_else(of_attempt))
    }

    /// Returns when the last job of the attempt ended; `None` while one goes on, and where that is not known.
    pub(super) fn attempt_ended(self) -> Option<Timestamp> {
        let attempt = self.attempt()?;
        let mut jobs = attempt.jobs.values().filter(|job| job.has_run).peekable();
        jobs.peek()?;
        // Of an attempt that had not ended when it was fetched, nobody knows what came next.
        if attempt.conclusion.is_none() && attempt.ended.is_none() {
            return None;
        }
        let of_attempt = attempt.ended.filter(|_| attempt.conclusion.is_some());
        let last = jobs.try_fold(Timestamp(i64::MIN), |last, job| Some(last.max(job.ended.or(of_attempt)?)));
        // The run itself ends later than its last job: when one waited for an approval, days later.
        if attempt.has_all_jobs() { last } else { attempt.ended.max(last) }
    }

    /// True where the vendor's own machine ran the job, or all jobs of the attempt when the job is not known.
    pub(super) fn is_hosted(self) -> Option<bool> {
        if let Some(job) = self.job() {
            return job.is_hosted;
        }
        let mut jobs = self.attempt()?.jobs.values().filter(|job| job.has_run).map(|job| job.is_hosted).peekable();
        jobs.peek()?;
        jobs.all(|is_hosted| is_hosted == Some(true)).then_some(true)
    }

    /// Returns the environment that the job deployed to: signed by the token, else as the CI system says.
    pub(super) fn environment(self) -> Option<&'a str> {
        let signed = self.linked.token().and_then(Subject::environment);
        signed.or_else(|| self.job()?.environment.as_deref())
    }

    /// Returns the repository's places among the facts: after a rename it has several.
    pub(super) fn places(self) -> impl Iterator<Item = Place> {
        self.run.places(&self.found.run)
    }

    /// Returns the commit that the run built, as its repository has it.
    pub(super) fn commit(self) -> Option<&'a Commit> {
        self.linked.facts.commit(&self.found.run, self.run)
    }

    /// True when the session acts in production, or its job deployed to an environment that is called so.
    pub(super) fn is_production(self, context: &Context<'_>) -> bool {
        let by_name = || self.environment().and_then(environment::stage) == Some(Stage::Prod);
        self.linked.is_prod(context) || by_name()
    }

    /// Returns the role with which the run changed something in production, as people call it.
    pub(super) fn changed_production(self, context: &Context<'_>) -> Option<String> {
        let by_name = self.environment().and_then(environment::stage) == Some(Stage::Prod);
        let is_there = |role: &&str| by_name || environment::is_prod_role(context, role);
        let sessions = self.linked.entry.descendants().into_iter().filter(|session| session.activity().writes > 0);
        let role = sessions.filter_map(|session| session.role_arn()).find(is_there)?;
        Some(phrase::role(context, role))
    }

    /// Returns who approved the run for an environment.
    pub(super) fn approvals(self, environment: &str) -> impl Iterator<Item = &'a Approval> {
        approvals(self.run, Some(environment), self.linked.entry.issued())
    }

    /// True when no approval means none. They must have been asked for, and the run must have come past them by then: until it
    /// does, none means not yet. The list has no attempts, and may be older than a later one.
    pub(super) fn knows_approvals(self) -> bool {
        let has_begun = || self.job().is_some() || self.attempt().is_some_and(|attempt| attempt.ended.is_some());
        self.found.attempt == Some(1) && self.run.approvals_asked && has_begun()
    }

    /// Returns what an environment asks for now.
    pub(super) fn guard(self, environment: &str) -> Option<&'a Guard> {
        let of_place = |place: Place| {
            let first = (place.clone(), Arc::from(""));
            let guards = self.linked.facts.guards.range(first..).take_while(move |((own, _), _)| *own == place);
            guards.filter(|((_, name), _)| name.eq_ignore_ascii_case(environment)).map(|(_, guard)| guard)
        };
        self.places().find_map(|place| of_place(place).next())
    }

    /// True when an environment asks for a review now, and was not changed after the run began.
    pub(super) fn asked_for_review(self, environment: &str) -> bool {
        let began = self.run.created;
        self.guard(environment).is_some_and(|guard| {
            guard.asks_for_review && guard.updated.zip(began).is_some_and(|(updated, began)| updated <= began)
        })
    }

    /// Returns who started the run, and who started this attempt at it.
    pub(super) fn starters(self) -> impl Iterator<Item = &'a Person> {
        let again = self.attempt().and_then(|attempt| attempt.triggered_by.as_ref());
        self.run.actor.iter().chain(again)
    }

    /// Names who started the run: `octavia`.
    pub(super) fn starter(self) -> Option<&'a Person> {
        self.attempt().and_then(|attempt| attempt.triggered_by.as_ref()).or(self.run.actor.as_ref())
    }

    /// Returns every direct use of the sessions that the run opened.
    pub(super) fn uses(self) -> Vec<Use<'a>> {
        let sessions = self.linked.entry.descendants().into_iter().filter(|session| !session.is_machinery());
        sessions.flat_map(uses::of).collect()
    }
}

/// Returns who approved a run before a session was issued, for an environment when it is known.
pub fn approvals<'r>(
    run: &'r Run,
    environment: Option<&str>,
    issued: Option<Timestamp>,
) -> impl Iterator<Item = &'r Approval> {
    // What came after the session is no approval of it.
    let issued = issued.map(surely_after);
    run.approvals.iter().filter(move |approval| {
        let of = environment.zip(approval.environment.as_deref());
        approval.is_approved
            && approval.at.zip(issued).is_none_or(|(at, issued)| at <= issued)
            && of.is_none_or(|(said, found)| said.eq_ignore_ascii_case(found))
    })
}

/// Returns by how many seconds the last use of some sessions came after the end of the job that began them with `entry`. `None`
/// while another job of the run went on, and where somebody else may have sent what was signed before.
pub fn seconds_after_job<'a>(
    joined: &'a Joined,
    link: &'a RunLink,
    entry: SessionView<'a>,
    sessions: impl Iterator<Item = SessionView<'a>>,
) -> Option<u64> {
    let sure = Linked { facts: &joined.facts, entry, link }.sure()?;
    let ended = sure.ended()?;
    let after = surely_after(sure.attempt_ended()?.max(ended));
    let late = sessions.flat_map(uses::of).filter(|used| used.last > after && !used.may_be_presigned(after));
    late.map(|used| used.last.distance(ended)).max()
}

/// Names the workflows of runs that callers name, as a sentence with a space before it; nothing where the CI system does not
/// say that a job of the run ran at that time.
pub(super) fn workflows<'r>(context: &Context<'_>, named: impl Iterator<Item = (&'r str, Timestamp)>) -> String {
    let Some(facts) = context.ci.map(|ci| &ci.facts) else { return String::new() };
    let mut found: BTreeMap<String, (Timestamp, String)> = BTreeMap::new();
    for (id, at) in named {
        let key = RunKey { system: System::GitHub, host: "github.com".into(), id: id.into() };
        let Some(run) = facts.runs.get(&key).filter(|run| ran_at(run, at)) else { continue };
        let Some((path, repository)) = run.workflow_path.as_deref().zip(run.repositories.first()) else { continue };
        let by = run.actor.as_ref().map(|person| format!(", last started by {}", person.login)).unwrap_or_default();
        let last = found.entry(format!("{repository}/{path}")).or_insert((at, by.clone()));
        if last.0 <= at {
            *last = (at, by);
        }
    }
    let named = phrase::all_of(found.iter().map(|(workflow, (_, by))| format!("{workflow}{by}")));
    if named.is_empty() { named } else { format!(" By the CI system, the workflow that holds the key is {named}.") }
}

fn ran_at(run: &Run, at: Timestamp) -> bool {
    let jobs = run.attempts.values().flat_map(|attempt| attempt.jobs.values());
    jobs.filter(|job| job.has_run).any(|job| {
        let has_begun = job.started.is_some_and(|started| started.plus(-CLOCK_SKEW) <= at);
        has_begun && job.ended.is_none_or(|ended| at <= surely_after(ended))
    })
}
