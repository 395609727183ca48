//! Occurrences: the sessions that say the same thing, gathered so that one match speaks for all of them.

use std::hash::Hash;

use crate::audit::rule::Context;
use crate::model::chains::Chains;
use crate::model::finding::Evidence;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::time::Timestamp;
use crate::model::width::wide;

/// A match hands over more events than a finding keeps, because the fold drops duplicates.
const MAX_SESSIONS: usize = 5;

/// How many hops above a session prove how it came about.
const MAX_HOPS: usize = 16;

/// Sessions that say the same thing, in order of issue. At least one.
pub(super) struct Occurrences<'a> {
    first: SessionView<'a>,
    sessions: Vec<SessionView<'a>>,
}

/// Gathers sessions by what they say. Groups come in the order of their first session.
pub(super) fn gather<'a, K: Hash + Eq + Clone>(
    said: impl Iterator<Item = (K, SessionView<'a>)>,
) -> Vec<(K, Occurrences<'a>)> {
    let mut places: Map<K, usize> = Map::default();
    let mut groups: Vec<(K, Occurrences<'a>)> = Vec::new();
    for (key, session) in said {
        let place = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.sessions.push(session),
            None => groups.push((key, Occurrences { first: session, sessions: vec![session] })),
        }
    }
    groups
}

impl<'a> Occurrences<'a> {
    /// Returns the earliest session.
    pub(super) fn first(&self) -> SessionView<'a> {
        self.first
    }

    /// Returns every session, in order of issue.
    pub(super) fn sessions(&self) -> &[SessionView<'a>] {
        &self.sessions
    }

    /// Returns how many there are.
    pub(super) fn count(&self) -> u64 {
        wide(self.sessions.len())
    }

    /// Returns the chains through any of the sessions.
    pub(super) fn chain_ids(&self, context: &Context<'_>) -> Chains {
        self.sessions.iter().flat_map(|session| context.chain_ids(session.id)).collect()
    }

    /// Returns what proves it: the records that issued the sessions, the first and the last included.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let last = self.sessions.len().saturating_sub(1);
        let wanted = (0..MAX_SESSIONS).map(|at| at * last / (MAX_SESSIONS - 1));
        let mut evidence: Vec<Evidence> =
            wanted.filter_map(|at| self.sessions.get(at)).flat_map(|session| proof(*session)).collect();
        evidence.sort();
        evidence.dedup();
        evidence
    }

    /// Returns what proves a whole chain: the records that issued the first session and all above it, and the record
    /// that issued the last session.
    pub(super) fn chain_evidence(&self) -> Vec<Evidence> {
        let above = self.first.ancestry().take(MAX_HOPS).flat_map(proof);
        above.chain(self.sessions.last().into_iter().flat_map(|session| proof(*session))).collect()
    }

    /// Says when, in words that begin a sentence: `At …`, or `12 times, first at … and last at …`.
    pub(super) fn when(&self) -> String {
        let time = |session: &SessionView<'_>| session.issued();
        let first = self.sessions.iter().find_map(time);
        let last = self.sessions.iter().rev().find_map(time);
        when(self.count(), first, last)
    }
}

/// Says when, in words that begin a sentence.
pub(super) fn when(count: u64, first: Option<Timestamp>, last: Option<Timestamp>) -> String {
    match (count, first, last) {
        (0 | 1, Some(time), _) => format!("At {time}"),
        (0 | 1, None, _) => "At a time that the record does not say".to_owned(),
        (_, Some(first), Some(last)) => format!("{count} times, first at {first} and last at {last}"),
        _ => format!("{count} times"),
    }
}

/// Returns the records that issued a session; for one issued out of sight, its first and last use.
pub(super) fn proof(session: SessionView<'_>) -> Vec<Evidence> {
    let issuing = session.issuing_evidence();
    if !issuing.is_empty() {
        return issuing;
    }
    let lineage = session.lineage();
    let symbols = &lineage.observations.symbols;
    let whole = session.contacts().map(|(_, _, tally)| *tally).reduce(|mut all, tally| {
        all.merge(&tally, symbols);
        all
    });
    let (first, last) = whole.map(|tally| (tally.first, tally.last)).unzip();
    [first, last].into_iter().flatten().map(|mark| lineage.evidence(&mark)).collect()
}
