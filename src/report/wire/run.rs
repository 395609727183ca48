//! The run: the only part of a report that differs between two runs over the same logs.

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Text;
use super::Time;
use crate::model::finding::LEARNING_DAYS;
use crate::model::width::wide;

/// How many lost objects are named.
const MAX_LOST: usize = 100;

/// What depends on the run and not on the logs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Run<'a> {
    /// The version of rolechain.
    pub version: &'a str,
    /// When the run began.
    pub started_at: Option<Time>,
    /// When the report was written.
    pub finished_at: Option<Time>,
    /// The sources, as the user named them.
    pub sources: &'a [String],
    /// The window that is reported: of a store, whole days that it keeps.
    pub window: Window,
    /// The accounts that were asked for; empty for all.
    pub accounts: &'a [String],
    /// The regions that were asked for; empty for all.
    pub regions: &'a [String],
    /// The expectations file that was used; null when there was none.
    pub expectations: Option<&'a str>,
    /// The IAM snapshots that were used.
    pub iam_snapshots: &'a [String],
    /// What the store knows of earlier days; null without one, and when only a part of it was asked for.
    pub history: Option<Past<'a>>,
    /// Which findings were asked for; `summary.findings_not_shown` counts the others.
    pub shown: Shown,
    /// True when no exception was to hold: all that is accepted is open.
    pub no_exceptions: bool,
    /// What the baseline came to; null when there was none.
    pub baseline: Option<Baseline<'a>>,
}

/// Which findings were asked for.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Shown {
    /// Only findings at least this severe.
    #[schemars(extend("enum" = ["info", "low", "medium", "high", "critical"]))]
    pub min_severity: &'static str,
    /// Only findings at least this sure.
    #[schemars(extend("enum" = ["low", "medium", "high"]))]
    pub min_confidence: &'static str,
    /// Only findings for this reader, and for those before it.
    #[schemars(extend("enum" = ["regular", "pedantic", "auditor"]))]
    pub persona: &'static str,
}

/// Findings that were known on a day, and are accepted for a time.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Baseline<'a> {
    /// The file, as the user named it.
    pub file: &'a str,
    /// The day it was made.
    pub created: Time,
    /// The last day it holds.
    pub expires: Time,
    /// Who made it.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// How many findings it knows.
    pub known: u64,
    /// How many of them are still there, and accepted.
    pub accepted: u64,
    /// How many of them are still there, and open again because its time is over.
    pub open: u64,
}

/// What a store knows of earlier days.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Past<'a> {
    /// Days with records.
    pub covered_days: u64,
    /// Rules that judge what was never seen before are silent until so many days are covered.
    pub learning_days: u64,
    /// Objects that were gone before they could be read: what they held is in no report.
    pub objects_lost: u64,
    /// The first hundred of them, by name.
    pub lost: Vec<Text<'a>>,
    /// Objects that this run added to the store; null when it only looked.
    pub new_objects: Option<u64>,
}

/// A window of time.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Window {
    /// Its start; null when it is open.
    pub since: Option<Time>,
    /// Its end; null when it is open.
    pub until: Option<Time>,
}

impl<'a> Rows<'a> {
    /// Returns what depends on the run.
    pub fn run(&self) -> Run<'a> {
        let run = self.report.run;
        Run {
            version: &run.version,
            started_at: run.started_at.map(Time),
            finished_at: run.finished_at.map(Time),
            sources: &run.sources,
            window: Window { since: run.since.map(Time), until: run.until.map(Time) },
            accounts: &run.accounts,
            regions: &run.regions,
            expectations: run.expectations.as_deref(),
            iam_snapshots: &run.iam_snapshots,
            history: run.history.as_ref().map(|history| Past {
                covered_days: wide(history.covered_days.len()),
                learning_days: wide(LEARNING_DAYS),
                objects_lost: wide(history.lost.len()),
                lost: history.lost.iter().take(MAX_LOST).map(|object| self.shade.text(object)).collect(),
                new_objects: history.new_objects,
            }),
            shown: Shown {
                min_severity: run.choice.min_severity.name(),
                min_confidence: run.choice.min_confidence.name(),
                persona: run.choice.persona.name(),
            },
            no_exceptions: run.no_exceptions,
            baseline: run.baseline.as_ref().map(|baseline| Baseline {
                file: &baseline.file,
                created: Time(baseline.created),
                expires: Time(baseline.expires),
                by: &baseline.by,
                reason: &baseline.reason,
                known: baseline.known,
                accepted: baseline.accepted,
                open: baseline.open,
            }),
        }
    }
}
