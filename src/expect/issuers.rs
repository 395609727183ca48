//! The issuers that are declared, found by host without asking each.

use std::collections::BTreeSet;
use std::ops::Deref;

use super::ground::Issuer;
use crate::model::globs::Globs;
use crate::provider;

/// Every `[[issuer]]`, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Issuers {
    all: Vec<Issuer>,
    urls: Globs,
    /// The ids of the providers that any of them is of.
    classes: BTreeSet<String>,
}

impl Issuers {
    pub(super) fn new(all: Vec<Issuer>) -> Self {
        let mut classes = BTreeSet::new();
        for issuer in &all {
            let url = issuer.url.as_str();
            classes.extend(issuer.kind.clone());
            classes.extend(provider::recognise(url).map(|provider| provider.id.to_owned()));
            // A glob over clusters is not an issuer's host, so that its beginning has to do.
            let begin = url.strip_prefix("oidc.").and_then(|rest| rest.split_once('.'));
            classes.extend(begin.map(|(class, _)| class.to_owned()));
        }
        Self { urls: Globs::ignoring_case(all.iter().map(|issuer| issuer.url.as_str())), classes, all }
    }

    /// Returns the one for a bare host: the narrowest, and the last of equals.
    pub(super) fn of(&self, host: &str) -> Option<&Issuer> {
        let fitting = self.urls.fitting(host.trim_end_matches('/')).filter_map(|at| Some((at, self.all.get(at)?)));
        let rank = |(at, issuer): &(usize, &Issuer)| (issuer.url.is_literal(), issuer.url.literal_chars(), *at);
        fitting.max_by_key(rank).map(|(_, issuer)| issuer)
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
