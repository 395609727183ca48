//! Where things lie: names of folders and files.

use std::fs;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use super::error::StoreError;
use crate::frame::Table;
use crate::model::time::Timestamp;

/// What Hive calls the partition of rows without a value: readers give null.
const NO_DAY: &str = "__HIVE_DEFAULT_PARTITION__";

/// How drafts end. They begin with a dot, so that walking a directory and readers pass over them.
pub(super) const DRAFT: &str = ".part";

/// The name of the lock.
pub(super) const LOCK: &str = ".lock";

/// The name of the file that readers hold.
pub(super) const READERS: &str = ".readers";

/// The name of the manifest.
pub(super) const MANIFEST: &str = "manifest.json";

/// A day of events, as days since 1970-01-01; `None` for records without a time.
pub(super) type Day = Option<i32>;

/// Returns a day as partitions name it: `2026-11-02`.
pub(super) fn day_name(day: Day) -> String {
    day.map_or_else(
        || NO_DAY.to_owned(),
        |day| Timestamp::of_day(i64::from(day)).to_string().chars().take(10).collect(),
    )
}

/// Reads a day as partitions name it.
pub(super) fn parse_day(name: &str) -> Option<Day> {
    if name == NO_DAY {
        return Some(None);
    }
    let midnight = Timestamp::parse_iso(&format!("{name}T00:00:00Z"))?;
    Some(Some(i32::try_from(midnight.day()).ok()?))
}

/// Returns the folder of a table, or of one day of it.
pub(super) fn folder(root: &Path, table: &Table, day: Option<&str>) -> PathBuf {
    let table = root.join(table.name);
    day.map_or(table.clone(), |day| table.join(format!("dt={day}")))
}

/// Says whether a file in a directory that others made may be one of its tables: Parquet in a folder. An empty file is a
/// marker of what made it.
pub fn is_table_file(root: &Path, path: &Path) -> bool {
    let mut begin = Vec::new();
    let is_read = File::open(path).and_then(|file| file.take(4).read_to_end(&mut begin)).is_ok();
    let is_in_folder = path.strip_prefix(root).is_ok_and(|name| name.components().nth(1).is_some());
    is_read && (begin.is_empty() || begin == b"PAR1" && is_in_folder)
}

/// Returns name, path and whether it is a folder, of everything in a folder, by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<(String, PathBuf, bool)>, StoreError> {
    let cannot = |error: std::io::Error| StoreError::io("read", folder, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let path = entry.path();
        found.push((entry.file_name().to_string_lossy().into_owned(), path.clone(), path.is_dir()));
    }
    found.sort();
    Ok(found)
}

/// Returns the name of a file by the number of the commit that made it.
pub(super) fn file_name(commit: u64) -> String {
    format!("{commit:09}.parquet")
}

/// Reads the number off the name of a file.
pub(super) fn commit_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".parquet")?;
    (digits.len() >= 9 && digits.bytes().all(|digit| digit.is_ascii_digit())).then(|| digits.parse().ok())?
}
