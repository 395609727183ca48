//! G7: part of the input could not be read.

use std::collections::BTreeMap;

use super::Context;
use super::Rule;
use super::phrase;
use crate::model::coverage::Defect;
use crate::model::coverage::DefectKind;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Severity;

pub(super) static RULE: Rule = Rule {
    id: "records-not-parsed",
    title: "Part of the input could not be read",
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Proof,
    remediation: "Fetch the named objects again. If they are broken at the source, validate them against CloudTrail's \
                  digests (aws cloudtrail validate-logs) before you trust what the rest says.",
    references: &[
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
    ],
    page: include_str!("../../docs/rules/records-not-parsed.md"),
    check,
};

/// One lost record in so many is too many.
const TOLERATED: u64 = 1_000;

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    let observations = &context.lineage.observations;
    let mut kinds: BTreeMap<DefectKind, Vec<&Defect>> = BTreeMap::new();
    for defect in observations.defects.iter().filter(|defect| defect.kind != DefectKind::Unsupported) {
        kinds.entry(defect.kind).or_default().push(defect);
    }
    let (lost, all) = loss(context);
    // Strictly more than one in a thousand.
    let severity = if lost.saturating_mul(TOLERATED) > all { Severity::Medium } else { Severity::Low };
    for (kind, mut defects) in kinds {
        defects.sort_unstable();
        // An object without a byte is what the console makes of a folder: no record was lost with it.
        let severity = if kind == DefectKind::Empty { Severity::Low } else { severity };
        claims.push(claim(context, kind, severity, &defects, (lost, all)));
    }
}

/// Returns how many records were lost, and how many there are: an object that could not be read to its end counts as
/// the average object.
fn loss(context: &Context<'_>) -> (u64, u64) {
    let counts = &context.lineage.observations.counts;
    let average = counts.records().checked_div(counts.objects_read).unwrap_or_default().max(1);
    let failed: u64 = counts.objects_failed;
    let lost = counts.malformed.saturating_add(failed.saturating_mul(average));
    (lost, counts.records().saturating_add(failed.saturating_mul(average)))
}

fn claim(
    context: &Context<'_>,
    kind: DefectKind,
    severity: Severity,
    defects: &[&Defect],
    (lost, all): (u64, u64),
) -> Claim {
    let counts = &context.lineage.observations.counts;
    let count = u64::try_from(defects.len()).unwrap_or(u64::MAX);
    let named = defects.iter().take(3).map(|defect| match defect.index {
        Some(index) => format!("record {index} of {}", defect.object),
        None => defect.object.clone(),
    });
    let named: Vec<String> = named.collect();
    let kept = u64::try_from(context.lineage.observations.defects.len()).unwrap_or(u64::MAX);
    let more = if kept < counts.defects {
        format!(" {} defects were found in all, of which the first {kept} are named.", counts.defects)
    } else {
        String::new()
    };
    Claim {
        key: vec![("defect", kind.name().to_owned())],
        severity,
        confidence: Confidence::High,
        basis: Basis::Proof,
        title: format!("{} of the input could not be read: {kind}", phrase::count(count, "part")),
        message: format!(
            "{} of the input could not be read ({kind}): {}{}. About {lost} of {all} records of the input are lost; what they said \
             is missing from every other finding.{more}",
            phrase::count(count, "part"),
            named.join(", "),
            if defects.len() > named.len() { ", …" } else { "" },
        ),
        remediation: None,
        count,
        evidence: defects
            .iter()
            .take(5)
            .map(|defect| Evidence { event_time: None, event_id: None, object: Some(defect.object.clone()) })
            .collect(),
        chain_ids: Vec::new(),
    }
}
