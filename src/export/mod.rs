//! How do tables leave? Declares the tables that BI tools and SQL read, and writes them as Parquet or CSV.
//!
//! A table hands over one row after the other, and a writer keeps at most one row group: memory does not grow with the
//! number of rows.

mod actor;
pub mod csv;
mod draft;
mod file;
mod ids;
pub mod manifest;
mod ours;
pub mod page;
mod spread;
pub mod tables;
mod writer;

use std::cell::OnceCell;
use std::path::Path;

use crate::frame::FrameError;
use crate::frame::Value;
use crate::model::chain::SessionId;
use crate::report::Options;
use crate::report::Report;
use crate::report::wire::Rows;
use draft::Draft;
use ids::Ids;
use manifest::Manifest;
use manifest::Written;
use tables::Shape;
use tables::Sink;
use writer::TableWriter;

pub use file::FileFormat;

/// The version of the tables. Within a version, columns and tables are only added.
pub const SCHEMA_VERSION: u32 = 1;

/// What the rows are made from.
pub struct Source<'a> {
    rows: Rows<'a>,
    ids: OnceCell<Ids>,
}

impl<'a> Source<'a> {
    /// Makes a source of rows.
    pub fn new(report: &Report<'a>, options: &Options) -> Self {
        Self { rows: Rows::new(report, options), ids: OnceCell::new() }
    }

    /// Hands over the rows of a table: the one way out, where key ids are masked whatever column they stand in.
    pub fn rows(&self, shape: &Shape, sink: &mut Sink<'_>) -> Result<(), FrameError> {
        let masks = self.rows.shade;
        if !self.rows.options.redact {
            return (shape.rows)(self, sink);
        }
        (shape.rows)(self, &mut |row| {
            let masked = row.iter().map(|value| match value {
                Value::Text(text) => Value::Text(masks.text(text)),
                other => other.clone(),
            });
            sink(&masked.collect::<Vec<_>>())
        })
    }

    fn ids(&self) -> &Ids {
        self.ids.get_or_init(|| Ids::of(self.rows.lineage()))
    }

    fn session_id(&self, session: SessionId) -> String {
        self.ids().name(session)
    }

    fn issued_by(&self, record: u32) -> Option<(SessionId, bool)> {
        self.ids().issued_by(record)
    }

    fn account_name(&self, account: Option<&str>) -> Option<&'a str> {
        self.rows.report.account_names.get(account?).map(String::as_str)
    }
}

/// What to write, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Parquet or CSV.
    pub format: FileFormat,
    /// One folder for each day.
    pub is_partitioned: bool,
    /// The tables, by name; empty for all.
    pub tables: Vec<&'static str>,
}

impl Plan {
    /// Returns the tables to write.
    fn shapes(&self) -> impl Iterator<Item = &'static Shape> {
        tables::TABLES.iter().copied().filter(|shape| self.tables.is_empty() || self.tables.contains(&shape.table.name))
    }
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The place is not one to write to, with the reason and what to do.
    #[error("cannot export to {place}: {reason}")]
    Place {
        /// The directory, as the user named it.
        place: String,
        /// Why not, and what to do.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write {0}")]
    File(#[from] FrameError),
}

impl ExportError {
    fn new(place: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Place { place: place.to_string_lossy().into_owned(), reason: reason.to_string() }
    }
}

/// Returns an error when nothing can be exported to this place: asked before an hour of reading is spent.
pub fn check(to: &Path) -> Result<(), ExportError> {
    draft::target(to).map(|_| ())
}

/// Writes the tables to a directory: whole, or not at all. Returns what was written.
pub fn write(source: &Source<'_>, to: &Path, plan: &Plan) -> Result<Vec<Written>, ExportError> {
    let draft = Draft::begin(to)?;
    let mut written = Vec::new();
    for shape in plan.shapes() {
        let mut writer = TableWriter::new(draft.path(), shape, plan)?;
        source.rows(shape, &mut |row| writer.push(row))?;
        written.push(writer.finish()?);
    }
    let manifest = Manifest::new(&source.rows, plan, written.clone());
    manifest.write(draft.path())?;
    draft.commit()?;
    Ok(written)
}
