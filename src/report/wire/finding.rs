//! Findings.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Text;
use super::Time;
use crate::model::finding;

/// One judged statement, folded over what it is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding<'a> {
    /// The rule's id; `rolechain explain RULE` says more.
    pub rule: &'static str,
    /// How much harm is done if it is true.
    #[schemars(extend("enum" = ["info", "low", "medium", "high", "critical"]))]
    pub severity: &'static str,
    /// How sure it is.
    #[schemars(extend("enum" = ["low", "medium", "high"]))]
    pub confidence: &'static str,
    /// What it rests on: what AWS guarantees, a contradiction to expectations, novelty, or a rule of thumb.
    #[schemars(extend("enum" = ["proof", "match", "novelty", "heuristic"]))]
    pub basis: &'static str,
    /// One line.
    pub title: Text<'a>,
    /// What happened.
    pub message: Text<'a>,
    /// What to do.
    pub remediation: Text<'a>,
    /// Where to read more.
    pub references: Vec<Text<'a>>,
    /// What it is about; findings are folded over it.
    pub key: BTreeMap<Text<'a>, Text<'a>>,
    /// A versioned hash of rule and key: the same finding has the same fingerprint in every run.
    pub fingerprint: Text<'a>,
    /// How many occurrences.
    pub count: u64,
    /// The earliest event.
    pub first_seen: Option<Time>,
    /// The latest event.
    pub last_seen: Option<Time>,
    /// The chains it is about, sorted.
    pub chain_ids: &'a [String],
    /// At most five events that prove it, the first and the last included.
    pub evidence: Vec<Evidence<'a>>,
    /// Where it stands in its life.
    #[schemars(extend("enum" = ["new", "ongoing", "reopened", "resolved", "excepted"]))]
    pub status: &'static str,
    /// Why it is excepted; null when it is not.
    pub exception: Option<Text<'a>>,
}

/// One event that proves a finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Evidence<'a> {
    /// `eventID`.
    pub event_id: Option<Text<'a>>,
    /// The object that holds the record.
    pub object: Option<Text<'a>>,
    /// When it happened.
    pub event_time: Option<Time>,
}

impl<'a> Rows<'a> {
    /// Returns the findings, the worst first.
    pub fn findings(self) -> impl Iterator<Item = Finding<'a>> + 'a {
        self.report.findings.iter().map(move |finding| self.finding(finding))
    }

    /// Returns a finding as a row.
    pub fn finding(&self, finding: &'a finding::Finding) -> Finding<'a> {
        let shown = |text: &'a str| self.finding_text(finding, text);
        Finding {
            rule: finding.rule,
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            basis: finding.basis.name(),
            title: shown(&finding.title),
            message: shown(&finding.message),
            remediation: shown(&finding.remediation),
            references: finding.references.iter().map(|reference| shown(reference)).collect(),
            key: finding.key.iter().map(|(name, value)| (shown(name), shown(value))).collect(),
            fingerprint: shown(&finding.fingerprint),
            count: finding.count,
            first_seen: finding.first_seen.map(Time),
            last_seen: finding.last_seen.map(Time),
            chain_ids: &finding.chain_ids,
            evidence: finding.evidence.iter().map(|event| self.evidence(event)).collect(),
            status: finding.status.name(),
            exception: finding.exception.as_deref().map(shown),
        }
    }

    /// Masks, besides what looks like a key, the key that the finding is about: odd logs hold odd keys.
    fn finding_text(&self, finding: &'a finding::Finding, text: &'a str) -> Text<'a> {
        let mut shown = self.shade.text(text);
        if self.options.redact {
            for (_, key) in finding.key.iter().filter(|(name, key)| name.contains("access_key") && key.len() > 4) {
                if shown.contains(key.as_str()) {
                    shown = Text::Owned(shown.replace(key.as_str(), &self.shade.key(key)));
                }
            }
        }
        shown
    }

    fn evidence(&self, event: &'a finding::Evidence) -> Evidence<'a> {
        Evidence {
            event_id: event.event_id.as_deref().map(|id| self.shade.text(id)),
            object: event.object.as_deref().map(|object| self.shade.text(object)),
            event_time: event.event_time.map(Time),
        }
    }
}
