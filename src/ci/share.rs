//! What many runs have in common, such as names of repositories and people, is held once.

use super::facts::Attempt;
use super::facts::Job;
use super::facts::Person;
use super::facts::Run;
use super::words::Words;

fn person(words: &mut Words, person: &mut Option<Person>) {
    if let Some(person) = person {
        words.share(&mut person.login);
    }
}

/// Shares what a run says.
pub(super) fn run(words: &mut Words, run: &mut Run) {
    words.share_some([
        &mut run.workflow_path,
        &mut run.name,
        &mut run.event,
        &mut run.head_branch,
        &mut run.head_repository,
    ]);
    person(words, &mut run.actor);
    run.attempts.values_mut().for_each(|attempt| self::attempt(words, attempt));
    let shared = std::mem::take(&mut run.approvals).into_iter().map(|mut approval| {
        words.share(&mut approval.person.login);
        words.share_some([&mut approval.environment]);
        approval
    });
    run.approvals = shared.collect();
    run.repositories = std::mem::take(&mut run.repositories).into_iter().map(|name| words.of(&name)).collect();
}

/// Shares what an attempt says.
pub(super) fn attempt(words: &mut Words, attempt: &mut Attempt) {
    words.share_some([&mut attempt.conclusion]);
    person(words, &mut attempt.triggered_by);
    attempt.jobs.values_mut().for_each(|job| self::job(words, job));
}

/// Shares what a job says.
pub(super) fn job(words: &mut Words, job: &mut Job) {
    words.share_some([&mut job.name, &mut job.key, &mut job.environment, &mut job.runner]);
}
