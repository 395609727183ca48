//! What digest files say of the one before them, by the place that they name.
//!
//! Whoever writes digest files can let any number of them name one place, and put any number of texts there. So nothing
//! here compares each of the ones with each of the others.

use std::collections::BTreeMap;

use super::digest::Digest;
use super::digest::Previous;

/// How many signatures are tried on the texts of one place in all, besides those that come with a text's own hash.
const TRIES: usize = 1 << 14;

/// The digest files that name one place as the one before theirs.
#[derive(Debug, Default)]
pub(super) struct Nexts {
    /// Their positions: by the hash that they give, and by the signature.
    all: Vec<usize>,
    /// How many texts were read under the name of the place.
    texts: usize,
}

/// What becomes of the signatures that others give for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// There are none.
    None,
    /// One fits.
    Fits,
    /// None of them fits.
    Differs,
    /// None of those that were tried fits, and there are more.
    NotAll,
}

/// Finds out who names which place.
pub(super) fn gather(digests: &[Digest]) -> BTreeMap<String, Nexts> {
    let mut nexts: BTreeMap<String, Nexts> = BTreeMap::new();
    for (at, digest) in digests.iter().enumerate() {
        if let Some(previous) = said(digest) {
            nexts.entry(previous.place.clone()).or_default().all.push(at);
        }
    }
    for digest in digests {
        if let Some(nexts) = nexts.get_mut(&digest.place()) {
            nexts.texts += 1;
        }
    }
    for nexts in nexts.values_mut() {
        nexts.all.sort_by_key(|at| (digests.get(*at).and_then(hash), digests.get(*at).and_then(signature)));
    }
    nexts
}

/// Returns what a digest file says of the one before it. What is at fault itself says nothing.
pub(super) fn said(digest: &Digest) -> Option<&Previous> {
    digest.previous.as_ref().filter(|_| digest.fault.is_none())
}

fn hash(digest: &Digest) -> Option<&[u8]> {
    digest.previous.as_ref()?.hash.as_deref()
}

fn signature(digest: &Digest) -> Option<&[u8]> {
    digest.previous.as_ref()?.signature.as_deref()
}

impl Nexts {
    /// Returns the positions of those that name the place.
    pub(super) fn all(&self) -> &[usize] {
        &self.all
    }

    /// Says whether only one text was read under the name of the place.
    pub(super) fn has_one_text(&self) -> bool {
        self.texts < 2
    }

    /// Tries the signatures that are given for a text: those that come with its hash, which only one text has, and of the
    /// others so many that all texts of the place together do not try too many.
    pub(super) fn try_on(&self, digest: &Digest, digests: &[Digest], fits: impl Fn(&[u8]) -> bool) -> Tried {
        let of = |at: &usize| digests.get(*at);
        let from = self.all.partition_point(|at| of(at).and_then(hash) < Some(&digest.sha256));
        let to = self.all.partition_point(|at| of(at).and_then(hash) <= Some(&digest.sha256));
        let own = self.all.get(from..to).unwrap_or_default();
        let given = |nexts| given(nexts, digests);
        let most = (TRIES / self.texts.max(1)).max(1);
        match () {
            () if given(&self.all).next().is_none() => Tried::None,
            () if given(own).chain(given(&self.all).take(most)).any(fits) => Tried::Fits,
            () if given(&self.all).nth(most).is_some() => Tried::NotAll,
            () => Tried::Differs,
        }
    }
}

/// Returns the signatures that these give, each once with each hash.
fn given<'d>(nexts: &'d [usize], digests: &'d [Digest]) -> impl Iterator<Item = &'d [u8]> {
    let of = |at: &usize| digests.get(*at);
    let same = nexts.chunk_by(move |a, b| {
        of(a).and_then(hash) == of(b).and_then(hash) && of(a).and_then(signature) == of(b).and_then(signature)
    });
    same.filter_map(move |same| signature(of(same.first()?)?))
}
