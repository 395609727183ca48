//! Which pull requests a commit came with, and who reviewed them, as GitHub's REST API shows them.
//!
//! The list of a commit's pull requests does not name the commit, and an empty list of reviews names nothing: whoever collects
//! them writes it beside them, or into the name of the file.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::answer::About;
use super::answer::PULLS;
use super::answer::REVIEWS;
use super::answer::sha_of;
use super::commits::Commit;
use super::commits::CommitKey;
use super::commits::Merged;
use super::commits::Pull;
use super::commits::PullKey;
use super::commits::PullState;
use super::commits::Review;
use super::commits::Verdict;
use super::facts::Facts;
use super::facts::Place;
use super::facts::System;
use super::github_rest::whereabouts;
use super::intake::Intake;
use super::intake::kept;
use super::intake::person;
use super::intake::place;
use super::item::Inner;
use super::item::Item;
use super::merge::keep;
use super::merge::person as keep_person;
use super::names::nowhere;

/// Takes what says something of commits, pull requests and reviews.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    line(item, intake)
        .or_else(|| pull(item, intake, None).map(|_| PULLS))
        .or_else(|| review(item, intake, None).map(|()| REVIEWS))
        .or_else(|| commit(item, intake))
}

/// Takes an answer with what was asked beside it: `{"commit": …, "pulls": […]}`, `{"pull": 6, "reviews": […]}`.
fn line(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let host = item.host.as_deref().unwrap_or_default().to_ascii_lowercase();
    let at = place(System::GitHub, &host, item.repo.as_deref().unwrap_or_default());
    if let (Some(pulls), Some(sha)) = (&item.pulls, item.commit.as_ref().and_then(|commit| sha_of(&commit.text))) {
        let found: Vec<PullKey> = pulls.iter().filter_map(|inner| pull(inner, intake, Some(&at))).collect();
        let is_understood = intake.understood(PULLS, found.len(), pulls.len());
        let key = (sha, at);
        intake.answer.note(About::Commit(key.clone()), pulls.len(), is_understood);
        intake.facts.commits.entry(key).or_default().pulls.extend(found);
        return Some(PULLS);
    }
    let (reviews, number) = item.reviews.as_ref().zip(item.number)?;
    let key = (at, number);
    let found = reviews.iter().filter_map(|inner| review(inner, intake, Some(&key))).count();
    let is_understood = intake.understood(REVIEWS, found, reviews.len());
    intake.answer.note(About::Pull(key), reviews.len(), is_understood);
    Some(REVIEWS)
}

/// Reads a pull request, as every list of them shows it.
fn pull(item: &Item<'_>, intake: &mut Intake<'_>, beside: Option<&Place>) -> Option<PullKey> {
    let (number, head, base) = (item.number?, item.head.as_deref()?, item.base.as_deref()?);
    let at = whereabouts(item);
    let own = (!at.host.is_empty()).then(|| place(System::GitHub, &at.host, at.repository));
    let named = || intake.answer.place.clone();
    let key = (own.or_else(|| beside.cloned()).or_else(named).unwrap_or_else(nowhere), number);
    let merged = match item.merged_at.inner {
        Some(at) => Merged::At(at),
        None if item.merged_at.is_null || word(&item.state).as_deref() == Some("OPEN") => Merged::No,
        None => Merged::Unknown,
    };
    let state = PullState {
        merged,
        merge_commit: sha_of(&item.merge_commit_sha),
        head: sha_of(&head.hash),
        base: kept(&base.ref_),
        author: person(item.user.as_deref()),
    };
    intake.facts.pulls.entry(key.clone()).or_default().states.insert(state);
    if beside.is_none() && intake.answer.commit.is_some() {
        intake.answer.pulls.push(key.clone());
    }
    Some(key)
}

fn word(inner: &Inner<'_>) -> Option<String> {
    inner.as_ref()?.text.as_deref().map(str::to_ascii_uppercase)
}

/// Reads a review. Of the states only those count that say something of the whole.
fn review(item: &Item<'_>, intake: &mut Intake<'_>, beside: Option<&PullKey>) -> Option<()> {
    let verdict = match &*word(&item.state)? {
        "APPROVED" => Some(Verdict::Approved),
        "CHANGES_REQUESTED" => Some(Verdict::ChangesRequested),
        "DISMISSED" => Some(Verdict::Dismissed),
        "COMMENTED" | "PENDING" => None,
        _ => return None,
    };
    // What was looked at, and when: of something with other states there is neither, or no time.
    if item.created_at.is_none() && (item.head_sha.is_none() || verdict.is_some()) {
        return None;
    }
    let at = whereabouts(item);
    let own = at.pull.map(|number| (place(System::GitHub, &at.host, at.repository), number));
    let named = || Some((intake.answer.place.clone().unwrap_or_else(nowhere), intake.answer.pull?));
    let key = own.or_else(|| beside.cloned()).or_else(named)?;
    if beside.is_none() && intake.is_in_list {
        *intake.answer.reviews.entry(key.clone()).or_default() += 1;
    }
    let said = intake.facts.pulls.entry(key).or_default();
    if let Some((verdict, at)) = verdict.zip(item.created_at) {
        said.reviews.insert(Review {
            at,
            verdict,
            person: person(item.user.as_deref()),
            commit: sha_of(&item.head_sha),
        });
    }
    Some(())
}

/// Reads a commit. Of its files, those of workflows count.
fn commit(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let is_other = item.environment.is_some() || item.ref_.is_some() || item.status.is_some() || item.id.is_some();
    let has_parts = item.author.is_some() || item.files.is_some() || item.commit.is_some();
    let sha = sha_of(&item.sha).filter(|_| has_parts && !is_other)?;
    let at = whereabouts(item);
    let own = (!at.host.is_empty()).then(|| place(System::GitHub, &at.host, at.repository));
    let key = (sha, own.or_else(|| intake.answer.place.clone()).unwrap_or_else(nowhere));
    let said = intake.facts.commits.entry(key).or_default();
    keep(&mut said.parents, item.parents.as_ref().map(Vec::len));
    keep_person(&mut said.author, person(item.author.as_deref()));
    let names = item.files.iter().flatten().filter_map(|file| file.path.as_deref());
    said.workflows.extend(names.filter(|name| name.starts_with(".github/workflows/")).map(Into::into));
    Some("commits")
}

/// Gives repositories their hosts, and pull requests of which no file names the repository the only one of their number.
pub(super) fn settle(facts: &mut Facts, placed: impl Fn(Place) -> Place) {
    let mut pulls: BTreeMap<PullKey, Pull> = BTreeMap::new();
    for ((place, number), said) in std::mem::take(&mut facts.pulls) {
        merge(pulls.entry((placed(place), number)).or_default(), said);
    }
    let mut numbers: BTreeMap<u64, BTreeSet<Place>> = BTreeMap::new();
    for (place, number) in pulls.keys().filter(|(place, _)| !place.name.is_empty()) {
        numbers.entry(*number).or_default().insert(place.clone());
    }
    let found = |(place, number): PullKey| {
        let only = numbers.get(&number).filter(|places| place.name.is_empty() && places.len() == 1);
        (only.and_then(BTreeSet::first).cloned().unwrap_or_else(|| placed(place)), number)
    };
    for (key, said) in pulls {
        merge(facts.pulls.entry(found(key)).or_default(), said);
    }
    let mut commits: BTreeMap<CommitKey, Commit> = BTreeMap::new();
    for ((sha, place), mut commit) in std::mem::take(&mut facts.commits) {
        commit.pulls = commit.pulls.into_iter().map(&found).collect();
        let place = if place.name.is_empty() { place } else { placed(place) };
        join(commits.entry((sha, place)).or_default(), commit);
    }
    facts.commits = commits;
    // A merged pull request itself names the commit that it became.
    for (key, pull) in &facts.pulls {
        let became =
            pull.state().filter(|state| state.merged.at().is_some()).and_then(|state| state.merge_commit.clone());
        if let Some(sha) = became {
            let place = if key.0.name.is_empty() { nowhere() } else { key.0.clone() };
            facts.commits.entry((sha, place)).or_default().pulls.insert(key.clone());
        }
    }
    // What no file gives a repository is of the only one that has this commit.
    let lost: Vec<CommitKey> = facts.commits.keys().filter(|(_, place)| place.name.is_empty()).cloned().collect();
    for key in lost {
        let others = facts.commits.range((key.0.clone(), nowhere())..).take_while(|((sha, _), _)| *sha == key.0);
        let mut named = others.filter(|((_, place), _)| !place.name.is_empty()).map(|(other, _)| other.clone());
        let (Some(only), next) = (named.next(), named.next()) else { continue };
        if let (Some(said), None) = (facts.commits.remove(&key), next) {
            join(facts.commits.entry(only).or_default(), said);
        }
    }
    for commit in facts.commits.values_mut() {
        commit.pulls_asked &= !commit.pulls_unclear;
    }
    for pull in facts.pulls.values_mut() {
        pull.reviews_asked &= !pull.reviews_unclear;
    }
}

/// Adds what another source says of a commit.
fn join(kept: &mut Commit, said: Commit) {
    keep_person(&mut kept.author, said.author);
    keep(&mut kept.parents, said.parents);
    kept.pulls.extend(said.pulls);
    kept.pulls_asked |= said.pulls_asked;
    kept.pulls_unclear |= said.pulls_unclear;
    kept.workflows.extend(said.workflows);
}

/// Adds what another source says of a pull request.
fn merge(kept: &mut Pull, said: Pull) {
    kept.states.extend(said.states);
    kept.reviews.extend(said.reviews);
    kept.reviews_asked |= said.reviews_asked;
    kept.reviews_unclear |= said.reviews_unclear;
}
