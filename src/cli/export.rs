//! `rolechain export`: the tables of a run, as files.

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;

use super::args::ColorArg;
use super::args::ExportArgs;
use super::args::OutputArgs;
use super::args::TableFormatArg;
use super::exit::End;
use super::exit::Failure;
use super::perform;
use super::perform::Wanted;
use crate::export;
use crate::export::FileFormat;
use crate::export::Plan;
use crate::export::Source;
use crate::export::tables;
use crate::report::Options;

pub(super) fn run(args: &ExportArgs) -> Result<End, Failure> {
    let to = Path::new(&args.to);
    let plan = Plan {
        format: match args.format {
            TableFormatArg::Parquet => FileFormat::Parquet,
            TableFormatArg::Csv => FileFormat::Csv,
        },
        is_partitioned: args.partition_by_day,
        tables: args.table.iter().map(|name| table(name)).collect::<Result<_, _>>()?,
    };
    export::check(to).map_err(Failure::new)?;
    outside_of_sources(to, &args.input.sources)?;
    let shown = OutputArgs {
        output: Vec::new(),
        redact: args.redact,
        include_services: args.include_services,
        color: ColorArg::Never,
        quiet: args.quiet,
        no_progress: args.no_progress,
    };
    let wanted = Wanted { accounts: &args.account, ..Wanted::default() };
    let run = perform::perform(&args.input, &wanted, &shown)?;
    let options = Options { redact: args.redact, include_services: args.include_services, ..Options::default() };
    let written = export::write(&Source::new(&run.report(), &options), to, &plan).map_err(Failure::new)?;
    if !args.quiet {
        let mut out = io::stdout().lock();
        writeln!(out, "{} tables in {}", written.len(), crate::text::lines(&args.to))?;
        for table in &written {
            let rows = if table.rows == 1 { "row" } else { "rows" };
            writeln!(out, "{:>12} {rows:<4}  {}", table.rows, table.path)?;
        }
    }
    Ok(End::Done)
}

fn table(name: &str) -> Result<&'static str, Failure> {
    let found = tables::named(name).map(|shape| shape.table.name);
    found.ok_or_else(|| {
        let names: Vec<&str> = tables::TABLES.iter().map(|shape| shape.table.name).collect();
        let nearest = names
            .iter()
            .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)))
            .map(|near| format!("did you mean `{near}`? "))
            .unwrap_or_default();
        Failure::new(format!("there is no table `{name}`\n  hint: {nearest}The tables are {}", names.join(", ")))
    })
}

/// What is exported into a source would be read by the next run, and what is replaced might be the logs.
fn outside_of_sources(to: &Path, sources: &[String]) -> Result<(), Failure> {
    let parent = to.parent().filter(|parent| *parent != Path::new("")).unwrap_or_else(|| Path::new("."));
    let name = to.file_name().unwrap_or_default();
    let Ok(place) = fs::canonicalize(to).or_else(|_| fs::canonicalize(parent).map(|parent| parent.join(name))) else {
        return Ok(());
    };
    for source in sources.iter().filter(|source| *source != "-") {
        let Ok(source_place) = fs::canonicalize(source) else { continue };
        if place.starts_with(&source_place) || source_place.starts_with(&place) {
            return Err(Failure::new(format!(
                "cannot export to {}: it lies in the source {source}, or the source in it\n  hint: name a directory outside of the logs",
                to.to_string_lossy()
            )));
        }
    }
    Ok(())
}
