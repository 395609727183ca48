//! Which pull requests a commit came with, and who reviewed them, as GitHub's REST API tells it.
//!
//! The list of a commit's pull requests does not name the commit, and an empty list of reviews names nothing: whoever collects
//! them writes it beside them, or into the name of the file.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::answer::PULLS;
use super::answer::REVIEWS;
use super::answer::nowhere;
use super::answer::sha_of;
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
use super::merge::person as keep_person;

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
        let said = intake.facts.commits.entry(sha).or_default();
        said.pulls.extend(found);
        said.pulls_asked = true;
        return Some(PULLS);
    }
    let (reviews, number) = item.reviews.as_ref().zip(item.number)?;
    let key = (at, number);
    for inner in reviews {
        review(inner, intake, Some(&key));
    }
    intake.facts.pulls.entry(key).or_default().reviews_asked = true;
    Some(REVIEWS)
}

/// Reads a pull request, as every list of them shows it.
fn pull(item: &Item<'_>, intake: &mut Intake<'_>, beside: Option<&Place>) -> Option<PullKey> {
    let (number, head, base) = (item.number?, item.head.as_deref()?, item.base.as_deref()?);
    let at = whereabouts(item);
    let own = (!at.host.is_empty()).then(|| place(System::GitHub, &at.host, at.repository));
    let key = (own.or_else(|| beside.cloned()).unwrap_or_else(nowhere), number);
    let state = PullState {
        merged: item.merged_at,
        merge_commit: sha_of(&item.merge_commit_sha),
        head: sha_of(&head.hash),
        base: kept(&base.ref_),
        author: person(item.user.as_deref()),
    };
    intake.facts.pulls.entry(key.clone()).or_default().states.insert(state);
    if let Some(sha) = intake.answer.commit.clone() {
        intake.facts.commits.entry(sha).or_default().pulls.insert(key.clone());
    }
    Some(key)
}

/// Reads a review. Of the states only those count that say something of the whole.
fn review(item: &Item<'_>, intake: &mut Intake<'_>, beside: Option<&PullKey>) -> Option<()> {
    let text = |inner: &Inner<'_>| inner.as_ref().and_then(|inner| inner.text.as_deref().map(str::to_ascii_uppercase));
    let verdict = match &*text(&item.state)? {
        "APPROVED" => Some(Verdict::Approved),
        "CHANGES_REQUESTED" => Some(Verdict::ChangesRequested),
        "DISMISSED" => Some(Verdict::Dismissed),
        "COMMENTED" | "PENDING" => None,
        _ => return None,
    };
    if item.created_at.is_none() && item.head_sha.is_none() {
        return None;
    }
    let at = whereabouts(item);
    let own = at.pull.map(|number| (place(System::GitHub, &at.host, at.repository), number));
    let named = || Some((nowhere(), intake.answer.pull?));
    let key = own.or_else(|| beside.cloned()).or_else(named)?;
    if beside.is_none() {
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
    let said = intake.facts.commits.entry(sha).or_default();
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
    for commit in facts.commits.values_mut() {
        commit.pulls = std::mem::take(&mut commit.pulls).into_iter().map(&found).collect();
    }
    // A merged pull request itself names the commit that it became.
    for (key, pull) in &facts.pulls {
        let became = pull.state().filter(|state| state.merged.is_some()).and_then(|state| state.merge_commit.clone());
        if let Some(sha) = became {
            facts.commits.entry(sha).or_default().pulls.insert(key.clone());
        }
    }
}

/// Adds what another source says of a pull request.
fn merge(kept: &mut Pull, said: Pull) {
    kept.states.extend(said.states);
    kept.reviews.extend(said.reviews);
    kept.reviews_asked |= said.reviews_asked;
}

#[cfg(test)]
mod tests {
    use super::super::facts::Commit;
    use super::super::facts::Pull;
    use super::*;

    const SHA: &str = "9288178ccb359c1e99390babc2e8b4bd38c6d27b";
    const HEAD: &str = "4444444444444444444444444444444444444444";

    fn read(files: &[(&str, String)]) -> Facts {
        let mut facts = Facts::default();
        for (name, text) in files {
            facts.read(name, text.as_bytes()).unwrap();
        }
        facts.settle();
        for file in &facts.files {
            assert!(file.defects.is_empty(), "{file:?}");
        }
        facts
    }

    /// A pull request that became another commit than the one that was asked, as after a rebase.
    fn pulled(url: bool) -> String {
        let url = if url { r#""url":"https://api.github.com/repos/Acme/orders/pulls/6","# } else { "" };
        format!(
            r#"{{{url}"number":6,"state":"closed","merged_at":"2026-11-09T08:30:00Z","user":{{"login":"octavia","id":501}},
"merge_commit_sha":"3333333333333333333333333333333333333333","base":{{"ref":"main"}},"head":{{"ref":"price","sha":"{HEAD}"}}}}"#
        )
    }

    fn reviewed(url: bool, state: &str) -> String {
        let url = if url { r#""pull_request_url":"https://api.github.com/repos/acme/orders/pulls/6","# } else { "" };
        format!(
            r#"{{{url}"id":90001,"user":{{"login":"sam","id":502}},"state":"{state}","submitted_at":"2026-11-09T08:21:00Z",
"commit_id":"{HEAD}","body":"x"}}"#
        )
    }

    fn one(facts: &Facts) -> (&Commit, &Pull) {
        assert_eq!(facts.pulls.len(), 1, "{:?}", facts.pulls);
        let (key, pull) = facts.pulls.first_key_value().unwrap();
        let commit = &facts.commits[SHA];
        assert_eq!(commit.pulls.iter().collect::<Vec<_>>(), [key]);
        (commit, pull)
    }

    /// What was asked stands beside the answer, in the name of the file or in an address, whichever it is.
    #[test]
    fn answers_find_what_was_asked_in_every_form() {
        for url in [true, false] {
            let (pull, review) = (pulled(url), reviewed(url, "APPROVED"));
            let line = format!(r#"{{"commit":"{SHA}","repo":"acme/orders","pulls":[{pull}]}}"#);
            let reviews = format!(r#"{{"pull":6,"repo":"acme/orders","reviews":[{review}]}}"#);
            for files in [
                vec![("a", format!("{line}{reviews}"))],
                vec![("a", format!("[{line}]")), ("b", reviews)],
                vec![
                    (&*format!("commit-{SHA}-pulls.json"), format!("[{pull}]")),
                    ("pull-6-reviews.json", format!("[{review}]")),
                ],
                vec![
                    (&*format!("x/commits/{SHA}/pulls.json"), format!("[[{pull}]]")),
                    ("x/pulls/6/reviews.json", format!("[[{review}]]")),
                ],
                vec![("a", line), ("pull-6-reviews.json", format!("[{review}]"))],
            ] {
                let facts = read(&files);
                let (commit, pull) = one(&facts);
                assert!(commit.pulls_asked && pull.reviews_asked, "{files:?}");
                let state = pull.state().unwrap();
                assert_eq!((state.head.as_deref(), state.merged.is_some()), (Some(HEAD), true));
                let review = pull.reviews.first().unwrap();
                assert_eq!((review.verdict, review.commit.as_deref()), (Verdict::Approved, Some(HEAD)));
                let mut turned = files.clone();
                turned.reverse();
                let turned = read(&turned);
                assert_eq!((&turned.commits, &turned.pulls), (&facts.commits, &facts.pulls));
            }
        }
    }

    #[test]
    fn an_empty_answer_is_an_answer_and_no_answer_is_none() {
        let none = "[]".to_owned();
        let facts = read(&[(&*format!("commit-{SHA}-pulls.json"), none.clone())]);
        assert!(facts.commits[SHA].pulls_asked && facts.commits[SHA].pulls.is_empty());
        let facts = read(&[("a", format!(r#"{{"commit":"{SHA}","pulls":[]}}"#))]);
        assert!(facts.commits[SHA].pulls_asked && facts.commits[SHA].pulls.is_empty());
        let refused = r#"{"message":"Not Found","status":"404"}"#.to_owned();
        let mut facts = Facts::default();
        facts.read(&format!("commit-{SHA}-pulls.json"), refused.as_bytes()).unwrap();
        assert!(facts.commits.is_empty() && !facts.files[0].defects.is_empty());
        let line = format!(r#"{{"commit":"{SHA}","repo":"acme/orders","pulls":[{}]}}"#, pulled(true));
        let facts = read(&[("a", line.clone()), ("pull-6-reviews.json", none.clone())]);
        assert!(one(&facts).1.reviews_asked && one(&facts).1.reviews.is_empty());
        assert!(
            !one(&read(&[("a", line.clone()), ("pull-7-reviews.json.part", reviewed(true, "APPROVED"))]))
                .1
                .reviews_asked
        );
        // Two pull requests have this number: the answer may be of either.
        let other = pulled(true).replace("Acme/orders", "acme/docs");
        let facts = read(&[("a", line), ("b", other), ("pull-6-reviews.json", none)]);
        assert!(facts.pulls.iter().all(|((place, _), pull)| pull.reviews_asked == place.name.is_empty()));
        // A full page may be the first of more.
        let page = format!("[{}]", vec![reviewed(true, "COMMENTED"); 30].join(","));
        let facts = read(&[("a", page.clone())]);
        assert!(facts.pulls.values().all(|pull| !pull.reviews_asked && pull.reviews.is_empty()));
    }

    #[test]
    fn a_pull_request_names_the_commit_that_it_became_once_it_is_merged() {
        let became = "3333333333333333333333333333333333333333";
        assert_eq!(read(&[("a", pulled(true))]).commits[became].pulls.len(), 1);
        // While it is open, GitHub names a merge that it tried.
        let open = pulled(true).replace("\"2026-11-09T08:30:00Z\"", "null");
        assert!(read(&[("a", open.clone())]).commits.is_empty());
        let facts = read(&[("a", open.replace(HEAD, SHA)), ("b", pulled(true))]);
        assert_eq!(facts.pulls.values().next().unwrap().state().unwrap().head.as_deref(), Some(HEAD));
        let facts = read(&[("a", pulled(true).replace(HEAD, SHA)), ("b", pulled(true))]);
        assert_eq!(facts.pulls.values().next().unwrap().state(), None);
    }

    #[test]
    fn of_a_commit_the_author_and_the_files_of_workflows_are_kept() {
        let text = format!(
            r#"{{"sha":"{SHA}","commit":{{"author":{{"name":"O","email":"o@acme.example"}},"message":"x"}},"author":{{"login":"octavia","id":501}},
"files":[{{"sha":"2222222222222222222222222222222222222222","filename":".github/workflows/deploy.yml"}},{{"filename":"src/main.rs"}}]}}"#
        );
        let facts = read(&[("a", text)]);
        let commit = &facts.commits[SHA];
        assert_eq!(commit.author.as_ref().map(|one| &*one.login), Some("octavia"));
        assert_eq!(commit.workflows.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), [".github/workflows/deploy.yml"]);
        assert!(!commit.pulls_asked);
    }
}
