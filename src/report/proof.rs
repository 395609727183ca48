//! What digest files prove, in words that every format uses.

use super::names::count;
use super::names::minute;
use super::names::number;
use super::wire::integrity::Bare;
use super::wire::integrity::Count;
use super::wire::integrity::Gap;
use super::wire::integrity::Integrity;
use crate::model::width::wide;

/// Why log files of accounts and regions without digest files are not verifiable.
pub(super) const WITHOUT: &str = "no digest files of their account and region";

/// Returns the verdict in a word or two.
pub(super) fn word(row: &Integrity<'_>) -> &'static str {
    match row.verdict {
        "failed" => "FAILED",
        "verified" => "Verified",
        _ => "Not verifiable",
    }
}

/// Says in one to three sentences what the verdict rests on.
pub(super) fn sentence(row: &Integrity<'_>) -> String {
    let lost = lost(row);
    if row.digests.all() == 0 {
        let logs = count(row.logs_without_digests, "log file");
        return format!(
            "there are no digest files in these sources ({logs} without), so integrity is not verifiable. Either log \
             file validation is off, or the CloudTrail-Digest folders were not given, or every digest file was deleted.{lost}"
        );
    }
    let keys = match row.public_keys {
        0 => {
            " Without public keys no signature was checked (--public-keys FILE or --list-public-keys): hashes and chains \
              were."
        }
        _ => "",
    };
    let unlisted: u64 = row.trails.iter().map(|trail| trail.not_in_any_digest).sum();
    let unlisted = if unlisted > 0 { format!(", {} in no digest", count(unlisted, "log file")) } else { String::new() };
    format!("{}, {}{unlisted}.{keys}{lost}", share(&row.digests, "digest file"), share(&row.logs, "log file"))
}

/// Says how many accounts and regions lost their digest files.
fn lost(row: &Integrity<'_>) -> String {
    let logs: Vec<u64> =
        row.without_digests.iter().filter(|bare| bare.lost_by.is_some()).map(|bare| bare.logs).collect();
    if logs.is_empty() {
        return String::new();
    }
    format!(
        " Not one digest file is left of {}, with {}, while others have theirs.",
        places(logs.len()),
        count(logs.iter().sum(), "log file")
    )
}

/// Counts accounts and regions.
pub(super) fn places(many: usize) -> String {
    match many {
        1 => "1 region of an account".to_owned(),
        many => format!("{} regions of accounts", number(wide(many))),
    }
}

/// Says how many of some files are verified, and what the others are.
pub(super) fn share(files: &Count, noun: &str) -> String {
    let text = format!("{} of {} verified", number(files.verified), count(files.all(), noun));
    let others: Vec<String> = [(files.failed, "failed"), (files.not_verifiable, "not verifiable")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(files, word)| format!("{} {word}", number(files)))
        .collect();
    if others.is_empty() { text } else { format!("{text} ({})", others.join(", ")) }
}

/// Says why hours are not covered.
pub(super) fn gap(gap: &Gap) -> &'static str {
    match gap.kind {
        "missing" => "digest files are missing that were there",
        "restarted" => "the chain begins anew after it: validation or logging was off",
        "skipped" => "CloudTrail wrote none",
        _ => "log files go on, digest files do not",
    }
}

/// Names a kind of file.
pub(super) fn noun(kind: &str) -> &'static str {
    match kind {
        "digest" => "digest file",
        "backfill_digest" => "backfill digest file",
        _ => "log file",
    }
}

/// Returns the accounts and regions without digest files, first those that must have had some.
pub(super) fn worst_first<'r, 'a>(row: &'r Integrity<'a>) -> Vec<&'r Bare<'a>> {
    let mut bare: Vec<_> = row.without_digests.iter().collect();
    bare.sort_by_key(|bare| bare.lost_by.is_none());
    bare
}

/// Says what is known of an account and region without digest files. The trail's name is foreign: `shown` makes it safe.
pub(super) fn bare(bare: &Bare<'_>, shown: impl Fn(&str) -> String) -> String {
    let logs = count(bare.logs, "log file");
    let (first, last) = (minute(Some(bare.first)), minute(Some(bare.last)));
    let why = match &bare.lost_by {
        Some(trail) => format!(
            "the trail {} wrote digest files of others into the same folder in these hours: those of this one were \
             deleted, or not copied",
            shown(trail)
        ),
        None => "log file validation is off for its trail, or the digest files were not given or deleted".to_owned(),
    };
    format!("{logs}, {first} to {last}: {why}")
}
