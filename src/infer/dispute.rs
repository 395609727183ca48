//! Dispute: roles that several owners entered. Who came first says nothing about whose the role is: a history may begin
//! with the intruder.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::provider;
use crate::provider::Subject;
use crate::trust::Principal;
use crate::trust::breadth::Breadth;
use crate::trust::grant::Grant;
use crate::trust::observed::Observed;

/// Why a subject of a disputed role is not learned.
pub(super) const WHY: &str =
    "several owners entered the role, and no snapshot says which is yours: declare it, or give --iam";

/// The subjects of one role that its history cannot vouch for.
#[derive(Clone, Debug, Default)]
pub(super) struct Dispute {
    subjects: BTreeSet<(String, String)>,
    /// Their owners, in lower case.
    owners: BTreeSet<String>,
}

impl Dispute {
    /// Collects the subjects of the issuers whose tokens entered the role for several owners, but for those that a
    /// snapshot's policy names: it grants what is in `named`.
    pub(super) fn of(observed: &[Observed<'_>], named: &[Grant]) -> Self {
        let mut by_issuer: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
        for one in observed {
            let (Some(issuer), Some(text)) = (one.issuer(), one.subject) else { continue };
            let owner = one.token().and_then(|token| token.owner.as_deref()).unwrap_or_default().to_ascii_lowercase();
            by_issuer.entry(issuer).or_default().push((text, owner));
        }
        let mut dispute = Self::default();
        for (issuer, entries) in by_issuer {
            let owners: BTreeSet<&String> = entries.iter().map(|(_, owner)| owner).collect();
            if owners.len() < 2 {
                continue;
            }
            for (text, owner) in &entries {
                if !is_decided(named, issuer, text) {
                    dispute.subjects.insert((issuer.to_owned(), (*text).to_owned()));
                    dispute.owners.insert(owner.clone());
                }
            }
        }
        dispute
    }

    /// Puts together what is left open in several places.
    pub(super) fn together<'d>(disputes: impl Iterator<Item = &'d Self>) -> Self {
        disputes.fold(Self::default(), |mut all, dispute| {
            all.subjects.extend(dispute.subjects.iter().cloned());
            all.owners.extend(dispute.owners.iter().cloned());
            all
        })
    }

    /// True when the subject is one of them.
    pub(super) fn is_about(&self, subject: &Subject) -> bool {
        self.subjects.contains(&(subject.issuer.clone(), subject.raw.clone()))
    }

    /// True when the owner, in lower case, is one of theirs.
    pub(super) fn is_about_owner(&self, owner: &str) -> bool {
        self.owners.contains(owner)
    }

    /// Returns a reason to learn nothing from an entry of the role.
    pub(super) fn against(&self, one: &Observed<'_>) -> Option<&'static str> {
        let subject = (one.issuer()?.to_owned(), one.subject?.to_owned());
        self.subjects.contains(&subject).then_some(WHY)
    }
}

/// True when one of the grants names the owner of a subject, or more.
fn is_decided(named: &[Grant], issuer: &str, text: &str) -> bool {
    let names_owner =
        |breadth: Breadth| !matches!(breadth, Breadth::Nothing | Breadth::AnySubject | Breadth::ManyOwners);
    named.iter().any(|grant| {
        let is_issuer =
            matches!(&grant.principal, Principal::Federated(provider) if provider::issuer_of(provider) == issuer);
        is_issuer && names_owner(grant.breadth) && grant.subject.as_ref().is_some_and(|it| it.fits(text))
    })
}
