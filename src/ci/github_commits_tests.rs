//! What is read of commits, pull requests and reviews, in every form, whole and broken.

use super::facts::Commit;
use super::facts::Facts;
use super::facts::Merged;
use super::facts::Pull;
use super::facts::Verdict;
use super::names::nowhere;
use crate::model::time::Timestamp;

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

fn commit_of<'f>(facts: &'f Facts, sha: &str) -> &'f Commit {
    let mut all = facts.commits.iter().filter(|((own, _), _)| **own == *sha);
    let (Some((_, only)), None) = (all.next(), all.next()) else { panic!("{:?}", facts.commits) };
    only
}

fn one(facts: &Facts) -> (&Commit, &Pull) {
    assert_eq!(facts.pulls.len(), 1, "{:?}", facts.pulls);
    let (key, pull) = facts.pulls.first_key_value().unwrap();
    let commit = commit_of(facts, SHA);
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
            assert_eq!((state.head.as_deref(), state.merged.at().is_some()), (Some(HEAD), true));
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
    assert!(commit_of(&facts, SHA).pulls_asked && commit_of(&facts, SHA).pulls.is_empty());
    let facts = read(&[("a", format!(r#"{{"commit":"{SHA}","pulls":[]}}"#))]);
    assert!(commit_of(&facts, SHA).pulls_asked && commit_of(&facts, SHA).pulls.is_empty());
    let refused = r#"{"message":"Not Found","status":"404"}"#.to_owned();
    let mut facts = Facts::default();
    facts.read(&format!("commit-{SHA}-pulls.json"), refused.as_bytes()).unwrap();
    assert!(facts.commits.is_empty() && !facts.files[0].defects.is_empty());
    let line = format!(r#"{{"commit":"{SHA}","repo":"acme/orders","pulls":[{}]}}"#, pulled(true));
    let facts = read(&[("a", line.clone()), ("pull-6-reviews.json", none.clone())]);
    assert!(one(&facts).1.reviews_asked && one(&facts).1.reviews.is_empty());
    assert!(
        !one(&read(&[("a", line.clone()), ("pull-7-reviews.json.part", reviewed(true, "APPROVED"))])).1.reviews_asked
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
    assert_eq!(commit_of(&read(&[("a", pulled(true))]), became).pulls.len(), 1);
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
    let commit = commit_of(&facts, SHA);
    assert_eq!(commit.author.as_ref().map(|one| &*one.login), Some("octavia"));
    assert_eq!(commit.workflows.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), [".github/workflows/deploy.yml"]);
    assert!(!commit.pulls_asked);
}

/// Reads files that may be broken, and says whether the pull requests and the reviews count as asked for, and whether a
/// fault is named.
fn asked(files: &[(&str, String)]) -> (bool, bool, bool) {
    let mut facts = Facts::default();
    for (name, text) in files {
        facts.read(name, text.as_bytes()).unwrap();
    }
    facts.settle();
    let is_asked = facts.commits.values().any(|commit| commit.pulls_asked);
    let is_reviewed = facts.pulls.values().any(|pull| pull.reviews_asked);
    (is_asked, is_reviewed, facts.files.iter().any(|file| !file.defects.is_empty()))
}

/// What is not understood is not nothing: neither beside the question nor in a file that is named after it, and no earlier
/// answer hides it.
#[test]
fn an_answer_of_which_a_part_is_not_understood_is_none() {
    let (pull, review) = (pulled(true), reviewed(true, "APPROVED"));
    for odd in ["6", "null", "true", "\"APPROVED\"", r#"{"number":6}"#, r#"{"message":"Bad credentials"}"#, "[6]", "{}"]
    {
        for list in [odd.to_owned(), format!("{pull},{odd}"), format!("{odd},{pull}")] {
            let line = format!(r#"{{"commit":"{SHA}","repo":"acme/orders","pulls":[{list}]}}"#);
            assert_eq!(asked(&[("a", line.clone())]), (false, false, true), "{line}");
            let earlier = format!(r#"{{"commit":"{SHA}","repo":"acme/orders","pulls":[]}}"#);
            assert!(!asked(&[("a", line), ("b", earlier)]).0, "{odd}");
            let name = format!("commit-{SHA}-pulls.json");
            assert!(!asked(&[(&*name, format!("[{list}]"))]).0, "{list}");
        }
        for list in [odd.to_owned(), format!("{review},{odd}"), format!("{odd},{review}")] {
            let line = format!(r#"{{"pull":6,"repo":"acme/orders","reviews":[{list}]}}"#);
            assert_eq!(asked(&[("a", line.clone())]), (false, false, true), "{line}");
            assert!(!asked(&[("a", line), ("b", r#"{"pull":6,"repo":"acme/orders","reviews":[]}"#.to_owned())]).1);
            assert!(!asked(&[("pull-6-reviews.json", format!("[{list}]"))]).1, "{list}");
        }
    }
    // A review without a time may be of any time.
    let timeless = review.replace("submitted_at", "at");
    assert!(!asked(&[("a", format!(r#"{{"pull":6,"reviews":[{timeless}]}}"#))]).1);
    // Of reviews that stand in no list, nobody knows whether they are all.
    assert!(!asked(&[("a", format!("[]{review}"))]).1);
}

/// People ask for pages of 30, 50 or 100, and the pages follow each other.
#[test]
fn a_full_page_is_no_whole_answer_until_a_last_one_comes() {
    let review = reviewed(true, "COMMENTED");
    let list = |count: usize| vec![&*review; count].join(",");
    let line = |count: usize| format!(r#"{{"pull":6,"repo":"acme/orders","reviews":[{}]}}"#, list(count));
    for (count, is_whole) in [(0, true), (7, true), (29, true), (31, true), (30, false), (50, false), (100, false)] {
        assert_eq!(asked(&[("a", line(count))]).1, is_whole, "{count}");
        assert_eq!(asked(&[("pull-6-reviews.json", format!("[{}]", list(count)))]).1, is_whole, "{count}");
    }
    assert!(asked(&[("a", line(100) + &line(3))]).1);
    assert!(!asked(&[("a", line(0)), ("b", line(100))]).1);
}

/// Forks and mirrors hold the same commits, and other repositories have pull requests of the same numbers.
#[test]
fn what_was_asked_of_another_repository_says_nothing_of_this_one() {
    let line = |repo: &str, pulls: &str| format!(r#"{{"commit":"{SHA}","repo":"{repo}","pulls":[{pulls}]}}"#);
    let other = pulled(true).replace("Acme/orders", "evil/orders");
    let facts = read(&[("a", line("acme/orders", "") + &line("evil/orders", &other))]);
    let of = |name: &str| {
        let mut all = facts.commits.iter().filter(|((sha, place), _)| **sha == *SHA && *place.name == *name);
        all.next().map(|(_, commit)| (commit.pulls_asked, commit.pulls.len()))
    };
    assert_eq!((of("acme/orders"), of("evil/orders")), (Some((true, 0)), Some((true, 1))));
    for name in [
        "github.com/acme/docs/pulls/6/reviews.json",
        "ci/github.com/acme/docs/pulls/6/reviews.json",
        "acme/docs/pulls/6/reviews.json",
        "git.acme.example/acme/docs/pull-6-reviews.json",
    ] {
        for text in ["[]".to_owned(), format!("[{}]", reviewed(false, "APPROVED"))] {
            let facts = read(&[("a", line("acme/orders", &pulled(true))), (name, text)]);
            for ((place, _), pull) in &facts.pulls {
                let is_docs = &*place.name == "acme/docs";
                assert_eq!(pull.reviews_asked, is_docs, "{name}");
                assert!(is_docs || pull.reviews.is_empty(), "{name}");
            }
            let own = name.replace("docs", "orders").replace("git.acme.example", "github.com");
            let facts = read(&[("a", line("acme/orders", &pulled(true))), (&own, text_of())]);
            assert!(one(&facts).1.reviews_asked, "{own}");
        }
    }
    // What no file gives a repository is of the only one that has the commit, and of none when there are two.
    let named = format!("commit-{SHA}-pulls.json");
    let own = format!(
        r#"{{"sha":"{SHA}","html_url":"https://github.com/acme/orders/commit/{SHA}","author":{{"login":"x"}}}}"#
    );
    let facts = read(&[(&*named, text_of()), ("b", own.clone())]);
    assert!(commit_of(&facts, SHA).pulls_asked);
    let facts = read(&[(&*named, text_of()), ("b", own.replace("acme", "evil") + &own)]);
    assert!(facts.commits.iter().all(|((_, place), commit)| place.name.is_empty() || !commit.pulls_asked));
    assert!(facts.commits.keys().all(|(_, place)| *place != nowhere()));
}

fn text_of() -> String {
    "[]".to_owned()
}

/// A time of a merge that is left out, or that nobody understands, is not "not merged".
#[test]
fn only_a_file_that_says_so_makes_a_pull_request_unmerged() {
    let merged = r#""merged_at":"2026-11-09T08:30:00Z""#;
    for (said, expected) in [
        ("\"merged_at\":null", Merged::No),
        ("\"merged_at\":\"yesterday\"", Merged::Unknown),
        ("\"merged_at\":{}", Merged::Unknown),
        ("\"x\":1", Merged::Unknown),
        ("\"merged_at\":1794213000", Merged::At(Timestamp(1_794_213_000))),
    ] {
        let facts = read(&[("a", pulled(true).replace(merged, said))]);
        assert_eq!(facts.pulls.values().next().unwrap().state().unwrap().merged, expected, "{said}");
    }
    let open = pulled(true).replace(merged, "\"x\":1").replace("\"closed\"", "\"open\"");
    assert_eq!(read(&[("a", open)]).pulls.values().next().unwrap().state().unwrap().merged, Merged::No);
}

#[test]
fn whoever_renamed_themselves_wrote_one_pull_request() {
    let renamed = pulled(true).replace("octavia", "octi");
    let facts = read(&[("a", pulled(true)), ("b", renamed.clone())]);
    assert!(one_pull(&facts).state().is_some());
    let facts = read(&[("a", pulled(true)), ("b", renamed.replace("501", "777"))]);
    assert!(one_pull(&facts).state().is_none());
}

fn one_pull(facts: &Facts) -> &Pull {
    assert_eq!(facts.pulls.len(), 1);
    facts.pulls.values().next().unwrap()
}
