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
use crate::model::kinds::Kinds;
use crate::provider;

/// One thing that a suggestion closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// What the policy in force grants.
    pub grant: Grant,
    /// What is left of it: the subjects, or patterns of them, and the principals that still come in. Nothing: it is closed.
    pub left: BTreeSet<String>,
    /// True when the suggestion has it, too, word for word.
    pub stays: bool,
    /// What is demanded now and was not before: `aud`, `ExternalId`, `aws:userid`.
    pub demands: BTreeSet<String>,
}

/// Returns what a suggestion closes of the policy in force, the broadest first. `observed` is what the suggestion was
/// drawn up from.
pub fn closes(in_force: &Policy, suggested: &Policy, observed: &[&Observed<'_>], kinds: &Kinds) -> Vec<Closed> {
    let kept = grant::all(suggested, kinds);
    let grants = usage::grants(in_force, observed, kinds);
    grants.into_iter().filter_map(|used| closed(used, &kept)).collect()
}

fn closed(used: GrantUse, kept: &[Grant]) -> Option<Closed> {
    let GrantUse { grant, users } = used;
    if matches!(grant.breadth, Breadth::Nothing | Breadth::DeletedPrincipal) {
        return None;
    }
    let heirs: Vec<&Grant> = kept.iter().filter(|own| is_heir(own, &grant)).collect();
    let mut left: BTreeSet<String> = BTreeSet::new();
    if !users.is_empty() {
        match grant.principal {
            Principal::Federated(_) => left.extend(heirs.iter().map(|own| own.said())),
            _ => left.extend(users.into_keys().map(|user| user.name)),
        }
    }
    let stays = !left.is_empty() && kept.iter().any(|own| is_same(own, &grant));
    let mut demands: BTreeSet<String> = BTreeSet::new();
    let asks = |of: &dyn Fn(&Grant) -> bool| !heirs.is_empty() && heirs.iter().all(|own| of(own));
    if grant.audiences.is_empty()
        && matches!(grant.principal, Principal::Federated(_))
        && asks(&|own| !own.audiences.is_empty())
    {
        demands.insert("aud".to_owned());
    }
    if grant.external_ids.is_empty() && asks(&|own| !own.external_ids.is_empty()) {
        demands.insert("ExternalId".to_owned());
    }
    let keys = heirs.iter().flat_map(|own| &own.other_keys);
    let is_new = |key: &&String| !grant.other_keys.iter().any(|known| known.eq_ignore_ascii_case(key));
    demands.extend(keys.filter(is_new).filter(|key| asks(&|own| own.other_keys.contains(*key))).cloned());
    let is_untouched = stays && demands.is_empty();
    (!is_untouched).then_some(Closed { grant, left, stays, demands })
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
        let demands: Vec<&str> = self.demands.iter().map(String::as_str).collect();
        let demanded =
            if demands.is_empty() { String::new() } else { format!("; {} is demanded", demands.join(" and ")) };
        match self.left.len() {
            0 => format!("{what}: nobody used it in these logs; it is closed"),
            _ if self.stays => format!("{what}: stays{demanded}"),
            1..=3 => {
                let left: Vec<&str> = self.left.iter().map(String::as_str).collect();
                format!("{what}: closed but for {}{demanded}", left.join(", "))
            }
            several => format!("{what}: closed but for the {several} that came in{demanded}"),
        }
    }
}
