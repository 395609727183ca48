//! `rolechain query`: SQL over the tables of a run or of an export.

use std::io;
use std::io::IsTerminal as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use clap::ValueEnum as _;

use super::args::AnswerFormatArg;
use super::args::QueryArgs;
use super::args_shared::ContentArgs;
use super::args_shared::InputArgs;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::output;
use super::progress;
use super::words;
use crate::export::Source;
use crate::export::manifest;
use crate::export::manifest::Export;
use crate::job;
use crate::query;
use crate::query::Answer;
use crate::query::Data;
use crate::query::shipped;
use crate::report::Options;
use crate::report::sheet;

pub(super) fn run(args: &QueryArgs) -> Result<End, Failure> {
    let Some(asked) = Asked::of(args)? else { return list(args) };
    let file = file(args)?;
    let format = format(args, file)?;
    if format == AnswerFormatArg::Parquet && file.is_none() && io::stdout().is_terminal() {
        return Err(Failure::new("Parquet is nothing for a terminal\n  hint: write it to a file with --output"));
    }
    let (mut answer, end) = ask(args, &asked)?;
    let options = output::options(&args.output, file.is_none());
    output::write(file, |out| match format {
        AnswerFormatArg::Table => table(&answer, &options, out),
        AnswerFormatArg::Csv => answer.write_csv(out),
        AnswerFormatArg::Json => answer.write_json(out),
        AnswerFormatArg::Parquet => answer.write_parquet(out),
    })?;
    Ok(end)
}

/// Returns where the answer goes; `None` for standard output.
fn file(args: &QueryArgs) -> Result<Option<&str>, Failure> {
    match args.output.output.as_slice() {
        [] => Ok(None),
        [file] => Ok((file != "-").then_some(file.as_str())),
        _ => Err(Failure::new(
            "an answer is written once: name one --output\n  hint: `rolechain query who-reached-prod logs/ -o answer.csv`",
        )),
    }
}

/// Returns how to write the answer: as `--format` says, else as the file's extension does.
fn format(args: &QueryArgs, file: Option<&str>) -> Result<AnswerFormatArg, Failure> {
    let extension = file.and_then(|file| Path::new(file).extension()).map(|found| found.to_string_lossy());
    let meant = extension.as_ref().map(|found| AnswerFormatArg::from_str(found, true));
    match (meant, args.format) {
        (Some(Ok(meant)), Some(said)) if meant != said => Err(Failure::new(format!(
            "--output {} means another format than --format says\n  hint: leave one of them out",
            file.unwrap_or_default()
        ))),
        (Some(Ok(format)), _) | (_, Some(format)) => Ok(format),
        (None, None) => Ok(AnswerFormatArg::Table),
        (Some(Err(_)), None) if extension.as_deref() == Some("txt") => Ok(AnswerFormatArg::Table),
        (Some(Err(_)), None) => Err(Failure::new(format!(
            "--output {} means no format\n  hint: known are .csv, .json, .parquet and .txt; or name one with --format",
            file.unwrap_or_default()
        ))),
    }
}

/// Returns the answer, and how the command ends.
fn ask(args: &QueryArgs, asked: &Asked) -> Result<(Answer, End), Failure> {
    if let Some((folder, export)) = export(args, &asked.sources)? {
        let answer = query::run(&asked.name, &asked.sql, &Data::Export(folder, export)).map_err(Failure::new)?;
        return Ok((answer, End::Done));
    }
    let input = InputArgs { sources: asked.sources.clone(), ..args.logs.input.clone() };
    let mut job = input::accepting(input::job(&input, &args.logs.account)?, &args.accept)?;
    let ContentArgs { redact, include_services } = args.output.content;
    job.plan.include_services = include_services;
    let mut audited = progress::watched(args.output.noise, args.output.content.shade(), |bar| job.audit(bar))?;
    audited.ask_entries();
    let options = Options { redact, include_services, ..Options::default() };
    let data = Data::Run(&Source::new(&audited.report(), &options));
    let answer = query::run(&asked.name, &asked.sql, &data).map_err(Failure::new)?;
    if audited.is_incomplete() && !audited.is_nothing_judged() && !args.output.noise.quiet {
        let message = "rolechain: PARTIAL: these logs do not show everything, so the answer may lack rows; `rolechain audit` says why";
        // Nothing can be done when standard error is closed.
        let _ = writeln!(io::stderr(), "{message}");
    }
    Ok((answer, End::Done.of(&audited, args.output.noise.quiet)))
}

/// What is asked, and of what.
struct Asked {
    name: String,
    sql: String,
    sources: Vec<String>,
}

impl Asked {
    /// `None` when nothing is asked: then the queries are listed.
    fn of(args: &QueryArgs) -> Result<Option<Self>, Failure> {
        let mut sources: Vec<String> = args.name.iter().chain(&args.logs.input.sources).cloned().collect();
        let (name, sql) = match (&args.sql, &args.file) {
            (Some(sql), _) => ("--sql".to_owned(), sql.clone()),
            (None, Some(file)) => (file.clone(), job::read(file, "the query")?),
            (None, None) if sources.is_empty() => return Ok(None),
            (None, None) => {
                let name = sources.remove(0);
                let query = shipped::named(&name).ok_or_else(|| unknown(&name))?;
                (name, query.sql.to_owned())
            }
        };
        if sources.is_empty() {
            return Err(Failure::new(format!(
                "{name} is asked of nothing: no SOURCE is named\n  hint: add the logs, or an export directory, at the end: `rolechain query who-reached-prod logs/`"
            )));
        }
        Ok(Some(Self { name, sql, sources }))
    }
}

fn unknown(name: &str) -> Failure {
    let names = shipped::SHIPPED.iter().map(|query| query.name);
    let hint = "`rolechain query` lists them; your own SQL goes after --sql or --file";
    words::unknown("shipped query", name, names, hint)
}

/// Returns the export that is asked, when the source is one.
fn export(args: &QueryArgs, sources: &[String]) -> Result<Option<(PathBuf, Export)>, Failure> {
    let found = sources.iter().find_map(|source| Some((source, manifest::read(source.as_ref())?)));
    let Some((source, export)) = found else { return Ok(None) };
    let cannot = |what: &str| Failure::new(format!("cannot query the export {source}: {what}"));
    let export = export.map_err(|reason| cannot(&format!("{} cannot be read: {reason}", manifest::FILE)))?;
    if sources.len() > 1 {
        return Err(cannot("an export is queried alone\n  hint: name the logs instead, several may be mixed"));
    }
    let InputArgs { since, until, region, expectations, .. } = &args.logs.input;
    let is_filtered = args.logs.input.store.is_some()
        || since.is_some()
        || until.is_some()
        || expectations.is_some()
        || args.accept.baseline.is_some()
        || args.accept.no_exceptions
        || !region.is_empty()
        || !args.logs.account.is_empty();
    if is_filtered || args.output.content.redact || args.output.content.include_services {
        return Err(cannot(
            "it was made already, so that options about reading and redacting come too late\n  hint: export again with them, or filter in the SQL",
        ));
    }
    Ok(Some((PathBuf::from(source), export)))
}

fn table(answer: &Answer, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows: Vec<Vec<String>> = answer.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    sheet::write(&answer.columns(), &rows, options, out)
}

/// Shows the shipped queries, each with the question that it answers.
fn list(args: &QueryArgs) -> Result<End, Failure> {
    let entries: Vec<(String, String)> =
        shipped::SHIPPED.iter().map(|query| (query.name.to_owned(), query.question())).collect();
    let file = file(args)?;
    let options = output::options(&args.output, file.is_none());
    let end = "`rolechain query NAME logs/` answers one of them; --sql takes your own question.";
    output::write(file, |out| sheet::glossary(["query", "question"], &entries, end, &options, out))?;
    Ok(End::Done)
}
