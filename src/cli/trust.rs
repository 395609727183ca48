//! `rolechain trust`: check, suggest, list.

use std::io;
use std::io::Write as _;
use std::mem::ManuallyDrop;

use super::args_trust::CheckArgs;
use super::args_trust::CommonArgs;
use super::args_trust::FormArg;
use super::args_trust::ListArgs;
use super::args_trust::SuggestArgs;
use super::args_trust::TrustArgs;
use super::args_trust::TrustCommand;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::output;
use super::progress;
use crate::job;
use crate::job::Audited;
use crate::report;
use crate::report::Format;

/// Does what was asked.
pub(super) fn trust(args: &TrustArgs) -> Result<End, Failure> {
    match &args.command {
        TrustCommand::Check(args) => check(args),
        TrustCommand::Suggest(args) => suggest(args),
        TrustCommand::List(args) => list(args),
    }
}

fn check(args: &CheckArgs) -> Result<End, Failure> {
    let (policy, repeated) = job::read_policy(&args.policy)?;
    let audited = audit(&args.common)?;
    if audited.is_nothing_judged() {
        return Ok(End::Done.of(&audited, args.common.output.noise.quiet));
    }
    let mut check = audited.check_trust(&args.role, &policy, &args.policy)?;
    check.repeated = repeated;
    output::write_all(&args.common.output, |options, out| match args.common.format {
        Format::Json => check.json(&audited.report(), options, out),
        _ => check.table(&audited.report(), options, out),
    })?;
    let is_failing = args.fail_on_denied && !check.replay.denied.is_empty();
    Ok(if is_failing { End::Findings } else { End::Done }.of(&audited, args.common.output.noise.quiet))
}

fn suggest(args: &SuggestArgs) -> Result<End, Failure> {
    let audited = audit(&args.common)?;
    if audited.is_nothing_judged() {
        return Ok(End::Done.of(&audited, args.common.output.noise.quiet));
    }
    let suggest = audited.suggest_trust(&args.role, &args.exclude)?;
    output::write_all(&args.common.output, |options, out| match (args.form, args.common.format) {
        (Some(FormArg::Json), _) => report::trust::document(&suggest.policy(), options, out),
        (Some(FormArg::Terraform), _) => report::trust::document(&suggest.terraform(), options, out),
        (None, Format::Json) => suggest.json(&audited.report(), options, out),
        (None, _) => suggest.table(&audited.report(), options, out),
    })?;
    if args.form.is_some() && !args.common.output.noise.quiet {
        for note in suggest.notes() {
            // Best effort: the policy is written.
            let shown = args.common.output.content.shade().text(&note).into_owned();
            let _ = writeln!(io::stderr(), "note: {}", crate::text::lines(&shown));
        }
    }
    Ok(End::Done)
}

fn list(args: &ListArgs) -> Result<End, Failure> {
    let audited = audit(&args.common)?;
    let list = audited.list_trust(args.role.as_deref(), args.common.output.content.include_services);
    output::write_all(&args.common.output, |options, out| match args.common.format {
        Format::Json => list.json(&audited.report(), options, out),
        _ => list.table(&audited.report(), options, out),
    })?;
    Ok(End::Done.of(&audited, args.common.output.noise.quiet))
}

fn audit(args: &CommonArgs) -> Result<ManuallyDrop<Audited>, Failure> {
    let mut job = input::job(&args.input, &[])?;
    job.plan.include_services = args.output.content.include_services;
    progress::watched(args.output.noise, args.output.content.shade(), |bar| job.audit(bar))
}
