//! Which runs do these logs name? Of those alone, evidence is wanted.

use std::collections::BTreeSet;

use super::claim;
use super::claim::Names;
use crate::ci::Facts;
use crate::ci::RunKey;
use crate::ci::Wanted;
use crate::model::lineage::Lineage;
use crate::model::subject::Subject;

/// Returns the runs that the chains of a lineage name and of which the facts do not hold jobs and approvals, sorted.
pub fn wanted(lineage: &Lineage, facts: Option<&Facts>) -> BTreeSet<Wanted> {
    let named = lineage.chains.iter().filter_map(|chain| {
        let claim = claim::of_chain(lineage, chain)?;
        let token = lineage.origin_of(chain).token.as_ref();
        let repository = claim.repository.clone().or_else(|| token.and_then(Subject::borne).map(Into::into))?;
        let (id, attempt) = match claim.names {
            Names::Run(id, attempt) => (id, attempt),
            Names::SignedJob(_) | Names::JobOrRun(_) | Names::Step { .. } => return None,
        };
        let run = RunKey { system: claim.system, host: claim.host, id };
        Some(Wanted { run, repository, attempt })
    });
    named.filter(|wanted| !facts.is_some_and(|facts| is_known(facts, wanted))).collect()
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
