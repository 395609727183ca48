//! Where things lie: names of folders and files.

use std::path::Path;
use std::path::PathBuf;

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

/// Says whether a file in a store, by its path below the root, may be the store's own: the manifest, or one of a table,
/// whoever made it.
pub fn is_part(path: &Path) -> bool {
    let is_table = path.extension().is_some_and(|ending| ending == "parquet" || ending == "csv");
    path == Path::new(MANIFEST) || is_table && path.components().nth(1).is_some()
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
