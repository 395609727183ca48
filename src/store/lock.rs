//! The locks: one process at a time writes to a store, and none removes what another one reads. The system frees them
//! when the process ends, however it ends.

use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::error::StoreError;
use super::layout;

/// Held while a process writes to a store.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the lock lives as long as its file is open")] File);

/// How often, and how long apart, the lock is asked for.
const PATIENCE: (u32, Duration) = (25, Duration::from_millis(20));

impl Lock {
    /// Takes the lock, or says who has it. `None` when the folder was taken away meanwhile, lock and all.
    pub(super) fn take(root: &Path) -> Result<Option<Self>, StoreError> {
        let path = root.join(layout::LOCK);
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = match file {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("write", &path, &error)),
        };
        match patiently(&file) {
            Ok(()) if !is_at(&file, &path) => Ok(None),
            Ok(()) => {
                // Only told to people; whether anybody holds the lock is for the system to say.
                let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                Ok(Some(Self(file)))
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

/// Says whether a file still is the one of this name. A process that came to nothing removes what it made.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().map(id).ok() == fs::metadata(path).map(id).ok()
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Held while a process reads: files that the manifest listed when it began stay.
#[derive(Clone, Debug)]
pub(super) struct Reading(#[expect(dead_code, reason = "the lock lives as long as its file is open")] Arc<File>);

impl Reading {
    /// Begins to read; to be called before the manifest is read. `None` where no writer has been yet, or where the file
    /// system has no locks: a reader writes nothing, and is never refused.
    pub(super) fn begin(root: &Path) -> Option<Self> {
        let file = File::open(root.join(layout::READERS)).ok()?;
        file.lock_shared().ok()?;
        Some(Self(Arc::new(file)))
    }
}

/// Held while files are removed: nobody reads meanwhile.
#[derive(Debug)]
pub(super) struct Alone(#[expect(dead_code, reason = "the lock lives as long as its file is open")] Option<File>);

impl Alone {
    /// Makes sure that nobody reads; `None` when somebody does.
    pub(super) fn take(root: &Path) -> Result<Option<Self>, StoreError> {
        let path = root.join(layout::READERS);
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let file = file.map_err(|error| StoreError::io("write", &path, &error))?;
        match patiently(&file) {
            Ok(()) => Ok(Some(Self(Some(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            // A file system without locks: readers have none either.
            Err(TryLockError::Error(_)) => Ok(Some(Self(None))),
        }
    }
}

/// Asks for a lock for half a second. A process that this one begins meanwhile holds every open file for the moment
/// between its beginning and its program, so that a lock just freed may seem to be held.
fn patiently(file: &File) -> Result<(), TryLockError> {
    let (times, pause) = PATIENCE;
    for _ in 1..times {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(pause),
            answer => return answer,
        }
    }
    file.try_lock()
}
