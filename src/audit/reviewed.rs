//! Did somebody else look at the commit that a run built, before it was deployed?

use crate::audit::runs::Linked;
use crate::audit::runs::Sure;
use crate::audit::uses::surely_after;
use crate::ci::Commit;
use crate::ci::Merged;
use crate::ci::People;
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
    let sure = Linked { facts: &joined.facts, entry, link }.sure()?;
    match of(sure) {
        _ if !shows_commit(sure.run.event.as_deref()?) => None,
        Reviewed::Yes => Some(true),
        Reviewed::No(_) => Some(false),
        Reviewed::Unknown => None,
    }
}

/// True for events whose run names the commit that it checks out. What others start names the tip of the default branch.
pub(super) fn shows_commit(event: &str) -> bool {
    ["push", "create", "release", "schedule", "workflow_dispatch"].contains(&event)
}

/// Judges the commit that a run built.
pub(super) fn of(sure: Sure<'_>) -> Reviewed<'_> {
    let Some((sha, event)) = sure.run.head_sha.as_deref().zip(sure.run.event.as_deref()) else {
        return Reviewed::Unknown;
    };
    // These build commits that are none of a branch yet, and that GitHub names no pull request for.
    let is_queued = sure.run.head_branch.as_deref().is_some_and(|branch| branch.starts_with("gh-readonly-queue/"));
    if event.starts_with("pull_request") || event == "merge_group" || is_queued {
        return Reviewed::Unknown;
    }
    let facts = sure.linked.facts;
    let Some((commit, issued)) = sure.commit().zip(sure.linked.entry.issued()) else {
        return Reviewed::Unknown;
    };
    if commit.pulls.is_empty() {
        return if commit.pulls_asked { Reviewed::No(Lack::NoPull) } else { Reviewed::Unknown };
    }
    let mut least = None;
    // A list that may go on may hold an approved one.
    let mut is_known = !commit.pulls_unclear;
    for key in &commit.pulls {
        match facts.pulls.get(key).map(|pull| judged((sha, commit), surely_after(issued), key.1, pull)) {
            Some(Reviewed::Yes) => return Reviewed::Yes,
            Some(Reviewed::No(lack)) => least = Some(least.map_or(lack, |least: Lack<'_>| least.min(lack))),
            Some(Reviewed::Unknown) | None => is_known = false,
        }
    }
    least.filter(|_| is_known).map_or(Reviewed::Unknown, Reviewed::No)
}

/// Judges a commit by one pull request, as it was when the commit was deployed.
fn judged<'a>((sha, commit): (&str, &Commit), deployed: Timestamp, number: u64, pull: &'a Pull) -> Reviewed<'a> {
    let Some((state, author)) = pull.state().and_then(|state| Some((state, state.author.as_ref()?))) else {
        return Reviewed::Unknown;
    };
    let is_merged = state.merged.at().is_some_and(|merged| merged <= deployed);
    let fits = |commit: &str| commit == sha || (is_merged && state.head.as_deref() == Some(commit));
    let mut is_known = pull.reviews_asked && state.head.is_some() && state.merged != Merged::Unknown;
    let mut earlier = None;
    // Programs open pull requests for people: whoever wrote what was built is its author. Of a merge, that is another.
    let writer = commit.author.as_ref().filter(|_| author.is_bot && commit.parents == Some(1));
    for review in
        last_words(pull, deployed, |person| person.is_same(author) || writer.is_some_and(|one| person.is_same(one)))
    {
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

/// Returns what each person but the authors said last, by the time of the deployment. Programs do not look.
fn last_words(pull: &Pull, deployed: Timestamp, is_author: impl Fn(&Person) -> bool) -> Vec<&Review> {
    let mut people = People::default();
    let mut last: Vec<Option<&Review>> = Vec::new();
    let mut of_nobody: Vec<&Review> = Vec::new();
    // Reviews are in order of time.
    for review in pull.reviews.iter().filter(|review| review.at <= deployed) {
        if review.person.as_ref().is_some_and(|person| person.is_bot || is_author(person)) {
            continue;
        }
        let Some(person) = &review.person else {
            of_nobody.push(review);
            continue;
        };
        let at = people.place(person);
        last.resize(last.len().max(at + 1), None);
        if let Some(place) = last.get_mut(at) {
            *place = Some(review);
        }
    }
    last.into_iter().flatten().chain(of_nobody).collect()
}

/// Returns a commit as people write it.
pub(super) fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}
