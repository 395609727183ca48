//! Makes frames of the tables that a query names.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use polars::prelude::DataFrame;
use polars::prelude::HiveOptions;
use polars::prelude::IntoLazy as _;
use polars::prelude::LazyFrame;
use polars::prelude::NULL;
use polars::prelude::PlRefPath;
use polars::prelude::PolarsResult;
use polars::prelude::ScanArgsParquet;
use polars::prelude::lit;

use super::Data;
use crate::export::Source;
use crate::export::manifest::Export;
use crate::export::tables::Shape;
use crate::frame::Batch;
use crate::frame::FrameError;
use crate::frame::ROW_GROUP;
use crate::frame::schema;

pub(super) fn frame(shape: &'static Shape, data: &Data<'_, '_>) -> Result<LazyFrame, FrameError> {
    match data {
        Data::Run(source) => of_run(shape, source),
        Data::Export(folder, export) => of_export(shape, folder, export),
    }
}

fn of_run(shape: &'static Shape, source: &Source<'_>) -> Result<LazyFrame, FrameError> {
    let table = &shape.table;
    let cannot = |error| FrameError::new(Path::new(table.name), error);
    let mut frame = DataFrame::empty_with_schema(&schema(table));
    let mut batch = Batch::new(table, 1_024);
    source.rows(shape, &mut |row| {
        batch.push(row);
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

fn of_export(shape: &'static Shape, folder: &Path, export: &Export) -> Result<LazyFrame, FrameError> {
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
    scan(shape, &files).map_err(|error| FrameError::new(&folder.join(table.name), error))
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

fn scan(shape: &Shape, files: &[PathBuf]) -> PolarsResult<LazyFrame> {
    let paths = files.iter().map(|path| PlRefPath::try_from_path(path)).collect::<PolarsResult<Vec<_>>>()?;
    // The day of a row's folder is that of one of its columns; the tables of a run have no such column, either.
    let hive_options = HiveOptions { enabled: Some(false), ..HiveOptions::default() };
    let args = ScanArgsParquet { hive_options, glob: false, cache: false, ..ScanArgsParquet::default() };
    let mut frame = LazyFrame::scan_parquet_files(paths.into(), args)?;
    let found = frame.collect_schema()?;
    // An export of an older version has fewer columns.
    let expected = schema(&shape.table);
    let missing = expected.iter().filter(|(name, _)| found.get(name).is_none());
    let missing: Vec<_> = missing.map(|(name, kind)| lit(NULL).cast(kind.clone()).alias(name.clone())).collect();
    Ok(if missing.is_empty() { frame } else { frame.with_columns(missing) })
}
