//! The evidence beside the sample logs: which run made which chain, and what is said of it. The expectation is written down
//! from the stories, not from what the program prints.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;

use rolechain::audit;
use serde_json::Value;

use crate::program::program;
use crate::support::evidence::told::{self, UNSEEN_RUN};
use crate::support::stories;

const EVIDENCE: &str = "sample-logs/ci-evidence";

/// A chain that is not simply healthy, or a story's number of runs: which run of the story, how sure, which attempt, and the
/// rules of CI that speak of it.
type Expected = (usize, &'static str, Option<u64>, &'static [&'static str]);

const fn healthy(run: usize) -> Expected {
    (run, "exact", Some(1), &[])
}

/// The chains of each story that a run began, in the order in which its runs were made.
const STORIES: &[(&str, &[Expected])] = &[
    // Six releases to production, and staging on three of the days.
    (
        "01-healthy",
        &[healthy(0), healthy(1), healthy(2), healthy(3), healthy(4), healthy(5), healthy(6), healthy(7), healthy(8)],
    ),
    ("02-unexpected-branch", &[healthy(0), healthy(1), healthy(2)]),
    // The merge commit that is built for a pull request is not the head that GitHub names.
    ("03-pull-request", &[healthy(0), healthy(1)]),
    ("04-vendor-without-external-id", &[healthy(0)]),
    // Of four runs with the key, those of the 3rd and the 5th became a role.
    ("05-long-lived-key-in-ci", &[healthy(1), (3, "exact", Some(1), &["ci-run-contradicts-tags"])]),
    ("06-unfinished-migration", &[healthy(0), healthy(1), healthy(2), healthy(3), healthy(4), healthy(5), healthy(6)]),
    ("07-forgotten-role-chaining", &[healthy(0), healthy(1), healthy(2)]),
    ("08-role-juggling", &[]),
    // The last role's session may be of the second or the third run; its caller names the third.
    ("09-one-sided", &[healthy(0), healthy(1), healthy(2), healthy(2)]),
    ("10-key-collision", &[healthy(0), healthy(1), (2, "contradicted", None, &["ci-run-deleted"])]),
    ("11-broken-files", &[(0, "exact", Some(1), &["ci-run-contradicts-tags"])]),
    // The stranger was refused: there is no chain.
    ("12-denied", &[healthy(0), healthy(1), healthy(2), healthy(3), healthy(4)]),
    // The third is of another issuer, which is no CI system.
    ("13-intrusion", &[healthy(0), (1, "not_covered", None, &[]), (3, "contradicted", None, &["ci-run-unknown"])]),
    ("14-log-tampering", &[healthy(0), (1, "exact", Some(1), &["credentials-outlived-job"])]),
    (
        "15-cross-repo",
        &[
            healthy(0),
            healthy(1),
            healthy(2),
            (3, "exact", Some(1), &["ci-network-mismatch", "credentials-outlived-job"]),
        ],
    ),
    ("16-people", &[healthy(0)]),
    (
        "17-reference",
        &[
            (0, "exact", Some(1), &["deployment-self-approved"]),
            healthy(1),
            (2, "exact", Some(1), &["ci-network-mismatch"]),
            // Started again a day later: the list of runs shows that attempt alone.
            healthy(3),
            (4, "exact", Some(1), &["deployment-without-approval"]),
        ],
    ),
    ("18-workloads", &[]),
];

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).arg("--no-progress").current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn report(arguments: &[&str]) -> Value {
    let output = run(&[&["audit"], arguments, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn word<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// The findings about CI evidence.
fn of_ci(report: &Value) -> Vec<&Value> {
    let is_of_ci = |finding: &&Value| {
        let rule = audit::rule(finding["rule"].as_str().unwrap()).unwrap();
        rule.theme.title() == audit::rule("ci-run-deleted").unwrap().theme.title()
    };
    list(report, "findings").iter().filter(is_of_ci).collect()
}

/// What a chain is expected to say, in one line, so that a difference is read at a glance.
fn line(run: &str, grade: &str, attempt: Option<u64>, rules: &BTreeSet<&str>) -> String {
    let attempt = attempt.map_or("-".to_owned(), |attempt| attempt.to_string());
    format!("{run} {grade} {attempt} {}", rules.iter().copied().collect::<Vec<_>>().join(" "))
}

#[test]
fn every_chain_has_the_run_that_its_story_tells() {
    let mut ids: BTreeMap<(&str, usize), u64> = BTreeMap::new();
    for story in stories::all() {
        ids.extend(told::seen(&story).into_iter().map(|seen| ((seen.story, seen.nth), seen.id)));
    }
    let expected = STORIES.iter().flat_map(|(story, chains)| {
        let ids = &ids;
        chains.iter().map(move |(nth, grade, attempt, rules)| {
            line(&ids[&(*story, *nth)].to_string(), grade, *attempt, &rules.iter().copied().collect())
        })
    });
    let mut expected: Vec<String> = expected.collect();
    // What CloudFormation did on the morning of the 9th may be of either of the two runs that began in the same second.
    expected.push("none ambiguous - ".to_owned());
    expected.sort();

    let report = report(&["sample-logs", "--ci", EVIDENCE]);
    let mut rules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in of_ci(&report) {
        for chain in list(finding, "chain_ids") {
            rules.entry(chain.as_str().unwrap()).or_default().insert(finding["rule"].as_str().unwrap());
        }
    }
    let none = BTreeSet::new();
    let joined = list(&report, "chains").iter().filter(|chain| !chain["ci"].is_null());
    let said = joined.map(|chain| {
        let rules = rules.get(word(chain, "/id").unwrap()).unwrap_or(&none);
        let attempt = chain.pointer("/ci/run/attempt").and_then(Value::as_u64);
        line(word(chain, "/ci_run/run_id").unwrap_or("none"), word(chain, "/ci/link").unwrap(), attempt, rules)
    });
    let mut said: Vec<String> = said.collect();
    said.sort();
    assert_eq!(said, expected);
}

#[test]
fn what_is_planted_is_found_once_and_nothing_else() {
    let report = report(&["sample-logs", "--ci", EVIDENCE]);
    let mut said: Vec<(&str, &str)> =
        of_ci(&report).iter().map(|one| (one["rule"].as_str().unwrap(), one["severity"].as_str().unwrap())).collect();
    said.sort_unstable();
    let expected = [
        // The foreign network, and the owners' machine.
        ("ci-network-mismatch", "high"),
        ("ci-network-mismatch", "low"),
        ("ci-run-contradicts-tags", "medium"),
        ("ci-run-contradicts-tags", "medium"),
        ("ci-run-deleted", "critical"),
        ("ci-run-unknown", "high"),
        ("credentials-outlived-job", "critical"),
        ("credentials-outlived-job", "critical"),
        ("deployment-self-approved", "low"),
        ("deployment-without-approval", "high"),
        ("run-without-session", "info"),
    ];
    // The default reader does not see what is informational.
    let all = of_ci_for(&["--persona", "auditor"]);
    assert_eq!(all, expected);
    assert!(said.iter().all(|one| all.contains(one)));
    let report = self::report(&["sample-logs", "--ci", EVIDENCE, "--persona", "auditor"]);
    let unseen = of_ci(&report).into_iter().find(|one| one["rule"] == "run-without-session").unwrap();
    assert!(word(unseen, "/message").unwrap().contains(&UNSEEN_RUN.to_string()), "{unseen}");
    let keys: Vec<&Value> =
        list(&report, "findings").iter().filter(|finding| finding["rule"] == "long-lived-key-in-ci").collect();
    assert!(!keys.is_empty());
    for finding in keys {
        assert!(word(finding, "/message").unwrap().contains(".github/workflows/nightly-legacy.yml"), "{finding}");
    }
}

fn of_ci_for(more: &[&str]) -> Vec<(&'static str, &'static str)> {
    let report = report(&[&["sample-logs", "--ci", EVIDENCE], more].concat());
    let leaked = |text: &Value| -> &'static str { Box::leak(text.as_str().unwrap().to_owned().into_boxed_str()) };
    let mut said: Vec<_> = of_ci(&report).iter().map(|one| (leaked(&one["rule"]), leaked(&one["severity"]))).collect();
    said.sort_unstable();
    said
}

#[test]
fn a_healthy_story_is_quiet() {
    let story = stories::all().into_iter().filter(|story| story.name == "01-healthy").collect::<Vec<_>>();
    let folder = tempfile::tempdir().unwrap();
    let evidence = copied(folder.path(), told::files(&story).into_iter());
    for more in [&[][..], &["--no-expectations"]] {
        let report = report(&[&["sample-logs/01-healthy", "--ci", &evidence, "--persona", "auditor"], more].concat());
        assert_eq!(of_ci(&report), Vec::<&Value>::new());
        assert_eq!(list(&report, "chains").iter().filter(|chain| chain["ci"]["link"] == "exact").count(), 9);
    }
    // Of the evidence of the whole organization, runs of the other stories are without a session here. Nothing else.
    let report = report(&["sample-logs/01-healthy", "--ci", EVIDENCE, "--persona", "auditor"]);
    let rules: Vec<_> = of_ci(&report).into_iter().map(|one| (&one["rule"], &one["severity"])).collect();
    assert_eq!(rules, [(&Value::from("run-without-session"), &Value::from("info"))]);
}

/// A folder with the evidence under names of their own.
fn copied(to: &Path, files: impl Iterator<Item = (String, Vec<u8>)>) -> String {
    for (name, bytes) in files {
        fs::write(to.join(name), bytes).unwrap();
    }
    to.to_str().unwrap().to_owned()
}

/// What is said of the evidence, without the list of files.
fn without_files(mut report: Value) -> String {
    report["ci_evidence"]["files"].take();
    report["run"].take();
    report.to_string()
}

#[test]
fn the_order_and_the_number_of_files_change_nothing() {
    let plain = without_files(report(&["sample-logs", "--ci", EVIDENCE]));
    let files: Vec<(String, Vec<u8>)> = told::files(&stories::all()).into_iter().collect();
    let folder = tempfile::tempdir().unwrap();
    let [reversed, twice, cut] = ["reversed", "twice", "cut"].map(|name| folder.path().join(name));
    for path in [&reversed, &twice, &cut] {
        fs::create_dir(path).unwrap();
    }
    // Files are read in order of their names.
    let names = |(at, (name, bytes)): (usize, (String, Vec<u8>))| (format!("{:03}-{name}", 900 - at), bytes);
    let first = copied(&reversed, files.clone().into_iter().enumerate().map(names));
    assert_eq!(without_files(report(&["sample-logs", "--ci", &first])), plain);
    let second = copied(&twice, files.clone().into_iter().map(|(name, bytes)| (format!("again-{name}"), bytes)));
    assert_eq!(without_files(report(&["sample-logs", "--ci", EVIDENCE, "--ci", &second, "--ci", &first])), plain);
    // Lines in another order, some of them twice.
    let shuffled = files.into_iter().map(|(name, bytes)| {
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.lines().rev().collect();
        let again = lines.iter().step_by(3).copied();
        let text = if name.ends_with(".ndjson") {
            lines.iter().copied().chain(again).collect::<Vec<_>>().join("\n")
        } else {
            text.clone()
        };
        (name, text.into_bytes())
    });
    let third = copied(&cut, shuffled);
    assert_eq!(without_files(report(&["sample-logs", "--ci", &third])), plain);
}

/// Takes what only evidence fills: it is there, and null.
fn without_ci(report: &mut Value) -> usize {
    let evidence = report.as_object_mut().unwrap().remove("ci_evidence");
    let mut nulls = usize::from(evidence == Some(Value::Null));
    for chain in report["chains"].as_array_mut().unwrap() {
        let ci = chain.as_object_mut().unwrap().remove("ci");
        nulls += usize::from(ci == Some(Value::Null));
    }
    nulls
}

#[test]
fn without_evidence_nothing_is_said_of_it_and_with_it_nothing_else_changes() {
    let mut plain = report(&["sample-logs"]);
    let chains = list(&plain, "chains").len();
    assert!(of_ci(&plain).is_empty());
    assert_eq!(without_ci(&mut plain), 1 + chains);
    let mut with = report(&["sample-logs", "--ci", EVIDENCE]);
    assert!(without_ci(&mut with) < chains);
    assert_eq!(with["chains"], plain["chains"]);
    for part in ["routes", "denied", "long_term_keys", "coverage"] {
        assert_eq!(with[part], plain[part], "{part}");
    }
    // Findings that are not about runs stay; those about keys name the workflow, too.
    let others = |report: &Value| -> BTreeSet<String> {
        let about_runs: BTreeSet<String> = of_ci(report).iter().map(|one| one["fingerprint"].to_string()).collect();
        let ids = list(report, "findings").iter().map(|one| one["fingerprint"].to_string());
        ids.filter(|id| !about_runs.contains(id)).collect()
    };
    assert_eq!(others(&with), others(&plain));
}

#[test]
fn changes_to_production_have_person_commit_and_approver() {
    let output = run(&["query", "production-changes", "sample-logs", "--ci", EVIDENCE, "--format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let answer: Value =
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let rows = answer.as_array().or_else(|| answer["rows"].as_array()).unwrap().clone();
    let mut ids: BTreeMap<(&str, usize), u64> = BTreeMap::new();
    for story in stories::all() {
        ids.extend(told::seen(&story).into_iter().map(|seen| ((seen.story, seen.nth), seen.id)));
    }
    let row = |story: &str, nth: usize| {
        let id = ids[&(story, nth)].to_string();
        let found: Vec<&Value> = rows.iter().filter(|row| row["run_id"] == id.as_str()).collect();
        assert_eq!(found.len(), 1, "{story} {nth}: {found:?}");
        found[0]
    };
    for (story, nth, person, approver, gap) in [
        ("01-healthy", 0, Some("octavia"), Some("priya"), None),
        ("02-unexpected-branch", 1, Some("octavia"), None, Some("nobody approved it")),
        ("10-key-collision", 2, None, None, Some("the CI system contradicts the run")),
        ("13-intrusion", 1, None, None, Some("run not in the CI evidence")),
        ("17-reference", 0, Some("octavia"), Some("octavia"), Some("approved by whoever started it")),
        ("17-reference", 3, Some("octavia"), Some("priya"), None),
        ("17-reference", 4, Some("octavia"), None, Some("nobody approved it")),
    ] {
        let row = row(story, nth);
        assert_eq!(row["person"].as_str(), person, "{row}");
        assert_eq!(row["approved_by"].as_str(), approver, "{row}");
        assert_eq!(row["commit_sha"].is_string(), person.is_some(), "{row}");
        match gap {
            Some(gap) => assert!(row["gap"].as_str().is_some_and(|said| said.contains(gap)), "{row}"),
            None => assert!(row["gap"].is_null(), "{row}"),
        }
    }
    // Without evidence the same changes, and no person but those who signed in.
    let output = run(&["query", "production-changes", "sample-logs", "--format", "json"]);
    let plain: Value = serde_json::from_slice(&output.stdout).unwrap();
    let plain = plain.as_array().or_else(|| plain["rows"].as_array()).unwrap();
    assert_eq!(plain.len(), rows.len());
    assert!(plain.iter().all(|row| {
        let has_signed_in = row["gap"].as_str().unwrap().contains("signed in");
        row["person"].is_null() != has_signed_in
    }));
}

/// The listing begins each chain of a CI job with the run and who is behind it, in the words of `trace`, however narrow it is.
#[test]
fn the_listing_of_chains_begins_with_the_person_and_the_run() {
    for columns in ["80", "140"] {
        let mut program = program();
        program.args(["chains", "sample-logs", "--ci", EVIDENCE, "--color", "never"]).env("COLUMNS", columns);
        let output = program.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= columns.parse().unwrap()), "{text}");
        let listing = text.split("\nCHAINS").nth(1).unwrap();
        // The texts of one row, put together again.
        let row = |id: &str| {
            let found = listing.split("\n  ch-").find(|row| row.starts_with(id)).unwrap();
            let rows = format!("  ch-{found}");
            let texts = rows.lines().map(|line| line.chars().skip(20).collect::<String>());
            texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        for (id, words) in [
            ("4059ccfff2d89ebb", "run 19460502349: octavia pushed c7b8502 (main)"),
            ("5e143e05222a7a37", "claims run 19453400932: octavia pushed 66c7245 (main)"),
            ("132f3d723f613d00", "run 19499902466: the run was deleted"),
        ] {
            let row = row(id);
            // At the ends of lines stand the numbers of other columns.
            let found = words.split(' ').try_fold(0, |at, word| row[at..].find(word).map(|found| at + found));
            assert!(found.is_some(), "{columns}: {words}\n{row}");
        }
        assert!(row("4059ccfff2d89ebb").contains("AFTER THE"), "{listing}");
    }
}
