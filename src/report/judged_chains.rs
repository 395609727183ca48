//! Which findings speak of which chain.

use crate::model::finding::Finding;
use crate::model::width::place;

/// The findings about one thing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) worst: Option<&'a Finding>,
    pub(super) open: u64,
    pub(super) accepted: Option<&'a Finding>,
}

impl<'a> Found<'a> {
    /// Adds a finding; those that count most come first.
    pub(super) fn add(&mut self, finding: &'a Finding) {
        if finding.is_open() {
            self.worst.get_or_insert(finding);
            self.open += 1;
        } else if finding.exception.is_some() {
            self.accepted.get_or_insert(finding);
        }
    }
}

/// The findings about each chain, by its place in the lineage's `by_descent`. Findings speak of runs of chains, and thousands
/// may speak of the same ones, so nobody walks over each chain of each finding.
pub(super) struct OfChains<'a> {
    worst: Vec<Option<&'a Finding>>,
    accepted: Vec<Option<&'a Finding>>,
    /// How many findings are open.
    open: Vec<u64>,
}

impl<'a> OfChains<'a> {
    /// Sorts findings by chains; those that count most come first.
    pub(super) fn of(findings: &[&'a Finding], chains: usize) -> Self {
        let (open, accepted): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| finding.is_open());
        let accepted = accepted.into_iter().filter(|finding| finding.exception.is_some());
        let mut steps = vec![0; chains + 1];
        for (start, end) in open.iter().flat_map(|finding| finding.chain_ids.clone()) {
            for (at, step) in [(start, 1), (end, -1)] {
                if let Some(slot) = steps.get_mut(place(at)) {
                    *slot += step;
                }
            }
        }
        let sums = steps.iter().scan(0i64, |sum, step| {
            *sum += step;
            Some(sum.unsigned_abs())
        });
        let counted = sums.collect();
        Self { worst: first_of(open.into_iter(), chains), accepted: first_of(accepted, chains), open: counted }
    }

    /// Returns what was found about the chain at a place.
    pub(super) fn found(&self, at: usize) -> Found<'a> {
        let finding = |list: &[Option<&'a Finding>]| list.get(at).copied().flatten();
        Found {
            worst: finding(&self.worst),
            accepted: finding(&self.accepted),
            open: self.open.get(at).copied().unwrap_or_default(),
        }
    }
}

/// Returns the first finding about each chain. Each place is filled once: those that are filled are leaped over.
fn first_of<'a>(findings: impl Iterator<Item = &'a Finding>, chains: usize) -> Vec<Option<&'a Finding>> {
    let mut first = vec![None; chains];
    let mut free: Vec<usize> = (0..=chains).collect();
    let mut next_free = |from: usize, filled: bool| {
        let mut at = from;
        if filled && let Some(slot) = free.get_mut(at) {
            *slot = at + 1;
        }
        while let Some(next) = free.get(at).copied().filter(|next| *next != at) {
            let beyond = free.get(next).copied().unwrap_or(next);
            if let Some(slot) = free.get_mut(at) {
                *slot = beyond;
            }
            at = next;
        }
        at
    };
    for finding in findings {
        for (start, end) in finding.chain_ids.clone() {
            let mut at = next_free(place(start), false);
            while at < place(end).min(chains) {
                if let Some(slot) = first.get_mut(at) {
                    *slot = Some(finding);
                }
                at = next_free(at, true);
            }
        }
    }
    first
}
