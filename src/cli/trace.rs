//! `rolechain trace`: from its arguments to its end.

use super::args::TraceArgs;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::mistakes;
use super::progress;
use super::target;
use crate::job;
use crate::report;
use crate::report::Format;

pub(super) fn run(args: &TraceArgs) -> Result<End, Failure> {
    mistakes::not_swapped("trace", &args.id, &args.logs.input.sources)?;
    let targets = target::targets(&args.output.output, args.format)?;
    target::only(&targets, "trace", &[Format::Table, Format::Json])?;
    let mut job = input::accepting(input::job(&args.logs.input, &args.logs.account)?, &args.accept)?;
    job.plan.include_services = args.output.content.include_services;
    job.plan.filter.watched_event = Some(args.id.clone());
    let mut audited = progress::watched(args.output.noise, args.output.content.shade(), |bar| job.audit(bar))?;
    audited.ask_entries();
    // A fingerprint is found although audit would not show the finding.
    let found = match job::trace(&audited, &args.id) {
        // That an id means nothing is no wonder where there is nothing.
        Err(_) if audited.is_nothing_judged() => return Ok(End::Done.of(&audited, args.output.noise.quiet)),
        found => found?,
    };
    let report = audited.report();
    target::write(&targets, &args.output, |format, options, out| match format {
        Format::Json => report::trace::json(&report, &found, options, out),
        _ => report::trace::write(&report, &found, options, out),
    })?;
    Ok(End::Done.of(&audited, args.output.noise.quiet))
}
