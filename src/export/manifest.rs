//! `_rolechain_export.json`: what makes a directory an export, and says what is in it.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write as _;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use super::Plan;
use super::SCHEMA_VERSION;
use crate::frame::FrameError;
use crate::report::wire::Rows;
use crate::report::wire::coverage::Objects;
use crate::report::wire::coverage::Records;
use crate::report::wire::run::Run;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::redact::Shade;

/// The name of the file. Readers of Hive layouts pass over names that begin with `_`.
pub const FILE: &str = "_rolechain_export.json";

/// The name and version of the manifest.
const FORMAT: &str = "rolechain.export/1";

/// One table that was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Written {
    /// The table.
    pub name: String,
    /// Its file, or its folder with a slash at the end, below the export.
    pub path: String,
    /// How many rows it has.
    pub rows: u64,
    /// In how many files.
    pub files: u64,
}

/// What the file says.
#[derive(Serialize)]
pub(super) struct Manifest<'a> {
    format: &'static str,
    schema_version: u32,
    file_format: &'static str,
    partitioned_by: Option<&'static str>,
    redacted: bool,
    tables: Vec<Written>,
    /// False when some input could not be read: the absence of rows then means little.
    is_complete: bool,
    objects: Objects,
    records: Records,
    run: Run<'a>,
}

impl<'a> Manifest<'a> {
    pub(super) fn new(rows: &Rows<'a>, plan: &Plan, tables: Vec<Written>) -> Self {
        let coverage = rows.coverage();
        Self {
            format: FORMAT,
            schema_version: SCHEMA_VERSION,
            file_format: plan.format.name(),
            partitioned_by: plan.is_partitioned.then_some("dt"),
            redacted: rows.options.redact,
            tables,
            is_complete: !rows.report.is_incomplete(),
            objects: coverage.objects,
            records: coverage.records,
            run: rows.run(),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), FrameError> {
        let path = folder.join(FILE);
        let write = || -> io::Result<()> {
            let mut file = File::create_new(&path)?;
            exit::through(Medium::Json, Shade::new(self.redacted), &mut file, |out| {
                serde_json::to_writer_pretty(&mut *out, self)?;
                out.write_all(b"\n")
            })?;
            file.sync_all()
        };
        write().map_err(|error| FrameError::new(&path, error))
    }
}

/// What a reader needs to know of an export.
#[derive(Clone, Debug, Deserialize)]
pub struct Export {
    format: String,
    /// `parquet` or `csv`.
    pub file_format: String,
    /// What was written.
    pub tables: Vec<Written>,
}

/// Reads the manifest of a directory. `None` when it has none, and so is no export.
pub fn read(folder: &Path) -> Option<Result<Export, String>> {
    let path = folder.join(FILE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return None,
        Err(error) => return Some(Err(error.to_string())),
    };
    let export = match serde_json::from_slice::<Export>(&text) {
        Ok(export) if export.format == FORMAT => export,
        Ok(export) => return Some(Err(format!("it is of format {:?}, not {FORMAT:?}", export.format))),
        Err(error) => return Some(Err(format!("it is not a manifest: {error}"))),
    };
    Some(Ok(export))
}
