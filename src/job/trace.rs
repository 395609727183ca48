//! What an id means: a chain, a session, an event, a key, a CI run.

use std::collections::BTreeSet;

use crate::model::chain::Chain;
use crate::model::chain::SessionId;
use crate::model::finding::Evidence;
use crate::model::lineage::Lineage;
use crate::pipeline::RunError;
use crate::provider::ci_run;

/// Finds the sessions that an id means.
pub fn trace(lineage: &Lineage, id: &str) -> Result<Vec<SessionId>, RunError> {
    let found = [by_chain, by_session, by_event, by_use, by_origin_key, by_ci_run]
        .into_iter()
        .map(|find| find(lineage, id))
        .find(|found| !found.is_empty());
    found.map(|found| found.into_iter().collect()).ok_or_else(|| {
        RunError::refused(format!(
            "nothing in these logs is called {id}\n  hint: give a chain id (ch-…), an access key id, an event id, a session ARN or a CI run id; `rolechain chains` lists chains"
        ))
    })
}

fn by_chain(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let chains = lineage.chains.iter().filter(|chain| chain.id.to_string() == id);
    chains.filter_map(|chain| chain.path.last().copied()).collect()
}

fn by_session(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let named = lineage.sessions().filter(|session| {
        let record = session.issuing_record();
        session.access_key() == Some(id)
            || lineage.opt(session.session.principal_id) == Some(id)
            || record.and_then(|record| lineage.opt(record.assumed_role_arn)) == Some(id)
    });
    named.map(|session| session.id).collect()
}

fn by_event(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let is_named = |event: &Evidence| event.event_id.as_deref() == Some(id);
    let issued = lineage.sessions().filter(|session| session.issuing_evidence().iter().any(is_named));
    let mut found: BTreeSet<SessionId> = issued.map(|session| session.id).collect();
    if found.is_empty() {
        // The scan watched for the event, and kept who made it.
        let sessions = &lineage.session_of_principal;
        let watched = lineage.observations.watched.iter();
        found.extend(
            watched.filter_map(|id| usize::try_from(id.0).ok().and_then(|at| sessions.get(at).copied()).flatten()),
        );
    }
    found
}

/// Keys and ARNs that only later records carry: the console and services use keys of their own.
fn by_use(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let named = lineage.sessions().filter(|session| {
        session.principals().iter().any(|principal| {
            let principal = lineage.principal(*principal);
            lineage.opt(principal.access_key) == Some(id) || lineage.opt(principal.arn) == Some(id)
        })
    });
    named.map(|session| session.id).collect()
}

/// A long-term key: the sessions that began with it.
fn by_origin_key(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let began = |chain: &&Chain| lineage.origin_of(chain).access_key_id.as_deref() == Some(id);
    lineage.chains.iter().filter(began).filter_map(|chain| chain.path.last().copied()).collect()
}

fn by_ci_run(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let chains =
        lineage.chains.iter().filter(|chain| ci_run::of_chain(lineage, chain).is_some_and(|run| run.run_id == id));
    chains.filter_map(|chain| chain.path.last().copied()).collect()
}
