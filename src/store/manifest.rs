//! The manifest: which files make up a store. Replacing it is what commits.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Write as _;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use super::error::StoreError;
use super::layout;
use super::tables::Activity;
use super::tables::Objects;
use crate::frame::Table;
use crate::frame::Tabled as _;

/// The name of the format, without its version.
const FORMAT: &str = "rolechain.observations/";

/// The version of the format.
const VERSION: u32 = 1;

/// What `manifest.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// `rolechain.observations/1`.
    pub(super) format: String,
    /// What wrote it.
    #[serde(default)]
    pub(super) tool: String,
    /// How many scans brought new records.
    #[serde(default)]
    pub(super) generation: u64,
    /// How many commits there were. Files are named by it.
    #[serde(default)]
    pub(super) commit: u64,
    /// The first day that is kept; null when none was ever dropped.
    #[serde(default)]
    pub(super) kept_since: Option<String>,
    /// The files of each table by day (`""` for tables that are not partitioned), as numbers of commits. Null when
    /// every Parquet file that is there counts: so for directories that SQL engines make.
    #[serde(default)]
    pub(super) tables: Option<BTreeMap<String, BTreeMap<String, Vec<u64>>>>,
}

impl Manifest {
    /// Returns the manifest of a new store.
    pub(super) fn empty() -> Self {
        Self {
            format: format!("{FORMAT}{VERSION}"),
            tool: tool(),
            generation: 0,
            commit: 0,
            kept_since: None,
            tables: Some(BTreeMap::new()),
        }
    }

    /// Reads the manifest of a directory; `None` when there is none, or one of something else.
    pub(super) fn read(root: &Path) -> Result<Option<Self>, StoreError> {
        let path = root.join(layout::MANIFEST);
        // Opening a pipe may wait for ever.
        if fs::metadata(&path).is_ok_and(|about| !about.is_file()) {
            return Ok(None);
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(StoreError::io("read", &path, &error)),
        };
        let Some(version) = format_of(&text) else {
            // Beside the tables of a store it is that store's, and cut or overwritten.
            let has = |table: &Table| root.join(table.name).is_dir();
            if has(&Objects::TABLE) && has(&Activity::TABLE) {
                return Err(StoreError::damaged(&path, "it does not say which files make up the store"));
            }
            return Ok(None);
        };
        if version.parse() != Ok(VERSION) {
            return Err(StoreError::new(format!(
                "cannot read {}: its format is {FORMAT}{version}, and this version of rolechain reads {FORMAT}{VERSION}\n  \
                 hint: use the version of rolechain that wrote it, or a newer one",
                root.display()
            )));
        }
        let manifest = serde_json::from_str(&text).map_err(|error| StoreError::damaged(&path, error))?;
        Ok(Some(manifest))
    }

    /// Replaces the manifest of a directory, whole or not at all.
    pub(super) fn write(&self, root: &Path) -> Result<(), StoreError> {
        let path = root.join(layout::MANIFEST);
        let draft = root.join(format!(".{}{}", layout::MANIFEST, layout::DRAFT));
        let text = serde_json::to_string(self).map_err(|error| StoreError::damaged(&path, error))?;
        let written = (|| {
            let mut file = File::create(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        })();
        if written.is_ok() {
            // From here on the commit stands: were this to fail, it would only reach the disk later.
            let _ = File::open(root).and_then(|folder| folder.sync_all());
        }
        written.map_err(|error| {
            // Best effort: the next run that writes removes it, too.
            let _ = fs::remove_file(&draft);
            StoreError::io("write", &path, &error)
        })
    }
}

/// Returns the version of the format that a manifest names, if it is of this family at all.
fn format_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let head: Head = serde_json::from_str(text).ok()?;
    head.format.strip_prefix(FORMAT).map(str::to_owned)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        // A bucket's name is no path on every system.
        || error.kind() == io::ErrorKind::InvalidInput
}

pub(super) fn tool() -> String {
    format!("rolechain {}", env!("CARGO_PKG_VERSION"))
}
