//! `rolechain export`: the tables of a run, as files.

use std::io;
use std::io::Write as _;
use std::path::Path;

use super::args::ExportArgs;
use super::args_shared::ContentArgs;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::progress;
use super::words;
use crate::export;
use crate::export::Plan;
use crate::export::Source;
use crate::export::tables;
use crate::job;
use crate::report::Options;

pub(super) fn run(args: &ExportArgs) -> Result<End, Failure> {
    let to = Path::new(&args.to);
    let plan = Plan {
        format: args.format,
        is_partitioned: args.partition_by_day,
        tables: args.table.iter().map(|name| table(name)).collect::<Result<_, _>>()?,
    };
    export::check(to).map_err(Failure::new)?;
    // What is exported into a source would be read by the next run, and what is replaced might be the logs.
    job::outside_of_sources(to, "export to", &args.logs.input.sources)?;
    let mut job = input::accepting(input::job(&args.logs.input, &args.logs.account)?, &args.accept)?;
    let ContentArgs { redact, include_services } = args.content;
    job.plan.include_services = include_services;
    let mut audited = progress::watched(args.noise, args.content.shade(), |bar| job.audit(bar))?;
    audited.ask_entries();
    let options = Options { redact, include_services, ..Options::default() };
    let written = export::write(&Source::new(&audited.report(), &options), to, &plan).map_err(Failure::new)?;
    if !args.noise.quiet {
        let mut out = io::stdout().lock();
        writeln!(out, "{} tables in {}", written.len(), crate::text::lines(&args.to))?;
        for table in &written {
            let rows = if table.rows == 1 { "row" } else { "rows" };
            writeln!(out, "{:>12} {rows:<4}  {}", table.rows, table.path)?;
        }
    }
    Ok(End::Done.of(&audited, args.noise.quiet))
}

fn table(name: &str) -> Result<&'static str, Failure> {
    let found = tables::named(name).map(|shape| shape.table.name);
    found.ok_or_else(|| {
        let names: Vec<&str> = tables::TABLES.iter().map(|shape| shape.table.name).collect();
        words::unknown("table", name, names.iter().copied(), &format!("The tables are {}", names.join(", ")))
    })
}
