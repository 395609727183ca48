//! Grants: the `Allow` statements of a policy taken apart, one for each principal and pattern of subjects.

use std::collections::BTreeSet;

use super::breadth::Breadth;
use super::claims;
use super::judge::Verdict;
use super::observed::Observed;
use super::operator::Test;
use super::policy::Condition;
use super::policy::Policy;
use super::policy::Statement;
use super::policy::Who;
use super::principal::Principal;
use super::request;
use crate::model::glob;
use crate::model::kinds::Kinds;
use crate::provider;
use crate::provider::Issuer;

/// One principal, or one pattern of an issuer's subjects, that a statement lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The place of the statement in the policy.
    pub statement: usize,
    /// Whom the statement names.
    pub principal: Principal,
    /// The pattern of subjects; `None` when the statement does not ask for the subject.
    pub subject: Option<SubjectPattern>,
    /// The audiences asked for; empty when any will do.
    pub audiences: BTreeSet<String>,
    /// The values of `sts:ExternalId` asked for; empty when none is needed.
    pub external_ids: BTreeSet<String>,
    /// The other keys that must have certain values, as the policy spells them.
    pub other_keys: BTreeSet<String>,
    /// How much it admits.
    pub breadth: Breadth,
}

/// A pattern of subjects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubjectPattern {
    /// As the policy has it.
    pub text: String,
    /// True under `StringLike`: `*` and `?` are wildcards.
    pub has_wildcards: bool,
    /// True under `StringEqualsIgnoreCase`.
    pub ignores_case: bool,
}

impl SubjectPattern {
    /// True when a subject fits.
    pub fn fits(&self, subject: &str) -> bool {
        match (self.has_wildcards, self.ignores_case) {
            (true, _) => glob::matches(&self.text, subject),
            (false, true) => self.text.to_lowercase() == subject.to_lowercase(),
            (false, false) => self.text == subject,
        }
    }
}

/// Returns what a policy grants, in the order of its statements. `kinds` says of which providers issuers are.
pub fn all(policy: &Policy, kinds: &Kinds) -> Vec<Grant> {
    let mut grants = Vec::new();
    for (at, statement) in policy.allowing() {
        if statement.who == Who::NotThese {
            let principal = Principal::Other("NotPrincipal".to_owned());
            grants.push(grant(at, statement, principal, None, Breadth::NotModeled));
        }
        for principal in statement.principals() {
            match principal {
                Principal::Federated(provider) if !is_saml(provider) => {
                    grants.extend(of_issuer(at, statement, principal, Issuer::of(kinds, provider)));
                }
                _ => grants.push(grant(at, statement, principal.clone(), None, of_principal(principal))),
            }
        }
    }
    grants
}

fn is_saml(provider: &str) -> bool {
    provider.contains(":saml-provider/")
}

fn of_principal(principal: &Principal) -> Breadth {
    match principal {
        Principal::Anybody => Breadth::Everybody,
        Principal::Account(_) => Breadth::WholeAccount,
        Principal::Aws(arn) if arn.starts_with("arn:") => Breadth::OnePrincipal,
        Principal::Aws(_) => Breadth::DeletedPrincipal,
        Principal::Federated(_) => Breadth::WholeProvider,
        Principal::Service(_) => Breadth::Service,
        Principal::Other(_) => Breadth::NotModeled,
    }
}

fn of_issuer(at: usize, statement: &Statement, principal: &Principal, issuer: Issuer<'_>) -> Vec<Grant> {
    // Of several conditions on the subject all must hold: the narrowest says who comes in.
    let of_subject = guards(statement).filter(|condition| is_claim(condition, issuer.host, "sub"));
    let guard = of_subject.min_by_key(|guard| guard.values.iter().map(|text| breadth(issuer, guard, text)).max());
    let narrowed = claims::narrowed(statement, issuer);
    let Some(guard) = guard else {
        let other = match (narrowed.is_firm, narrowed.is_callable) {
            (true, _) => Breadth::OtherClaim,
            (false, true) => Breadth::Callers,
            (false, false) => Breadth::AnySubject,
        };
        return vec![grant(at, statement, principal.clone(), None, narrowed.to.unwrap_or(other))];
    };
    let pattern = |text: &String| {
        let test = guard.operator.test;
        let (has_wildcards, ignores_case) = (test == Test::Like, test == Test::EqualsIgnoreCase);
        let subject = SubjectPattern { text: text.clone(), has_wildcards, ignores_case };
        let breadth = breadth(issuer, guard, text);
        let breadth = match (breadth, narrowed.to) {
            // Strangers may call the workflow, and are out by the owner.
            (Breadth::Callers, Some(_)) => Breadth::OtherClaim,
            (breadth, Some(to)) => breadth.min(to),
            (breadth, None) => breadth,
        };
        grant(at, statement, principal.clone(), Some(subject), breadth)
    };
    guard.values.iter().map(pattern).collect()
}

/// Returns how much a value of a condition on the subject admits.
fn breadth(issuer: Issuer<'_>, guard: &Condition, text: &str) -> Breadth {
    Breadth::of_subjects(issuer, text, guard.operator.test == Test::Like)
}

fn grant(
    at: usize,
    statement: &Statement,
    principal: Principal,
    subject: Option<SubjectPattern>,
    breadth: Breadth,
) -> Grant {
    let mut grant = Grant {
        statement: at,
        principal,
        subject,
        audiences: BTreeSet::new(),
        external_ids: BTreeSet::new(),
        other_keys: BTreeSet::new(),
        breadth,
    };
    for condition in guards(statement) {
        let values = condition.values.iter().cloned();
        match request::claim(&condition.key) {
            Some((_, claim)) if claim.eq_ignore_ascii_case("aud") => grant.audiences.extend(values),
            Some((_, claim)) if claim.eq_ignore_ascii_case("sub") => {}
            _ if condition.key.eq_ignore_ascii_case("sts:ExternalId") => grant.external_ids.extend(values),
            _ => {
                grant.other_keys.insert(condition.key.clone());
            }
        }
    }
    grant
}

/// Returns the conditions that keep strangers out: those that fail without their key.
fn guards(statement: &Statement) -> impl Iterator<Item = &Condition> {
    statement.conditions.iter().filter(|condition| condition.operator.is_guard())
}

fn is_claim(condition: &Condition, issuer: &str, claim: &str) -> bool {
    request::claim(&condition.key)
        .is_some_and(|(of, own)| of.eq_ignore_ascii_case(issuer) && own.eq_ignore_ascii_case(claim))
}

impl Grant {
    /// Says in words whom it lets in.
    pub fn said(&self) -> String {
        match &self.subject {
            Some(subject) => subject.text.clone(),
            None => match &self.principal {
                Principal::Federated(provider) if self.breadth == Breadth::AnySubject => {
                    format!("every subject of {}", provider::issuer_of(provider))
                }
                principal => principal.said(),
            },
        }
    }

    /// True when an observed assumption may have come in by this grant: nothing that is known speaks against it.
    pub fn may_admit(&self, policy: &Policy, observed: &Observed<'_>) -> bool {
        let Some(statement) = policy.statements.get(self.statement) else { return false };
        let request = &observed.request;
        let Some(action) = request.actions.first() else { return false };
        let fits_subject = match (&self.subject, observed.subject) {
            (Some(pattern), Some(subject)) => pattern.fits(subject),
            (Some(_), None) => false,
            (None, _) => true,
        };
        fits_subject
            && !self.principal.is(&request.caller).is_no()
            && !statement.applies(action, request, policy.has_variables).is_no()
    }
}

/// Counts how observed assumptions stand to the policies that were in force when they were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The policy let them in.
    pub allowed: u64,
    /// The policy would have kept them out: it was another one, or a snapshot is not of that time.
    pub denied: u64,
    /// It cannot be said.
    pub unknown: u64,
}

impl Standing {
    /// Takes in one verdict.
    pub fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Allows => self.allowed += 1,
            Verdict::Denies(_) => self.denied += 1,
            Verdict::Unknown(_) => self.unknown += 1,
        }
    }
}
