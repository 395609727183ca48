//! What can go wrong with a store, in words that say what to do.

use std::fmt;
use std::io;
use std::path::Path;

use crate::frame::FrameError;

/// Why a store could not be used. Nothing in it was changed, or the change was undone.
#[derive(Debug)]
pub struct StoreError(String);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

impl StoreError {
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }

    /// A thread that worked on a store ended without an answer.
    pub fn lost() -> Self {
        Self::new("a part of the store could not be read or written: a thread ended without an answer")
    }

    /// The system refused something.
    pub(super) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        let hint = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                "\n  hint: make room and run again; what the store held before is unharmed"
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "\n  hint: check who may write there"
            }
            _ => "",
        };
        Self(format!("cannot {doing} {}: {error}{hint}", path.display()))
    }

    /// A table could not be written.
    pub(super) fn write(error: &FrameError) -> Self {
        Self(format!("cannot write {error}\n  hint: make room and run again; what the store held before is unharmed"))
    }

    /// A table could not be read, or does not hold what it should.
    pub(super) fn read(error: &FrameError) -> Self {
        Self(format!(
            "cannot read {error}\n  hint: the store is damaged, or was not made as docs/store.md says: restore it from a backup, \
             or remove it and read the logs again"
        ))
    }

    /// A table says something that makes no sense.
    pub(super) fn damaged(path: &Path, what: impl fmt::Display) -> Self {
        Self::read(&FrameError::new(path, what))
    }
}
