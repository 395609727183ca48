//! `records-not-parsed`: part of the input could not be read.

use std::collections::BTreeMap;

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chains::Chains;
use crate::model::coverage::Defect;
use crate::model::coverage::DefectKind;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::observations::Counts;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "records-not-parsed",
    title: "Part of the input could not be read",
    theme: Theme::Integrity,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs",
    remediation: "Fetch the named objects again. If they are broken at the source, validate them against CloudTrail's \
                  digests (aws cloudtrail validate-logs) before you trust what the rest says.",
    techniques: &[],
    reading: &[(
        "CloudTrail User Guide: validating log file integrity",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
    )],
    page: include_str!("../../../../docs/rules/records-not-parsed.md"),
    check,
};

/// One lost record, or one lost object, in so many is too many.
const TOLERATED: u64 = 1_000;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let observations = &context.lineage.observations;
    let mut kinds: BTreeMap<DefectKind, Vec<&Defect>> = BTreeMap::new();
    for defect in observations.defects.iter().filter(|defect| defect.kind != DefectKind::Unsupported) {
        kinds.entry(defect.kind).or_default().push(defect);
    }
    let counts = &observations.counts;
    // An object without a byte is what the console makes of a folder: no record was lost with it.
    let empty = kinds.get(&DefectKind::Empty).map_or(0, |defects| wide(defects.len()));
    let is_much = exceeds(counts.malformed, counts.records())
        || exceeds(counts.objects_failed.saturating_sub(empty), counts.objects_listed);
    let severity = if is_much { Severity::Medium } else { Severity::Low };
    for (kind, mut defects) in kinds {
        defects.sort_unstable();
        let severity = if kind == DefectKind::Empty { Severity::Low } else { severity };
        matches.push(matched(context, kind, severity, &defects));
    }
}

/// Strictly more than one in a thousand.
fn exceeds(lost: u64, all: u64) -> bool {
    lost.saturating_mul(TOLERATED) > all
}

/// Says how much was lost as far as it is known: nobody can tell how many records an object held that was not read.
fn loss(counts: &Counts, kind: DefectKind) -> String {
    if kind.is_of_read_record() {
        return "They were read and count all the same. CloudTrail does not write such records, so somebody else may have."
            .to_owned();
    }
    let records = format!("{} of {}", counts.malformed, phrase::count(counts.records(), "record"));
    let objects = format!("{} of {}", counts.objects_failed, phrase::count(counts.objects_listed, "object"));
    let lost = match (counts.malformed, counts.objects_failed) {
        // A directory that cannot be entered: what is in it is not even counted.
        (0, 0) if kind == DefectKind::Unreadable => {
            return "What they hold is not known, and is missing from every other finding.".to_owned();
        }
        (0, 0) => return "No record is known to be lost.".to_owned(),
        (_, 0) => format!("{records} could not be read"),
        (0, _) => format!("{objects} could not be read to the end"),
        _ => format!("{records} could not be read, and {objects} not to the end"),
    };
    format!("In all, {lost}; what they said is missing from every other finding.")
}

fn matched(context: &Context<'_>, kind: DefectKind, severity: Severity, defects: &[&Defect]) -> Match {
    let counts = &context.lineage.observations.counts;
    let count = wide(defects.len());
    let named = defects.iter().take(3).map(|defect| match defect.index {
        Some(index) => format!("record {index} of {}", defect.object),
        None => defect.object.clone(),
    });
    let named: Vec<String> = named.collect();
    let kept = wide(context.lineage.observations.defects.len());
    let more = if kept < counts.defects {
        format!(" {} defects were found in all, of which the first {kept} are named.", counts.defects)
    } else {
        String::new()
    };
    let what = if kind.is_of_read_record() {
        format!("{} that nobody should rely on", phrase::count(count, "record"))
    } else {
        format!("{} of the input could not be read", phrase::count(count, "part"))
    };
    Match {
        key: vec![("defect", kind.name().to_owned())],
        severity,
        confidence: Confidence::High,
        basis: Basis::Proof,
        title: format!("{what}: {kind}"),
        message: format!(
            "{what} ({kind}): {}{}. {}{more}",
            named.join(", "),
            if defects.len() > named.len() { ", …" } else { "" },
            loss(counts, kind),
        ),
        remediation: None,
        count,
        evidence: defects
            .iter()
            .take(5)
            .map(|defect| Evidence { event_time: None, event_id: None, object: Some(defect.object.clone()) })
            .collect(),
        chain_ids: Chains::default(),
    }
}
