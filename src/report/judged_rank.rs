//! Which findings call for action, and which of them count most.

use std::cmp::Reverse;

use super::shown::persona_of;
use crate::audit;
use crate::audit::Theme;
use crate::model::finding::Finding;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

/// Says whether a finding is for whoever has to act: tidiness, and what is only worth knowing, make nothing unexpected, and
/// nothing that they are about is called expected. Nor do gaps of the logs: they say nothing against an act.
pub(super) fn calls_for_action(finding: &Finding) -> bool {
    let is_about_logs = finding.rule == "missing-link"
        || finding.rule != "logging-tampered"
            && audit::rule(finding.rule).is_some_and(|rule| rule.theme == Theme::Integrity);
    finding.severity > Severity::Info && persona_of(finding.rule) == Persona::Regular && !is_about_logs
}

/// Orders findings: those that call for action first, of them the worst, and of those that are as bad the one about the
/// fewest chains.
pub(super) fn rank(finding: &Finding) -> (bool, Reverse<Severity>, usize) {
    (!calls_for_action(finding), Reverse(finding.severity), finding.chain_ids.len())
}

/// True of a change of who may come in: its finding lists who came in later, too.
pub(super) fn is_of_door(finding: &Finding) -> bool {
    matches!(finding.rule, "identity-provider-changed" | "trust-policy-changed")
}
