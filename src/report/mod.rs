//! What people and programs read at the end: one file for each format. To add one: write it, and list it in [`Format`] and in [`render`].

pub mod accept;
pub mod again;
pub mod catalogue;
pub mod chains;
mod client;
mod document;
mod format;
pub mod found;
mod github;
mod grid;
mod html;
mod json;
mod judged;
mod judged_chains;
mod judged_rank;
mod judged_without;
mod junit;
pub mod line;
mod links;
mod markdown;
mod names;
mod ndjson;
mod place;
pub(crate) mod production;
mod proof;
pub mod rules;
mod run_words;
mod sarif;
mod screen;
pub mod sheet;
mod shown;
mod table;
pub mod trace;
mod trace_json;
mod tree;
mod tree_session;
pub mod trust;
pub mod verify;
pub mod wanted;
pub mod who;
mod who_line;
pub mod wire;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;

use crate::audit::Entry;
use crate::join::Joined;
use crate::model::assurance::Assurance;
use crate::model::chain::SessionId;
use crate::model::finding::Finding;
use crate::model::finding::History;
use crate::model::integrity::Integrity;
use crate::model::lineage::Lineage;
use crate::model::time::Timestamp;
use crate::text::exit;
use crate::text::redact::Shade;
use again::Again;

pub use format::Format;
pub use json::schema;
pub use shown::Choice;
pub use shown::Hidden;
pub use shown::Standing;

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
    /// What the digest files prove, when they were checked.
    pub integrity: Option<&'a Integrity>,
    /// What CI systems say, and of which chains; `None` when no file of them was given.
    pub ci: Option<&'a Joined>,
}

impl Report<'_> {
    /// Returns true when a question could not be answered in full: silence is then no evidence.
    pub fn is_incomplete(&self) -> bool {
        self.lineage.observations.counts.is_incomplete() || !self.run.assurance.is_full()
    }

    /// Says whether only some accounts or regions were asked for.
    pub fn is_narrowed(&self) -> bool {
        !self.run.accounts.is_empty() || !self.run.regions.is_empty()
    }

    /// Returns why nothing was judged, when no record came into the judgment.
    pub fn nothing_judged(&self) -> Option<&str> {
        self.run.assurance.nothing_judged.as_ref().map(|reason| reason.message.as_str())
    }

    /// Returns what could not be answered, as sentences.
    pub fn unanswered(&self) -> String {
        let reasons: Vec<&str> = self.run.assurance.reasons().map(|reason| reason.message.as_str()).collect();
        format!("{}. What that hides is not in this report.", reasons.join("; "))
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
    /// Whose logs they are, as that file says.
    pub organization: Option<String>,
    /// The lines of that file that speak of findings, by fingerprint.
    pub expectation_lines: BTreeMap<String, usize>,
    /// The IAM snapshots that were used.
    pub iam_snapshots: Vec<String>,
    /// What the store knows of earlier days, when there is one.
    pub history: Option<History>,
    /// Which findings were asked for.
    pub choice: Choice,
    /// The findings that were left out.
    pub hidden: Hidden,
    /// No exception was to hold.
    pub no_exceptions: bool,
    /// What the baseline came to, when there is one.
    pub baseline: Option<Standing>,
    /// Which questions could be answered.
    pub assurance: Assurance,
    /// The accounts that were asked for; empty for all.
    pub accounts: Vec<String>,
    /// The regions that were asked for; empty for all.
    pub regions: Vec<String>,
    /// What the expectations say of who entered each role, by session; nothing unless it was asked for.
    pub entries: Vec<Entry>,
    /// The sessions that changed something in production.
    pub production: BTreeSet<SessionId>,
    /// The long-term keys that changed something in production themselves.
    pub production_keys: BTreeSet<String>,
    /// What a command takes to ask the same again.
    pub again: Again,
}

/// How to tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Options {
    /// Show only the last four characters of access key ids.
    pub redact: bool,
    /// List single hops of AWS services, too.
    pub include_services: bool,
    /// The width of the terminal.
    pub width: usize,
    /// Color the terminal report.
    pub color: bool,
    /// Cut no table.
    pub all: bool,
    /// Some of the chains were asked for: counts, keys and denied attempts are theirs, too.
    pub only_chains: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { redact: false, include_services: false, width: 80, color: false, all: false, only_chains: false }
    }
}

/// Writes the report.
pub fn render(format: Format, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(medium) = format.medium() else { return table::write(report, options, out) };
    exit::through(medium, Shade::new(options.redact), out, |out| match format {
        Format::Table => Ok(()),
        Format::Json => json::write(report, options, out),
        Format::Ndjson => ndjson::write(report, options, out),
        Format::Html => html::write(report, options, out),
        Format::Markdown => markdown::write(report, options, out),
        Format::Sarif => sarif::write(report, options, out),
        Format::Github => github::write(report, options, out),
        Format::Junit => junit::write(report, options, out),
    })
}
