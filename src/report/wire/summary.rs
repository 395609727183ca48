//! The report in numbers.

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use crate::model::chain::Session;
use crate::model::finding::Finding;
use crate::model::finding::Severity;
use crate::model::finding::Status;
use crate::model::width::wide;

/// The report in numbers.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Listed chains.
    pub chains: u64,
    /// Listed routes.
    pub routes: u64,
    /// All sessions, those of unlisted chains included; when some of the chains were asked for, theirs.
    pub sessions: u64,
    /// Granted assumptions whose record is here; both copies of a cross-account one are one.
    pub assumptions: u64,
    /// Records of denied assumptions.
    pub denied_assumptions: u64,
    /// Single hops of AWS services, which are listed only with `--include-services`.
    pub service_chains_not_listed: u64,
    /// Listed chains that are not complete.
    pub chains_with_gaps: u64,
    /// Findings that are open.
    pub findings: BySeverity,
    /// Findings that an exception or a baseline covers; they are not counted in `findings`.
    pub findings_excepted: u64,
    /// Findings that were left out because less was asked for; they are counted nowhere else.
    pub findings_not_shown: NotShown,
}

/// Findings that were left out, each counted once.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct NotShown {
    /// Below `--min-severity`.
    pub below_min_severity: u64,
    /// Below `--min-confidence`.
    pub below_min_confidence: u64,
    /// For `--persona pedantic`.
    pub for_pedantic: u64,
    /// For `--persona auditor`.
    pub for_auditor: u64,
}

/// A number for each severity.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct BySeverity {
    /// To be looked at now.
    pub critical: u64,
    /// To be looked at today.
    pub high: u64,
    /// To be looked at.
    pub medium: u64,
    /// Hygiene.
    pub low: u64,
    /// Worth knowing.
    pub info: u64,
}

impl BySeverity {
    /// Counts the findings that are open: neither excepted nor resolved.
    pub fn of(findings: &[Finding]) -> Self {
        let mut counts = Self::default();
        for finding in findings.iter().filter(|finding| finding.is_open()) {
            *match finding.severity {
                Severity::Critical => &mut counts.critical,
                Severity::High => &mut counts.high,
                Severity::Medium => &mut counts.medium,
                Severity::Low => &mut counts.low,
                Severity::Info => &mut counts.info,
            } += 1;
        }
        counts
    }

    /// Returns each severity's name and number, the worst first.
    pub fn worst_first(&self) -> [(&'static str, u64); 5] {
        [
            ("critical", self.critical),
            ("high", self.high),
            ("medium", self.medium),
            ("low", self.low),
            ("info", self.info),
        ]
    }
}

impl NotShown {
    /// How many findings were left out because less was asked for. What other personas would hear is told at the end.
    pub fn filtered(&self) -> u64 {
        self.below_min_severity + self.below_min_confidence
    }
}

impl Rows<'_> {
    /// Returns the report in numbers.
    pub fn summary(&self) -> Summary {
        let lineage = self.lineage();
        let hidden = &self.report.run.hidden;
        let sessions = self.sessions();
        let listed = || lineage.chains.iter().filter(|chain| self.is_shown(chain.is_listed));
        let excepted = self.report.findings.iter().filter(|finding| finding.status == Status::Excepted);
        // What was left out of a narrowed report is gone from the runs, and not from the records.
        let denied: usize = match () {
            () if self.options.only_chains => 0,
            () if self.report.is_narrowed() => lineage.denied.iter().map(|run| run.records.len()).sum(),
            () => lineage.observations.assumptions.iter().filter(|assumption| assumption.is_refused()).count(),
        };
        Summary {
            chains: wide(listed().count()),
            routes: wide(lineage.routes.iter().filter(|route| self.is_shown(route.is_listed)).count()),
            sessions: wide(sessions.len()),
            assumptions: wide(sessions.iter().filter(|session| session.issuance.is_some()).count()),
            denied_assumptions: wide(denied),
            service_chains_not_listed: wide(lineage.chains.len() - listed().count()),
            chains_with_gaps: wide(listed().filter(|chain| lineage.leaf(chain).session.way.gap.is_some()).count()),
            findings: BySeverity::of(self.report.findings),
            findings_excepted: wide(excepted.count()),
            findings_not_shown: NotShown {
                below_min_severity: hidden.severity,
                below_min_confidence: hidden.confidence,
                for_pedantic: hidden.pedantic,
                for_auditor: hidden.auditor,
            },
        }
    }

    /// Returns the sessions that are told of: all, or those of the chains that were asked for.
    fn sessions(&self) -> Vec<&Session> {
        let lineage = self.lineage();
        if !self.options.only_chains && !self.report.is_narrowed() {
            return lineage.sessions.iter().collect();
        }
        lineage.sessions_of(&lineage.chains).into_iter().map(|id| lineage.session(id).session).collect()
    }
}
