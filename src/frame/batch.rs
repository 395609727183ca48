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

use super::Kind;
use super::Table;
use super::microseconds;
use crate::model::time::Timestamp;

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Unknown.
    Null,
    /// Text.
    Text(&'a str),
    /// A number.
    Integer(i64),
    /// A moment.
    Moment(Timestamp),
    /// True or false.
    Boolean(bool),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(i64::from(number))
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        // Counts: no corpus has as many of anything.
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Moment(time)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Rows of one table, column by column.
pub struct Batch {
    table: &'static Table,
    columns: Vec<Cells>,
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
    pub fn new(table: &'static Table, capacity: usize) -> Self {
        let cells = |column: &super::Column| {
            let name = column.name.into();
            match column.kind {
                Kind::Text => Cells::Text(StringChunkedBuilder::new(name, capacity)),
                Kind::Integer => Cells::Integer(PrimitiveChunkedBuilder::new(name, capacity)),
                Kind::Moment => Cells::Moment(PrimitiveChunkedBuilder::new(name, capacity)),
                Kind::Boolean => Cells::Boolean(BooleanChunkedBuilder::new(name, capacity)),
            }
        };
        Self { table, columns: table.columns.iter().map(cells).collect(), rows: 0 }
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Returns true when there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row: one value for each column, in order. A value of another kind than its column's is null, and so are
    /// values that are not given.
    pub fn push(&mut self, row: &[Value<'_>]) {
        debug_assert_eq!(row.len(), self.columns.len(), "a row of {} has another width", self.table.name);
        let given = row.iter().copied().chain(std::iter::repeat(Value::Null));
        for (cells, value) in self.columns.iter_mut().zip(given) {
            cells.push(value);
        }
        self.rows += 1;
    }

    /// Hands the rows over, as polars has them.
    pub fn into_frame(self) -> PolarsResult<DataFrame> {
        let columns = self.columns.into_iter().map(Cells::into_column).collect::<PolarsResult<Vec<_>>>()?;
        DataFrame::new(self.rows, columns)
    }
}

impl Cells {
    fn push(&mut self, value: Value<'_>) {
        debug_assert!(
            matches!(
                (&*self, value),
                (_, Value::Null)
                    | (Self::Text(_), Value::Text(_))
                    | (Self::Integer(_), Value::Integer(_))
                    | (Self::Moment(_), Value::Moment(_))
                    | (Self::Boolean(_), Value::Boolean(_))
            ),
            "{value:?} is of another kind than its column"
        );
        match self {
            Self::Text(cells) => cells.append_option(if let Value::Text(text) = value { Some(text) } else { None }),
            Self::Integer(cells) => {
                cells.append_option(if let Value::Integer(number) = value { Some(number) } else { None });
            }
            Self::Moment(cells) => {
                cells.append_option(if let Value::Moment(time) = value { Some(microseconds(time)) } else { None });
            }
            Self::Boolean(cells) => {
                cells.append_option(if let Value::Boolean(truth) = value { Some(truth) } else { None });
            }
        }
    }

    fn into_column(self) -> PolarsResult<polars::prelude::Column> {
        Ok(match self {
            Self::Text(cells) => cells.finish().into_series(),
            Self::Integer(cells) => cells.finish().into_series(),
            Self::Moment(cells) => cells.finish().into_series().cast(&moment())?,
            Self::Boolean(cells) => cells.finish().into_series(),
        }
        .into_column())
    }
}

fn moment() -> DataType {
    DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
}

/// Returns the schema of a table, as polars has it.
pub fn schema(table: &Table) -> Schema {
    table
        .columns
        .iter()
        .map(|column| {
            let kind = match column.kind {
                Kind::Text => DataType::String,
                Kind::Integer => DataType::Int64,
                Kind::Moment => moment(),
                Kind::Boolean => DataType::Boolean,
            };
            (column.name.into(), kind)
        })
        .collect()
}
