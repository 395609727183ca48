//! The run: the only part of a report that differs between two runs over the same logs.

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Time;
use crate::model::finding::LEARNING_DAYS;

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
    /// The expectations file that was used; null when there was none.
    pub expectations: Option<&'a str>,
    /// The IAM snapshots that were used.
    pub iam_snapshots: &'a [String],
    /// What the store knows of earlier days; null without one, and when only a part of it was asked for.
    pub history: Option<Past>,
}

/// What a store knows of earlier days.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Past {
    /// Days with records.
    pub covered_days: u64,
    /// Rules that judge what was never seen before are silent until so many days are covered.
    pub learning_days: u64,
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
            expectations: run.expectations.as_deref(),
            iam_snapshots: &run.iam_snapshots,
            history: run.history.as_ref().map(|history| Past {
                covered_days: history.covered_days.len() as u64,
                learning_days: LEARNING_DAYS as u64,
            }),
        }
    }
}
