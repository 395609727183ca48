//! What can be said only when every file is read: where things are of which no file says the host, which job deployed to which
//! environment, when somebody approved.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::answer::PAGE;
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
use super::github_commits;
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
        run.approvals_asked &= !run.approvals_unclear;
        if run.is_missing && run.is_shown {
            run.is_missing = false;
            run.disputed.insert("is_missing");
        }
    }
    deployments(facts);
}

/// The hosts of GitHub that files name, for those that name none: audit logs and streams.
struct Hosts {
    of_runs: BTreeMap<Box<str>, BTreeSet<Arc<str>>>,
    of_places: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    usual: Arc<str>,
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
            for name in run.repositories.iter() {
                found.place(&place(System::GitHub, &key.host, name));
            }
        }
        facts.ids.keys().for_each(|place| found.place(place));
        facts.guards.keys().for_each(|(place, _)| found.place(place));
        facts.deployments.values().filter_map(|one| one.place.as_ref()).for_each(|place| found.place(place));
        let all: BTreeSet<&Arc<str>> = found.of_places.values().flatten().collect();
        if let (Some(only), 1) = (all.first(), all.len()) {
            found.usual = (*only).clone();
        }
        found
    }

    fn place(&mut self, place: &Place) {
        let is_known = |hosts: &BTreeSet<Arc<str>>| hosts.contains(&place.host);
        let is_new = !self.of_places.get(&place.name).is_some_and(is_known);
        if is_new && place.system == System::GitHub && !place.host.is_empty() {
            self.of_places.entry(place.name.clone()).or_default().insert(place.host.clone());
        }
    }

    /// Returns the host of a run or a repository: the only one that has it, or the usual one.
    fn find(&self, run: Option<&str>, name: Option<&str>) -> Arc<str> {
        let only = |hosts: &BTreeSet<Arc<str>>| hosts.first().filter(|_| hosts.len() == 1).cloned();
        let by_run = run.and_then(|id| self.of_runs.get(id)).and_then(only);
        by_run
            .or_else(|| name.and_then(|name| self.of_places.get(name)).and_then(only))
            .unwrap_or_else(|| self.usual.clone())
    }

    fn settle(&self, facts: &mut Facts) {
        let is_nameless = |key: &&RunKey| key.system == System::GitHub && key.host.is_empty();
        let nameless: Vec<RunKey> = facts.runs.keys().filter(is_nameless).cloned().collect();
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
        github_commits::settle(facts, |at| placed(at, None));
        let acts = std::mem::take(&mut facts.acts).into_iter();
        facts.acts =
            acts.map(|act| Act { place: act.place.map(|at| placed(at, act.run_id.as_deref())), ..act }).collect();
    }
}

/// Gives a name to people of whom some files know the number only.
fn people(facts: &mut Facts) {
    let Facts { runs, acts, .. } = facts;
    let mut names: BTreeMap<u64, Arc<str>> = BTreeMap::new();
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
        let attempt = run.attempts.slot(number);
        merge::job(&mut run.disputed, attempt.jobs.slot(id), *job);
    }
    let number = find(nameless.started);
    merge::attempt(&mut run.disputed, run.attempts.slot(number), *nameless);
}

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
    let is_whole = |number: u32, attempt: &Attempt| {
        let jobs = || attempt.jobs.values();
        let is_in = |total: &u64| jobs().all(|job| job.lists.contains(&Some(*total)));
        if jobs().any(|job| job.lists.iter().any(Option::is_some)) {
            counted.iter().any(|(total, attempts)| is_in(total) && has_first(attempts, number))
        } else {
            !attempt.jobs.len().is_multiple_of(PAGE) && jobs().all(|job| job.lists.contains(&None))
        }
    };
    let found: Vec<bool> = run.attempts.iter().map(|(number, attempt)| is_whole(*number, attempt)).collect();
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
    let login = |one: &Approval| one.person.login.to_ascii_lowercase();
    let numbers: BTreeMap<String, u64> =
        run.approvals.iter().filter_map(|one| Some((login(one), one.person.id?))).collect();
    // One file may name somebody by login and number, and another by login alone.
    let key = |one: &Approval| match one.person.id.or_else(|| numbers.get(&login(one)).copied()) {
        Some(number) => (one.is_approved, Some(number), String::new()),
        None => (one.is_approved, None, login(one)),
    };
    let mut decisions: BTreeMap<_, (Vec<Approval>, Vec<Approval>)> = BTreeMap::new();
    for one in std::mem::take(&mut run.approvals) {
        let (timed, answers) = decisions.entry(key(&one)).or_default();
        if one.at.is_some() && one.environment.is_none() { timed.push(one) } else { answers.push(one) }
    }
    for (timed, answers) in decisions.into_values() {
        if answers.is_empty() {
            run.approvals.extend(timed);
            continue;
        }
        let first = timed.iter().filter_map(|one| one.at).min();
        let is_clear = timed.len() == 1 || answers.len() == 1;
        run.approvals.extend(answers.into_iter().map(|answer| {
            let at = answer.at.or(first.filter(|_| is_clear));
            Approval { at, ..answer }
        }));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: u64, attempt: u32, name: &str) -> String {
        format!(
            r#"{{"id":{id},"run_id":7,"run_attempt":{attempt},"name":"{name}","status":"completed","conclusion":"success",
"started_at":"2026-11-10T08:01:00Z","completed_at":"2026-11-10T08:09:00Z","runner_name":"x",
"html_url":"https://github.com/acme/orders/actions/runs/7/job/{id}"}}"#
        )
    }

    /// Returns, by attempt, whether all jobs are here and whether it is over.
    fn known(text: &str) -> Vec<(bool, bool)> {
        let mut facts = Facts::default();
        facts.read("a", text.as_bytes()).unwrap();
        facts.settle();
        let attempts = facts.runs.values().flat_map(|run| run.attempts.values());
        attempts.map(|attempt| (attempt.has_all_jobs(), attempt.is_over())).collect()
    }

    fn page(total: usize, jobs: &[String]) -> String {
        format!(r#"{{"total_count":{total},"jobs":[{}]}}"#, jobs.join(","))
    }

    #[test]
    fn jobs_are_all_here_when_their_list_says_so() {
        let all = [job(1, 1, "build"), job(2, 1, "deploy")];
        let sorted = format!(r#"{{"jobs":[{}],"total_count":3}}"#, all.join(","));
        let event = format!(r#"{{"action":"completed","workflow_job":{},"repository":{{"id":1}}}}"#, all[0]);
        let thirty = (0..30).map(|id| job(id, 1, &format!("part {id}"))).collect::<Vec<_>>();
        for (text, is_whole) in [
            (page(2, &all), true),
            (page(2, &all[..1]) + &page(2, &all[1..]), true),
            (page(3, &all), false),
            (sorted, false),
            (page(1, &all[..1]) + &page(2, &all), true),
            // Nobody counts: a full page may be the first of more.
            (all.join("\n"), true),
            (thirty.join("\n"), false),
            (page(30, &thirty), true),
            // An event speaks of one job.
            (event, false),
        ] {
            assert_eq!(known(&text), [(is_whole, false)], "{text}");
        }
    }

    #[test]
    fn a_list_of_several_attempts_holds_the_first_of_each_job() {
        let both = [job(1, 1, "build"), job(2, 1, "deploy"), job(3, 2, "deploy")];
        assert_eq!(known(&page(3, &both)), [(true, false), (true, false)]);
        // The latest of each job: what failed at first is not among them.
        let latest = [job(1, 1, "build"), job(3, 2, "deploy")];
        assert_eq!(known(&page(2, &latest)), [(false, false), (true, false)]);
    }

    #[test]
    fn what_went_on_as_it_was_fetched_is_not_over() {
        let run = r#"{"id":7,"run_number":1,"run_attempt":1,"head_sha":"abc","status":"completed","conclusion":"success",
"updated_at":"2026-11-10T08:10:00Z","html_url":"https://github.com/acme/orders/actions/runs/7"}"#;
        let done = job(1, 1, "build");
        let begun = run.replace("completed", "in_progress").replace("\"success\"", "null");
        assert_eq!(known(&format!("{run}{}", page(1, std::slice::from_ref(&done)))), [(true, true)]);
        assert_eq!(known(&format!("{begun}{}", page(1, std::slice::from_ref(&done)))), [(true, false)]);
        for status in ["in_progress", "queued", "waiting", "pending"] {
            let other = job(2, 1, "deploy").replace("\"completed\"", &format!("\"{status}\""));
            let other = other.replace("\"success\"", "null").replace("\"2026-11-10T08:09:00Z\"", "null");
            let page = page(2, &[done.clone(), other]);
            assert_eq!(known(&format!("{run}{page}")), [(false, false)], "{status}");
            // A later file knows how it ended.
            let later = format!("{run}{page}{}", super::tests::page(2, &[done.clone(), job(2, 1, "deploy")]));
            assert_eq!(known(&later), [(true, true)], "{status}");
        }
    }

    #[test]
    fn a_job_that_deploys_to_two_environments_may_be_for_either() {
        let deployment = |id: u64, name: &str| {
            format!(
                r#"{{"state":"success","environment":"{name}","log_url":"https://github.com/acme/orders/actions/runs/7/job/1",
"deployment_url":"https://api.github.com/repos/acme/orders/deployments/{id}"}}"#
            )
        };
        let mut facts = Facts::default();
        facts.read("a", (job(1, 1, "deploy") + &deployment(1, "prod") + &deployment(2, "staging")).as_bytes()).unwrap();
        facts.settle();
        let run = facts.runs.values().next().unwrap();
        let job = run.attempts.get(&1).unwrap().jobs.get("1").unwrap();
        assert_eq!(["PROD", "staging", "test"].map(|name| job.may_be_for(name)), [true, true, false]);
        assert!(run.disputed.is_empty() && Job::default().may_be_for("test"));
    }
}
