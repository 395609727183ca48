//! What a query answers: columns and rows, written as CSV, JSON or Parquet.

use std::io;

use polars::prelude::AnyValue;
use polars::prelude::DataFrame;
use polars::prelude::TimeUnit;
use polars_io::parquet::write::ParquetCompression;
use polars_io::parquet::write::ParquetWriter;
use polars_io::parquet::write::StatisticsOptions;

use crate::export::csv;
use crate::frame::readable;
use crate::model::time::Timestamp;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::redact::Shade;

const MICROSECONDS: i64 = 1_000_000;

/// The rows that a query gave.
pub struct Answer(DataFrame);

/// One cell of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Unknown.
    Null,
    /// Text, or a moment, day or duration as text.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A number.
    Float(f64),
    /// True or false.
    Boolean(bool),
}

impl Answer {
    pub(super) fn new(frame: DataFrame) -> Self {
        Self(frame)
    }

    /// Returns the names of the columns, and whether they hold numbers.
    pub fn columns(&self) -> Vec<(String, bool)> {
        let columns = self.0.columns().iter();
        columns.map(|column| (column.name().to_string(), column.dtype().is_primitive_numeric())).collect()
    }

    /// Returns how many rows there are.
    pub fn height(&self) -> usize {
        self.0.height()
    }

    /// Returns the rows.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Cell>> {
        (0..self.0.height()).map(|row| {
            let cells = self.0.columns().iter().map(|column| column.get(row));
            cells.map(|value| value.map_or(Cell::Null, |value| cell(&value))).collect()
        })
    }

    /// Writes CSV, as the export does.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut line = csv::Line::default();
        for (name, _) in &self.columns() {
            line.push_text(name);
        }
        out.write_all(line.end().as_bytes())?;
        for row in self.rows() {
            for cell in &row {
                match cell {
                    Cell::Text(text) => line.push_text(text),
                    other => line.push_plain(&other.to_string()),
                }
            }
            out.write_all(line.end().as_bytes())?;
        }
        Ok(())
    }

    /// Writes a JSON array with one object for each row.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        // What was asked of was redacted before.
        exit::through(Medium::Json, Shade::new(false), out, |out| self.write_objects(out))
    }

    fn write_objects(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let columns = self.columns();
        out.write_all(b"[")?;
        for (number, row) in self.rows().enumerate() {
            out.write_all(if number == 0 { b"\n  {" } else { b",\n  {" })?;
            for (at, ((name, _), cell)) in columns.iter().zip(&row).enumerate() {
                if at > 0 {
                    out.write_all(b", ")?;
                }
                serde_json::to_writer(&mut *out, name)?;
                out.write_all(b": ")?;
                match cell {
                    Cell::Null => out.write_all(b"null")?,
                    Cell::Text(text) => serde_json::to_writer(&mut *out, text)?,
                    Cell::Float(number) => serde_json::to_writer(&mut *out, number)?,
                    Cell::Integer(_) | Cell::Boolean(_) => out.write_all(cell.to_string().as_bytes())?,
                }
            }
            out.write_all(b"}")?;
        }
        out.write_all(b"\n]\n")
    }

    /// Writes one Parquet file.
    pub fn write_parquet(&mut self, out: &mut dyn io::Write) -> io::Result<()> {
        ParquetWriter::new(out)
            .with_compression(ParquetCompression::Zstd(None))
            .with_statistics(StatisticsOptions::full())
            .with_key_value_metadata(Some(readable(self.0.schema())))
            .finish(&mut self.0)
            .map(|_| ())
            .map_err(io::Error::other)
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
        }
    }
}

fn cell(value: &AnyValue<'_>) -> Cell {
    match value {
        AnyValue::Null => Cell::Null,
        AnyValue::Boolean(truth) => Cell::Boolean(*truth),
        AnyValue::String(text) => Cell::Text((*text).to_owned()),
        AnyValue::StringOwned(text) => Cell::Text(text.to_string()),
        AnyValue::Float32(number) => Cell::Float(f64::from(*number)),
        AnyValue::Float64(number) => Cell::Float(*number),
        AnyValue::Date(days) => Cell::Text(Timestamp::of_day(i64::from(*days)).date()),
        AnyValue::Datetime(since, unit, _) | AnyValue::DatetimeOwned(since, unit, _) => {
            Cell::Text(moment(*since, *unit))
        }
        other => other.extract::<i128>().map_or_else(|| Cell::Text(other.to_string()), Cell::Integer),
    }
}

/// Writes a moment by RFC 3339; fractions of a second only when there are some.
fn moment(since: i64, unit: TimeUnit) -> String {
    let microseconds = match unit {
        TimeUnit::Nanoseconds => since.div_euclid(1_000),
        TimeUnit::Microseconds => since,
        TimeUnit::Milliseconds => since.saturating_mul(1_000),
    };
    let text = Timestamp(microseconds.div_euclid(MICROSECONDS)).to_string();
    let fraction = microseconds.rem_euclid(MICROSECONDS);
    if fraction == 0 { text } else { format!("{}.{fraction:06}Z", text.trim_end_matches('Z')) }
}
