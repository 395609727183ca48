//! Absorbing: a store takes in what others hold, record by record.

use std::path::Path;

use super::Ledger;
use super::Store;
use super::StoreError;
use super::View;
use super::draft;
use super::draft::Draft;
use super::fold;
use super::is_ledger;
use super::load;
use super::manifest::Manifest;
use super::proof;
use super::tables::Digests;
use super::write;
use super::write_ledger;
use crate::frame::Table;
use crate::model::observations::Observations;
use crate::model::width::wide;
use crate::observe::Counted;

/// What absorbing has come to so far. Nothing of it counts until the manifest is written.
struct Grown {
    view: View,
    ledger: Ledger,
    drafts: Vec<Draft>,
    added: u64,
}

impl View {
    /// Returns an error when this directory cannot be taken in by a store.
    pub fn may_be_absorbed(&self) -> Result<(), StoreError> {
        if self.has_events() {
            return Ok(());
        }
        let path = self.root.display();
        Err(StoreError::new(format!(
            "{path} does not say which records it counted, so it cannot be merged exactly\n  hint: name it as a source beside the others: rolechain audit {path} OTHERS"
        )))
    }
}

impl Store {
    /// Takes in what other directories hold: all of them, or when one cannot be read, nothing. Returns how many unique
    /// records were new.
    pub fn absorb(&mut self, others: &[View]) -> Result<u64, StoreError> {
        others.iter().try_for_each(View::may_be_absorbed)?;
        self.found()?;
        let (view, ledger) = (self.view.clone(), self.ledger.clone());
        let mut grown = Grown { view, ledger, drafts: Vec::new(), added: 0 };
        for other in others {
            grown.take(&self.root, other)?;
        }
        let manifest = grown.view.manifest.clone();
        manifest.write(&self.root)?;
        grown.drafts.into_iter().for_each(Draft::keep);
        self.committed(manifest)?;
        draft::sweep(&self.root, &self.view.manifest)?;
        self.ledger = Ledger::read(&self.view)?;
        Ok(grown.added)
    }
}

impl Grown {
    /// Takes in one more directory: files of a commit of its own, which no manifest on the disk names yet.
    fn take(&mut self, root: &Path, other: &View) -> Result<(), StoreError> {
        let mut draft = Draft::new(root, &self.view.manifest);
        let kept_since = self.view.kept_since().max(other.kept_since());
        let (mut shared, mut added) = (0, 0);
        for day in other.days() {
            let mut seen = Counted::default();
            for known in self.view.fingerprints(day)? {
                seen.insert(known);
            }
            // Loaded alone, slots and all: written as if it had been scanned here.
            let mut part: Observations = load::day(other, day, true)?;
            let before = wide(part.events.iter().filter(|event| !event.network).count());
            // Of a day that is no longer kept nobody knows any more which records were counted: none of them is new.
            let is_forgotten = day < self.view.kept_since() && day.is_some();
            let twice = if is_forgotten { before } else { fold::subtract(&mut part, &mut seen) };
            shared += twice;
            added += before - twice;
            part.cells.retain(|_, count| count.records > 0);
            write::observations(&mut draft, &part, kept_since)?;
        }
        let mut ledger = self.ledger.clone();
        let theirs = Ledger::read(other)?;
        let (known, digests) = (self.view.digests()?, other.digests()?);
        let are_new: Vec<_> = digests
            .iter()
            .filter(|(object, _)| !known.contains_key(*object) || !theirs.says_the_same(&self.ledger, object))
            .collect();
        ledger.join(theirs.clone(), shared);
        // What is said of an object here is said by the entry that the ledger keeps.
        let digests = are_new.into_iter().filter(|(object, _)| theirs.says_the_same(&ledger, object));
        draft.write_some::<Digests>(None, digests.map(proof::lent), &())?;
        ledger.settle();
        write_ledger(&mut draft, ledger.rows(), &ledger.standing_defects())?;
        let kept_since = self.view.manifest.kept_since.clone().max(other.manifest.kept_since.clone());
        let replaces = |table: &'static Table, _: &str| is_ledger(table);
        let manifest: Manifest = draft.stage(&self.view.manifest, replaces, |manifest| {
            manifest.generation += u64::from(added > 0);
            manifest.kept_since = kept_since;
        })?;
        // From here on removed again, unless the manifest is written.
        self.drafts.push(draft);
        self.view = View::of(root, manifest)?;
        self.ledger = Ledger::read(&self.view)?;
        self.added += added;
        Ok(())
    }
}
