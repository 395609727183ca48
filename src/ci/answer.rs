//! What a file answers about commits and reviews, and whether it answers it whole: an answer may be empty, so its name says
//! what was asked; and it may go on, or hold what nobody understands.

use std::collections::BTreeMap;

use super::commits::CommitKey;
use super::commits::PullKey;
use super::facts::Facts;
use super::item::Text;
use super::names::Place;
use super::names::System;
use super::names::nowhere;

pub(super) const PULLS: &str = "pull requests";
pub(super) const REVIEWS: &str = "reviews";

/// Systems give so many objects as one page, or a multiple of so many: GitHub 30 or 100, GitLab 20, Bitbucket 10.
pub(super) const PAGE: usize = 10;

/// What a file answers: by its name, by the objects that it lists, and by what stands beside lists.
#[derive(Default)]
pub(super) struct Answer {
    /// The repository that the folders of the file name.
    pub(super) place: Option<Place>,
    /// The commit that was asked for its pull requests.
    pub(super) commit: Option<Box<str>>,
    /// The pull request that was asked for its reviews.
    pub(super) pull: Option<u64>,
    /// The pull requests that were listed for the commit.
    pub(super) pulls: Vec<PullKey>,
    /// How many reviews of each pull request were listed.
    pub(super) reviews: BTreeMap<PullKey, usize>,
    /// Which questions have answers, and how good these are.
    pages: BTreeMap<About, Page>,
}

/// What is asked.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// The pull requests of a commit.
    Commit(CommitKey),
    /// The reviews of a pull request.
    Pull(PullKey),
}

/// The pages of one answer.
struct Page {
    /// True while each is full: more may follow.
    may_go_on: bool,
    is_understood: bool,
}

impl Answer {
    /// Reads the name of a file: `commit-c7b8….-pulls.json`, `commits/c7b8…/pulls.json`, `pull-6-reviews.json`,
    /// `github.com/acme/orders/pulls/6/reviews.json`.
    pub(super) fn of_name(name: &str) -> Self {
        let mut parts = name.rsplit(['/', '\\']);
        let stem = parts.next().and_then(|last| last.split('.').next()).unwrap_or_default();
        let inner = |start: &str, end: &str| stem.strip_prefix(start)?.strip_suffix(end);
        let is_folder = ["pulls", "reviews"].contains(&stem);
        let asked = parts.clone().next().filter(|_| is_folder);
        let commit = inner("commit-", "-pulls").or_else(|| asked.filter(|_| stem == "pulls"));
        let pull = inner("pull-", "-reviews").or_else(|| asked.filter(|_| stem == "reviews"));
        let pull = pull.and_then(|number| number.parse().ok());
        let place = repository(parts.skip(if is_folder { 2 } else { 0 }), is_folder);
        Self { place, commit: commit.and_then(sha), pull, ..Self::default() }
    }

    /// Notes a page of an answer: how many elements it has, and whether each was understood.
    pub(super) fn note(&mut self, about: About, count: usize, is_understood: bool) {
        let page = self.pages.entry(about).or_insert(Page { may_go_on: true, is_understood: true });
        page.may_go_on &= count > 0 && count.is_multiple_of(PAGE);
        page.is_understood &= is_understood;
    }

    /// Notes what was asked when all of a file is read, and says what an empty answer is about. What a broken file lists is no
    /// whole answer.
    pub(super) fn close(
        mut self,
        facts: &mut Facts,
        holds: &BTreeMap<&'static str, u64>,
        is_list: bool,
        is_broken: bool,
    ) -> Option<&'static str> {
        let mut about = None;
        if let Some(sha) = self.commit.take().filter(|_| is_list || !self.pulls.is_empty()) {
            let places = self.pulls.first().map(|(place, _)| place.clone());
            let key = (sha, self.place.clone().or(places).unwrap_or_else(nowhere));
            let is_understood = !is_broken && is_list && holds.keys().all(|what| *what == PULLS);
            self.note(About::Commit(key.clone()), self.pulls.len(), is_understood);
            facts.commits.entry(key).or_default().pulls.extend(std::mem::take(&mut self.pulls));
            about = Some(PULLS).filter(|_| is_understood);
        } else if let Some(number) = self.pull.filter(|_| is_list && self.reviews.is_empty()) {
            let is_understood = !is_broken && holds.is_empty();
            let key = (self.place.clone().unwrap_or_else(nowhere), number);
            self.note(About::Pull(key), 0, is_understood);
            about = Some(REVIEWS).filter(|_| is_understood);
        }
        for (key, count) in std::mem::take(&mut self.reviews) {
            self.note(About::Pull(key), count, !is_broken);
        }
        for (about, page) in self.pages {
            let is_unclear = page.may_go_on || !page.is_understood;
            let (asked, unclear) = match about {
                About::Commit(key) => {
                    let said = facts.commits.entry(key).or_default();
                    (&mut said.pulls_asked, &mut said.pulls_unclear)
                }
                About::Pull(key) => {
                    let said = facts.pulls.entry(key).or_default();
                    (&mut said.reviews_asked, &mut said.reviews_unclear)
                }
            };
            *asked |= !is_unclear;
            *unclear |= is_unclear;
        }
        about
    }
}

/// Reads the repository that folders name, the innermost first: with its host, as `ci wanted` lays them out, or without where
/// the name of the file itself follows that layout.
fn repository<'n>(mut folders: impl Iterator<Item = &'n str>, is_laid_out: bool) -> Option<Place> {
    let (name, owner, host) = (folders.next()?, folders.next()?, folders.next().unwrap_or_default());
    let is_host = host.contains('.') && host.split('.').all(|part| !part.is_empty());
    let is_name = |part: &str| !part.is_empty() && !part.chars().all(|letter| letter == '.');
    let host = if is_host { host.to_ascii_lowercase() } else { String::new() };
    let is_named = (is_host || is_laid_out) && is_name(name) && is_name(owner);
    is_named.then(|| Place {
        system: System::GitHub,
        host: host.into(),
        name: format!("{owner}/{name}").to_ascii_lowercase().into(),
    })
}

/// Reads the name of a commit.
fn sha(text: &str) -> Option<Box<str>> {
    let is_sha = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sha.then(|| text.to_ascii_lowercase().into())
}

pub(super) fn sha_of(text: &Text<'_>) -> Option<Box<str>> {
    sha(text.as_deref()?)
}
