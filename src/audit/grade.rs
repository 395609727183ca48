//! Grades: what makes a match worse, milder or less sure, the same for every rule.

use crate::audit::environment;
use crate::audit::rule::Context;
use crate::expect::RoleExpectation;
use crate::model::finding::Confidence;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

/// Returns the severity, one step up when the role acts in production, and at most medium when what it rests on was
/// learned from logs and no person has confirmed it. Only for matches that rest on what the role's stanza says.
pub(super) fn of_role(severity: Severity, context: &Context<'_>, role_arn: &str) -> Severity {
    let raised = if environment::is_prod_role(context, role_arn) { severity.raised() } else { severity };
    learned(raised, context.expectations.role(role_arn))
}

/// Returns the severity, one step up when the role acts in production: for what would be told without the role's stanza,
/// too. A draft must not be quieter than no file.
pub(super) fn in_prod(severity: Severity, context: &Context<'_>, role_arn: &str) -> Severity {
    if environment::is_prod_role(context, role_arn) { severity.raised() } else { severity }
}

/// Returns the severity, at most medium when that the role acts in production was learned: said by its own stanza, and
/// not by its account.
pub(super) fn learned_env(severity: Severity, context: &Context<'_>, role_arn: &str) -> Severity {
    let role = context.expectations.role(role_arn).filter(|role| role.env.is_some());
    if environment::is_prod_account(context, role_arn) { severity } else { learned(severity, role) }
}

/// Returns the severity, at most medium when the expectation was learned: for matches that rest on what the stanza says.
pub(super) fn learned(severity: Severity, role: Option<&RoleExpectation>) -> Severity {
    if role.is_some_and(|role| role.learned) { severity.min(Severity::Medium) } else { severity }
}

/// Returns the confidence, at most medium when a hop up to the origin is not certain.
pub(super) fn of_links(confidence: Confidence, session: SessionView<'_>) -> Confidence {
    if session.session.way.is_uncertain { confidence.min(Confidence::Medium) } else { confidence }
}
