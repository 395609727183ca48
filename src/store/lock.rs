//! The lock: one process at a time writes to a store. The system frees it when the process ends, however it ends.

use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io::Write as _;
use std::path::Path;

use super::error::StoreError;
use super::layout;

/// Held while a process writes to a store.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the lock lives as long as its file is open")] File);

impl Lock {
    /// Takes the lock, or says who has it.
    pub(super) fn take(root: &Path) -> Result<Self, StoreError> {
        let path = root.join(layout::LOCK);
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = file.map_err(|error| StoreError::io("write", &path, &error))?;
        match file.try_lock() {
            Ok(()) => {
                // Only told to people; whether anybody holds the lock is for the system to say.
                let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                Ok(Self(file))
            }
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).ok().filter(|text| !text.is_empty());
                let holder = holder.map(|id| format!(" (process {id})")).unwrap_or_default();
                Err(StoreError::new(format!(
                    "the store {} is in use by another rolechain{holder}\n  hint: wait until it has ended; `rolechain audit {}` reads a store at any time",
                    root.display(),
                    root.display()
                )))
            }
            Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path, &error)),
        }
    }
}
