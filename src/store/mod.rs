//! What do we know already? Observations as a directory of Parquet tables, which remembers between runs.
//!
//! A commit writes new files beside the old ones and then replaces the manifest, which lists the files that count:
//! there is no moment at which a killed run leaves half a commit behind. `docs/store.md` is for users.

mod absorb;
mod cells;
mod compact;
mod copies;
mod digests;
mod draft;
mod entry;
mod error;
mod fold;
mod founding;
mod gone;
mod join;
mod known;
mod layout;
mod ledger;
mod life;
mod load;
mod lock;
mod manifest;
mod proof;
mod raw;
mod reach;
mod rows;
mod status;
mod strangers;
mod tables;
mod view;
mod write;

use std::path::Path;
use std::path::PathBuf;

use draft::Draft;
use entry::Entry;
use founding::Founding;
use ledger::Ledger;
use lock::Lock;
use manifest::Manifest;
use tables::Defects;
use tables::Digests;
use tables::Objects;

use crate::frame::Table;
use crate::frame::Tabled as _;
use crate::model::coverage::Defect;
use crate::model::observations::Observations;
use crate::model::owed::Owed;
use crate::model::receipt::Receipt;

pub use error::StoreError;
pub use fold::Window;
pub use join::Fresh;
pub use join::Joined;
pub use join::join;
pub use known::Known;
pub use layout::is_table_file;
pub use life::Life;
pub use reach::Listed;
pub use reach::Reach;
pub use status::FindingCounts;
pub use status::Status;
pub use status::TableStatus;
pub use status::status;
pub use tables::schema_markdown;
pub use view::View;
pub use view::is_observations;

/// A store, open for writing. One process at a time has it.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    view: View,
    ledger: Ledger,
    /// What was made for it, until there is a first commit.
    founding: Option<Founding>,
    #[expect(dead_code, reason = "held until the store is dropped")]
    lock: Lock,
}

/// How often a store is opened anew that another process takes away at this very moment.
const ATTEMPTS: u32 = 8;

impl Store {
    /// Opens a store for writing. Where nothing is, one begins with the first commit: dropped before, it leaves nothing
    /// behind. What a killed run left behind is removed.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        for _ in 0..ATTEMPTS {
            let founding = Founding::begin(root)?;
            if !root.is_dir() {
                return Err(StoreError::new(format!("{} is no directory, so it cannot be a store", root.display())));
            }
            if Manifest::read(root)?.is_none() {
                // Refused before the lock is made: nothing is written into what is not ours.
                refuse_foreign(root)?;
            }
            // `None` when another process took the folder away meanwhile: it had come to nothing.
            let Some(lock) = Lock::take(root)? else { continue };
            return Self::locked(root, lock, founding);
        }
        Err(StoreError::new(format!("{} is made and removed by other processes\n  hint: run again", root.display())))
    }

    fn locked(root: &Path, lock: Lock, founding: Founding) -> Result<Self, StoreError> {
        let (manifest, founding) = match Manifest::read(root)? {
            Some(manifest) => (manifest, None),
            None => (Manifest::empty(), Some(founding)),
        };
        strangers::refuse(root)?;
        let view = View::of(root, manifest)?;
        let mut store = Self { root: root.to_owned(), view, ledger: Ledger::default(), founding, lock };
        draft::sweep(root, &store.view.manifest)?;
        store.ledger = Ledger::read(&store.view)?;
        Ok(store)
    }

    /// Returns what the store holds.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Says whether an object was read as it is now, and hashed when that matters.
    pub fn is_known(&self, object: &str, version: Option<&str>, size: u64, hashed: bool) -> bool {
        self.ledger.is_known(object, version, size, hashed)
    }

    /// Returns the fingerprints of the records of a day (days since 1970-01-01, or none).
    pub fn fingerprints(&self, day: Option<i32>) -> Result<Vec<u64>, StoreError> {
        self.view.fingerprints(day)
    }

    /// Returns what a run should list from further back than the last days.
    pub fn owed(&self) -> Owed {
        self.ledger.owed()
    }

    /// Adds what a scan observed, as one commit; returns what people should hear, and a defect for each object that is
    /// given up.
    pub fn record(
        &mut self,
        observations: &Observations,
        receipts: &[Receipt],
        reach: Reach<'_>,
    ) -> Result<(Vec<String>, Vec<Defect>), StoreError> {
        let mut ledger = self.ledger.clone();
        let news = ledger.take(receipts, self.view.manifest.commit + 1, &observations.defects, reach);
        if news.rows.is_empty() {
            return Ok((news.notices, news.lost));
        }
        let mut draft = self.draft()?;
        write::observations(&mut draft, observations, self.view.kept_since())?;
        if news.is_rewritten {
            write_ledger(&mut draft, ledger.rows(), &ledger.standing_defects())?;
        } else {
            write_ledger(&mut draft, news.rows.iter(), &news.defects)?;
        }
        let digests = receipts.iter().filter_map(|receipt| {
            let content = receipt.content.as_ref()?;
            let text = std::str::from_utf8(content.digest.as_deref()?).ok()?;
            Some((receipt.object.as_str(), Some(text), content.signature.as_deref()))
        });
        draft.write_some::<Digests>(None, digests, &())?;
        let has_news = receipts.iter().any(|receipt| receipt.unique > 0);
        let replaces = |table: &'static Table, _: &str| news.is_rewritten && is_ledger(table);
        let manifest = draft.commit_to(&self.view.manifest, replaces, |manifest| {
            manifest.generation += u64::from(has_news);
        })?;
        self.committed(manifest)?;
        self.ledger = if news.is_rewritten { Ledger::read(&self.view)? } else { ledger };
        Ok((news.notices, news.lost))
    }

    /// Makes the directory a store, before the first commit writes its first file: a run that is killed from then on
    /// leaves an empty store behind, and not folders that may be anything.
    fn found(&self) -> Result<(), StoreError> {
        if self.founding.is_some() { self.view.manifest.write(&self.root) } else { Ok(()) }
    }

    /// Begins a commit.
    fn draft(&self) -> Result<Draft, StoreError> {
        self.found()?;
        Ok(Draft::new(&self.root, &self.view.manifest))
    }

    /// Goes on from a commit.
    fn committed(&mut self, manifest: Manifest) -> Result<(), StoreError> {
        self.founding = None;
        self.view = View::of(&self.root, manifest)?;
        Ok(())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(founding) = &self.founding {
            founding.undo();
        }
    }
}

/// Says whether a table belongs to the ledger.
fn is_ledger(table: &Table) -> bool {
    [Objects::TABLE.name, Defects::TABLE.name].contains(&table.name)
}

/// Refuses a directory that holds something else.
fn refuse_foreign(root: &Path) -> Result<(), StoreError> {
    // A run that was killed while it made the store has left hidden files at most.
    let found = layout::entries(root)?.into_iter().find(|(name, _, _)| !name.starts_with('.'));
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
    defects: &'e [Defect],
) -> Result<(), StoreError> {
    draft.write::<Objects>(None, entries, &())?;
    draft.write_some::<Defects>(None, defects, &())
}
