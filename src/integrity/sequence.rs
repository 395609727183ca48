//! What is missing between the digest files of one trail: files that others name, and hours.

use std::collections::BTreeSet;

use super::chain::Chains;
use super::digest::Digest;
use super::digest::Previous;
use crate::model::integrity::DigestGap;
use crate::model::integrity::FileCheck;
use crate::model::integrity::GapKind;
use crate::model::integrity::Integrity;
use crate::model::integrity::TrailCheck;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;
use crate::model::verdict::Reason;
use crate::model::verdict::Verdict;

/// Digest files that end and begin this close to each other follow each other.
const SLACK: i64 = 300;

/// Finds missing digest files and hours of one trail.
pub(super) fn find(chains: &Chains<'_>, trail: usize, check: &mut TrailCheck, integrity: &mut Integrity) {
    let mut finder = Finder { chains, trail, check, integrity, told: BTreeSet::new() };
    for is_backfill in [false, true] {
        let digests = chains.standing(trail, is_backfill);
        // Several texts under one name end at one time: the one before is an older one.
        let mut older = None;
        for same_end in digests.chunk_by(|a, b| a.end == b.end) {
            for digest in same_end {
                finder.follow(digest, older);
            }
            older = same_end.last().copied();
        }
    }
    let backfills = chains.believed(trail).filter(|digest| digest.is_backfill);
    let filled = joined(backfills.map(|digest| (digest.start, digest.end)).collect(), SLACK);
    let is_filled = |gap: &DigestGap| {
        let begun = filled.partition_point(|(start, _)| start.plus(-SLACK) <= gap.from);
        begun.checked_sub(1).and_then(|at| filled.get(at)).is_some_and(|(_, end)| gap.to <= end.plus(SLACK))
    };
    check.gaps.retain(|gap| gap.kind == GapKind::Missing || !is_filled(gap));
    check.gaps.sort_unstable();
    check.gaps.dedup();
    check.starts.sort_unstable();
    check.starts.dedup();
}

/// Joins spans that meet or overlap, with so many seconds between them at most.
pub(super) fn joined(mut spans: Vec<(Timestamp, Timestamp)>, slack: i64) -> Vec<(Timestamp, Timestamp)> {
    spans.sort_unstable();
    let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (start, end) in spans {
        match joined.last_mut().filter(|(_, to)| start <= to.plus(slack)) {
            Some((_, to)) => *to = end.max(*to),
            None => joined.push((start, end)),
        }
    }
    joined
}

/// Looks from each digest file of a trail to the one before it.
struct Finder<'f> {
    chains: &'f Chains<'f>,
    trail: usize,
    check: &'f mut TrailCheck,
    integrity: &'f mut Integrity,
    /// Places of missing files that were told of: two texts under one name may name the same one.
    told: BTreeSet<&'f str>,
}

impl<'f> Finder<'f> {
    fn follow(&mut self, digest: &'f Digest, older: Option<&Digest>) {
        let scope = self.chains.scope;
        let is_asked = scope.has_span(digest.start, digest.end);
        let gap_from = older.map(|older| older.end);
        let is_hourly = !digest.is_backfill;
        let Some(previous) = &digest.previous else {
            if is_asked {
                self.check.starts.push(digest.start);
            }
            let from = gap_from.filter(|from| is_hourly && scope.has_span(*from, digest.start));
            self.gap(from, digest.start, GapKind::Restarted);
            return;
        };
        if self.chains.places.contains(&previous.place) {
            let from = gap_from.filter(|from| is_hourly && from.plus(SLACK) < digest.start);
            self.gap(from.filter(|from| scope.has_span(*from, digest.start)), digest.start, GapKind::Skipped);
            return;
        }
        // It was named, and is not there. Before the oldest one, that is where the copy begins, unless more was asked for.
        let named_from = digest.start.plus(-HOUR);
        let is_expected = match gap_from {
            Some(from) => scope.has_span(from.min(named_from), digest.start),
            None => scope.since.is_some() && scope.has_span(named_from, digest.start),
        };
        if is_expected {
            self.missing(digest, previous, gap_from.or(scope.since).unwrap_or(named_from));
        } else {
            self.check.has_older |= gap_from.is_none() && is_asked && is_hourly;
        }
    }

    /// Tells of a digest file that is named and missing, and of the hours before it that nobody names.
    fn missing(&mut self, digest: &Digest, previous: &'f Previous, begin: Timestamp) {
        let gap = DigestGap { from: begin.min(digest.start), to: digest.start, kind: GapKind::Missing };
        let is_stray = || self.chains.strays.is_at(&previous.bucket, &previous.key);
        let hours = || gap.hours().saturating_sub(1).saturating_sub(self.chains.strays.within(&digest.name, &gap));
        let reason = match () {
            () if self.chains.unlisted.would_hide(&previous.bucket, &previous.key) => Reason::Unreadable,
            // It is there, and told of as what it is. What it would name before itself is not known.
            () if is_stray() => return,
            () if !digest.is_backfill && hours() > 0 => Reason::HoursMissing { hours: hours() },
            () => Reason::NotFound,
        };
        if !self.told.insert(&previous.place) {
            return;
        }
        let verdict = reason.verdict();
        let kind = self.check.add_digest(digest.is_backfill, verdict);
        let (trail, place) = (Some(self.trail), previous.place.clone());
        // It ends where the next one begins.
        let time = Some(digest.start);
        let file = FileCheck { place, kind, reason: Some(reason), object: None, trail, time };
        self.integrity.note(file, self.chains.scope.lists_all);
        if !digest.is_backfill && verdict == Verdict::Failed {
            self.check.gaps.push(gap);
        }
    }

    fn gap(&mut self, from: Option<Timestamp>, to: Timestamp, kind: GapKind) {
        self.check.gaps.extend(from.map(|from| DigestGap { from, to, kind }));
    }
}
