//! Findings.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Text;
use super::Time;
use crate::model::chain::ChainId;
use crate::model::finding;
use crate::model::width::wide;
use crate::report::shown::persona_of;

/// One judged statement, folded over what it is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding<'a> {
    /// The rule's id; `rolechain explain RULE` says more.
    pub rule: &'static str,
    /// How much harm is done if it is true.
    #[schemars(extend("enum" = ["info", "low", "medium", "high", "critical"]))]
    pub severity: &'static str,
    /// How much harm by the rule itself, when the owners gave another grade in `[severity]`; null when they did not.
    #[schemars(extend("enum" = ["info", "low", "medium", "high", "critical", null]))]
    pub regraded_from: Option<&'static str>,
    /// How sure it is.
    #[schemars(extend("enum" = ["low", "medium", "high"]))]
    pub confidence: &'static str,
    /// What it rests on: what AWS guarantees, a contradiction to expectations, novelty, or a rule of thumb.
    #[schemars(extend("enum" = ["proof", "match", "novelty", "heuristic"]))]
    pub basis: &'static str,
    /// Whom its rule is for: who has to act, who wants it tidy, or who has to account for everything.
    #[schemars(extend("enum" = ["regular", "pedantic", "auditor"]))]
    pub persona: &'static str,
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
    /// The chains it is about, sorted: all, unless findings about the same chains would repeat them again and again. Then
    /// it is a hundred of them.
    pub chain_ids: Vec<String>,
    /// How many chains it is about; not there when all are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_ids_total: Option<u64>,
    /// At most five events that prove it, the first and the last included.
    pub evidence: Vec<Evidence<'a>>,
    /// Where it stands in its life; `excepted` when an exception or a baseline accepts it.
    #[schemars(extend("enum" = ["new", "ongoing", "reopened", "dormant", "excepted"]))]
    pub status: &'static str,
    /// Why it is accepted, in words: reason, owner and time; null when it is not.
    pub exception: Option<Text<'a>>,
    /// What accepts it; null when nothing does.
    pub accepted: Option<Accepted<'a>>,
}

/// What accepts a finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Accepted<'a> {
    /// An exception of the expectations file, or a baseline.
    #[schemars(extend("enum" = ["exception", "baseline"]))]
    pub by: &'static str,
    /// Who answers for it.
    pub owner: Text<'a>,
    /// Why.
    pub reason: Text<'a>,
    /// Where it was decided.
    pub ticket: Option<Text<'a>>,
    /// The day it was accepted.
    pub created: Time,
    /// The last day it is accepted, for this finding.
    pub expires: Time,
    /// Days from the last event of the logs to that day; negative when it is over and the finding was not seen since.
    pub days_left: Option<i64>,
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

impl Finding<'_> {
    /// Returns how many chains it is about.
    pub fn count_chains(&self) -> u64 {
        self.chain_ids_total.unwrap_or(wide(self.chain_ids.len()))
    }
}

impl<'a> Rows<'a> {
    /// Returns the findings, the worst first.
    pub fn findings(self) -> impl Iterator<Item = Finding<'a>> + 'a {
        self.report.findings.iter().map(move |finding| self.finding(finding))
    }

    /// Returns a finding as a row.
    pub fn finding(&self, finding: &'a finding::Finding) -> Finding<'a> {
        let shown = |text: &'a str| self.finding_text(finding, text);
        let mut chain_ids: Vec<ChainId> =
            finding.chain_ids.ids(&self.lineage().by_descent).take(finding.listed_chains).collect();
        chain_ids.sort_unstable();
        let total = finding.chain_ids.len();
        Finding {
            rule: finding.rule,
            severity: finding.severity.name(),
            regraded_from: finding.regraded_from.map(finding::Severity::name),
            confidence: finding.confidence.name(),
            basis: finding.basis.name(),
            persona: persona_of(finding.rule).name(),
            title: shown(&finding.title),
            message: shown(&finding.message),
            remediation: shown(&finding.remediation),
            references: finding.references.iter().map(|reference| shown(reference)).collect(),
            key: finding.key.iter().map(|(name, value)| (shown(name), shown(value))).collect(),
            fingerprint: shown(&finding.fingerprint),
            count: finding.count,
            first_seen: finding.first_seen.map(Time),
            last_seen: finding.last_seen.map(Time),
            chain_ids_total: (total > chain_ids.len()).then_some(wide(total)),
            chain_ids: chain_ids.iter().map(ChainId::to_string).collect(),
            evidence: finding.evidence.iter().map(|event| self.evidence(event)).collect(),
            status: finding.status.name(),
            exception: finding
                .exception
                .as_ref()
                .map(|accepted| Text::Owned(self.finding_text(finding, &accepted.told()).into_owned())),
            accepted: finding.exception.as_ref().map(|accepted| Accepted {
                by: accepted.by.name(),
                owner: shown(&accepted.owner),
                reason: shown(&accepted.reason),
                ticket: accepted.ticket.as_deref().map(shown),
                created: Time(accepted.created),
                expires: Time(accepted.last_day),
                days_left: accepted.days_left,
            }),
        }
    }

    /// Masks, besides what looks like a key, the key that the finding is about: odd logs hold odd keys.
    pub(in crate::report) fn finding_text<'t>(&self, finding: &finding::Finding, text: &'t str) -> Text<'t> {
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
