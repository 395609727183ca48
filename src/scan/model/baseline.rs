//! Baselines: the findings that were known on a day, and are accepted for a time.

use std::collections::BTreeMap;

use super::finding::Severity;
use super::time::Timestamp;

/// The longest that a baseline holds.
pub const MAX_BASELINE_DAYS: i64 = 90;

/// The findings that were known on a day, and are accepted for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The day it was made.
    pub created: Timestamp,
    /// The last day it holds.
    pub expires: Timestamp,
    /// Who made it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What was known, by fingerprint.
    pub known: BTreeMap<String, Known>,
}

/// One finding of a baseline, told so that people can read the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The rule's id.
    pub rule: String,
    /// Its severity on that day.
    pub severity: Severity,
    /// What it said.
    pub title: String,
}
