//! The commands that look after a store.

use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use super::args::StoreCommand;
use super::exit::End;
use super::exit::Failure;
use crate::pipeline;
use crate::report::Format;
use crate::store;
use crate::store::Status;
use crate::store::Store;
use crate::store::View;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::redact::Shade;
use crate::text::terminal;

/// Does what the command says.
pub(super) fn run(command: &StoreCommand) -> Result<End, Failure> {
    match command {
        StoreCommand::Status { directory, format } => {
            let status = store::status(&open(directory)?).map_err(Failure::new)?;
            let mut out = io::stdout().lock();
            match format {
                Format::Json => {
                    exit::through(Medium::Json, Shade::new(false), &mut out, |out| {
                        serde_json::to_writer_pretty(&mut *out, &status)?;
                        writeln!(out)
                    })?;
                }
                _ => table(&status, &mut out)?,
            }
        }
        StoreCommand::Compact { directory, keep } => {
            open(directory)?;
            let mut store = Store::open(&PathBuf::from(directory)).map_err(Failure::new)?;
            let gone = store.compact(*keep).map_err(Failure::new)?;
            let mut out = io::stdout().lock();
            match (gone.first(), gone.last()) {
                (Some(first), Some(last)) => {
                    writeln!(out, "Compacted; {} days are no longer kept: {first} to {last}.", gone.len())?;
                }
                _ => writeln!(out, "Compacted; every day is kept.")?,
            }
        }
        StoreCommand::Merge { directories, into } => {
            let added = pipeline::merge(directories, Path::new(into)).map_err(Failure::new)?;
            writeln!(io::stdout().lock(), "{added} records were new.")?;
        }
    }
    Ok(End::Done)
}

/// Opens a directory that must be there.
fn open(directory: &str) -> Result<View, Failure> {
    let path = Path::new(directory);
    if !path.exists() {
        return Err(Failure::new(format!(
            "there is no store {directory}\n  hint: `rolechain audit logs/ --store {directory}` makes one"
        )));
    }
    if !store::is_observations(path) {
        return Err(Failure::new(format!(
            "{directory} is not a store\n  hint: `rolechain audit LOGS --store {directory}` makes one in a new or an empty directory"
        )));
    }
    View::open(path).map_err(Failure::new)
}

fn table(status: &Status, out: &mut dyn io::Write) -> io::Result<()> {
    let span = match (&status.first_day, &status.last_day) {
        (Some(first), Some(last)) => format!("{first} to {last}, {} of them with records", status.covered_days),
        _ => "none".to_owned(),
    };
    let accounts: Vec<_> = status.accounts.iter().map(|account| terminal::escape(account)).collect();
    let findings = &status.findings;
    let kept = status.kept_since.as_deref().map_or_else(|| "every day".to_owned(), |day| format!("days from {day} on"));
    let facts = [
        ("store", terminal::escape(&status.path).into_owned()),
        ("format", format!("{}, generation {}", status.format, status.generation)),
        ("days", span),
        ("kept", kept),
        ("accounts", if accounts.is_empty() { "none".to_owned() } else { accounts.join(", ") }),
        (
            "objects",
            format!(
                "{} ({} failed or broken, {} no longer there), {} lost before they could be read",
                status.objects, status.objects_failed, status.objects_gone, status.objects_lost
            ),
        ),
        ("records", status.records.to_string()),
        (
            "findings",
            format!(
                "{} new, {} ongoing, {} reopened, {} dormant, {} resolved, {} accepted",
                findings.new,
                findings.ongoing,
                findings.reopened,
                findings.dormant,
                findings.resolved,
                findings.excepted
            ),
        ),
        ("size", format!("{} bytes", status.bytes)),
    ];
    for (name, fact) in facts {
        writeln!(out, "{name:<10}{fact}")?;
    }
    writeln!(out)?;
    writeln!(out, "{:<14}{:>8}{:>14}{:>14}", "table", "files", "rows", "bytes")?;
    for (name, table) in &status.tables {
        writeln!(out, "{name:<14}{:>8}{:>14}{:>14}", table.files, table.rows, table.bytes)?;
    }
    Ok(())
}
