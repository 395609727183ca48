//! The manifest: which files make up a store, and what each of them holds. Replacing it is what commits.

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
use super::tables::DAILY;
use super::tables::Objects;
use super::tables::TABLES;
use crate::frame::Seal;
use crate::frame::Table;
use crate::frame::Tabled as _;

/// The name of the format, without its version.
const FORMAT: &str = "rolechain.observations/";

/// The version of the format. The first one had no checksums.
const VERSION: u32 = 2;

/// More commits than anybody makes: numbers from here on are no numbers of commits.
const MOST_COMMITS: u64 = 1_000_000_000_000;

/// What `manifest.json` says. Behind it stands the hash of all that comes before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// `rolechain.observations/2`.
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
    /// The files of each table by day (`""` for tables that are not partitioned). None when every Parquet file that is
    /// there counts: so for directories that SQL engines make, which have no manifest.
    pub(super) tables: Option<BTreeMap<String, BTreeMap<String, Vec<Part>>>>,
}

/// One file of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// The number of the commit that made it, which names it.
    pub(super) commit: u64,
    /// What it holds.
    #[serde(flatten)]
    pub(super) seal: Seal,
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

    /// Returns the manifest that stands for a directory without one, made by others: every file counts.
    pub(super) fn of_others() -> Self {
        Self { tables: None, ..Self::empty() }
    }

    /// Reads the manifest of a directory; `None` when there is none, or one of something else.
    pub(super) fn read(root: &Path) -> Result<Option<Self>, StoreError> {
        let path = root.join(layout::MANIFEST);
        let bytes = match fs::metadata(&path) {
            // Opening a pipe may wait for ever.
            Ok(about) if !about.is_file() => None,
            _ => Some(fs::read(&path)),
        };
        let bytes = match bytes {
            None => None,
            Some(Ok(bytes)) => Some(bytes),
            Some(Err(error)) if is_absent(&error) => None,
            Some(Err(error)) => return Err(StoreError::io("read", &path, &error)),
        };
        let Some((bytes, version)) = bytes.and_then(|bytes| format_of(&bytes).map(|version| (bytes, version))) else {
            // Beside files of a store it is that store's, and lost, cut or overwritten.
            return if has_files(root)? {
                Err(StoreError::damaged(&path, "it does not say which files make up the store"))
            } else {
                Ok(None)
            };
        };
        if version.parse() != Ok(VERSION) {
            return Err(StoreError::new(format!(
                "cannot read {}: its format is {FORMAT}{version}, and this version of rolechain reads {FORMAT}{VERSION}\n  \
                 hint: use the version of rolechain that wrote it, or a newer one; or remove the store, and read the logs again",
                path.display()
            )));
        }
        if !is_whole(&bytes) {
            return Err(StoreError::damaged(&path, "it is not what was written: its checksum (SHA-256) is another"));
        }
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| StoreError::damaged(&path, error))?;
        manifest.impossible().map_or(Ok(Some(manifest)), |what| Err(StoreError::damaged(&path, what)))
    }

    /// Returns what cannot be, whoever wrote it.
    fn impossible(&self) -> Option<String> {
        let Self { generation, commit, .. } = self;
        if MOST_COMMITS <= *commit || commit < generation {
            return Some(format!("there cannot be {generation} generations of {commit} commits"));
        }
        if let Some(day) = self.kept_since.as_deref().filter(|day| !matches!(layout::parse_day(day), Some(Some(_)))) {
            return Some(format!("`{day}` is no day"));
        }
        let Some(tables) = &self.tables else { return Some("it lists no files".to_owned()) };
        for (name, days) in tables {
            let is_named = |table: &&&Table| table.name == name;
            let Some(table) = TABLES.iter().find(is_named) else { return Some(format!("there is no table `{name}`")) };
            let is_daily = DAILY.iter().any(|daily| daily.name == table.name);
            for (day, parts) in days {
                if !(if is_daily { layout::parse_day(day).is_some() } else { day.is_empty() }) {
                    return Some(format!("`{day}` is no day of `{name}`"));
                }
                let is_in_order = parts.iter().zip(parts.iter().skip(1)).all(|(one, next)| one.commit < next.commit);
                if !is_in_order || parts.iter().any(|part| part.commit == 0 || *commit < part.commit) {
                    return Some(format!("`{name}` has files of commits that there were not, or one of them twice"));
                }
            }
        }
        None
    }

    /// Replaces the manifest of a directory, whole or not at all.
    pub(super) fn write(&self, root: &Path) -> Result<(), StoreError> {
        let path = root.join(layout::MANIFEST);
        let draft = root.join(format!(".{}{}", layout::MANIFEST, layout::DRAFT));
        let text = serde_json::to_string(self).map_err(|error| StoreError::damaged(&path, error))?;
        let text = sealed(text.strip_suffix('}').unwrap_or(&text));
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
fn format_of(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let head: Head = serde_json::from_slice(bytes).ok()?;
    head.format.strip_prefix(FORMAT).map(str::to_owned)
}

/// Returns how the text of a manifest ends.
fn end(body: &[u8]) -> String {
    format!(",\"sha256\":\"{}\"}}", Seal::of(body).sha256)
}

/// Ends the text of a manifest, which lacks its last bracket, with its own hash.
fn sealed(body: &str) -> String {
    format!("{body}{}", end(body.as_bytes()))
}

/// Says whether a manifest is, byte by byte, what was written.
fn is_whole(bytes: &[u8]) -> bool {
    let length = end(&[]).len();
    let split = bytes.len().checked_sub(length).and_then(|at| bytes.split_at_checked(at));
    split.is_some_and(|(body, found)| found == end(body).as_bytes())
}

/// Says whether files lie in a directory that only a store names so.
fn has_files(root: &Path) -> Result<bool, StoreError> {
    let folder = layout::folder(root, &Objects::TABLE, None);
    let names = if folder.is_dir() { layout::entries(&folder)? } else { Vec::new() };
    Ok(names.iter().any(|(name, _, _)| layout::commit_of(name).is_some()))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        // A bucket's name is no path on every system.
        || error.kind() == io::ErrorKind::InvalidInput
}

pub(super) fn tool() -> String {
    format!("rolechain {}", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::Manifest;
    use super::is_whole;
    use super::sealed;

    #[test]
    fn a_manifest_knows_whether_it_is_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), None);
        Manifest::empty().write(folder.path()).unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), Some(Manifest::empty()));
        let text = sealed("{\"format\":\"x\"");
        assert!(is_whole(text.as_bytes()));
        for other in [text.replace('x', "y"), text.replace('{', " {"), format!("{text}\n"), text.replace(":\"x", "")] {
            assert!(!is_whole(other.as_bytes()), "{other}");
        }
        assert!(!is_whole(b"") && !is_whole("{}".as_bytes()));
    }

    #[test]
    fn what_cannot_be_is_refused_whoever_sealed_it() {
        let folder = tempfile::tempdir().unwrap();
        let read = |rest: &str| {
            let body = format!("{{\"format\":\"rolechain.observations/2\",{rest}");
            std::fs::write(folder.path().join("manifest.json"), sealed(&body)).unwrap();
            Manifest::read(folder.path()).map_err(|error| error.to_string())
        };
        let file = |commit: u64| format!("{{\"commit\":{commit},\"bytes\":1,\"sha256\":\"\"}}");
        let of = |table: &str, day: &str, files: &str| {
            format!("\"generation\":2,\"commit\":3,\"tables\":{{\"{table}\":{{\"{day}\":[{files}]}}}}")
        };
        let both = format!("{},{}", file(1), file(3));
        let (twice, backwards) = (format!("{},{}", file(2), file(2)), format!("{},{}", file(2), file(1)));
        assert!(read(&of("activity", "2026-11-02", &both)).is_ok());
        assert!(read(&of("activity", "__HIVE_DEFAULT_PARTITION__", &both)).is_ok());
        assert!(read(&of("objects", "", &both)).is_ok());
        for (rest, said) in [
            ("\"generation\":3,\"commit\":2,\"tables\":{}".to_owned(), "3 generations of 2 commits"),
            (format!("\"generation\":1,\"commit\":{},\"tables\":{{}}", u64::MAX), "1 generations of"),
            ("\"tables\":null".to_owned(), "it lists no files"),
            ("\"tables\":{},\"kept_since\":\"yesterday\"".to_owned(), "`yesterday` is no day"),
            (of("secrets", "", &both), "no table `secrets`"),
            (of("activity", "", &both), "`` is no day of `activity`"),
            (of("activity", "2026-13-02", &both), "`2026-13-02` is no day of `activity`"),
            (of("objects", "2026-11-02", &both), "`2026-11-02` is no day of `objects`"),
            (of("objects", "", &file(4)), "files of commits that there were not"),
            (of("objects", "", &file(0)), "files of commits that there were not"),
            (of("objects", "", &twice), "one of them twice"),
            (of("objects", "", &backwards), "one of them twice"),
            (of("objects", "", "7"), "invalid type"),
        ] {
            let error = read(&rest).unwrap_err();
            assert!(error.contains(said) && error.contains("manifest.json") && error.contains("hint:"), "{error}");
        }
    }
}
