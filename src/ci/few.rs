//! Maps and sets of a few: the attempts of a run, the jobs of an attempt, who approved. Most have one element, and there are
//! hundreds of thousands of them: a `BTreeMap` of one takes the room of eleven.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::btree_map;
use std::iter::Chain;
use std::iter::Map;
use std::mem;
use std::vec;

/// So many elements lie in a sorted list, which costs a little to insert into; more lie in a tree.
const FEW: usize = 16;

/// A sorted map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FewMap<K, V> {
    /// Empty when there are many.
    few: Vec<(K, V)>,
    #[expect(clippy::box_collection, reason = "a third of the room where there is none")]
    many: Option<Box<BTreeMap<K, V>>>,
}

/// A sorted set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FewSet<T>(FewMap<T, ()>);

impl<K, V> Default for FewMap<K, V> {
    fn default() -> Self {
        Self { few: Vec::new(), many: None }
    }
}

impl<K, V> FewMap<K, V> {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.few.len() + self.many.as_ref().map_or(0, |many| many.len())
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all, in order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        let many = self.many.iter().flat_map(|many| many.iter());
        self.few.iter().map(|(key, value)| (key, value)).chain(many)
    }

    /// Returns the keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// Returns the values, in order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// Returns the values, to be changed, in order of their keys.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        let many = self.many.iter_mut().flat_map(|many| many.values_mut());
        self.few.iter_mut().map(|(_, value)| value).chain(many)
    }
}

impl<K: Ord, V> FewMap<K, V> {
    /// Returns the value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        match &self.many {
            Some(many) => many.get(key),
            None => self.few.get(place(&self.few, key).ok()?).map(|(_, value)| value),
        }
    }

    /// Returns the value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        match &mut self.many {
            Some(many) => many.get_mut(key),
            None => place(&self.few, key).ok().and_then(|at| self.few.get_mut(at)).map(|(_, value)| value),
        }
    }

    /// True when the key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// Takes a key and its value away.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        match &mut self.many {
            Some(many) => many.remove(key),
            None => place(&self.few, key).ok().map(|at| self.few.remove(at).1),
        }
    }

    /// Returns the value of a key; one that is not there is made.
    #[expect(clippy::indexing_slicing, reason = "it was found there, or put there")]
    pub(super) fn slot(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        if self.many.is_none() && self.few.len() == FEW && place(&self.few, &key).is_err() {
            self.many = Some(Box::new(mem::take(&mut self.few).into_iter().collect()));
        }
        if let Some(many) = &mut self.many {
            return many.entry(key).or_default();
        }
        let at = place(&self.few, &key).unwrap_or_else(|at| {
            // The first is usually the only one.
            self.few.reserve_exact(usize::from(self.few.is_empty()));
            self.few.insert(at, (key, V::default()));
            at
        });
        &mut self.few[at].1
    }
}

/// Finds a key, or where it belongs.
fn place<K: Borrow<Q>, V, Q: Ord + ?Sized>(few: &[(K, V)], key: &Q) -> Result<usize, usize> {
    few.binary_search_by(|(own, _)| own.borrow().cmp(key))
}

impl<K, V> IntoIterator for FewMap<K, V> {
    type Item = (K, V);
    type IntoIter = Chain<vec::IntoIter<(K, V)>, btree_map::IntoIter<K, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.few.into_iter().chain(self.many.map(|many| *many).unwrap_or_default())
    }
}

impl<K: Ord, V: Default> FromIterator<(K, V)> for FewMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Self {
        let mut made = Self::default();
        all.into_iter().for_each(|(key, value)| *made.slot(key) = value);
        made
    }
}

impl<K: Ord, V: Default, const N: usize> From<[(K, V); N]> for FewMap<K, V> {
    fn from(all: [(K, V); N]) -> Self {
        all.into_iter().collect()
    }
}

impl<T> Default for FewSet<T> {
    fn default() -> Self {
        Self(FewMap::default())
    }
}

impl<T> FewSet<T> {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.0.keys()
    }

    /// Returns the first.
    pub fn first(&self) -> Option<&T> {
        self.iter().next()
    }
}

impl<T: Ord> FewSet<T> {
    /// True when this one is there.
    pub fn contains(&self, one: &T) -> bool {
        self.0.contains_key(one)
    }

    /// Adds one.
    pub(super) fn insert(&mut self, one: T) {
        self.0.slot(one);
    }
}

impl<T: Ord> Extend<T> for FewSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, all: I) {
        all.into_iter().for_each(|one| self.insert(one));
    }
}

impl<T> IntoIterator for FewSet<T> {
    type Item = T;
    type IntoIter = Map<<FewMap<T, ()> as IntoIterator>::IntoIter, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(one, ())| one)
    }
}

impl<T: Ord> FromIterator<T> for FewSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut made = Self::default();
        made.extend(all);
        made
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for FewSet<T> {
    fn from(all: [T; N]) -> Self {
        all.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Few or many, in whatever order they come, it is the map that a tree would be.
    #[test]
    fn it_is_a_sorted_map() {
        for count in [0_u64, 1, 2, 15, 16, 17, 40] {
            let mut map = FewMap::default();
            let mut tree = BTreeMap::new();
            for at in (0..count).map(|at| at * 7 % 41) {
                *map.slot(at) += at;
                *map.slot(at) += 1;
                tree.insert(at, at + 1);
            }
            assert!(map.iter().eq(&tree) && map.iter().rev().eq(tree.iter().rev()));
            assert_eq!((map.len(), map.is_empty()), (tree.len(), tree.is_empty()));
            for at in 0..42 {
                assert_eq!(map.get(&at), tree.get(&at));
                assert_eq!(map.get_mut(&at), tree.get_mut(&at));
            }
            assert_eq!(map.remove(&7), tree.remove(&7));
            for (value, expected) in map.values_mut().zip(tree.values_mut()) {
                *value += 1;
                *expected += 1;
            }
            assert!(map.into_iter().eq(tree));
        }
    }
}
