//! Did somebody else look at the commit that a run built, before it was deployed?

use std::collections::BTreeMap;

use crate::audit::runs::Linked;
use crate::audit::runs::Sure;
use crate::audit::uses::surely_after;
use crate::ci::Person;
use crate::ci::Pull;
use crate::ci::Review;
use crate::ci::Verdict;
use crate::join::Joined;
use crate::join::RunLink;
use crate::model::lineage::SessionView;
use crate::model::time::Timestamp;

/// What the evidence says of a commit.
pub(super) enum Reviewed<'a> {
    /// Somebody else approved it.
    Yes,
    /// Nobody can say.
    Unknown,
    /// Nobody else did.
    No(Lack<'a>),
}

/// How a review is lacking, the least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack<'a> {
    /// Somebody approved an earlier state of the pull request.
    Stale(u64, &'a Person),
    /// Nobody but programs, if any, approved the pull request.
    Unapproved(u64, &'a Person),
    /// The pull request was not merged then.
    Open(u64, &'a Person),
    /// There is no pull request.
    NoPull,
}

/// True when somebody else looked at the commit of a chain's run, false when nobody did; `None` where the evidence does not say.
pub fn is_reviewed(joined: &Joined, link: &RunLink, entry: SessionView<'_>) -> Option<bool> {
    match of(Linked { facts: &joined.facts, entry, link }.sure()?) {
        Reviewed::Yes => Some(true),
        Reviewed::No(_) => Some(false),
        Reviewed::Unknown => None,
    }
}

/// Judges the commit that a run built.
pub(super) fn of(sure: Sure<'_>) -> Reviewed<'_> {
    let Some((sha, event)) = sure.run.head_sha.as_deref().zip(sure.run.event.as_deref()) else {
        return Reviewed::Unknown;
    };
    // Both build commits that are none of a branch yet, and that GitHub names no pull request for.
    if event.starts_with("pull_request") || event == "merge_group" {
        return Reviewed::Unknown;
    }
    let facts = sure.linked.facts;
    let Some((commit, issued)) = facts.commits.get(sha).zip(sure.linked.entry.issued()) else {
        return Reviewed::Unknown;
    };
    if commit.pulls.is_empty() {
        return if commit.pulls_asked { Reviewed::No(Lack::NoPull) } else { Reviewed::Unknown };
    }
    let mut least = None;
    let mut is_known = true;
    for key in &commit.pulls {
        match facts.pulls.get(key).map(|pull| judged(sha, surely_after(issued), key.1, pull)) {
            Some(Reviewed::Yes) => return Reviewed::Yes,
            Some(Reviewed::No(lack)) => least = Some(least.map_or(lack, |least: Lack<'_>| least.min(lack))),
            Some(Reviewed::Unknown) | None => is_known = false,
        }
    }
    least.filter(|_| is_known).map_or(Reviewed::Unknown, Reviewed::No)
}

/// Judges a commit by one pull request, as it was when the commit was deployed.
fn judged<'a>(sha: &str, deployed: Timestamp, number: u64, pull: &'a Pull) -> Reviewed<'a> {
    let Some((state, author)) = pull.state().and_then(|state| Some((state, state.author.as_ref()?))) else {
        return Reviewed::Unknown;
    };
    let is_merged = state.merged.is_some_and(|merged| merged <= deployed);
    let fits = |commit: &str| commit == sha || (is_merged && state.head.as_deref() == Some(commit));
    let mut is_known = pull.reviews_asked && state.head.is_some();
    let mut earlier = None;
    for review in last_words(pull, author, deployed) {
        let at_head = review.commit.as_deref().map(fits);
        match (review.verdict, at_head, &review.person) {
            (Verdict::Approved, Some(true), Some(_)) => return Reviewed::Yes,
            (Verdict::Approved, Some(false), Some(person)) => earlier = Some(person),
            (Verdict::ChangesRequested, ..) | (Verdict::Dismissed, Some(false), _) => {}
            // Who or what it was about is gone, or it was an approval until somebody took its force, perhaps later.
            _ => is_known = false,
        }
    }
    match earlier {
        _ if !is_known => Reviewed::Unknown,
        Some(person) => Reviewed::No(Lack::Stale(number, person)),
        None if is_merged => Reviewed::No(Lack::Unapproved(number, author)),
        None => Reviewed::No(Lack::Open(number, author)),
    }
}

/// Returns what each person but the author said last, by the time of the deployment. Programs do not look.
fn last_words<'a>(pull: &'a Pull, author: &Person, deployed: Timestamp) -> impl Iterator<Item = &'a Review> {
    let mut last: BTreeMap<Option<String>, &Review> = BTreeMap::new();
    // Reviews are in order of time.
    for review in pull.reviews.iter().filter(|review| review.at <= deployed) {
        let is_other = |person: &Person| !person.is_bot && !is_same(person, author);
        if review.person.as_ref().is_none_or(is_other) {
            last.insert(review.person.as_ref().map(|person| person.login.to_ascii_lowercase()), review);
        }
    }
    last.into_values()
}

/// True when two names are one person's: numbers outlive logins.
pub(super) fn is_same(one: &Person, other: &Person) -> bool {
    match one.id.zip(other.id) {
        Some((one, other)) => one == other,
        None => one.login.eq_ignore_ascii_case(&other.login),
    }
}

/// Returns a commit as people write it.
pub(super) fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}
