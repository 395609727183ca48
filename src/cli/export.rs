//! `rolechain export`: the tables of a run, as files.

use std::io;
use std::io::Write as _;
use std::path::Path;

use super::args::ColorArg;
use super::args::ExportArgs;
use super::args::OutputArgs;
use super::args::TableFormatArg;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::perform;
use super::perform::Wanted;
use crate::expect;
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
    // What is exported into a source would be read by the next run, and what is replaced might be the logs.
    input::outside_of_sources(to, "export to", &args.input.sources)?;
    let shown = OutputArgs {
        output: Vec::new(),
        redact: args.redact,
        include_services: args.include_services,
        color: ColorArg::Never,
        quiet: args.quiet,
        no_progress: args.no_progress,
    };
    let wanted = Wanted { accounts: &args.account, accept: Some(&args.accept), ..Wanted::default() };
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
        let nearest = expect::nearest(name, names.iter().copied());
        let nearest = nearest.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        Failure::new(format!("there is no table `{name}`\n  hint: {nearest}The tables are {}", names.join(", ")))
    })
}
