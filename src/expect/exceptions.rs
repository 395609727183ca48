//! The exceptions, found by what they match without asking each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::ops::Deref;

use super::exception::Exception;
use super::sieve::Comparison;
use super::sieve::Sieve;
use crate::model::glob::Glob;

/// A part of a match: its name, and which one of those that people write for it.
type Part = (String, usize);

/// Every `[[exception]]`, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    all: Vec<Exception>,
    /// The places of those for one rule that match the same, by number.
    alike: Vec<Vec<usize>>,
    /// Those numbers, by rule and match.
    by_match: BTreeMap<(String, String), usize>,
    by_rule: BTreeMap<String, Sieve<Part>>,
}

impl Exceptions {
    pub(super) fn new(all: Vec<Exception>) -> Self {
        let mut alike: Vec<Vec<usize>> = Vec::new();
        let mut by_match = BTreeMap::new();
        for (at, exception) in all.iter().enumerate() {
            let number = *by_match.entry((exception.detection.clone(), exception.matched())).or_insert(alike.len());
            match alike.get_mut(number) {
                Some(known) => known.push(at),
                None => alike.push(vec![at]),
            }
        }
        let first = |number: usize| all.get(*alike.get(number)?.first()?);
        let mut rules: BTreeMap<String, (Vec<usize>, BTreeSet<Part>)> = BTreeMap::new();
        for (number, exception) in (0..alike.len()).filter_map(|number| Some((number, first(number)?))) {
            let (numbers, parts) = rules.entry(exception.detection.clone()).or_default();
            numbers.push(number);
            parts.extend(parts_of(exception).map(|(name, turn, _)| (name.to_owned(), turn)));
        }
        let asked = |number: usize, part: &Part| {
            let mut parts = parts_of(first(number)?);
            parts.find(|(name, turn, _)| *name == part.0 && *turn == part.1).map(|(.., glob)| glob.as_str())
        };
        let sieve = |(rule, (numbers, parts)): (String, (Vec<usize>, BTreeSet<Part>))| {
            let parts: Vec<Part> = parts.into_iter().collect();
            (rule, Sieve::new(numbers, &parts, &|_| Comparison::Glob, &asked))
        };
        let by_rule = rules.into_iter().map(sieve).collect();
        Self { all, alike, by_match, by_rule }
    }

    /// Returns those that speak of a finding of `rule` whose key has these parts, as numbers of [`Self::alike`].
    pub fn covering<'k>(&self, rule: &str, key: impl Fn(&str) -> Option<&'k str>) -> Vec<usize> {
        let mut covering = Vec::new();
        let Some(sieve) = self.by_rule.get(rule) else { return covering };
        let covers = |exception: &Exception| exception.covers(rule, &key);
        sieve.sift(
            |(name, _)| key(name).map(Cow::Borrowed),
            |_, _| {},
            |number| {
                covering.extend(self.alike(number).next().filter(|(_, first)| covers(first)).map(|_| number));
                ControlFlow::Continue(())
            },
        );
        covering
    }

    /// Returns those of one number, with their places: for one rule, and with one match.
    pub fn alike(&self, number: usize) -> impl Iterator<Item = (usize, &Exception)> {
        let places = self.alike.get(number).into_iter().flatten();
        places.filter_map(|at| Some((*at, self.all.get(*at)?)))
    }

    /// Returns the first for a rule with this match, as [`Exception::matched`] tells it.
    pub(super) fn matching(&self, rule: &str, matched: &str) -> Option<&Exception> {
        let number = self.by_match.get(&(rule.to_owned(), matched.to_owned()))?;
        self.alike(*number).next().map(|(_, exception)| exception)
    }
}

/// Returns the parts of a match: name, which one of that name, and glob.
fn parts_of(exception: &Exception) -> impl Iterator<Item = (&str, usize, &Glob)> {
    let earlier = |name: &str, at: usize| exception.parts().take(at).filter(|(other, _)| *other == name).count();
    exception.parts().enumerate().map(move |(at, (name, glob))| (name, earlier(name, at), glob))
}

impl Deref for Exceptions {
    type Target = [Exception];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}
