//! Compacting: the files of each day become one, and days that are not kept go.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Store;
use super::StoreError;
use super::digests;
use super::draft;
use super::is_ledger;
use super::layout;
use super::layout::Day;
use super::load;
use super::proof;
use super::proof::Digest;
use super::tables::Coverage;
use super::tables::DAILY;
use super::tables::Digests;
use super::tables::Objects;
use super::write;
use super::write_ledger;
use crate::frame::Table;
use crate::frame::Tabled as _;
use crate::model::time::Timestamp;

impl Store {
    /// Merges the files of each day into one. With `keep`, days before the last so many days with records go, but for
    /// the assumptions that open chains may need. Returns the days that went.
    pub fn compact(&mut self, keep: Option<u32>) -> Result<Vec<String>, StoreError> {
        let kept_since = self.cut(keep)?;
        let is_gone = |day: Day| matches!((day, kept_since), (Some(day), Some(kept)) if day < kept);
        let is_old = |day: Day| matches!((day, kept_since), (Some(day), Some(kept)) if day < kept.saturating_sub(write::OPEN_CHAINS));
        let days = self.view.days();
        let gone: Vec<Day> = days.iter().copied().filter(|day| is_gone(*day) && self.has_records(*day)).collect();
        let rewritten: BTreeSet<Day> =
            days.into_iter().filter(|day| is_old(*day) || gone.contains(day) || self.is_scattered(*day)).collect();
        let is_ledger_scattered = self.view.all_files(&Objects::TABLE).count() > 1;
        let digests = self.digests_to_keep(kept_since)?;
        if rewritten.is_empty() && !is_ledger_scattered && digests.is_none() {
            return Ok(Vec::new());
        }
        let mut draft = self.draft()?;
        for day in &rewritten {
            write::observations(&mut draft, &load::day(&self.view, *day, true)?, kept_since)?;
        }
        if is_ledger_scattered {
            write_ledger(&mut draft, self.ledger.rows(), &self.ledger.standing_defects())?;
        }
        if let Some(digests) = &digests {
            draft.write_some::<Digests>(None, digests.iter().map(proof::lent), &())?;
        }
        let names: BTreeSet<String> = rewritten.iter().map(|day| layout::day_name(*day)).collect();
        let replaces = |table: &'static Table, day: &str| {
            names.contains(day)
                || (is_ledger_scattered && is_ledger(table))
                || (digests.is_some() && table.name == Digests::TABLE.name)
        };
        let kept = kept_since.map(|day| layout::day_name(Some(day)));
        let manifest = draft.commit_to(&self.view.manifest, replaces, |manifest| manifest.kept_since = kept)?;
        self.committed(manifest)?;
        draft::sweep(&self.root, &self.view.manifest)?;
        self.ledger = super::Ledger::read(&self.view)?;
        Ok(gone.into_iter().map(layout::day_name).collect())
    }

    /// Returns the digest files to write anew: when they lie in several files, or when some of them can go.
    fn digests_to_keep(&self, kept_since: Option<i32>) -> Result<Option<BTreeMap<String, Digest>>, StoreError> {
        let files = self.view.all_files(&Digests::TABLE).count();
        // Only a later day lets more of them go.
        if files == 0 || (files == 1 && kept_since == self.view.kept_since()) {
            return Ok(None);
        }
        let mut digests = self.view.digests()?;
        let needless = kept_since.map(|day| digests::needless(&digests, Timestamp::of_day(i64::from(day))));
        let needless = needless.unwrap_or_default();
        digests.retain(|object, _| !needless.contains(object));
        Ok((files > 1 || !needless.is_empty()).then_some(digests))
    }

    /// Returns the first day to keep: days count by the records in the store, not by the clock, so that neither a wrong
    /// clock nor a store that rested for a year loses anything.
    fn cut(&self, keep: Option<u32>) -> Result<Option<i32>, StoreError> {
        let before = self.view.kept_since();
        let Some(keep) = keep.and_then(|keep| usize::try_from(keep).ok()) else { return Ok(before) };
        if keep == 0 {
            return Err(StoreError::new("a store keeps at least one day"));
        }
        let covered = self.view.covered_days();
        let first = covered.len().checked_sub(keep).filter(|at| *at > 0).and_then(|at| covered.get(at).copied());
        Ok(before.max(first))
    }

    fn has_records(&self, day: Day) -> bool {
        self.view.files(&Coverage::TABLE, Some(day)).next().is_some()
    }

    fn is_scattered(&self, day: Day) -> bool {
        DAILY.iter().any(|table| self.view.files(table, Some(day)).count() > 1)
    }
}
