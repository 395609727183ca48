//! The run behind audit, chains and trace: from arguments to an outcome.

use std::collections::BTreeMap;
use std::io;
use std::io::Write as _;
use std::mem::ManuallyDrop;

use super::args::InputArgs;
use super::args::KeyArgs;
use super::args::OutputArgs;
use super::args_accept::AcceptArgs;
use super::exit::Failure;
use super::input;
use super::progress::Progressing;
use super::verify;
use crate::model::acceptance::AcceptedBy;
use crate::model::finding::Finding;
use crate::model::finding::Status;
use crate::model::time::Timestamp;
use crate::pipeline;
use crate::pipeline::Outcome;
use crate::pipeline::Plan;
use crate::pipeline::Scanned;
use crate::report::Choice;
use crate::report::Hidden;
use crate::report::Report;
use crate::report::RunInfo;
use crate::report::Standing;
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

    /// Leaves only the findings that are wanted, and counts the others.
    pub(super) fn show_only(&mut self, choice: Choice) {
        self.info.hidden = choice.apply(&mut self.outcome.findings);
        self.info.choice = choice;
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
    /// What is accepted.
    pub(super) accept: Option<&'a AcceptArgs>,
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
    if let Some(accept) = wanted.accept {
        input::accept(accept, &mut input.plan, started)?;
    }
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
        since: outcome.window.since,
        until: outcome.window.until,
        expectations: input.expectations_file,
        expectation_lines,
        iam_snapshots: args.iam.clone(),
        history: outcome.history.clone(),
        choice: Choice::default(),
        hidden: Hidden::default(),
        no_exceptions: wanted.accept.is_some_and(|accept| accept.no_exceptions),
        baseline: wanted.accept.and_then(|accept| standing(accept, &input.plan, &outcome.findings)),
    };
    Ok(Run { outcome, info, snapshots: input.plan.snapshots, account_names })
}

/// Says what the baseline came to.
fn standing(accept: &AcceptArgs, plan: &Plan, findings: &[Finding]) -> Option<Standing> {
    let (file, baseline) = accept.baseline.as_ref().zip(plan.baseline.as_ref())?;
    let number = |is: &dyn Fn(&Finding) -> bool| findings.iter().filter(|finding| is(finding)).count() as u64;
    let is_accepted =
        |finding: &Finding| finding.exception.as_ref().is_some_and(|accepted| accepted.by == AcceptedBy::Baseline);
    let is_open = |finding: &Finding| {
        let is_closed = matches!(finding.status, Status::Excepted | Status::Resolved);
        !is_closed && baseline.known.contains_key(&finding.fingerprint)
    };
    Some(Standing {
        file: file.clone(),
        created: baseline.created,
        expires: baseline.expires,
        by: baseline.by.clone(),
        reason: baseline.reason.clone(),
        known: baseline.known.len() as u64,
        accepted: number(&is_accepted),
        open: number(&is_open),
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
pub(super) fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
}
