//! The commands, each from its arguments to its end.

use std::io;
use std::io::IsTerminal as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::Parser as _;

use super::args::AuditArgs;
use super::args::ChainsArgs;
use super::args::Cli;
use super::args::Command;
use super::args::ExplainArgs;
use super::args::FormatArg;
use super::args::SeverityArg;
use super::args::ShowArgs;
use super::args::TraceArgs;
use super::exit::End;
use super::exit::Failure;
use super::find;
use super::output;
use super::perform::Wanted;
use super::perform::perform;
use super::store;
use crate::audit;
use crate::model::finding::Severity;
use crate::model::finding::Status;
use crate::report;
use crate::report::Format;

/// Runs the program: parses the arguments, does what they say, and turns the end into an exit code.
pub fn main() -> ExitCode {
    // Clap prints usage errors itself and exits with 2; help and version go to standard output with 0.
    let cli = Cli::parse();
    let end = match cli.command {
        Command::Audit(args) => audit(&args),
        Command::Chains(args) => chains(&args),
        Command::Trace(args) => trace(&args),
        Command::Rules(args) => rules(&args),
        Command::Store { command } => store::run(&command),
        Command::Explain(args) => explain(&args),
        Command::Completions { shell } => completions(shell),
        Command::Man => man(),
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
    let keep = args.keep.as_deref().map(store::days).transpose()?;
    let wanted = Wanted { accounts: &args.account, keep, ..Wanted::default() };
    let run = perform(&args.input, &wanted, &args.output)?;
    let options = output::options(&args.output);
    let format = format(args.format);
    output::write(&args.output, |out| report::render(format, &run.report(), &options, out))?;
    let threshold = args.fail_on.map(severity);
    let is_failing = run.outcome.findings.iter().any(|finding| {
        !matches!(finding.status, Status::Excepted | Status::Resolved)
            && threshold.is_some_and(|threshold| threshold <= finding.severity)
    });
    if args.strict && run.outcome.is_incomplete() {
        return Ok(End::Incomplete);
    }
    Ok(if is_failing { End::Findings } else { End::Done })
}

fn chains(args: &ChainsArgs) -> Result<End, Failure> {
    let filter = find::ChainFilter::new(args)?;
    let mut run = perform(&args.input, &Wanted::default(), &args.output)?;
    filter.apply(&mut run.outcome.lineage);
    run.outcome.findings.clear();
    let options = output::options(&args.output);
    let report = run.report();
    output::write(&args.output, |out| match args.format {
        FormatArg::Table if args.tree => report::chains::trees(&report, &options, filter.is_set(), out),
        FormatArg::Table => report::chains::table(&report, &options, filter.is_set(), out),
        FormatArg::Json => report::render(Format::Json, &report, &options, out),
        FormatArg::Ndjson => report::render(Format::Ndjson, &report, &options, out),
    })?;
    Ok(End::Done)
}

fn trace(args: &TraceArgs) -> Result<End, Failure> {
    let wanted = Wanted { accounts: &args.account, event: Some(&args.id), ..Wanted::default() };
    let run = perform(&args.input, &wanted, &args.output)?;
    let found = find::trace(&run.outcome.lineage, &args.id)?;
    let options = output::options(&args.output);
    output::write(&args.output, |out| report::tree::write(&run.report(), &found, &options, out))?;
    Ok(End::Done)
}

fn rules(args: &ShowArgs) -> Result<End, Failure> {
    let is_terminal = io::stdout().is_terminal();
    let color = output::use_color(args.color, is_terminal);
    let mut out = io::stdout().lock();
    report::rules::list(audit::RULES, output::width(is_terminal), color, &mut out)?;
    Ok(End::Done)
}

fn explain(args: &ExplainArgs) -> Result<End, Failure> {
    let Some(rule) = audit::rule(&args.rule) else {
        let ids = audit::rule_ids();
        let nearest = ids
            .iter()
            .max_by(|a, b| strsim::jaro_winkler(a, &args.rule).total_cmp(&strsim::jaro_winkler(b, &args.rule)));
        let nearest = nearest.map(|id| format!("did you mean `{id}`? ")).unwrap_or_default();
        return Err(Failure::new(format!(
            "there is no rule `{}`\n  hint: {nearest}`rolechain rules` lists all of them",
            args.rule
        )));
    };
    let is_terminal = io::stdout().is_terminal();
    let color = output::use_color(args.show.color, is_terminal);
    report::rules::explain(rule, output::width(is_terminal), color, &mut io::stdout().lock())?;
    Ok(End::Done)
}

fn completions(shell: clap_complete::Shell) -> Result<End, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rolechain", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(End::Done)
}

fn man() -> Result<End, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    io::stdout().lock().write_all(&page)?;
    Ok(End::Done)
}

fn format(format: FormatArg) -> Format {
    match format {
        FormatArg::Table => Format::Table,
        FormatArg::Json => Format::Json,
        FormatArg::Ndjson => Format::Ndjson,
    }
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
