//! The chains of digest files: who fits whom, trail by trail.

use std::collections::BTreeMap;

use super::Scope;
use super::case::Case;
use super::case::Signed;
use super::digest::Digest;
use super::digest::Fault;
use super::strays::Strays;
use crate::model::integrity::FileCheck;
use crate::model::integrity::Integrity;
use crate::model::integrity::TrailCheck;
use crate::model::verdict::Reason;
use crate::model::verdict::Verdict;

/// The digest files of a scope, by trail, and what is known of each.
pub(super) struct Chains<'c> {
    pub(super) case: &'c Case,
    pub(super) scope: &'c Scope,
    signed: &'c [Signed],
    pub(super) strays: Strays<'c>,
    /// Positions by place. Of one place there are several when different texts were read under its name.
    pub(super) places: BTreeMap<String, Vec<usize>>,
    /// What is known of each digest file, by position.
    reasons: Vec<Option<Reason>>,
    /// Positions by trail (account, region, name, home region), the oldest first.
    pub(super) trails: Vec<Vec<usize>>,
}

impl<'c> Chains<'c> {
    pub(super) fn new(case: &'c Case, signed: &'c [Signed], scope: &'c Scope) -> Self {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut trails: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, digest) in case.digests.iter().enumerate() {
            let name = &digest.name;
            if digest.fault != Some(Fault::Moved) {
                places.entry(digest.place()).or_default().push(at);
            }
            if scope.has_trail(&name.account, &name.region) {
                trails.entry((&name.account, &name.region, &name.trail, &name.home_region)).or_default().push(at);
            }
        }
        let reasons = vec![None; case.digests.len()];
        Self {
            case,
            scope,
            signed,
            strays: Strays::new(&case.strays),
            places,
            reasons,
            trails: trails.into_values().collect(),
        }
    }

    pub(super) fn digest(&self, at: usize) -> Option<&'c Digest> {
        self.case.digests.get(at)
    }

    /// Returns the digest files of a trail that the scope asks about, the oldest first.
    pub(super) fn asked(&self, trail: usize) -> impl Iterator<Item = (usize, &'c Digest)> {
        let positions = self.trails.get(trail).map(Vec::as_slice).unwrap_or_default();
        let digests = positions.iter().filter_map(|at| Some((*at, self.digest(*at)?)));
        digests.filter(|(_, digest)| self.scope.has_span(digest.start, digest.end))
    }

    /// Returns the digest files of a trail that are where they belong, the oldest first, whether asked about or not.
    pub(super) fn standing(&self, trail: usize, is_backfill: bool) -> Vec<&'c Digest> {
        let positions = self.trails.get(trail).map(Vec::as_slice).unwrap_or_default();
        let digests = positions.iter().filter_map(|at| self.digest(*at));
        digests.filter(|digest| digest.is_backfill == is_backfill && digest.fault != Some(Fault::Moved)).collect()
    }

    /// Returns the digest files of a trail that did not fail, whether asked about or not.
    pub(super) fn believed(&self, trail: usize) -> impl Iterator<Item = &'c Digest> {
        let positions = self.trails.get(trail).map(Vec::as_slice).unwrap_or_default();
        positions.iter().filter(|at| self.verdict(**at) != Verdict::Failed).filter_map(|at| self.digest(*at))
    }

    pub(super) fn reason(&self, at: usize) -> Option<&Reason> {
        self.reasons.get(at).and_then(Option::as_ref)
    }

    pub(super) fn verdict(&self, at: usize) -> Verdict {
        self.reason(at).map_or(Verdict::Verified, Reason::verdict)
    }

    /// Judges every digest file, the newest first: what one says of the one before it counts only when it holds itself.
    pub(super) fn judge(&mut self) {
        for at in (0..self.case.digests.len()).rev() {
            let Some(digest) = self.digest(at) else { continue };
            let place = digest.place();
            let nexts: Vec<usize> = self.case.nexts.get(&place).cloned().unwrap_or_default();
            let holding: Vec<usize> = nexts.into_iter().filter(|next| self.verdict(*next) != Verdict::Failed).collect();
            let mut reason = self.judge_alone(at, digest, holding.is_empty());
            for next in holding {
                if !self.fits_next(digest, next) {
                    if reason.is_none() {
                        // The text is CloudTrail's own, so the other one is not.
                        self.fail(next, Reason::PreviousMismatch);
                    } else if reason.as_ref().map(Reason::verdict) == Some(Verdict::NotVerifiable) {
                        reason = Some(Reason::HashMismatch);
                    }
                }
            }
            if let Some(slot) = self.reasons.get_mut(at) {
                *slot = reason;
            }
        }
    }

    fn judge_alone(&self, at: usize, digest: &Digest, is_last: bool) -> Option<Reason> {
        match digest.fault {
            Some(Fault::Moved) => return Some(Reason::Moved),
            Some(Fault::TrailingBytes) => return Some(Reason::TrailingBytes),
            Some(Fault::Signature) => return Some(Reason::SignatureFailed),
            None => {}
        }
        match self.signed.get(at).copied().unwrap_or(Signed::Unknown) {
            Signed::Fits => None,
            // The only one that says so is not to be believed.
            Signed::DiffersFromNext if is_last => Some(Reason::SignatureUnknown),
            Signed::Differs | Signed::DiffersFromNext => Some(Reason::SignatureFailed),
            Signed::Unknown => Some(Reason::SignatureUnknown),
            Signed::NoKeys => Some(Reason::NoKeys),
            Signed::NoKey => Some(Reason::KeyNotFound {
                region: digest.name.region.clone(),
                fingerprint: digest.fingerprint.clone(),
            }),
        }
    }

    /// Says whether a digest file is what the next one says of it.
    fn fits_next(&self, digest: &Digest, next: usize) -> bool {
        let Some(previous) = self.digest(next).and_then(|next| next.previous.as_ref()) else { return true };
        let is_signature = match (&digest.signature, &previous.signature) {
            (Some(own), Some(given)) => own == given,
            _ => true,
        };
        is_signature && previous.hash.as_deref().is_none_or(|hash| hash == digest.sha256)
    }

    fn fail(&mut self, at: usize, reason: Reason) {
        if let Some(slot) = self.reasons.get_mut(at) {
            *slot = Some(reason);
        }
    }

    /// Counts the digest files of a trail.
    pub(super) fn count(&self, trail: usize, integrity: &mut Integrity) -> TrailCheck {
        let mut check = TrailCheck::default();
        let first = self.trails.get(trail).and_then(|trail| self.digest(*trail.first()?));
        if let Some(name) = first.map(|digest| &digest.name) {
            check.account.clone_from(&name.account);
            check.region.clone_from(&name.region);
            check.trail.clone_from(&name.trail);
            check.home_region.clone_from(&name.home_region);
        }
        for (at, digest) in self.asked(trail) {
            let verdict = self.verdict(at);
            let kind = check.add_digest(digest.is_backfill, verdict);
            if digest.fault != Some(Fault::Moved) {
                check.first = Some(check.first.map_or(digest.start, |first| first.min(digest.start)));
                check.last = check.last.max(Some(digest.end));
            }
            if digest.logs.is_empty() && verdict == Verdict::Verified {
                match check.empty.last_mut().filter(|(_, to)| *to >= digest.start) {
                    Some((_, to)) => *to = digest.end.max(*to),
                    None => check.empty.push((digest.start, digest.end)),
                }
            }
            // What its own text says of its place is not to be believed when it was read elsewhere.
            let is_moved = digest.fault == Some(Fault::Moved);
            let file = FileCheck {
                place: if is_moved { digest.object.clone() } else { digest.place() },
                kind,
                reason: self.reason(at).cloned(),
                object: Some(digest.object.clone()),
                trail: Some(trail),
                time: Some(digest.end),
            };
            integrity.note(file, self.scope.lists_all);
        }
        check
    }
}
