//! Absorbing: a store takes in what another one holds, record by record.

use super::Ledger;
use super::Store;
use super::StoreError;
use super::View;
use super::draft;
use super::draft::Draft;
use super::fold;
use super::load;
use super::tables;
use super::write;
use super::write_ledger;
use crate::frame::Table;
use crate::model::observations::Map;
use crate::model::observations::Observations;

impl Store {
    /// Takes in what another directory holds, as one commit; returns how many unique records were new.
    pub fn absorb(&mut self, other: &View) -> Result<u64, StoreError> {
        if !other.has_events() {
            return Err(StoreError::new(format!(
                "{} does not say which records it counted, so it cannot be merged exactly\n  hint: name it as a source: rolechain audit {} {}",
                other.root.display(),
                self.root.display(),
                other.root.display()
            )));
        }
        let mut draft = Draft::new(&self.root, &self.view.manifest);
        let (mut shared, mut added) = (0, 0);
        for day in other.days() {
            let mut seen: Map<u64, ()> = self.view.fingerprints(day)?.into_iter().map(|known| (known, ())).collect();
            // Loaded alone, slots and all: written as if it had been scanned here.
            let mut part: Observations = load::day(other, day, true)?;
            let before = part.events.len();
            let twice = fold::subtract(&mut part, &mut seen);
            shared += twice;
            added += u64::try_from(before).unwrap_or(u64::MAX) - twice;
            part.cells.retain(|_, count| count.records > 0);
            write::observations(&mut draft, &part, self.view.kept_since().max(other.kept_since()))?;
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
        super::write_digests(
            &mut draft,
            digests.map(|(object, (text, signature))| (object.as_str(), text.as_deref(), signature.as_deref())),
        )?;
        ledger.settle();
        let kept_since = self.view.manifest.kept_since.clone().max(other.manifest.kept_since.clone());
        write_ledger(&mut draft, ledger.rows(), &ledger.standing_defects())?;
        let is_replaced =
            |table: &'static Table, _: &str| [tables::OBJECTS.name, tables::DEFECTS.name].contains(&table.name);
        let manifest = draft.commit_to(&self.view.manifest, is_replaced, |manifest| {
            manifest.generation += u64::from(added > 0);
            manifest.kept_since = kept_since;
        })?;
        draft::sweep(&self.root, &manifest)?;
        self.view = View::of(&self.root, manifest)?;
        self.ledger = Ledger::read(&self.view)?;
        Ok(added)
    }
}
