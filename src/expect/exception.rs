//! Findings that the owners accept, for a reason and a time; and the grades that they give.

use super::glob::Glob;
use crate::model::time::Timestamp;

/// The longest time between `created` and `expires`.
pub const MAX_EXCEPTION_DAYS: i64 = 366;

/// What one `[[exception]]` says. It is still evaluated, counted and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The rule whose findings it accepts.
    pub detection: String,
    /// Which of them: every key of this list must be in the finding's key and fit the glob.
    pub matches: Vec<(String, Glob)>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// The day it was made.
    pub created: Option<Timestamp>,
    /// The last day it holds.
    pub expires: Timestamp,
    /// The line of the file it begins at, to name it in messages.
    pub line: usize,
}

impl Exception {
    /// True when it speaks of a finding of `rule` whose key has these parts.
    pub fn covers<'a>(&self, rule: &str, key: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.detection == rule
            && self.matches.iter().all(|(part, glob)| key(part).is_some_and(|value| glob.matches(value)))
    }

    /// True from the day after `expires`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now.day() > self.expires.day()
    }
}
