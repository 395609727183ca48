//! Claims: what the conditions of a statement on claims besides `sub` narrow a grant to.

use super::breadth::Breadth;
use super::operator::Test;
use super::policy::Condition;
use super::policy::Statement;
use super::request;
use crate::provider::Claim;
use crate::provider::Issuer;

/// What the claims of one issuer narrow a grant to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// One owner or one repository, whatever the pattern of subjects admits.
    pub to: Option<Breadth>,
    /// Something that strangers cannot choose is asked for: a person, a customer's own application.
    pub is_firm: bool,
    /// A reusable workflow is asked for, which strangers can call when it is public.
    pub is_callable: bool,
}

/// Reads the conditions on claims of an issuer that list what may be.
pub fn narrowed(statement: &Statement, issuer: Issuer<'_>) -> Narrowed {
    let mut narrowed = Narrowed::default();
    let is_text =
        |condition: &&Condition| matches!(condition.operator.test, Test::Equals | Test::EqualsIgnoreCase | Test::Like);
    for condition in statement.conditions.iter().filter(|condition| condition.operator.is_guard()).filter(is_text) {
        let own = request::claim(&condition.key).filter(|(of, _)| of.eq_ignore_ascii_case(issuer.host));
        let Some(claim) = own.map(|(_, claim)| claim.to_ascii_lowercase()).filter(|claim| claim != "sub") else {
            continue;
        };
        let is_literal = !condition.values.iter().any(|value| value.contains(['*', '?']));
        let to = match issuer.claim(&claim) {
            Claim::Owner | Claim::Enterprise if is_literal => Some(Breadth::WholeOwner),
            Claim::Project | Claim::ProjectAndContext | Claim::OwnerAndProject | Claim::FileOfProject => {
                if is_literal || names_project(condition) {
                    Some(Breadth::WholeRepo)
                } else {
                    names_owner(condition).then_some(Breadth::WholeOwner)
                }
            }
            Claim::Firm => {
                let is_file = condition.values.iter().all(|value| value.contains('/'));
                narrowed.is_callable |= is_file && names_owner(condition);
                narrowed.is_firm |= is_literal && !is_file;
                None
            }
            Claim::Owner | Claim::Enterprise | Claim::Context | Claim::Run => None,
        };
        narrowed.is_firm |= is_literal && issuer.customer_claim() == Some(claim.as_str());
        narrowed.to = match (narrowed.to, to) {
            (Some(known), Some(new)) => Some(known.min(new)),
            (known, new) => known.or(new),
        };
    }
    narrowed
}

/// True when every value names an owner before its first slash.
fn names_owner(condition: &Condition) -> bool {
    condition.values.iter().all(|value| value.split_once('/').is_some_and(|(owner, _)| !owner.contains(['*', '?'])))
}

/// True when every value names an owner and a project, and has something after them: `acme/orders/.github/…`.
fn names_project(condition: &Condition) -> bool {
    condition.values.iter().all(|value| {
        let mut parts = value.splitn(3, '/');
        let is_plain = |part: Option<&str>| part.is_some_and(|part| !part.contains(['*', '?']));
        is_plain(parts.next()) && is_plain(parts.next()) && parts.next().is_some()
    })
}
