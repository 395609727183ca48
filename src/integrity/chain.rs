//! The chains of digest files: who fits whom, trail by trail.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Scope;
use super::case::Case;
use super::case::Signed;
use super::digest::Digest;
use super::digest::Fault;
use super::holding::Holding;
use super::nexts;
use super::nexts::Nexts;
use super::strays::Strays;
use super::unlisted::Unlisted;
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
    pub(super) unlisted: &'c Unlisted,
    /// The places at which there is a digest file.
    pub(super) places: BTreeSet<String>,
    /// Who holds of those that name a place as the one before theirs, by that place, while digest files are judged.
    holding: BTreeMap<String, Holding<'c>>,
    /// What is known of each digest file, by position.
    reasons: Vec<Option<Reason>>,
    /// Positions by trail (account, region, name, home region), the oldest first.
    pub(super) trails: Vec<Vec<usize>>,
}

impl<'c> Chains<'c> {
    pub(super) fn new(case: &'c Case, signed: &'c [Signed], scope: &'c Scope, unlisted: &'c Unlisted) -> Self {
        let mut places = BTreeSet::new();
        let mut trails: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, digest) in case.digests.iter().enumerate() {
            let name = &digest.name;
            if digest.fault != Some(Fault::Moved) {
                places.insert(digest.place());
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
            unlisted,
            places,
            holding: BTreeMap::new(),
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
            let holding = self.holding(&place);
            let (is_last, is_said_otherwise) = (holding.is_empty(), holding.unfit(digest).is_some());
            let mut reason = self.judge_alone(at, digest, is_last);
            match reason.as_ref().map(Reason::verdict) {
                None => {
                    // The text is CloudTrail's own, so the others are not.
                    while let Some(next) = self.holding(&place).unfit(digest) {
                        self.set(next, Some(Reason::PreviousMismatch));
                    }
                }
                Some(Verdict::NotVerifiable) if is_said_otherwise => reason = Some(Reason::HashMismatch),
                Some(_) => {}
            }
            self.set(at, reason);
            if self.case.nexts.get(&place).is_none_or(Nexts::has_one_text) {
                self.holding.remove(&place);
            }
        }
        self.holding.clear();
    }

    /// Returns the digest files that name a place and did not fail so far. They are gathered when the first text of the
    /// place is judged, and kept up to date for the others.
    fn holding(&mut self, place: &str) -> &Holding<'c> {
        if !self.holding.contains_key(place) {
            let mut holding = Holding::default();
            let nexts = self.case.nexts.get(place).map(Nexts::all).unwrap_or_default();
            for next in nexts.iter().filter(|next| self.verdict(**next) != Verdict::Failed) {
                if let Some(said) = self.digest(*next).and_then(nexts::said) {
                    holding.add(*next, said);
                }
            }
            self.holding.insert(place.to_owned(), holding);
        }
        self.holding.entry(place.to_owned()).or_default()
    }

    fn set(&mut self, at: usize, reason: Option<Reason>) {
        let Some(slot) = self.reasons.get_mut(at) else { return };
        *slot = reason;
        let is_failed = self.verdict(at) == Verdict::Failed;
        let Some(said) = self.digest(at).and_then(nexts::said) else { return };
        if let Some(holding) = self.holding.get_mut(&said.place) {
            if is_failed { holding.remove(at, said) } else { holding.add(at, said) }
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
            Signed::NotTried => Some(Reason::SignatureNotTried),
            Signed::Unknown => Some(Reason::SignatureUnknown),
            Signed::NoKeys => Some(Reason::NoKeys),
            Signed::NoKey => Some(Reason::KeyNotFound {
                region: digest.name.region.clone(),
                fingerprint: digest.fingerprint.clone(),
            }),
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

#[cfg(test)]
mod tests {
    use super::Chains;
    use crate::integrity::Scope;
    use crate::integrity::case::Case;
    use crate::integrity::case::Signed;
    use crate::integrity::digest::Digest;
    use crate::integrity::digest::Fault;
    use crate::integrity::digest::Previous;
    use crate::integrity::digest::Reading;
    use crate::integrity::digest::address;
    use crate::integrity::unlisted::Unlisted;
    use crate::model::time::Timestamp;
    use crate::model::verdict::Reason;
    use crate::model::verdict::Verdict;

    fn digest(key: &str, end: i64, sha256: u8, previous: Option<(&str, Option<u8>, Option<u8>)>) -> Digest {
        let previous = previous.map(|(key, hash, signature)| Previous {
            place: address("b", key),
            bucket: "b".to_owned(),
            key: key.to_owned(),
            hash: hash.map(|byte| vec![byte; 32]),
            signature: signature.map(|byte| vec![byte]),
        });
        Digest {
            object: format!("s3://b/{key}"),
            bucket: "b".to_owned(),
            key: key.to_owned(),
            name: crate::integrity::place::DigestName::default(),
            is_backfill: false,
            start: Timestamp(end - 1),
            end: Timestamp(end),
            fingerprint: String::new(),
            previous,
            logs: Vec::new(),
            sha256: [sha256; 32],
            signed: [0; 32],
            signature: None,
            fault: None,
        }
    }

    fn case(digests: Vec<Digest>) -> Case {
        Case::gather(digests.into_iter().map(|digest| (digest.object.clone(), Reading::Digest(Box::new(digest)))))
    }

    fn judged(case: &Case, signed: &[Signed]) -> Vec<Option<Reason>> {
        let (scope, unlisted) = (Scope::default(), Unlisted::default());
        let mut chains = Chains::new(case, signed, &scope, &unlisted);
        chains.judge();
        chains.reasons
    }

    /// As [`Chains::judge`], each text with each digest file that names its place.
    fn judged_one_by_one(case: &Case, signed: &[Signed]) -> Vec<Option<Reason>> {
        let (scope, unlisted) = (Scope::default(), Unlisted::default());
        let mut chains = Chains::new(case, signed, &scope, &unlisted);
        for at in (0..case.digests.len()).rev() {
            let digest = &case.digests[at];
            let names_it = |next: &&usize| {
                let said = &case.digests[**next];
                said.fault.is_none() && said.previous.as_ref().is_some_and(|said| said.place == digest.place())
            };
            let all: Vec<usize> = (0..case.digests.len()).collect();
            let holding: Vec<usize> =
                all.iter().filter(names_it).copied().filter(|next| chains.verdict(*next) != Verdict::Failed).collect();
            let mut reason = chains.judge_alone(at, digest, holding.is_empty());
            for next in holding {
                let said = case.digests[next].previous.as_ref().unwrap();
                let both = digest.signature.as_ref().zip(said.signature.as_ref());
                let is_fit = both.is_none_or(|(own, given)| own == given)
                    && said.hash.as_deref().is_none_or(|hash| hash == digest.sha256);
                match reason.as_ref().map(Reason::verdict) {
                    _ if is_fit => {}
                    None => chains.reasons[next] = Some(Reason::PreviousMismatch),
                    Some(Verdict::NotVerifiable) => reason = Some(Reason::HashMismatch),
                    Some(_) => {}
                }
            }
            chains.reasons[at] = reason;
        }
        chains.reasons
    }

    #[test]
    fn many_are_judged_as_each_with_each() {
        // Small numbers that look like any: each step of the generator makes one choice.
        let mut state = 1_u64;
        let mut choose = |from: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % from).unwrap()
        };
        for _ in 0..3_000 {
            let digests = (0..10).map(|_| {
                let keys = ["k0", "k1", "k2"];
                let byte = |number: usize| u8::try_from(number).unwrap();
                let some = |number: usize| number.checked_sub(1).map(byte);
                let previous = [None, Some((keys[choose(3)], some(choose(4)), some(choose(3))))][choose(4).min(1)];
                let end = i64::try_from(choose(4)).unwrap();
                let mut digest = digest(keys[choose(3)], end, byte(choose(3)), previous);
                digest.signature = some(choose(3)).map(|byte| vec![byte]);
                digest.fault = [Some(Fault::TrailingBytes), None][choose(8).min(1)];
                digest
            });
            let case = case(digests.collect());
            let all = [Signed::Fits, Signed::Fits, Signed::Unknown, Signed::Differs, Signed::DiffersFromNext];
            let signed: Vec<Signed> = case.digests.iter().map(|_| all[choose(5)]).collect();
            assert_eq!(judged(&case, &signed), judged_one_by_one(&case, &signed));
        }
    }

    /// Comparing each with each would take minutes.
    #[test]
    fn many_texts_of_one_place_are_not_each_compared_with_all_that_name_it() {
        let number = 30_000_u32;
        let text = |at: u32| {
            let mut text = digest("k", 1, 0, None);
            text.sha256[..4].copy_from_slice(&at.to_le_bytes());
            text
        };
        let next = |at: u32| {
            let mut next = digest(&format!("n{at}"), 2, 0, Some(("k", Some(0), None)));
            let hash = next.previous.as_mut().and_then(|previous| previous.hash.as_mut()).unwrap();
            hash[..4].copy_from_slice(&at.to_le_bytes());
            next
        };
        let case = case((0..number).flat_map(|at| [text(at), next(at)]).collect());
        // No text is verified, so that none of those that name the place fails.
        let reasons = judged(&case, &vec![Signed::Unknown; case.len()]);
        assert_eq!(reasons.iter().filter(|reason| **reason == Some(Reason::HashMismatch)).count(), 30_000);
        // All are, and the first that is asked fails all but its own.
        let reasons = judged(&case, &vec![Signed::Fits; case.len()]);
        assert_eq!(reasons.iter().filter(|reason| reason.is_some()).count(), 30_000);
    }

    #[test]
    fn so_many_signatures_are_tried_and_no_more() {
        let number = 2_000_u32;
        let text = |at: u32| {
            let mut text = digest("k", 1, 0, None);
            text.sha256[..4].copy_from_slice(&at.to_le_bytes());
            text
        };
        let next = |at: u32| {
            let mut next = digest(&format!("n{at}"), 2, 0, Some(("k", None, Some(0))));
            next.previous.as_mut().unwrap().signature = Some(at.to_le_bytes().to_vec());
            next
        };
        let (mut asked, mut told) = (0, Vec::new());
        for (texts, nexts) in [(number, number), (1, number), (number, 1)] {
            let case = case((0..texts).map(text).chain((0..nexts).map(next)).collect());
            for digest in case.digests.iter().filter(|digest| digest.key == "k") {
                let counter = std::cell::Cell::new(0);
                let tried = case.nexts[&digest.place()].try_on(digest, &case.digests, |_| {
                    counter.set(counter.get() + 1);
                    false
                });
                asked += counter.get();
                told.push(format!("{tried:?}"));
            }
        }
        told.dedup();
        assert_eq!(told, ["NotAll", "Differs"]);
        assert!(asked <= 4 * number + (1 << 14), "{asked} tries");
    }
}
