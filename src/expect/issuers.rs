//! The issuers that are declared, found by host without asking each.

use std::collections::BTreeSet;
use std::ops::Deref;

use super::ground::Issuer;
use crate::model::kinds::Kinds;
use crate::provider;

/// Every `[[issuer]]`, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Issuers {
    all: Vec<Issuer>,
    kinds: Kinds,
    /// The ids of the providers that any of them is of.
    classes: BTreeSet<String>,
}

impl Issuers {
    pub(super) fn new(all: Vec<Issuer>) -> Self {
        let mut classes = BTreeSet::new();
        for issuer in &all {
            let url = issuer.url.as_str();
            classes.extend(issuer.kind.clone());
            classes.extend(provider::recognize(url).map(|provider| provider.id.to_owned()));
            // A glob over clusters is not an issuer's host, so that its beginning has to do.
            let begin = url.strip_prefix("oidc.").and_then(|rest| rest.split_once('.'));
            classes.extend(begin.map(|(class, _)| class.to_owned()));
        }
        let kind = |issuer: &Issuer| issuer.kind.as_deref().and_then(provider::by_id).map(|provider| provider.id);
        let kinds = Kinds::new(all.iter().map(|issuer| (issuer.url.clone(), kind(issuer))).collect());
        Self { all, kinds, classes }
    }

    /// Says of which providers the issuers are declared to be.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// Keeps of them what they are declared to be of, and declares none.
    #[must_use]
    pub fn kinds_alone(self) -> Self {
        Self { kinds: self.kinds, ..Self::default() }
    }

    /// Returns the one for a bare host: the narrowest, and the last of equals.
    pub(super) fn of(&self, host: &str) -> Option<&Issuer> {
        self.all.get(self.kinds.place(host)?)
    }

    /// True when one of them is of the provider of this id.
    pub fn names_class(&self, class: &str) -> bool {
        self.classes.contains(class)
    }
}

impl Deref for Issuers {
    type Target = [Issuer];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}
