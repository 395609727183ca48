//! `log-gap`: logs are missing: hours of a trail without digest files, or a busy account and region that fell silent.

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::silence;
use crate::audit::silence::Silence;
use crate::audit::theme::Theme;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::integrity::Bare;
use crate::model::integrity::DigestGap;
use crate::model::integrity::GapKind;
use crate::model::integrity::TrailCheck;
use crate::model::time::HOUR;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "log-gap",
    title: "Logs are missing: hours without digest files, or a busy region that fell silent",
    theme: Theme::Integrity,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs; digest files and `audit --verify` for proof",
    remediation: "Find who stopped the trail, changed it or deleted objects in those hours (logging-tampered; data events of \
                  the bucket). The last 90 days of management events can still be read by `aws cloudtrail lookup-events`.",
    techniques: &["T1562.008", "T1685.002"],
    reading: &[(
        "CloudTrail User Guide: digest file structure",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html",
    )],
    page: include_str!("../../../../docs/rules/log-gap.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let silences = silence::find(context).into_iter().filter(|silence| !is_covered(context, silence));
    matches.extend(silences.map(|silence| silent(context, &silence)));
    let Some(integrity) = context.integrity else { return };
    for trail in &integrity.trails {
        matches.extend(trail.gaps.iter().filter(|gap| gap.from < gap.to).map(|gap| matched(context, trail, gap)));
    }
    matches.extend(integrity.lost().filter_map(|bare| lost(context, bare)));
}

/// Says whether digest files speak of a silence: they prove what numbers can only suggest.
fn is_covered(context: &Context<'_>, silence: &Silence<'_>) -> bool {
    let mut trails = context.integrity.into_iter().flat_map(|integrity| &integrity.trails);
    let covers = |trail: &TrailCheck| {
        trail.account == silence.account
            && trail.region == silence.region
            && trail.first.is_some_and(|first| first <= silence.from)
            && trail.last.is_some_and(|last| silence.to <= last)
    };
    trails.any(covers)
}

/// A busy account and region has no records for a while.
fn silent(context: &Context<'_>, silence: &Silence<'_>) -> Match {
    let Silence { account, region, from, to, days, percent, is_alone } = silence;
    let named = phrase::account(context, account);
    let hours = phrase::count(from.distance(*to) / HOUR.unsigned_abs(), "hour");
    let usual = format!("although it has some in {percent} % of the hours of the {days} whole days around it");
    let (key, severity, confidence, title, what) = if *is_alone {
        (
            vec![
                ("account_id", (*account).to_owned()),
                ("region", (*region).to_owned()),
                ("kind", "silent".to_owned()),
            ],
            Severity::Medium,
            Confidence::Medium,
            format!("The log of {named} in {region} was silent for {hours}"),
            "Other logs do have records of that time. Its trail was stopped or changed, or log files of it were deleted or \
             not copied.",
        )
    } else {
        (
            vec![("kind", "nothing_read".to_owned())],
            Severity::Low,
            Confidence::Low,
            format!("Nothing was read of {hours} in which there must be records"),
            "No other account or region has records of that time, either: most likely these hours were not copied. What \
             happened in them was not judged.",
        )
    };
    Match {
        key,
        severity,
        confidence,
        basis: Basis::Heuristic,
        title,
        message: format!("From {from} to {to} there is no record of {named} in {region}, {usual}. {what}"),
        remediation: None,
        count: 1,
        evidence: [*from, *to].map(|time| Evidence { event_time: Some(time), event_id: None, object: None }).to_vec(),
        chain_ids: Chains::default(),
    }
}

/// Not one digest file is left of an account and region.
fn lost(context: &Context<'_>, bare: &Bare) -> Option<Match> {
    let trail = bare.lost_by.as_ref()?;
    let account = phrase::account(context, &bare.account);
    Some(Match {
        key: vec![
            ("account_id", bare.account.clone()),
            ("region", bare.region.clone()),
            ("trail", trail.clone()),
            ("kind", "lost".to_owned()),
        ],
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        basis: Basis::Proof,
        title: format!("Not one digest file of {account} in {} is here", bare.region),
        message: format!(
            "No digest file is here for {}, delivered from {} to {}. In these hours the trail {trail} wrote digest files of \
             other accounts or regions into the same folder: those of this one were deleted, or not copied. What was changed \
             or deleted here cannot be found.",
            phrase::count(bare.logs, "log file"),
            bare.first,
            bare.last,
        ),
        remediation: Some(
            "Look for the folder CloudTrail-Digest of this account and region in the bucket. If it is empty there, too, \
             find who deleted it: data events, access logs and versions of the bucket say so. If it is not, copy again."
                .to_owned(),
        ),
        count: 1,
        evidence: [bare.first, bare.last]
            .map(|time| Evidence { event_time: Some(time), event_id: None, object: None })
            .to_vec(),
        chain_ids: Chains::default(),
    })
}

fn matched(context: &Context<'_>, trail: &TrailCheck, gap: &DigestGap) -> Match {
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
    Match {
        key: trail.key().into_iter().chain([("kind", gap.kind.name().to_owned())]).collect(),
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
        chain_ids: Chains::default(),
    }
}
