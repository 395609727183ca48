//! Stores and time: digest files go with their days, and logs that somebody deletes are missed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use rolechain::integrity::Keys;
use rolechain::model::integrity::GapKind;
use rolechain::model::integrity::Integrity;
use rolechain::model::time::Timestamp;
use rolechain::model::verdict::Reason;
use rolechain::model::verdict::Verdict;
use rolechain::pipeline::Check;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::store;
use rolechain::store::Store;
use rolechain::store::View;
use serde_json::json;
use tempfile::TempDir;

use crate::store::plan;
use crate::store::run;
use crate::store::text;
use crate::support::PROD;
use crate::support::delivery::Trail;
use crate::support::delivery::gzip;
use crate::support::digests::DigestFile;
use crate::support::digests::Signer;
use crate::support::digests::sha256;

const REGION: &str = "eu-central-1";

/// 2026-11-05, in days since 1970.
const FIRST: i64 = 20_762;

const DAYS: i64 = 6;

/// Some days of one account and region: a log file and a digest file for each hour.
struct Days {
    folder: TempDir,
    logs: PathBuf,
    log_keys: Vec<String>,
    digests: Vec<DigestFile>,
    keys: Keys,
}

impl Days {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::new();
        let mut files = BTreeMap::new();
        let mut log_keys = Vec::new();
        for hour in FIRST * 24..(FIRST + DAYS) * 24 {
            let stamp = Timestamp(hour * 3_600 + 300);
            let key = Trail::ORGANIZATION.key(PROD, REGION, stamp, "Ab3dEf6hIj9lMn2p");
            let id = &sha256(stamp.to_string().as_bytes())[..12];
            let record = json!({"eventTime": stamp.to_string(), "eventSource": "ecs.amazonaws.com", "eventName": "ListClusters",
                "awsRegion": REGION, "recipientAccountId": PROD, "eventID": format!("b7d4056a-a95a-4b3f-8770-{id}"),
                "readOnly": true});
            log_keys.push(key.clone());
            files.insert(key, gzip(json!({"Records": [record]}).to_string().as_bytes()));
        }
        let hours = FIRST * 24..(FIRST + DAYS) * 24;
        let digest_key = |end| Trail::ORGANIZATION.digest_key(PROD, REGION, end);
        let digests = signer.chain((PROD, REGION), hours, None, &files, digest_key);
        let mut keys = Keys::default();
        keys.read(&signer.public_keys()).unwrap();
        let days = Self { logs: folder.path().join("logs"), folder, log_keys, digests, keys };
        for (key, bytes) in &files {
            days.put(key, bytes);
        }
        for digest in &days.digests {
            days.put(&digest.key, &digest.bytes());
            days.put(&format!("{}.signature", digest.key), digest.signature.as_bytes());
        }
        days
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        let path = self.logs.join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn remove(&self, key: &str) -> Vec<u8> {
        let bytes = fs::read(self.logs.join(key)).unwrap();
        fs::remove_file(self.logs.join(key)).unwrap();
        bytes
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// One night with `--verify`.
    fn night(&self) -> Outcome {
        self.checked(&plan(&[text(&self.logs)], Some(&self.store())))
    }

    fn checked(&self, plan: &Plan) -> Outcome {
        let check = Some(Check { keys: self.keys.clone(), asks_for_keys: false, lists_all: true });
        run(&Plan { check, ..plan.clone() })
    }

    fn rows(&self) -> u64 {
        store::status(&View::open(&self.store()).unwrap()).unwrap().tables["digests"].rows
    }

    /// The end of the digest file of an hour, counted from the first one.
    fn hour(&self, day: i64, hour: i64) -> &DigestFile {
        &self.digests[usize::try_from(day * 24 + hour).unwrap()]
    }
}

fn integrity(outcome: &Outcome) -> &Integrity {
    outcome.integrity.as_ref().unwrap()
}

fn failures(outcome: &Outcome) -> Vec<(&str, Reason)> {
    integrity(outcome).failures().map(|file| (file.place.as_str(), file.reason.clone().unwrap())).collect()
}

#[test]
fn digest_files_go_with_their_days_and_nothing_seems_to_be_missing() {
    let days = Days::new();
    let whole = days.night();
    assert_eq!(integrity(&whole).verdict(), Verdict::Verified);
    assert_eq!(days.rows(), 144);
    assert_eq!(Store::open(&days.store()).unwrap().compact(Some(2)).unwrap().len(), 4);
    // Two days, the hour that reaches into the first of them, and the one before.
    assert_eq!(days.rows(), 50);
    let known = || {
        let status = store::status(&View::open(&days.store()).unwrap()).unwrap();
        (status.generation, status.objects, status.tables["objects"].rows, days.rows())
    };
    let before = known();
    let since = plan(&[], Some(&days.store()));
    let mut narrower = since.clone();
    narrower.filter.since = Some(Timestamp((FIRST + 5) * 86_400));
    let mut earlier = since.clone();
    earlier.filter.since = Some(Timestamp((FIRST + 1) * 86_400));
    let logs_again = plan(&[text(&days.logs)], Some(&days.store()));
    for (plan, hours) in [(&since, 49), (&logs_again, 49), (&earlier, 49), (&narrower, 25)] {
        let kept = days.checked(plan);
        let told = integrity(&kept);
        assert_eq!(told.verdict(), Verdict::Verified, "{told:?}");
        let [trail] = &told.trails[..] else { panic!("{told:?}") };
        assert_eq!((trail.digests.verified, trail.digests.all(), &trail.gaps), (hours, hours, &Vec::new()));
        // Of the logs of days that went nothing is said, and those that are kept are in a digest file.
        assert_eq!((trail.logs.all(), trail.logs.verified), (hours, hours), "{trail:?}");
        assert_eq!((trail.unlisted, trail.undigested, trail.uncovered), (0, 0, 0), "{trail:?}");
        assert_eq!((told.strays.all(), told.logs_without_digests), (0, 0));
        assert!(failures(&kept).is_empty());
    }
    // Nothing was read again, and nothing was forgotten.
    assert_eq!(before, known());
    // They go once.
    Store::open(&days.store()).unwrap().compact(Some(2)).unwrap();
    assert_eq!(days.rows(), 50);
}

#[test]
fn a_digest_file_that_is_missing_at_the_edge_of_what_is_kept_stays_missing() {
    for missing in [0..1, 1..3] {
        let days = Days::new();
        for hour in missing.clone() {
            days.remove(&days.hour(4, hour).key.clone());
        }
        let before = days.night();
        let gap = |outcome: &Outcome| integrity(outcome).trails[0].gaps.clone();
        assert_eq!(gap(&before).iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Missing], "{missing:?}");
        let mut keeping = plan(&[text(&days.logs)], Some(&days.store()));
        keeping.keep = Some(2);
        let after = days.checked(&keeping);
        assert!(days.rows() < 60, "{}", days.rows());
        assert_eq!(gap(&after), gap(&before), "{missing:?}");
        assert_eq!(failures(&after), failures(&before), "{missing:?}");
    }
}

#[test]
fn logs_that_somebody_deletes_are_missed() {
    let days = Days::new();
    days.night();
    let key = days.log_keys[3 * 24].clone();
    let bytes = days.remove(&key);
    let noted = |outcome: &Outcome| outcome.notices.iter().any(|notice| notice.contains(&key));
    // A run that looks at a part cannot know.
    let mut part = plan(&[text(&days.logs)], Some(&days.store()));
    part.filter.accounts = vec![PROD.to_owned()];
    assert!(!noted(&days.checked(&part)));
    let second = days.night();
    assert!(noted(&second) && second.notices.len() == 1, "{:?}", second.notices);
    let place = format!("s3://{}/{key}", crate::support::digests::BUCKET);
    assert_eq!(failures(&second), [(place.as_str(), Reason::NotFound)]);
    // Told once, and known ever after.
    let third = days.night();
    assert!(third.notices.is_empty(), "{:?}", third.notices);
    assert_eq!(failures(&third), failures(&second));
    assert_eq!(failures(&days.checked(&plan(&[text(&days.store())], None))), failures(&second));
    let gone = || store::status(&View::open(&days.store()).unwrap()).unwrap().objects_gone;
    assert_eq!(gone(), 1);
    // What was read stays.
    assert_eq!(third.lineage.observations.counts.unique, 144);
    days.put(&key, &bytes);
    let fourth = days.night();
    assert!(failures(&fourth).is_empty(), "{:?}", failures(&fourth));
    assert!(days.night().notices.is_empty());
    assert_eq!(gone(), 0);
}

#[test]
fn logs_that_a_rule_deletes_are_noted_and_no_failure() {
    let days = Days::new();
    days.night();
    // A rule that counts days deletes a log file before the digest file that names it.
    for key in &days.log_keys[..30] {
        days.remove(key);
    }
    let second = days.night();
    assert!(second.notices[0].starts_with("30 objects"), "{:?}", second.notices);
    assert!(failures(&second).is_empty(), "{:?}", failures(&second));
    for digest in &days.digests[..24] {
        days.remove(&digest.key);
        days.remove(&format!("{}.signature", digest.key));
    }
    let third = days.night();
    assert!(third.notices[0].starts_with("48 objects"), "{:?}", third.notices);
    assert!(failures(&third).is_empty() && integrity(&third).trails[0].gaps.is_empty());
    assert!(run(&plan(&[text(&days.logs)], Some(&days.store()))).notices.is_empty());
}
