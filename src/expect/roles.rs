//! What is expected of roles, found by the ARN of a role without asking every stanza.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::arn;
use super::keyed::Keyed;
use super::named::Named;
use super::role::RoleExpectation;
use crate::model::globs::Globs;
use crate::provider::Subject;

/// Every `[[role]]`, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    by_arn: Keyed<RoleExpectation>,
    /// The places of those without wildcards, by account, kind and name.
    by_name: BTreeMap<String, Vec<usize>>,
    globs: Globs,
    named: Named,
}

impl Roles {
    pub(super) fn new(all: Vec<RoleExpectation>) -> Self {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, role) in all.iter().enumerate().filter(|(_, role)| role.arn.is_literal()) {
            by_name.entry(arn::account_and_name(role.arn.as_str()).unwrap_or_default()).or_default().push(at);
        }
        let globs = Globs::new(all.iter().map(|role| role.arn.as_str()));
        let named = Named::new(&all);
        Self { by_arn: Keyed::new(all, |role| role.arn.as_str().to_owned()), by_name, globs, named }
    }

    /// True when any of them names the subject's repository.
    pub fn name_repository(&self, subject: &Subject) -> bool {
        self.named.repository(subject)
    }

    /// Returns the name, `owner/name`, that the subject's repository is pinned with by its id.
    pub(super) fn repository_of_id(&self, subject: &Subject) -> Option<&str> {
        self.named.repository_of_id(subject)
    }

    /// Returns the name that the subject's owner is pinned with by its id.
    pub(super) fn owner_of_id(&self, subject: &Subject) -> Option<&str> {
        self.named.owner_of_id(subject)
    }

    /// True when any of them names the owner of the subject's repository. A pattern for any owner names nobody.
    pub fn name_owner(&self, subject: &Subject) -> bool {
        self.named.owner(subject)
    }

    /// Returns what is expected of the role: by its exact ARN, then by its name when either side leaves the path out,
    /// then by the narrowest glob.
    pub(super) fn of(&self, role_arn: &str) -> Option<&RoleExpectation> {
        let exact = self.by_arn.named(role_arn);
        exact.or_else(|| self.only_named(role_arn)).or_else(|| self.narrowest(role_arn))
    }

    fn only_named(&self, role_arn: &str) -> Option<&RoleExpectation> {
        let of_name = self.by_name.get(&arn::account_and_name(role_arn)?)?;
        let of_name = of_name.iter().filter_map(|at| self.get(*at));
        let mut named = of_name.filter(|role| role.arn.has_same_name(role_arn));
        named.next().filter(|_| named.next().is_none())
    }

    fn narrowest(&self, role_arn: &str) -> Option<&RoleExpectation> {
        // Of globs as wide as each other the first counts.
        let fitting = self.globs.fitting(role_arn).filter_map(|at| Some((at, self.get(at)?)));
        fitting.min_by_key(|(at, role)| (role.arn.width(), *at)).map(|(_, role)| role)
    }
}

impl Deref for Roles {
    type Target = [RoleExpectation];

    fn deref(&self) -> &Self::Target {
        &self.by_arn
    }
}
