//! The repositories and owners that the roles of the file name, found without asking each role.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::role::RoleExpectation;
use super::subject::SubjectMatcher;
use super::subject::owner_of;
use crate::model::glob::Glob;
use crate::model::globs::Globs;
use crate::provider::Subject;

/// What all roles name.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    repositories: Names,
    owners: Names,
    repository_ids: Ids,
    owner_ids: Ids,
}

/// The names that ids are pinned with, each for the issuers of its own one. `None` where two names share an id.
type Ids = BTreeMap<(String, Option<Glob>), Option<String>>;

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
        let mut named = Self {
            repositories: Names::new(repositories.collect()),
            owners: Names::new(owners.collect()),
            ..Self::default()
        };
        for matcher in matchers() {
            let literal = |glob: &Glob| glob.is_literal().then(|| glob.as_str().to_owned());
            pin(&mut named.repository_ids, matcher, matcher.repo_id.as_ref(), matcher.repo.as_ref().and_then(literal));
            let owner = matcher.named_owner().as_ref().and_then(literal);
            pin(&mut named.owner_ids, matcher, matcher.owner_id.as_ref(), owner);
        }
        named
    }

    pub(super) fn repository(&self, subject: &Subject) -> bool {
        subject.repository.as_ref().is_some_and(|repository| self.repositories.fit(repository, &subject.issuer))
    }

    /// Returns the name, `owner/name`, that the subject's repository is pinned with.
    pub(super) fn repository_of_id(&self, subject: &Subject) -> Option<&str> {
        pinned(&self.repository_ids, subject.repository_id.as_ref(), subject)
    }

    /// Returns the name that the subject's owner is pinned with.
    pub(super) fn owner_of_id(&self, subject: &Subject) -> Option<&str> {
        pinned(&self.owner_ids, subject.owner_id.as_ref(), subject)
    }

    pub(super) fn owner(&self, subject: &Subject) -> bool {
        subject.owner.as_ref().is_some_and(|owner| self.owners.fit(owner, &subject.issuer))
    }
}

fn pin(ids: &mut Ids, matcher: &SubjectMatcher, id: Option<&String>, name: Option<String>) {
    let Some((id, name)) = id.zip(name) else { return };
    let known = ids.entry((id.clone(), matcher.issuer.clone())).or_insert_with(|| Some(name.clone()));
    if known.as_ref().is_some_and(|known| !known.eq_ignore_ascii_case(&name)) {
        *known = None;
    }
}

/// Returns the name that an id is pinned with. Ids are of one host: without an issuer, those of github.com are meant.
fn pinned<'i>(ids: &'i Ids, id: Option<&String>, subject: &Subject) -> Option<&'i str> {
    let id = id?;
    let of_id = ids.range((id.clone(), None)..).take_while(|((of, _), _)| of == id);
    let is_of_issuer = |of: &Option<Glob>| match of {
        Some(of) => of.matches_ignore_case(&subject.issuer),
        None => subject.is_from("github") && subject.has_shared_host(),
    };
    let mut names = of_id.filter(|((_, of), _)| is_of_issuer(of)).map(|(_, name)| name.as_deref());
    names.next()?.filter(|first| names.all(|name| name.is_some_and(|name| name.eq_ignore_ascii_case(first))))
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
