//! What becomes of two sources that speak of the same thing. Whoever comes first, the result is the same.

use std::collections::BTreeSet;

use super::facts::Attempt;
use super::facts::Deployment;
use super::facts::Guard;
use super::facts::Job;
use super::facts::Person;
use super::facts::Run;

/// Begins the name of somebody of whom only the number is known. No login has a space.
const NUMBERED: &str = "user ";

type Disputed = BTreeSet<&'static str>;

/// Keeps a fact: any is better than none, and of two the smaller. Returns false when they differ.
pub(super) fn keep<T: Ord>(kept: &mut Option<T>, said: Option<T>) -> bool {
    match (kept.as_ref(), said) {
        (_, None) => true,
        (None, said) => {
            *kept = said;
            true
        }
        (Some(old), Some(new)) => {
            let is_same = *old == new;
            if new < *old {
                *kept = Some(new);
            }
            is_same
        }
    }
}

/// Keeps a fact that no two files may contradict.
fn fact<T: Ord>(disputed: &mut Disputed, name: &'static str, kept: &mut Option<T>, said: Option<T>) {
    if !keep(kept, said) {
        disputed.insert(name);
    }
}

impl Person {
    /// Returns somebody of whom only the number is known.
    pub(super) fn numbered(id: u64) -> Self {
        Self { login: format!("{NUMBERED}{id}").into(), id: Some(id), is_bot: false }
    }

    /// True for somebody of whom only the number is known.
    pub fn is_numbered(&self) -> bool {
        self.login.starts_with(NUMBERED)
    }

    /// True when two names are one person's: numbers outlive logins.
    pub fn is_same(&self, other: &Self) -> bool {
        match self.id.zip(other.id) {
            Some((one, other)) => one == other,
            None => self.login.eq_ignore_ascii_case(&other.login),
        }
    }
}

/// Keeps a person: the one with a number, and of one number the one with a login, which changes when people rename themselves.
pub(super) fn person(kept: &mut Option<Person>, said: Option<Person>) -> bool {
    let Some(said) = said else { return true };
    let Some(old) = kept else {
        *kept = Some(said);
        return true;
    };
    let rank = |person: &Person| (person.id.is_none(), person.id, person.is_numbered());
    let is_same = old.id.is_none() || said.id.is_none() || old.id == said.id;
    let is_bot = if old.id == said.id && (old.id.is_some() || old.login == said.login) {
        old.is_bot || said.is_bot
    } else if (rank(&said), &said.login) < (rank(old), &old.login) {
        said.is_bot
    } else {
        old.is_bot
    };
    if (rank(&said), &said.login) < (rank(old), &old.login) {
        *old = said;
    }
    old.is_bot = is_bot;
    is_same
}

fn somebody(disputed: &mut Disputed, name: &'static str, kept: &mut Option<Person>, said: Option<Person>) {
    if !person(kept, said) {
        disputed.insert(name);
    }
}

/// Adds what another source says of a run.
pub(super) fn run(kept: &mut Run, said: Run) {
    let disputed = &mut kept.disputed;
    fact(disputed, "repository_id", &mut kept.repository_id, said.repository_id);
    fact(disputed, "number", &mut kept.number, said.number);
    fact(disputed, "workflow_id", &mut kept.workflow_id, said.workflow_id);
    fact(disputed, "workflow_path", &mut kept.workflow_path, said.workflow_path);
    fact(disputed, "event", &mut kept.event, said.event);
    fact(disputed, "head_branch", &mut kept.head_branch, said.head_branch);
    fact(disputed, "head_sha", &mut kept.head_sha, said.head_sha);
    fact(disputed, "head_repository_id", &mut kept.head_repository_id, said.head_repository_id);
    somebody(disputed, "actor", &mut kept.actor, said.actor);
    // Names change, and addresses with them; audit logs write the time of an entry, which is a little later.
    keep(&mut kept.head_repository, said.head_repository);
    keep(&mut kept.name, said.name);
    keep(&mut kept.url, said.url);
    keep(&mut kept.created, said.created);
    for (number, other) in said.attempts {
        attempt(disputed, kept.attempts.slot(number), *other);
    }
    kept.repositories.extend(said.repositories);
    kept.prepared.extend(said.prepared);
    kept.approvals.extend(said.approvals);
    kept.lists.extend(said.lists);
    kept.approvals_asked |= said.approvals_asked;
    kept.approvals_unclear |= said.approvals_unclear;
    kept.is_head_gone |= said.is_head_gone;
    kept.is_missing |= said.is_missing;
    kept.is_shown |= said.is_shown;
    disputed.extend(said.disputed);
}

/// Adds what another source says of an attempt.
///
/// Its end is the time of its last change, which only moves later: the first that was seen is the nearest. How a pipeline of
/// GitLab ended changes when a job of it is tried again.
pub(super) fn attempt(disputed: &mut Disputed, kept: &mut Attempt, said: Attempt) {
    fact(disputed, "attempt.started", &mut kept.started, said.started);
    somebody(disputed, "attempt.triggered_by", &mut kept.triggered_by, said.triggered_by);
    keep(&mut kept.ended, said.ended);
    keep(&mut kept.conclusion, said.conclusion);
    for (id, other) in said.jobs {
        job(disputed, kept.jobs.slot(id), *other);
    }
}

/// Adds what another source says of a job.
pub(super) fn job(disputed: &mut Disputed, kept: &mut Job, said: Job) {
    fact(disputed, "job.key", &mut kept.key, said.key);
    kept.environments.extend(said.environment.clone());
    kept.environments.extend(said.environments);
    keep(&mut kept.environment, said.environment);
    fact(disputed, "job.started", &mut kept.started, said.started);
    fact(disputed, "job.ended", &mut kept.ended, said.ended);
    fact(disputed, "job.is_hosted", &mut kept.is_hosted, said.is_hosted);
    fact(disputed, "job.runner", &mut kept.runner, said.runner);
    keep(&mut kept.name, said.name);
    kept.has_run |= said.has_run;
    kept.is_over |= said.is_over;
    kept.lists.extend(said.lists);
}

/// Adds what another source says of a deployment.
pub(super) fn deployment(kept: &mut Deployment, said: Deployment) {
    keep(&mut kept.place, said.place);
    keep(&mut kept.environment, said.environment);
    kept.jobs.extend(said.jobs);
}

/// Keeps of two states of one environment the later one.
pub(super) fn guard(kept: &mut Guard, said: Guard) {
    let rank = |guard: &Guard| (guard.updated, guard.asks_for_review, guard.refuses_self_review);
    if rank(kept) < rank(&said) {
        *kept = said;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every order of three people, and every repetition, keeps the same one and makes the same dispute.
    #[test]
    fn people_are_kept_whoever_comes_first() {
        let one = |login: &str, id, is_bot| Person { login: login.into(), id, is_bot };
        let people = [
            one("octavia", None, false),
            one("octavia", Some(501), false),
            one("octavia-2", Some(501), true),
            Person::numbered(501),
            one("sam", Some(502), false),
            one("sam", None, true),
        ];
        let merged = |order: &[usize]| {
            let mut kept = None;
            let mut is_same = true;
            for at in order {
                is_same &= person(&mut kept, Some(people[*at].clone()));
            }
            (kept, is_same)
        };
        for a in 0..people.len() {
            for b in 0..people.len() {
                for c in 0..people.len() {
                    let expected = merged(&[a, b, c]);
                    for order in [[a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
                        assert_eq!(merged(&order), expected, "{order:?}");
                    }
                    assert_eq!(merged(&[a, b, c, a, b]), expected);
                }
            }
        }
        assert_eq!(merged(&[3, 2, 1, 0]), (Some(one("octavia", Some(501), true)), true));
        assert!(!merged(&[0, 1, 4]).1);
    }
}
