//! Makes frames of the tables that a query names.

use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use polars::prelude::Column;
use polars::prelude::DataFrame;
use polars::prelude::IntoLazy as _;
use polars::prelude::LazyFrame;
use polars::prelude::PolarsResult;
use polars_io::SerReader as _;
use polars_io::parquet::read::ParquetReader;

use super::Data;
use super::columns::Wanted;
use crate::export::Source;
use crate::export::manifest::Export;
use crate::export::tables::Shape;
use crate::frame::Batch;
use crate::frame::FrameError;
use crate::frame::ROW_GROUP;
use crate::frame::guarded;
use crate::frame::schema;

/// Returns the rows of a table; of an export only the columns that the query wants.
pub(super) fn frame(shape: &'static Shape, data: &Data<'_, '_>, wanted: &Wanted) -> Result<LazyFrame, FrameError> {
    match data {
        Data::Run(source) => of_run(shape, source),
        Data::Export(folder, export) => of_export(shape, folder, export, wanted),
    }
}

fn of_run(shape: &'static Shape, source: &Source<'_>) -> Result<LazyFrame, FrameError> {
    let table = &shape.table;
    let cannot = |error| FrameError::new(Path::new(table.name), error);
    let mut frame = DataFrame::empty_with_schema(&schema(table));
    let mut batch = Batch::new(table, 1_024);
    source.rows(shape, &mut |row| {
        batch.push(row).map_err(|misfit| FrameError::new(Path::new(table.name), misfit))?;
        if batch.len() < ROW_GROUP {
            return Ok(());
        }
        let full = std::mem::replace(&mut batch, Batch::new(table, 1_024));
        full.into_frame().and_then(|full| frame.vstack_mut(&full).map(|_| ())).map_err(cannot)
    })?;
    let rest = batch.into_frame().map_err(cannot)?;
    frame.vstack_mut(&rest).map_err(cannot)?;
    Ok(frame.lazy())
}

fn of_export(shape: &'static Shape, folder: &Path, export: &Export, wanted: &Wanted) -> Result<LazyFrame, FrameError> {
    let table = &shape.table;
    let hint = |what: &str| FrameError::new(folder, what);
    if export.file_format != "parquet" {
        return Err(hint(
            "queries read exports in Parquet\n  hint: export again with --format parquet, or query the logs",
        ));
    }
    if !export.tables.iter().any(|written| written.name == table.name) {
        let what =
            format!("this export has no table {}\n  hint: export again without --table, or query the logs", table.name);
        return Err(hint(&what));
    }
    let files = files(folder, table.name).map_err(|error| FrameError::new(&folder.join(table.name), error))?;
    let mut frame = DataFrame::empty_with_schema(&schema(table));
    frame = frame.select(wanted.of(table)).map_err(|error| FrameError::new(folder, error))?;
    for file in &files {
        let part = guarded(file, || read(shape, file, wanted).map_err(|error| FrameError::new(file, error)))?;
        frame.vstack_mut_owned(part).map_err(|error| FrameError::new(file, error))?;
    }
    Ok(frame.lazy())
}

/// Returns the files of a table: one, or those of all days.
fn files(folder: &Path, table: &str) -> io::Result<Vec<PathBuf>> {
    let days = folder.join(table);
    if !days.is_dir() {
        return Ok(vec![folder.join(format!("{table}.parquet"))]);
    }
    let mut files = Vec::new();
    for day in fs::read_dir(days)? {
        let day = day?;
        if !day.file_name().to_string_lossy().starts_with("dt=") {
            continue;
        }
        for part in fs::read_dir(day.path())? {
            let path = part?.path();
            if path.extension().is_some_and(|extension| extension == "parquet") {
                files.push(path);
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Reads the wanted columns of one file. Those that it lacks are null: an export of an older version has fewer.
fn read(shape: &Shape, file: &Path, wanted: &Wanted) -> PolarsResult<DataFrame> {
    let mut reader = ParquetReader::new(File::open(file)?);
    let found = reader.schema()?;
    let wanted = wanted.of(&shape.table);
    let (there, missing): (Vec<&str>, Vec<&str>) = wanted.iter().partition(|name| found.contains(name));
    let there: Vec<String> = there.into_iter().map(str::to_owned).collect();
    let mut frame = reader.with_columns(Some(there)).finish()?;
    let kinds = schema(&shape.table);
    for name in missing {
        let kind = kinds.try_get(name)?;
        frame.with_column(Column::full_null(name.into(), frame.height(), kind))?;
    }
    frame.select(wanted)
}
