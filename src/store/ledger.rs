//! The ledger: what became of each log file.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::entry::Combined;
use super::entry::Entry;
use super::entry::State;
use super::entry::combine;
use super::entry::restored;
use super::error::StoreError;
use super::reach::Reach;
use super::reach::is_in_trail;
use super::reach::place;
use super::tables::Defects;
use super::tables::Objects;
use super::view::View;
use crate::model::coverage::AsideKind;
use crate::model::coverage::Defect;
use crate::model::coverage::DefectKind;
use crate::model::coverage::SetAside;
use crate::model::observations::Counts;
use crate::model::owed::Owed;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

/// Every object, with the defects found in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// The last word on each object.
    pub(super) entries: BTreeMap<String, Noted>,
    /// What cannot be told from others of its name (standard input), or was replaced: it only counts.
    passed: Vec<Entry>,
    defects: Vec<(u64, Defect)>,
    /// Unique records that are in two of the ledgers that were joined.
    shared: u64,
    /// Unique records that no entry counts.
    unplaced: u64,
    /// Days were dropped: their records are no longer known when they are read again.
    forgets: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Noted {
    pub(super) entry: Entry,
    /// The commit whose defects are those of the object.
    commit: u64,
}

/// What came of new receipts.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Rows to write.
    pub(super) rows: Vec<Entry>,
    /// Defects to write beside them.
    pub(super) defects: Vec<Defect>,
    /// Objects that are given up: worth a defect in this run, and a word in every later one.
    pub(super) lost: Vec<Defect>,
    /// Something that was said earlier no longer holds: the whole ledger is to be written anew.
    pub(super) is_rewritten: bool,
    /// What people should hear.
    pub(super) notices: Vec<String>,
}

impl Ledger {
    /// Reads the ledger of a directory; empty when it has none.
    pub(super) fn read(view: &View) -> Result<Self, StoreError> {
        let mut ledger = Self { forgets: view.kept_since().is_some(), ..Self::default() };
        view.each::<Objects>(&mut (), |file, entry| ledger.note(entry, file.commit))?;
        view.each::<Defects>(&mut (), |file, defect| ledger.defects.push((file.commit, defect)))?;
        Ok(ledger)
    }

    /// Takes in a row as it was written.
    pub(super) fn note(&mut self, entry: Entry, commit: u64) {
        match entry.state {
            State::Listed => {
                self.entries.remove(&entry.object);
            }
            State::Replaced => {
                // The row that it restates goes: its own words are in this one.
                self.entries.remove(&entry.object);
                self.passed.push(entry);
            }
            State::Read | State::Failed | State::Lost if entry.version.is_none() && entry.object == "-" => {
                self.passed.push(entry);
            }
            State::Read | State::Failed | State::Lost | State::Unlisted => {
                self.entries.insert(entry.object.clone(), Noted { entry, commit });
            }
        }
    }

    /// Says whether an object was read as it is now, and hashed when that matters.
    pub(super) fn is_known(&self, object: &str, version: Option<&str>, size: u64, hashed: bool) -> bool {
        self.entries.get(object).is_some_and(|noted| {
            let entry = &noted.entry;
            let is_same = version.is_some() && entry.version.as_deref() == version && entry.size == size;
            entry.state == State::Read && is_same && (!hashed || entry.is_hashed())
        })
    }

    /// Returns what a run should list from further back than the last days: folders that could not be listed, and the
    /// folders of objects that could not be fetched.
    pub(super) fn owed(&self) -> Owed {
        let mut owed = Owed::default();
        for entry in self.entries.values().map(|noted| &noted.entry) {
            match (entry.state, place(&entry.object)) {
                (State::Unlisted, _) => owed.add(entry.object.clone(), entry.listed_since()),
                // Digest files are looked for a day later than log files.
                (State::Failed, Some((series, day))) => {
                    owed.add(format!("{series}/"), Some(Timestamp::of_day(day).plus(-DAY)));
                }
                (State::Failed, None) if is_in_trail(&entry.object) => {
                    let folder = entry.object.rsplit_once('/').map_or("", |(folder, _)| folder);
                    owed.add(format!("{folder}/"), None);
                }
                _ => {}
            }
        }
        owed
    }

    /// Returns the objects that were given up, in order.
    pub(super) fn lost(&self) -> impl Iterator<Item = &str> {
        let entries = self.entries.values().map(|noted| &noted.entry);
        entries.filter(|entry| entry.state == State::Lost).map(|entry| entry.object.as_str())
    }

    /// Says whether another ledger has the same hash of an object.
    pub(super) fn says_the_same(&self, other: &Self, object: &str) -> bool {
        let hash = |ledger: &Self| {
            let entry = &ledger.entries.get(object)?.entry;
            entry.is_hashed().then(|| (entry.sha256.clone(), entry.has_trailing_bytes))
        };
        hash(self).is_some_and(|ours| Some(ours) == hash(other))
    }

    /// Takes in what a scan did, as a commit of this number.
    pub(super) fn take(&mut self, receipts: &[Receipt], commit: u64, defects: &[Defect], reach: Reach<'_>) -> News {
        let mut news = News::default();
        for receipt in receipts {
            self.take_object(Entry::of(receipt), &mut news);
        }
        self.take_folders(receipts, defects, reach, &mut news);
        self.retire(receipts, reach, &mut news);
        self.miss(receipts, reach, &mut news);
        for row in &news.rows {
            self.note(row.clone(), commit);
        }
        // Those of objects that are as they were are known already.
        let noted: BTreeSet<&str> = news.rows.iter().map(|row| row.object.as_str()).collect();
        news.defects.extend(defects.iter().filter(|defect| noted.contains(defect.object.as_str())).cloned());
        self.defects.extend(news.defects.iter().map(|defect| (commit, defect.clone())));
        news
    }

    /// Takes in what reading one object came to.
    fn take_object(&mut self, new: Entry, news: &mut News) {
        let Some(old) = self.entries.get(&new.object).map(|noted| &noted.entry) else {
            news.rows.push(new);
            return;
        };
        let object = &new.object;
        let is_lost = |entry: &Entry| entry.state == State::Replaced && entry.object == *object;
        let lost: Vec<&Entry> = self.passed.iter().filter(|entry| is_lost(entry)).collect();
        if let Some(entry) = restored(&lost, old, &new, self.forgets) {
            news.notices.push(format!("{object} was changed after it was read, and again holds all that it held"));
            news.is_rewritten = true;
            self.passed.retain(|entry| !is_lost(entry));
            news.rows.push(entry);
            return;
        }
        match combine(old, &new, self.forgets) {
            Combined::Same => {}
            Combined::One { entry, has_grown } => {
                if has_grown {
                    news.notices.push(format!("{object} has grown since it was read; what is new in it was added"));
                }
                news.rows.push(entry);
            }
            Combined::Two { replaced, entry } => {
                news.notices.push(format!(
                    "{object} was changed after it was read: records that it held are no longer in it (they stay in the store)"
                ));
                news.rows.push(replaced);
                news.rows.push(entry);
            }
        }
    }

    /// Notes the folders that could not be listed, and those that can be again.
    fn take_folders(&self, receipts: &[Receipt], defects: &[Defect], reach: Reach<'_>, news: &mut News) {
        let is_object = |name: &str| receipts.binary_search_by(|receipt| receipt.object.as_str().cmp(name)).is_ok();
        let unlisted: BTreeSet<&str> = defects
            .iter()
            .filter(|defect| defect.kind == DefectKind::Unreadable && !is_object(&defect.object))
            .map(|defect| defect.object.as_str())
            .collect();
        for (object, noted) in self.entries.iter().filter(|(_, noted)| noted.entry.state == State::Unlisted) {
            // What is an object now has a row of its own.
            if reach.makes_up_for(&noted.entry) && !unlisted.contains(object.as_str()) && !is_object(object) {
                news.rows.push(Entry::folder(&noted.entry.object, State::Listed));
            }
        }
        // One that was to be listed from an earlier day on owes more.
        let is_known = |new: &Entry| {
            let known = self.entries.get(&new.object).map(|noted| &noted.entry);
            known.is_some_and(|known| known.state == State::Unlisted && known.listed_since() <= new.listed_since())
        };
        let unlisted = unlisted.into_iter().map(|path| Entry::unlisted(path, reach.since_of(path)));
        news.rows.extend(unlisted.filter(|new| !is_known(new)));
    }

    /// Gives up objects that failed once and are not there any more: nobody can ever read them.
    fn retire(&self, receipts: &[Receipt], reach: Reach<'_>, news: &mut News) {
        if news.rows.iter().any(|row| row.state == State::Unlisted) || self.has_unlisted(reach, &news.rows) {
            return;
        }
        let is_there = |name: &str| {
            reach.listed.has(name) || receipts.binary_search_by(|receipt| receipt.object.as_str().cmp(name)).is_ok()
        };
        let failed = self.entries.values().map(|noted| &noted.entry).filter(|entry| entry.state == State::Failed);
        for entry in failed.filter(|entry| reach.covers(&entry.object) && !is_there(&entry.object)) {
            news.lost.push(Defect {
                object: entry.object.clone(),
                index: None,
                kind: DefectKind::Unreadable,
                message: "it could not be read before it was gone: what it held is lost".to_owned(),
            });
            // What was read of it before it failed stays counted.
            news.rows.push(Entry { state: State::Lost, defects: 0, ..entry.clone() });
        }
    }

    /// Says whether a folder that a run looked into still cannot be listed.
    fn has_unlisted(&self, reach: Reach<'_>, news: &[Entry]) -> bool {
        let listed = news.iter().filter(|row| row.state == State::Listed);
        let listed: BTreeSet<&str> = listed.map(|row| row.object.as_str()).collect();
        let unlisted = self.entries.values().filter(|noted| noted.entry.state == State::Unlisted);
        unlisted
            .map(|noted| &noted.entry)
            .any(|entry| reach.looks_into(&entry.object) && !listed.contains(entry.object.as_str()))
    }

    /// Takes in the ledger of another directory; `shared` of its unique records are here, too.
    pub(super) fn join(&mut self, other: Self, shared: u64) {
        // Commits of different stores have nothing to do with each other: those of the other go after these.
        let ours = self.entries.values().map(|noted| noted.commit);
        let shift = 1 + ours.chain(self.defects.iter().map(|(commit, _)| *commit)).max().unwrap_or(0);
        for (object, theirs) in other.entries {
            let theirs = Noted { entry: theirs.entry, commit: theirs.commit + shift };
            let Some(ours) = self.entries.remove(&object) else {
                self.entries.insert(object, theirs);
                continue;
            };
            // The one that was read, and of two of these the one that was hashed. What one may still fetch is not lost.
            let rank = |noted: &Noted| {
                let entry = &noted.entry;
                (entry.state == State::Read, entry.is_hashed(), entry.state == State::Failed)
            };
            let is_better = rank(&theirs) > rank(&ours);
            let (kept, mut passed) = if is_better { (theirs, ours) } else { (ours, theirs) };
            if kept.entry.holds_the_same(&passed.entry) || passed.entry.state != State::Read {
                // The same records, told apart by their fingerprints.
                self.unplaced += passed.entry.unique;
            } else {
                passed.entry.state = State::Replaced;
                self.passed.push(passed.entry);
            }
            self.entries.insert(object, kept);
        }
        self.passed.extend(other.passed);
        self.forgets |= other.forgets;
        self.shared += other.shared + shared;
        self.unplaced += other.unplaced;
        self.defects.extend(other.defects.into_iter().map(|(commit, defect)| (commit + shift, defect)));
    }

    /// Counts unique records of a directory that has no ledger.
    pub(super) fn count_unplaced(&mut self, records: u64) {
        self.unplaced += records;
    }

    /// Returns the counts of everything that was read, and the defects.
    pub(super) fn counts(&self) -> (Counts, Vec<Defect>) {
        let mut counts = Counts::default();
        let mut records = 0;
        let mut unique = self.unplaced;
        let entries = self.entries.values().map(|noted| &noted.entry);
        for entry in entries.clone().chain(&self.passed) {
            records += entry.records();
            unique += entry.unique;
            counts.malformed += entry.malformed;
            counts.unsupported += entry.unsupported;
            counts.defects += entry.defects;
            if entry.state == State::Replaced {
                counts.defects += 1;
                continue;
            }
            if matches!(entry.state, State::Unlisted | State::Lost) {
                continue;
            }
            counts.objects_listed += 1;
            counts.stored_bytes += entry.stored_bytes;
            counts.inflated_bytes += entry.inflated_bytes;
            match entry.kind {
                Some(ObjectKind::Records) => counts.objects_read += 1,
                Some(ObjectKind::Broken) | None => counts.objects_failed += 1,
                Some(ObjectKind::Foreign) => counts.objects_skipped += 1,
                Some(ObjectKind::Digest) => {
                    counts.objects_skipped += 1;
                    counts.digests += 1;
                }
                Some(ObjectKind::Insight) => {
                    counts.objects_skipped += 1;
                    counts.insights += 1;
                }
            }
        }
        counts.unique = unique.saturating_sub(self.shared);
        counts.duplicate = records.saturating_sub(counts.unique);
        (counts, self.current_defects())
    }

    /// Returns what was set aside, by kind.
    pub(super) fn set_aside(&self) -> BTreeMap<AsideKind, SetAside> {
        let mut all: BTreeMap<AsideKind, SetAside> = BTreeMap::new();
        let passed = self.passed.iter().filter(|entry| entry.state != State::Replaced);
        for entry in self.entries.values().map(|noted| &noted.entry).chain(passed) {
            for (kind, records) in &entry.set_aside {
                let of_object = SetAside { records: *records, objects: 1, example: entry.object.clone() };
                all.entry(*kind).or_default().merge(of_object);
            }
        }
        all
    }

    /// Returns the defects of an object.
    pub(super) fn defects_of(&self, object: &str) -> Vec<Defect> {
        let commit = self.entries.get(object).map(|noted| noted.commit);
        let own = self.defects.iter().filter(|(of, defect)| Some(*of) == commit && defect.object == object);
        own.map(|(_, defect)| defect.clone()).collect()
    }

    fn current_defects(&self) -> Vec<Defect> {
        let is_current = |commit: u64, defect: &Defect| match self.entries.get(&defect.object) {
            Some(noted) => noted.commit == commit,
            // Standard input has no entry of its own.
            None => defect.object == "-",
        };
        let changed = self.passed.iter().filter(|entry| entry.state == State::Replaced).map(|entry| Defect {
            object: entry.object.clone(),
            index: None,
            kind: DefectKind::Changed,
            message: "it was changed after it was read: records that it held are no longer in it".to_owned(),
        });
        let current = self.defects.iter().filter(|(commit, defect)| is_current(*commit, defect));
        current.map(|(_, defect)| defect.clone()).chain(changed).collect()
    }

    /// Makes the entries alone say how many unique records there are. Which object had a shared record first is then
    /// no longer told; the sums are right.
    pub(super) fn settle(&mut self) {
        let mut more = std::mem::take(&mut self.unplaced);
        let mut less = std::mem::take(&mut self.shared);
        let common = more.min(less);
        more -= common;
        less -= common;
        let entries = self.entries.values_mut().map(|noted| &mut noted.entry);
        for entry in entries.chain(&mut self.passed) {
            let raised = more.min(entry.duplicate);
            let lowered = less.min(entry.unique);
            entry.unique = entry.unique + raised - lowered;
            entry.duplicate = entry.duplicate + lowered - raised;
            more -= raised;
            less -= lowered;
        }
    }

    /// Returns every row that still says something, for a ledger written anew.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Entry> {
        // Replaced ones first: a later row of the same object replaces an earlier one.
        self.passed.iter().chain(self.entries.values().map(|noted| &noted.entry))
    }

    /// Returns the defects that still stand, for a ledger written anew.
    pub(super) fn standing_defects(&self) -> Vec<Defect> {
        self.current_defects().into_iter().filter(|defect| defect.kind != DefectKind::Changed).collect()
    }
}
