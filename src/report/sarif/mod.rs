//! SARIF 2.1.0 for code scanning. GitHub refuses an upload whole for one result without a file, so every result has one;
//! what its limits do not admit is left out here, the worst findings first, and the log says so.

mod item;
mod model;
mod rule;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::Write as _;

use super::Options;
use super::Report;
use super::names;
use super::wire::Rows;
use super::wire::finding::Finding;
use crate::model::width::wide;
use crate::text::exit::Exit;
use crate::text::terminal;
use model::AutomationDetails;
use model::Driver;
use model::Invocation;
use model::Item;
use model::Log;
use model::Message;
use model::Notification;
use model::Run;
use model::Tool;

/// How many results are written. GitHub takes 25,000 and shows the 5,000 worst, in at most 10 MB when compressed.
const MAX_RESULTS: usize = 5000;

/// The longest message, in characters: longer ones are cut by viewers, or slow them down.
const MAX_MESSAGE: usize = 4000;

/// How a severity is told: SARIF's level, and the number that GitHub ranks by.
const LEVELS: [(&str, &str, &str); 5] = [
    ("critical", "error", "9.5"),
    ("high", "error", "8.0"),
    ("medium", "warning", "5.5"),
    ("low", "note", "3.0"),
    ("info", "note", "0.0"),
];

/// Writes the log.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    let rows = Rows::new(report, options);
    // GitHub closes an alert when its result is gone, and reads no `absent`.
    let all: Vec<Finding<'_>> = rows.findings().collect();
    let told = all.get(..MAX_RESULTS).unwrap_or(&all);
    let rules: BTreeSet<&'static str> = told.iter().map(|finding| finding.rule).collect();
    let positions: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (*rule, at)).collect();
    let first_chains: BTreeSet<&str> =
        told.iter().filter_map(|finding| finding.chain_ids.first()).map(String::as_str).collect();
    let chains = item::chains(&rows, &first_chains);
    let results: Vec<Item<'_>> = told
        .iter()
        .map(|finding| {
            let position = positions.get(finding.rule).copied().unwrap_or_default();
            let chain = finding.chain_ids.first().and_then(|id| chains.get(id.as_str()));
            item::of(report, finding, position, chain)
        })
        .collect();
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "rolechain",
                semantic_version: &report.run.version,
                rules: rules.into_iter().map(rule::of).collect(),
            },
        },
        invocations: [invocation(&rows, all.len())],
        automation_details: AutomationDetails { id: "rolechain/audit" },
        column_kind: "unicodeCodePoints",
        results,
    };
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

/// Says how the run went: what could not be read, and what was left out here.
fn invocation(rows: &Rows<'_>, findings: usize) -> Invocation {
    let mut notifications = Vec::new();
    let mut notify = |level, text: String| {
        notifications.push(Notification { level, message: Message { text: plain(&text).into_owned() } });
    };
    if let Some(reason) = rows.report.nothing_judged() {
        notify("error", format!("Nothing was judged: {reason}."));
    } else if rows.report.is_incomplete() {
        notify("error", format!("The verdict is partial: {}", rows.report.unanswered()));
    }
    if findings > MAX_RESULTS {
        let left_out = names::number(wide(findings - MAX_RESULTS));
        notify(
            "warning",
            format!(
                "{left_out} findings are left out: GitHub shows 5,000, and these are the worst. The JSON report lists all."
            ),
        );
    }
    let run = rows.report.run;
    if let Some(hidden) = run.hidden.told(&run.choice) {
        notify("note", hidden);
    }
    if let Some(baseline) = &run.baseline {
        notify("note", format!("Baseline: {}.", baseline.told()));
    }
    Invocation {
        execution_successful: !rows.report.is_incomplete(),
        start_time_utc: run.started_at.map(|time| time.to_string()),
        end_time_utc: run.finished_at.map(|time| time.to_string()),
        tool_execution_notifications: notifications,
    }
}

fn level(severity: &str) -> (&'static str, &'static str) {
    let known = LEVELS.iter().find(|(name, ..)| *name == severity);
    known.map_or(("note", "0.0"), |(_, level, number)| (level, number))
}

/// Returns foreign text without what is not plainly visible; our own unbroken spaces become spaces.
fn plain(text: &str) -> Cow<'static, str> {
    let text = text.replace('\u{a0}', " ");
    Cow::Owned(terminal::escape(&text).into_owned())
}

/// Returns text for a message: no link can be made with it and no placeholder, and it is not endless.
fn message(text: &str) -> Message {
    let text = plain(text);
    let mut cut: String = text.chars().take(MAX_MESSAGE).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    Message { text: cut.replace("](", "] (").replace('{', "{{").replace('}', "}}") }
}
