//! The script that fetches evidence from GitLab, Bitbucket and Buildkite, run by a shell with a `glab` and a `curl` that are none.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use rolechain::ci::Facts;
use rolechain::ci::RunKey;
use rolechain::ci::System;
use rolechain::ci::Wanted;
use rolechain::ci::script;

const STEP: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const REPOSITORY: &str = "acme/11111111-2222-4333-8444-555555555555";
const COMMIT: &str = "9f3b2c9f3b2c9f3b2c9f3b2c9f3b2c9f3b2c9f3b";

/// Answers as GitLab does: job 71 is of pipeline 7, 8 is a pipeline, 9 is neither; `acme/hidden` is out of sight, and of
/// `acme/closed` nothing may be read.
const GLAB: &str = r#"#!/bin/sh
for last; do :; done
echo "glab $last" >>"$LOG"
no() { echo "glab: 404 Not found (HTTP 404)" >&2; exit 1; }
case $last in
projects/acme%2Fhidden*) no ;;
projects/acme%2Fclosed*) echo "glab: 403 Forbidden (HTTP 403)" >&2; exit 1 ;;
projects/acme%2Fexpired*) echo "glab: 401 Unauthorized (HTTP 401)" >&2; exit 1 ;;
*/jobs/71) echo '{"id":71,"status":"success","web_url":"https://gitlab.com/acme/shop/orders/-/jobs/71","pipeline":{"iid":2,"id":7,"project_id":3},"user":{"id":5}}' ;;
*/jobs/*) no ;;
*/pipelines/[78]) id=${last##*/}
    [ -e "$LOG.limited" ] || { : >"$LOG.limited"; echo "glab: Too Many Requests (HTTP 429)" >&2; exit 1; }
    echo '{"id":'"$id"',"iid":2,"project_id":3,"status":"success","source":"push","ref":"main","sha":"abc","user":{"id":5,"username":"octavia"},"web_url":"https://gitlab.com/acme/shop/orders/-/pipelines/'"$id"'","created_at":"2026-11-10T09:00:00.000Z"}' ;;
*/pipelines/[78]/jobs*) id=${last%/jobs*}; id=${id##*/}
    echo '[{"id":'"$id"'1,"name":"deploy","status":"success","started_at":"2026-11-10T09:00:00.000Z","finished_at":"2026-11-10T09:05:00.000Z","web_url":"https://gitlab.com/acme/shop/orders/-/jobs/'"$id"'1","pipeline":{"id":'"$id"',"project_id":3}}]' ;;
*/pipelines/*) no ;;
*/deployments*) echo '[{"id":4,"environment":{"name":"prod"},"deployable":{"id":71,"web_url":"https://gitlab.com/acme/shop/orders/-/jobs/71","pipeline":{"id":7,"project_id":3}},"approvals":[{"user":{"id":6,"username":"priya"},"status":"approved","created_at":"2026-11-10T08:59:00.000Z"}]}]' ;;
*) echo '{"id":3}' ;;
esac
"#;

/// Answers as Bitbucket and Buildkite do, to whoever shows the token. It must not be among the arguments.
const CURL: &str = r#"#!/bin/sh
for last; do :; done
echo "curl $last" >>"$LOG"
case $* in *secret*) echo "the token is for all to see" >&2; exit 9 ;; esac
read -r header
[ "$header" = 'header = "Authorization: Bearer secret"' ] || { echo "curl: (22) The requested URL returned error: 401" >&2; exit 22; }
case $last in
*/closed/*) echo "curl: (22) The requested URL returned error: 403" >&2; exit 22 ;;
*pipelines/?sort=*page=1*) [ ! -e "$LOG.early" ] || { echo '{"values": []}'; exit 0; }; echo '{"values": [{"uuid": "{bbbbbbbb-0000-4000-8000-000000000001}"}, {"uuid": "{bbbbbbbb-0000-4000-8000-000000000002}"}]}' ;;
*pipelines/?sort=*) echo '{"values": []}' ;;
*000000000002%7D/steps/*) [ ! -e "$LOG.broken" ] || { echo "curl: (22) The requested URL returned error: 500" >&2; exit 22; }; echo '{"values":[{"type":"pipeline_step","uuid":"{aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee}","name":"deploy","state":{"name":"COMPLETED","result":{"name":"SUCCESSFUL"}},"started_on":"2026-11-10T09:00:00Z","completed_on":"2026-11-10T09:05:00Z","pipeline":{"type":"pipeline","uuid":"{bbbbbbbb-0000-4000-8000-000000000002}"}}]}' ;;
*/steps/*) echo '{"values":[]}' ;;
*000000000002%7D) echo '{"type":"pipeline","uuid":"{bbbbbbbb-0000-4000-8000-000000000002}","build_number":2,"state":{"name":"COMPLETED","result":{"name":"SUCCESSFUL"}},"repository":{"type":"repository","full_name":"acme/orders"},"creator":{"type":"user","nickname":"octavia"},"created_on":"2026-11-10T09:00:00Z","completed_on":"2026-11-10T09:05:00Z"}' ;;
*/builds\?commit=*) [ ! -e "$LOG.early" ] || { echo '[]'; exit 0; }; echo '[{"id":"cccccccc-0000-4000-8000-000000000001","web_url":"https://buildkite.com/acme/orders/builds/5","number":5,"state":"passed","commit":"'"$(echo "$last" | sed 's/.*commit=//; s/&.*//')"'","branch":"main","finished_at":"2026-11-10T09:05:00Z","created_at":"2026-11-10T09:00:00Z","jobs":[{"id":"dddddddd-0000-4000-8000-000000000001","type":"script","name":"deploy","step_key":"deploy","state":"passed","started_at":"2026-11-10T09:00:00Z","finished_at":"2026-11-10T09:05:00Z"}]}]' ;;
esac
"#;

fn wanted(system: System, host: &str, repository: &str, id: &str) -> Wanted {
    let run = RunKey { system, host: host.into(), id: id.into() };
    Wanted { run, repository: repository.into(), attempt: None }
}

fn gitlab(project: &str, id: &str) -> Wanted {
    wanted(System::GitLab, "gitlab.com", project, id)
}

/// Runs the script, and returns what was asked for and how it ended.
fn run(folder: &Path, wanted: &[Wanted], token: &str) -> (Vec<String>, Output) {
    for (name, text) in [("glab", GLAB), ("curl", CURL)] {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let text = script(wanted, &BTreeSet::new());
    assert!(!text.contains("secret"));
    fs::write(folder.join("wanted.sh"), text).unwrap();
    let log = folder.join("log");
    let _ = fs::remove_file(&log);
    let mut sh = Command::new("sh");
    sh.args(["-c", "PATH=\"$1:$PATH\" exec sh \"$1/wanted.sh\" \"$1/evidence\"", "sh"]).arg(folder).env("LOG", &log);
    sh.env("CI_WANTED_PAUSE", "0").env("BITBUCKET_TOKEN", token).env("BUILDKITE_API_TOKEN", token);
    let output = sh.output().unwrap();
    let asked = fs::read_to_string(&log).unwrap_or_default().lines().map(str::to_owned).collect();
    (asked, output)
}

fn facts(folder: &Path) -> Facts {
    fn read(folder: &Path, facts: &mut Facts) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, facts);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                facts.read(&path.display().to_string(), File::open(&path).unwrap()).unwrap();
            }
        }
    }
    let mut facts = Facts::default();
    read(&folder.join("evidence"), &mut facts);
    facts.settle();
    assert!(facts.files.iter().all(|file| file.defects.is_empty()), "{:?}", facts.files);
    facts
}

fn ids(facts: &Facts) -> BTreeSet<&str> {
    facts.runs.keys().map(|key| &*key.id).collect()
}

#[test]
fn a_job_or_a_pipeline_of_gitlab_is_fetched_once() {
    let folder = tempfile::tempdir().unwrap();
    let all = ["71", "8", "9"].map(|id| gitlab("acme/shop/orders", id));
    let (asked, output) = run(folder.path(), &all, "");
    assert!(output.status.success(), "{asked:?} {output:?}");
    // A rate limit, and what is asked for the whole project, once.
    assert_eq!(asked.iter().filter(|path| path.ends_with("/pipelines/7")).count(), 2, "{asked:?}");
    assert_eq!(asked.iter().filter(|path| path.contains("/deployments")).count(), 1, "{asked:?}");
    let facts = facts(folder.path());
    // A number in the name of a session may be any: that nothing is called so is no proof that a run was deleted.
    assert_eq!(ids(&facts), ["7", "8"].into());
    let run_of = |id: &str| &facts.runs[&gitlab("", id).run];
    assert!(facts.runs.values().all(|run| !run.is_missing && run.is_shown));
    assert!(run_of("7").approvals_asked && run_of("7").approvals.iter().any(|by| &*by.person.login == "priya"));
    assert!(
        !run_of("7").attempts.get(&1).unwrap().jobs.is_empty()
            && !run_of("8").attempts.get(&1).unwrap().jobs.is_empty()
    );
    let (again, output) = run(folder.path(), &all, "");
    let repeated: Vec<_> = again.iter().filter(|path| !path.ends_with("/jobs/8")).collect();
    assert!(output.status.success() && repeated.is_empty(), "{again:?}");
}

#[test]
fn what_may_not_be_read_is_said_and_is_not_missing() {
    for project in ["acme/hidden", "acme/closed"] {
        let folder = tempfile::tempdir().unwrap();
        let (asked, output) = run(folder.path(), &[gitlab(project, "71"), gitlab("acme/shop/orders", "71")], "");
        assert!(!output.status.success(), "{project}: {asked:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(project), "{output:?}");
        // The others are fetched nevertheless.
        assert_eq!(ids(&facts(folder.path())), ["7"].into(), "{project}");
    }
    for (one, token) in [
        (gitlab("acme/expired", "71"), ""),
        (wanted(System::Bitbucket, "bitbucket.org", REPOSITORY, STEP), "old"),
        (wanted(System::Buildkite, "buildkite.com", "acme/orders", COMMIT), "old"),
    ] {
        // Without a valid login nothing more is asked.
        let folder = tempfile::tempdir().unwrap();
        let next = Wanted { repository: format!("{}-2", one.repository).into(), ..one.clone() };
        let (asked, output) = run(folder.path(), &[one.clone(), next], token);
        assert!(!output.status.success() && facts(folder.path()).runs.is_empty(), "{one:?} {asked:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("nothing more is asked"), "{output:?}");
        assert_eq!(asked.len(), 1, "{asked:?}");
    }
    let closed = wanted(System::Buildkite, "buildkite.com", "acme/closed", COMMIT);
    let folder = tempfile::tempdir().unwrap();
    let (_, output) = run(folder.path(), &[closed], "secret");
    assert!(!output.status.success() && facts(folder.path()).runs.is_empty(), "{output:?}");
}

#[test]
fn a_step_of_bitbucket_is_found_in_its_pipeline() {
    let folder = tempfile::tempdir().unwrap();
    let step = wanted(System::Bitbucket, "bitbucket.org", REPOSITORY, STEP);
    let (asked, output) = run(folder.path(), std::slice::from_ref(&step), "secret");
    assert!(output.status.success(), "{asked:?} {output:?}");
    let facts = facts(folder.path());
    let key = RunKey { id: "bbbbbbbb-0000-4000-8000-000000000002".into(), ..step.run.clone() };
    assert!(facts.runs[&key].attempts.get(&1).unwrap().jobs.contains_key(STEP), "{:?}", facts.runs);
    let (again, output) = run(folder.path(), &[step], "secret");
    assert!(output.status.success() && again.is_empty(), "{again:?}");
    let other = wanted(System::Bitbucket, "bitbucket.org", REPOSITORY, &STEP.replace('a', "f"));
    let (_, output) = run(folder.path(), &[other], "secret");
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("in none of the pipelines"));
    // Without a token nothing is asked.
    let step = wanted(System::Bitbucket, "bitbucket.org", REPOSITORY, STEP);
    let (asked, output) = run(folder.path(), &[step], "");
    assert!(
        !output.status.success()
            && asked.is_empty()
            && String::from_utf8_lossy(&output.stderr).contains("BITBUCKET_TOKEN")
    );
}

#[test]
fn the_builds_of_a_commit_are_fetched_from_buildkite() {
    let folder = tempfile::tempdir().unwrap();
    let commit = [wanted(System::Buildkite, "buildkite.com", "acme/orders", COMMIT)];
    let (asked, output) = run(folder.path(), &commit, "secret");
    assert!(output.status.success() && asked.len() == 1, "{asked:?} {output:?}");
    let facts = facts(folder.path());
    let build = &facts.runs[&RunKey { id: "cccccccc-0000-4000-8000-000000000001".into(), ..commit[0].run.clone() }];
    assert_eq!(build.head_sha.as_deref(), Some(COMMIT));
    assert!(!build.attempts.get(&1).unwrap().jobs.is_empty());
    assert!(run(folder.path(), &commit, "secret").0.is_empty());
}

/// What was not looked through is not said to be looked through, and what was not there yet is found later.
#[test]
fn what_could_not_be_looked_through_is_said_and_what_comes_late_is_found() {
    let bitbucket = |repository: &str| wanted(System::Bitbucket, "bitbucket.org", repository, STEP);
    let buildkite = wanted(System::Buildkite, "buildkite.com", "acme/orders", COMMIT);
    for (marker, one, expected) in [
        ("", bitbucket(&REPOSITORY.replace("acme", "closed")), "page 1 of the list of pipelines cannot be read"),
        ("broken", bitbucket(REPOSITORY), "the steps of 1 pipelines cannot be read"),
        ("early", bitbucket(REPOSITORY), "in none of the pipelines that were looked through"),
        ("early", buildkite, "Buildkite lists none"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("log.{marker}"));
        fs::write(&path, "").unwrap();
        for _ in 0..2 {
            let (asked, output) = run(folder.path(), std::slice::from_ref(&one), "secret");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && !asked.is_empty() && said.contains(expected), "{marker}: {said}");
            assert_eq!(said.matches("not fetched: ").count(), 1, "{said}");
        }
        fs::remove_file(&path).unwrap();
        if !marker.is_empty() {
            let (asked, output) = run(folder.path(), std::slice::from_ref(&one), "secret");
            assert!(output.status.success(), "{marker}: {asked:?} {output:?}");
            assert_eq!(facts(folder.path()).runs.len(), 1);
            let (asked, output) = run(folder.path(), &[one], "secret");
            assert!(output.status.success() && asked.is_empty(), "{marker}: {asked:?}");
        }
    }
}

#[test]
fn only_plain_names_and_ids_come_into_a_script() {
    for one in [
        gitlab("acme/$(id)", "71"),
        gitlab("acme/orders", "71;id"),
        gitlab("acme/../orders", "71"),
        wanted(System::Bitbucket, "bitbucket.org", REPOSITORY, "$(id)-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
        wanted(System::Bitbucket, "bitbucket.org", "acme/{id}", STEP),
        wanted(System::Buildkite, "buildkite.com", "acme/orders", "9f3b2c`id`"),
        wanted(System::CircleCi, "circleci.com", "acme/orders", "71"),
    ] {
        let text = script(std::slice::from_ref(&one), &BTreeSet::new());
        assert!(text.contains("\necho '1 more cannot be fetched"), "{one:?}");
        let (asked, output) = run(tempfile::tempdir().unwrap().path(), std::slice::from_ref(&one), "");
        assert!(asked.is_empty() && String::from_utf8_lossy(&output.stderr).starts_with("1 more cannot"), "{output:?}");
        assert!(!text.contains("(id)") && !text.contains("`id`"), "{one:?}");
    }
}
