//! Stores and digest files: what was checked on any night, and merged in any order, is told as one run tells it.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::SystemTime;

use rolechain::integrity::Keys;
use rolechain::model::finding::Status;
use rolechain::model::verdict::Verdict;
use rolechain::observe::Filter;
use rolechain::pipeline;
use rolechain::pipeline::Check;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::store::Life;
use rolechain::store::View;
use serde_json::json;
use tempfile::TempDir;

use crate::store::plan;
use crate::store::run;
use crate::store::text;
use crate::store::told;
use crate::support::PROD;
use crate::support::TOOLING;
use crate::support::delivery::gzip;
use crate::verify::Bucket;
use crate::verify::public_keys;

/// As `audit --verify`.
pub(crate) fn checked(plan: &Plan) -> Outcome {
    let mut keys = Keys::default();
    keys.read(&public_keys()).unwrap();
    run(&Plan { check: Some(Check { keys, asks_for_keys: false, lists_all: true }), ..plan.clone() })
}

/// A copy of a bucket, and room for stores.
struct Copy {
    folder: TempDir,
    logs: PathBuf,
}

impl Copy {
    fn new(bucket: &Bucket) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        bucket.write(&logs, true);
        Self { folder, logs }
    }

    fn all(&self) -> Vec<String> {
        vec![text(&self.logs)]
    }

    fn store(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The files of one account, signatures included.
    fn of(&self, account: &str) -> Vec<String> {
        let is_of = |path: &PathBuf| path.components().any(|part| part.as_os_str() == account);
        files(&self.logs).iter().filter(|path| is_of(path)).map(|path| text(path)).collect()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect();
    found.sort();
    found
}

/// A day with one log file that is not the one that was delivered.
fn tampered() -> Bucket {
    let mut bucket = Bucket::new();
    let key = bucket.logs.keys().next().unwrap().clone();
    bucket.logs.insert(key, gzip(br#"{"Records":[]}"#));
    bucket
}

fn merged(stores: &[&Path], into: &Path) -> Vec<String> {
    let stores: Vec<String> = stores.iter().map(|store| text(store)).collect();
    pipeline::merge(&stores, into).unwrap_or_else(|error| panic!("{error}"));
    vec![text(into)]
}

#[test]
fn merged_stores_know_the_digest_files_of_both() {
    let copy = Copy::new(&tampered());
    let (a, b) = (copy.store("a"), copy.store("b"));
    let [of_a, of_b] = [PROD, TOOLING].map(|account| copy.of(account));
    assert!(of_a.len() > 100 && of_b.len() > 100, "{} and {}", of_a.len(), of_b.len());
    checked(&plan(&of_a, Some(&a)));
    checked(&plan(&of_b, Some(&b)));
    let direct = checked(&plan(&copy.all(), None));
    let integrity = direct.integrity.as_ref().unwrap();
    assert_eq!((integrity.verdict(), integrity.failures().count()), (Verdict::Failed, 1));
    let expected = told(&direct);
    assert_eq!(expected, told(&checked(&plan(&[text(&a), text(&b)], None))));
    assert_eq!(expected, told(&checked(&plan(&merged(&[&a, &b], &copy.store("c")), None))));
    // Twice, and into one that knows a part.
    assert_eq!(expected, told(&checked(&plan(&merged(&[&b, &copy.store("c"), &b], &a), None))));
}

#[test]
fn what_was_read_without_the_check_is_read_again_for_it() {
    for bucket in [Bucket::new(), tampered()] {
        let copy = Copy::new(&bucket);
        let store = copy.store("store");
        let expected = told(&checked(&plan(&copy.all(), None)));
        let unchecked = told(&run(&plan(&copy.all(), Some(&store))));
        assert_ne!(expected, unchecked);
        // Beside the store, and into it.
        assert_eq!(expected, told(&checked(&plan(&[text(&store), text(&copy.logs)], None))));
        let night = checked(&plan(&copy.all(), Some(&store)));
        assert_eq!(expected, told(&night));
        assert_eq!(night.notices, Vec::<String>::new());
        assert_eq!(expected, told(&checked(&plan(&[text(&store)], None))));
        // What was hashed once is known for good.
        let manifest = fs::read(store.join("manifest.json")).unwrap();
        assert_eq!(expected, told(&checked(&plan(&copy.all(), Some(&store)))));
        assert_eq!(manifest, fs::read(store.join("manifest.json")).unwrap());
        assert_eq!(unchecked, told(&run(&plan(&copy.all(), Some(&store)))));
    }
}

#[test]
fn of_two_stores_the_one_that_hashed_an_object_is_believed() {
    let copy = Copy::new(&tampered());
    let (plain, hashed) = (copy.store("plain"), copy.store("hashed"));
    run(&plan(&copy.all(), Some(&plain)));
    checked(&plan(&copy.all(), Some(&hashed)));
    let expected = told(&checked(&plan(&copy.all(), None)));
    for (at, stores) in [[&plain, &hashed], [&hashed, &plain]].into_iter().enumerate() {
        let sources = stores.map(|store| text(store));
        assert_eq!(expected, told(&checked(&plan(&sources, None))), "{at}");
        let into = copy.store(&format!("into-{at}"));
        let into = merged(&stores.map(PathBuf::as_path), &into);
        assert_eq!(expected, told(&checked(&plan(&into, None))), "{at}");
    }
}

#[test]
fn copies_with_times_of_their_own_are_the_same_files() {
    let copy = Copy::new(&Bucket::new());
    let (a, b) = (copy.store("a"), copy.store("b"));
    run(&plan(&copy.all(), Some(&a)));
    let later = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
    for file in files(&copy.logs) {
        File::options().append(true).open(file).unwrap().set_modified(later).unwrap();
    }
    run(&plan(&copy.all(), Some(&b)));
    let expected = told(&run(&plan(&copy.all(), None)));
    assert_eq!(expected, told(&run(&plan(&[text(&a), text(&b)], None))));
    assert_eq!(expected, told(&run(&plan(&merged(&[&b, &a], &copy.store("c")), None))));
    // One that holds something else is told as such.
    let other = files(&copy.logs).into_iter().find(|file| !text(file).contains("Digest")).unwrap();
    fs::write(&other, json!({"Records": []}).to_string()).unwrap();
    let last = copy.store("last");
    run(&plan(&copy.all(), Some(&last)));
    let both = run(&plan(&[text(&a), text(&last)], None));
    let changed: Vec<&str> = both.lineage.observations.defects.iter().map(|defect| defect.object.as_str()).collect();
    assert_eq!(changed, [text(&other)]);
}

fn life(store: &Path) -> Life {
    Life::read(&View::open(store).unwrap()).unwrap()
}

fn failure(outcome: &Outcome) -> Option<Status> {
    let found = outcome.findings.iter().find(|finding| finding.rule == "digest-validation-failed");
    found.map(|finding| finding.status)
}

#[test]
fn only_runs_that_judge_a_finding_settle_its_life() {
    let copy = Copy::new(&tampered());
    let store = copy.store("store");
    let first = checked(&plan(&copy.of(PROD), Some(&store)));
    let found = if failure(&first).is_some() { PROD } else { TOOLING };
    let store = copy.store("again");
    let other = if found == PROD { TOOLING } else { PROD };
    assert_eq!(failure(&checked(&plan(&copy.of(found), Some(&store)))), Some(Status::New));
    let before = life(&store);
    // The check was not asked for: the finding is neither there nor gone.
    let unchecked = run(&plan(&copy.of(found), Some(&store)));
    assert_eq!((failure(&unchecked), &life(&store)), (None, &before));
    // What only looks remembers nothing, whatever it took in.
    let look = Plan { remembers: false, ..plan(&copy.of(other), Some(&store)) };
    run(&look);
    checked(&look);
    let rows = |life: &Life| format!("{life:?}").replacen("generation: 2", "generation: 1", 1);
    assert_eq!(rows(&life(&store)), rows(&before));
    run(&plan(&[], Some(&store)));
    assert_eq!(failure(&checked(&plan(&[], Some(&store)))), Some(Status::Ongoing));
    assert_ne!(life(&store), before);
}

#[cfg(unix)]
#[test]
fn what_failed_once_and_is_gone_is_not_waited_for() {
    let copy = Copy::new(&Bucket::new());
    let store = copy.store("store");
    let lost = copy.logs.join("AWSLogs/lost.json.gz");
    std::os::unix::fs::symlink(copy.folder.path().join("nowhere"), &lost).unwrap();
    let night = plan(&copy.all(), Some(&store));
    let failed = |outcome: &Outcome| outcome.lineage.observations.counts.objects_failed;
    assert_eq!(failed(&run(&night)), 1);
    assert_eq!(failed(&run(&night)), 1);
    fs::remove_file(&lost).unwrap();
    // A run that looks elsewhere, or at a part, cannot know.
    assert_eq!(failed(&run(&plan(&copy.of(PROD), Some(&store)))), 1);
    let filter = Filter { accounts: vec![PROD.to_owned()], ..Filter::default() };
    assert_eq!(failed(&run(&Plan { filter, ..plan(&copy.all(), Some(&store)) })), 1);
    let after = run(&night);
    assert_eq!(failed(&after), 0);
    assert!(after.notices.iter().any(|notice| notice.contains("lost.json.gz")), "{:?}", after.notices);
    let expected = told(&run(&plan(&copy.all(), None)));
    // Once it is a defect, and then a word.
    let defects: Vec<&str> = after.lineage.observations.defects.iter().map(|defect| defect.object.as_str()).collect();
    assert!(matches!(defects[..], [name] if name.ends_with("lost.json.gz")), "{defects:?}");
    assert_eq!(expected, told(&run(&night)));
    assert_eq!(expected, told(&run(&plan(&[text(&store)], None))));
}
