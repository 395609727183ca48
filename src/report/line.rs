//! The run in one line: for the log of a nightly job, and for whoever looks at nothing else.

use std::fmt::Write as _;

use super::Options;
use super::Report;
use super::names::age;
use super::names::count;
use super::names::number;
use super::proof;
use super::wire::Rows;
use crate::model::integrity::Integrity;
use crate::model::verdict::Verdict;
use crate::model::width::wide;
use crate::text::redact::Shade;
use crate::text::terminal;

/// Returns findings, chains, objects, and whether that is all there is. It holds no foreign text.
pub fn summary(report: &Report<'_>, options: &Options) -> String {
    let rows = Rows::new(report, options);
    let summary = rows.summary();
    let coverage = rows.coverage();
    let counted = summary.findings.worst_first().into_iter().filter(|(_, found)| *found > 0);
    let mut findings = counted.map(|(name, found)| format!("{} {name}", number(found))).collect::<Vec<_>>().join(", ");
    if findings.is_empty() {
        let is_all = summary.findings_not_shown.filtered() == 0;
        if is_all { "no findings" } else { "no findings shown" }.clone_into(&mut findings);
    }
    if summary.findings_excepted > 0 {
        let _ = write!(findings, " ({} accepted)", number(summary.findings_excepted));
    }
    let hidden = summary.findings_not_shown.filtered();
    if hidden > 0 {
        let _ = write!(findings, " ({} not shown)", number(hidden));
    }
    let objects = coverage.objects;
    let set_apart = match objects.skipped {
        0 => String::new(),
        skipped => format!(", {} skipped", number(skipped)),
    };
    let tonight = report
        .run
        .history
        .as_ref()
        .and_then(|history| history.new_objects)
        .map(|new| format!("{}, {} known, ", count(new, "new object"), number(objects.listed.saturating_sub(new))));
    let read = format!(
        "{}{} of {} read{set_apart}",
        tonight.unwrap_or_default(),
        number(objects.read),
        count(objects.listed.saturating_sub(objects.skipped).max(objects.read), "object")
    );
    let state = if let Some(reason) = report.nothing_judged() {
        format!("NOTHING JUDGED: {reason}")
    } else if report.is_incomplete() {
        let words = report.unanswered();
        format!("PARTIAL: {}", words.split(". ").next().unwrap_or_default())
    } else {
        "complete".to_owned()
    };
    let proved = report.integrity.map(|integrity| format!(" · {}", proved(integrity))).unwrap_or_default();
    let age = age(coverage.last_event, report.run).map(|age| format!(" · newest record {age} old"));
    let line = format!(
        "{findings} · {} · {read} · {state}{proved}{}",
        count(summary.chains, "chain"),
        age.unwrap_or_default()
    );
    terminal::escape(&Shade::new(options.redact).text(&line.replace('\u{a0}', " "))).into_owned()
}

/// Says what digest files prove, in a few words.
fn proved(integrity: &Integrity) -> String {
    match integrity.verdict() {
        Verdict::Failed => {
            let files = wide(integrity.failures().count());
            format!("INTEGRITY FAILED: {}", count(files, "file"))
        }
        _ if integrity.lost().next().is_some() => {
            let lost = proof::places(integrity.lost().count());
            format!("INTEGRITY NOT VERIFIABLE: no digest file is left of {lost}")
        }
        _ if integrity.is_without_digests() => "INTEGRITY NOT VERIFIABLE: no digest files".to_owned(),
        Verdict::Verified => "integrity verified".to_owned(),
        Verdict::NotVerifiable => "integrity not verifiable".to_owned(),
    }
}
