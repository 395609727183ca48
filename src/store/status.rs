//! What is in a store: for people, and for tests with other readers.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::fs;

use serde::Serialize;

use super::error::StoreError;
use super::layout;
use super::ledger::Ledger;
use super::life::Life;
use super::tables::Coverage;
use super::tables::TABLES;
use super::view::View;
use crate::model::finding;
use crate::model::symbols::Symbols;
use crate::model::width::wide;

/// What is in a store.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The directory.
    pub path: String,
    /// The format and its version.
    pub format: String,
    /// How many scans brought new records.
    pub generation: u64,
    /// How many commits there were.
    pub commits: u64,
    /// The first day that is kept, when days were dropped.
    pub kept_since: Option<String>,
    /// The first day with records.
    pub first_day: Option<String>,
    /// The last day with records.
    pub last_day: Option<String>,
    /// How many days have records.
    pub covered_days: u64,
    /// The accounts in whose logs the records stand.
    pub accounts: Vec<String>,
    /// Log files known.
    pub objects: u64,
    /// Log files that could not be fetched, or not to their end.
    pub objects_failed: u64,
    /// Log files that were read, and that a later listing no longer had.
    pub objects_gone: u64,
    /// Log files that were gone before they could be read.
    pub objects_lost: u64,
    /// Unique records.
    pub records: u64,
    /// Bytes of the tables on the disk.
    pub bytes: u64,
    /// Each table.
    pub tables: BTreeMap<&'static str, TableStatus>,
    /// Findings by where they stand in their lives.
    pub findings: FindingCounts,
}

/// What is in a table.
#[derive(Debug, Default, Serialize)]
pub struct TableStatus {
    /// Files.
    pub files: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes on the disk.
    pub bytes: u64,
}

/// Findings by where they stand in their lives, at the last audit of the whole store.
#[derive(Debug, Serialize)]
pub struct FindingCounts {
    /// First recorded in this generation.
    pub new: u64,
    /// Known before, and still there.
    pub ongoing: u64,
    /// There again.
    pub reopened: u64,
    /// Not seen for seven covered days.
    pub dormant: u64,
    /// No longer found.
    pub resolved: u64,
    /// Covered by an exception.
    pub excepted: u64,
}

/// Looks at a directory of observations.
pub fn status(view: &View) -> Result<Status, StoreError> {
    let mut by_table = BTreeMap::new();
    for table in TABLES {
        let mut of = TableStatus::default();
        for file in view.all_files(table) {
            of.files += 1;
            of.rows += wide(file.rows(table.columns)?.len());
            of.bytes += fs::metadata(&file.path).map_err(|error| StoreError::io("read", &file.path, &error))?.len();
        }
        by_table.insert(table.name, of);
    }
    let mut symbols = Symbols::default();
    let mut accounts = HashSet::new();
    view.each::<Coverage>(&mut symbols, |_, (account, _, _)| accounts.extend(account))?;
    let accounts: BTreeSet<&str> = accounts.into_iter().map(|account| symbols.get(account)).collect();
    let ledger = Ledger::read(view)?;
    let (counts, _) = ledger.counts();
    let life = Life::read(view)?;
    let days = view.covered_days();
    let name = |day: Option<&i32>| day.map(|day| layout::day_name(Some(*day)));
    Ok(Status {
        path: view.root.to_string_lossy().into_owned(),
        format: view.manifest.format.clone(),
        generation: view.manifest.generation,
        commits: view.manifest.commit,
        kept_since: view.manifest.kept_since.clone(),
        first_day: name(days.first()),
        last_day: name(days.last()),
        covered_days: wide(days.len()),
        accounts: accounts.into_iter().map(str::to_owned).collect(),
        objects: counts.objects_listed,
        objects_failed: counts.objects_failed,
        objects_gone: ledger.gone(),
        objects_lost: wide(ledger.lost().count()),
        records: counts.unique,
        bytes: by_table.values().map(|table| table.bytes).sum(),
        tables: by_table,
        findings: FindingCounts {
            new: life.count(finding::Status::New),
            ongoing: life.count(finding::Status::Ongoing),
            reopened: life.count(finding::Status::Reopened),
            dormant: life.count(finding::Status::Dormant),
            resolved: life.count(finding::Status::Resolved),
            excepted: life.count(finding::Status::Excepted),
        },
    })
}
