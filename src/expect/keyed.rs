//! A list of the file whose entries are found by name without asking each.

use std::collections::BTreeMap;
use std::ops::Deref;

/// Entries in the order of the file.
#[derive(Clone, Debug)]
pub struct Keyed<T> {
    all: Vec<T>,
    places: BTreeMap<String, usize>,
}

impl<T> Keyed<T> {
    /// Takes entries, and how each is named. Of two with one name the first counts.
    pub(super) fn new(all: Vec<T>, name: impl Fn(&T) -> String) -> Self {
        let named = all.iter().enumerate().rev();
        Self { places: named.map(|(at, entry)| (name(entry), at)).collect(), all }
    }

    /// Returns the entry of this name.
    pub(super) fn named(&self, name: &str) -> Option<&T> {
        self.all.get(*self.places.get(name)?)
    }
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self { all: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T> Deref for Keyed<T> {
    type Target = [T];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}
