//! Lists of patterns in the file that are asked as one, without asking each.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Deref;

use super::arn;
use super::arn::ArnPattern;
use crate::model::glob::Glob;
use crate::model::globs::Globs;

/// Globs in the order of the file; letters of either case fit.
#[derive(Clone, Debug, Default)]
pub struct GlobList {
    all: Vec<Glob>,
    globs: Globs,
    /// As written, in lower case.
    written: BTreeSet<String>,
}

impl GlobList {
    pub(super) fn new(all: Vec<Glob>) -> Self {
        let written = all.iter().map(|glob| glob.as_str().to_ascii_lowercase()).collect();
        Self { globs: Globs::ignoring_case(all.iter().map(Glob::as_str)), written, all }
    }

    /// True when one of them is written like this, in letters of either case: others may fit it, and do not name it.
    pub fn names(&self, text: &str) -> bool {
        self.written.contains(&text.to_ascii_lowercase())
    }

    /// True when the whole of `text` fits one of them.
    pub fn fits(&self, text: &str) -> bool {
        self.globs.fitting(text).next().is_some()
    }
}

impl Deref for GlobList {
    type Target = [Glob];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

/// Names in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameList {
    all: Vec<String>,
    known: BTreeSet<String>,
}

impl NameList {
    pub(super) fn new(all: Vec<String>) -> Self {
        Self { known: all.iter().cloned().collect(), all }
    }

    /// True when this name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.known.contains(name)
    }
}

impl Deref for NameList {
    type Target = [String];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

/// Patterns of roles or users, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct ArnList {
    all: Vec<ArnPattern>,
    globs: Globs,
    /// The places of those without wildcards, by account, kind and name.
    by_name: BTreeMap<String, Vec<usize>>,
}

impl ArnList {
    pub(super) fn new(all: Vec<ArnPattern>) -> Self {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, pattern) in all.iter().enumerate().filter(|(_, pattern)| pattern.is_literal()) {
            by_name.entry(arn::account_and_name(pattern.as_str()).unwrap_or_default()).or_default().push(at);
        }
        Self { globs: Globs::new(all.iter().map(ArnPattern::as_str)), by_name, all }
    }

    /// Returns the places of those that fit, or that name the same role or user with its path left out.
    pub(super) fn matching(&self, arn: &str) -> impl Iterator<Item = usize> {
        let of_name = arn::account_and_name(arn).and_then(|name| self.by_name.get(&name));
        let has_same_name = |at: &usize| self.all.get(*at).is_some_and(|pattern| pattern.has_same_name(arn));
        self.globs.fitting(arn).chain(of_name.into_iter().flatten().copied().filter(has_same_name))
    }

    /// True when one of them fits, or names the same role or user with its path left out.
    pub fn has(&self, arn: &str) -> bool {
        self.matching(arn).next().is_some()
    }
}

impl Deref for ArnList {
    type Target = [ArnPattern];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}
