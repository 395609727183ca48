//! Parquet files, written row group by row group, so that memory does not grow with the number of rows.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::path::PathBuf;

use polars::prelude::CompatLevel;
use polars::prelude::Schema;
use polars::prelude::SchemaExt as _;
use polars_io::parquet::write::BatchedWriter;
use polars_io::parquet::write::KeyValueMetadata;
use polars_io::parquet::write::ParquetCompression;
use polars_io::parquet::write::ParquetWriter;
use polars_io::parquet::write::StatisticsOptions;
use polars_parquet::write::schema_to_metadata_key;

use super::Batch;
use super::FrameError;
use super::Line;
use super::Seal;
use super::Table;
use super::Value;
use super::batch;
use super::seal::Sealer;
use super::seal::Sealing;
use crate::model::width::wide;

/// Rows of a row group: enough to compress well, few enough to be skipped by its statistics.
pub const ROW_GROUP: usize = 50_000;

/// A Parquet file in the making. It has no footer, and so is no Parquet, before [`ParquetFile::finish`].
pub struct ParquetFile {
    path: PathBuf,
    table: &'static Table,
    writer: BatchedWriter<BufWriter<Sealing>>,
    sealer: Sealer,
    waiting: Batch,
    rows: u64,
}

impl ParquetFile {
    /// Creates the file; there must be none of its name.
    pub fn create(path: &Path, table: &'static Table) -> Result<Self, FrameError> {
        let cannot = |error: &dyn std::fmt::Display| FrameError::new(path, error);
        let file = File::create_new(path).map_err(|error| cannot(&error))?;
        let schema = batch::schema(table);
        let (file, sealer) = Sealing::new(file);
        let writer = ParquetWriter::new(BufWriter::with_capacity(1 << 18, file))
            .with_compression(ParquetCompression::Zstd(None))
            .with_statistics(StatisticsOptions::full())
            .with_row_group_size(Some(ROW_GROUP))
            .set_parallel(false)
            .with_key_value_metadata(Some(readable(&schema)))
            .batched(&schema)
            .map_err(|error| cannot(&error))?;
        Ok(Self { path: path.to_owned(), table, writer, sealer, waiting: Batch::new(table, 1_024), rows: 0 })
    }

    /// Adds a row, cell by cell.
    pub fn row(&mut self, fill: impl FnOnce(&mut Line<'_>)) -> Result<(), FrameError> {
        let mut line = self.waiting.line();
        fill(&mut line);
        line.end().map_err(|misfit| FrameError::new(&self.path, misfit))?;
        if self.waiting.len() >= ROW_GROUP { self.flush() } else { Ok(()) }
    }

    /// Adds a row: one value for each column, in order.
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<(), FrameError> {
        self.row(|line| row.iter().for_each(|value| line.take(value)))
    }

    /// Returns how many rows wait for their row group.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Writes the rows that wait as a row group, so that they need no memory any more.
    pub fn flush(&mut self) -> Result<(), FrameError> {
        let batch = std::mem::replace(&mut self.waiting, Batch::new(self.table, 1_024));
        self.rows += wide(batch.len());
        let frame = batch.into_frame().map_err(|error| FrameError::new(&self.path, error))?;
        self.writer.write_batch(&frame).map_err(|error| FrameError::new(&self.path, error))
    }

    /// Writes the rest, and makes sure that it is on the disk. Returns how many rows the file has.
    pub fn finish(mut self) -> Result<u64, FrameError> {
        self.end()?;
        let Self { path, rows, .. } = self;
        let file = File::open(&path).map_err(|error| FrameError::new(&path, error))?;
        file.sync_all().map_err(|error| FrameError::new(&path, error))?;
        Ok(rows)
    }

    /// Writes the rest, and seals the file. Who writes many files makes sure of all of them at once.
    pub fn close(mut self) -> Result<Seal, FrameError> {
        self.end()?;
        Ok(self.sealer.seal())
    }

    fn end(&mut self) -> Result<(), FrameError> {
        if !self.waiting.is_empty() || self.rows == 0 {
            self.flush()?;
        }
        // The writer flushes its buffer with the footer.
        self.writer.finish().map(drop).map_err(|error| FrameError::new(&self.path, error))
    }
}

/// Says in the file's metadata that text is text. Polars would say that it is a view of text, an Arrow type that older
/// readers refuse and that pandas has no use for.
pub fn readable(schema: &Schema) -> KeyValueMetadata {
    let pair = schema_to_metadata_key(&schema.to_arrow(CompatLevel::oldest()));
    KeyValueMetadata::from_static(pair.value.into_iter().map(|value| (pair.key.clone(), value)).collect())
}
