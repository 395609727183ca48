//! Admitted: do the expectations admit who entered a role? Asked for each session, where rules speak only of those that
//! they refuse.

use crate::audit::caller;
use crate::audit::caller::Caller;
use crate::audit::subjects;
use crate::expect::Expectations;
use crate::expect::RoleExpectation;
use crate::model::arn;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;

/// What the expectations say of who entered a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Whether they admit it; `None` when they do not say who may enter the role, or there is no role.
    pub is_admitted: Option<bool>,
    /// What they say was learned from logs, and nobody has confirmed it.
    pub is_learned: bool,
}

/// Returns what the expectations say of each session, in the order of their ids.
pub fn entries(lineage: &Lineage, expectations: &Expectations) -> Vec<Entry> {
    lineage.sessions().map(|session| entry(session, expectations)).collect()
}

fn entry(session: SessionView<'_>, expectations: &Expectations) -> Entry {
    let Some(role_arn) = session.role_arn() else { return Entry::default() };
    let Some(role) = expectations.role(role_arn) else { return Entry::default() };
    let kind = session.origin().kind.name();
    let by_origin = (!role.origin.is_empty()).then(|| role.admits_origin(kind));
    let is_admitted = if subjects::is_entry(session) {
        let token = session.origin().token.as_ref();
        let is_listed = || token.is_some_and(|token| role.subject_refusal(token).is_none());
        // That tokens may enter does not say which.
        let by_subject = (!role.subjects.is_empty()).then(is_listed);
        both(by_subject, by_origin).filter(|is_admitted| by_subject.is_some() || !is_admitted)
    } else {
        let by_caller = (!role.from.is_empty())
            .then(|| caller::caller(session).is_some_and(|caller| admits(role, role_arn, &caller)));
        both(by_caller, by_origin)
    };
    Entry { is_admitted, is_learned: role.learned }
}

/// Both must hold that are asked for.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    [one, other].into_iter().flatten().reduce(|one, other| one && other)
}

/// True when `from` of a role admits a caller.
pub(super) fn admits(role: &RoleExpectation, role_arn: &str, caller: &Caller<'_>) -> bool {
    match caller {
        // A role that assumes itself gains nothing.
        Caller::Principal(arn) => {
            arn::is_same_role(arn, role_arn) || role.caller(Some(arn), arn::account(arn)).is_some()
        }
        // The target's copy of a call hides the role: any expected caller of that account may be the one.
        Caller::SomebodyOf(account) => role.from.may_be_of(account),
    }
}
