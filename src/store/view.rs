//! A directory of observations, as it stands: which files count.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use super::error::StoreError;
use super::layout;
use super::layout::Day;
use super::layout::entries;
use super::lock::Reading;
use super::manifest::Manifest;
use super::manifest::Part;
use super::strangers;
use super::tables::Activity;
use super::tables::Assumptions;
use super::tables::Coverage;
use super::tables::Events;
use super::tables::Fingerprints;
use super::tables::Objects;
use super::tables::Principals;
use super::tables::TABLES;
use crate::frame;
use crate::frame::Column;
use crate::frame::Readable;
use crate::frame::Rows;
use crate::frame::Seal;
use crate::frame::Table;
use crate::frame::Tabled;

/// One file of a table.
#[derive(Clone, Debug)]
pub(super) struct TableFile {
    /// The number of the commit that made it; 0 when others made it.
    pub(super) commit: u64,
    pub(super) path: PathBuf,
    /// What it holds; none when others made it.
    seal: Option<Seal>,
}

impl TableFile {
    /// Reads columns of the file.
    pub(super) fn rows(&self, columns: &'static [Column]) -> Result<Rows, StoreError> {
        let rows = match &self.seal {
            Some(seal) => frame::read_sealed(&self.path, seal, columns),
            None => frame::read(&self.path, columns),
        };
        rows.map_err(|error| StoreError::read(&error))
    }

    /// Reads every row of the file.
    fn each<T: Readable>(
        &self,
        into: &mut T::Into,
        mut take: impl FnMut(&Self, T::Read<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let rows = self.rows(T::COLUMNS)?;
        (0..rows.len()).try_for_each(|row| {
            let row = rows.row::<T>(row, into).map_err(|error| StoreError::read(&error))?;
            take(self, row)
        })
    }
}

/// A directory of observations, to read from.
#[derive(Clone, Debug)]
pub struct View {
    pub(super) root: PathBuf,
    pub(super) manifest: Manifest,
    /// The files of each table, by day; those without a day lie directly in the table's folder.
    files: BTreeMap<&'static str, BTreeMap<Option<Day>, Vec<TableFile>>>,
    /// Keeps the files there; a writer needs none for what it alone replaces.
    #[expect(dead_code, reason = "held until the view is dropped")]
    reading: Option<Reading>,
}

/// Says whether a path is a directory of observations: it has a manifest, or the folders that one would have.
pub fn is_observations(path: &Path) -> bool {
    let has = |table: &Table| path.join(table.name).is_dir();
    matches!(Manifest::read(path), Ok(Some(_)) | Err(_))
        || (has(&Assumptions::TABLE) && has(&Activity::TABLE) && has(&Principals::TABLE))
}

impl View {
    /// Opens a directory of observations.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let reading = Reading::begin(root);
        let manifest = Manifest::read(root)?;
        if manifest.is_some() {
            strangers::refuse(root)?;
        }
        Ok(Self { reading, ..Self::of(root, manifest.unwrap_or_else(Manifest::of_others))? })
    }

    pub(super) fn of(root: &Path, manifest: Manifest) -> Result<Self, StoreError> {
        let mut files: BTreeMap<&'static str, BTreeMap<Option<Day>, Vec<TableFile>>> = BTreeMap::new();
        for table in TABLES {
            let by_day = match &manifest.tables {
                Some(listed) => listed_files(root, table, listed.get(table.name))?,
                None => found_files(root, table)?,
            };
            files.insert(table.name, by_day);
        }
        Ok(Self { root: root.to_owned(), manifest, files, reading: None })
    }

    /// Says whether records can be told apart: only then can it be mixed with others that hold some of the same.
    pub fn has_events(&self) -> bool {
        self.manifest.tables.is_some()
    }

    /// Says whether it is known which file held how many records.
    pub(super) fn has_ledger(&self) -> bool {
        self.all_files(&Objects::TABLE).next().is_some()
    }

    /// Returns how many scans brought new records.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// Returns the first day that is kept, if any was ever dropped.
    pub(super) fn kept_since(&self) -> Option<i32> {
        self.manifest.kept_since.as_deref().and_then(layout::parse_day).flatten()
    }

    /// Returns every day of which there is something.
    pub(super) fn days(&self) -> BTreeSet<Day> {
        self.files.values().flat_map(BTreeMap::keys).filter_map(|day| *day).collect()
    }

    /// Returns the days with records that are kept, in order.
    pub fn covered_days(&self) -> Vec<i32> {
        let days = self.files.get(Coverage::TABLE.name).into_iter().flat_map(BTreeMap::keys);
        let kept = self.kept_since();
        days.filter_map(|day| (*day)?).filter(|day| kept.is_none_or(|kept| kept <= *day)).collect()
    }

    /// Returns the last day with records.
    pub fn last_covered_day(&self) -> Option<i32> {
        self.covered_days().last().copied()
    }

    /// Returns the files of a table for a day, and those that lie outside of days.
    pub(super) fn files(&self, table: &Table, day: Option<Day>) -> impl Iterator<Item = &TableFile> {
        let by_day = self.files.get(table.name);
        let of = move |day: Option<Day>| by_day.and_then(|days| days.get(&day)).into_iter().flatten();
        of(None).chain(of(day).filter(move |_| day.is_some()))
    }

    /// Returns every file of a table.
    pub(super) fn all_files(&self, table: &Table) -> impl Iterator<Item = &TableFile> {
        self.files.get(table.name).into_iter().flat_map(BTreeMap::values).flatten()
    }

    /// Reads every row of a table.
    pub(super) fn each<T: Tabled + Readable>(
        &self,
        into: &mut T::Into,
        mut take: impl FnMut(&TableFile, T::Read<'_>),
    ) -> Result<(), StoreError> {
        let mut take = |file: &TableFile, row: T::Read<'_>| {
            take(file, row);
            Ok(())
        };
        self.all_files(&T::TABLE).try_for_each(|file| file.each::<T>(into, &mut take))
    }

    /// Reads every row of a table for a day.
    pub(super) fn each_of_day<T: Tabled + Readable>(
        &self,
        day: Day,
        into: &mut T::Into,
        mut take: impl FnMut(&TableFile, T::Read<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.files(&T::TABLE, Some(day)).try_for_each(|file| file.each::<T>(into, &mut take))
    }

    /// Returns the fingerprints of a day.
    pub fn fingerprints(&self, day: Day) -> Result<Vec<u64>, StoreError> {
        let mut fingerprints = Vec::new();
        for file in self.files(&Events::TABLE, Some(day)) {
            file.each::<Fingerprints>(&mut (), |_, fingerprint| {
                fingerprints.push(fingerprint);
                Ok(())
            })?;
        }
        Ok(fingerprints)
    }
}

type ByDay = BTreeMap<Option<Day>, Vec<TableFile>>;

fn listed_files(root: &Path, table: &Table, listed: Option<&BTreeMap<String, Vec<Part>>>) -> Result<ByDay, StoreError> {
    let mut files = ByDay::new();
    for (name, parts) in listed.into_iter().flatten() {
        let day = if name.is_empty() {
            None
        } else {
            let unknown = || StoreError::damaged(&root.join(layout::MANIFEST), format!("`{name}` is no day"));
            Some(layout::parse_day(name).ok_or_else(unknown)?)
        };
        let folder = layout::folder(root, table, day.is_some().then_some(name.as_str()));
        let file = |part: &Part| TableFile {
            commit: part.commit,
            path: folder.join(layout::file_name(part.commit)),
            seal: Some(part.seal.clone()),
        };
        files.entry(day).or_default().extend(parts.iter().map(file));
    }
    Ok(files)
}

/// Finds the Parquet files of a table that no manifest lists: SQL engines name them as they like.
fn found_files(root: &Path, table: &Table) -> Result<ByDay, StoreError> {
    let mut files = ByDay::new();
    let folder = root.join(table.name);
    if !folder.is_dir() {
        return Ok(files);
    }
    for (name, path, is_folder) in entries(&folder)? {
        if !is_folder {
            if is_table(&name) {
                files.entry(None).or_default().push(TableFile { commit: 0, path, seal: None });
            }
            continue;
        }
        let Some(day) = name.strip_prefix("dt=").and_then(layout::parse_day) else { continue };
        let found = entries(&path)?.into_iter().filter(|(name, _, is_folder)| !is_folder && is_table(name));
        files.entry(Some(day)).or_default().extend(found.map(|(_, path, _)| TableFile { commit: 0, path, seal: None }));
    }
    Ok(files)
}

/// Engines put marks of their own beside tables (`_SUCCESS`, `.crc`), and some leave the ending away.
fn is_table(name: &str) -> bool {
    !name.starts_with(['.', '_']) && (name.ends_with(".parquet") || !name.contains('.'))
}
