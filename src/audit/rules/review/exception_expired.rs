//! `exception-expired`: an exception is over, and what it accepted still happens.

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::settled::Ended;
use crate::audit::theme::Theme;
use crate::model::acceptance::MAX_CRITICAL_DAYS;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "exception-expired",
    title: "An exception is over, and what it accepted still happens",
    theme: Theme::Review,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs, and `[[exception]]`",
    remediation: "Remove what the exception accepted, and then the exception. If it has to stay, the owner gives the \
                  exception a new created and expires, and a reason that is still true.",
    techniques: &[],
    reading: &[("NIST: risk acceptance", "https://csrc.nist.gov/glossary/term/risk_acceptance")],
    page: include_str!("../../../../docs/rules/exception-expired.md"),
    check,
};

/// How many findings are named.
const MAX_NAMED: usize = 3;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    matches.extend(context.settled.ended.iter().map(matched));
}

fn matched(ended: &Ended<'_>) -> Match {
    let exception = ended.exception;
    let number = wide(ended.back.len());
    let findings = phrase::count(number, "finding");
    let is = if number == 1 { "is" } else { "are" };
    let named: Vec<&str> = ended.back.iter().take(MAX_NAMED).map(|back| back.title.as_str()).collect();
    let more = if named.len() < ended.back.len() { "; …" } else { "" };
    let why = if ended.last_day < exception.expires {
        format!(
            " The file says {}, but a critical finding that proves itself is accepted for {MAX_CRITICAL_DAYS} days at most.",
            exception.expires.date()
        )
    } else {
        String::new()
    };
    Match {
        key: vec![("detection", exception.detection.clone()), ("match", exception.matched())],
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!(
            "The exception of {} for {} ended on {}, and {findings} {is} back",
            exception.owner,
            exception.detection,
            ended.last_day.date()
        ),
        message: format!(
            "{} accepted {} where {} from {} to {}, because: {}. The logs show it after that day, so {findings} {is} \
             open again: {}{more}.{why}",
            exception.owner,
            exception.detection,
            exception.matched(),
            exception.created.date(),
            ended.last_day.date(),
            exception.reason.trim_end_matches('.'),
            named.join("; "),
        ),
        remediation: None,
        count: number,
        evidence: ended.back.iter().flat_map(|back| back.evidence.iter().cloned()).collect(),
        chain_ids: ended.back.iter().flat_map(|back| back.chain_ids.clone()).collect(),
    }
}
