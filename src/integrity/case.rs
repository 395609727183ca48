//! The case: all digest files that were read, and what their signatures say.

use std::collections::BTreeMap;

use super::Scope;
use super::digest::Digest;
use super::digest::Reading;
use super::keys::Keys;
use super::nexts;
use super::nexts::Nexts;
use super::nexts::Tried;
use crate::model::time::Timestamp;
use crate::model::verdict::Reason;

/// All digest files that were read, each once.
#[derive(Debug, Default)]
pub struct Case {
    pub(super) digests: Vec<Digest>,
    /// Which digest files name a place as the one before them, by that place.
    pub(super) nexts: BTreeMap<String, Nexts>,
    /// Objects in the place of digest files that are none.
    pub(super) strays: Vec<(String, Reason)>,
}

/// What a digest file's signature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// CloudTrail signed this text for this place.
    Fits,
    /// The object's own signature is not one of this text.
    Differs,
    /// The signature that the next digest file gives for it is not one of this text.
    DiffersFromNext,
    /// None of the signatures that were tried is one of this text, and others give more.
    NotTried,
    /// No signature is known.
    Unknown,
    /// There are no keys at all.
    NoKeys,
    /// There are keys, and this one is not among them.
    NoKey,
}

/// Keys to ask for: a region, and from when to when digest files were signed with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The region to ask in.
    pub region: String,
    /// The earliest begin of a digest file.
    pub from: Timestamp,
    /// The latest end of one.
    pub to: Timestamp,
}

impl Case {
    /// Gathers what was read: `(object, reading)`. A digest file that was read twice counts once.
    pub fn gather(readings: impl IntoIterator<Item = (String, Reading)>) -> Self {
        let mut case = Self::default();
        for (object, reading) in readings {
            match reading {
                Reading::Digest(digest) => case.digests.push(*digest),
                Reading::InvalidFormat => case.strays.push((object, Reason::InvalidFormat)),
                Reading::Unreadable => case.strays.push((object, Reason::Unreadable)),
            }
        }
        case.strays.sort();
        case.strays.dedup();
        case.digests.sort_by(|a, b| {
            let rank = |digest: &Digest| (digest.end, digest.place(), digest.sha256, digest.fault.is_some());
            rank(a).cmp(&rank(b)).then_with(|| a.object.cmp(&b.object))
        });
        case.digests.dedup_by(|later, kept| {
            let is_same = later.sha256 == kept.sha256 && later.bucket == kept.bucket && later.key == kept.key;
            if is_same && kept.signature.is_none() {
                kept.signature = later.signature.take();
            }
            is_same
        });
        case.nexts = nexts::gather(&case.digests);
        case
    }

    /// Returns how many digest files there are.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Says whether there is no digest file, and nothing in the place of one.
    pub(super) fn is_bare(&self) -> bool {
        self.digests.is_empty() && self.strays.is_empty()
    }

    /// Returns which keys the digest files of a scope need that are not there yet, by region.
    pub fn wanted(&self, keys: &Keys, scope: &Scope) -> Vec<Wanted> {
        let mut wanted: BTreeMap<&str, (Timestamp, Timestamp)> = BTreeMap::new();
        let needed = |digest: &&Digest| {
            let name = &digest.name;
            let is_asked = scope.has_trail(&name.account, &name.region) && scope.has_span(digest.start, digest.end);
            is_asked && !name.region.is_empty() && !keys.has(&digest.fingerprint)
        };
        for digest in self.digests.iter().filter(needed) {
            let (from, to) = wanted.entry(&digest.name.region).or_insert((digest.start, digest.end));
            *from = digest.start.min(*from);
            *to = digest.end.max(*to);
        }
        wanted.into_iter().map(|(region, (from, to))| Wanted { region: region.to_owned(), from, to }).collect()
    }

    /// Checks the signature of the digest file at this position: its own, else the one that the next digest file gives.
    pub fn signed(&self, at: usize, keys: &Keys) -> Signed {
        let Some(digest) = self.digests.get(at) else { return Signed::Unknown };
        if keys.is_empty() {
            return Signed::NoKeys;
        }
        let fits = |signature: &[u8]| keys.fits(&digest.fingerprint, &digest.signed, signature);
        if let Some(signature) = &digest.signature {
            return match fits(signature) {
                Some(true) => Signed::Fits,
                Some(false) => Signed::Differs,
                None => Signed::NoKey,
            };
        }
        if !keys.has(&digest.fingerprint) {
            return Signed::NoKey;
        }
        let nexts = self.nexts.get(&digest.place());
        let fits = |signature: &[u8]| fits(signature) == Some(true);
        match nexts.map_or(Tried::None, |nexts| nexts.try_on(digest, &self.digests, fits)) {
            Tried::None => Signed::Unknown,
            Tried::Fits => Signed::Fits,
            Tried::Differs => Signed::DiffersFromNext,
            Tried::NotAll => Signed::NotTried,
        }
    }
}
