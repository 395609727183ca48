//! What a directory knows: which objects were read, and what is still owed.

use super::error::StoreError;
use super::ledger::Ledger;
use super::view::View;
use crate::model::owed::Owed;

/// The objects that a directory knows.
#[derive(Debug)]
pub struct Known(Ledger);

impl Known {
    /// Says whether an object was read as it is now, and hashed when that matters.
    pub fn is_known(&self, object: &str, version: Option<&str>, size: u64, hashed: bool) -> bool {
        self.0.is_known(object, version, size, hashed)
    }

    /// Returns what a run should list from further back than the last days.
    pub fn owed(&self) -> Owed {
        self.0.owed()
    }
}

impl View {
    /// Returns the ledger, to ask it what was read.
    pub fn known(&self) -> Result<Known, StoreError> {
        Ok(Known(Ledger::read(self)?))
    }
}
