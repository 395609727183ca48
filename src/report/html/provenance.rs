//! Provenance: what made this page, from what, and how.

use std::fmt;
use std::io;

use super::View;
use super::page::Page;
use crate::audit;
use crate::report::SCHEMA;
use crate::report::wire::Time;

/// How many sources are named.
const MAX_SOURCES: usize = 50;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let run = view.rows.run();
    page.section("provenance", "Provenance")?;
    page.raw("<dl class=\"facts\">\n")?;
    fact(page, "Made by", &format!("rolechain {}, {} rules", run.version, audit::RULES.len()))?;
    let moment = |time: Option<Time>, none: &str| time.map_or_else(|| none.to_owned(), |time| time.to_string());
    if run.started_at.is_some() {
        fact(page, "Run", &format!("{} to {}", moment(run.started_at, "?"), moment(run.finished_at, "?")))?;
    }
    let window = match (run.window.since, run.window.until) {
        (None, None) => "all that the sources hold".to_owned(),
        (since, until) => format!("{} to {}", moment(since, "the beginning"), moment(until, "the end")),
    };
    fact(page, "Window", &window)?;
    page.raw("<dt>Sources</dt>\n")?;
    for source in run.sources.iter().take(MAX_SOURCES) {
        page.put("<dd><code>{}</code></dd>\n", [source])?;
    }
    if run.sources.len() > MAX_SOURCES {
        page.put("<dd>… and {} more (the JSON report names all)</dd>\n", [&(run.sources.len() - MAX_SOURCES)])?;
    }
    if run.sources.is_empty() {
        page.raw("<dd>not recorded</dd>\n")?;
    }
    fact(page, "Expectations", &run.expectations.unwrap_or("none: only what needs no expectations was judged"))?;
    if run.iam_snapshots.is_empty() {
        fact(page, "IAM snapshots", &"none")?;
    } else {
        fact(page, "IAM snapshots", &run.iam_snapshots.join(", "))?;
    }
    let choice = view.rows.report.run.choice;
    let shown = format!(
        "severity from {}, confidence from {}, for {} readers",
        choice.min_severity.name(),
        choice.min_confidence.name(),
        choice.persona.name()
    );
    fact(page, "Findings shown", &shown)?;
    if let Some(baseline) = run.baseline {
        fact(page, "Baseline", &baseline.file)?;
    }
    fact(page, "Key ids", &if view.rows.options.redact { "only the last four characters" } else { "in full" })?;
    fact(page, "AWS services", &services(view))?;
    fact(page, "Times", &"UTC, as CloudTrail writes them")?;
    fact(page, "Same rows as data", &format!("--format json, schema {SCHEMA}"))?;
    page.raw("</dl>\n")?;
    page.end_section()
}

fn services(view: &View<'_>) -> String {
    match view.summary.service_chains_not_listed {
        0 => "no chain was left out".to_owned(),
        left => format!("{} of services alone counted, not listed", super::count(left, "single hop")),
    }
}

fn fact(page: &mut Page<'_>, name: &'static str, value: &dyn fmt::Display) -> io::Result<()> {
    page.put("<dt>{}</dt>\n<dd>{}</dd>\n", [&name, value])
}
