//! Tables: what a column is, and Parquet files in and out. The only room, beside `query`, that knows polars.
//!
//! Flat columns only, and only four kinds of them: what every reader of Parquet and CSV takes without questions.
//! The macro `columns!` declares them: the schema, the documentation, the reading and the writing of a table from one place.

mod batch;
mod cell;
mod columns;
mod read;
mod seal;
mod write;

pub use batch::Batch;
pub use batch::Line;
pub use batch::schema;
pub use cell::FromCell;
pub use cell::Put;
pub use cell::ToCell;
pub use cell::Typed;
pub use cell::Value;
pub use columns::Columns;
pub use columns::Readable;
pub use columns::Tabled;
pub use columns::Writable;
pub(crate) use columns::columns;
pub use columns::together;
pub use read::Cursor;
pub use read::Rows;
pub use read::guarded;
pub use read::has_column;
pub use read::read;
pub use read::read_sealed;
pub use read::reason_of;
pub use seal::Seal;
pub use write::ParquetFile;
pub use write::ROW_GROUP;
pub use write::readable;

use crate::model::time::Timestamp;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text. Account ids are text: as numbers they would lose their leading zeros.
    Text,
    /// A signed 64-bit integer: Athena and Hive know no unsigned ones.
    Integer,
    /// A moment in UTC, in microseconds: Hive and Spark know no nanoseconds.
    Moment,
    /// True or false.
    Boolean,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The name, in snake case. It never changes.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means, in one line, with its unit.
    pub doc: &'static str,
}

/// A table: its name and its columns.
#[derive(Debug)]
pub struct Table {
    /// The name, which is also the name of its file or folder.
    pub name: &'static str,
    /// What one row is.
    pub doc: &'static str,
    /// The columns, in order.
    pub columns: &'static [Column],
}

impl Kind {
    /// Returns the name used in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Moment => "timestamp",
            Self::Boolean => "boolean",
        }
    }
}

impl Table {
    /// Returns the columns as a table of Markdown.
    pub fn markdown(&self) -> String {
        let row = |column: &Column| format!("| `{}` | {} | {} |\n", column.name, column.kind.name(), column.doc);
        let rows = self.columns.iter().map(row);
        std::iter::once("| column | type | meaning |\n| --- | --- | --- |\n".to_owned()).chain(rows).collect()
    }
}

/// What went wrong with a table's file.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct FrameError {
    /// The file.
    pub path: String,
    /// What the reader, the writer or the system says.
    pub reason: String,
}

impl FrameError {
    /// Makes an error.
    pub fn new(path: &std::path::Path, reason: impl std::fmt::Display) -> Self {
        Self { path: path.to_string_lossy().into_owned(), reason: reason.to_string() }
    }
}

/// Microseconds since the epoch, as [`Kind::Moment`] holds them.
fn microseconds(time: Timestamp) -> i64 {
    time.0.saturating_mul(1_000_000)
}
