//! Log files: those that digest files name, and those that no digest file names.

use std::collections::BTreeMap;

use super::Scope;
use super::bare::BareLogs;
use super::chain::Chains;
use super::digest::address;
use super::library::Library;
use super::library::Named;
use super::place;
use super::sequence;
use crate::model::delivery;
use crate::model::integrity::DigestGap;
use crate::model::integrity::FileCheck;
use crate::model::integrity::FileKind;
use crate::model::integrity::GapKind;
use crate::model::integrity::Integrity;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;
use crate::model::verdict::Reason;
use crate::model::verdict::Verdict;

/// Log files that are this much newer than the newest digest file should be in one by now.
const OVERDUE: i64 = 2 * HOUR;

/// Digest files that end and begin this close to each other leave nothing out.
const SLACK: i64 = 60;

/// Judges all log files.
pub(super) fn judge(chains: &Chains<'_>, receipts: &[Receipt], scope: &Scope, integrity: &mut Integrity) {
    let mut library = Library::new(receipts);
    // By bucket and key, as digest files write them: of many files, nothing is copied.
    let mut named: BTreeMap<(&str, &str), Named> = BTreeMap::new();
    for trail in 0..chains.trails.len() {
        for (at, digest) in chains.asked(trail) {
            let verdict = chains.verdict(at);
            for log in &digest.logs {
                let mut found = library.check(log, verdict, chains.unlisted);
                found.trail = trail;
                let place = (log.bucket.as_str(), log.key.as_str());
                match named.get_mut(&place) {
                    Some(known) if is_stronger(&found, known) => *known = found,
                    Some(_) => {}
                    None => {
                        named.insert(place, found);
                    }
                }
            }
        }
        // Digest files beside the window name log files, too: those are not without one.
        for digest in chains.standing(trail, false).into_iter().chain(chains.standing(trail, true)) {
            for log in &digest.logs {
                library.mark(log);
            }
        }
    }
    for ((bucket, key), found) in named {
        let Some(trail) = integrity.trails.get_mut(found.trail) else { continue };
        let file = FileCheck {
            place: address(bucket, key),
            kind: FileKind::Log,
            reason: found.reason,
            object: found.at.and_then(|at| receipts.get(at)).map(|receipt| receipt.object.clone()),
            trail: Some(found.trail),
            time: delivery::delivered(key),
        };
        trail.logs.add(file.verdict());
        trail.hashes_matched += u64::from(found.is_matched);
        integrity.note(file, scope.lists_all);
    }
    unnamed(chains, &library, scope, integrity);
}

/// Says whether another digest file knows more of a log file: a failure weighs most, then a proof.
fn is_stronger(found: &Named, known: &Named) -> bool {
    let weight = |named: &Named| match named.reason.as_ref().map(Reason::verdict) {
        Some(Verdict::Failed) => 2,
        None | Some(Verdict::Verified) => 1,
        Some(Verdict::NotVerifiable) => 0,
    };
    weight(found) > weight(known)
}

/// What digest files cover of one account and region, and the first of its trails.
struct Covered {
    trail: usize,
    spans: Vec<(Timestamp, Timestamp)>,
    /// The newest log file that should be in a digest file by now.
    overdue: Option<Timestamp>,
}

/// Tells of log files that no digest file names.
fn unnamed(chains: &Chains<'_>, library: &Library<'_>, scope: &Scope, integrity: &mut Integrity) {
    let mut covered = covered(chains);
    let mut bare = BareLogs::new(chains.case, chains.unlisted);
    for (receipt, is_named) in library.receipts() {
        let is_log = !is_named && receipt.kind != Some(ObjectKind::Digest) && !place::is_digest(&receipt.object);
        let Some((account, region, time)) = delivery::log_name(&receipt.object).filter(|_| is_log) else {
            // Without any digest file, no log file is proven, whatever its name.
            let is_unproved = is_log && receipt.kind == Some(ObjectKind::Records) && chains.case.is_bare();
            integrity.logs_without_digests += u64::from(is_unproved);
            continue;
        };
        if !scope.has_trail(account, region) || !scope.has_moment(time) {
            continue;
        }
        let Some(covered) = covered.get_mut(&(account, region)) else {
            integrity.logs_without_digests += 1;
            bare.add(&receipt.object, account, region, time);
            continue;
        };
        let Some(trail) = integrity.trails.get_mut(covered.trail) else { continue };
        let last = covered.spans.last().map(|(_, end)| *end);
        let reason = match () {
            () if covers(&covered.spans, time) => {
                trail.unlisted += 1;
                Reason::NotInAnyDigest
            }
            () if last.is_some_and(|last| last < time.plus(place::DELIVERY) && time < last.plus(OVERDUE)) => {
                trail.undigested += 1;
                Reason::NotDigestedYet
            }
            () => {
                if last.is_some_and(|last| last < time) {
                    covered.overdue = covered.overdue.max(Some(time));
                }
                trail.uncovered += 1;
                Reason::NotCovered
            }
        };
        let file = FileCheck {
            place: receipt.object.clone(),
            kind: FileKind::Log,
            reason: Some(reason),
            object: Some(receipt.object.clone()),
            trail: Some(covered.trail),
            time: Some(time),
        };
        integrity.note(file, scope.lists_all);
    }
    integrity.bare = bare.found();
    for covered in covered.into_values() {
        let Some((to, (_, from))) = covered.overdue.zip(covered.spans.last()) else { continue };
        if let Some(trail) = integrity.trails.get_mut(covered.trail) {
            trail.gaps.push(DigestGap { from: *from, to, kind: GapKind::Ended });
        }
    }
}

/// Says whether one of the spans, which are in order and apart, holds what was delivered at a moment.
fn covers(spans: &[(Timestamp, Timestamp)], time: Timestamp) -> bool {
    let begun = spans.partition_point(|(start, _)| *start <= time);
    begun.checked_sub(1).and_then(|at| spans.get(at)).is_some_and(|(_, end)| time.plus(place::DELIVERY) <= *end)
}

/// Joins what the digest files of each account and region cover: several trails may write side by side. What failed
/// covers nothing, for it may have named other log files before it was changed.
fn covered<'c>(chains: &Chains<'c>) -> BTreeMap<(&'c str, &'c str), Covered> {
    let mut covered: BTreeMap<(&str, &str), Covered> = BTreeMap::new();
    for trail in 0..chains.trails.len() {
        for digest in chains.believed(trail) {
            let name = (digest.name.account.as_str(), digest.name.region.as_str());
            let of_region = covered.entry(name).or_insert_with(|| Covered { trail, spans: Vec::new(), overdue: None });
            of_region.spans.push((digest.start, digest.end));
        }
    }
    for of_region in covered.values_mut() {
        of_region.spans = sequence::joined(std::mem::take(&mut of_region.spans), SLACK);
    }
    covered
}
