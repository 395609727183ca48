//! One row of the ledger, and what becomes of it when the object is read again.

use std::collections::BTreeMap;

use crate::model::coverage::AsideKind;
use crate::model::receipt::Content;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;
use crate::model::time::Timestamp;

/// Where an object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Read; not again while it is unchanged.
    Read,
    /// Could not be fetched: is tried again.
    Failed,
    /// Was read, and then held something else. What it said is still counted.
    Replaced,
    /// Could not be fetched, and is no longer there: nobody can ever read it.
    Lost,
    /// A folder that could not be listed.
    Unlisted,
    /// A folder that can be listed again.
    Listed,
}

impl State {
    pub(super) const ALL: [Self; 6] =
        [Self::Read, Self::Failed, Self::Replaced, Self::Lost, Self::Unlisted, Self::Listed];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Replaced => "replaced",
            Self::Lost => "lost",
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
    /// What was set aside in it, by kind.
    pub(super) set_aside: BTreeMap<AsideKind, u64>,
    pub(super) sha256: Option<String>,
    pub(super) has_trailing_bytes: Option<bool>,
    /// It was read, and is no longer there.
    pub(super) is_gone: bool,
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
            set_aside: receipt.set_aside.clone(),
            sha256: receipt
                .content
                .as_ref()
                .and_then(|content: &Content| content.sha256)
                .map(|sha256| sha256.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))),
            has_trailing_bytes: receipt.content.as_ref().map(|content| content.has_trailing_bytes),
            is_gone: false,
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
            set_aside: BTreeMap::new(),
            sha256: None,
            has_trailing_bytes: None,
            is_gone: false,
        }
    }

    /// A folder that could not be listed, in a run that was to list it from this moment on.
    pub(super) fn unlisted(path: &str, since: Option<Timestamp>) -> Self {
        Self { version: since.map(|since| since.to_string()), ..Self::folder(path, State::Unlisted) }
    }

    /// Returns from when on a folder was to be listed that could not be; `None` when as a whole.
    pub(super) fn listed_since(&self) -> Option<Timestamp> {
        self.version.as_deref().and_then(Timestamp::parse_iso)
    }

    /// Records that are what they should be.
    pub(super) fn records(&self) -> u64 {
        self.unique + self.duplicate
    }

    /// Says whether it was read for the check of digests.
    pub(super) fn is_hashed(&self) -> bool {
        self.has_trailing_bytes.is_some()
    }

    /// Says whether nothing speaks against it that both hold the same: their hashes are equal, if both are known.
    fn may_be(&self, other: &Self) -> bool {
        self.sha256.is_none() || other.sha256.is_none() || self.sha256 == other.sha256
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
    if forgets && old.state == State::Read && old.records() == new.records() && old.holds_the_same(new) {
        // Read again for its hash, or because it was copied anew: what it holds was counted, and what was dropped is not
        // new.
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

/// What an object comes to that lost records and holds all of them again: one entry, as if it had never lost any. `lost`
/// are its replaced entries, the oldest first.
pub(super) fn restored(lost: &[&Entry], old: &Entry, new: &Entry, forgets: bool) -> Option<Entry> {
    let first = lost.first().filter(|_| new.state == State::Read)?;
    // What it held at first, and what was new in it each time after that.
    let held = lost.iter().skip(1).copied().chain([old]).map(|entry| entry.unique).sum::<u64>() + first.records();
    let is_other = |entry: &&Entry| entry.records() == new.records() && !entry.may_be(new);
    // Records of days that went are not known again: there the file itself must be the one that it was.
    let is_known = new.duplicate >= held || (forgets && new.records() >= held && first.holds_the_same(new));
    if !is_known || lost.iter().any(is_other) {
        return None;
    }
    let unique = lost.iter().map(|entry| entry.unique).sum::<u64>() + old.unique;
    let unique = if new.duplicate >= held { unique + new.unique } else { unique };
    Some(Entry { unique, duplicate: new.records().saturating_sub(unique), ..new.clone() })
}

#[cfg(test)]
mod tests {
    use super::Entry;
    use super::State;
    use super::restored;

    /// An entry that was read, with so many new and known records.
    fn read(unique: u64, duplicate: u64) -> Entry {
        Entry { unique, duplicate, size: 100, version: Some("1".to_owned()), ..Entry::folder("object", State::Read) }
    }

    #[test]
    fn an_object_is_whole_again_when_it_holds_all_that_it_ever_held() {
        // Ten records, three of them from elsewhere; then five of them and a new one.
        let first = Entry { state: State::Replaced, ..read(7, 3) };
        let changed = read(1, 5);
        let again = |unique, duplicate| restored(&[&first], &changed, &read(unique, duplicate), false);
        assert_eq!(again(0, 10), None, "the new one is no longer there");
        let whole = again(0, 11).unwrap();
        assert_eq!((whole.state, whole.unique, whole.duplicate), (State::Read, 8, 3));
        let grown = again(2, 11).unwrap();
        assert_eq!((grown.unique, grown.duplicate), (10, 3));
        assert_eq!(restored(&[], &changed, &read(0, 11), false), None);
        let failed = Entry { state: State::Failed, ..read(0, 11) };
        assert_eq!(restored(&[&first], &changed, &failed, false), None);
    }

    #[test]
    fn records_of_other_objects_do_not_stand_for_those_that_were_lost() {
        let hashed = |entry: Entry, hash: &str| Entry { sha256: Some(hash.to_owned()), ..entry };
        let first = hashed(Entry { state: State::Replaced, ..read(10, 0) }, "a");
        let changed = hashed(read(0, 7), "b");
        assert_eq!(restored(&[&first], &changed, &hashed(read(0, 10), "c"), false), None);
        assert!(restored(&[&first], &changed, &hashed(read(0, 10), "a"), false).is_some());
    }

    #[test]
    fn after_days_went_the_file_must_be_the_one_that_it_was() {
        let first = Entry { state: State::Replaced, ..read(10, 0) };
        let changed = Entry { size: 70, ..read(0, 7) };
        // What was dropped seems to be new.
        let again = Entry { version: Some("3".to_owned()), ..read(10, 0) };
        assert_eq!(restored(&[&first], &changed, &again, false), None);
        let whole = restored(&[&first], &changed, &again, true).unwrap();
        assert_eq!((whole.unique, whole.duplicate), (10, 0));
        assert_eq!(restored(&[&first], &changed, &Entry { size: 101, ..again }, true), None);
    }
}
