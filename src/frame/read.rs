//! Parquet files, read as rows of a table.

use std::fs::File;
use std::path::Path;

use polars::prelude::BooleanChunked;
use polars::prelude::DataFrame;
use polars::prelude::DataType;
use polars::prelude::Int64Chunked;
use polars::prelude::StringChunked;
use polars::prelude::TimeUnit;
use polars_io::SerReader as _;
use polars_io::parquet::read::ParquetReader;

use super::FrameError;
use super::Kind;
use super::Table;
use super::microseconds;
use crate::model::time::Timestamp;

/// The rows of one file, by column.
pub struct Rows {
    columns: Vec<Option<Cells>>,
    length: usize,
}

enum Cells {
    Text(StringChunked),
    /// Integers, and moments in microseconds.
    Integer(Int64Chunked),
    Boolean(BooleanChunked),
}

/// Reads a file of a table. Columns that the file does not have are null in every row, and columns that the table does
/// not have are passed over: files of older and newer versions can be read.
pub fn read(path: &Path, table: &Table) -> Result<Rows, FrameError> {
    let cannot = |error: &dyn std::fmt::Display| FrameError::new(path, error);
    let file = File::open(path).map_err(|error| cannot(&error))?;
    let frame = ParquetReader::new(file).finish().map_err(|error| cannot(&error))?;
    let columns = table
        .columns
        .iter()
        .map(|column| cells(&frame, column.name, column.kind))
        .collect::<Result<_, _>>()
        .map_err(|error| cannot(&error))?;
    Ok(Rows { columns, length: frame.height() })
}

/// Says whether a file has a column of this name.
pub fn has_column(path: &Path, name: &str) -> Result<bool, FrameError> {
    let cannot = |error: &dyn std::fmt::Display| FrameError::new(path, error);
    let file = File::open(path).map_err(|error| cannot(&error))?;
    let schema = ParquetReader::new(file).schema().map_err(|error| cannot(&error))?;
    Ok(schema.contains(name))
}

fn cells(frame: &DataFrame, name: &str, kind: Kind) -> Result<Option<Cells>, polars::prelude::PolarsError> {
    let Ok(column) = frame.column(name) else { return Ok(None) };
    let series = column.as_materialized_series().rechunk();
    Ok(Some(match kind {
        Kind::Text => Cells::Text(series.cast(&DataType::String)?.str()?.clone()),
        Kind::Integer => Cells::Integer(series.cast(&DataType::Int64)?.i64()?.clone()),
        // SQL engines disagree about times, and agree about text.
        Kind::Moment if series.dtype() == &DataType::String => {
            let moment = |text: Option<&str>| text.and_then(Timestamp::parse_iso).map(microseconds);
            Cells::Integer(series.str()?.iter().map(moment).collect())
        }
        Kind::Moment => {
            let zone = if let DataType::Datetime(_, zone) = series.dtype() { zone.clone() } else { None };
            let moments = series.cast(&DataType::Datetime(TimeUnit::Microseconds, zone))?;
            Cells::Integer(moments.cast(&DataType::Int64)?.i64()?.clone())
        }
        Kind::Boolean => Cells::Boolean(series.cast(&DataType::Boolean)?.bool()?.clone()),
    }))
}

impl Rows {
    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Returns true when there is no row.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns the text in a row, by the number of its column in the table.
    pub fn text(&self, row: usize, column: usize) -> Option<&str> {
        if let Some(Some(Cells::Text(cells))) = self.columns.get(column) { cells.get(row) } else { None }
    }

    /// Returns the number in a row.
    pub fn integer(&self, row: usize, column: usize) -> Option<i64> {
        if let Some(Some(Cells::Integer(cells))) = self.columns.get(column) { cells.get(row) } else { None }
    }

    /// Returns the moment in a row.
    pub fn moment(&self, row: usize, column: usize) -> Option<Timestamp> {
        self.integer(row, column).map(|microseconds| Timestamp(microseconds.div_euclid(1_000_000)))
    }

    /// Returns the truth value in a row.
    pub fn boolean(&self, row: usize, column: usize) -> Option<bool> {
        if let Some(Some(Cells::Boolean(cells))) = self.columns.get(column) { cells.get(row) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::ParquetFile;
    use super::super::Table;
    use super::super::Value;
    use super::super::column;
    use super::has_column;
    use super::read;
    use crate::model::time::Timestamp;

    static TABLE: Table = Table {
        name: "things",
        doc: "One thing.",
        columns: &[
            column("name", Kind::Text, "Its name."),
            column("size", Kind::Integer, "Its size."),
            column("made", Kind::Moment, "When it was made."),
            column("good", Kind::Boolean, "Whether it is good."),
        ],
    };

    static NEWER: Table = Table {
        name: "things",
        doc: "One thing.",
        columns: &[column("colour", Kind::Text, "New."), column("size", Kind::Integer, "Its size.")],
    };

    #[test]
    fn rows_come_back_as_they_were_also_over_row_groups_and_versions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("things.parquet");
        let mut file = ParquetFile::create(&path, &TABLE).unwrap();
        for number in 0..120_000i64 {
            let name = format!("0{number}");
            let made = (number % 3 != 0).then_some(Timestamp(number - 60_000));
            file.push(&[
                Value::from(name.as_str()),
                Value::from((number % 2 == 0).then_some(number)),
                Value::from(made),
                Value::from(number % 5 == 0),
            ])
            .unwrap();
        }
        assert_eq!(file.finish().unwrap(), 120_000);
        let rows = read(&path, &TABLE).unwrap();
        assert_eq!(rows.len(), 120_000);
        for (row, number) in (0..120_000i64).enumerate() {
            assert_eq!(rows.text(row, 0), Some(format!("0{number}").as_str()));
            assert_eq!(rows.integer(row, 1), (number % 2 == 0).then_some(number));
            assert_eq!(rows.moment(row, 2), (number % 3 != 0).then_some(Timestamp(number - 60_000)));
            assert_eq!(rows.boolean(row, 3), Some(number % 5 == 0));
        }
        let newer = read(&path, &NEWER).unwrap();
        assert_eq!((newer.text(7, 0), newer.integer(8, 1)), (None, Some(8)));
    }

    #[test]
    fn moments_may_be_text_as_sql_engines_write_them() {
        static TEXT: Table =
            Table { name: "things", doc: "One thing.", columns: &[column("made", Kind::Text, "When it was made.")] };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("things.parquet");
        let mut file = ParquetFile::create(&path, &TEXT).unwrap();
        for text in [Some("2026-11-02T08:00:00Z"), None, Some("yesterday"), Some("1969-12-31T23:59:59Z")] {
            file.push(&[Value::from(text)]).unwrap();
        }
        file.finish().unwrap();
        let rows = read(&path, &TABLE).unwrap();
        let seconds: Vec<_> = (0..rows.len()).map(|row| rows.moment(row, 2).map(|time| time.0)).collect();
        assert_eq!(seconds, [Some(1_793_606_400), None, None, Some(-1)]);
        assert!(has_column(&path, "made").unwrap() && !has_column(&path, "size").unwrap());
    }

    #[test]
    fn an_empty_table_is_a_file_and_a_file_that_is_none_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.parquet");
        assert_eq!(ParquetFile::create(&path, &TABLE).unwrap().finish().unwrap(), 0);
        assert!(read(&path, &TABLE).unwrap().is_empty());
        assert!(ParquetFile::create(&path, &TABLE).is_err());
        std::fs::write(&path, "no parquet").unwrap();
        let Err(error) = read(&path, &TABLE) else { panic!("read what is no Parquet") };
        assert!(error.to_string().starts_with(&*path.to_string_lossy()), "{error}");
    }
}
