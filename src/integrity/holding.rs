//! Who holds: the digest files that name one place as the one before theirs and did not fail, by what they say of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Bound;

use super::digest::Digest;
use super::digest::Previous;

/// Positions by hash and signature.
type BySaid<'c> = BTreeMap<Option<&'c [u8]>, BTreeMap<Option<&'c [u8]>, BTreeSet<usize>>>;

/// Those of one place that did not fail.
#[derive(Debug, Default)]
pub(super) struct Holding<'c>(BySaid<'c>);

impl<'c> Holding<'c> {
    /// Says whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes one in, which says this of the place.
    pub(super) fn add(&mut self, next: usize, said: &'c Previous) {
        let of_hash = self.0.entry(said.hash.as_deref()).or_default();
        of_hash.entry(said.signature.as_deref()).or_default().insert(next);
    }

    /// Takes one out, if it is there.
    pub(super) fn remove(&mut self, next: usize, said: &'c Previous) {
        let Some(of_hash) = self.0.get_mut(&said.hash.as_deref()) else { return };
        let Some(of_both) = of_hash.get_mut(&said.signature.as_deref()) else { return };
        of_both.remove(&next);
        if of_both.is_empty() {
            of_hash.remove(&said.signature.as_deref());
        }
        if of_hash.is_empty() {
            self.0.remove(&said.hash.as_deref());
        }
    }

    /// Returns one that says something else of the place than what this digest file is.
    pub(super) fn unfit(&self, digest: &'c Digest) -> Option<usize> {
        let of_another = other(&self.0, &digest.sha256).and_then(|of_hash| of_hash.values().next());
        let signed_otherwise = || {
            let own = digest.signature.as_deref()?;
            [None, Some(digest.sha256.as_slice())].iter().find_map(|hash| other(self.0.get(hash)?, own))
        };
        of_another.or_else(signed_otherwise)?.first().copied()
    }
}

/// Returns an entry under something else than this, and not under nothing.
fn other<'m, T>(entries: &'m BTreeMap<Option<&[u8]>, T>, own: &'m [u8]) -> Option<&'m T> {
    let below = entries.range((Bound::Excluded(None), Bound::Excluded(Some(own))));
    let above = entries.range((Bound::Excluded(Some(own)), Bound::Unbounded));
    below.chain(above).map(|(_, entry)| entry).next()
}
