//! The script that fetches evidence, run by a shell with a `gh` that is not one.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use rolechain::ci::Facts;
use rolechain::ci::RunKey;
use rolechain::ci::System;
use rolechain::ci::Wanted;
use rolechain::ci::script;

/// Answers as GitHub does: run 8 after a rate limit, run 9 is gone, `acme/hidden` is out of sight.
const GH: &str = r#"#!/bin/sh
for last; do :; done
echo "$last" >>"$LOG"
no() { echo "gh: Not Found (HTTP 404)" >&2; exit 1; }
case $last in
repos/acme/hidden*) no ;;
repos/acme/closed/commits/*) echo 'gh: Resource not accessible by personal access token (HTTP 403)' >&2; exit 1 ;;
repos/*/runs/9*) no ;;
repos/*/runs/8/attempts/1)
    [ -e "$LOG.limited" ] || { : >"$LOG.limited"; echo "gh: API rate limit exceeded (HTTP 403)" >&2; exit 1; } ;;
repos/*/runs/7/attempts/5*) no ;;
esac
case $last in
*/commits/*/pulls*)
    answer='{"repo":"acme/orders","commit":"c7b8502b087a93f97ff186574e3389d31b1bc098","pulls":[{"number":41,"url":"https://api.github.com/repos/acme/orders/pulls/41","merged_at":"2026-11-10T08:00:00Z","merge_commit_sha":"c7b8502b087a93f97ff186574e3389d31b1bc098","user":{"login":"octavia","id":501,"type":"User"},"head":{"sha":"4444444444444444444444444444444444444444"},"base":{"ref":"main"}}]}'
    [ ! -e "$LOG.open" ] || answer=$(echo "$answer" | sed 's/"merged_at":"[^"]*"/"merged_at":null/')
    [ ! -e "$LOG.none" ] || answer=$(echo "$answer" | sed 's/"pulls":.*/"pulls":[]}/')
    echo "$answer" ;;
*/commits/*) echo '{"sha":"c7b8502b087a93f97ff186574e3389d31b1bc098","author":{"login":"octavia","id":501,"type":"User"},"files":[{"filename":".github/workflows/deploy.yml"}]}' ;;
*/pulls/41/reviews*) echo '{"repo":"acme/orders","pull":41,"reviews":[]}' ;;
*/approvals) echo '[]' ;;
*/jobs*) echo '[{"total_count":1,"jobs":[{"id":1'"$(echo "$last" | cut -d/ -f6)"',"run_id":'"$(echo "$last" | cut -d/ -f6)"',"run_attempt":1,"name":"deploy","started_at":"2026-11-10T09:00:00Z","html_url":"https://github.com/acme/orders/actions/runs/7/job/1"}]}]' ;;
*/runs/*) id=$(echo "$last" | cut -d/ -f6); status=completed; [ "$id" != 6 ] || [ -e "$LOG.over" ] || status=in_progress; echo '{"id":'"$id"',"status":"'"$status"'","run_number":3,"run_attempt":1,"head_sha":"c7b8502b087a93f97ff186574e3389d31b1bc098","html_url":"https://github.com/acme/orders/actions/runs/'"$id"'"}' ;;
*) echo '{"id":9001}' ;;
esac
"#;

fn wanted(repository: &str, id: &str, attempt: Option<u32>) -> Wanted {
    let run = RunKey { system: System::GitHub, host: "github.com".into(), id: id.into() };
    Wanted { run, repository: repository.into(), attempt }
}

/// Runs the script, and returns what was asked for and whether all was fetched.
fn run(folder: &Path, wanted: &[Wanted]) -> (Vec<String>, bool) {
    run_with_reviews(folder, wanted, &BTreeSet::new())
}

/// As [`run`], with who reviewed the commits of some runs.
fn run_with_reviews(folder: &Path, wanted: &[Wanted], reviewed: &BTreeSet<RunKey>) -> (Vec<String>, bool) {
    let gh = folder.join("gh");
    fs::write(&gh, GH).unwrap();
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.join("wanted.sh"), script(wanted, reviewed)).unwrap();
    let log = folder.join("log");
    let _ = fs::remove_file(&log);
    let mut sh = Command::new("sh");
    sh.args(["-c", "PATH=\"$1:$PATH\" exec sh \"$1/wanted.sh\" \"$1/evidence\"", "sh"]).arg(folder).env("LOG", &log);
    let output = sh.env("CI_WANTED_PAUSE", "0").output().unwrap();
    let asked = fs::read_to_string(&log).unwrap_or_default().lines().map(str::to_owned).collect();
    (asked, output.status.success())
}

fn read(folder: &Path, facts: &mut Facts) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, facts);
        } else {
            facts.read(&path.display().to_string(), File::open(&path).unwrap()).unwrap();
        }
    }
}

#[test]
fn what_is_wanted_is_fetched_once_and_what_is_gone_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let all = [
        wanted("acme/orders", "7", Some(1)),
        wanted("acme/orders", "7", Some(5)),
        wanted("acme/orders", "8", Some(1)),
        wanted("acme/orders", "8", Some(1)),
        wanted("acme/orders", "9", Some(1)),
    ];
    let (asked, is_all) = run(folder.path(), &all);
    assert!(is_all, "{asked:?}");
    // Three requests for a run, and one more where the system asked to wait.
    let of_eight = asked.iter().filter(|path| path.contains("/runs/8")).count();
    assert_eq!(of_eight, 4, "{asked:?}");
    let mut facts = Facts::default();
    read(&folder.path().join("evidence"), &mut facts);
    facts.settle();
    let of = |id: &str| &facts.runs[&RunKey { system: System::GitHub, host: "github.com".into(), id: id.into() }];
    assert!(of("7").is_shown && of("7").approvals_asked && !of("7").attempts.get(&1).unwrap().jobs.is_empty());
    assert!(of("8").is_shown && of("8").approvals_asked);
    assert!(of("9").is_missing && !of("9").is_shown);
    let (again, is_all) = run(folder.path(), &all);
    let repeated: Vec<_> = again.iter().filter(|path| !path.ends_with("/attempts/5")).collect();
    assert!(is_all && repeated.is_empty(), "{again:?}");
}

/// A run that went on is fetched again until it is over; settings are fetched again after a day, once for all runs.
#[test]
fn what_may_have_changed_is_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let all = [wanted("acme/orders", "6", Some(1)), wanted("acme/orders", "7", Some(1))];
    let count = |asked: &[String], part: &str| asked.iter().filter(|path| path.contains(part)).count();
    let (first, _) = run(folder.path(), &all);
    assert_eq!((count(&first, "/runs/6"), count(&first, "/environments")), (3, 1), "{first:?}");
    fs::write(folder.path().join("log.over"), "").unwrap();
    let settings = folder.path().join("evidence/github.com/acme/orders/environments.json");
    assert!(Command::new("touch").args(["-t", "202001010000"]).arg(&settings).status().unwrap().success());
    let (second, is_all) = run(folder.path(), &all);
    assert!(is_all);
    assert_eq!((count(&second, "/runs/6"), count(&second, "/runs/7")), (3, 0), "{second:?}");
    assert_eq!((count(&second, "/environments"), count(&second, "meta")), (1, 0), "{second:?}");
    assert_eq!(run(folder.path(), &all).0, Vec::<String>::new());
}

/// What is said of a pull request can change until it is merged, and until the run is over.
#[test]
fn reviews_are_asked_for_again_until_they_cannot_change() {
    let count = |asked: &[String], part: &str| asked.iter().filter(|path| path.contains(part)).count();
    for state in ["open", "none"] {
        let folder = tempfile::tempdir().unwrap();
        let all = [wanted("acme/orders", "7", Some(1)), wanted("acme/orders", "8", Some(1))];
        let reviewed: BTreeSet<RunKey> = all.iter().map(|one| one.run.clone()).collect();
        let marker = folder.path().join("log").with_extension(state);
        fs::write(&marker, "").unwrap();
        let reviews = usize::from(state == "open");
        for _ in 0..2 {
            // Once for a commit, however many runs built it.
            let (asked, is_all) = run_with_reviews(folder.path(), &all, &reviewed);
            assert!(is_all, "{asked:?}");
            assert_eq!((count(&asked, "/pulls?"), count(&asked, "/reviews")), (1, reviews), "{state}: {asked:?}");
        }
        // Whatever was asked first a month ago will not be merged any more.
        let commit = "evidence/github.com/acme/orders/commits/c7b8502b087a93f97ff186574e3389d31b1bc098/commit.json";
        let touch = |time: &str| Command::new("touch").args(["-t", time]).arg(folder.path().join(commit)).status();
        assert!(touch("202001010000").unwrap().success());
        assert_eq!(run_with_reviews(folder.path(), &all, &reviewed).0, Vec::<String>::new());
        assert!(Command::new("touch").arg(folder.path().join(commit)).status().unwrap().success());
        fs::remove_file(&marker).unwrap();
        let (asked, _) = run_with_reviews(folder.path(), &all, &reviewed);
        assert_eq!((count(&asked, "/pulls?"), count(&asked, "/reviews")), (1, 1), "{state}: {asked:?}");
        assert_eq!(run_with_reviews(folder.path(), &all, &reviewed).0, Vec::<String>::new(), "{state}");
    }
    let folder = tempfile::tempdir().unwrap();
    let run = [wanted("acme/orders", "6", Some(1))];
    let reviewed: BTreeSet<RunKey> = [run[0].run.clone()].into();
    for (is_over, expected) in [(false, 1), (false, 1), (true, 1), (true, 0)] {
        if is_over {
            fs::write(folder.path().join("log.over"), "").unwrap();
        }
        let (asked, _) = run_with_reviews(folder.path(), &run, &reviewed);
        assert_eq!((count(&asked, "/pulls?"), count(&asked, "/reviews")), (expected, expected), "{asked:?}");
    }
}

#[test]
fn what_is_out_of_sight_is_not_said_to_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (asked, is_all) = run(folder.path(), &[wanted("acme/hidden", "7", None), wanted("acme/hidden", "8", None)]);
    assert!(!is_all);
    assert_eq!(asked.iter().filter(|path| *path == "repos/acme/hidden").count(), 1, "{asked:?}");
    let mut facts = Facts::default();
    read(&folder.path().join("evidence"), &mut facts);
    assert!(facts.runs.is_empty(), "{:?}", facts.runs);
}

/// Reviews are asked for once for a commit, however many runs built it, and not for runs that did not reach production.
#[test]
fn who_reviewed_is_fetched_for_runs_that_reached_production() {
    let folder = tempfile::tempdir().unwrap();
    let all = ["7", "8", "6"].map(|id| wanted("acme/orders", id, Some(1)));
    let reviewed: BTreeSet<RunKey> = all.iter().take(2).map(|one| one.run.clone()).collect();
    let (asked, is_all) = run_with_reviews(folder.path(), &all, &reviewed);
    assert!(is_all, "{asked:?}");
    let of_commits: Vec<_> =
        asked.iter().filter(|path| path.contains("/commits/") || path.contains("/pulls/")).collect();
    assert_eq!(of_commits.len(), 3, "{of_commits:?}");
    let mut facts = Facts::default();
    read(&folder.path().join("evidence"), &mut facts);
    facts.settle();
    let commit = facts.commits.values().next().unwrap();
    assert!(commit.pulls_asked && commit.pulls.len() == 1 && commit.workflows.len() == 1, "{commit:?}");
    assert!(facts.pulls.values().all(|pull| pull.reviews_asked && pull.state().is_some()));
    let (again, is_all) = run_with_reviews(folder.path(), &all[..2], &reviewed);
    assert!(is_all && again.is_empty(), "{again:?}");
    // Where the token may not read code, that is said once, and all else is fetched.
    let closed = ["7", "8"].map(|id| wanted("acme/closed", id, Some(1)));
    let (asked, is_all) = run_with_reviews(folder.path(), &closed, &reviewed);
    let count = |part: &str| asked.iter().filter(|path| path.contains(part)).count();
    assert!(!is_all && count("/commits/") == 1 && count("/jobs") == 2, "{asked:?}");
}
