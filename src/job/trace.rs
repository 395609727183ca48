//! What an id means: everything that a report names by an id is found again, by the whole id or by its beginning.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::address;
use super::answer::Audited;
use super::chains;
use super::who;
use crate::model::chain::SessionId;
use crate::model::event_id::EventId;
use crate::model::lineage::Lineage;
use crate::model::principal::PrincipalId;
use crate::model::width::id_of;
use crate::model::width::place;
use crate::pipeline::RunError;
use crate::provider::ci_run;
use crate::report::again;
use crate::report::found::Found;
use crate::report::found::Means;
use crate::report::found::Thing;

/// As much of an id must be typed.
const FEWEST: usize = 4;

/// How many ids are named when several begin alike.
const MOST_NAMED: usize = 5;

/// Finds what an id means.
pub fn trace(audited: &Audited, typed: &str) -> Result<Found, RunError> {
    let mut search = Search { typed, found: BTreeMap::new() };
    search.all(audited);
    let is_whole = search.found.contains_key(typed);
    search.found.retain(|id, _| !is_whole || id == typed);
    let mut ids = search.found.into_iter();
    let Some((id, meanings)) = ids.next() else { return Err(unknown(audited, typed)) };
    let others: Vec<String> = ids.map(|(id, _)| id).collect();
    if !others.is_empty() {
        let named: Vec<&str> = std::iter::once(&id).chain(&others).take(MOST_NAMED).map(String::as_str).collect();
        let more = others.len() + 1 - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        return Err(RunError::refused(format!(
            "several ids begin with {typed}: {}{more}\n  hint: type more of it, such as `{}`",
            named.join(", "),
            again::command(&["trace", &id], &audited.run)
        )));
    }
    // The nearest meaning counts: of the event that issued a session, that session, and not the one that asked for it.
    let nearest = meanings.iter().map(|(means, _)| *means).min().unwrap_or(Means::Chain);
    let mut things: Vec<Thing> =
        meanings.into_iter().filter(|(means, _)| *means == nearest).map(|(_, thing)| thing).collect();
    // Of sessions the newest come first.
    things.sort_by_key(|thing| match thing {
        Thing::Session(id) => (true, Reverse(audited.outcome.lineage.session(*id).issued())),
        _ => (false, Reverse(None)),
    });
    Ok(Found { id, means: nearest, things })
}

fn unknown(audited: &Audited, typed: &str) -> RunError {
    if typed.len() < FEWEST {
        return RunError::refused(format!(
            "{typed} is too short for the beginning of an id\n  hint: type at least {FEWEST} characters of it; `{}` lists what there is",
            again::command(&["who", "*"], &audited.run)
        ));
    }
    if who::is_name(audited, typed) {
        return RunError::refused(format!(
            "{typed} is no id, but a name in these logs\n  hint: `{}` says who acted there, and `trace` takes the ids that it prints",
            again::command(&["who", typed], &audited.run)
        ));
    }
    RunError::Nothing(format!(
        "nothing in these logs is called {typed}\n  hint: give a chain id (ch-…), an access key id, an event id, a session ARN, a CI run id, an \
         address, the fingerprint of a finding, or the beginning of one; `{}` lists what there is",
        again::command(&["who", "*"], &audited.run)
    ))
}

/// All that fits what was typed, by the whole id.
struct Search<'t> {
    typed: &'t str,
    found: BTreeMap<String, BTreeSet<(Means, Thing)>>,
}

impl Search<'_> {
    fn add(&mut self, id: &str, means: Means, thing: Thing) {
        let is_it = match self.typed.trim_start_matches('*') {
            // A redacted report shows the end of a key alone.
            end if end.len() < self.typed.len() => end.len() >= FEWEST && means.is_key() && id.ends_with(end),
            typed => id == typed || typed.len() >= FEWEST && id.starts_with(typed),
        };
        if is_it {
            self.found.entry(id.to_owned()).or_default().insert((means, thing));
        }
    }

    fn event(&mut self, lineage: &Lineage, id: Option<EventId>, means: Means, thing: Thing) {
        if let Some(id) = id {
            self.add(&id.text(&lineage.observations.symbols), means, thing);
        }
    }

    fn all(&mut self, audited: &Audited) {
        let lineage = &audited.outcome.lineage;
        for chain in &lineage.chains {
            let Some(leaf) = chain.path.last().copied() else { continue };
            self.add(&chain.id.to_string(), Means::Chain, Thing::Session(leaf));
            if let Some(key) = lineage.origin_of(chain).access_key_id.as_deref() {
                self.add(key, Means::Key, Thing::Session(leaf));
            }
            if let Some(run) = ci_run::of_chain(lineage, chain) {
                self.add(&run.run_id, Means::Run, Thing::Session(leaf));
            }
        }
        for (at, route) in lineage.routes.iter().enumerate() {
            self.add(&route.id.to_string(), Means::Route, Thing::Route(at));
        }
        for (at, finding) in audited.outcome.findings.iter().enumerate() {
            self.add(&finding.fingerprint, Means::Finding, Thing::Finding(at));
        }
        for (at, key) in lineage.long_term_keys.iter().enumerate() {
            self.add(lineage.str(key.access_key), Means::Key, Thing::Key(at));
        }
        for (at, run) in lineage.denied.iter().enumerate() {
            for record in &run.records {
                let record = lineage.assumption(*record);
                for id in [record.event_id, record.shared_event_id] {
                    self.event(lineage, id, Means::Denied, Thing::Denied(at));
                }
            }
        }
        self.sessions(lineage);
        self.calls(lineage);
        if let Some(range) = address::Range::parse(self.typed) {
            self.callers_from(&range, lineage);
        }
    }

    /// What was called from an address: each chain once, whichever of its sessions was used there.
    fn callers_from(&mut self, range: &address::Range, lineage: &Lineage) {
        let by_session = chains::passing(lineage, |session| address::of_session(session).any(|at| range.has(at)));
        let leaves = lineage.chains.iter().map(|chain| lineage.leaf(chain).id);
        let leaves = leaves.filter(|leaf| by_session.get(place(leaf.0)).copied().unwrap_or_default());
        let keys = (0..).zip(&lineage.long_term_keys);
        let keys = keys.filter(|(_, key)| address::of_principals(lineage, &key.principals).any(|at| range.has(at)));
        let denied = (0..).zip(&lineage.denied);
        let denied = denied.filter(|(_, run)| address::of_denial(lineage, run).any(|at| range.has(at)));
        let others = who::others(lineage).filter(|id| address::of_principals(lineage, &[*id]).any(|at| range.has(at)));
        let things = leaves.map(Thing::Session).chain(keys.map(|(at, _)| Thing::Key(at)));
        let things = things.chain(denied.map(|(at, _)| Thing::Denied(at))).chain(others.map(Thing::Caller));
        let things: BTreeSet<_> = things.map(|thing| (Means::Address, thing)).collect();
        if !things.is_empty() {
            self.found.entry(self.typed.to_owned()).or_default().extend(things);
        }
    }

    fn sessions(&mut self, lineage: &Lineage) {
        for session in lineage.sessions() {
            let thing = Thing::Session(session.id);
            let record = session.issuing_record();
            let principal = lineage.opt(session.session.principal_id);
            let arn = record.and_then(|record| lineage.opt(record.assumed_role_arn));
            for name in [session.access_key(), principal, arn].into_iter().flatten() {
                self.add(name, Means::Session, thing);
            }
            self.add(&format!("se-{:016x}", session.stable_hash()), Means::Session, thing);
            // Keys and ARNs that only later records carry: the console and services use keys of their own.
            for principal in session.principals().iter().map(|id| lineage.principal(*id)) {
                for name in [principal.access_key, principal.arn].into_iter().filter_map(|sym| lineage.opt(sym)) {
                    self.add(name, Means::Use, thing);
                }
            }
            for evidence in session.issuing_evidence() {
                evidence.event_id.iter().for_each(|id| self.add(id, Means::Issuance, thing));
            }
            self.event(lineage, record.and_then(|record| record.shared_event_id), Means::Issuance, thing);
        }
    }

    /// Calls whose ids were kept: the first and the last of each kind, changes, and the one that the scan watched for.
    fn calls(&mut self, lineage: &Lineage) {
        let keys: BTreeMap<PrincipalId, usize> = lineage
            .long_term_keys
            .iter()
            .enumerate()
            .flat_map(|(at, key)| key.principals.iter().map(move |id| (*id, at)))
            .collect();
        let caller = |id: PrincipalId| {
            let session: Option<SessionId> = lineage.session_of_principal.get(place(id.0)).copied().flatten();
            let key = || keys.get(&id).map(|at| Thing::Key(*at));
            session.map(Thing::Session).or_else(key).unwrap_or(Thing::Caller(id))
        };
        for id in (0..lineage.observations.principals.len()).map(|at| PrincipalId(id_of(at))) {
            let actions = lineage.actions.of(id).iter().map(|(_, tally)| tally);
            for tally in actions.chain(lineage.contacts.of(id).iter().map(|(_, tally)| tally)) {
                for mark in [&tally.first, &tally.last] {
                    self.event(lineage, mark.event_id, Means::Call, caller(id));
                }
            }
        }
        for change in &lineage.observations.changes {
            self.event(lineage, change.event_id, Means::Call, caller(change.caller));
        }
        for (id, event) in &lineage.observations.watched {
            self.event(lineage, Some(*event), Means::Call, caller(*id));
        }
        for record in &lineage.observations.assumptions {
            self.event(lineage, record.event_id, Means::Call, caller(record.caller));
        }
    }
}
