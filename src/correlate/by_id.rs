//! A value for each session or each principal, found by its id.

use std::marker::PhantomData;
use std::ops::Index;
use std::ops::IndexMut;

use crate::model::chain::SessionId;
use crate::model::principal::PrincipalId;
use crate::model::width::place;

/// A number given from 0 on.
pub(super) trait Id: Copy {
    /// Returns the place that the number means.
    fn at(self) -> usize;
}

impl Id for SessionId {
    fn at(self) -> usize {
        place(self.0)
    }
}

impl Id for PrincipalId {
    fn at(self) -> usize {
        place(self.0)
    }
}

/// A value for each id.
#[derive(Clone, PartialEq)]
pub(super) struct ById<I, T> {
    values: Vec<T>,
    ids: PhantomData<I>,
}

impl<I, T: Clone> ById<I, T> {
    /// Gives each of `count` ids the same value.
    pub(super) fn new(value: T, count: usize) -> Self {
        Self { values: vec![value; count], ids: PhantomData }
    }
}

impl<I: Id, T> Index<I> for ById<I, T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "ids are only given to what is in the list")]
    fn index(&self, id: I) -> &T {
        &self.values[id.at()]
    }
}

impl<I: Id, T> IndexMut<I> for ById<I, T> {
    #[expect(clippy::indexing_slicing, reason = "ids are only given to what is in the list")]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.values[id.at()]
    }
}

impl<I, T> ById<I, T> {
    /// Returns the values in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter()
    }

    /// Returns the values in the order of their ids, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut()
    }
}

impl<I, T> IntoIterator for ById<I, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}
