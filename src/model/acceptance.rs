//! What the owners accept: findings covered by an exception or by a baseline. By whom, why, and until when.

use std::collections::BTreeMap;

use super::finding::Basis;
use super::finding::Severity;
use super::time::Timestamp;

/// The longest that a critical finding which proves itself is accepted.
pub const MAX_CRITICAL_DAYS: i64 = 30;

/// The longest that a baseline holds.
pub const MAX_BASELINE_DAYS: i64 = 90;

/// The rules that judge what was accepted of what the others found. Nothing accepts what they find.
pub const ACCEPTANCE_RULES: [&str; 3] = ["baseline-unused", "exception-expired", "exception-unused"];

/// One day, in seconds.
const DAY: i64 = 86_400;

/// What accepts a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AcceptedBy {
    /// An exception of the expectations file.
    Exception,
    /// A baseline: the finding was known when the baseline was made.
    Baseline,
}

impl AcceptedBy {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Baseline => "baseline",
        }
    }
}

/// Why a finding is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// What accepts it.
    pub by: AcceptedBy,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// The day it was accepted.
    pub created: Timestamp,
    /// The last day it holds for this finding.
    pub last_day: Timestamp,
    /// Days from the last event of the logs to the last day; negative when that day is over and the finding was not seen
    /// after it. `None` when the logs have no time.
    pub days_left: Option<i64>,
}

impl Acceptance {
    /// Tells reason, owner and time in one line.
    pub fn told(&self) -> String {
        let ticket = self.ticket.as_deref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
        let who = match self.by {
            AcceptedBy::Exception => format!("{}{ticket}", self.owner),
            AcceptedBy::Baseline => format!("baseline of {} by {}", self.created.date(), self.owner),
        };
        format!("{} ({who}, {})", self.reason, until(self.last_day, self.days_left))
    }
}

/// Says until when something holds, and how long that is.
pub fn until(last_day: Timestamp, days_left: Option<i64>) -> String {
    let date = last_day.date();
    match days_left {
        None => format!("until {date}"),
        Some(1) => format!("until {date}, 1 day left"),
        Some(days) if days >= 0 => format!("until {date}, {days} days left"),
        Some(_) => format!("until {date}, which is over"),
    }
}

/// Returns the last day on which a finding of this gravity is accepted, whatever else was written.
pub fn last_day(created: Timestamp, expires: Timestamp, severity: Severity, basis: Basis) -> Timestamp {
    if severity == Severity::Critical && basis == Basis::Proof {
        return expires.min(created.plus(MAX_CRITICAL_DAYS * DAY));
    }
    expires
}

/// True when something that holds up to `last_day` holds at a moment: to the end of that day.
pub fn holds_at(last_day: Timestamp, moment: Timestamp) -> bool {
    moment.day() <= last_day.day()
}

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
