//! Findings that the owners accept, for a reason and a time.

use crate::model::finding::Basis;
use crate::model::finding::Severity;
use crate::model::glob::Glob;
use crate::model::time::Timestamp;

/// The longest time between `created` and `expires`.
pub const MAX_EXCEPTION_DAYS: i64 = 366;

/// Words in which people write a part of a match, and what the keys of findings call it.
pub(super) const ALIASES: [(&str, &str); 4] =
    [("account", "account_id"), ("key", "access_key_id"), ("role", "role_arn"), ("user", "principal_arn")];

/// What one `[[exception]]` says. What it covers is still evaluated, counted and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The rule whose findings it accepts.
    pub detection: String,
    /// Which of them: every part of this list must be in the finding's key and fit the glob. Sorted by part.
    pub matches: Vec<(String, Glob)>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// The day it was made.
    pub created: Timestamp,
    /// The last day it holds.
    pub expires: Timestamp,
    /// The line of the file it begins at, to name it in messages.
    pub line: usize,
}

impl Exception {
    /// True when it speaks of a finding of `rule` whose key has these parts.
    pub fn covers<'a>(&self, rule: &str, key: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.detection == rule && self.parts().all(|(part, glob)| key(part).is_some_and(|value| glob.matches(value)))
    }

    /// Returns the parts of the match, by the names that the keys of findings use.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &Glob)> {
        self.matches.iter().map(|(part, glob)| {
            let known = ALIASES.iter().find(|(alias, _)| alias == part);
            (known.map_or(part.as_str(), |(_, name)| *name), glob)
        })
    }

    /// Returns what it matches as one line: what tells it from other exceptions for the same rule.
    pub fn matched(&self) -> String {
        let parts: Vec<String> = self.parts().map(|(part, glob)| format!("{part} = {glob}")).collect();
        parts.join(", ")
    }

    /// Returns the last day on which it accepts a finding of this gravity.
    pub fn last_day(&self, severity: Severity, basis: Basis) -> Timestamp {
        severity.last_day(basis, self.created, self.expires)
    }
}
