//! What can be said only when every file is read: where things are of which no file says the host, which job deployed to which
//! environment, when somebody approved.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::facts::Act;
use super::facts::Approval;
use super::facts::Attempt;
use super::facts::Facts;
use super::facts::Job;
use super::facts::Person;
use super::facts::Place;
use super::facts::Run;
use super::facts::RunKey;
use super::facts::System;
use super::intake::place;
use super::merge;
use crate::model::time::Timestamp;

/// So far apart, in seconds, may be the beginnings of a job that the audit log and the job itself name.
const SAME_BEGINNING: u64 = 30;

/// Puts the facts together.
pub(super) fn settle(facts: &mut Facts) {
    Hosts::of(facts).settle(facts);
    people(facts);
    names(facts);
    for run in facts.runs.values_mut() {
        attempts(run);
        whole(run);
        prepared(run);
        times(run);
        if run.is_missing && run.is_shown {
            run.is_missing = false;
            run.disputed.insert("is_missing");
        }
    }
    deployments(facts);
}

/// The hosts of GitHub that files name, for those that name none: audit logs and streams.
struct Hosts {
    of_runs: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    of_places: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    usual: Box<str>,
}

impl Hosts {
    fn of(facts: &Facts) -> Self {
        let mut found = Self { of_runs: BTreeMap::new(), of_places: BTreeMap::new(), usual: "github.com".into() };
        let runs = facts.runs.iter().filter(|(key, _)| key.system == System::GitHub && !key.host.is_empty());
        // Only what is asked for: ids of runs that no file gives a host.
        let nameless =
            |id: &str| facts.runs.contains_key(&RunKey { system: System::GitHub, host: "".into(), id: id.into() });
        let acts: BTreeSet<&str> = facts.acts.iter().filter_map(|act| act.run_id.as_deref()).collect();
        for (key, run) in runs {
            if nameless(&key.id) || acts.contains(&*key.id) {
                found.of_runs.entry(key.id.clone()).or_default().insert(key.host.clone());
            }
            for name in &run.repositories {
                found.place(&place(System::GitHub, &key.host, name));
            }
        }
        facts.ids.keys().for_each(|place| found.place(place));
        facts.guards.keys().for_each(|(place, _)| found.place(place));
        facts.deployments.values().filter_map(|one| one.place.as_ref()).for_each(|place| found.place(place));
        let all: BTreeSet<&Box<str>> = found.of_places.values().flatten().collect();
        if let (Some(only), 1) = (all.first(), all.len()) {
            found.usual = (*only).clone();
        }
        found
    }

    fn place(&mut self, place: &Place) {
        let is_known = |hosts: &BTreeSet<Box<str>>| hosts.contains(&place.host);
        let is_new = !self.of_places.get(&place.name).is_some_and(is_known);
        if is_new && place.system == System::GitHub && !place.host.is_empty() {
            self.of_places.entry(place.name.clone()).or_default().insert(place.host.clone());
        }
    }

    /// Returns the host of a run or a repository: the only one that has it, or the usual one.
    fn find(&self, run: Option<&str>, name: Option<&str>) -> Box<str> {
        let only = |hosts: &BTreeSet<Box<str>>| hosts.first().filter(|_| hosts.len() == 1).cloned();
        let by_run = run.and_then(|id| self.of_runs.get(id)).and_then(only);
        by_run
            .or_else(|| name.and_then(|name| self.of_places.get(name)).and_then(only))
            .unwrap_or_else(|| self.usual.clone())
    }

    fn settle(&self, facts: &mut Facts) {
        let begin = RunKey { system: System::GitHub, host: "".into(), id: "".into() };
        let nameless: Vec<RunKey> =
            facts.runs.range(begin..).map(|(key, _)| key).take_while(|key| key.host.is_empty()).cloned().collect();
        for mut key in nameless {
            let Some(run) = facts.runs.remove(&key) else { continue };
            let name = run.repositories.first().map(|name| name.to_ascii_lowercase());
            key.host = self.find(Some(&key.id), name.as_deref());
            merge::run(facts.runs.entry(key).or_default(), *run);
        }
        let placed = |place: Place, run: Option<&str>| match place.system {
            System::GitHub if place.host.is_empty() => Place { host: self.find(run, Some(&place.name)), ..place },
            _ => place,
        };
        for (place, ids) in std::mem::take(&mut facts.ids) {
            facts.ids.entry(placed(place, None)).or_default().extend(ids);
        }
        let acts = std::mem::take(&mut facts.acts).into_iter();
        facts.acts =
            acts.map(|act| Act { place: act.place.map(|at| placed(at, act.run_id.as_deref())), ..act }).collect();
    }
}

/// Gives a name to people of whom some files know the number only.
fn people(facts: &mut Facts) {
    let Facts { runs, deployments, acts, .. } = facts;
    let mut names: BTreeMap<u64, Box<str>> = BTreeMap::new();
    let mut learn = |person: &Person| {
        let Some(id) = person.id.filter(|_| !person.is_numbered()) else { return };
        let name = names.entry(id).or_insert_with(|| person.login.clone());
        if person.login < *name {
            *name = person.login.clone();
        }
    };
    let github = |key: &RunKey| key.system == System::GitHub;
    for run in runs.iter().filter(|(key, _)| github(key)).map(|(_, run)| run) {
        run.actor.iter().for_each(&mut learn);
        run.attempts.values().filter_map(|one| one.triggered_by.as_ref()).for_each(&mut learn);
        run.approvals.iter().for_each(|one| learn(&one.person));
    }
    acts.iter().filter_map(|act| act.actor.as_ref()).for_each(&mut learn);
    let is_github = |place: &Option<Place>| place.as_ref().is_some_and(|place| place.system == System::GitHub);
    let made = deployments.values().filter(|one| is_github(&one.place));
    made.filter_map(|one| one.creator.as_ref()).for_each(&mut learn);
    for person in runs.iter_mut().filter(|(key, _)| github(key)).filter_map(|(_, run)| run.actor.as_mut()) {
        if let Some(name) = person.id.filter(|_| person.is_numbered()).and_then(|id| names.get(&id)) {
            person.login = name.clone();
            person.is_bot |= name.ends_with("[bot]");
        }
    }
}

/// Gives a name to repositories of which some files know the id only.
fn names(facts: &mut Facts) {
    let mut places: BTreeMap<(System, &str, u64), BTreeSet<&Place>> = BTreeMap::new();
    for (place, ids) in &facts.ids {
        for id in ids {
            places.entry((place.system, &place.host, *id)).or_default().insert(place);
        }
    }
    for (key, run) in facts.runs.iter_mut().filter(|(_, run)| run.repositories.is_empty()) {
        let Some(id) = run.repository_id else { continue };
        let found = places.get(&(key.system, &*key.host, id)).into_iter().flatten();
        run.repositories.extend(found.map(|place| place.name.clone()));
    }
}

/// Finds the attempts of jobs that name none: the only one, or the last that began before them.
fn attempts(run: &mut Run) {
    let Some(mut nameless) = run.attempts.remove(&0) else { return };
    let jobs = std::mem::take(&mut nameless.jobs);
    let known: Vec<_> = run.attempts.iter().map(|(number, attempt)| (*number, attempt.started)).collect();
    let find = |started: Option<_>| match known.as_slice() {
        [] => 1,
        [(only, _)] => *only,
        [(first, _), ..] => {
            let before = known.iter().rev().find(|(_, began)| began.is_some() && *began <= started);
            before.map_or(*first, |(number, _)| *number)
        }
    };
    for (id, job) in jobs {
        let holder = run.attempts.iter().find(|(_, attempt)| attempt.jobs.contains_key(&id)).map(|(number, _)| *number);
        let number = holder.unwrap_or_else(|| find(job.started));
        let attempt = run.attempts.entry(number).or_default();
        merge::job(&mut run.disputed, attempt.jobs.entry(id).or_default(), *job);
    }
    let number = find(nameless.started);
    merge::attempt(&mut run.disputed, run.attempts.entry(number).or_default(), *nameless);
}

/// Systems give so many objects as one page, or a multiple of so many: GitHub 30 or 100, GitLab 20, Bitbucket 10.
const PAGE: usize = 10;

/// Finds the attempts all jobs of which are here.
fn whole(run: &mut Run) {
    let jobs =
        || run.attempts.iter().flat_map(|(number, attempt)| attempt.jobs.values().map(move |job| (*number, job)));
    let mut counted: BTreeMap<u64, BTreeMap<u32, BTreeSet<&str>>> = BTreeMap::new();
    let mut held: BTreeMap<u64, u64> = BTreeMap::new();
    for (number, job) in jobs() {
        for total in job.lists.iter().flatten() {
            *held.entry(*total).or_default() += 1;
            counted.entry(*total).or_default().entry(number).or_default().extend(job.name.as_deref());
        }
    }
    counted.retain(|total, _| held.get(total) == Some(total));
    // A list of all attempts holds what ran again under its first attempt, too. A list of the latest attempt may fill up with
    // earlier jobs that did not run again: then the earlier attempt is not whole.
    let has_first = |attempts: &BTreeMap<u32, BTreeSet<&str>>, number| {
        let latest = attempts.last_key_value();
        let own = attempts.get(&number);
        latest
            .zip(own)
            .is_some_and(|((latest, names), own)| *latest == number || (!names.is_empty() && names.is_subset(own)))
    };
    let is_whole = |(number, attempt): (&u32, &Box<Attempt>)| {
        let jobs = || attempt.jobs.values();
        let is_in = |total: &u64| jobs().all(|job| job.lists.contains(&Some(*total)));
        if jobs().any(|job| job.lists.iter().any(Option::is_some)) {
            counted.iter().any(|(total, attempts)| is_in(total) && has_first(attempts, *number))
        } else {
            !attempt.jobs.len().is_multiple_of(PAGE) && jobs().all(|job| job.lists.contains(&None))
        }
    };
    let found: Vec<bool> = run.attempts.iter().map(is_whole).collect();
    for (attempt, is_whole) in run.attempts.values_mut().zip(found) {
        attempt.are_jobs_whole = is_whole;
    }
}

/// Gives a job what the audit log says of one of its name that began at its time, where there is one such job.
fn prepared(run: &mut Run) {
    for one in &run.prepared {
        let jobs = run.attempts.values_mut().flat_map(|attempt| attempt.jobs.values_mut());
        let is_it = |job: &Job| {
            let began = |began: Timestamp| began.distance(one.at) <= SAME_BEGINNING;
            job.name.as_ref() == Some(&one.name) && job.started.is_some_and(began)
        };
        let mut fitting = jobs.filter(|job| is_it(job));
        let (Some(job), None) = (fitting.next(), fitting.next()) else { continue };
        let said = Job { environment: one.environment.clone(), is_hosted: one.is_hosted, ..Job::default() };
        merge::job(&mut run.disputed, job, said);
    }
}

/// Gives approvals the times of the audit log, which names no environment.
///
/// Whoever decided several times about several environments decided at times that cannot be matched: those stay without.
fn times(run: &mut Run) {
    let is_timed = |one: &Approval| one.at.is_some() && one.environment.is_none();
    let timed: Vec<Approval> = run.approvals.iter().filter(|one| is_timed(one)).cloned().collect();
    let same = |a: &Approval, b: &Approval| a.is_approved == b.is_approved && a.person.is(&b.person);
    for entry in &timed {
        let of_person = |one: &&Approval| same(one, entry) && !is_timed(one);
        let answers: Vec<Approval> = run.approvals.iter().filter(of_person).cloned().collect();
        let first = timed.iter().filter(|one| same(one, entry)).map(|one| one.at).min().flatten();
        let entries = timed.iter().filter(|one| same(one, entry)).count();
        if answers.is_empty() {
            continue;
        }
        run.approvals.remove(entry);
        for mut answer in answers.iter().filter(|_| entries == 1 || answers.len() == 1).cloned() {
            run.approvals.remove(&answer);
            answer.at = answer.at.or(first);
            run.approvals.insert(answer);
        }
    }
}

/// Gives jobs the environments that their deployments name.
fn deployments(facts: &mut Facts) {
    for ((host, _), one) in &facts.deployments {
        let Some(system) = one.place.as_ref().map(|place| place.system) else { continue };
        for (run, job) in &one.jobs {
            let key = RunKey { system, host: host.clone(), id: run.clone() };
            let (Some(run), Some(id)) = (facts.runs.get_mut(&key), job) else { continue };
            let mut jobs = run.attempts.values_mut().filter_map(|attempt| attempt.jobs.get_mut(id));
            if let Some(job) = jobs.next() {
                merge::job(&mut run.disputed, job, Job { environment: one.environment.clone(), ..Job::default() });
            }
        }
    }
}
