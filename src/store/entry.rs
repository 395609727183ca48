//! One row of the ledger, and what becomes of it when the object is read again.

use crate::model::receipt::Content;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;

/// Where an object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Read; not again while it is unchanged.
    Read,
    /// Could not be fetched: is tried again.
    Failed,
    /// Was read, and then held something else. What it said is still counted.
    Replaced,
    /// A folder that could not be listed.
    Unlisted,
    /// A folder that can be listed again.
    Listed,
}

impl State {
    pub(super) const ALL: [Self; 5] = [Self::Read, Self::Failed, Self::Replaced, Self::Unlisted, Self::Listed];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Replaced => "replaced",
            Self::Unlisted => "unlisted",
            Self::Listed => "listed",
        }
    }
}

/// What became of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) object: String,
    pub(super) version: Option<String>,
    pub(super) size: u64,
    pub(super) state: State,
    pub(super) kind: Option<ObjectKind>,
    pub(super) stored_bytes: u64,
    pub(super) inflated_bytes: u64,
    pub(super) unique: u64,
    pub(super) duplicate: u64,
    pub(super) malformed: u64,
    pub(super) unsupported: u64,
    pub(super) defects: u64,
    pub(super) sha256: Option<String>,
    pub(super) has_trailing_bytes: Option<bool>,
}

impl Entry {
    pub(super) fn of(receipt: &Receipt) -> Self {
        Self {
            object: receipt.object.clone(),
            version: receipt.version.clone(),
            size: receipt.size,
            state: if receipt.kind.is_some() { State::Read } else { State::Failed },
            kind: receipt.kind,
            stored_bytes: receipt.stored_bytes,
            inflated_bytes: receipt.inflated_bytes,
            unique: receipt.unique,
            duplicate: receipt.duplicate,
            malformed: receipt.malformed,
            unsupported: receipt.unsupported,
            defects: receipt.defects,
            sha256: receipt
                .content
                .as_ref()
                .and_then(|content: &Content| content.sha256)
                .map(|sha256| sha256.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))),
            has_trailing_bytes: receipt.content.as_ref().map(|content| content.has_trailing_bytes),
        }
    }

    /// A folder that could not be listed, or can be again.
    pub(super) fn folder(path: &str, state: State) -> Self {
        Self {
            object: path.to_owned(),
            version: None,
            size: 0,
            state,
            kind: None,
            stored_bytes: 0,
            inflated_bytes: 0,
            unique: 0,
            duplicate: 0,
            malformed: 0,
            unsupported: 0,
            defects: u64::from(state == State::Unlisted),
            sha256: None,
            has_trailing_bytes: None,
        }
    }

    /// Records that are what they should be.
    pub(super) fn records(&self) -> u64 {
        self.unique + self.duplicate
    }

    /// Says whether it was read for the check of digests.
    pub(super) fn is_hashed(&self) -> bool {
        self.has_trailing_bytes.is_some()
    }

    /// Says whether two stores read the same file, be it at other times of writing: copies have a time of their own.
    pub(super) fn holds_the_same(&self, other: &Self) -> bool {
        let is_alike = match (&self.sha256, &other.sha256) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => self.records() == other.records(),
        };
        self.version == other.version || (self.size == other.size && is_alike)
    }
}

/// What an object's old entry and a new one come to.
pub(super) enum Combined {
    /// Nothing new.
    Same,
    /// All that the old one counted is in the new one.
    One { entry: Entry, has_grown: bool },
    /// Something is no longer there.
    Two { replaced: Entry, entry: Entry },
}

/// Combines them; `forgets` says that some of the records of the old one may be unknown by now.
pub(super) fn combine(old: &Entry, new: &Entry, forgets: bool) -> Combined {
    if new.state == State::Failed {
        // What an earlier attempt read stays counted, and the next run tries again.
        let entry = Entry {
            unique: old.unique + new.unique,
            duplicate: old.duplicate,
            malformed: old.malformed.max(new.malformed),
            unsupported: old.unsupported.max(new.unsupported),
            ..new.clone()
        };
        return if entry == *old { Combined::Same } else { Combined::One { entry, has_grown: false } };
    }
    let is_again = old.state == State::Read && old.version == new.version && old.size == new.size;
    if forgets && is_again && old.records() == new.records() {
        // Read again for its hash: what it holds was counted, and what was dropped is not new.
        let entry = Entry { unique: old.unique, duplicate: old.duplicate, ..new.clone() };
        return if entry == *old { Combined::Same } else { Combined::One { entry, has_grown: false } };
    }
    if new.duplicate < old.records() {
        let replaced = Entry { state: State::Replaced, ..old.clone() };
        return Combined::Two { replaced, entry: new.clone() };
    }
    let entry = Entry { unique: old.unique + new.unique, duplicate: new.duplicate - old.unique, ..new.clone() };
    let has_grown = old.state == State::Read && new.unique > 0;
    if entry == *old {
        return Combined::Same;
    }
    Combined::One { entry, has_grown }
}
