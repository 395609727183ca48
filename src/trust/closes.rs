//! What a suggestion closes: the grants in force that nobody used, and those that admit more than was used.

use std::collections::BTreeSet;

use super::breadth::Breadth;
use super::grant;
use super::grant::Grant;
use super::observed::Observed;
use super::policy::Policy;
use super::principal::Principal;
use super::usage;
use super::usage::GrantUse;
use super::usage::User;
use crate::provider;

/// One thing that a suggestion closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// What the policy in force grants.
    pub grant: Grant,
    /// What is left of it: who came in by it. Nobody: all of it is closed.
    pub left: BTreeSet<User>,
    /// What is demanded now and was not before: `aud`, `ExternalId`.
    pub demands: BTreeSet<&'static str>,
}

/// Returns what a suggestion closes of the policy in force, the broadest first. `observed` is what the suggestion was
/// drawn up from.
pub fn closes(in_force: &Policy, suggested: &Policy, observed: &[&Observed<'_>]) -> Vec<Closed> {
    let kept = grant::all(suggested);
    let grants = usage::grants(in_force, observed);
    grants.into_iter().filter_map(|used| closed(used, &kept)).collect()
}

fn closed(used: GrantUse, kept: &[Grant]) -> Option<Closed> {
    let GrantUse { grant, users } = used;
    if matches!(grant.breadth, Breadth::Nothing | Breadth::DeletedPrincipal) {
        return None;
    }
    let left: BTreeSet<User> = users.into_keys().collect();
    let same: Vec<&Grant> = kept.iter().filter(|own| is_same(own, &grant)).collect();
    let mut demands = BTreeSet::new();
    let heirs = || kept.iter().filter(|own| is_heir(own, &grant));
    let asks = |of: fn(&Grant) -> bool| heirs().next().is_some() && heirs().all(of);
    if grant.audiences.is_empty()
        && matches!(grant.principal, Principal::Federated(_))
        && asks(|own| !own.audiences.is_empty())
    {
        demands.insert("aud");
    }
    if grant.external_ids.is_empty() && asks(|own| !own.external_ids.is_empty()) {
        demands.insert("ExternalId");
    }
    let is_untouched = !same.is_empty() && !left.is_empty() && demands.is_empty();
    (!is_untouched).then_some(Closed { grant, left, demands })
}

/// True when both let in the same, conditions aside.
fn is_same(own: &Grant, other: &Grant) -> bool {
    let subject = |grant: &Grant| grant.subject.as_ref().map(|subject| subject.text.clone());
    is_same_principal(&own.principal, &other.principal) && subject(own) == subject(other)
}

/// True when a suggested grant lets in a part of what the other one lets in.
fn is_heir(own: &Grant, other: &Grant) -> bool {
    let fits_principal = match (&other.principal, &own.principal) {
        (Principal::Anybody, _) => true,
        (Principal::Account(account), inner) => inner.account() == Some(account.as_str()),
        (outer, inner) => is_same_principal(outer, inner),
    };
    let fits_subject = match (&other.subject, &own.subject) {
        (Some(outer), Some(inner)) => outer.fits(&inner.text),
        (None, _) => true,
        (Some(_), None) => false,
    };
    fits_principal && fits_subject
}

fn is_same_principal(a: &Principal, b: &Principal) -> bool {
    match (a, b) {
        (Principal::Federated(a), Principal::Federated(b)) => provider::issuer_of(a) == provider::issuer_of(b),
        _ => a == b,
    }
}

impl Closed {
    /// Says it in one sentence.
    pub fn said(&self) -> String {
        let what = self.grant.said();
        let demands: Vec<&str> = self.demands.iter().copied().collect();
        let demanded =
            if demands.is_empty() { String::new() } else { format!("; {} is demanded", demands.join(" and ")) };
        match self.left.len() {
            0 => format!("{what}: nobody used it in these logs; it is closed"),
            _ if matches!(self.grant.breadth, Breadth::Exact | Breadth::OnePrincipal | Breadth::Service) => {
                format!("{what}: stays{demanded}")
            }
            1..=3 => {
                let left: Vec<&str> = self.left.iter().map(|user| user.name.as_str()).collect();
                format!("{what}: closed but for {}{demanded}", left.join(", "))
            }
            several => format!("{what}: closed but for the {several} that were seen{demanded}"),
        }
    }
}
