//! The tables. To add one: declare it in a file for its subject, and list it in [`TABLES`].

mod activity;
mod assumptions;
mod cells;
mod chains;
mod contacts;
mod coverage;
mod denied;
mod findings;
mod hops;
mod long_term_keys;
mod origin;
mod production_changes;
mod routes;
mod sessions;

use super::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::frame::Value;
use crate::frame::Writable;

/// Takes rows, one value for each column.
pub type Sink<'s> = dyn FnMut(&[Value<'_>]) -> Result<(), FrameError> + 's;

/// Hands a row on.
fn push<'v, T: Writable<With<'v> = Source<'v>>>(
    row: T::Row<'v>,
    source: &'v Source<'v>,
    sink: &mut Sink<'_>,
) -> Result<(), FrameError> {
    let mut cells = Vec::with_capacity(T::COLUMNS.len());
    T::write(row, source, &mut cells);
    sink(&cells)
}

/// A table of the export: its columns, how its rows are found, and how it joins others.
pub struct Shape {
    /// The name and the columns.
    pub table: Table,
    /// The columns that together name a row.
    pub key: &'static [&'static str],
    /// Columns that name rows of other tables: `(column, table.column)`.
    pub joins: &'static [(&'static str, &'static str)],
    /// The column by whose day the table is partitioned on request.
    pub day: &'static str,
    /// Hands over the rows, one after the other.
    pub rows: fn(&Source<'_>, &mut Sink<'_>) -> Result<(), FrameError>,
}

/// Every table, in the order of the documentation.
pub static TABLES: &[&Shape] = &[
    &chains::SHAPE,
    &hops::SHAPE,
    &routes::SHAPE,
    &sessions::SHAPE,
    &activity::SHAPE,
    &contacts::SHAPE,
    &assumptions::SHAPE,
    &denied::SHAPE,
    &long_term_keys::SHAPE,
    &findings::SHAPE,
    &findings::CHAINS,
    &findings::EVIDENCE,
    &production_changes::SHAPE,
    &coverage::SHAPE,
];

/// Returns the table of a name.
pub fn named(name: &str) -> Option<&'static Shape> {
    TABLES.iter().copied().find(|shape| shape.table.name == name)
}

impl Shape {
    /// Returns where the column stands by whose day the table is partitioned.
    pub fn day_column(&self) -> usize {
        self.table.columns.iter().position(|column| column.name == self.day).unwrap_or_default()
    }
}
