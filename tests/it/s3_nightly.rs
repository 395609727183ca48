//! Nights with `--list-since`: what is listed, what is reported, and what an outage leaves out.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::s3::command;
use super::s3::many;
use super::s3::names;
use super::s3::report;
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
    let server = Server::start(objects, Faults::default());
    let args = ["audit", "s3://logs/AWSLogs/", "--format", "json", "--store", store.to_str().unwrap()];
    let args = [&args[..], &["--list-since", since]].concat();
    let (stdout, stderr) = run(&mut command(Some(&server), &args), 0);
    let day = |key: &str| key.split_once("/2026/10/").map(|(_, rest)| rest[..2].to_owned());
    let mut fetched: Vec<String> = names(&server, "get").iter().filter_map(|key| day(key)).collect();
    fetched.sort();
    fetched.dedup();
    let begun = server.asked().into_iter().filter_map(|asked| day(&asked.after?)).collect();
    (report(&stdout), stderr, fetched, begun)
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
