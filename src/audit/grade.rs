//! Grades: what makes a match worse, milder or less sure, the same for every rule.

use crate::audit::environment;
use crate::audit::rule::Context;
use crate::expect::RoleExpectation;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

/// Returns the severity, one step up when the role acts in production.
pub(super) fn in_prod(severity: Severity, context: &Context<'_>, role_arn: &str) -> Severity {
    if environment::is_prod_role(context, role_arn) { severity.raised() } else { severity }
}

/// The worst that a match is when it rests on what was learned from logs.
const LEARNED: Severity = Severity::Medium;

/// Caps a match, and says so, when what it rests on was learned from logs and no person has confirmed it. Only for matches
/// that rest on what the role's stanza says: a draft must not be quieter than no file.
pub(super) fn learned(matched: Match, role: Option<&RoleExpectation>) -> Match {
    if matched.severity <= LEARNED || role.is_none_or(|role| !role.learned) {
        return matched;
    }
    let message = format!(
        "{} It is rated {} and not {}, because the expectation that it rests on was learned from logs, and nobody has \
         confirmed it.",
        matched.message,
        LEARNED.name(),
        matched.severity.name()
    );
    Match { severity: LEARNED, message, ..matched }
}

/// As [`learned`], for matches that rest on the role being in production: when that is said by its own stanza, and not by
/// its account.
pub(super) fn learned_env(matched: Match, context: &Context<'_>, role_arn: &str) -> Match {
    let role = context.expectations.role(role_arn).filter(|role| role.env.is_some());
    if environment::is_prod_account(context, role_arn) { matched } else { learned(matched, role) }
}

/// Returns the confidence, at most medium when a hop up to the origin is not certain.
pub(super) fn of_links(confidence: Confidence, session: SessionView<'_>) -> Confidence {
    if session.session.way.is_uncertain { confidence.min(Confidence::Medium) } else { confidence }
}
