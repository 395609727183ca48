//! Rows on their way into a table.

use polars::prelude::BooleanChunkedBuilder;
use polars::prelude::ChunkedBuilder as _;
use polars::prelude::DataFrame;
use polars::prelude::DataType;
use polars::prelude::Int64Type;
use polars::prelude::IntoColumn as _;
use polars::prelude::IntoSeries as _;
use polars::prelude::PolarsResult;
use polars::prelude::PrimitiveChunkedBuilder;
use polars::prelude::Schema;
use polars::prelude::StringChunkedBuilder;
use polars::prelude::TimeUnit;
use polars::prelude::TimeZone;

use super::Column;
use super::Kind;
use super::Put;
use super::Table;
use super::Value;
use super::microseconds;

/// Rows of one table, column by column.
pub struct Batch {
    columns: Vec<(&'static Column, Cells)>,
    rows: usize,
}

enum Cells {
    Text(StringChunkedBuilder),
    Integer(PrimitiveChunkedBuilder<Int64Type>),
    Moment(PrimitiveChunkedBuilder<Int64Type>),
    Boolean(BooleanChunkedBuilder),
}

impl Batch {
    /// Makes an empty batch with room for some rows.
    pub fn new(table: &Table, capacity: usize) -> Self {
        let cells = |column: &'static Column| {
            let name = column.name.into();
            let cells = match column.kind {
                Kind::Text => Cells::Text(StringChunkedBuilder::new(name, capacity)),
                Kind::Integer => Cells::Integer(PrimitiveChunkedBuilder::new(name, capacity)),
                Kind::Moment => Cells::Moment(PrimitiveChunkedBuilder::new(name, capacity)),
                Kind::Boolean => Cells::Boolean(BooleanChunkedBuilder::new(name, capacity)),
            };
            (column, cells)
        };
        Self { columns: table.columns.iter().map(cells).collect(), rows: 0 }
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Returns true when there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Begins a row.
    pub fn line(&mut self) -> Line<'_> {
        Line { batch: self, at: 0, misfit: None }
    }

    /// Adds a row: one value for each column, in order.
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<(), String> {
        let mut line = self.line();
        for value in row {
            line.take(value);
        }
        line.end()
    }

    /// Hands the rows over, as polars has them.
    pub fn into_frame(self) -> PolarsResult<DataFrame> {
        let columns =
            self.columns.into_iter().map(|(_, cells)| cells.into_column()).collect::<PolarsResult<Vec<_>>>()?;
        DataFrame::new(self.rows, columns)
    }
}

/// A row that is being added to a batch.
pub struct Line<'b> {
    batch: &'b mut Batch,
    at: usize,
    misfit: Option<String>,
}

impl<'v> Put<'v> for Line<'_> {
    fn put(&mut self, value: Value<'v>) {
        self.take(&value);
    }
}

impl Line<'_> {
    /// Takes the next cell, which its owner keeps.
    pub(super) fn take(&mut self, value: &Value<'_>) {
        let (column, fits) = match self.batch.columns.get_mut(self.at) {
            Some((column, cells)) => (column.name, cells.push(value)),
            None => ("(none)", Err("a cell")),
        };
        self.at += 1;
        if let Err(found) = fits {
            self.misfit.get_or_insert_with(|| misfit(column, found));
        }
    }

    /// Ends the row. An error when a cell is of another kind than its column, and when there are too many or too few:
    /// after that the batch is of no use any more.
    pub fn end(self) -> Result<(), String> {
        self.batch.rows += 1;
        let missing = self.batch.columns.get(self.at).map(|(column, _)| misfit(column.name, "no cell"));
        self.misfit.or(missing).map_or(Ok(()), Err)
    }
}

fn misfit(column: &str, found: &str) -> String {
    format!("a row does not fit its table: column `{column}` got {found}")
}

impl Cells {
    /// Adds a cell; what it is instead, when it is of another kind.
    fn push(&mut self, value: &Value<'_>) -> Result<(), &'static str> {
        match (self, value) {
            (Self::Text(cells), Value::Text(text)) => cells.append_value(text),
            (Self::Integer(cells), Value::Integer(number)) => cells.append_value(*number),
            (Self::Moment(cells), Value::Moment(time)) => cells.append_value(microseconds(*time)),
            (Self::Boolean(cells), Value::Boolean(truth)) => cells.append_value(*truth),
            (Self::Text(cells), Value::Null) => cells.append_null(),
            (Self::Integer(cells) | Self::Moment(cells), Value::Null) => cells.append_null(),
            (Self::Boolean(cells), Value::Null) => cells.append_null(),
            (_, Value::Text(_)) => return Err(Kind::Text.name()),
            (_, Value::Integer(_)) => return Err(Kind::Integer.name()),
            (_, Value::Moment(_)) => return Err(Kind::Moment.name()),
            (_, Value::Boolean(_)) => return Err(Kind::Boolean.name()),
        }
        Ok(())
    }

    fn into_column(self) -> PolarsResult<polars::prelude::Column> {
        Ok(match self {
            Self::Text(cells) => cells.finish().into_series(),
            Self::Integer(cells) => cells.finish().into_series(),
            Self::Moment(cells) => cells.finish().into_series().cast(&data_type(Kind::Moment))?,
            Self::Boolean(cells) => cells.finish().into_series(),
        }
        .into_column())
    }
}

/// Returns the type of a column, as polars has it.
fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::String,
        Kind::Integer => DataType::Int64,
        Kind::Moment => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
        Kind::Boolean => DataType::Boolean,
    }
}

/// Returns the schema of a table, as polars has it.
pub fn schema(table: &Table) -> Schema {
    table.columns.iter().map(|column| (column.name.into(), data_type(column.kind))).collect()
}
