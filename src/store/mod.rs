//! What do we know already? Observations as a directory of Parquet tables, which remembers between runs.
//!
//! A commit writes new files beside the old ones and then replaces the manifest, which lists the files that count:
//! there is no moment at which a killed run leaves half a commit behind. `docs/store.md` is for users.

mod absorb;
mod compact;
mod draft;
mod entry;
mod error;
mod fold;
mod join;
mod layout;
mod ledger;
mod life;
mod load;
mod lock;
mod manifest;
mod proof;
mod raw;
mod reach;
mod schema;
mod status;
mod tables;
mod tags;
mod view;
mod write;

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use draft::Draft;
use entry::Entry;
use ledger::Ledger;
use lock::Lock;
use manifest::Manifest;

use crate::model::observations::Observations;
use crate::model::receipt::Receipt;

pub use error::StoreError;
pub use fold::Window;
pub use join::Fresh;
pub use join::Joined;
pub use join::join;
pub use life::Life;
pub use reach::Reach;
pub use schema::schema_markdown;
pub use status::FindingCounts;
pub use status::Status;
pub use status::TableStatus;
pub use status::status;
pub use view::Known;
pub use view::View;
pub use view::is_observations;

/// A store, open for writing. One process at a time has it.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    view: View,
    ledger: Ledger,
    #[expect(dead_code, reason = "held until the store is dropped")]
    lock: Lock,
}

impl Store {
    /// Opens a store for writing; makes one where nothing is. What a killed run left behind is removed.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        if !root.exists() {
            fs::create_dir_all(root).map_err(|error| StoreError::io("make", root, &error))?;
        }
        if !root.is_dir() {
            return Err(StoreError::new(format!("{} is no directory, so it cannot be a store", root.display())));
        }
        let is_new = Manifest::read(root)?.is_none();
        if is_new {
            // Refused before the lock is made: nothing is written into what is not ours.
            refuse_foreign(root)?;
        }
        let lock = Lock::take(root)?;
        let manifest = if let Some(manifest) = Manifest::read(root)? {
            manifest
        } else {
            let manifest = Manifest::empty();
            manifest.write(root)?;
            manifest
        };
        if manifest.tables.is_none() {
            return Err(StoreError::new(format!(
                "{} was not made by rolechain: it can be read, and not added to\n  hint: name another directory with --store",
                root.display()
            )));
        }
        draft::sweep(root, &manifest)?;
        let view = View::of(root, manifest)?;
        let ledger = Ledger::read(&view)?;
        Ok(Self { root: root.to_owned(), view, ledger, lock })
    }

    /// Returns what the store holds.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Says whether an object was read as it is now, and hashed when that matters.
    pub fn is_known(&self, object: &str, version: Option<&str>, size: u64, hashed: bool) -> bool {
        self.ledger.is_known(object, version, size, hashed)
    }

    /// Says whether an object could not be fetched when it was last tried.
    pub fn is_failed(&self, object: &str) -> bool {
        self.ledger.is_failed(object)
    }

    /// Returns the fingerprints of the records of a day (days since 1970-01-01, or none).
    pub fn fingerprints(&self, day: Option<i32>) -> Result<Vec<u64>, StoreError> {
        self.view.fingerprints(day)
    }

    /// Adds what a scan observed, as one commit; returns what people should hear.
    pub fn record(
        &mut self,
        observations: &Observations,
        receipts: &[Receipt],
        reach: Reach<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let mut draft = Draft::new(&self.root, &self.view.manifest);
        let mut ledger = self.ledger.clone();
        let news = ledger.take(receipts, draft.commit(), &observations.defects, reach);
        if news.rows.is_empty() {
            return Ok(news.notices);
        }
        write::observations(&mut draft, observations, self.view.kept_since())?;
        write_ledger(&mut draft, news.rows.iter(), &observations.defects)?;
        let digests = receipts.iter().filter_map(|receipt| {
            let content = receipt.content.as_ref()?;
            let text = std::str::from_utf8(content.digest.as_deref()?).ok()?;
            Some((receipt.object.as_str(), Some(text), content.signature.as_deref()))
        });
        write_digests(&mut draft, digests)?;
        let has_news = receipts.iter().any(|receipt| receipt.unique > 0);
        let manifest = draft.commit_to(
            &self.view.manifest,
            |_, _| false,
            |manifest| manifest.generation += u64::from(has_news),
        )?;
        self.view = View::of(&self.root, manifest)?;
        self.ledger = ledger;
        Ok(news.notices)
    }
}

/// Refuses a directory that holds something else.
fn refuse_foreign(root: &Path) -> Result<(), StoreError> {
    // A run that was killed while it made the store has left hidden files at most.
    let found = view::entries(root)?.into_iter().find(|(name, _, _)| !name.starts_with('.'));
    let Some((name, _, _)) = found else { return Ok(()) };
    Err(StoreError::new(format!(
        "{} is not a store: it holds `{name}` and no {}\n  hint: name a new or an empty directory",
        root.display(),
        layout::MANIFEST
    )))
}

fn write_ledger<'e>(
    draft: &mut Draft,
    entries: impl Iterator<Item = &'e Entry>,
    defects: &[crate::model::coverage::Defect],
) -> Result<(), StoreError> {
    let mut file = draft.file(&tables::OBJECTS, None)?;
    for entry in entries {
        file.push(&[
            entry.object.as_str().into(),
            entry.version.as_deref().into(),
            entry.size.into(),
            entry.state.name().into(),
            entry.kind.map(crate::model::record::ObjectKind::name).into(),
            entry.stored_bytes.into(),
            entry.inflated_bytes.into(),
            entry.unique.into(),
            entry.duplicate.into(),
            entry.malformed.into(),
            entry.unsupported.into(),
            entry.defects.into(),
            entry.sha256.as_deref().into(),
            entry.has_trailing_bytes.into(),
        ])?;
    }
    file.finish()?;
    if defects.is_empty() {
        return Ok(());
    }
    let mut file = draft.file(&tables::DEFECTS, None)?;
    for defect in defects {
        let (object, message) = (defect.object.as_str(), defect.message.as_str());
        file.push(&[object.into(), defect.index.into(), defect.kind.name().into(), message.into()])?;
    }
    file.finish()
}

/// Writes digest files: object, text and signature.
fn write_digests<'d>(
    draft: &mut Draft,
    digests: impl Iterator<Item = (&'d str, Option<&'d str>, Option<&'d str>)>,
) -> Result<(), StoreError> {
    let mut digests = digests.peekable();
    if digests.peek().is_none() {
        return Ok(());
    }
    let mut file = draft.file(&tables::DIGESTS, None)?;
    for (object, text, signature) in digests {
        file.push(&[object.into(), text.into(), signature.into()])?;
    }
    file.finish()
}
