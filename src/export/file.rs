//! One file of one table, as Parquet or CSV.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use super::csv;
use crate::frame::FrameError;
use crate::frame::ParquetFile;
use crate::frame::Table;
use crate::frame::Value;

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Apache Parquet, compressed by zstd.
    Parquet,
    /// CSV by RFC 4180.
    Csv,
}

impl FileFormat {
    /// Returns the name, which is also how files end.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
        }
    }
}

/// A file in the making.
pub(super) enum TableFile {
    Parquet(Box<ParquetFile>),
    Csv(CsvFile),
}

/// A CSV file in the making.
pub(super) struct CsvFile {
    path: PathBuf,
    out: BufWriter<File>,
    line: csv::Line,
    rows: u64,
}

impl TableFile {
    pub(super) fn create(path: &Path, table: &'static Table, format: FileFormat) -> Result<Self, FrameError> {
        Ok(match format {
            FileFormat::Parquet => Self::Parquet(Box::new(ParquetFile::create(path, table)?)),
            FileFormat::Csv => Self::Csv(CsvFile::create(path, table)?),
        })
    }

    pub(super) fn push(&mut self, row: &[Value<'_>]) -> Result<(), FrameError> {
        match self {
            Self::Parquet(file) => file.push(row),
            Self::Csv(file) => file.push(row),
        }
    }

    /// Returns how many rows are in memory.
    pub(super) fn waiting(&self) -> usize {
        match self {
            Self::Parquet(file) => file.waiting(),
            Self::Csv(_) => 0,
        }
    }

    /// Writes the rows that are in memory.
    pub(super) fn flush(&mut self) -> Result<(), FrameError> {
        match self {
            Self::Parquet(file) => file.flush(),
            Self::Csv(_) => Ok(()),
        }
    }

    /// Ends the file, and makes sure that it is on the disk. Returns how many rows it has.
    pub(super) fn finish(self) -> Result<u64, FrameError> {
        match self {
            Self::Parquet(file) => file.finish(),
            Self::Csv(file) => file.finish(),
        }
    }
}

impl CsvFile {
    fn create(path: &Path, table: &'static Table) -> Result<Self, FrameError> {
        let file = File::create_new(path).map_err(|error| FrameError::new(path, error))?;
        let out = BufWriter::with_capacity(1 << 18, file);
        let mut csv = Self { path: path.to_owned(), out, line: csv::Line::default(), rows: 0 };
        let heads: Vec<Value<'_>> = table.columns.iter().map(|column| Value::from(column.name)).collect();
        csv.push(&heads)?;
        csv.rows = 0;
        Ok(csv)
    }

    fn push(&mut self, row: &[Value<'_>]) -> Result<(), FrameError> {
        for value in row {
            self.line.push(value);
        }
        self.rows += 1;
        self.out.write_all(self.line.end().as_bytes()).map_err(|error| FrameError::new(&self.path, error))
    }

    fn finish(self) -> Result<u64, FrameError> {
        let Self { path, out, rows, .. } = self;
        let file = out.into_inner().map_err(|error| FrameError::new(&path, error.error()))?;
        file.sync_all().map_err(|error| FrameError::new(&path, error))?;
        Ok(rows)
    }
}
