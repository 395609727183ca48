//! The run behind audit, chains and trace: from arguments to an outcome.

use std::collections::BTreeMap;
use std::io;
use std::io::Write as _;
use std::mem::ManuallyDrop;

use super::args::InputArgs;
use super::args::KeyArgs;
use super::args::OutputArgs;
use super::exit::Failure;
use super::input;
use super::progress::Progressing;
use super::verify;
use crate::model::time::Timestamp;
use crate::pipeline;
use crate::pipeline::Outcome;
use crate::pipeline::Scanned;
use crate::report::Report;
use crate::report::RunInfo;
use crate::trust::snapshot::Snapshot;

/// One run: what came of it, and what a report says of the run itself.
pub(super) struct Run {
    /// Never taken apart: the program ends with its report, and freeing millions of rows one by one is work for nobody.
    pub(super) outcome: ManuallyDrop<Outcome>,
    pub(super) info: RunInfo,
    pub(super) snapshots: Vec<Snapshot>,
    account_names: BTreeMap<String, String>,
}

impl Run {
    /// Returns what a report is made of.
    pub(super) fn report(&self) -> Report<'_> {
        Report {
            lineage: &self.outcome.lineage,
            findings: &self.outcome.findings,
            run: &self.info,
            account_names: &self.account_names,
            integrity: self.outcome.integrity.as_ref(),
        }
    }
}

/// What a command wants besides what all of them take.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    /// The accounts in whose logs records must stand; empty for all.
    pub(super) accounts: &'a [String],
    /// An event to watch for.
    pub(super) event: Option<&'a str>,
    /// How many days the store keeps.
    pub(super) keep: Option<u32>,
    /// The store remembers the life of findings.
    pub(super) remembers: bool,
    /// The keys to check digest files with, when they are to be checked.
    pub(super) keys: Option<&'a KeyArgs>,
}

/// Makes the run that the arguments describe.
pub(super) fn perform(args: &InputArgs, wanted: &Wanted<'_>, shown: &OutputArgs) -> Result<Run, Failure> {
    let started = now();
    let mut input = input::plan(args, wanted.accounts, shown.include_services, started)?;
    input.plan.filter.watched_event = wanted.event.map(str::to_owned);
    input.plan.keep = wanted.keep;
    input.plan.remembers = wanted.remembers;
    if let Some(keys) = wanted.keys {
        verify::prepare(keys, &input.plan, started).map_err(Failure::new)?;
    }
    let bar = Progressing::new(!shown.no_progress, shown.quiet);
    let outcome = match wanted.keys {
        None => pipeline::run(&input.plan, &bar),
        Some(keys) => {
            let check = |scanned: &mut Scanned| verify::check(scanned, &input.plan, keys, false, &bar);
            pipeline::run_checked(&input.plan, Some(&check), &bar)
        }
    };
    bar.clear();
    let outcome = ManuallyDrop::new(outcome.map_err(Failure::new)?);
    if !shown.quiet {
        for notice in &outcome.notices {
            // Nothing can be done when standard error is closed.
            let _ = writeln!(io::stderr(), "note: {}", crate::text::lines(notice));
        }
    }
    let accounts = &input.plan.expectations.accounts;
    let account_names =
        accounts.iter().filter_map(|account| Some((account.id.clone(), account.name.clone()?))).collect();
    let expectation_lines = input.plan.expectations.lines_of(&outcome.findings);
    let info = RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: Some(started),
        finished_at: Some(now()),
        sources: args.sources.clone(),
        since: input.plan.filter.since,
        until: input.plan.filter.until,
        expectations: input.expectations_file,
        expectation_lines,
        iam_snapshots: args.iam.clone(),
        history: outcome.history.clone(),
    };
    Ok(Run { outcome, info, snapshots: input.plan.snapshots, account_names })
}

#[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
pub(super) fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
}
