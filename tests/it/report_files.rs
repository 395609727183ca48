//! `--output` more than once, `--report DIR`, the line at the end, and the manual.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use crate::program::NOW;
use crate::program::program;
use rolechain::report::Format;
use serde_json::Value;

const STORY: &str = "sample-logs/05-long-lived-key-in-ci";

fn rolechain(args: &[&str]) -> Output {
    let mut command = program();
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("COLUMNS", "100").output().unwrap()
}

#[track_caller]
fn check(args: &[&str], code: i32) -> (String, String) {
    let output = rolechain(args);
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{stderr}");
    (stdout, stderr)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn every_file() -> Vec<String> {
    let mut names: Vec<String> = Format::ALL.iter().map(|format| format.file_name().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn reports_of_an_earlier_run_are_marked_until_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let latest = folder.path().join("latest");
    let to = ["--report", latest.to_str().unwrap()];
    // Nothing is marked where nothing is out of date.
    check(&[&["audit", "not/there"], &to[..]].concat(), 2);
    assert!(!latest.exists());
    check(&[&["audit", STORY], &to[..]].concat(), 0);
    let (_, said) = check(&[&["audit", "not/there"], &to[..]].concat(), 2);
    let mark = fs::read_to_string(latest.join("FAILED.txt")).unwrap();
    assert!(mark.contains(NOW) && mark.contains("earlier run") && mark.ends_with(&said), "{mark}\n{said}");
    check(&[&["audit", STORY], &to[..]].concat(), 0);
    assert_eq!(names(&latest), every_file());
}

#[test]
fn drafts_of_killed_runs_are_removed_when_they_are_old() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let drafts = [".report.json.17.part", ".report.json.17.2.part", ".rolechain-report.17.part"];
    let others = [".other.json.17.part", ".report.json.x.part", "report.json.17.part", ".report.json.18.part"];
    for name in drafts.iter().chain(&others) {
        if name.starts_with(".rolechain") { fs::create_dir(path(name)) } else { fs::write(path(name), "") }.unwrap();
        let is_fresh = name.contains("18");
        let age = Duration::from_hours(if is_fresh { 1 } else { 25 });
        let file = fs::File::open(path(name)).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - age).unwrap();
    }
    check(&["audit", STORY, "-o", path("report.json").to_str().unwrap()], 0);
    check(&["audit", STORY, "--report", folder.path().to_str().unwrap()], 0);
    let left = names(folder.path());
    assert!(drafts.iter().all(|name| !left.contains(&(*name).to_owned())), "{left:?}");
    assert!(others.iter().all(|name| left.contains(&(*name).to_owned())), "{left:?}");
}

#[test]
fn one_run_writes_several_files_each_by_its_extension() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (json, sarif, page) = (path("report.json"), path("findings.sarif"), path("summary.md"));
    let args = ["audit", STORY, "-o", &json, "-o", &sarif, "--output", &page, "-o", "-", "--format", "junit"];
    let (stdout, _) = check(&args, 0);
    assert!(stdout.starts_with("<?xml"));
    let read = |name: &str| fs::read_to_string(name).unwrap();
    let report: Value = serde_json::from_str(&read(&json)).unwrap();
    let log: Value = serde_json::from_str(&read(&sarif)).unwrap();
    assert_eq!(report["schema"], "rolechain.report/1");
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap().len();
    assert_eq!(results, report["findings"].as_array().unwrap().len());
    assert!(read(&page).starts_with("# rolechain\n"));
    // Wrong names are told before anything is read or written.
    let (_, stderr) = check(&["audit", STORY, "-o", &path("x.json"), "-o", &path("x.parquet")], 2);
    assert!(stderr.contains("rolechain export"), "{stderr}");
    let (_, stderr) = check(&["audit", STORY, "-o", &path("x.docx")], 2);
    assert!(stderr.contains(".sarif") && stderr.contains(".md"), "{stderr}");
    let (_, stderr) = check(&["chains", STORY, "-o", &path("x.sarif")], 2);
    assert!(stderr.contains("chains does not write sarif"), "{stderr}");
    assert_eq!(names(folder.path()), ["findings.sarif", "report.json", "summary.md"]);
}

#[test]
fn a_report_folder_holds_every_format_and_nothing_else_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("new/2026-11-21");
    let path = reports.to_str().unwrap();
    let (stdout, stderr) = check(&["audit", STORY, "--report", path, "--fail-on", "high"], 1);
    assert_eq!(stdout, "");
    assert!(stderr.starts_with("rolechain: "), "{stderr}");
    assert_eq!(names(&reports), every_file());
    assert_eq!(names(&folder.path().join("new")), ["2026-11-21"], "no draft is left beside it");
    // Again: ours are replaced, others stay.
    fs::write(reports.join("notes.txt"), "mine").unwrap();
    fs::write(reports.join("report.json"), "old").unwrap();
    let (stdout, _) = check(&["audit", STORY, "--report", &format!("{path}/"), "--format", "github"], 0);
    assert!(stdout.starts_with("::"), "{stdout}");
    assert!(fs::read_to_string(reports.join("report.json")).unwrap().starts_with('{'));
    assert_eq!(fs::read_to_string(reports.join("notes.txt")).unwrap(), "mine");
    assert_eq!(names(&reports).len(), every_file().len() + 1);
    assert_eq!(fs::read_to_string(reports.join("annotations.txt")).unwrap(), stdout);
}

#[test]
fn a_report_folder_that_cannot_be_written_is_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let (_, stderr) = check(&["audit", STORY, "--report", file.to_str().unwrap()], 2);
    assert!(stderr.contains("no directory"), "{stderr}");
    let reports = folder.path().join("reports");
    fs::create_dir_all(reports.join("junit.xml")).unwrap();
    fs::write(reports.join("report.json"), "old").unwrap();
    let (_, stderr) = check(&["audit", STORY, "--report", reports.to_str().unwrap()], 2);
    assert!(stderr.contains("junit.xml is a directory"), "{stderr}");
    assert_eq!(fs::read_to_string(reports.join("report.json")).unwrap(), "old", "a refusal changes nothing");
    assert_eq!(names(&reports), ["FAILED.txt", "junit.xml", "report.json"]);
}

#[test]
fn reports_of_the_same_logs_differ_in_the_run_only() {
    let folder = tempfile::tempdir().unwrap();
    let reports = ["a", "b"].map(|name| folder.path().join(name));
    for (reports, threads) in reports.iter().zip(["1", "3"]) {
        check(&["audit", "sample-logs", "--report", reports.to_str().unwrap(), "--threads", threads], 0);
    }
    for format in Format::ALL {
        let [one, other] = reports.each_ref().map(|reports| {
            let text = fs::read_to_string(reports.join(format.file_name())).unwrap();
            let is_of_run = |line: &&str| {
                ["started_at", "finished_at", "startTimeUtc", "endTimeUtc", "<dd>20"]
                    .iter()
                    .any(|word| line.contains(word))
            };
            text.lines().filter(|line| !is_of_run(line)).map(str::to_owned).collect::<Vec<_>>()
        });
        assert!(one == other && !one.is_empty(), "{}", format.name());
    }
}

#[test]
fn one_line_says_how_it_went() {
    for (args, line) in [
        (
            &["audit", "sample-logs/01-healthy"][..],
            "rolechain: no findings · 11 chains · 49 of 49 objects read, 1 skipped · complete",
        ),
        (
            &["audit", "sample-logs/13-intrusion"],
            "rolechain: 7 critical, 3 high, 2 low · 7 chains · 21 of 21 objects read, 1 skipped · complete · newest record 5 days old\n",
        ),
        (
            &["audit", "sample-logs/11-broken-files", "--format", "json"],
            "rolechain: 3 medium, 1 low · 1 chain · 11 of 14 objects read, 2 skipped · PARTIAL: 3 objects not read to the end; 3 records not understood · newest record 3 days old\n",
        ),
    ] {
        let (_, stderr) = check(args, 0);
        assert!(stderr.starts_with(line) && stderr.lines().count() == 1, "{stderr}");
    }
    let folder = tempfile::tempdir().unwrap();
    let (_, stderr) = check(&["audit", folder.path().to_str().unwrap()], 3);
    assert_eq!(
        stderr,
        "rolechain: no findings · 0 chains · 0 of 0 objects read · NOTHING JUDGED: there is no CloudTrail record in these sources, so this report says nothing about them\n"
    );
    assert_eq!(check(&["audit", "sample-logs/13-intrusion", "--quiet"], 0).1, "");
}

#[test]
fn filtered_chains_tell_of_these_chains_only() {
    let told = |args: &[&str]| -> Value {
        serde_json::from_str(&check(&[&["chains", "sample-logs", "--format", "json"], args].concat(), 0).0).unwrap()
    };
    for filter in [
        &["--origin", "long_term_key"][..],
        &["--role", "*ci-deploy-role", "--include-services"],
        &["--subject", "repo:acme*"],
    ] {
        let report = told(filter);
        let chains = report["chains"].as_array().unwrap();
        assert!(!chains.is_empty(), "{filter:?}");
        let routes = report["routes"].as_array().unwrap();
        let mut of_chains: Vec<&str> = chains.iter().map(|chain| chain["route_id"].as_str().unwrap()).collect();
        of_chains.sort_unstable();
        of_chains.dedup();
        let mut listed: Vec<&str> = routes.iter().map(|route| route["id"].as_str().unwrap()).collect();
        listed.sort_unstable();
        assert_eq!(listed, of_chains, "{filter:?}");
        for route in routes {
            let of_route = chains.iter().filter(|chain| chain["route_id"] == route["id"]).count();
            assert_eq!(route["chains"].as_u64().unwrap(), of_route as u64);
        }
        let summary = &report["summary"];
        assert_eq!(summary["chains"].as_u64().unwrap(), chains.len() as u64);
        let hops: usize = chains.iter().map(|chain| chain["hops"].as_array().unwrap().len()).sum();
        let sessions = usize::try_from(summary["sessions"].as_u64().unwrap()).unwrap();
        assert!((1..=hops).contains(&sessions), "{filter:?}: {sessions} sessions on {hops} hops");
        assert_eq!(summary["denied_assumptions"], 0);
        assert_eq!(report["denied"], serde_json::json!([]));
        for key in report["long_term_keys"].as_array().unwrap() {
            assert!(chains.iter().any(|chain| chain["origin"]["access_key_id"] == key["access_key_id"]), "{key}");
        }
    }
    let all = told(&[]);
    assert!(!all["denied"].as_array().unwrap().is_empty() && all["summary"]["sessions"].as_u64().unwrap() > 67);
}

#[test]
fn the_manual_names_no_page_that_is_not_there() {
    let (page, _) = check(&["man"], 0);
    assert!(!page.contains("(1)"), "one page refers to no other");
    for command in ["AUDIT", "CHAINS", "TRACE", "RULES", "EXPLAIN", "COMPLETIONS", "MAN"] {
        assert!(page.contains(&format!(".SH \"ROLECHAIN {command}\"")), "{command}");
    }
    assert_eq!(page.matches(".TH ").count(), 1);
    let folder = tempfile::tempdir().unwrap();
    check(&["man", "--to", folder.path().to_str().unwrap()], 0);
    let pages = names(folder.path());
    let program = fs::read_to_string(folder.path().join("rolechain.1")).unwrap();
    let named: Vec<&str> = program.split("rolechain\\-").skip(1).filter_map(|rest| rest.split("(1)").next()).collect();
    assert!(named.len() >= 7, "{named:?}");
    for name in named {
        assert!(pages.contains(&format!("rolechain-{name}.1")), "{name}: {pages:?}");
    }
}

#[test]
fn every_command_shows_examples() {
    for command in ["audit", "chains", "trace", "rules", "explain", "completions", "man"] {
        assert!(check(&[command, "--help"], 0).0.contains("Examples:\n  rolechain "), "{command}");
    }
}

#[test]
fn a_report_directory_without_a_name_is_refused() {
    let (_, stderr) = check(&["audit", "sample-logs/02-unexpected-branch", "--report", ""], 2);
    assert!(stderr.contains("--report names no directory"), "{stderr}");
}
