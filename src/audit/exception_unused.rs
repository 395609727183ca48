//! G11: an exception accepts nothing that was found.

use super::Context;
use super::Rule;
use crate::expect::Exception;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(super) static RULE: Rule = Rule {
    id: "exception-unused",
    title: "An exception accepts nothing that was found",
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    remediation: "Take the exception out of rolechain.toml: what it accepted is gone, and the next case should be \
                  seen. If it was meant for something that still happens, its match is wrong; compare it with the \
                  finding's key in the JSON report.",
    references: &["https://csrc.nist.gov/glossary/term/risk_acceptance"],
    page: include_str!("../../docs/rules/exception-unused.md"),
    check,
};

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    claims.extend(context.settled.unused.iter().map(|exception| claim(exception)));
}

fn claim(exception: &Exception) -> Claim {
    Claim {
        key: vec![("detection", exception.detection.clone()), ("match", exception.matched())],
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("The exception of {} for {} accepts nothing", exception.owner, exception.detection),
        message: format!(
            "{} accepts {} where {} up to {}, because: {}. Nothing of that kind was found, although these logs cover \
             at least two weeks since it was made on {}.",
            exception.owner,
            exception.detection,
            exception.matched(),
            exception.expires.date(),
            exception.reason.trim_end_matches('.'),
            exception.created.date(),
        ),
        remediation: None,
        count: 1,
        evidence: Vec::new(),
        chain_ids: Vec::new(),
    }
}
