//! The first lines: is it bad, what was read, and is that all there is?

use std::collections::BTreeSet;
use std::io;

use crate::model::finding::LEARNING_DAYS;
use crate::model::width::wide;
use crate::report::names::count;
use crate::report::names::minute;
use crate::report::names::number;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::report::wire::Rows;
use crate::report::wire::coverage::Coverage;
use crate::report::wire::summary::Summary;

/// The width of the labels.
const LABEL: usize = 14;

/// How many sources are named.
const MAX_SOURCES: usize = 3;

pub(super) fn write(rows: &Rows<'_>, coverage: &Coverage<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let summary = rows.summary();
    if let Some(reason) = rows.report.nothing_judged() {
        screen.paragraph(
            &format!("{} ", paint(Style::High, "NOTHING JUDGED:")),
            &format!("{}.", safe(reason)),
            None,
        )?;
    } else {
        screen.line(&verdict(rows, &summary))?;
        if rows.report.is_incomplete() {
            let first = format!("{} ", paint(Style::High, "PARTIAL:"));
            screen.paragraph(&first, &safe(&rows.shade.text(&rows.report.unanswered())), None)?;
        }
    }
    screen.blank()?;
    for (label, text) in facts(rows, coverage, &summary) {
        screen.paragraph(&paint(Style::Quiet, &format!("  {label:LABEL$}")), &text, None)?;
    }
    Ok(())
}

fn verdict(rows: &Rows<'_>, summary: &Summary) -> String {
    let counted = summary.findings.worst_first().into_iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = counted
        .map(|(severity, count)| {
            let style = if severity == "info" { Style::Strong } else { Style::of_severity(severity) };
            paint(style, &format!("{} {severity}", number(count)))
        })
        .collect();
    let excepted = match summary.findings_excepted {
        0 => String::new(),
        excepted => format!(" ({} excepted)", number(excepted)),
    };
    let hidden = summary.findings_not_shown.filtered();
    let hidden = if hidden == 0 { String::new() } else { format!(" ({} not shown)", number(hidden)) };
    if parts.is_empty() && hidden.is_empty() && rows.report.is_incomplete() {
        return format!("{}{excepted}", paint(Style::Strong, "No finding in what could be judged."));
    }
    if parts.is_empty() && hidden.is_empty() {
        return format!("{}{excepted}", paint(Style::Good, "Nothing unexpected."));
    }
    if parts.is_empty() {
        return format!("{}{excepted}{hidden}", paint(Style::Strong, "No finding is shown."));
    }
    let total: u64 = summary.findings.worst_first().iter().map(|(_, count)| count).sum();
    format!("{} {}{excepted}", paint(Style::Strong, &format!("{}:", count(total, "finding"))), parts.join(", "))
        + &hidden
}

fn facts(rows: &Rows<'_>, coverage: &Coverage<'_>, summary: &Summary) -> Vec<(&'static str, String)> {
    let run = rows.report.run;
    let regions: BTreeSet<_> = coverage.accounts.iter().flat_map(|account| &account.regions).collect();
    let duplicates = match coverage.records.duplicate {
        0 => String::new(),
        duplicate => format!(" ({} of them twice)", number(duplicate)),
    };
    let accounts = wide(coverage.accounts.iter().filter(|account| account.account_id.is_some()).count());
    let mut facts = vec![(
        "read",
        format!(
            "{}, {}{duplicates}, {}, {}",
            count(coverage.objects.read, "object"),
            count(coverage.records.read, "record"),
            count(accounts, "account"),
            count(wide(regions.len()), "region")
        ),
    )];
    if coverage.first_event.is_some() {
        let (first, last) = (minute(coverage.first_event), minute(coverage.last_event));
        facts.push(("events", format!("{first} to {last} (all times are UTC)")));
    }
    if !run.accounts.is_empty() {
        facts.push(("accounts", format!("only what touches {}", safe(&run.accounts.join(", ")))));
    }
    if !run.regions.is_empty() {
        facts.push(("regions", format!("only what touches {}", safe(&run.regions.join(", ")))));
    }
    if run.since.is_some() || run.until.is_some() {
        let since = run.since.map_or_else(|| "the beginning".to_owned(), |since| since.to_string());
        let until = run.until.map_or_else(|| "the end".to_owned(), |until| until.to_string());
        facts.push(("window", format!("{since} to {until}")));
    }
    facts.push((
        "found",
        format!(
            "{} on {}, {}, {}",
            count(summary.chains, "chain"),
            count(summary.routes, "route"),
            count(summary.sessions, "session"),
            count(summary.denied_assumptions, "denied assumption")
        ),
    ));
    facts.push((
        "expectations",
        run.expectations.as_deref().map_or_else(
            || "none: only what needs no expectations was judged".to_owned(),
            |path| safe(path).into_owned(),
        ),
    ));
    if run.no_exceptions {
        facts.push(("exceptions", "none holds: --no-exceptions".to_owned()));
    }
    if let Some(baseline) = &run.baseline {
        facts.push(("baseline", safe(&baseline.told()).into_owned()));
    }
    if let Some(history) = run.history.as_ref().filter(|history| history.covered_days.len() < LEARNING_DAYS) {
        let covered = history.covered_days.len();
        facts.push((
            "learning",
            format!("{covered} of {LEARNING_DAYS} covered days; what is seen for the first time is not judged yet"),
        ));
    }
    let lost = run.history.as_ref().map(|history| history.lost.as_slice()).unwrap_or_default();
    if let Some(example) = lost.first() {
        let objects = count(wide(lost.len()), "object");
        facts.push(("lost", format!("{objects} gone before it could be read, such as {}", safe(example))));
    }
    if !run.iam_snapshots.is_empty() {
        facts.push(("iam", safe(&run.iam_snapshots.join(", ")).into_owned()));
    }
    if !run.sources.is_empty() {
        let named: Vec<_> = run.sources.iter().take(MAX_SOURCES).map(|source| safe(source)).collect();
        let more = match run.sources.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        facts.push(("sources", format!("{}{more}", named.join(", "))));
    }
    facts
}
