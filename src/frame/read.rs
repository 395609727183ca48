//! Parquet files, read as rows of a table.

use std::any::Any;
use std::fs::File;
use std::io;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::path::PathBuf;

use polars::prelude::BooleanChunked;
use polars::prelude::DataType;
use polars::prelude::Int64Chunked;
use polars::prelude::PolarsError;
use polars::prelude::Series;
use polars::prelude::StringChunked;
use polars::prelude::TimeUnit;
use polars_io::SerReader as _;
use polars_io::mmap::MmapBytesReader;
use polars_io::parquet::read::ParquetReader;

use super::Column;
use super::FrameError;
use super::FromCell;
use super::Kind;
use super::Seal;
use super::Typed;
use super::Value;
use super::microseconds;
use crate::model::time::Timestamp;

/// The rows of one file, by column.
pub struct Rows {
    path: PathBuf,
    columns: Vec<(&'static Column, Option<Cells>)>,
    length: usize,
}

enum Cells {
    Text(StringChunked),
    Integer(Int64Chunked),
    /// In microseconds.
    Moment(Int64Chunked),
    Boolean(BooleanChunked),
}

/// One row, being read column by column.
pub struct Cursor<'r> {
    rows: &'r Rows,
    row: usize,
    at: usize,
}

/// Reads columns of a file that anybody may have written. Those that the file does not have are null in every row, and
/// others than these are passed over: files of older and newer versions can be read. A column of another kind is an error.
pub fn read(path: &Path, columns: &'static [Column]) -> Result<Rows, FrameError> {
    guarded(path, || rows(path, open(path)?, columns))
}

/// As [`read`], of a file that is what was sealed: the reader of Parquet gets the very bytes that were checked.
pub fn read_sealed(path: &Path, seal: &Seal, columns: &'static [Column]) -> Result<Rows, FrameError> {
    let bytes = seal.read(path)?;
    guarded(path, || rows(path, io::Cursor::new(bytes), columns))
}

fn rows(path: &Path, from: impl MmapBytesReader, columns: &'static [Column]) -> Result<Rows, FrameError> {
    let mut reader = ParquetReader::new(from);
    let schema = reader.schema().map_err(|error| FrameError::new(path, error))?;
    let there = columns.iter().map(|column| column.name).filter(|name| schema.contains(name));
    let there: Vec<String> = there.map(str::to_owned).collect();
    let reader = reader.with_columns((!there.is_empty()).then_some(there));
    let frame = reader.finish().map_err(|error| FrameError::new(path, error))?;
    let cells = |column: &'static Column| match frame.column(column.name) {
        Ok(found) => Ok((column, Some(cells(&found.as_materialized_series().rechunk(), column)?))),
        Err(_) => Ok((column, None)),
    };
    let columns =
        columns.iter().map(cells).collect::<Result<_, String>>().map_err(|reason| FrameError::new(path, reason))?;
    Ok(Rows { path: path.to_owned(), columns, length: frame.height() })
}

/// Says whether a file has a column of this name.
pub fn has_column(path: &Path, name: &str) -> Result<bool, FrameError> {
    guarded(path, || {
        let schema = ParquetReader::new(open(path)?).schema().map_err(|error| FrameError::new(path, error))?;
        Ok(schema.contains(name))
    })
}

fn open(path: &Path) -> Result<File, FrameError> {
    File::open(path).map_err(|error| FrameError::new(path, error))
}

/// Where the reader of Parquet panics, the file is not what it should be.
pub fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, FrameError>) -> Result<T, FrameError> {
    panic::catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        Err(FrameError::new(path, format!("the reader of Parquet gave up: {}", reason_of(panic.as_ref()))))
    })
}

/// Returns what a panic says.
pub fn reason_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}

/// Takes cells out of what a file has. Engines write integers and moments of other widths, and text as bytes.
fn cells(series: &Series, column: &Column) -> Result<Cells, String> {
    let dtype = series.dtype();
    let read = || -> Result<Option<Cells>, PolarsError> {
        Ok(Some(match (column.kind, dtype) {
            (Kind::Text, DataType::String | DataType::Binary | DataType::Null) => {
                Cells::Text(series.strict_cast(&DataType::String)?.str()?.clone())
            }
            (Kind::Integer, dtype) if dtype.is_integer() || dtype.is_null() => {
                Cells::Integer(series.strict_cast(&DataType::Int64)?.i64()?.clone())
            }
            // SQL engines disagree about times, and agree about text.
            (Kind::Moment, DataType::String) => {
                let moment = |text: Option<&str>| text.and_then(Timestamp::parse_iso).map(microseconds);
                Cells::Moment(series.str()?.iter().map(moment).collect())
            }
            (Kind::Moment, DataType::Datetime(_, zone)) => {
                let moments = series.cast(&DataType::Datetime(TimeUnit::Microseconds, zone.clone()))?;
                Cells::Moment(moments.cast(&DataType::Int64)?.i64()?.clone())
            }
            (Kind::Moment, DataType::Null) => Cells::Moment(series.cast(&DataType::Int64)?.i64()?.clone()),
            (Kind::Boolean, DataType::Boolean | DataType::Null) => {
                Cells::Boolean(series.cast(&DataType::Boolean)?.bool()?.clone())
            }
            _ => return Ok(None),
        }))
    };
    match read() {
        Ok(Some(cells)) => Ok(cells),
        Ok(None) => Err(format!("column `{}` holds {dtype}, not {}", column.name, column.kind.name())),
        Err(error) => Err(format!("column `{}`: {error}", column.name)),
    }
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

    /// Stands before the first cell of a row.
    pub(super) fn cursor(&self, row: usize) -> Cursor<'_> {
        Cursor { rows: self, row, at: 0 }
    }

    /// Returns a cell, by the number of its column.
    pub fn value(&self, row: usize, column: usize) -> Value<'_> {
        let Some((_, Some(cells))) = self.columns.get(column) else { return Value::Null };
        match cells {
            Cells::Text(cells) => cells.get(row).map(Value::from),
            Cells::Integer(cells) => cells.get(row).map(Value::Integer),
            Cells::Moment(cells) => cells.get(row).map(|time| Value::Moment(Timestamp(time.div_euclid(1_000_000)))),
            Cells::Boolean(cells) => cells.get(row).map(Value::Boolean),
        }
        .unwrap_or(Value::Null)
    }
}

impl<'r> Cursor<'r> {
    /// Takes the next cell. What the column cannot be without is an error where there is nothing.
    pub fn take<K: Typed + ?Sized, W, T: FromCell<'r, K, W>>(&mut self, into: &mut W) -> Result<T, FrameError> {
        let at = self.at;
        self.at += 1;
        T::of(self.rows.value(self.row, at), into).ok_or_else(|| self.odd(at))
    }

    fn odd(&self, at: usize) -> FrameError {
        let row = self.row;
        let reason = match (self.rows.columns.get(at), self.rows.value(row, at)) {
            (Some((column, None)), _) => format!("it has no column `{}`", column.name),
            (Some((column, _)), Value::Null) => format!("column `{}` is null in row {row}", column.name),
            (Some((column, _)), Value::Text(text)) => {
                format!("column `{}` cannot be `{text}` (row {row})", column.name)
            }
            (Some((column, _)), _) => format!("column `{}` is out of range in row {row}", column.name),
            (None, _) => format!("there is no column {at}"),
        };
        FrameError::new(&self.rows.path, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Columns;
    use super::super::ParquetFile;
    use super::super::Table;
    use super::super::Tabled as _;
    use super::super::Value;
    use super::super::Writable as _;
    use super::super::columns;
    use super::has_column;
    use super::read;
    use crate::model::time::Timestamp;

    columns! {
        struct Things = "things", "One thing.";
        write (name, size, made, good): (&'v str, Option<i64>, Option<Timestamp>, bool), with nothing: ();
        read (String, Option<u32>, Option<Timestamp>, bool) = (name, size, made, good);
        name: str = name, "Its name.";
        size: i64 = size, "Its size.";
        made: Timestamp = made, "When it was made.";
        good: bool = good, "Whether it is good.";
    }

    columns! {
        struct Newer;
        read (Option<&'r str>, Option<u32>) = (color, size), into ();
        color: str;
        size: i64;
    }

    columns! {
        struct Needs;
        read u32 = { let _: Option<&str> = name; size }, into ();
        name: str;
        size: i64;
    }

    static THINGS: Table = Things::TABLE;

    #[test]
    fn rows_come_back_as_they_were_also_over_row_groups_and_versions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("things.parquet");
        let mut file = ParquetFile::create(&path, &THINGS).unwrap();
        let size = |number: i64| (number % 2 == 0).then_some(number);
        let made = |number: i64| (number % 3 != 0).then_some(Timestamp(number - 60_000));
        for number in 0..120_000i64 {
            let name = format!("0{number}");
            let row = (name.as_str(), size(number), made(number), number % 5 == 0);
            file.row(|line| Things::write(row, &(), line)).unwrap();
        }
        assert_eq!(file.finish().unwrap(), 120_000);
        let rows = read(&path, Things::COLUMNS).unwrap();
        assert_eq!(rows.len(), 120_000);
        for (row, number) in (0..120_000i64).enumerate() {
            let size = size(number).map(|size| u32::try_from(size).unwrap());
            let expected = (format!("0{number}"), size, made(number), number % 5 == 0);
            assert_eq!(rows.row::<Things>(row, &mut ()).unwrap(), expected);
        }
        let newer = read(&path, Newer::COLUMNS).unwrap();
        assert_eq!(newer.row::<Newer>(8, &mut ()).unwrap(), (None, Some(8)));
    }

    #[test]
    fn moments_may_be_text_as_sql_engines_write_them() {
        columns! {
            struct Texts = "things", "One thing.";
            write made: Option<&'v str>, with nothing: ();
            made: str = made, "When it was made.";
        }
        static TEXTS: Table = Texts::TABLE;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("things.parquet");
        let mut file = ParquetFile::create(&path, &TEXTS).unwrap();
        for text in [Some("2026-11-02T08:00:00Z"), None, Some("yesterday"), Some("1969-12-31T23:59:59Z")] {
            file.row(|line| Texts::write(text, &(), line)).unwrap();
        }
        file.finish().unwrap();
        let rows = read(&path, Things::COLUMNS).unwrap();
        let moments: Vec<_> = (0..rows.len()).map(|row| rows.value(row, 2)).collect();
        let moment = |seconds| Value::Moment(Timestamp(seconds));
        assert_eq!(moments, [moment(1_793_606_400), Value::Null, Value::Null, moment(-1)]);
        assert!(has_column(&path, "made").unwrap() && !has_column(&path, "size").unwrap());
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_named_with_its_file() {
        columns! {
            struct Odd = "things", "One thing.";
            write (size, good): (i64, &'v str), with nothing: ();
            size: i64 = size, "Its size.";
            good: str = good, "Whether it is good.";
        }
        static ODD: Table = Odd::TABLE;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("things.parquet");
        let mut file = ParquetFile::create(&path, &ODD).unwrap();
        file.row(|line| Odd::write((-1, "yes"), &(), line)).unwrap();
        file.finish().unwrap();
        let said = |what: &str| format!("{}: {what}", path.display());
        let error = read(&path, Things::COLUMNS).err().unwrap();
        assert_eq!(error.to_string(), said("column `good` holds str, not boolean"));
        let rows = read(&path, Needs::COLUMNS).unwrap();
        let error = rows.row::<Needs>(0, &mut ()).unwrap_err();
        assert_eq!(error.to_string(), said("column `size` is out of range in row 0"));
        let other = folder.path().join("others.parquet");
        let mut file = ParquetFile::create(&other, &THINGS).unwrap();
        file.row(|line| Things::write(("a", None, None, true), &(), line)).unwrap();
        file.finish().unwrap();
        let rows = read(&other, Needs::COLUMNS).unwrap();
        let error = rows.row::<Needs>(0, &mut ()).unwrap_err();
        assert_eq!(error.to_string(), format!("{}: column `size` is null in row 0", other.display()));
        let rows = read(&path, &Things::COLUMNS[..2]).unwrap();
        let error = rows.row::<Things>(0, &mut ()).unwrap_err();
        assert_eq!(error.to_string(), said("it has no column `name`"));
    }

    #[test]
    fn a_row_that_does_not_fit_is_an_error_and_names_the_column() {
        let folder = tempfile::tempdir().unwrap();
        for (at, (row, found)) in [
            (vec![Value::Integer(1)], "column `name` got integer"),
            (vec![Value::Null, Value::Null, Value::Null], "column `good` got no cell"),
            (vec![Value::Null, Value::Null, Value::Null, Value::Null, Value::Null], "column `(none)` got a cell"),
        ]
        .into_iter()
        .enumerate()
        {
            let path = folder.path().join(format!("{at}.parquet"));
            let error = ParquetFile::create(&path, &THINGS).unwrap().push(&row).unwrap_err().to_string();
            assert!(error.starts_with(&*path.to_string_lossy()) && error.ends_with(found), "{error}");
        }
    }

    #[test]
    fn an_empty_table_is_a_file_and_a_file_that_is_none_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.parquet");
        assert_eq!(ParquetFile::create(&path, &THINGS).unwrap().finish().unwrap(), 0);
        assert!(read(&path, Things::COLUMNS).unwrap().is_empty());
        assert!(ParquetFile::create(&path, &THINGS).is_err());
        std::fs::write(&path, "no parquet").unwrap();
        let Err(error) = read(&path, Things::COLUMNS) else { panic!("read what is no Parquet") };
        assert!(error.to_string().starts_with(&*path.to_string_lossy()), "{error}");
    }
}
