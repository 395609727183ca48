//! The commands, each from its arguments to its end.

use std::io;
use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::Parser as _;

use super::args::AuditArgs;
use super::args::ChainsArgs;
use super::args::Cli;
use super::args::Command;
use super::args::SeverityArg;
use super::args::TraceArgs;
use super::args_accept::ConfidenceArg;
use super::args_accept::PersonaArg;
use super::args_accept::ShownArgs;
use super::baseline;
use super::exit::End;
use super::exit::Failure;
use super::export;
use super::find;
use super::folder;
use super::infer;
use super::manual;
use super::output;
use super::perform::Wanted;
use super::perform::perform;
use super::query;
use super::rules;
use super::store;
use super::target;
use super::trust;
use super::verify;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::finding::Status;
use crate::report;
use crate::report::Choice;
use crate::report::Format;
use crate::report::Options;

/// Runs the program: parses the arguments, does what they say, and turns the end into an exit code.
pub fn main() -> ExitCode {
    // Clap prints usage errors itself and exits with 2; help and version go to standard output with 0.
    let cli = Cli::parse();
    let end = match cli.command {
        Command::Audit(args) => audit(&args),
        Command::Chains(args) => chains(&args),
        Command::Trace(args) => trace(&args),
        Command::Verify(args) => verify::verify(&args),
        Command::Baseline { command } => baseline::run(&command),
        Command::Store { command } => store::run(&command),
        Command::Infer(args) => infer::run(&args),
        Command::Trust(args) => trust::trust(&args),
        Command::Export(args) => export::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Rules(args) => rules::list(&args),
        Command::Explain(args) => rules::explain(&args),
        Command::Completions { shell } => completions(shell),
        Command::Man { to } => man(to.as_deref()),
    };
    match end {
        Ok(end) => end.into(),
        Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(Failure::Message(message)) => {
            // Nothing can be done when standard error is closed, too.
            let _ = writeln!(io::stderr(), "error: {}", crate::text::lines(&message));
            ExitCode::from(2)
        }
    }
}

fn audit(args: &AuditArgs) -> Result<End, Failure> {
    let targets = target::targets(&args.output.output, args.format)?;
    let keys = (args.verify || args.keys.is_given()).then_some(&args.keys);
    let keep = args.keep.as_deref().map(store::days).transpose()?;
    // A look at what is accepted changes nothing of what a store remembers.
    let remembers = !args.accept.no_exceptions;
    let accept = Some(&args.accept);
    let wanted = Wanted { accounts: &args.account, keep, keys, remembers, accept, ..Wanted::default() };
    let mut run = perform(&args.input, &wanted, &args.output)?;
    run.show_only(choice(&args.shown));
    let report = run.report();
    if let Some(folder) = &args.report {
        let options = output::options(&args.output, false);
        folder::write(folder, |format, out| report::render(format, &report, &options, out))?;
    }
    // Whoever asked for files only gets no report on standard output, too.
    let is_silent = args.report.is_some() && args.format.is_none() && args.output.output.is_empty();
    for target in targets.iter().filter(|_| !is_silent) {
        let options = output::options(&args.output, target.path.is_none());
        output::write(target.path.as_deref(), |out| report::render(target.format, &report, &options, out))?;
    }
    if !args.output.quiet {
        let line = report::line::summary(&report, &output::options(&args.output, false));
        // Nothing can be done when standard error is closed: the reports are written.
        let _ = writeln!(io::stderr(), "rolechain: {line}");
    }
    let threshold = args.fail_on.map(severity);
    let is_failing = run.outcome.findings.iter().any(|finding| {
        !matches!(finding.status, Status::Excepted | Status::Resolved)
            && threshold.is_some_and(|threshold| threshold <= finding.severity)
    });
    let is_failing_integrity = run.outcome.integrity.as_ref().is_some_and(verify::is_unproved);
    if args.strict && (run.outcome.is_incomplete() || is_failing_integrity) {
        return Ok(End::Incomplete);
    }
    Ok(if is_failing { End::Findings } else { End::Done })
}

fn chains(args: &ChainsArgs) -> Result<End, Failure> {
    let filter = find::ChainFilter::new(args)?;
    let targets = target::targets(&args.output.output, args.format)?;
    target::plain_only(&targets, "chains")?;
    let mut run = perform(&args.input, &Wanted::default(), &args.output)?;
    filter.apply(&mut run.outcome.lineage);
    run.outcome.findings.clear();
    let report = run.report();
    for target in &targets {
        let chosen = Options { only_chains: filter.is_set(), ..output::options(&args.output, target.path.is_none()) };
        output::write(target.path.as_deref(), |out| match target.format {
            Format::Table if args.tree => report::chains::trees(&report, &chosen, out),
            Format::Table => report::chains::table(&report, &chosen, out),
            format => report::render(format, &report, &chosen, out),
        })?;
    }
    Ok(End::Done)
}

fn trace(args: &TraceArgs) -> Result<End, Failure> {
    let wanted = Wanted { accounts: &args.account, event: Some(&args.id), ..Wanted::default() };
    let run = perform(&args.input, &wanted, &args.output)?;
    let found = find::trace(&run.outcome.lineage, &args.id)?;
    let files: Vec<Option<&str>> =
        args.output.output.iter().map(|file| (file != "-").then_some(file.as_str())).collect();
    for file in if files.is_empty() { vec![None] } else { files } {
        let options = output::options(&args.output, file.is_none());
        output::write(file, |out| report::tree::write(&run.report(), &found, &options, out))?;
    }
    Ok(End::Done)
}

fn completions(shell: clap_complete::Shell) -> Result<End, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rolechain", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(End::Done)
}

fn man(folder: Option<&str>) -> Result<End, Failure> {
    if let Some(folder) = folder {
        manual::write_to(Cli::command(), folder)?;
        return Ok(End::Done);
    }
    let mut page = Vec::new();
    manual::write(&Cli::command(), &mut page)?;
    io::stdout().lock().write_all(&page)?;
    Ok(End::Done)
}

fn severity(severity: SeverityArg) -> Severity {
    match severity {
        SeverityArg::Info => Severity::Info,
        SeverityArg::Low => Severity::Low,
        SeverityArg::Medium => Severity::Medium,
        SeverityArg::High => Severity::High,
        SeverityArg::Critical => Severity::Critical,
    }
}

fn choice(args: &ShownArgs) -> Choice {
    let all = Choice::default();
    Choice {
        min_severity: args.min_severity.map_or(all.min_severity, severity),
        min_confidence: args.min_confidence.map_or(all.min_confidence, |confidence| match confidence {
            ConfidenceArg::Low => Confidence::Low,
            ConfidenceArg::Medium => Confidence::Medium,
            ConfidenceArg::High => Confidence::High,
        }),
        persona: match args.persona {
            PersonaArg::Regular => Persona::Regular,
            PersonaArg::Pedantic => Persona::Pedantic,
            PersonaArg::Auditor => Persona::Auditor,
        },
    }
}
