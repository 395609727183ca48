//! The repositories and owners that the roles of the file name, found without asking each role.

use std::collections::BTreeSet;

use super::role::RoleExpectation;
use super::subject::owner_of;
use crate::model::glob::Glob;
use crate::model::globs::Globs;
use crate::provider::Subject;

/// What all roles name.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    repositories: Names,
    owners: Names,
}

impl Named {
    pub(super) fn new(roles: &[RoleExpectation]) -> Self {
        let matchers = || roles.iter().flat_map(|role| role.subjects.iter());
        let of_repos = || roles.iter().flat_map(|role| role.repos.iter());
        let of_matchers = matchers().filter_map(|matcher| Some((matcher.repo.clone()?, matcher.issuer.clone())));
        let repositories = of_matchers.chain(of_repos().map(|repo| (repo.clone(), None)));
        let owners = matchers().filter_map(|matcher| Some((matcher.named_owner()?, matcher.issuer.clone())));
        let owners = owners.chain(of_repos().filter_map(|repo| Some((owner_of(repo)?, None))));
        // Who admits any owner names none.
        let owners = owners.filter(|(owner, _)| owner.literal_chars() > 0);
        Self { repositories: Names::new(repositories.collect()), owners: Names::new(owners.collect()) }
    }

    pub(super) fn repository(&self, subject: &Subject) -> bool {
        subject.repository.as_ref().is_some_and(|repository| self.repositories.fit(repository, &subject.issuer))
    }

    pub(super) fn owner(&self, subject: &Subject) -> bool {
        subject.owner.as_ref().is_some_and(|owner| self.owners.fit(owner, &subject.issuer))
    }
}

/// Globs, each for the issuers of its own one. Letters of either case fit.
#[derive(Clone, Debug, Default)]
struct Names {
    globs: Globs,
    issuers: Vec<Option<Glob>>,
}

impl Names {
    fn new(all: BTreeSet<(Glob, Option<Glob>)>) -> Self {
        let globs = Globs::ignoring_case(all.iter().map(|(glob, _)| glob.as_str()));
        Self { globs, issuers: all.into_iter().map(|(_, issuer)| issuer).collect() }
    }

    fn fit(&self, text: &str, issuer: &str) -> bool {
        let of = |at: usize| self.issuers.get(at).and_then(Option::as_ref);
        self.globs.fitting(text).any(|at| of(at).is_none_or(|of| of.matches_ignore_case(issuer)))
    }
}
