//! How sure is it that a run made a session?

use std::collections::BTreeSet;

use crate::ci::Attempt;
use crate::ci::Covered;
use crate::ci::Place;
use crate::ci::Run;
use crate::ci::RunKey;
use crate::ci::System;
use crate::join::CLOCK_SKEW;
use crate::join::claim;
use crate::join::claim::Claim;
use crate::join::claim::Names;
use crate::join::index;
use crate::join::index::Index;
use crate::join::index::Placed;
use crate::join::link::Contradiction;
use crate::join::link::Found;
use crate::join::link::Grade;
use crate::join::link::MAX_CANDIDATES;
use crate::join::link::RunLink;
use crate::join::place;
use crate::join::place::Compared;
use crate::model::lineage::SessionView;
use crate::model::subject::Subject;
use crate::model::time::Timestamp;

/// How long GitHub's tokens hold, in seconds: a session may begin so long after its job.
const TOKEN_LIFE: i64 = 300;

/// The session that a job began, and what its records say.
struct Question<'l, 'c> {
    token: Option<&'l Subject>,
    claim: Option<&'c Claim>,
    /// When the session was issued; `None` when that is not in the logs.
    at: Option<Timestamp>,
}

/// Links the first session of a chain.
pub(super) fn link(entry: SessionView<'_>, claim: Option<&Claim>, index: &Index<'_>) -> RunLink {
    let question = Question { token: entry.origin().token.as_ref(), claim, at: entry.issued() };
    match claim.map(|claim| (claim, &claim.names)) {
        Some((claim, Names::Run(id, attempt))) => {
            let key = RunKey { system: claim.system, host: claim.host.clone(), id: id.clone() };
            question.named_run(&key, *attempt, index)
        }
        Some((claim, Names::SignedJob(id))) => match index.job(claim.system, &claim.host, id) {
            Some(placed) => question.named_job(placed),
            None => question.absent(None, index),
        },
        Some((claim, Names::JobOrRun(id))) => {
            let key = RunKey { system: claim.system, host: claim.host.clone(), id: id.clone() };
            match index.job(claim.system, &claim.host, id) {
                // The workflow wrote the id wherever it liked: a number that is none of a job of that time is no claim.
                Some(placed) if question.at.is_none_or(|at| placed.ran_at(at)) => question.named_job(placed),
                None if index.facts.runs.contains_key(&key) => question.named_run(&key, None, index),
                Some(_) | None => question.unnamed(index),
            }
        }
        Some((_, Names::Step { .. })) | None => question.unnamed(index),
    }
}

impl Question<'_, '_> {
    fn place(&self) -> Option<Place> {
        claim::place(self.token, self.claim)
    }

    fn none(&self, grade: Grade) -> RunLink {
        RunLink::none(grade, self.token.is_some())
    }

    /// True when all that speaks against a run is the name of its repository, which may have had the token's name before.
    fn may_be_renamed(&self, run: &Run, contradictions: &[Contradiction], index: &Index<'_>) -> bool {
        let [Contradiction::Repository { said, by_ids: false, .. }] = contradictions else { return false };
        let owner = |name: &str| name.split('/').next().map(str::to_ascii_lowercase);
        let is_of_owner = run.repositories.iter().any(|name| owner(name) == owner(said));
        is_of_owner && self.place().is_some_and(|place| !index.knows(&place))
    }

    fn named_run(&self, key: &RunKey, attempt: Option<u32>, index: &Index<'_>) -> RunLink {
        let is_deleted = index.is_deleted(key);
        // Jobs that were fetched before somebody deleted the run say what they say.
        let has_jobs = |run: &Run| run.attempts.values().any(|attempt| !attempt.jobs.is_empty());
        let is_here = |run: &Run| !run.is_missing && (!is_deleted || has_jobs(run));
        let Some(run) = index.facts.runs.get(key).map(AsRef::as_ref).filter(|run| is_here(run)) else {
            return self.absent(Some(key), index);
        };
        let named = self.claim.and_then(|claim| claim.repository.as_deref());
        let Compared { mut agrees, contradictions } = place::compare(run, self.token, named);
        agrees.insert(0, "run_id");
        // Names change. Where no file knows the token's name, and nothing has an id, a rename is as likely as a lie.
        if self.may_be_renamed(run, &contradictions, index) {
            return self.none(Grade::Unknown);
        }
        let found = |attempt, job| found(key, attempt, job);
        let mut link = RunLink { matched_on: agrees, contradictions, ..self.none(Grade::Strong) };
        if !link.contradictions.is_empty() {
            return RunLink { grade: Grade::Contradicted, found: Some(found(attempt, None)), ..link };
        }
        link.contradictions.extend(is_deleted.then_some(Contradiction::Deleted));
        let known = attempt.filter(|number| run.attempts.contains_key(number));
        if known.is_some() {
            link.matched_on.push("attempt");
        }
        // An attempt that the evidence does not know is the word of the client alone: the time decides.
        let is_asked = |number: u32| known.is_none_or(|asked| asked == number);
        let jobs: Vec<Placed<'_>> = index::jobs_of(key, run)
            .filter(|placed| placed.job.has_run && placed.job.started.is_some() && is_asked(placed.attempt))
            .collect();
        let Some(at) = self.at else { return RunLink { found: Some(found(known, None)), ..link } };
        let in_time: Vec<Placed<'_>> = jobs.iter().copied().filter(|placed| placed.ran_at(at)).collect();
        let in_place: Vec<Placed<'_>> = in_time.iter().copied().filter(|placed| self.fits(placed)).collect();
        match (in_place.as_slice(), in_time.is_empty()) {
            ([only], _) => {
                link.matched_on.push("job_time");
                link.matched_on.extend(self.environment(only));
                let grade = if attempt == known { Grade::Exact } else { Grade::Strong };
                RunLink { grade, found: Some(found(Some(only.attempt), Some(only.id))), ..link }
            }
            // A job that is not here, or has not been seen to end, may be the one.
            ([], false) if !in_time.iter().all(|placed| is_whole(run, placed.attempt)) => {
                RunLink { found: Some(found(known, None)), ..link }
            }
            ([], false) => {
                let said = self.token.and_then(Subject::environment).unwrap_or_default().to_owned();
                let others: BTreeSet<&str> =
                    in_time.iter().filter_map(|placed| placed.job.environment.as_deref()).collect();
                let others = others.into_iter().collect::<Vec<_>>().join(", ");
                link.contradictions.push(Contradiction::Environment { said, found: others });
                RunLink { grade: Grade::Contradicted, found: Some(found(attempt, None)), ..link }
            }
            ([first, ..], _) => {
                link.matched_on.push("run_time");
                let is_one = in_place.iter().all(|placed| placed.attempt == first.attempt);
                RunLink { found: Some(found(is_one.then_some(first.attempt), None)), ..link }
            }
            ([], true) => self.out_of_time(at, key, (run, attempt), &jobs, link),
        }
    }

    /// Links a session to a run of which no job ran when it was issued.
    fn out_of_time(
        &self,
        at: Timestamp,
        key: &RunKey,
        (run, attempt): (&Run, Option<u32>),
        jobs: &[Placed<'_>],
        link: RunLink,
    ) -> RunLink {
        let found = |attempt, job| found(key, attempt, job);
        // A token outlives its job by minutes: a rule says what that means.
        let token_holds = |placed: &&Placed<'_>| {
            placed.job.ended.is_some_and(|ended| ended <= at && at <= ended.plus(TOKEN_LIFE + CLOCK_SKEW))
        };
        let mut late = jobs.iter().filter(|placed| self.fits(placed)).filter(token_holds);
        // A job that is not here, or had not begun when the files were made, may have had the token.
        if let (Some(last), None) = (late.next(), late.next())
            && is_whole(run, last.attempt)
        {
            return RunLink { found: Some(found(Some(last.attempt), Some(last.id))), ..link };
        }
        // Where no attempt is named, one that was made after the files may be meant.
        let last_end =
            run.attempts.values().flat_map(|attempt| attempt.jobs.values()).filter_map(|job| job.ended).max();
        let is_before_end = last_end.is_some_and(|end| at <= end);
        let are_all_here =
            attempt.map_or_else(|| index::are_all_here(run) && is_before_end, |number| is_whole(run, number));
        let is_before_run = run.created.is_some_and(|created| at < created.plus(-CLOCK_SKEW));
        if !are_all_here && !is_before_run {
            let known = attempt.or_else(|| at_attempt(run, at));
            return RunLink { found: Some(found(known, None)), ..link };
        }
        let distance = |placed: &&Placed<'_>| {
            let ends = [placed.job.started, placed.job.ended];
            ends.into_iter().flatten().map(|end| end.distance(at)).min().unwrap_or(u64::MAX)
        };
        let nearest = jobs.iter().min_by_key(distance);
        let started = nearest.and_then(|placed| placed.job.started).or(run.created).unwrap_or(at);
        let ended = nearest.and_then(|placed| placed.job.ended);
        let mut link = RunLink { grade: Grade::Contradicted, found: Some(found(attempt, None)), ..link };
        link.contradictions.push(Contradiction::Time { started, ended });
        link
    }

    /// Links a session to the job that the token, or an id that the workflow wrote, names.
    fn named_job(&self, placed: Placed<'_>) -> RunLink {
        let named = self.claim.and_then(|claim| claim.repository.as_deref());
        let Compared { mut agrees, contradictions } = place::compare(placed.run, self.token, named);
        agrees.insert(0, "job_id");
        let found = Found { run: placed.key.clone(), attempt: Some(placed.attempt), job: Some(placed.id.into()) };
        let mut link =
            RunLink { matched_on: agrees, contradictions, found: Some(found), ..self.none(Grade::Contradicted) };
        let Some(at) = self.at.filter(|_| placed.job.started.is_some()) else {
            let grade = if link.contradictions.is_empty() { Grade::Strong } else { Grade::Contradicted };
            return RunLink { grade, ..link };
        };
        if placed.ran_at(at) {
            link.matched_on.push("job_time");
        } else if !placed.job.ended.is_some_and(|ended| ended <= at && at <= ended.plus(TOKEN_LIFE + CLOCK_SKEW)) {
            let started = placed.job.started.unwrap_or(at);
            link.contradictions.push(Contradiction::Time { started, ended: placed.job.ended });
        }
        if link.contradictions.is_empty() {
            link.grade = Grade::Exact;
        }
        link
    }

    /// Says what it means that the run which the records name is not in the evidence.
    fn absent(&self, key: Option<&RunKey>, index: &Index<'_>) -> RunLink {
        let refuted = |contradiction| {
            let found = key.map(|key| Found { run: key.clone(), attempt: None, job: None });
            RunLink { contradictions: vec![contradiction], found, ..self.none(Grade::Contradicted) }
        };
        if let Some(key) = key {
            if index.is_deleted(key) {
                return refuted(Contradiction::Deleted);
            }
            if index.facts.runs.get(key).is_some_and(|run| run.is_missing) {
                return refuted(Contradiction::NotThere);
            }
        }
        let covered = self.at.zip(self.place()).and_then(|(at, place)| Some((index.covered(&place, at)?, place)));
        match covered {
            Some((covered, place))
                if self.at.is_some_and(|at| Self::must_be_listed((covered, &place), key, at, index)) =>
            {
                let has_hole = index.has_hole(covered, &place);
                refuted(Contradiction::NotListed { has_hole })
            }
            Some(_) => self.none(Grade::Unknown),
            None => self.none(Grade::NotCovered),
        }
    }

    /// True when the evidence would hold a run of this time: every run is in it, and this one cannot be older than all of them.
    fn must_be_listed(of: (&Covered, &Place), key: Option<&RunKey>, at: Timestamp, index: &Index<'_>) -> bool {
        of.0.is_complete_at(at) && key.is_some_and(|key| !index.may_be_older(of, key, at))
    }

    /// Looks for a job that fits a session whose records name no run.
    fn unnamed(&self, index: &Index<'_>) -> RunLink {
        let Some((at, place)) = self.at.zip(self.place()) else {
            return self.none(Grade::NotCovered);
        };
        let step = self.claim.and_then(|claim| match &claim.names {
            Names::Step { commit, key } => Some((&**commit, key.as_deref())),
            _ => None,
        });
        let fitting: Vec<Placed<'_>> = index
            .at(&place, at)
            .into_iter()
            .filter(|placed| {
                self.fits(placed) && place::compare(placed.run, self.token, None).contradictions.is_empty()
            })
            .filter(|placed| step.is_none_or(|step| is_step(placed, step)))
            .collect();
        let covered = index.covered(&place, at);
        let is_complete = covered.is_some_and(|covered| covered.is_complete_at(at) && index::reaches_back(covered, at));
        match fitting.as_slice() {
            // A run whose jobs are not here may have had one.
            // Other systems leave out jobs that were retried, unless they are asked for them.
            [] if is_complete && place.system == System::GitHub && index.has_all_jobs(&place, at) => {
                self.none(Grade::Missing)
            }
            [] if covered.is_some() => self.none(Grade::Unknown),
            [] => self.none(Grade::NotCovered),
            [only] if is_complete || step.is_some() => {
                let found = Found { run: only.key.clone(), attempt: Some(only.attempt), job: Some(only.id.into()) };
                let mut matched_on = place::compare(only.run, self.token, None).agrees;
                matched_on.push("job_time");
                matched_on.extend(self.environment(only));
                matched_on.extend(step.map(|_| "commit"));
                let grade = if step.is_some() { Grade::Exact } else { Grade::Probable };
                RunLink { matched_on, found: Some(found), ..self.none(grade) }
            }
            all => {
                let keys: BTreeSet<&RunKey> = all.iter().map(|placed| placed.key).collect();
                let candidates = keys.into_iter().take(MAX_CANDIDATES).cloned().collect();
                RunLink { candidates, ..self.none(Grade::Ambiguous) }
            }
        }
    }

    /// True when a job may be the one of the token's environment. A job of which no file says the environment may be.
    fn fits(&self, placed: &Placed<'_>) -> bool {
        let Some(said) = self.token.and_then(Subject::environment) else { return true };
        placed.job.may_be_for(said)
    }

    /// Returns the word for an environment that agrees.
    fn environment(&self, placed: &Placed<'_>) -> Option<&'static str> {
        let said = self.token.and_then(Subject::environment)?;
        placed.job.environment.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(said)).then_some("environment")
    }
}

fn found(key: &RunKey, attempt: Option<u32>, job: Option<&str>) -> Found {
    Found { run: key.clone(), attempt, job: job.map(Into::into) }
}

/// True when an attempt is over and all its jobs are here.
fn is_whole(run: &Run, attempt: u32) -> bool {
    run.attempts.get(&attempt).is_some_and(|attempt| attempt.is_over() && attempt.has_all_jobs())
}

/// Returns the attempt that went on at a time, when only one did.
fn at_attempt(run: &Run, at: Timestamp) -> Option<u32> {
    let lasted = |attempt: &Attempt| index::ran_at(attempt.started, attempt.ended, at);
    let mut fitting = run.attempts.iter().filter(|(_, attempt)| lasted(attempt));
    fitting.next().map(|(number, _)| *number).filter(|_| fitting.next().is_none())
}

fn is_step(placed: &Placed<'_>, (commit, key): (&str, Option<&str>)) -> bool {
    let is_commit =
        placed.run.head_sha.as_deref().is_some_and(|sha| sha.starts_with(commit) || commit.starts_with(sha));
    is_commit && key.is_none_or(|key| placed.job.key.as_deref() == Some(key))
}
