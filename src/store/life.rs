//! The life of findings: new, ongoing, dormant, resolved, reopened.

use std::collections::BTreeMap;

use super::Store;
use super::StoreError;
use super::tables::Findings;
use super::tables::Remembered;
use super::view::View;
use crate::frame::Tabled as _;
use crate::model::finding::Finding;
use crate::model::finding::Status;
use crate::model::time::Timestamp;
use crate::model::width::wide;

/// After so many covered days without an event, a finding is dormant.
const QUIET_DAYS: usize = 7;

/// What a store remembers of findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    generation: u64,
    rows: BTreeMap<String, Remembered>,
}

impl Life {
    /// Reads what a directory remembers.
    pub fn read(view: &View) -> Result<Self, StoreError> {
        let mut life = Self { generation: view.generation(), rows: BTreeMap::new() };
        view.each::<Findings>(&mut (), |_, (fingerprint, row)| {
            life.rows.insert(fingerprint, row);
        })?;
        Ok(life)
    }

    /// Gives each finding its status, and remembers it. `covered_days` are the days with records, in order. What the rules
    /// in `unjudged` found earlier stays as it is: the run had no way to find it again.
    ///
    /// The answer depends on the generation, not on how often it is asked for.
    pub fn settle(&mut self, findings: &mut [Finding], covered_days: &[i32], unjudged: &[&str]) {
        let generation = self.generation;
        let is_judged = |row: &Remembered| !unjudged.contains(&row.rule.as_str());
        let found: std::collections::BTreeSet<&str> =
            findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        for (fingerprint, row) in self.rows.iter_mut().filter(|(_, row)| row.generation < generation) {
            if is_judged(row) || found.contains(fingerprint.as_str()) {
                row.earlier = Some(row.status);
                row.generation = generation;
            }
        }
        let kept_since = covered_days.first().copied().unwrap_or_default();
        for (fingerprint, row) in &mut self.rows {
            if !found.contains(fingerprint.as_str()) && is_judged(row) {
                // Nobody can find again what retention let go: that ends nothing.
                let is_kept = row.last_seen.is_none_or(|last| i64::from(kept_since) <= last.day());
                row.status = if is_kept || row.status == Status::Resolved { Status::Resolved } else { Status::Dormant };
            }
        }
        for finding in findings {
            let known = self.rows.get(&finding.fingerprint);
            let first_generation = known.map_or(generation, |row| row.first_generation);
            let earlier = known.and_then(|row| row.earlier);
            if finding.status != Status::Excepted {
                let is_quiet = finding.last_seen.is_some_and(|last| QUIET_DAYS <= days_after(last, covered_days));
                finding.status = match earlier {
                    _ if first_generation == generation => Status::New,
                    _ if is_quiet => Status::Dormant,
                    Some(Status::Dormant | Status::Resolved) => Status::Reopened,
                    _ => Status::Ongoing,
                };
            }
            let row = Remembered {
                rule: finding.rule.to_owned(),
                severity: finding.severity.name().to_owned(),
                title: finding.title.clone(),
                first_seen: finding.first_seen,
                last_seen: finding.last_seen,
                status: finding.status,
                earlier,
                first_generation,
                generation,
            };
            self.rows.insert(finding.fingerprint.clone(), row);
        }
    }

    /// Counts the findings of a status.
    pub(super) fn count(&self, status: Status) -> u64 {
        wide(self.rows.values().filter(|row| row.status == status).count())
    }
}

/// Counts the covered days after a moment's day.
fn days_after(moment: Timestamp, covered_days: &[i32]) -> usize {
    covered_days.iter().filter(|day| moment.day() < i64::from(**day)).count()
}

impl Store {
    /// Remembers the life of findings, when it has changed.
    pub fn remember(&mut self, life: &Life) -> Result<(), StoreError> {
        // What has read nothing has nothing to remember.
        if self.founding.is_some() || Life::read(&self.view)? == *life {
            return Ok(());
        }
        let mut draft = self.draft()?;
        draft.write::<Findings>(None, &life.rows, &())?;
        let manifest = draft.commit_to(&self.view.manifest, |table, _| table.name == Findings::TABLE.name, |_| {})?;
        super::draft::sweep(&self.root, &manifest)?;
        self.committed(manifest)
    }
}
