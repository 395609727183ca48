//! Texts that many runs have in common, such as names of repositories and people: each is held once.

use std::collections::HashSet;
use std::sync::Arc;

use super::facts::Attempt;
use super::facts::Job;
use super::facts::Person;
use super::facts::Run;

/// The texts that were met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words(HashSet<Arc<str>>);

impl Words {
    /// Returns the text that is held.
    pub(super) fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }

    fn share(&mut self, text: &mut Arc<str>) {
        match self.0.get(text) {
            Some(known) => *text = Arc::clone(known),
            None => drop(self.0.insert(Arc::clone(text))),
        }
    }

    fn share_some<'t>(&mut self, texts: impl IntoIterator<Item = &'t mut Option<Arc<str>>>) {
        texts.into_iter().flatten().for_each(|text| self.share(text));
    }

    fn person(&mut self, person: &mut Option<Person>) {
        if let Some(person) = person {
            self.share(&mut person.login);
        }
    }

    /// Shares what a run says.
    pub(super) fn run(&mut self, run: &mut Run) {
        self.share_some([
            &mut run.workflow_path,
            &mut run.name,
            &mut run.event,
            &mut run.head_branch,
            &mut run.head_repository,
        ]);
        self.person(&mut run.actor);
        run.attempts.values_mut().for_each(|attempt| self.attempt(attempt));
        let shared = std::mem::take(&mut run.approvals).into_iter().map(|mut approval| {
            self.share(&mut approval.person.login);
            self.share_some([&mut approval.environment]);
            approval
        });
        run.approvals = shared.collect();
        run.repositories = std::mem::take(&mut run.repositories).into_iter().map(|name| self.of(&name)).collect();
    }

    /// Shares what an attempt says.
    pub(super) fn attempt(&mut self, attempt: &mut Attempt) {
        self.share_some([&mut attempt.conclusion]);
        self.person(&mut attempt.triggered_by);
        attempt.jobs.values_mut().for_each(|job| self.job(job));
    }

    /// Shares what a job says.
    pub(super) fn job(&mut self, job: &mut Job) {
        self.share_some([&mut job.name, &mut job.key, &mut job.environment, &mut job.runner]);
    }
}
