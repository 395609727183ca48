//! `rolechain infer`: drafts the expectations file.

use std::io;
use std::io::Write as _;

use super::args::ColorArg;
use super::args::InputArgs;
use super::args::OutputArgs;
use super::args_infer::InferArgs;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::output;
use super::perform;
use super::perform::Wanted;
use crate::audit;
use crate::expect::Expectations;
use crate::infer;
use crate::infer::Draft;
use crate::infer::Options;
use crate::infer::Sources;
use crate::model::lineage::Lineage;
use crate::model::observations::Counts;

pub(super) fn run(args: &InferArgs) -> Result<End, Failure> {
    if args.input.sources.is_empty() && args.input.iam.is_empty() {
        return Err(Failure::new(
            "there is nothing to infer from\n  hint: name logs, --iam FILE with the output of `aws iam get-account-authorization-details`, or both",
        ));
    }
    if args.input.expectations.is_some() {
        return Err(Failure::new(
            "infer reads no expectations: it drafts them from policies and logs\n  hint: draft to a new file, and compare it with the one you have",
        ));
    }
    if args.input.store.is_some() {
        return Err(Failure::new(
            "infer writes no store: --store and --list-since are not for it\n  hint: to draft from what a store holds, name the store as SOURCE",
        ));
    }
    let target = args.output.as_deref().filter(|file| *file != "-");
    if let Some(file) = target.filter(|_| !args.force) {
        let way_out = "draft to another file and compare them, or pass --force to write over it";
        output::refuse_what_is_there(file, way_out)?;
    }
    let (draft, counts) = draft(args)?;
    let is_incomplete = counts.is_some_and(|counts| counts.is_incomplete());
    // What cannot be read back would be noticed only in the next nightly run.
    Expectations::parse("the draft", draft.text(), &audit::rule_ids()).map_err(|error| {
        Failure::new(format!("the draft cannot be read back, which is a fault of rolechain: please report it\n{error}"))
    })?;
    output::write(target, |out| out.write_all(draft.text().as_bytes()))?;
    if !args.quiet {
        let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let left_out = match draft.left_out() {
            0 => "nothing was left out".to_owned(),
            count => format!("{} left out, told at its end", plural(count, "thing")),
        };
        // Nothing can be done when standard error is closed: the draft is written.
        let _ = writeln!(io::stderr(), "rolechain: drafted {}; {left_out}", plural(draft.roles(), "role"));
        if let Some(what) = counts.as_ref().and_then(infer::unread) {
            let hint = "what is missing may be left out or too narrow in the draft; `rolechain audit` names it";
            let _ = writeln!(io::stderr(), "warning: the logs are incomplete: {what}\n  hint: {hint}");
        }
    }
    Ok(if args.strict && is_incomplete { End::Incomplete } else { End::Done })
}

/// Drafts; says what was read of the logs, when there are some.
fn draft(args: &InferArgs) -> Result<(Draft, Option<Counts>), Failure> {
    let options = Options { hash_external_ids: args.hash_external_ids };
    if args.input.sources.is_empty() {
        let snapshots = input::snapshots(&args.input.iam, &[])?;
        let lineage = Lineage::default();
        let sources = Sources { lineage: &lineage, findings: &[], snapshots: &snapshots, since: None, until: None };
        return Ok((infer::draft(&sources, options), None));
    }
    // The guard asks what an audit finds that expects nothing.
    let input = InputArgs { no_expectations: true, ..args.input.clone() };
    let shown = OutputArgs {
        output: Vec::new(),
        redact: false,
        include_services: true,
        color: ColorArg::Never,
        quiet: args.quiet,
        no_progress: args.no_progress,
    };
    let run = perform::perform(&input, &Wanted { accounts: &args.account, ..Wanted::default() }, &shown)?;
    let outcome = &run.outcome;
    if outcome.lineage.observations.cells.is_empty() && run.snapshots.is_empty() {
        return Err(Failure::new(
            "there is nothing to infer from: the sources hold no records\n  hint: `rolechain audit` on them says what was read",
        ));
    }
    let sources = Sources {
        lineage: &outcome.lineage,
        findings: &outcome.findings,
        snapshots: &run.snapshots,
        since: run.info.since,
        until: run.info.until,
    };
    Ok((infer::draft(&sources, options), Some(outcome.lineage.observations.counts)))
}
