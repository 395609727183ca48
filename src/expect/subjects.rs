//! The subjects that a role expects, asked as one: of many matchers, those that refuse alike are passed over at once.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::ops::Deref;

use super::listed::GlobList;
use super::sieve::Sieve;
use super::subject::Key;
use super::subject::Refusal;
use super::subject::SubjectMatcher;
use crate::model::glob::Glob;
use crate::provider::Subject;

/// Matchers in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    all: Vec<SubjectMatcher>,
    sieve: Sieve<Key>,
    /// Those that ask for pull requests.
    pull_requests: Sieve<Key>,
    /// The repositories, as far as they are told, of those that pin an id.
    pinned: GlobList,
    /// The issuers of those that name an owner; true when a pattern of theirs admits any.
    issuers_of_owners: BTreeMap<Option<Glob>, bool>,
}

impl Subjects {
    pub(super) fn new(all: Vec<SubjectMatcher>) -> Self {
        let distinct: BTreeMap<&SubjectMatcher, usize> = all.iter().zip(0..).collect();
        let asks = |matcher: &SubjectMatcher| matcher.pull_request == Some(true);
        let asking = distinct.iter().filter(|(matcher, _)| asks(matcher)).map(|(_, at)| *at).collect();
        let sieve = |places| {
            let asked = |at: usize, key: &Key| all.get(at)?.asked(*key);
            Sieve::new(places, &Key::ALL, &|key| key.comparison(), &asked)
        };
        let pins = all.iter().filter(|matcher| matcher.owner_id.is_some() || matcher.repo_id.is_some());
        let pinned = pins.filter_map(|matcher| matcher.repo.clone().or_else(|| Glob::new("*"))).collect();
        let pinned = GlobList::new(pinned);
        let mut issuers_of_owners = BTreeMap::new();
        for (owner, matcher) in all.iter().filter_map(|matcher| Some((matcher.named_owner()?, matcher))) {
            *issuers_of_owners.entry(matcher.issuer.clone()).or_default() |= owner.literal_chars() == 0;
        }
        Self {
            issuers_of_owners,
            pinned,
            sieve: sieve(distinct.into_values().collect()),
            pull_requests: sieve(asking),
            all,
        }
    }

    /// True when one of them admits the subject.
    pub fn admit(&self, subject: &Subject) -> bool {
        self.closest(&self.sieve, subject) == Closest::Admits
    }

    /// True when one of them admits pull requests by name, and the subject.
    pub fn admit_pull_request(&self, subject: &Subject) -> bool {
        self.closest(&self.pull_requests, subject) == Closest::Admits
    }

    /// Returns why none of them admits the subject: the word of the one that came closest.
    pub fn refusal(&self, subject: &Subject) -> Option<Refusal> {
        match self.closest(&self.sieve, subject) {
            Closest::Refuses(refusal) => Some(refusal),
            Closest::Nobody | Closest::Admits => None,
        }
    }

    /// True when one of them pins an id for a repository.
    pub fn pin(&self, repository: &str) -> bool {
        self.pinned.fits(repository)
    }

    /// True when they name owners for tokens of this issuer, and do not admit any owner.
    pub fn name_owners(&self, issuer: &str) -> bool {
        let fits = |of: &Option<Glob>| of.as_ref().is_none_or(|of| of.matches_ignore_case(issuer));
        let mut of_issuer = self.issuers_of_owners.iter().filter(|(of, _)| fits(of)).map(|(_, admits_any)| *admits_any);
        of_issuer.next().is_some_and(|admits_any| !admits_any) && !of_issuer.any(|admits_any| admits_any)
    }

    /// Returns the owners that they name for tokens of this issuer, as patterns.
    pub fn owners(&self, issuer: &str) -> impl Iterator<Item = Glob> {
        let fits = |of: &Glob| of.matches_ignore_case(issuer);
        self.all
            .iter()
            .filter(move |matcher| matcher.issuer.as_ref().is_none_or(fits))
            .filter_map(SubjectMatcher::named_owner)
    }

    fn closest(&self, sieve: &Sieve<Key>, subject: &Subject) -> Closest {
        let closest = std::cell::Cell::new(Closest::Nobody);
        let add = |answer| closest.set(closest.get().max(answer));
        sieve.sift(
            |key| key.said(subject),
            |key, said| add(Closest::Refuses(key.refusal(said))),
            |at| {
                let refusal = self.all.get(at).map(|matcher| matcher.refusal(subject));
                add(refusal.map_or(Closest::Nobody, |refusal| refusal.map_or(Closest::Admits, Closest::Refuses)));
                if closest.get() == Closest::Admits { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        closest.get()
    }
}

impl Deref for Subjects {
    type Target = [SubjectMatcher];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

/// What the matcher says that comes closest to admitting a subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closest {
    Nobody,
    Refuses(Refusal),
    Admits,
}

#[cfg(test)]
mod tests {
    use super::Subjects;
    use crate::expect::subject::SubjectMatcher;
    use crate::model::glob::Glob;
    use crate::provider;

    const ISSUER: &str = "token.actions.githubusercontent.com";

    #[test]
    fn many_matchers_say_what_each_says() {
        let mut state = 1_u64;
        let mut choose = |from: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % from).unwrap()
        };
        let texts = [
            "repo:acme/a:ref:refs/heads/main",
            "repo:Acme@1/b@2:ref:refs/tags/v1",
            "repo:acme@1/a@3:environment:prod",
            "repo:evil/a:pull_request",
            "odd",
        ];
        let subjects = texts.map(|text| provider::parse(ISSUER, text));
        for _ in 0..300 {
            let mut one = |from: &[&str]| from.get(choose(9)).and_then(|text| Glob::new(text));
            let mut all: Vec<SubjectMatcher> = Vec::new();
            for _ in 0..12 {
                all.push(SubjectMatcher {
                    issuer: one(&[ISSUER, "TOKEN.*"]),
                    raw: one(&["repo:*", "*a*"]),
                    owner: one(&["acme", "ACME"]),
                    repo: one(&["acme/a", "acme/*", "*/a", "acme/b"]),
                    git_ref: one(&["refs/heads/*", "refs/heads/main", "refs/tags/v?"]),
                    environment: one(&["prod"]),
                    owner_id: one(&["1", "2"]).map(|glob| glob.to_string()),
                    repo_id: one(&["2", "3"]).map(|glob| glob.to_string()),
                    pull_request: one(&["a", "b"]).map(|glob| glob.matches("a")),
                    ..SubjectMatcher::default()
                });
            }
            let tree = Subjects::new(all.clone());
            for subject in &subjects {
                let each: Option<Vec<_>> = all.iter().map(|matcher| matcher.refusal(subject)).collect();
                assert_eq!(tree.admit(subject), each.is_none());
                assert_eq!(tree.refusal(subject), each.and_then(|each| each.into_iter().max()));
                let mut asking = all.iter().filter(|matcher| matcher.pull_request == Some(true));
                assert_eq!(tree.admit_pull_request(subject), asking.any(|matcher| matcher.matches(subject)));
            }
        }
    }
}
