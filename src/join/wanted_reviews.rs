//! Of which runs does it matter who reviewed their commits, and is not known?

use std::collections::BTreeSet;

use super::claim;
use super::claim::Names;
use crate::ci::Facts;
use crate::ci::Merged;
use crate::ci::RunKey;
use crate::ci::System;
use crate::model::chain::Chain;
use crate::model::chain::SessionId;
use crate::model::lineage::Lineage;

/// Returns the runs of GitHub that the chains of some sessions name and of whose commits the facts do not hold the reviews.
pub fn wanted_reviews(lineage: &Lineage, facts: Option<&Facts>, sessions: &BTreeSet<SessionId>) -> BTreeSet<RunKey> {
    let leads_there = |chain: &&Chain| chain.path.iter().any(|session| sessions.contains(session));
    let named = lineage.chains.iter().filter(leads_there).filter_map(|chain| {
        let claim = claim::of_chain(lineage, chain).filter(|claim| claim.system == System::GitHub)?;
        match claim.names {
            Names::Run(id, _) => Some(RunKey { system: claim.system, host: claim.host, id }),
            _ => None,
        }
    });
    named.filter(|key| !facts.is_some_and(|facts| is_known(facts, key))).collect()
}

/// True when nothing more can be learned, or nothing at all.
fn is_known(facts: &Facts, key: &RunKey) -> bool {
    let Some(run) = facts.runs.get(key) else { return false };
    let is_of_pull = |event: &str| event.starts_with("pull_request") || event == "merge_group";
    let commit = facts.commit(key, run);
    // While a pull request is open, and while none is known, somebody may still review, merge or open one.
    let is_reviewed = |key| {
        let pull = facts.pulls.get(key);
        pull.is_some_and(|pull| {
            pull.reviews_asked && pull.states.iter().any(|state| matches!(state.merged, Merged::At(_)))
        })
    };
    let has_reviews = commit.is_some_and(|one| !one.pulls.is_empty() && one.pulls.iter().all(is_reviewed));
    run.is_missing || run.event.as_deref().is_some_and(is_of_pull) || has_reviews
}
