//! A fortnight of nights over a bucket, each with the clock of its morning: what each of them may call complete.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use serde_json::json;

use super::s3::command;
use super::s3::run;
use crate::support::s3::Faults;
use crate::support::s3::Server;

const ACCOUNT: &str = "222222222222";
const REGION: &str = "eu-central-1";

type Objects = BTreeMap<String, Vec<u8>>;

/// A call on a day of October 2026, with a long-lived key: that of a CI job or that of a person.
fn call(day: u32, number: u32, is_of_ci: bool) -> Value {
    let (name, agent) = if is_of_ci {
        ("ci", "aws-cli/2 exec-env/GitHubActions configure-aws-credentials-for-github-actions")
    } else {
        ("ana", "aws-cli/2")
    };
    json!({"eventVersion": "1.11", "eventTime": format!("2026-10-{day:02}T10:{number:02}:00Z"), "eventSource": "ecr.amazonaws.com",
        "eventName": if is_of_ci { "PutImage" } else { "ListImages" }, "awsRegion": REGION, "eventID": format!("{day}-{number}-{name}"),
        "recipientAccountId": ACCOUNT, "readOnly": !is_of_ci, "sourceIPAddress": "192.0.2.8", "userAgent": agent, "eventType": "AwsApiCall",
        "userIdentity": {"type": "IAMUser", "principalId": format!("AIDA{name}"), "accessKeyId": format!("AKIAIOSFODNN7{name}"),
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"), "accountId": ACCOUNT, "userName": name}})
}

/// Adds an object that was delivered on a day of October.
fn deliver(objects: &mut Objects, day: u32, minute: u32, records: &[Value]) {
    let stamp = format!("202610{day:02}T11{minute:02}Z");
    let key = format!(
        "AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/10/{day:02}/{ACCOUNT}_CloudTrail_{REGION}_{stamp}_{minute:016}.json.gz"
    );
    objects.insert(key, json!({ "Records": records }).to_string().into_bytes());
}

/// One night as `docs/nightly.md` has it, at three in the morning after a day: the report, and the line in the log.
fn night(objects: &Objects, faults: Faults, store: &Path, day: u32, code: i32) -> (Value, String) {
    night_since("3d", objects, faults, store, day, code)
}

fn night_since(since: &str, objects: &Objects, faults: Faults, store: &Path, day: u32, code: i32) -> (Value, String) {
    let server = Server::start(objects.clone(), faults);
    let store = store.to_str().unwrap();
    let args = ["audit", "s3://logs/AWSLogs/", "--format", "json", "--list-since", since, "--store", store, "--strict"];
    let now = format!("2026-10-{:02}T03:00:00Z", day + 1);
    let (stdout, stderr) = run(command(Some(&server), &args).env("ROLECHAIN_NOW", now), code);
    let line = stderr.lines().find(|line| line.starts_with("rolechain: ")).unwrap_or_else(|| panic!("{stderr}"));
    (serde_json::from_str(&stdout).unwrap(), line.to_owned())
}

fn reasons(report: &Value) -> Vec<&str> {
    let answers = report["assurance"].as_array().unwrap().iter();
    answers.flat_map(|answer| answer["reasons"].as_array().unwrap()).filter_map(|one| one["kind"].as_str()).collect()
}

fn status(report: &Value) -> Option<&str> {
    let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "long-lived-key-in-ci");
    found.and_then(|finding| finding["status"].as_str())
}

fn unique(report: &Value) -> u64 {
    report["coverage"]["records"]["unique"].as_u64().unwrap()
}

#[test]
fn no_night_calls_more_complete_than_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut objects = Objects::new();
    for day in 1..=6 {
        deliver(&mut objects, day, 0, &[call(day, 1, false), call(day, 2, day == 6)]);
    }
    // The first night.
    let (report, line) = night(&objects, Faults::default(), &store, 6, 0);
    assert_eq!((unique(&report), status(&report), reasons(&report)), (6, Some("new"), vec![]), "{line}");
    assert!(line.contains("3 new objects, 0 known, 3 of 3 objects read · complete · newest record 16 h old"), "{line}");

    // The same objects again under other names, and a file that comes two days late.
    deliver(&mut objects, 7, 0, &[call(7, 1, false)]);
    deliver(&mut objects, 7, 1, &[call(6, 1, false), call(6, 2, true)]);
    deliver(&mut objects, 7, 2, &[call(5, 3, false)]);
    let (report, line) = night(&objects, Faults::default(), &store, 7, 0);
    assert_eq!((unique(&report), status(&report), reasons(&report)), (8, Some("ongoing"), vec![]), "{line}");

    // An outage: nothing can be listed, and nothing is taken for read.
    deliver(&mut objects, 8, 0, &[call(8, 1, false)]);
    let denied = Faults { denied_lists: Some("eu-central-1"), ..Faults::default() };
    let (report, line) = night(&objects, denied, &store, 8, 3);
    assert_eq!((unique(&report), status(&report)), (8, Some("ongoing")), "{line}");
    assert!(line.contains("PARTIAL"), "{line}");

    // Recovery: what was missed is there, and the store says what a run over everything says.
    deliver(&mut objects, 9, 0, &[call(9, 1, false)]);
    let (report, line) = night(&objects, Faults::default(), &store, 9, 0);
    assert_eq!((unique(&report), reasons(&report)), (10, vec![]), "{line}");
    let anew = folder.path().join("anew");
    let anew = night_since("2026-10-04", &objects, Faults::default(), &anew, 9, 0).0;
    for part in ["chains", "long_term_keys", "routes"] {
        assert_eq!(report[part], anew[part], "{part}");
    }

    // Records of a day that nobody has seen yet move nothing.
    deliver(&mut objects, 10, 0, &[call(10, 1, false)]);
    let mut forged = call(10, 2, false);
    let of_2098 = |day: u32| {
        forged["eventTime"] = json!(format!("2098-01-{day:02}T10:00:00Z"));
        forged["eventID"] = json!(format!("forged-{day}"));
        forged.clone()
    };
    let forged: Vec<Value> = (1..=9).map(of_2098).collect();
    deliver(&mut objects, 10, 1, &forged);
    let (report, line) = night(&objects, Faults::default(), &store, 10, 3);
    assert_eq!((unique(&report), status(&report)), (11, Some("ongoing")), "{line}");
    assert_eq!(report["coverage"]["defects_total"], 9);
    assert_eq!(report["coverage"]["defects"][0]["kind"], "implausible_time");
    assert_eq!(report["coverage"]["last_event"], "2026-10-10T10:01:00Z");
    assert_eq!(report["run"]["history"]["covered_days"], 7);

    // The trail falls silent: first it may be a day without calls, then nobody may call it complete.
    for (day, silent) in [(11, false), (12, true), (20, true)] {
        let (report, line) = night(&objects, Faults::default(), &store, day, 3);
        assert_eq!(reasons(&report).contains(&"silent_since"), silent, "{day}: {line}");
        assert_eq!(status(&report), Some("ongoing"), "a week without logs ends nothing");
    }
}
