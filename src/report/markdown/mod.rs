//! Markdown for a job summary, a pull request or a wiki: the verdict first, findings folded away one by one.

mod findings;
mod integrity;
mod tables;

use std::fmt::Write as _;
use std::io;
use std::io::Write as _;

use super::Options;
use super::Report;
use super::limits;
use super::line;
use super::names;
use super::names::Names;
use super::wire::Rows;
use super::wire::coverage::Coverage;
use crate::model::width::wide;
use crate::text::exit::Exit;
use crate::text::markdown;

/// A job summary of GitHub holds 1 MiB for each step, and is dropped whole when it is longer. The rest is a margin.
const MAX_BYTES: usize = 1_000_000;

/// How much of it findings may take: tables come after them.
const MAX_FINDINGS_BYTES: usize = 800_000;

/// How many rows a table has.
const MAX_ROWS: usize = 50;

/// How many columns a name may take in a table.
const ROOM: usize = 120;

/// The longest sentence that is shown, in characters.
const MAX_SENTENCE: usize = 4000;

/// Where the rest is.
const REST: &str = "`--format json` lists all";

/// A page that grows, and knows how much it may.
pub(super) struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn has_room(&self, most: usize) -> bool {
        self.text.len() < most
    }

    /// Writes a table; its cells are safe. Says how many rows were left out.
    fn table(&mut self, heads: &[&str], rows: impl Iterator<Item = Vec<String>>, all: usize) {
        self.line(&format!("| {} |", heads.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(heads.len())));
        let mut shown = 0;
        for row in rows.take(MAX_ROWS) {
            if !self.has_room(MAX_BYTES) {
                break;
            }
            self.line(&format!("| {} |", row.join(" | ")));
            shown += 1;
        }
        if all > shown {
            let more = names::number(wide(all - shown));
            let _ = writeln!(self.text, "\n… and {more} more ({REST}).");
        }
    }
}

/// Writes the page.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let names = Names::new(report, options);
    let coverage = rows.coverage();
    let mut page = Page { text: String::new() };
    page.line("# rolechain");
    page.line("");
    page.line(&format!("**{}**", markdown::prose(&line::summary(report, options))));
    page.line("");
    facts(&rows, &coverage, &mut page);
    findings::write(&rows, &mut page);
    tables::write(&rows, names, &mut page);
    tables::write_coverage(&coverage, names, &mut page);
    integrity::write(coverage.integrity.as_ref(), &mut page);
    page.line("\n## Limits\n");
    page.line(limits::IN_SHORT);
    out.write_all(page.text.as_bytes())
}

/// Says what the report rests on.
fn facts(rows: &Rows<'_>, coverage: &Coverage<'_>, page: &mut Page) {
    let run = rows.report.run;
    if let Some(reason) = rows.report.nothing_judged() {
        page.line(&format!("> [!WARNING]\n> Nothing was judged: {}.\n", markdown::prose(reason)));
    } else if rows.report.is_incomplete() {
        page.line(&format!("> [!WARNING]\n> The verdict is partial: {}\n", markdown::prose(&rows.report.unanswered())));
    }
    let summary = rows.summary();
    let mut fact = |name: &str, text: &str| page.line(&format!("- {name}: {text}"));
    if coverage.first_event.is_some() {
        let (first, last) = (names::minute(coverage.first_event), names::minute(coverage.last_event));
        fact("events", &format!("{first} to {last} UTC"));
    }
    if run.since.is_some() || run.until.is_some() {
        let end = |moment: Option<crate::model::time::Timestamp>, open: &str| {
            moment.map_or_else(|| open.to_owned(), |moment| moment.to_string())
        };
        fact("window", &format!("{} to {}", end(run.since, "the beginning"), end(run.until, "the end")));
    }
    let found = format!(
        "{} on {}, {}, {}",
        names::count(summary.chains, "chain"),
        names::count(summary.routes, "route"),
        names::count(summary.sessions, "session"),
        names::count(summary.denied_assumptions, "denied assumption")
    );
    fact("found", &spaced(&found));
    let none = "none: only what needs no expectations was judged";
    fact("expectations", &run.expectations.as_deref().map_or_else(|| none.to_owned(), markdown::code));
    if run.no_exceptions {
        fact("exceptions", "none holds: `--no-exceptions`");
    }
    if let Some(baseline) = &run.baseline {
        fact("baseline", &markdown::prose(&baseline.told()));
    }
    if !run.iam_snapshots.is_empty() {
        fact("IAM snapshots", &list(&run.iam_snapshots));
    }
    fact("sources", &list(&run.sources));
    fact("rolechain", &run.version);
}

/// Names at most five things.
fn list(things: &[String]) -> String {
    let named = things.iter().take(5).map(|thing| markdown::code(thing)).collect::<Vec<_>>().join(", ");
    match things.len().saturating_sub(5) {
        0 if things.is_empty() => "none".to_owned(),
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Our own unbroken spaces are for terminals.
fn spaced(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

/// Cuts a sentence that is too long.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SENTENCE).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
