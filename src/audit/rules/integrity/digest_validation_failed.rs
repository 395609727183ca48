//! `digest-validation-failed`: a digest file or a log file is not what CloudTrail delivered.

use std::collections::BTreeMap;

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::integrity::FileCheck;
use crate::model::integrity::FileKind;
use crate::model::integrity::Integrity;
use crate::model::integrity::TrailCheck;
use crate::model::verdict::Reason;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "digest-validation-failed",
    title: "A digest file or a log file is not what CloudTrail delivered",
    theme: Theme::Integrity,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs and digest files, and `audit --verify`; signatures need public keys",
    remediation: "Keep the bucket as it is: versions, access logs and data events of S3 say who wrote or deleted the object. Then \
                  compare with another copy of the log, and treat what the file says as unproved.",
    techniques: &["T1562.008", "T1685.002", "T1070"],
    reading: &[(
        "CloudTrail User Guide: validating log file integrity",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
    )],
    page: include_str!("../../../../docs/rules/digest-validation-failed.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(integrity) = context.integrity else { return };
    let mut failures: BTreeMap<(Option<usize>, bool, &'static str), Vec<&FileCheck>> = BTreeMap::new();
    for file in integrity.failures() {
        if let Some(reason) = &file.reason {
            let is_log = file.kind == FileKind::Log;
            failures.entry((file.trail, is_log, reason.name())).or_default().push(file);
        }
    }
    for ((trail, _, name), files) in failures {
        matches.extend(matched(context, integrity, trail, name, &files));
    }
    for trail in &integrity.trails {
        matches.extend(restarted(context, trail));
    }
}

fn matched(
    context: &Context<'_>,
    integrity: &Integrity,
    trail: Option<usize>,
    name: &str,
    files: &[&FileCheck],
) -> Option<Match> {
    let first = files.first()?;
    let reason = first.reason.as_ref()?;
    let noun = if first.kind == FileKind::Log { "log file" } else { "digest file" };
    let trail = trail.and_then(|trail| integrity.trails.get(trail));
    let mut key = vec![("file", noun.replace(' ', "_")), ("reason", name.to_owned())];
    key.extend(trail.into_iter().flat_map(TrailCheck::key));
    let number = wide(files.len());
    let of = trail.map_or_else(String::new, |trail| format!(" of {}", phrase::account(context, &trail.account)));
    let region = trail.map_or_else(String::new, |trail| format!(" in {}", trail.region));
    Some(Match {
        key,
        severity: severity(reason),
        confidence: if matches!(reason, Reason::NotInAnyDigest) { Confidence::Medium } else { Confidence::High },
        basis: Basis::Proof,
        title: format!("{}{of}{region}: {reason}", phrase::count(number, noun)),
        message: format!("{} The first: {}.", meaning(reason, noun), first.place),
        remediation: remediation(reason),
        count: number,
        evidence: files
            .iter()
            .filter(|file| file.time.is_some() || file.object.is_some())
            .map(|file| Evidence { event_time: file.time, event_id: None, object: file.object.clone() })
            .collect(),
        chain_ids: Chains::default(),
    })
}

fn severity(reason: &Reason) -> Severity {
    match reason {
        // What is there is not what it says it is.
        Reason::SignatureFailed
        | Reason::HashMismatch
        | Reason::TrailingBytes
        | Reason::PreviousMismatch
        | Reason::KeyNotFound { .. } => Severity::Critical,
        _ => Severity::High,
    }
}

fn meaning(reason: &Reason, noun: &str) -> String {
    match reason {
        Reason::SignatureFailed => "The signature is not one that CloudTrail made for this text.".to_owned(),
        Reason::HashMismatch => format!("The {noun} was changed after CloudTrail delivered it."),
        Reason::TrailingBytes => format!("Something was appended to the {noun} after CloudTrail delivered it."),
        Reason::PreviousMismatch => "What it says of the digest file before it is not true.".to_owned(),
        Reason::KeyNotFound { .. } => {
            "It was signed with a key that is none of CloudTrail's keys given here.".to_owned()
        }
        Reason::Moved => format!("The {noun} stands elsewhere than its own text says."),
        Reason::InvalidFormat => format!("What stands in its place is no {noun}."),
        Reason::NotInAnyDigest => {
            "The digest files of its time are there, and none names it: it was added, or another trail \
                                   without validation writes to the same place."
                .to_owned()
        }
        _ => format!("A digest file names the {noun}, and it is not there."),
    }
}

fn remediation(reason: &Reason) -> Option<String> {
    let text = match reason {
        Reason::KeyNotFound { .. } => {
            "Fetch the keys of that region and time by `aws cloudtrail list-public-keys` and verify again. If CloudTrail does \
             not list the key, the digest file is forged."
        }
        Reason::NotInAnyDigest => {
            "Find out whether another trail writes to the same place without validation, and switch validation on for it. \
             Otherwise find out who wrote the object."
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// A chain that begins anew in the middle says that validation or logging was off.
fn restarted(context: &Context<'_>, trail: &TrailCheck) -> Option<Match> {
    let starts: Vec<_> = trail.starts.iter().filter(|start| trail.first.is_some_and(|first| first < **start)).collect();
    let first = starts.first()?;
    let mut key = vec![("file", "digest_file".to_owned()), ("reason", "starting_digest".to_owned())];
    key.extend(trail.key());
    let account = phrase::account(context, &trail.account);
    Some(Match {
        key,
        severity: Severity::Info,
        confidence: Confidence::High,
        basis: Basis::Proof,
        title: format!("The chain of digest files of {account} in {} begins anew", trail.region),
        message: format!(
            "The digest file that begins at {first} names no digest file before it: log file validation or the trail was \
             switched off and on again."
        ),
        remediation: Some(
            "Find the UpdateTrail, StopLogging and StartLogging calls of that time, and who made them.".to_owned(),
        ),
        count: wide(starts.len()),
        evidence: starts
            .into_iter()
            .map(|start| Evidence { event_time: Some(*start), event_id: None, object: None })
            .collect(),
        chain_ids: Chains::default(),
    })
}
