//! Tables: what a column is, and Parquet files in and out. The only room, beside `query`, that knows polars.
//!
//! Flat columns only, and only four kinds of them: what every reader of Parquet and CSV takes without questions.

mod batch;
mod read;
mod write;

pub use batch::Batch;
pub use batch::Value;
pub use batch::schema;
pub use read::Rows;
pub use read::has_column;
pub use read::read;
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

/// Shortens the declaration of a column.
pub const fn column(name: &'static str, kind: Kind, doc: &'static str) -> Column {
    Column { name, kind, doc }
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
