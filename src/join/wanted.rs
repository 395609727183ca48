//! Which runs do these logs name? Of those alone, evidence is wanted.

use std::collections::BTreeSet;

use super::claim;
use super::claim::Names;
use super::index;
use crate::ci::Facts;
use crate::ci::RunKey;
use crate::ci::System;
use crate::ci::Wanted;
use crate::model::lineage::Lineage;
use crate::model::subject::Subject;

/// Returns the runs that the chains of a lineage name and of which the facts do not hold jobs and approvals, sorted.
pub fn wanted(lineage: &Lineage, facts: Option<&Facts>) -> BTreeSet<Wanted> {
    let known = facts.map(of_others).unwrap_or_default();
    let named = lineage.chains.iter().filter_map(|chain| {
        let claim = claim::of_chain(lineage, chain)?;
        let token = lineage.origin_of(chain).token.as_ref();
        let borne = || token.and_then(Subject::borne).map(Into::into).or_else(|| by_id(token?));
        let repository = claim.repository.clone().or_else(borne)?;
        let (id, attempt) = match claim.names {
            Names::Run(id, attempt) => (id, attempt),
            // A commit leads to the builds with all their jobs.
            _ if claim.system == System::Buildkite => (token?.claim("commit")?.into(), None),
            Names::SignedJob(id) | Names::JobOrRun(id) => (id, None),
            Names::Step { commit, .. } => (commit, None),
        };
        let run = RunKey { system: claim.system, host: claim.host, id };
        Some(Wanted { run, repository, attempt })
    });
    let is_known = |wanted: &Wanted| match wanted.run.system {
        System::GitHub => facts.is_some_and(|facts| is_known(facts, wanted)),
        system => known.contains(&(system, &*wanted.run.host, &*wanted.run.id)),
    };
    named.filter(|wanted| !is_known(wanted)).collect()
}

/// Names a repository whose token has ids only.
fn by_id(token: &Subject) -> Option<Box<str>> {
    Some(format!("{}/{}", token.owner.as_ref()?, token.repository_id.as_ref()?).into())
}

/// Returns the runs, jobs and commits of other systems than GitHub of which nothing more can be learned.
fn of_others(facts: &Facts) -> BTreeSet<(System, &str, &str)> {
    let mut known = BTreeSet::new();
    for (key, run) in facts.runs.iter().filter(|(key, _)| key.system != System::GitHub) {
        let jobs: Vec<&str> = index::jobs_of(key, run).map(|placed| placed.id).collect();
        let is_over = run.attempts.values().all(|attempt| attempt.is_over());
        let ids = jobs.iter().copied().chain([&*key.id]).chain(run.head_sha.as_deref());
        known.extend(ids.filter(|_| is_over && !jobs.is_empty()).map(|id| (key.system, &*key.host, id)));
    }
    known
}

/// True when nothing more can be learned of a run.
fn is_known(facts: &Facts, wanted: &Wanted) -> bool {
    facts.runs.get(&wanted.run).is_some_and(|run| {
        let attempt = match wanted.attempt {
            Some(number) => run.attempts.get(&number),
            None => run.attempts.values().next_back(),
        };
        // What was not over when it was fetched is another now.
        let has_jobs = attempt.is_some_and(|attempt| !attempt.jobs.is_empty() && attempt.is_over());
        run.is_missing || (has_jobs && run.approvals_asked)
    })
}
