//! Granted: the roles whose trust policy is known, with what it lets in and who used it.

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::model::arn;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Severity;
use crate::trust::Policy;
use crate::trust::operator::Test;
use crate::trust::policy::Condition;
use crate::trust::policy::Statement;
use crate::trust::timeline::Source;
use crate::trust::usage::GrantUse;
use crate::trust::usage::InForce;
use crate::trust::usage::RoleUse;

/// A role and its latest trust policy.
#[derive(Clone, Copy)]
pub(super) struct Granted<'r, 'a> {
    pub(super) role: &'r RoleUse<'a>,
    in_force: &'r InForce<'a>,
}

/// Returns every role whose latest trust policy is known and can be read. Service-linked roles are AWS's own.
pub(super) fn all<'r, 'a>(context: &'r Context<'a>) -> impl Iterator<Item = Granted<'r, 'a>> {
    let known = context.in_force.roles().iter();
    known
        .filter(|role| !arn::is_service_linked_role(&role.role_arn))
        .filter_map(|role| Some(Granted { role, in_force: role.in_force.as_ref()? }))
}

impl<'r> Granted<'r, '_> {
    /// Returns the role.
    pub(super) fn role_arn(&self) -> &'r str {
        &self.role.role_arn
    }

    /// Returns the account of the role.
    pub(super) fn account(&self) -> Option<&'r str> {
        arn::account(&self.role.role_arn)
    }

    /// Returns the policy.
    pub(super) fn policy(&self) -> &'r Policy {
        &self.in_force.policy
    }

    /// Returns what the policy grants, and who came in by it.
    pub(super) fn grants(&self) -> &'r [GrantUse] {
        &self.in_force.grants
    }

    /// Says from where the policy is known.
    pub(super) fn source(&self, context: &Context<'_>) -> String {
        self.in_force.step.said(context.lineage)
    }

    /// Returns the event that set the policy; nothing when it is known from a snapshot.
    pub(super) fn evidence(&self, context: &Context<'_>) -> Vec<Evidence> {
        let Source::Event(_, Some(id)) = self.in_force.step.source else { return Vec::new() };
        let lineage = context.lineage;
        let change = context.in_force.change(id);
        let evidence = change.map(|change| Evidence {
            event_time: change.time,
            event_id: Some(id.text(&lineage.observations.symbols)),
            object: Some(lineage.str(change.object).to_owned()),
        });
        evidence.into_iter().collect()
    }

    /// Names the role with its account.
    pub(super) fn said(&self, context: &Context<'_>) -> String {
        phrase::role(context, self.role_arn())
    }

    /// True when a `Deny` statement may take back what strangers are allowed.
    pub(super) fn is_narrowed(&self, call: &str) -> bool {
        self.policy().may_deny_strangers(call)
    }

    /// Returns a judgment of what the `Allow` statements admit, made careful where a `Deny` may take it back; and
    /// the sentence that says so.
    pub(super) fn careful(&self, call: &str, severity: Severity) -> (Severity, Confidence, &'static str) {
        if self.is_narrowed(call) {
            let note = " The policy has a Deny statement for this call, too, which may take this back: that is not \
                        worked out here, so this is reported as low.";
            (severity.min(Severity::Low), Confidence::Low, note)
        } else {
            (severity, Confidence::High, "")
        }
    }
}

/// Returns the conditions of a statement that list what may be, and fail without their key.
pub(super) fn guards(statement: &Statement) -> impl Iterator<Item = &Condition> {
    statement.conditions.iter().filter(|condition| condition.operator.is_guard() && !is_open(condition))
}

/// True when a condition admits every value: nothing but wildcards.
fn is_open(condition: &Condition) -> bool {
    let has_wildcards = matches!(condition.operator.test, Test::Like | Test::Arn);
    let is_anything = |value: &String| value.contains('*') && value.chars().all(|c| matches!(c, '*' | '?'));
    has_wildcards && condition.values.iter().any(is_anything)
}

/// True when a statement asks for the caller's ARN or unique id: that names callers as exactly as a principal does.
pub(super) fn names_callers(statement: &Statement) -> bool {
    let is_of_caller =
        |key: &str| key.eq_ignore_ascii_case("aws:PrincipalArn") || key.eq_ignore_ascii_case("aws:userid");
    guards(statement).any(|guard| is_of_caller(&guard.key) && guard.keeps_strangers_out())
}
