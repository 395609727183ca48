//! Which questions the logs could answer. Pure: what it judges by is handed in.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::questions;
use crate::model::assurance::Answer;
use crate::model::assurance::Assurance;
use crate::model::assurance::Question;
use crate::model::assurance::Reason;
use crate::model::assurance::several;
use crate::model::chain::OriginKind;
use crate::model::integrity::Integrity;
use crate::model::lineage::Lineage;
use crate::model::observations::Counts;
use crate::model::width::wide;
use crate::trust::snapshot::Snapshot;

/// An account or region used to speak when it has records on at least so many days.
const FEWEST_DAYS: usize = 5;

/// It is silent after so many days without a record, or after so many times its own longest pause, whichever is longer.
const FEWEST_SILENT_DAYS: i32 = 3;
const LONGEST_PAUSES: i32 = 3;

/// Answers the questions that were asked: integrity only when the digest files were checked, trust policies only when
/// there are snapshots.
pub fn assure(lineage: &Lineage, integrity: Option<&Integrity>, snapshots: &[Snapshot]) -> Assurance {
    let counts = &lineage.observations.counts;
    let mut answers = vec![coverage(lineage), origin(lineage)];
    answers.extend(questions::subjects(lineage));
    answers.extend(questions::external_ids(lineage));
    answers.push(questions::long_lived_keys(lineage));
    answers.extend(questions::trust_policies(lineage, snapshots));
    answers.extend(integrity.map(digests));
    answers.push(freshness(lineage));
    Assurance { answers, nothing_judged: nothing_judged(counts) }
}

/// Returns why nothing came into the judgement, when no record did.
fn nothing_judged(counts: &Counts) -> Option<Reason> {
    if counts.unique == 0 {
        return Some(Reason {
            kind: "no_record",
            message: "there is no CloudTrail record in these sources, so this report says nothing about them"
                .to_owned(),
            remedy: "Name the folder or prefix that holds AWSLogs/.",
        });
    }
    (counts.unique <= counts.outside_window).then(|| Reason {
        kind: "empty_window",
        message: "no record lies inside the window, so this report says nothing about it".to_owned(),
        remedy: "Check --since and --until against the first and last event of the logs.",
    })
}

fn coverage(lineage: &Lineage) -> Answer {
    let counts = &lineage.observations.counts;
    let (unread, reason) = questions::objects_unread(lineage);
    let mut reasons: Vec<Reason> = reason.into_iter().collect();
    let failed = counts.objects_failed.saturating_sub(unread);
    if failed > 0 {
        reasons.push(Reason {
            kind: "objects_failed",
            message: format!("{} not read to the end", several(failed, "object")),
            remedy: "The defects name each of them: fetch them again, or let the reader have access to them.",
        });
    }
    if counts.malformed > 0 {
        reasons.push(Reason {
            kind: "records_malformed",
            message: format!("{} not understood", several(counts.malformed, "record")),
            remedy: "The defects name each of them.",
        });
    }
    if reasons.is_empty() && counts.defects > 0 {
        reasons.push(Reason {
            kind: "defects",
            message: several(counts.defects, "defect"),
            remedy: "The list of defects says what each of them hides.",
        });
    }
    Answer::of(Question::Coverage, reasons, counts.unique == 0)
}

/// Nobody can say whether a write was expected whose origin is not known.
fn origin(lineage: &Lineage) -> Answer {
    let wrote = || lineage.chains.iter().filter(|chain| lineage.leaf(chain).activity().writes > 0);
    let of_nobody = wrote().filter(|chain| lineage.origin_of(chain).kind == OriginKind::Unknown).count();
    let mut reasons = Vec::new();
    if of_nobody > 0 {
        reasons.push(Reason {
            kind: "origin_unknown",
            message: format!(
                "{} with writes and an origin that these logs do not show",
                several(wide(of_nobody), "chain")
            ),
            remedy: "Read more: the gaps of each chain name the account or the time that is missing.",
        });
    }
    Answer::of(Question::Origin, reasons, of_nobody == wrote().count())
}

fn digests(integrity: &Integrity) -> Answer {
    let mut reasons = Vec::new();
    if integrity.is_unproved() {
        reasons.push(Reason {
            kind: "integrity_unproved",
            message: "the digest files do not prove every log file".to_owned(),
            remedy: "The section on integrity names each file and the reason.",
        });
    }
    Answer::of(Question::Integrity, reasons, integrity.is_without_digests())
}

/// Compares with the newest day of the logs, so that old logs are as good as new ones.
fn freshness(lineage: &Lineage) -> Answer {
    let mut accounts: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    let mut regions: BTreeMap<(&str, &str), BTreeSet<i32>> = BTreeMap::new();
    for (cell, count) in &lineage.observations.cells {
        let (Some(account), Some(day)) = (lineage.opt(cell.account), cell.day.filter(|_| count.records > 0)) else {
            continue;
        };
        accounts.entry(account).or_default().insert(day);
        if let Some(region) = lineage.opt(cell.region) {
            regions.entry((account, region)).or_default().insert(day);
        }
    }
    let newest = accounts.values().filter_map(BTreeSet::last).max().copied().unwrap_or_default();
    let mut silent: Vec<(String, i32)> = Vec::new();
    for (account, days) in &accounts {
        silent.extend(silence(days, newest).map(|quiet| (format!("account {account}"), quiet)));
    }
    for ((account, region), days) in &regions {
        // A region of a silent account is no second thing to know.
        let spoke_last = accounts.get(account).and_then(BTreeSet::last).copied().unwrap_or_default();
        silent.extend(silence(days, spoke_last).map(|quiet| (format!("region {region} of account {account}"), quiet)));
    }
    let reasons = silent.into_iter().map(|(place, quiet)| Reason {
        kind: "silent",
        message: format!(
            "{place} has no record in the last {}, and used to have",
            several(quiet.unsigned_abs().into(), "day")
        ),
        remedy: "Check whether its trail still delivers, and whether everything was copied.",
    });
    Answer::of(Question::Freshness, reasons.collect(), false)
}

/// Returns for how many days a place that used to speak has been silent before the newest day.
fn silence(days: &BTreeSet<i32>, newest: i32) -> Option<i32> {
    let last = *days.last()?;
    let pauses = days.iter().zip(days.iter().skip(1)).map(|(one, next)| next - one);
    let longest = pauses.max().unwrap_or_default();
    let quiet = newest - last;
    (days.len() >= FEWEST_DAYS && quiet >= FEWEST_SILENT_DAYS.max(longest.saturating_mul(LONGEST_PAUSES)))
        .then_some(quiet)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::silence;

    #[test]
    fn a_place_is_silent_when_it_used_to_speak_and_pauses_longer_than_ever() {
        for (days, newest, expected) in [
            (&[1, 2, 3, 4, 5][..], 22, Some(17)),
            (&[1, 2, 3, 4, 5], 7, None),
            (&[1, 2, 3, 4, 5], 8, Some(3)),
            // It speaks once a week: three weeks are needed.
            (&[1, 8, 15, 22, 29], 43, None),
            (&[1, 8, 15, 22, 29], 50, Some(21)),
            // Nobody knows what is usual.
            (&[1, 2], 300, None),
            (&[], 300, None),
        ] {
            assert_eq!(
                silence(&days.iter().copied().collect::<BTreeSet<i32>>(), newest),
                expected,
                "{days:?} {newest}"
            );
        }
    }
}
