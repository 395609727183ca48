//! The founding of a store: until its first commit nothing counts as one, and what comes to nothing is taken away again.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use super::error::StoreError;
use super::layout;
use super::tables::TABLES;

/// What was made for a store that is not there yet.
#[derive(Debug)]
pub(super) struct Founding {
    root: PathBuf,
    /// The folders that were made, the outermost first.
    folders: Vec<PathBuf>,
}

impl Founding {
    /// Makes the folder of a store, where there is none.
    pub(super) fn begin(root: &Path) -> Result<Self, StoreError> {
        let missing = root.ancestors().take_while(|folder| *folder != Path::new("") && !folder.exists());
        let mut folders: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        folders.reverse();
        if !folders.is_empty() {
            fs::create_dir_all(root).map_err(|error| StoreError::io("make", root, &error))?;
        }
        Ok(Self { root: root.to_owned(), folders })
    }

    /// Removes everything again: for a run that committed nothing, while it still holds the lock. Best effort: what is
    /// left is not taken for a store.
    pub(super) fn undo(&self) {
        let remove = |name: &str| fs::remove_file(self.root.join(name));
        let _ = remove(layout::MANIFEST);
        for table in TABLES {
            let folder = layout::folder(&self.root, table, None);
            for (_, day, is_folder) in layout::entries(&folder).unwrap_or_default() {
                let _ = if is_folder { fs::remove_dir(day) } else { Ok(()) };
            }
            let _ = fs::remove_dir(folder);
        }
        let _ = remove(layout::READERS);
        let _ = remove(layout::LOCK);
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}
