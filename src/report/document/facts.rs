//! The verdict: one sentence, whether that is all there is, and what it rests on.

use std::collections::BTreeSet;

use super::Block;
use super::Fact;
use super::Kind;
use super::View;
use super::count;
use super::count_of;
use super::moment;
use crate::audit;
use crate::model::finding::LEARNING_DAYS;
use crate::model::width::wide;
use crate::report::names::number;
use crate::report::wire::Time;

/// How many sources are named.
const MAX_SOURCES: usize = 10;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Verdict {
    /// Nothing unexpected, and every question answered.
    Good,
    /// Findings to be looked at, or a question that was not answered.
    Notice,
    /// Findings to be looked at now, or nothing was judged.
    Alarm,
}

/// Returns how bad it is.
pub(in crate::report) fn verdict(view: &View<'_>) -> Verdict {
    let findings = &view.summary.findings;
    let report = &view.rows.report;
    if report.nothing_judged().is_some() || findings.critical + findings.high > 0 {
        Verdict::Alarm
    } else if view.total() > 0 || report.is_incomplete() || view.summary.findings_not_shown.filtered() > 0 {
        Verdict::Notice
    } else {
        Verdict::Good
    }
}

impl View<'_> {
    /// Counts the findings that are open and shown.
    pub(in crate::report) fn total(&self) -> u64 {
        self.summary.findings.worst_first().iter().map(|(_, number)| number).sum()
    }
}

/// Says in a sentence what came of it.
pub(in crate::report) fn sentence(view: &View<'_>) -> String {
    let summary = &view.summary;
    if let Some(reason) = view.rows.report.nothing_judged() {
        return format!("Nothing was judged: {reason}.");
    }
    let (excepted, hidden) = (summary.findings_excepted, summary.findings_not_shown.filtered());
    let besides: Vec<String> = [(excepted, "accepted"), (hidden, "not shown")]
        .into_iter()
        .filter(|(findings, _)| *findings > 0)
        .map(|(findings, word)| format!("{} {word}", number(findings)))
        .collect();
    let besides = if besides.is_empty() { String::new() } else { format!(" ({})", besides.join(", ")) };
    if view.total() == 0 {
        let words = match () {
            () if hidden > 0 => "No finding is shown",
            () if view.rows.report.is_incomplete() => "No open finding in what could be judged",
            () => "Nothing unexpected",
        };
        return format!("{words}{besides}.");
    }
    let parts = summary.findings.worst_first().into_iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts.map(|(severity, count)| format!("{} {severity}", number(count))).collect();
    format!("{}: {}{besides}.", count(view.total(), "finding"), parts.join(", "))
}

/// Says what keeps the verdict from being one about everything.
pub(in crate::report) fn warnings(view: &View<'_>) -> Vec<Block> {
    let report = &view.rows.report;
    let run = report.run;
    let mut warnings = Vec::new();
    if report.nothing_judged().is_none() && report.is_incomplete() {
        warnings.push(Block::Warning("PARTIAL", view.rows.shade.text(&report.unanswered()).into_owned()));
    }
    if report.is_narrowed() {
        let asked: Vec<&str> = run.accounts.iter().chain(&run.regions).map(String::as_str).collect();
        warnings.push(Block::Warning("NARROWED", format!("only what touches {} is shown.", asked.join(", "))));
    }
    if let Some(hidden) = run.hidden.told(&run.choice) {
        warnings.push(Block::Note(hidden));
    }
    if run.no_exceptions {
        warnings.push(Block::Note("No exception holds: --no-exceptions.".to_owned()));
    }
    warnings
}

/// Names what the verdict rests on.
pub(in crate::report) fn facts(view: &View<'_>) -> Vec<Fact> {
    let run = view.rows.report.run;
    let mut facts = Vec::new();
    let mut fact = |name, kind, text: String| facts.push(Fact { name, kind, text });
    read(view, &mut fact);
    let expectations = run.expectations.clone();
    match expectations {
        Some(file) => fact("expectations", Kind::Name, file),
        None => fact("expectations", Kind::Words, "none: only what needs no expectations was judged".to_owned()),
    }
    if let Some(baseline) = &run.baseline {
        fact("baseline", Kind::Words, format!("{}; because: {}", baseline.told(), baseline.reason));
    }
    if let Some(history) = run.history.as_ref().filter(|history| history.covered_days.len() < LEARNING_DAYS) {
        let covered = history.covered_days.len();
        let words = format!("{covered} of {LEARNING_DAYS} covered days; what is new is not judged yet");
        fact("learning", Kind::Words, words);
    }
    let lost = run.history.as_ref().map(|history| history.lost.as_slice()).unwrap_or_default();
    if let Some(example) = lost.first() {
        let objects = count_of(lost.len(), "object");
        fact("lost", Kind::Words, format!("{objects} gone before it could be read, such as {example}"));
    }
    if !run.iam_snapshots.is_empty() {
        fact("IAM snapshots", Kind::Name, run.iam_snapshots.join(", "));
    }
    if !run.sources.is_empty() {
        let named: Vec<&str> = run.sources.iter().take(MAX_SOURCES).map(String::as_str).collect();
        let more = match run.sources.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        fact("sources", Kind::Name, format!("{}{more}", named.join(", ")));
    }
    fact("made by", Kind::Words, format!("rolechain {}, {} rules", run.version, audit::RULES.len()));
    facts
}

/// Names what was read and found.
fn read(view: &View<'_>, fact: &mut dyn FnMut(&'static str, Kind, String)) {
    let (coverage, summary, run) = (&view.coverage, &view.summary, view.rows.report.run);
    let regions: BTreeSet<_> = coverage.accounts.iter().flat_map(|account| &account.regions).collect();
    let duplicates = match coverage.records.duplicate {
        0 => String::new(),
        duplicate => format!(" ({} of them twice)", number(duplicate)),
    };
    let accounts = wide(coverage.accounts.iter().filter(|account| account.account_id.is_some()).count());
    let words = format!(
        "{}, {}{duplicates}, {}, {}",
        count(coverage.objects.read, "object"),
        count(coverage.records.read, "record"),
        count(accounts, "account"),
        count_of(regions.len(), "region")
    );
    fact("read", Kind::Words, words);
    if coverage.first_event.is_some() {
        let (first, last) = (moment(coverage.first_event), moment(coverage.last_event));
        fact("events", Kind::Words, format!("{first} to {last} (all times are UTC)"));
    }
    if run.since.is_some() || run.until.is_some() {
        let end = |time: Option<_>, open: &str| time.map_or_else(|| open.to_owned(), |time| moment(Some(Time(time))));
        let words = format!("{} to {}", end(run.since, "the beginning"), end(run.until, "the end"));
        fact("window", Kind::Words, words);
    }
    let words = format!(
        "{} on {}, {}, {}",
        count(summary.chains, "chain"),
        count(summary.routes, "route"),
        count(summary.sessions, "session"),
        count(summary.denied_assumptions, "denied record")
    );
    fact("found", Kind::Words, words);
}
