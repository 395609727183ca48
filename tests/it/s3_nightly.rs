//! Nights with `--list-since`: what is listed, what is reported, and what an outage leaves out.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::s3::command;
use super::s3::many;
use super::s3::names;
use super::s3::run;
use crate::support::s3::Faults;
use crate::support::s3::Server;

/// Some objects of each day of October 2026, from one to another.
fn days(from: u32, to: u32) -> BTreeMap<String, Vec<u8>> {
    (from..=to).flat_map(|day| many("eu-central-1", day, 5)).collect()
}

/// One night over what was delivered up to a day: the report, what was said, and the days that were fetched and those
/// where a listing began.
fn night(store: &Path, delivered: u32, since: &str) -> (Value, String, Vec<String>, Vec<String>) {
    night_of(days(1, delivered), store, since)
}

fn night_of(
    objects: BTreeMap<String, Vec<u8>>,
    store: &Path,
    since: &str,
) -> (Value, String, Vec<String>, Vec<String>) {
    night_with(&Server::start(objects, Faults::default()), store, &["--list-since", since], 0)
}

/// A night that ends with a code.
fn night_with(server: &Server, store: &Path, more: &[&str], code: i32) -> (Value, String, Vec<String>, Vec<String>) {
    let args = ["audit", "s3://logs/AWSLogs/", "--format", "json", "--store", store.to_str().unwrap()];
    let args = [&args[..], more].concat();
    let day = |key: &str| key.split_once("/2026/10/").map(|(_, rest)| rest[..2].to_owned());
    // The night after the last day that was delivered.
    let now = format!("2026-10-{}T23:00:00Z", server.last_key().and_then(day).unwrap());
    let (stdout, stderr) = run(command(Some(server), &args).env("ROLECHAIN_NOW", now), code);
    let mut fetched: Vec<String> = names(server, "get").iter().filter_map(|key| day(key)).collect();
    fetched.sort();
    fetched.dedup();
    let begun = server.asked().into_iter().filter_map(|asked| day(&asked.after?)).collect();
    (serde_json::from_str(&stdout).unwrap(), stderr, fetched, begun)
}

fn records(report: &Value) -> u64 {
    report["coverage"]["records"]["unique"].as_u64().unwrap_or_else(|| panic!("{}", report["coverage"]))
}

#[test]
fn each_night_lists_a_few_days_and_an_outage_leaves_no_hole() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    // The first night takes what it is told to, and no more.
    let (first, said, fetched, begun) = night(&store, 10, "2026-10-06");
    assert_eq!(fetched, ["06", "07", "08", "09", "10"]);
    assert!(!begun.is_empty() && begun.iter().all(|day| day == "06"), "{begun:?}");
    assert_eq!(records(&first), 25);
    assert!(!said.contains("--list-since"), "{said}");
    // The next one lists from where it is told to, fetches what is new, and reports all.
    let (second, said, fetched, begun) = night(&store, 11, "2026-10-08");
    assert_eq!(fetched, ["11"]);
    assert!(!begun.is_empty() && begun.iter().all(|day| day == "08"), "{begun:?}");
    assert_eq!(records(&second), 30);
    assert!(!said.contains("--list-since"), "{said}");
    // Nothing ran for a week: the flag alone would leave out five days for ever.
    let (third, said, fetched, begun) = night(&store, 19, "2026-10-17");
    assert_eq!(fetched, ["12", "13", "14", "15", "16", "17", "18", "19"]);
    assert!(!begun.is_empty() && begun.iter().all(|day| day == "10"), "{begun:?}");
    assert_eq!(records(&third), 70);
    assert!(said.contains("the store covers nothing after 2026-10-11"), "{said}");
}

#[test]
fn an_object_that_is_gone_from_a_listed_day_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    night(&store, 10, "2026-10-06");
    let mut objects = days(1, 11);
    for day in ["07", "08", "09"] {
        let of_day = |key: &&String| key.contains(&format!("/2026/10/{day}/"));
        let key = objects.keys().find(of_day).unwrap().clone();
        objects.remove(&key);
    }
    let (report, said, fetched, _) = night_of(objects.clone(), &store, "2026-10-08");
    assert_eq!((records(&report), fetched), (30, vec!["11".to_owned()]));
    let notes: Vec<&str> = said.lines().filter(|line| line.contains("can no longer be found")).collect();
    assert_eq!(notes.len(), 1, "{said}");
    assert!(
        notes[0].starts_with("note: 1 object read in an earlier run") && notes[0].contains("/2026/10/09/"),
        "{said}"
    );
    let (_, said, ..) = night_of(objects, &store, "2026-10-08");
    assert!(!said.contains("can no longer be found"), "{said}");
}

/// A night with `--strict` from a day on.
fn strict(
    objects: &BTreeMap<String, Vec<u8>>,
    faults: Faults,
    store: &Path,
    since: &str,
    code: i32,
) -> (Value, String) {
    let server = Server::start(objects.clone(), faults);
    let (report, said, ..) = night_with(&server, store, &["--list-since", since, "--strict"], code);
    (report, said)
}

/// Two regions, so that one of them can fail.
fn regions(from: u32, to: u32) -> BTreeMap<String, Vec<u8>> {
    let days = from..=to;
    days.flat_map(|day| many("eu-central-1", day, 2).into_iter().chain(many("us-east-1", day, 2))).collect()
}

fn objects(report: &Value, what: &str) -> u64 {
    report["coverage"]["objects"][what].as_u64().unwrap()
}

#[test]
fn a_folder_that_could_not_be_listed_on_one_night_is_made_up_for_on_the_next() {
    let denied = || Faults { denied_lists: Some("us-east-1"), ..Faults::default() };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    strict(&regions(1, 10), Faults::default(), &store, "2026-10-08", 0);
    // Two nights in a row; the days of the first are no longer listed when it can be again.
    let (report, said) = strict(&regions(1, 12), denied(), &store, "2026-10-10", 3);
    assert!(report["coverage"]["defects"].to_string().contains("us-east-1"), "{said}");
    strict(&regions(1, 14), denied(), &store, "2026-10-12", 3);
    let (report, _) = strict(&regions(1, 20), Faults::default(), &store, "2026-10-18", 0);
    assert_eq!((objects(&report, "failed"), report["coverage"]["defects_total"].as_u64()), (0, Some(0)));
    // From the 8th on, nothing is missing: neither what was delivered during the outage nor what came before it.
    assert_eq!(records(&report), 2 * 2 * (20 - 8 + 1));
    // And the next night lists three days again, of both.
    let server = Server::start(regions(1, 21), Faults::default());
    let (.., begun) = night_with(&server, &store, &["--list-since", "2026-10-19", "--strict"], 0);
    assert!(!begun.is_empty() && begun.iter().all(|day| day == "19"), "{begun:?}");
}

#[test]
fn a_folder_that_failed_in_a_run_over_everything_is_listed_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let denied = Faults { denied_lists: Some("us-east-1"), ..Faults::default() };
    night_with(&Server::start(regions(1, 10), denied), &store, &["--strict"], 3);
    let (report, _) = strict(&regions(1, 11), Faults::default(), &store, "2026-10-09", 0);
    assert_eq!(records(&report), 2 * 2 * 11);
}

#[test]
fn an_object_that_failed_is_fetched_later_or_given_up_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    strict(&regions(1, 10), Faults::default(), &store, "2026-10-08", 0);
    let late = |day: u32| regions(1, day);
    let keys: Vec<String> = late(12).keys().filter(|key| key.contains("/2026/10/12/")).cloned().collect();
    // They fail on the night of the 12th, and days later, when their day is no longer listed.
    let denied = || Faults { denied_gets: Some("/2026/10/12/"), ..Faults::default() };
    let (report, _) = strict(&late(12), denied(), &store, "2026-10-10", 3);
    assert_eq!(objects(&report, "failed"), 4);
    let (report, _) = strict(&late(16), denied(), &store, "2026-10-14", 3);
    assert_eq!(objects(&report, "failed"), 4);
    // One has expired by now, and the others can be fetched.
    let mut left = late(20);
    left.remove(&keys[0]);
    let (report, said) = strict(&left, Faults::default(), &store, "2026-10-18", 3);
    let defects = report["coverage"]["defects"].as_array().unwrap();
    assert!(defects.len() == 1 && defects[0]["object"].as_str().unwrap().ends_with(&keys[0]), "{defects:?}");
    assert_eq!((objects(&report, "failed"), report["verdict"].as_str()), (0, Some("partial")));
    assert!(said.contains("1 object was gone before it could be read") && said.contains(&keys[0]), "{said}");
    // From then on it is history, and no night fails for it.
    for night in 21..=22 {
        let mut left = late(night);
        left.remove(&keys[0]);
        let (report, said) = strict(&left, Faults::default(), &store, &format!("2026-10-{}", night - 2), 0);
        assert_eq!(report["coverage"]["defects_total"], 0);
        assert_eq!(report["run"]["history"]["objects_lost"], 1);
        assert!(report["run"]["history"]["lost"][0].as_str().unwrap().ends_with(&keys[0]));
        assert!(said.contains("1 object was gone before it could be read"), "{said}");
        assert_eq!(records(&report), u64::from(2 * 2 * (night - 8 + 1)) - 1);
    }
    // Should it be there again, it is read.
    let (report, said) = strict(&late(23), Faults::default(), &store, "2026-10-10", 0);
    assert_eq!((records(&report), report["run"]["history"]["objects_lost"].as_u64()), (2 * 2 * (23 - 8 + 1), Some(0)));
    assert!(!said.contains("gone before"), "{said}");
}
