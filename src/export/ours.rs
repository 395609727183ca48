//! What an export of any version and format writes, and nothing else: only that may be removed for a new one.

use std::fs;
use std::fs::DirEntry;
use std::fs::FileType;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use super::manifest;
use super::tables::TABLES;
use super::writer::NO_DAY;

/// Held while a draft is written. A draft whose lock nobody holds is left over from a run that was ended.
pub(super) const LOCK: &str = ".rolechain_lock";

/// How deep an entry lies in an export.
#[derive(Clone, Copy)]
enum Level {
    /// The manifest, and tables.
    Export,
    /// Days of a table.
    Table,
    /// Parts of a day.
    Day,
}

impl Level {
    /// Returns the level of what is in a folder at this level.
    fn below(self) -> Self {
        match self {
            Self::Export => Self::Table,
            Self::Table | Self::Day => Self::Day,
        }
    }

    /// Says whether an export has an entry of this name and kind here. It has no links anywhere.
    fn has(self, name: &str, kind: FileType) -> bool {
        let stem = name.strip_suffix(".parquet").or_else(|| name.strip_suffix(".csv"));
        match self {
            Self::Export if kind.is_dir() => is_table(name),
            Self::Export => kind.is_file() && (matches!(name, manifest::FILE | LOCK) || stem.is_some_and(is_table)),
            Self::Table => kind.is_dir() && name.strip_prefix("dt=").is_some_and(|day| day == NO_DAY || is_date(day)),
            Self::Day => kind.is_file() && stem.and_then(|stem| stem.strip_prefix("part-")).is_some_and(is_number),
        }
    }
}

/// Returns the first path, by name and below the export, that an export does not write.
pub(super) fn foreign(export: &Path) -> io::Result<Option<PathBuf>> {
    let mut waiting = vec![(PathBuf::new(), Level::Export)];
    while let Some((folder, level)) = waiting.pop() {
        let entries = fs::read_dir(export.join(&folder)).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = entries?;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let path = folder.join(entry.file_name());
            // Not of what a link leads to.
            let kind = entry.file_type()?;
            if !entry.file_name().to_str().is_some_and(|name| level.has(name, kind)) {
                return Ok(Some(path));
            }
            if kind.is_dir() {
                waiting.push((path, level.below()));
            }
        }
    }
    Ok(None)
}

fn is_table(name: &str) -> bool {
    TABLES.iter().any(|shape| shape.table.name == name)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
