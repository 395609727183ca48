//! What the owners accept: findings covered by an exception or by a baseline. By whom, why, and until when.

use super::time::Timestamp;

/// The longest that a critical finding which proves itself is accepted.
pub const MAX_CRITICAL_DAYS: i64 = 30;

/// The rules that judge what was accepted of what the others found. Nothing accepts what they find.
pub const ACCEPTANCE_RULES: [&str; 3] = ["baseline-unused", "exception-expired", "exception-unused"];

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
fn until(last_day: Timestamp, days_left: Option<i64>) -> String {
    let date = last_day.date();
    match days_left {
        None => format!("until {date}"),
        Some(1) => format!("until {date}, 1 day left"),
        Some(days) if days >= 0 => format!("until {date}, {days} days left"),
        Some(_) => format!("until {date}, which is over"),
    }
}

/// True when something that holds up to `last_day` holds at a moment: to the end of that day.
pub fn holds_at(last_day: Timestamp, moment: Timestamp) -> bool {
    moment.day() <= last_day.day()
}
