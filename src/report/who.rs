//! `rolechain who`: who acted in an account, on a role, from a repository, with a key: one line each, the newest first.

use std::collections::BTreeSet;
use std::io;
use std::io::Write as _;

use serde::Serialize;

use super::Options;
use super::Report;
use super::judged_rank::is_of_door;
use super::names::count;
use super::names::minute;
use super::names::number;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::who_line::Line;
use super::who_line::Lines;
use super::wire::Rows;
use super::wire::assurance::Answer;
use super::wire::finding::Finding;
use super::wire::run::Run;
use crate::model::finding::Severity;
use crate::model::principal::PrincipalId;
use crate::model::width::wide;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::fit;
use crate::text::redact::Shade;

/// The name and version of the JSON document.
const SCHEMA: &str = "rolechain.who/1";

/// How many lines a terminal shows: more are for programs.
const MAX_LINES: usize = 500;

/// How many things that the name stands for are listed.
const MAX_SENSES: usize = 4;

/// What was asked. The report holds only what acted there.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// As it was typed.
    pub target: String,
    /// What it stands for in these logs: `account 222222222222`, `role arn:…`.
    pub stands_for: Vec<String>,
    /// Names that are like it, when nothing has this one.
    pub near: Vec<String>,
    /// The fingerprints of open findings about it that speak of no chain.
    pub found: BTreeSet<String>,
    /// Callers with neither a session nor a key in these logs that have the name.
    pub callers: BTreeSet<PrincipalId>,
}

/// The JSON document.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    run: Run<'a>,
    target: &'a str,
    stands_for: &'a [String],
    verdict: &'static str,
    assurance: Vec<Answer<'a>>,
    service_chains_not_listed: u64,
    lines: Vec<Line<'a>>,
    /// Open findings about the target that stand on no line.
    findings: Vec<Finding<'a>>,
}

/// Writes the lines as one JSON document.
pub fn json(report: &Report<'_>, asked: &Asked, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let lines = Lines::of(&rows, &asked.callers).all();
    // The whole report has findings that are about other things: here the lines decide.
    let findings: Vec<Finding<'_>> = found(&rows, asked, &lines).collect();
    let is_found = !findings.is_empty() || lines.iter().any(|line| line.judgment.expected == "no");
    let verdict = match () {
        () if report.nothing_judged().is_some() => "nothing_judged",
        () if report.is_incomplete() => "partial",
        () if is_found => "findings",
        () => "clean",
    };
    let document = Document {
        schema: SCHEMA,
        run: rows.run(),
        target: &asked.target,
        stands_for: &asked.stands_for,
        verdict,
        assurance: rows.assurance(),
        service_chains_not_listed: rows.summary().service_chains_not_listed,
        lines,
        findings,
    };
    exit::through(Medium::Json, Shade::new(options.redact), out, |out| {
        serde_json::to_writer_pretty(&mut *out, &document)?;
        out.write_all(b"\n")
    })
}

/// Writes the lines for people.
pub fn table(report: &Report<'_>, asked: &Asked, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let mut screen = Screen::new(options, out);
    let lines = Lines::of(&rows, &asked.callers).all();
    head(&rows, asked, &lines, &mut screen)?;
    if !lines.is_empty() {
        screen.blank()?;
    }
    for line in lines.iter().take(MAX_LINES) {
        let first = format!("  {}  ", minute(line.time));
        let rest = " ".repeat(fit::width(&first));
        let room = screen.width.saturating_sub(fit::width(&first));
        for (at, text) in fit::wrap(&line.pieces(room).join("\u{a0}· "), room).iter().enumerate() {
            screen.line(&format!("{}{text}", if at == 0 { &first } else { &rest }))?;
        }
    }
    if lines.len() > MAX_LINES {
        let more = number(wide(lines.len() - MAX_LINES));
        screen.line(&paint(Style::Quiet, &format!("  … and {more} more (--format json lists all)")))?;
    }
    also(&rows, asked, &lines, &mut screen)?;
    if !lines.is_empty() {
        screen.blank()?;
        screen.line(&paint(Style::Quiet, "  All times are UTC. `rolechain trace ID` shows one of them in full."))?;
    }
    Ok(())
}

/// Returns what was found about the target itself and stands on no line, such as a trust policy that is too wide.
fn found<'a>(rows: &Rows<'a>, asked: &Asked, lines: &[Line<'_>]) -> impl Iterator<Item = Finding<'a>> {
    let on_lines: BTreeSet<&str> = lines.iter().flat_map(|line| &line.judgment.without_chain).copied().collect();
    let named: BTreeSet<&str> = lines
        .iter()
        .filter(|line| line.kind == "chain")
        .filter_map(|line| line.judgment.fingerprint.as_deref())
        .collect();
    let named: BTreeSet<String> = named.into_iter().map(str::to_owned).collect();
    let listed: BTreeSet<&str> = lines.iter().filter_map(|line| line.id.as_deref()).collect();
    let passed: BTreeSet<String> = rows
        .report
        .findings
        .iter()
        .filter(|finding| finding.is_open() && is_of_door(finding))
        .filter(|finding| {
            let mut ids = finding.chain_ids.ids(&rows.lineage().by_descent);
            ids.any(|id| listed.contains(id.to_string().as_str()))
        })
        .map(|finding| finding.fingerprint.clone())
        .filter(|fingerprint| !named.contains(fingerprint))
        .collect();
    let is_left = move |finding: &Finding<'_>| {
        let is_about = asked.found.contains(&*finding.fingerprint) || passed.contains(&*finding.fingerprint);
        finding.persona == "regular" && is_about && !on_lines.contains(&*finding.fingerprint)
    };
    rows.findings().filter(is_left)
}

fn also(rows: &Rows<'_>, asked: &Asked, lines: &[Line<'_>], screen: &mut Screen<'_>) -> io::Result<()> {
    for (at, finding) in found(rows, asked, lines).enumerate() {
        if at == 0 {
            screen.blank()?;
            screen.line("  Also found about what it used, on no line above; the finding says who did it:")?;
        }
        let head = paint(Style::of_severity(finding.severity), &finding.severity.to_uppercase());
        screen.paragraph("    ", &format!("{head} {}: {}", finding.rule, safe(&finding.title)), None)?;
    }
    Ok(())
}

/// Says what the name stands for, whether it was expected, and whether that is all there is.
fn head(rows: &Rows<'_>, asked: &Asked, lines: &[Line<'_>], screen: &mut Screen<'_>) -> io::Result<()> {
    if let Some(reason) = rows.report.nothing_judged() {
        let first = format!("{} ", paint(Style::High, "NOTHING JUDGED:"));
        screen.paragraph(&first, &format!("{}.", safe(&rows.shade.text(reason))), None)?;
    } else {
        verdict(rows, asked, lines, screen)?;
        if rows.report.is_incomplete() {
            let first = format!("{} ", paint(Style::High, "PARTIAL:"));
            screen.paragraph(&first, &safe(&rows.shade.text(&rows.report.unanswered())), None)?;
        }
    }
    screen.blank()?;
    let mut fact =
        |label: &str, text: &str| screen.paragraph(&paint(Style::Quiet, &format!("  {label:12}  ")), text, None);
    if !asked.stands_for.is_empty() {
        let more = asked.stands_for.len().saturating_sub(MAX_SENSES);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let senses: Vec<_> = asked.stands_for.iter().take(MAX_SENSES).map(|sense| safe(sense)).collect();
        fact(&safe(&asked.target), &format!("{}{more}", senses.join(", ")))?;
    }
    let coverage = rows.coverage();
    let accounts = wide(coverage.accounts.iter().filter(|account| account.account_id.is_some()).count());
    let period =
        coverage.first_event.map(|first| format!(", {} to {}", minute(Some(first)), minute(coverage.last_event)));
    let run = rows.report.run;
    let inside = coverage.accounts.iter().map(|account| account.records).sum::<u64>();
    let (records, besides) = match coverage.records.read {
        read if run.since.is_none() && run.until.is_none() => (read, String::new()),
        read => (inside, format!(", of {} read", number(read))),
    };
    let read = format!("{} of {}", count(records, "record"), count(accounts, "account"));
    fact("looked at", &format!("{read}{}{besides}", period.unwrap_or_default()))?;
    if run.since.is_some() || run.until.is_some() {
        let bound = |bound: Option<crate::model::time::Timestamp>, open: &str| {
            bound.map_or_else(|| open.to_owned(), |time| time.to_string())
        };
        fact("window", &format!("{} to {}", bound(run.since, "the beginning"), bound(run.until, "the end")))?;
    }
    match rows.summary().service_chains_not_listed {
        0 => {}
        hidden => {
            fact("not listed", &format!("{} of AWS services; --include-services lists them", count(hidden, "chain")))?;
        }
    }
    let expectations = run.expectations.as_deref().map_or_else(
        || "none: nothing can be called expected, and accounts have no names; `rolechain infer` drafts them".into(),
        |path| safe(path),
    );
    fact("expectations", &expectations)?;
    if let Some(baseline) = &run.baseline {
        fact("baseline", &format!("{}, until {}", safe(&baseline.file), baseline.expires.date()))?;
    }
    if rows.report.is_narrowed() {
        let named = [run.accounts.join(", "), run.regions.join(", ")].into_iter().filter(|names| !names.is_empty());
        fact("narrowed", &format!("to what touches {}", safe(&named.collect::<Vec<_>>().join(" and "))))?;
    }
    if !asked.near.is_empty() {
        fact("did you mean", &safe(&asked.near.join(", ")))?;
    }
    Ok(())
}

/// Says how much was expected, and how much was not.
fn verdict(rows: &Rows<'_>, asked: &Asked, lines: &[Line<'_>], screen: &mut Screen<'_>) -> io::Result<()> {
    if lines.is_empty() {
        let others = if rows.summary().service_chains_not_listed > 0 { " but AWS services" } else { "" };
        let narrowed = if rows.report.is_narrowed() { " with what is shown" } else { "" };
        let said = format!("Nobody{others} acted there{narrowed}: {}.", safe(&asked.target));
        return screen.line(&paint(Style::Strong, &said));
    }
    let number_of = |answer: &str| wide(lines.iter().filter(|line| line.judgment.expected == answer).count());
    let worst = Severity::WORST_FIRST.into_iter().filter_map(|severity| {
        let is_it =
            |line: &&Line<'_>| line.judgment.expected == "no" && line.judgment.severity == Some(severity.name());
        let found = lines.iter().filter(is_it).count();
        (found > 0).then(|| {
            paint(Style::of_severity(severity.name()), &format!("{} {}", number(wide(found)), severity.name()))
        })
    });
    let worst: Vec<String> = worst.collect();
    let mut parts = Vec::new();
    if !worst.is_empty() {
        parts.push(format!("{} not expected ({})", number(number_of("no")), worst.join(", ")));
    }
    for (answer, words) in [("yes", "expected"), ("accepted", "accepted"), ("unknown", "undecided")] {
        let found = number_of(answer);
        if found > 0 {
            parts.push(format!("{} {words}", number(found)));
        }
    }
    let kinds = [("chain", "chain"), ("key", "key"), ("caller", "caller"), ("denied", "denial")];
    let counted = kinds.into_iter().filter_map(|(kind, noun)| {
        let found = wide(lines.iter().filter(|line| line.kind == kind).count());
        (found > 0).then(|| if kind == "key" { count(found, "key") + " used directly" } else { count(found, noun) })
    });
    let counted = paint(Style::Strong, &format!("{}:", counted.collect::<Vec<_>>().join(", ")));
    screen.hanging("", "  ", &format!("{counted} {}", parts.join(", ")), None)
}
