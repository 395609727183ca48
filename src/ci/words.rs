//! Texts that many runs have in common, such as names of repositories and people: each is held once.

use std::collections::HashSet;
use std::sync::Arc;

/// The texts that were met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words(HashSet<Arc<str>>);

impl Words {
    /// Returns the text that is held.
    pub(super) fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }

    /// Puts the text that is held in the place of one.
    pub(super) fn share(&mut self, text: &mut Arc<str>) {
        match self.0.get(text) {
            Some(known) => *text = Arc::clone(known),
            None => drop(self.0.insert(Arc::clone(text))),
        }
    }

    /// As [`share`](Self::share), of those that are there.
    pub(super) fn share_some<'t>(&mut self, texts: impl IntoIterator<Item = &'t mut Option<Arc<str>>>) {
        texts.into_iter().flatten().for_each(|text| self.share(text));
    }
}
