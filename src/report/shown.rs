//! Which findings are shown: whoever asks for less is told how much was left out.

use std::collections::BTreeMap;

use super::names::count;
use crate::audit;
use crate::model::finding::Confidence;
use crate::model::finding::Finding;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::Timestamp;

/// Which findings are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Only findings at least this severe.
    pub min_severity: Severity,
    /// Only findings at least this sure.
    pub min_confidence: Confidence,
    /// Only findings of rules for this persona, and for those before it.
    pub persona: Persona,
}

impl Default for Choice {
    fn default() -> Self {
        Self { min_severity: Severity::Info, min_confidence: Confidence::Low, persona: Persona::Regular }
    }
}

/// What was left out. Each finding is counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Less severe than wanted.
    pub severity: u64,
    /// Less sure than wanted.
    pub confidence: u64,
    /// For pedantic readers only.
    pub pedantic: u64,
    /// For auditors only.
    pub auditor: u64,
    /// How many of each rule were below what was wanted: of a rule for another persona nothing was wanted at all.
    pub by_rule: BTreeMap<&'static str, u64>,
}

impl Choice {
    /// Takes out of `findings` what is not wanted, and counts it.
    pub fn apply(&self, findings: &mut Vec<Finding>) -> Hidden {
        let mut hidden = Hidden::default();
        findings.retain(|finding| {
            let persona = persona_of(finding.rule);
            if self.persona < persona {
                *(if persona == Persona::Auditor { &mut hidden.auditor } else { &mut hidden.pedantic }) += 1;
                return false;
            }
            if finding.severity < self.min_severity {
                hidden.severity += 1;
            } else if finding.confidence < self.min_confidence {
                hidden.confidence += 1;
            } else {
                return true;
            }
            *hidden.by_rule.entry(finding.rule).or_default() += 1;
            false
        });
        hidden
    }
}

/// Returns whom a rule is for.
pub(super) fn persona_of(rule: &str) -> Persona {
    audit::rule(rule).map_or(Persona::Regular, |rule| rule.persona)
}

impl Hidden {
    /// Says in a sentence what was left out and how to see it; `None` when nothing was.
    pub fn told(&self, choice: &Choice) -> Option<String> {
        let parts = [
            (self.severity, format!("below --min-severity {}", choice.min_severity.name())),
            (self.confidence, format!("below --min-confidence {}", choice.min_confidence.name())),
            (self.pedantic, format!("for --persona {}", Persona::Pedantic.name())),
            (self.auditor, format!("for --persona {}", Persona::Auditor.name())),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, why)| format!("{} {why}", count(number, "finding").replace('\u{a0}', " ")))
            .collect();
        (!parts.is_empty()).then(|| format!("Not shown: {}.", parts.join(", ")))
    }
}

/// What a baseline came to: the number that should shrink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The file, as the user named it.
    pub file: String,
    /// The day it was made.
    pub created: Timestamp,
    /// The last day it holds.
    pub expires: Timestamp,
    /// Who made it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// How many findings it knows.
    pub known: u64,
    /// How many of them are still there, and accepted.
    pub accepted: u64,
    /// How many of them are still there, and open again because its time is over.
    pub open: u64,
}

impl Standing {
    /// Tells it in one line.
    pub fn told(&self) -> String {
        let open = match self.open {
            0 => String::new(),
            open => format!(", {open} open again because its time is over"),
        };
        format!(
            "{} of {} known findings still there and accepted{open}; made {} by {}, until {}",
            self.accepted,
            self.known,
            self.created.date(),
            self.by,
            self.expires.date()
        )
    }
}
