//! A commit in the making: files that nobody sees before all of them are on the disk.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use super::error::StoreError;
use super::layout;
use super::layout::Day;
use super::lock::Alone;
use super::manifest;
use super::manifest::Manifest;
use super::manifest::Part;
use super::tables::TABLES;
use crate::frame::ParquetFile;
use crate::frame::Seal;
use crate::frame::Table;
use crate::frame::Tabled;
use crate::frame::Writable;

/// A commit in the making. Dropped, it leaves nothing behind.
pub(super) struct Draft {
    root: PathBuf,
    commit: u64,
    files: Vec<Place>,
    /// Folders that hold something new.
    folders: BTreeSet<PathBuf>,
}

/// Where a draft lies, and where it will.
struct Place {
    draft: PathBuf,
    path: PathBuf,
    table: &'static Table,
    /// The name of its day; empty for tables without days.
    day: String,
    /// What it holds, once it is written.
    seal: Seal,
}

impl Draft {
    pub(super) fn new(root: &Path, manifest: &Manifest) -> Self {
        Self { root: root.to_owned(), commit: manifest.commit + 1, files: Vec::new(), folders: BTreeSet::new() }
    }

    /// Makes a folder below the root.
    fn make_folder(&mut self, folder: &Path) -> Result<(), StoreError> {
        if !folder.is_dir() {
            fs::create_dir_all(folder).map_err(|error| StoreError::io("write", folder, &error))?;
            let parents = folder.ancestors().skip(1).take_while(|parent| parent.starts_with(&self.root));
            self.folders.extend(parents.map(Path::to_owned));
        }
        self.folders.insert(folder.to_owned());
        Ok(())
    }

    /// Writes a file of a table, of a day when the table has days.
    pub(super) fn write<'v, T: Tabled + Writable>(
        &mut self,
        day: Option<Day>,
        rows: impl IntoIterator<Item = T::Row<'v>>,
        with: &'v T::With<'v>,
    ) -> Result<(), StoreError> {
        let mut file = self.file(&T::TABLE, day)?;
        let written = rows.into_iter().try_for_each(|row| file.row(|line| T::write(row, with, line)));
        let seal = written.and_then(|()| file.close()).map_err(|error| StoreError::write(&error))?;
        if let Some(place) = self.files.last_mut() {
            place.seal = seal;
        }
        Ok(())
    }

    /// As [`Draft::write`], but without rows there is no file.
    pub(super) fn write_some<'v, T: Tabled + Writable>(
        &mut self,
        day: Option<Day>,
        rows: impl IntoIterator<Item = T::Row<'v>>,
        with: &'v T::With<'v>,
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_some() { self.write::<T>(day, rows, with) } else { Ok(()) }
    }

    fn file(&mut self, table: &'static Table, day: Option<Day>) -> Result<ParquetFile, StoreError> {
        let day = day.map(layout::day_name);
        let folder = layout::folder(&self.root, table, day.as_deref());
        self.make_folder(&folder)?;
        let name = layout::file_name(self.commit);
        let draft = folder.join(format!(".{name}{}", layout::DRAFT));
        let path = folder.join(name);
        self.files.push(Place {
            draft: draft.clone(),
            path,
            table,
            day: day.unwrap_or_default(),
            seal: Seal::default(),
        });
        ParquetFile::create(&draft, table).map_err(|error| StoreError::write(&error))
    }

    /// Makes the files part of the store: those of `replaced` tables instead of all that the tables had, the others
    /// beside them. `manifest` is the present one; the new one is returned.
    pub(super) fn commit_to(
        mut self,
        manifest: &Manifest,
        replaces: impl Fn(&'static Table, &str) -> bool,
        change: impl FnOnce(&mut Manifest),
    ) -> Result<Manifest, StoreError> {
        let next = self.stage(manifest, replaces, change)?;
        next.write(&self.root)?;
        self.keep();
        Ok(next)
    }

    /// As [`Draft::commit_to`], but for the last step: the files are in their places, and the manifest that names them is
    /// returned. Until it is written nothing of it counts.
    pub(super) fn stage(
        &mut self,
        manifest: &Manifest,
        replaces: impl Fn(&'static Table, &str) -> bool,
        change: impl FnOnce(&mut Manifest),
    ) -> Result<Manifest, StoreError> {
        let mut next = manifest.clone();
        next.commit = self.commit;
        next.tool = manifest::tool();
        let listed = next.tables.get_or_insert_default();
        for table in TABLES {
            let Some(days) = listed.get_mut(table.name) else { continue };
            days.retain(|day, _| !replaces(table, day));
        }
        for place in &self.files {
            let days = listed.entry(place.table.name.to_owned()).or_default();
            days.entry(place.day.clone()).or_default().push(Part { commit: self.commit, seal: place.seal.clone() });
        }
        change(&mut next);
        // What the manifest names must be on the disk before the manifest is.
        sync(&self.files.iter().map(|place| place.draft.clone()).collect::<Vec<_>>())?;
        for place in &self.files {
            fs::rename(&place.draft, &place.path).map_err(|error| StoreError::io("write", &place.path, &error))?;
        }
        sync(&self.folders.iter().cloned().collect::<Vec<_>>())?;
        Ok(next)
    }

    /// Keeps the files: a manifest that names them was written.
    pub(super) fn keep(mut self) {
        self.files.clear();
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for place in &self.files {
            // Best effort: the next run that writes removes what is left.
            let _ = fs::remove_file(&place.draft);
            let _ = fs::remove_file(&place.path);
        }
    }
}

/// How many files are waited for at once: file systems write what several wait for in one go.
const WAITING: usize = 8;

/// Makes sure that files and folders are on the disk.
fn sync(paths: &[PathBuf]) -> Result<(), StoreError> {
    let sync = |path: &PathBuf| {
        let synced = File::open(path).and_then(|file| file.sync_all());
        synced.map_err(|error| StoreError::io("write", path, &error))
    };
    std::thread::scope(|scope| {
        let parts = paths.chunks(paths.len().div_ceil(WAITING).max(1));
        let waiting: Vec<_> = parts.map(|part| scope.spawn(move || part.iter().try_for_each(sync))).collect();
        waiting.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(StoreError::lost())))
    })
}

/// Removes what killed runs and replaced commits left behind: drafts, and files of ours that the manifest does not list.
/// While somebody reads, all of it stays until a later run: the reader may have begun with an earlier manifest.
pub(super) fn sweep(root: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    let Some(listed) = &manifest.tables else { return Ok(()) };
    let Some(_alone) = Alone::take(root)? else { return Ok(()) };
    let remove = |path: &Path| fs::remove_file(path).map_err(|error| StoreError::io("write", path, &error));
    for table in TABLES {
        let folder = root.join(table.name);
        if !folder.is_dir() {
            continue;
        }
        let days = listed.get(table.name);
        let mut folders = vec![(String::new(), folder.clone())];
        for (name, path, is_folder) in layout::entries(&folder)? {
            if let Some(day) = name.strip_prefix("dt=").filter(|_| is_folder) {
                folders.push((day.to_owned(), path));
            }
        }
        for (day, folder) in folders {
            let parts = days.and_then(|days| days.get(&day)).map(Vec::as_slice).unwrap_or_default();
            let is_listed = |commit: u64| parts.iter().any(|part| part.commit == commit);
            let mut is_empty = true;
            for (name, path, is_folder) in layout::entries(&folder)? {
                let stem = name.strip_prefix('.').and_then(|name| name.strip_suffix(layout::DRAFT));
                let is_draft = stem.and_then(layout::commit_of).is_some();
                let is_left = layout::commit_of(&name).is_some_and(|commit| !is_listed(commit));
                if !is_folder && (is_draft || is_left) {
                    remove(&path)?;
                } else {
                    is_empty = false;
                }
            }
            if is_empty && !day.is_empty() {
                // A folder that others fill meanwhile stays.
                let _ = fs::remove_dir(&folder);
            }
        }
    }
    let draft = root.join(format!(".{}{}", layout::MANIFEST, layout::DRAFT));
    if draft.exists() { remove(&draft) } else { Ok(()) }
}
