//! Which questions the logs could answer. Pure: what it judges by is handed in.

use super::freshness;
use super::freshness::Clock;
use super::questions;
use crate::audit::rule::Context;
use crate::audit::rule::Known;
use crate::expect::Expectations;
use crate::model::assurance::Answer;
use crate::model::assurance::Assurance;
use crate::model::assurance::Question;
use crate::model::assurance::Reason;
use crate::model::assurance::several;
use crate::model::integrity::Integrity;
use crate::model::lineage::Lineage;
use crate::model::observations::Counts;
use crate::model::origin::OriginKind;
use crate::model::width::wide;

/// Answers the questions that were asked: integrity only when the digest files were checked, trust policies and CI runs only
/// when there are snapshots and files of a CI system.
pub fn assure(lineage: &Lineage, expectations: &Expectations, known: Known<'_>, clock: Option<Clock>) -> Assurance {
    let Known { integrity, snapshots, .. } = known;
    let context = Context::new(lineage, expectations, known, &[]);
    let counts = &lineage.observations.counts;
    let mut answers = vec![coverage(lineage), origin(lineage)];
    answers.extend(questions::subjects(lineage));
    answers.extend(questions::external_ids(lineage));
    answers.push(questions::long_lived_keys(lineage));
    answers.extend(questions::trust_policies(lineage, snapshots));
    answers.extend(known.ci.map(|ci| questions::ci_runs(ci, &context)));
    answers.extend(integrity.map(digests));
    answers.push(Answer::of(Question::Freshness, freshness::reasons(lineage, integrity, clock), false));
    Assurance { answers, nothing_judged: nothing_judged(counts) }
}

/// Returns why nothing came into the judgment, when no record did.
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
