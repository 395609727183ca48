//! `exception-unused`: an exception accepts nothing that was found.

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::expect::Exception;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "exception-unused",
    title: "An exception accepts nothing that was found",
    theme: Theme::Review,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs of 14 days since the exception was made",
    remediation: "Take the exception out of rolechain.toml: what it accepted is gone, and the next case should be \
                  seen. If it was meant for something that still happens, its match is wrong; compare it with the \
                  finding's key in the JSON report.",
    techniques: &[],
    reading: &[("NIST: risk acceptance", "https://csrc.nist.gov/glossary/term/risk_acceptance")],
    page: include_str!("../../../../docs/rules/exception-unused.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    matches.extend(context.settled.unused.iter().map(|exception| matched(exception)));
}

fn matched(exception: &Exception) -> Match {
    Match {
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
        chain_ids: Chains::default(),
    }
}
