//! The life of findings: new, ongoing, resolved, reopened.

use std::collections::BTreeMap;

use super::Store;
use super::StoreError;
use super::tables;
use super::view::View;
use crate::model::finding::Finding;
use crate::model::finding::Status;
use crate::model::time::Timestamp;

/// After so many covered days without an event, a finding is resolved.
const QUIET_DAYS: usize = 7;

/// What a store remembers of findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    generation: u64,
    rows: BTreeMap<String, Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    rule: String,
    severity: String,
    title: String,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    status: Status,
    /// The status at the end of the generation before.
    earlier: Option<Status>,
    first_generation: u64,
    generation: u64,
}

impl Life {
    /// Reads what a directory remembers.
    pub fn read(view: &View) -> Result<Self, StoreError> {
        let mut life = Self { generation: view.generation(), rows: BTreeMap::new() };
        for file in view.all_files(&tables::FINDINGS) {
            let rows = file.rows(&tables::FINDINGS)?;
            for row in 0..rows.len() {
                let text = |column| rows.text(row, column).unwrap_or_default().to_owned();
                let count = |column| rows.integer(row, column).and_then(|n| u64::try_from(n).ok()).unwrap_or_default();
                let status = |column| rows.text(row, column).and_then(Status::parse);
                let odd = || StoreError::damaged(&file.path, "a finding has no known status");
                let known = Row {
                    rule: text(1),
                    severity: text(2),
                    title: text(3),
                    first_seen: rows.moment(row, 4),
                    last_seen: rows.moment(row, 5),
                    status: status(6).ok_or_else(odd)?,
                    earlier: status(7),
                    first_generation: count(8),
                    generation: count(9),
                };
                life.rows.insert(text(0), known);
            }
        }
        Ok(life)
    }

    /// Gives each finding its status, and remembers it. `covered_days` are the days with records, in order. What the rules
    /// in `unjudged` found earlier stays as it is: the run had no way to find it again.
    ///
    /// The answer depends on the generation, not on how often it is asked for.
    pub fn settle(&mut self, findings: &mut [Finding], covered_days: &[i32], unjudged: &[&str]) {
        let generation = self.generation;
        let is_judged = |row: &Row| !unjudged.contains(&row.rule.as_str());
        for row in self.rows.values_mut().filter(|row| row.generation < generation && is_judged(row)) {
            row.earlier = Some(row.status);
            row.generation = generation;
            // Until it is found again.
            row.status = Status::Resolved;
        }
        let found: std::collections::BTreeSet<&str> =
            findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        for (fingerprint, row) in &mut self.rows {
            if !found.contains(fingerprint.as_str()) && is_judged(row) {
                row.status = Status::Resolved;
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
                    _ if is_quiet => Status::Resolved,
                    Some(Status::Resolved) => Status::Reopened,
                    _ => Status::Ongoing,
                };
            }
            let row = Row {
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
        u64::try_from(self.rows.values().filter(|row| row.status == status).count()).unwrap_or(u64::MAX)
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
        let mut file = draft.file(&tables::FINDINGS, None)?;
        for (fingerprint, row) in &life.rows {
            file.push(&[
                fingerprint.as_str().into(),
                row.rule.as_str().into(),
                row.severity.as_str().into(),
                row.title.as_str().into(),
                row.first_seen.into(),
                row.last_seen.into(),
                row.status.name().into(),
                row.earlier.map(Status::name).into(),
                row.first_generation.into(),
                row.generation.into(),
            ])?;
        }
        file.finish()?;
        let manifest = draft.commit_to(&self.view.manifest, |table, _| table.name == tables::FINDINGS.name, |_| {})?;
        super::draft::sweep(&self.root, &manifest)?;
        self.committed(manifest)
    }
}
