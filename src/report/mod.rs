//! What people and programs read at the end: one file for each format. To add one: write it, and list it in [`Format`].

pub mod chains;
pub mod ci_run;
mod grid;
mod json;
mod names;
mod ndjson;
pub mod redact;
pub mod rules;
mod screen;
mod table;
pub mod tree;
mod tree_session;
pub mod wire;

use std::collections::BTreeMap;
use std::io;

use crate::model::finding::Finding;
use crate::model::finding::History;
use crate::model::lineage::Lineage;
use crate::model::time::Timestamp;

pub use json::schema;

/// The name and version of the JSON report.
pub const SCHEMA: &str = "rolechain.report/1";

/// Everything that a report tells.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Every session, chain, key and denial, and what was read.
    pub lineage: &'a Lineage,
    /// What was not expected, the worst first.
    pub findings: &'a [Finding],
    /// What belongs to this run and not to the logs.
    pub run: &'a RunInfo,
    /// The names that people gave to accounts, by account id.
    pub account_names: &'a BTreeMap<String, String>,
}

impl Report<'_> {
    /// Returns true when some of the input could not be read, or there was none: silence is then no evidence.
    pub fn is_incomplete(&self) -> bool {
        self.lineage.observations.counts.is_incomplete()
    }
}

/// What depends on the run, and nothing on the logs.
#[derive(Clone, Debug, Default)]
pub struct RunInfo {
    /// The version of rolechain.
    pub version: String,
    /// When the run began.
    pub started_at: Option<Timestamp>,
    /// When the report was written.
    pub finished_at: Option<Timestamp>,
    /// The sources, as the user named them.
    pub sources: Vec<String>,
    /// The start of the window asked for.
    pub since: Option<Timestamp>,
    /// The end of the window asked for.
    pub until: Option<Timestamp>,
    /// The expectations file that was used.
    pub expectations: Option<String>,
    /// The IAM snapshots that were used.
    pub iam_snapshots: Vec<String>,
    /// What the store knows of earlier days, when there is one.
    pub history: Option<History>,
}

/// How to tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Show only the last four characters of access key ids.
    pub redact: bool,
    /// List single hops of AWS services, too.
    pub include_services: bool,
    /// The width of the terminal.
    pub width: usize,
    /// Colour the terminal report.
    pub color: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { redact: false, include_services: false, width: 80, color: false }
    }
}

/// A way to write a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, on a terminal.
    Table,
    /// One JSON document: `docs/report.schema.json` describes it.
    Json,
    /// JSON lines: one finding, chain, route, … on each.
    Ndjson,
}

impl Format {
    /// Every format, in the order of the help text.
    pub const ALL: [Self; 3] = [Self::Table, Self::Json, Self::Ndjson];

    /// Returns the word for it on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }

    /// Reads the word for it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == text)
    }
}

/// Writes the report.
pub fn render(format: Format, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(report, options, out),
        Format::Json => json::write(report, options, out),
        Format::Ndjson => ndjson::write(report, options, out),
    }
}
