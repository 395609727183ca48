//! A sieve: of entries that each ask for something under some keys, those are found that get what they ask for, and all
//! that ask in vain for one thing are passed over at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::model::globs::Globs;

/// So few entries are asked one by one.
const FEW: usize = 4;

/// How what is asked for is compared with what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// As a glob; case does not matter.
    AnyCase,
    /// As a glob.
    Glob,
    /// It must be the same.
    Same,
}

/// Entries by what they ask for, key by key.
#[derive(Clone, Debug)]
pub(super) enum Sieve<K> {
    /// Entries that are to be asked one by one.
    Few(Vec<usize>),
    /// Entries of which some ask for one key, and none for an earlier one that was not compared yet.
    Branch(Box<Branch<K>>),
}

#[derive(Clone, Debug)]
pub(super) struct Branch<K> {
    key: K,
    /// What is asked for, each once, …
    wanted: Wanted,
    /// … and the entries that ask for it, in the same order.
    asking: Vec<Sieve<K>>,
    /// Those that ask for nothing under this key.
    others: Option<Sieve<K>>,
}

#[derive(Clone, Debug)]
enum Wanted {
    Globs(Globs),
    Texts(BTreeMap<String, usize>),
}

impl Wanted {
    fn new<'p>(texts: impl Iterator<Item = &'p String>, comparison: Comparison) -> Self {
        match comparison {
            Comparison::AnyCase => Self::Globs(Globs::ignoring_case(texts.map(String::as_str))),
            Comparison::Glob => Self::Globs(Globs::new(texts.map(String::as_str))),
            Comparison::Same => Self::Texts(texts.cloned().zip(0..).collect()),
        }
    }

    /// Returns the places of what fits.
    fn fitting(&self, said: &str) -> Vec<usize> {
        match self {
            Self::Globs(globs) => globs.fitting(said).collect(),
            Self::Texts(texts) => texts.get(said).copied().into_iter().collect(),
        }
    }
}

impl<K> Default for Sieve<K> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<K: Clone> Sieve<K> {
    /// Takes entries, of which no two ask for the same, and the keys in the order in which they are compared.
    pub(super) fn new<'e>(
        entries: Vec<usize>,
        keys: &[K],
        comparison: &dyn Fn(&K) -> Comparison,
        asked: &dyn Fn(usize, &K) -> Option<&'e str>,
    ) -> Self {
        let asks = |key: &K| entries.iter().any(|entry| asked(*entry, key).is_some());
        let first = keys.iter().position(asks).and_then(|at| keys.split_at_checked(at)?.1.split_first());
        let Some((key, rest)) = first.filter(|_| entries.len() > FEW) else { return Self::Few(entries) };
        let mut by_wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut others = Vec::new();
        for entry in entries {
            match asked(entry, key) {
                Some(wanted) => by_wanted.entry(wanted.to_owned()).or_default().push(entry),
                None => others.push(entry),
            }
        }
        let wanted = Wanted::new(by_wanted.keys(), comparison(key));
        let of = |entries| Self::new(entries, rest, comparison, asked);
        let others = (!others.is_empty()).then(|| of(others));
        Self::Branch(Box::new(Branch {
            key: key.clone(),
            wanted,
            asking: by_wanted.into_values().map(of).collect(),
            others,
        }))
    }

    /// Calls `refused` for each key, and what is said of it, under which some ask in vain; and `found` for each entry
    /// that is left, of which not all keys were compared.
    pub(super) fn sift<'s>(
        &self,
        said: impl Fn(&K) -> Option<Cow<'s, str>>,
        mut refused: impl FnMut(&K, Option<&str>),
        mut found: impl FnMut(usize) -> ControlFlow<()>,
    ) {
        let mut left = vec![self];
        while let Some(sieve) = left.pop() {
            match sieve {
                Self::Few(entries) => {
                    if entries.iter().try_for_each(|entry| found(*entry)).is_break() {
                        return;
                    }
                }
                Self::Branch(branch) => {
                    let said = said(&branch.key);
                    let fitting = said.as_deref().map(|said| branch.wanted.fitting(said)).unwrap_or_default();
                    if fitting.len() < branch.asking.len() {
                        refused(&branch.key, said.as_deref());
                    }
                    left.extend(fitting.into_iter().filter_map(|at| branch.asking.get(at)).chain(&branch.others));
                }
            }
        }
    }
}
