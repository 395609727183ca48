//! G1: hours of a trail are not covered by digest files.

use super::Context;
use super::Rule;
use super::digest_validation_failed;
use super::phrase;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::integrity::DigestGap;
use crate::model::integrity::GapKind;
use crate::model::integrity::TrailCheck;

pub(super) static RULE: Rule = Rule {
    id: "log-gap",
    title: "Hours of a trail are not covered by digest files",
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    remediation: "Find who stopped the trail, changed it or deleted objects in those hours (logging-tampered; data events of \
                  the bucket). The last 90 days of management events can still be read by `aws cloudtrail lookup-events`.",
    references: &[
        "T1562.008",
        "T1685.002",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html",
    ],
    page: include_str!("../../docs/rules/log-gap.md"),
    check,
};

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    let Some(integrity) = context.integrity else { return };
    for trail in &integrity.trails {
        claims.extend(trail.gaps.iter().filter(|gap| gap.from < gap.to).map(|gap| claim(context, trail, gap)));
    }
}

fn claim(context: &Context<'_>, trail: &TrailCheck, gap: &DigestGap) -> Claim {
    let (severity, why) = match gap.kind {
        GapKind::Missing => (Severity::High, "Digest files of these hours were there and are gone."),
        GapKind::Restarted => {
            (Severity::High, "The chain of digest files begins anew after them: validation or logging was off.")
        }
        GapKind::Skipped => (Severity::Medium, "CloudTrail itself wrote no digest files for them."),
        GapKind::Ended => (
            Severity::Medium,
            "There are log files of these hours, and no digest files: validation was switched off, or the newest digest files were deleted or not copied.",
        ),
    };
    let account = phrase::account(context, &trail.account);
    let hours = phrase::count(gap.hours().max(1), "hour");
    Claim {
        key: digest_validation_failed::place(trail).into_iter().chain([("kind", gap.kind.name().to_owned())]).collect(),
        severity,
        confidence: if gap.kind == GapKind::Ended { Confidence::Medium } else { Confidence::High },
        basis: Basis::Proof,
        title: format!("{hours} of {account} in {} are not covered by digest files", trail.region),
        message: format!("From {} to {}. {why} What happened then may be missing from the logs.", gap.from, gap.to),
        remediation: None,
        count: 1,
        evidence: [gap.from, gap.to]
            .map(|time| Evidence { event_time: Some(time), event_id: None, object: None })
            .to_vec(),
        chain_ids: Vec::new(),
    }
}
