//! Memo: texts about what the expectations list, put together once and not for each finding.

use std::cell::RefCell;
use std::hash::Hash;
use std::rc::Rc;

use crate::model::observations::Map;

/// Texts by what they are about.
pub(super) struct Memo<K>(RefCell<Map<K, Rc<str>>>);

impl<K> Default for Memo<K> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K: Hash + Eq> Memo<K> {
    /// Returns the text about this; it is made when nobody asked before.
    pub(super) fn get(&self, about: K, make: impl FnOnce() -> String) -> Rc<str> {
        Rc::clone(self.0.borrow_mut().entry(about).or_insert_with(|| make().into()))
    }
}
