//! `rolechain infer`: drafts the expectations file.

use std::fs;
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
    let target = args.output.as_deref().filter(|file| *file != "-");
    if let Some(file) = target.filter(|_| !args.force) {
        refuse_what_is_there(file)?;
    }
    let draft = draft(args)?;
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
    }
    Ok(End::Done)
}

/// Somebody may have edited it: a draft must not undo that by mistake. Devices and pipes keep nothing.
fn refuse_what_is_there(file: &str) -> Result<(), Failure> {
    match fs::metadata(file) {
        Ok(there) if there.is_file() => Err(Failure::new(format!(
            "{file} is there already, and somebody may have edited it\n  hint: draft to another file and compare them, or pass --force to write over it"
        ))),
        _ => Ok(()),
    }
}

fn draft(args: &InferArgs) -> Result<Draft, Failure> {
    let options = Options { hash_external_ids: args.hash_external_ids };
    if args.input.sources.is_empty() {
        let snapshots = input::snapshots(&args.input.iam)?;
        let lineage = Lineage::default();
        let sources = Sources { lineage: &lineage, findings: &[], snapshots: &snapshots, since: None, until: None };
        return Ok(infer::draft(&sources, options));
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
    Ok(infer::draft(&sources, options))
}
