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
use super::args::VerifyArgs;
use super::args_accept::ShownArgs;
use super::baseline;
use super::ci;
use super::exit::End;
use super::exit::Failure;
use super::export;
use super::folder;
use super::infer;
use super::input;
use super::manual;
use super::mistakes;
use super::moment;
use super::output;
use super::progress;
use super::query;
use super::rules;
use super::store;
use super::target;
use super::trace;
use super::trust;
use super::who;
use crate::job::ChainFilter;
use crate::report;
use crate::report::Choice;
use crate::report::Format;
use crate::report::Options;

/// Runs the program: parses the arguments, does what they say, and turns the end into an exit code.
pub fn main() -> ExitCode {
    let typed = mistakes::asked(std::env::args_os());
    let cli = match Cli::try_parse_from(&typed) {
        Ok(cli) => cli,
        Err(error) => return mistakes::tell(&error, &typed),
    };
    let reports = match &cli.command {
        Command::Audit(args) => args.report.clone().map(|folder| (folder, args.output.content.shade())),
        _ => None,
    };
    let end = moment::check().and_then(|()| match cli.command {
        Command::Audit(args) => audit(&args),
        Command::Chains(args) => chains(&args),
        Command::Who(args) => who::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Verify(args) => verify(&args),
        Command::Baseline { command } => baseline::run(&command),
        Command::Store { command } => store::run(&command),
        Command::Infer(args) => infer::run(&args),
        Command::Trust(args) => trust::trust(&args),
        Command::Ci(args) => ci::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Rules(args) => rules::list(&args),
        Command::Explain(args) => rules::explain(&args),
        Command::Completions { shell } => completions(shell),
        Command::Man { to } => man(to.as_deref()),
    });
    if let (Err(failure), Some((folder, shade))) = (&end, reports) {
        folder::mark(&folder, failure, shade);
    }
    match end {
        Ok(end) => end.into(),
        Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(Failure::Message(message)) => failed(&message, ExitCode::from(2)),
        Err(Failure::Nothing(message)) => failed(&message, End::Incomplete.into()),
    }
}

fn failed(message: &str, code: ExitCode) -> ExitCode {
    // Nothing can be done when standard error is closed, too.
    let _ = writeln!(io::stderr(), "error: {}", crate::text::lines(message));
    code
}

fn audit(args: &AuditArgs) -> Result<End, Failure> {
    let targets = target::targets(&args.output.output, args.format)?;
    let mut job = input::accepting(input::job(&args.logs.input, &args.logs.account)?, &args.accept)?;
    if args.verify || args.keys.is_given() {
        job = job.check(&args.keys.public_keys, args.keys.list_public_keys)?;
    }
    job.plan.include_services = args.output.content.include_services;
    job.plan.keep = args.keep;
    // A look at what is accepted changes nothing of what a store remembers.
    job.plan.remembers = !args.accept.no_exceptions;
    let mut audited = progress::watched(args.output.noise, args.output.content.shade(), |bar| job.audit(bar))?;
    audited.show_only(choice(&args.shown));
    audited.ask_entries();
    let report = audited.report();
    if let Some(folder) = &args.report {
        let options = output::options(&args.output, false);
        folder::write(folder, |format, out| report::render(format, &report, &options, out))?;
    }
    // Whoever asked for files only gets no report on standard output, too.
    if args.report.is_none() || args.format.is_some() || !args.output.output.is_empty() {
        target::write(&targets, &args.output, |format, options, out| report::render(format, &report, options, out))?;
    }
    if !args.output.noise.quiet {
        let line = report::line::summary(&report, &output::options(&args.output, false));
        // Nothing can be done when standard error is closed: the reports are written.
        let _ = writeln!(io::stderr(), "rolechain: {line}");
    }
    if audited.is_nothing_judged() || args.strict && audited.is_incomplete() {
        return Ok(End::Incomplete);
    }
    let is_failing = args.fail_on.is_some_and(|severity| audited.has_open(severity));
    Ok(if is_failing { End::Findings } else { End::Done })
}

fn chains(args: &ChainsArgs) -> Result<End, Failure> {
    let filter = ChainFilter {
        subject: args.subject.clone(),
        role: args.role.clone(),
        account: args.account.clone(),
        key: args.key.clone(),
        origin: args.origin,
    };
    let targets = target::targets(&args.output.output, args.format)?;
    target::plain_only(&targets, "chains")?;
    let mut job = input::job(&args.input, &[])?;
    job.plan.include_services = args.output.content.include_services;
    let mut audited = progress::watched(args.output.noise, args.output.content.shade(), |bar| job.audit(bar))?;
    filter.apply(&mut audited);
    audited.outcome.findings.clear();
    let report = audited.report();
    target::write(&targets, &args.output, |format, options, out| {
        let options = Options { only_chains: filter.is_set(), ..*options };
        match format {
            Format::Table if args.tree => report::chains::trees(&report, &options, out),
            Format::Table => report::chains::table(&report, &options, out),
            format => report::render(format, &report, &options, out),
        }
    })?;
    Ok(End::Done.of(&audited, args.output.noise.quiet))
}

fn verify(args: &VerifyArgs) -> Result<End, Failure> {
    let targets = target::targets(&args.output.output, args.format)?;
    target::plain_only(&targets, "verify")?;
    let lists_all = targets.iter().any(|target| target.format != Format::Table);
    // What is expected has no say in whether files are what CloudTrail wrote.
    let mut job = input::bare(&args.logs.input)?;
    // Digest files are one chain for each account and region: to check only some is to read only some.
    job.plan.filter.accounts = job.account_ids(&args.logs.account)?;
    job.plan.filter.regions.clone_from(&args.logs.input.region);
    let job = job.check(&args.keys.public_keys, args.keys.list_public_keys)?;
    let verified = progress::watched(args.output.noise, args.output.content.shade(), |bar| job.verify(lists_all, bar))?;
    target::write(&targets, &args.output, |format, options, out| {
        report::verify::render(format, &verified.report(), options, out)
    })?;
    if verified.integrity.is_failed() {
        return Ok(End::Findings);
    }
    Ok(if args.strict && verified.is_incomplete() { End::Incomplete } else { End::Done })
}

fn completions(shell: clap_complete::Shell) -> Result<End, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rolechain", &mut script);
    if shell == clap_complete::Shell::Fish {
        words_for_fish(&mut script)?;
    }
    io::stdout().lock().write_all(&script)?;
    Ok(End::Done)
}

/// Offers fish the words that stand without a flag, such as queries and rules: the generator writes those of flags alone.
fn words_for_fish(script: &mut Vec<u8>) -> io::Result<()> {
    let program = Cli::command();
    for command in program.get_subcommands() {
        let words = command.get_positionals().flat_map(clap::Arg::get_possible_values);
        let words: Vec<String> = words.map(|word| word.get_name().to_owned()).collect();
        if !words.is_empty() {
            let (name, words) = (command.get_name(), words.join(" "));
            writeln!(
                script,
                "complete -c rolechain -n \"__fish_rolechain_using_subcommand {name}\" -f -a \"{words}\""
            )?;
        }
    }
    Ok(())
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

fn choice(args: &ShownArgs) -> Choice {
    let all = Choice::default();
    Choice {
        min_severity: args.min_severity.unwrap_or(all.min_severity),
        min_confidence: args.min_confidence.unwrap_or(all.min_confidence),
        persona: args.persona,
    }
}
