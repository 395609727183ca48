//! Digest files: a whole day of an organization holds, and every way of tampering with it is reported as what it is.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use rolechain::integrity;
use rolechain::integrity::Case;
use rolechain::integrity::Keys;
use rolechain::integrity::Reading;
use rolechain::integrity::Scope;
use rolechain::model::integrity::DigestGap;
use rolechain::model::integrity::GapKind;
use rolechain::model::integrity::Integrity;
use rolechain::model::receipt::Content;
use rolechain::model::receipt::Receipt;
use rolechain::model::record::ObjectKind;
use rolechain::model::time::Timestamp;
use rolechain::model::verdict::Verdict;
use rolechain::pipeline;
use rolechain::pipeline::Hooks;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;
use rolechain::pipeline::Verification;
use serde_json::Value;
use serde_json::json;

use crate::support::PROD;
use crate::support::TOOLING;
use crate::support::at;
use crate::support::cases;
use crate::support::delivery::Trail;
use crate::support::delivery::gzip;
use crate::support::digests::BUCKET;
use crate::support::digests::DigestFile;
use crate::support::digests::Signer;
use crate::support::digests::places;
use crate::support::digests::sha256;

/// CloudTrail's key, and another one.
static SIGNERS: LazyLock<[Signer; 2]> = LazyLock::new(|| [Signer::new(), Signer::new()]);

/// What `aws cloudtrail list-public-keys` prints of the key that signs every [`Bucket`].
pub(crate) fn public_keys() -> String {
    SIGNERS[0].public_keys()
}

const REGIONS: [&str; 3] = ["eu-central-1", "eu-west-1", "us-east-1"];

/// Account and region that are tampered with.
const VICTIM: (&str, &str) = (PROD, "eu-central-1");

/// The day, in hours since 1970.
fn first_hour() -> i64 {
    at("2026-11-05T00:00:00Z").0 / 3_600
}

/// A bucket: log files and digest files by key.
#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) logs: BTreeMap<String, Vec<u8>>,
    /// By account and region, the oldest first.
    pub(crate) chains: BTreeMap<(String, String), Vec<DigestFile>>,
    /// What is stored under the keys of digest files, when it is not the digest file.
    pub(crate) stored: BTreeMap<String, Vec<u8>>,
    /// Keys of digest files that are gone.
    pub(crate) gone: Vec<String>,
}

fn digest_key((account, region): (&str, &str)) -> impl Fn(Timestamp) -> String {
    move |end| Trail::ORGANIZATION.digest_key(account, region, end)
}

fn log_key(account: &str, region: &str, stamp: Timestamp) -> String {
    Trail::ORGANIZATION.key(account, region, stamp, "Ab3dEf6hIj9lMn2p")
}

/// The key of a log file that is tampered with.
fn victim_log(hour: i64) -> String {
    log_key(VICTIM.0, VICTIM.1, Timestamp((first_hour() + hour) * 3_600 + 300))
}

fn log(account: &str, region: &str, stamp: Timestamp) -> Vec<u8> {
    let id = &sha256(format!("{account}{region}{stamp}").as_bytes())[..12];
    let record = json!({"eventTime": stamp.to_string(), "eventSource": "ecs.amazonaws.com", "eventName": "ListClusters",
        "awsRegion": region, "recipientAccountId": account, "eventID": format!("b7d4056a-a95a-4b3f-8770-{id}"),
        "readOnly": true});
    gzip(json!({"Records": [record]}).to_string().as_bytes())
}

impl Bucket {
    /// A day of two accounts in three regions. Every third hour is quiet.
    pub(crate) fn new() -> Self {
        static DAY: LazyLock<Bucket> = LazyLock::new(Bucket::make);
        DAY.clone()
    }

    fn make() -> Self {
        let mut logs = BTreeMap::new();
        for (account, region) in [TOOLING, PROD].iter().flat_map(|account| REGIONS.map(|region| (*account, region))) {
            for hour in (0..24).filter(|hour| hour % 3 != 2) {
                for minute in [5, 40] {
                    let stamp = Timestamp((first_hour() + hour) * 3_600 + minute * 60);
                    logs.insert(log_key(account, region, stamp), log(account, region, stamp));
                }
            }
        }
        let hours = first_hour()..first_hour() + 24;
        let chains = places(&logs)
            .into_iter()
            .map(|(account, region)| {
                let place = (account.as_str(), region.as_str());
                let chain = SIGNERS[0].chain(place, hours.clone(), None, &logs, digest_key(place));
                ((account, region), chain)
            })
            .collect();
        Self { logs, chains, stored: BTreeMap::new(), gone: Vec::new() }
    }

    fn chain(&mut self) -> &mut Vec<DigestFile> {
        self.chains.get_mut(&(VICTIM.0.to_owned(), VICTIM.1.to_owned())).unwrap()
    }

    fn key(&mut self, hour: usize) -> String {
        self.chain()[hour].key.clone()
    }

    /// Writes a copy, with or without the signatures that S3 keeps beside the objects.
    pub(crate) fn write(&self, folder: &Path, has_signatures: bool) {
        let put = |key: &str, bytes: &[u8]| {
            let path = folder.join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        for (key, bytes) in &self.logs {
            put(key, bytes);
        }
        for digest in self.chains.values().flatten().filter(|digest| !self.gone.contains(&digest.key)) {
            let bytes = self.stored.get(&digest.key).cloned().unwrap_or_else(|| digest.bytes());
            put(&digest.key, &bytes);
            if has_signatures {
                put(&format!("{}.signature", digest.key), digest.signature.as_bytes());
            }
        }
        for (key, bytes) in self.stored.iter().filter(|(key, _)| !folder.join(key).exists()) {
            put(key, bytes);
        }
    }
}

/// How it is looked at.
struct Look {
    has_signatures: bool,
    keys: Keys,
    plan: Plan,
    /// As objects of S3, not as files.
    is_s3: bool,
}

fn keys(signer: &Signer) -> Keys {
    let mut keys = Keys::default();
    keys.read(&signer.public_keys()).unwrap();
    keys
}

impl Default for Look {
    fn default() -> Self {
        Self { has_signatures: true, keys: keys(&SIGNERS[0]), plan: Plan::default(), is_s3: false }
    }
}

fn look(bucket: &Bucket, look: Look) -> Integrity {
    let folder = tempfile::tempdir().unwrap();
    bucket.write(folder.path(), look.has_signatures);
    let source = folder.path().to_string_lossy().into_owned();
    let plan = Plan { sources: vec![source.clone()], ..look.plan };
    scan(&plan, look.is_s3.then_some(&source), &look.keys)
}

fn scan(plan: &Plan, s3: Option<&String>, keys: &Keys) -> Integrity {
    let hooks = Hooks { contents: true, ..Hooks::default() };
    let mut scanned = pipeline::scan(plan, &hooks, &Silent).unwrap();
    if let Some(source) = s3 {
        for receipt in &mut scanned.receipts {
            receipt.object = receipt.object.replace(source, &format!("s3://{BUCKET}"));
        }
    }
    let integrity = Verification::new(&mut scanned, plan, true).check(keys);
    // Nothing depends on the order in which objects were read.
    let mut again = pipeline::scan(&Plan { threads: 1, ..clone(plan) }, &hooks, &Silent).unwrap();
    again.receipts.reverse();
    if s3.is_none() {
        assert_eq!(integrity, Verification::new(&mut again, plan, true).check(keys));
    }
    integrity
}

fn clone(plan: &Plan) -> Plan {
    Plan { sources: plan.sources.clone(), filter: plan.filter.clone(), ..Plan::default() }
}

/// The lines of the files that failed, with the bucket's name and the folder of a copy taken out.
fn failed(integrity: &Integrity) -> Vec<String> {
    integrity.failures().map(|file| file.to_string().replace(&format!("s3://{BUCKET}/"), "")).collect()
}

fn invalid(kind: &str, key: &str, words: &str) -> String {
    format!("{kind} file\t{key}\tINVALID: {words}")
}

#[test]
fn an_untouched_day_is_verified_hour_by_hour() {
    for is_s3 in [false, true] {
        let integrity = look(&Bucket::new(), Look { is_s3, ..Look::default() });
        assert_eq!(integrity.verdict(), Verdict::Verified);
        let (digests, logs) = integrity.totals();
        assert_eq!((digests.verified, digests.all()), (6 * 24, 6 * 24));
        assert_eq!((logs.verified, logs.all()), (6 * 32, 6 * 32));
        assert_eq!(integrity.trails.len(), 6);
        for trail in &integrity.trails {
            assert_eq!((trail.hours_empty(), trail.empty.len()), (8, 8), "every third hour is quiet");
            assert_eq!((&*trail.trail, &*trail.home_region), ("org-trail", "eu-central-1"));
            assert!(trail.gaps.is_empty() && trail.starts.len() == 1 && !trail.has_older);
            assert_eq!(trail.first, Some(at("2026-11-05T00:01:31Z")));
            assert_eq!(trail.last, Some(at("2026-11-06T00:01:31Z")));
        }
    }
}

#[test]
fn a_copy_lacks_only_the_signature_of_each_newest_digest() {
    let integrity = look(&Bucket::new(), Look { has_signatures: false, ..Look::default() });
    assert_eq!(integrity.verdict(), Verdict::Verified);
    let (digests, _) = integrity.totals();
    assert_eq!((digests.verified, digests.not_verifiable, digests.failed), (6 * 23, 6, 0));
    let unproved: Vec<_> = integrity
        .files
        .iter()
        .filter(|file| file.verdict() == Verdict::NotVerifiable)
        .map(|file| file.reason.as_ref().unwrap().name())
        .collect();
    assert_eq!(unproved, ["signature_unknown"; 6], "the last hour is quiet");
}

#[test]
fn without_keys_hashes_and_chains_are_checked_and_nothing_is_verified() {
    let mut bucket = Bucket::new();
    let look_without = |bucket: &Bucket| look(bucket, Look { keys: Keys::default(), ..Look::default() });
    let integrity = look_without(&bucket);
    assert_eq!(integrity.verdict(), Verdict::NotVerifiable);
    let (digests, logs) = integrity.totals();
    assert_eq!((digests.not_verifiable, logs.not_verifiable), (6 * 24, 6 * 32));
    assert_eq!(integrity.trails.iter().map(|trail| trail.hashes_matched).sum::<u64>(), 6 * 32);
    assert_eq!(integrity.trails[0].hours_empty(), 0, "nothing is proven empty");
    // A digest file that was changed no longer fits the next one.
    let mut json = bucket.chain()[12].json.clone();
    json["logFiles"] = json!([]);
    let changed = SIGNERS[1].digest(json);
    let key = bucket.key(12);
    bucket.stored.insert(key.clone(), gzip(&changed.text));
    let failed = failed(&look(&bucket, Look { keys: Keys::default(), has_signatures: false, ..Look::default() }));
    assert_eq!(failed, [invalid("Digest", &key, "hash value doesn't match")]);
}

/// Tampers with a day, and returns what is told. Every proof elsewhere must still stand.
#[track_caller]
fn tampered(tamper: impl FnOnce(&mut Bucket) -> Vec<String>) -> Integrity {
    let mut bucket = Bucket::new();
    let expected = tamper(&mut bucket);
    let integrity = look(&bucket, Look { is_s3: true, ..Look::default() });
    assert_eq!(failed(&integrity), expected);
    assert_eq!(integrity.verdict(), Verdict::Failed);
    for trail in integrity.trails.iter().filter(|trail| (&*trail.account, &*trail.region) != VICTIM) {
        assert_eq!((trail.digests.verified, trail.logs.verified), (24, 32), "{trail:?}");
    }
    integrity
}

#[test]
fn a_changed_log_file_is_found() {
    tampered(|bucket| {
        let key = victim_log(9);
        bucket.logs.insert(key.clone(), gzip(br#"{"Records":[]}"#));
        vec![invalid("Log", &key, "hash value doesn't match")]
    });
}

#[test]
fn a_log_file_that_was_only_packed_anew_is_sound() {
    let mut bucket = Bucket::new();
    let key = victim_log(9);
    let text = crate::support::digests::inflate(&bucket.logs[&key]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &text).unwrap();
    bucket.logs.insert(key, packed.finish().unwrap());
    assert_eq!(look(&bucket, Look::default()).totals().1.verified, 6 * 32);
}

#[test]
fn a_deleted_log_file_is_found() {
    tampered(|bucket| {
        let key = victim_log(9);
        bucket.logs.remove(&key);
        vec![invalid("Log", &key, "not found")]
    });
}

#[test]
fn a_broken_log_file_is_found() {
    tampered(|bucket| {
        let key = victim_log(9);
        bucket.logs.get_mut(&key).unwrap().truncate(60);
        vec![invalid("Log", &key, "invalid format")]
    });
}

#[test]
fn an_added_log_file_is_found() {
    let integrity = tampered(|bucket| {
        let stamp = Timestamp((first_hour() + 9) * 3_600 + 1_200);
        let key = log_key(VICTIM.0, VICTIM.1, stamp);
        bucket.logs.insert(key.clone(), log(VICTIM.0, VICTIM.1, stamp));
        vec![invalid("Log", &key, "not in any digest")]
    });
    assert_eq!(integrity.trails.iter().map(|trail| trail.unlisted).sum::<u64>(), 1);
}

#[test]
fn log_files_after_the_last_digest_are_told_apart_by_how_late_they_are() {
    let mut bucket = Bucket::new();
    for minutes in [23 * 60 + 30, 24 * 60 + 40, 24 * 60 + 700] {
        let stamp = Timestamp(first_hour() * 3_600 + minutes * 60);
        bucket.logs.insert(log_key(VICTIM.0, VICTIM.1, stamp), log(VICTIM.0, VICTIM.1, stamp));
    }
    let early = Timestamp(first_hour() * 3_600 - 7_200);
    bucket.logs.insert(log_key(VICTIM.0, VICTIM.1, early), log(VICTIM.0, VICTIM.1, early));
    bucket.logs.insert(log_key("555555555555", VICTIM.1, early), log("555555555555", VICTIM.1, early));
    let integrity = look(&bucket, Look::default());
    assert_eq!(failed(&integrity), Vec::<String>::new());
    let trail = integrity.trails.iter().find(|trail| (&*trail.account, &*trail.region) == VICTIM).unwrap();
    assert_eq!((trail.undigested, trail.uncovered, trail.unlisted), (2, 2, 0));
    assert_eq!(trail.gaps.iter().map(|gap| (gap.kind, gap.hours())).collect::<Vec<_>>(), [(GapKind::Ended, 12)]);
    assert_eq!(integrity.logs_without_digests, 1);
}

/// A bucket whose digest files of some accounts and regions are gone, all of them.
fn without_digests(lost: &[(&str, &str)]) -> Bucket {
    let mut bucket = Bucket::new();
    let is_lost = |place: &(String, String)| lost.contains(&(&*place.0, &*place.1));
    bucket.chains.retain(|place, _| !is_lost(place));
    bucket
}

#[test]
fn an_account_that_lost_all_its_digest_files_is_told() {
    let told = |bucket: &Bucket, plan: Plan| {
        let integrity = look(bucket, Look { plan, ..Look::default() });
        assert_eq!(failed(&integrity), Vec::<String>::new());
        let bare = integrity.bare.iter();
        let bare: Vec<_> =
            bare.map(|bare| (bare.account.clone(), bare.region.clone(), bare.logs, bare.lost_by.clone())).collect();
        assert_eq!(integrity.logs_without_digests, bare.iter().map(|bare| bare.2).sum::<u64>());
        (integrity.verdict(), bare)
    };
    let place = |account: &str, region: &str, trail: Option<&str>| {
        (account.to_owned(), region.to_owned(), 32, trail.map(str::to_owned))
    };
    let trail = Some("org-trail");
    // One region of an account, and all of an account.
    let expected = (Verdict::NotVerifiable, vec![place(PROD, "eu-west-1", trail)]);
    assert_eq!(told(&without_digests(&[(PROD, "eu-west-1")]), Plan::default()), expected);
    let whole = without_digests(&REGIONS.map(|region| (PROD, region)));
    let expected = REGIONS.map(|region| place(PROD, region, trail)).to_vec();
    assert_eq!(told(&whole, Plan::default()), (Verdict::NotVerifiable, expected));
    // Nothing is said of what was not asked for.
    let mut plan = Plan::default();
    plan.filter.accounts = vec![TOOLING.to_owned()];
    assert_eq!(told(&whole, plan), (Verdict::Verified, vec![]));
}

#[test]
fn an_account_that_never_had_digest_files_is_not_said_to_have_lost_them() {
    let lost = |bucket: &Bucket| {
        let integrity = look(bucket, Look::default());
        assert_eq!(integrity.verdict(), Verdict::Verified, "{:?}", integrity.bare);
        integrity.bare.iter().map(|bare| bare.logs).sum::<u64>()
    };
    let stamp = Timestamp((first_hour() + 9) * 3_600);
    // A trail of another account in the same bucket, beside that of the organization.
    let mut bucket = Bucket::new();
    let key = log_key("555555555555", VICTIM.1, stamp).replace("o-exampleorgid/", "");
    assert!(!key.contains("o-"), "{key}");
    bucket.logs.insert(key, log("555555555555", VICTIM.1, stamp));
    assert_eq!(lost(&bucket), 1);
    // A trail of one region.
    let mut bucket = Bucket::new();
    bucket.chains.retain(|(_, region), _| region == VICTIM.1);
    bucket.logs.retain(|key, _| key.contains(VICTIM.1) || key.contains("eu-west-1"));
    assert_eq!(lost(&bucket), 64);
    // An account whose first log files are newer than all digest files.
    let mut bucket = Bucket::new();
    let late = Timestamp((first_hour() + 24) * 3_600 + 60);
    bucket.logs.insert(log_key("555555555555", VICTIM.1, late), log("555555555555", VICTIM.1, late));
    assert_eq!(lost(&bucket), 1);
}

/// The words of each message that a look gives, with what differs from case to case taken out.
fn messages(integrity: &Integrity) -> BTreeSet<String> {
    let reasons = integrity.files.iter().filter_map(|file| file.reason.as_ref()).map(ToString::to_string);
    reasons
        .map(|words| match () {
            () if words.starts_with("public key not found in region ") => {
                "public key not found in region R for fingerprint F".to_owned()
            }
            () if words.contains(" more hours ") => {
                "not found; the digest files of N more hours before it are missing, too".to_owned()
            }
            () => words,
        })
        .collect()
}

#[test]
fn every_message_of_the_page_is_given_and_every_message_given_is_on_the_page() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify.md")).unwrap();
    let (_, part) = page.split_once("## What each message means").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let rows = part.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let written: BTreeSet<String> = rows.map(|(message, _)| message.to_owned()).collect();

    // Files that were changed, deleted, cut, appended to, added and moved; digest files that were forged and deleted.
    let mut bucket = Bucket::new();
    bucket.logs.insert(victim_log(0), gzip(br#"{"Records":[]}"#));
    bucket.logs.remove(&victim_log(1));
    bucket.logs.get_mut(&victim_log(3)).unwrap().truncate(60);
    let appended = gzip(br#"{"Records":[]}"#);
    bucket.logs.get_mut(&victim_log(4)).unwrap().extend(appended);
    let added = Timestamp((first_hour() + 6) * 3_600 + 1_200);
    bucket.logs.insert(log_key(VICTIM.0, VICTIM.1, added), log(VICTIM.0, VICTIM.1, added));
    let (moved, bytes) = (bucket.key(8), bucket.chain()[8].bytes());
    bucket.stored.insert(moved.replace("/05/", "/06/"), bytes);
    bucket.gone.push(moved);
    let (forged, mut json) = (bucket.key(10), bucket.chain()[10].json.clone());
    json["logFiles"][0]["hashValue"] = json!(sha256(b"another text"));
    bucket.stored.insert(forged, gzip(json.to_string().as_bytes()));
    for hour in 14..17 {
        let key = bucket.key(hour);
        bucket.gone.push(key);
    }
    for minutes in [24 * 60 + 40, 24 * 60 + 700] {
        let stamp = Timestamp(first_hour() * 3_600 + minutes * 60);
        bucket.logs.insert(log_key(VICTIM.0, VICTIM.1, stamp), log(VICTIM.0, VICTIM.1, stamp));
    }
    let mut given = messages(&look(&bucket, Look::default()));
    // A copy whose newest digest file names log files; and one whose newest says what is not true.
    let mut copy = Bucket::new();
    copy.chain().pop();
    given.extend(messages(&look(&copy, Look { has_signatures: false, ..Look::default() })));
    let mut json = copy.chain()[22].json.clone();
    json["previousDigestHashValue"] = json!(sha256(b"another text"));
    let newest = copy.key(22);
    copy.stored.insert(newest, gzip(json.to_string().as_bytes()));
    given.extend(messages(&look(&copy, Look { has_signatures: false, ..Look::default() })));
    // No keys, and others.
    let whole = Bucket::new();
    given.extend(messages(&look(&whole, Look { keys: Keys::default(), ..Look::default() })));
    given.extend(messages(&look(&whole, Look { keys: keys(&SIGNERS[1]), ..Look::default() })));
    // A log file that could not be opened.
    let folder = tempfile::tempdir().unwrap();
    whole.write(folder.path(), true);
    let plan = Plan { sources: vec![folder.path().to_string_lossy().into_owned()], ..Plan::default() };
    let mut scanned = pipeline::scan(&plan, &Hooks { contents: true, ..Hooks::default() }, &Silent).unwrap();
    let unread = scanned.receipts.iter_mut().find(|receipt| receipt.object.ends_with(&victim_log(9))).unwrap();
    (unread.kind, unread.content) = (None, None);
    given.extend(messages(&Verification::new(&mut scanned, &plan, true).check(&keys(&SIGNERS[0]))));

    given.extend(messages(&crowd(130)));

    assert_eq!(given, written);
}

/// So many texts of one digest file, and as many digest files that each give another signature for it.
fn crowd(number: usize) -> Integrity {
    let mut bucket = Bucket::new();
    let [text, next] = [5, 6].map(|hour| bucket.chain()[hour].json.clone());
    let copy = |at: usize, json: &Value| {
        let key = json["digestS3Object"].as_str().unwrap();
        receipt(&format!("copy-{at}/{key}"), ObjectKind::Digest, json.to_string().as_bytes())
    };
    let texts = (0..number).map(|at| {
        let mut json = text.clone();
        json["logFiles"] = json!([]);
        json["another"] = json!(at);
        copy(at, &json)
    });
    let nexts = (0..number).map(|at| {
        let mut json = next.clone();
        json["logFiles"] = json!([]);
        json["previousDigestHashValue"] = Value::Null;
        json["previousDigestSignature"] = json!(format!("{at:0512x}"));
        copy(at, &json)
    });
    judge(&texts.chain(nexts).collect::<Vec<_>>(), &keys(&SIGNERS[0]))
}

#[test]
fn signatures_that_were_not_all_tried_make_no_failure() {
    let trail = |number: usize| crowd(number).trails.swap_remove(0).digests;
    // Of the last ones nobody says anything: they are not verifiable, either.
    assert_eq!((trail(20).failed, trail(20).not_verifiable), (20, 20));
    assert_eq!((trail(130).failed, trail(130).not_verifiable), (0, 260));
}

#[test]
fn appended_bytes_are_found() {
    tampered(|bucket| {
        let key = victim_log(9);
        let forged = gzip(br#"{"Records":[{"eventName":"Forged","eventSource":"x"}]}"#);
        bucket.logs.get_mut(&key).unwrap().extend(forged);
        vec![invalid("Log", &key, "unexpected data after end of compressed stream")]
    });
    tampered(|bucket| {
        let key = bucket.key(11);
        let mut bytes = bucket.chain()[11].bytes();
        bytes.push(0);
        bucket.stored.insert(key.clone(), bytes);
        vec![invalid("Digest", &key, "unexpected data after end of compressed stream")]
    });
}

#[test]
fn moved_files_are_found() {
    tampered(|bucket| {
        let key = victim_log(9);
        let bytes = bucket.logs.remove(&key).unwrap();
        let moved = key.replace("/05/", "/06/");
        bucket.logs.insert(moved.clone(), bytes);
        vec![invalid("Log", &key, "not found"), invalid("Log", &moved, "not in any digest")]
    });
    tampered(|bucket| {
        let key = bucket.key(9);
        let moved = key.replace("/05/", "/06/");
        let bytes = bucket.chain()[9].bytes();
        bucket.stored.insert(moved.clone(), bytes);
        bucket.gone.push(key.clone());
        vec![
            invalid("Digest", &key, "not found"),
            invalid("Digest", &moved, "has been moved from its original location"),
        ]
    });
}

#[test]
fn a_changed_digest_is_found_whatever_it_hides() {
    for has_signatures in [true, false] {
        let mut bucket = Bucket::new();
        let (log, key) = (victim_log(9), bucket.key(9));
        // The log file is changed, and the digest file is made to fit.
        bucket.logs.insert(log, gzip(br#"{"Records":[]}"#));
        let mut json = bucket.chain()[9].json.clone();
        json["logFiles"][0]["hashValue"] = json!(sha256(br#"{"Records":[]}"#));
        bucket.stored.insert(key.clone(), gzip(json.to_string().as_bytes()));
        let integrity = look(&bucket, Look { has_signatures, ..Look::default() });
        assert_eq!(failed(&integrity), [invalid("Digest", &key, "signature verification failed")]);
        let unproved = integrity
            .files
            .iter()
            .filter(|file| file.reason.as_ref().is_some_and(|reason| reason.name() == "digest_failed"));
        assert_eq!(unproved.count(), 2, "its two log files are not believed");
    }
}

#[test]
fn a_forged_signature_is_found() {
    // Signed by another key under the name of CloudTrail's.
    tampered(|bucket| {
        let json = bucket.chain()[23].json.clone();
        bucket.chain()[23] = SIGNERS[1].digest(json);
        vec![invalid("Digest", &bucket.key(23), "signature verification failed")]
    });
    for nonsense in ["", "zz", "00", "{\"Metadata\":{}}"] {
        tampered(|bucket| {
            nonsense.clone_into(&mut bucket.chain()[23].signature);
            vec![invalid("Digest", &bucket.key(23), "signature verification failed")]
        });
    }
}

#[test]
fn what_a_digest_says_of_the_one_before_it_must_be_true() {
    // On a copy nothing vouches for the newest digest file itself.
    let mut bucket = Bucket::new();
    let mut json = bucket.chain()[23].json.clone();
    json["previousDigestHashValue"] = json!(sha256(b"another text"));
    let key = bucket.key(23);
    bucket.stored.insert(key.clone(), gzip(json.to_string().as_bytes()));
    let integrity = look(&bucket, Look { has_signatures: false, ..Look::default() });
    assert_eq!(failed(&integrity), [invalid("Digest", &key, "does not fit the digest file before it")]);
}

#[test]
fn keys_that_are_not_cloudtrails_verify_nothing() {
    let integrity = look(&Bucket::new(), Look { keys: keys(&SIGNERS[1]), ..Look::default() });
    let words = format!("public key not found in region eu-west-1 for fingerprint {}", SIGNERS[0].fingerprint());
    let failed = failed(&integrity);
    assert_eq!(failed.len(), 6 * 24);
    assert!(failed.iter().filter(|line| line.ends_with(&words)).count() == 48, "{}", failed[0]);
}

#[test]
fn a_deleted_digest_is_found() {
    let integrity = tampered(|bucket| {
        let key = bucket.key(9);
        bucket.gone.push(key.clone());
        vec![invalid("Digest", &key, "not found")]
    });
    let gaps: Vec<_> = integrity
        .trails
        .iter()
        .flat_map(|trail| &trail.gaps)
        .map(|gap| (gap.kind, gap.from.to_string(), gap.hours()))
        .collect();
    assert_eq!(gaps, [(GapKind::Missing, "2026-11-05T09:01:31Z".to_owned(), 1)]);
    let trail = integrity.trails.iter().find(|trail| (&*trail.account, &*trail.region) == VICTIM).unwrap();
    assert_eq!((trail.digests.verified, trail.digests.failed, trail.uncovered), (23, 1, 2));
}

#[test]
fn consecutive_deleted_digests_are_counted() {
    for count in 2..5_usize {
        let integrity = tampered(|bucket| {
            for hour in 9..9 + count {
                let key = bucket.key(hour);
                bucket.gone.push(key);
            }
            let words = match count - 1 {
                1 => "not found; the digest file of 1 more hour before it is missing, too".to_owned(),
                more => format!("not found; the digest files of {more} more hours before it are missing, too"),
            };
            vec![invalid("Digest", &bucket.key(8 + count), &words)]
        });
        let hours: Vec<u64> = integrity.trails.iter().flat_map(|trail| &trail.gaps).map(DigestGap::hours).collect();
        assert_eq!(hours, [count as u64]);
    }
}

#[test]
fn digests_that_are_there_and_cannot_be_read_are_not_called_deleted() {
    let told = |unreadable: &[usize], gone: &[usize]| {
        let mut bucket = Bucket::new();
        let lost: Vec<String> = unreadable.iter().map(|hour| bucket.key(*hour)).collect();
        for hour in gone {
            let key = bucket.key(*hour);
            bucket.gone.push(key);
        }
        let folder = tempfile::tempdir().unwrap();
        bucket.write(folder.path(), true);
        let plan = Plan { sources: vec![folder.path().to_string_lossy().into_owned()], ..Plan::default() };
        let mut scanned = pipeline::scan(&plan, &Hooks { contents: true, ..Hooks::default() }, &Silent).unwrap();
        for receipt in &mut scanned.receipts {
            if lost.iter().any(|key| receipt.object.ends_with(key.as_str())) {
                (receipt.kind, receipt.content) = (None, None);
            }
        }
        let integrity = Verification::new(&mut scanned, &plan, true).check(&keys(&SIGNERS[0]));
        assert_eq!(integrity.strays.not_verifiable, unreadable.len() as u64);
        (failed(&integrity), bucket)
    };
    for unreadable in [&[9][..], &[9, 10], &[9, 10, 11]] {
        assert_eq!(told(unreadable, &[]).0, Vec::<String>::new());
    }
    // Of those beside them that are gone, only these are counted.
    let (failed, mut bucket) = told(&[8, 9], &[10]);
    assert_eq!(failed, [invalid("Digest", &bucket.key(10), "not found")]);
    let (failed, mut bucket) = told(&[8], &[9, 10]);
    let words = "not found; the digest file of 1 more hour before it is missing, too";
    assert_eq!(failed, [invalid("Digest", &bucket.key(10), words)]);
}

#[test]
fn digests_before_the_first_are_missing_only_when_they_were_asked_for() {
    let mut bucket = Bucket::new();
    for hour in 0..5 {
        let key = bucket.key(hour);
        bucket.gone.push(key);
    }
    let from = |since: Option<&str>| {
        let mut plan = Plan::default();
        plan.filter.since = since.map(at);
        plan.filter.accounts = vec![VICTIM.0.to_owned()];
        plan.filter.regions = vec![VICTIM.1.to_owned()];
        look(&bucket, Look { plan, ..Look::default() })
    };
    let integrity = from(None);
    assert_eq!((failed(&integrity), integrity.trails.len()), (vec![], 1));
    assert!(integrity.trails[0].has_older && integrity.trails[0].gaps.is_empty());
    assert_eq!(integrity.trails[0].uncovered, 8, "log files of the first five hours");
    let key = bucket.clone().key(4);
    assert_eq!(failed(&from(Some("2026-11-05T04:30:00Z"))), [invalid("Digest", &key, "not found")]);
    let words = "not found; the digest files of 2 more hours before it are missing, too";
    assert_eq!(failed(&from(Some("2026-11-05T02:00:00Z"))), [invalid("Digest", &key, words)]);
    assert_eq!(failed(&from(Some("2026-11-05T05:30:00Z"))), Vec::<String>::new());
    assert_eq!(from(Some("2026-11-05T22:30:00Z")).totals().0.all(), 2);
}

#[test]
fn a_chain_that_begins_anew_is_a_gap_and_no_failure() {
    let mut bucket = Bucket::new();
    let logs = bucket.logs.clone();
    let hour = first_hour();
    let mut chain = SIGNERS[0].chain(VICTIM, hour..hour + 10, None, &logs, digest_key(VICTIM));
    chain.extend(SIGNERS[0].chain(VICTIM, hour + 14..hour + 24, None, &logs, digest_key(VICTIM)));
    *bucket.chain() = chain;
    let integrity = look(&bucket, Look::default());
    assert_eq!((failed(&integrity), integrity.verdict()), (vec![], Verdict::Verified));
    let trail = integrity.trails.iter().find(|trail| (&*trail.account, &*trail.region) == VICTIM).unwrap();
    assert_eq!(trail.gaps.iter().map(|gap| (gap.kind, gap.hours())).collect::<Vec<_>>(), [(GapKind::Restarted, 4)]);
    assert_eq!((trail.starts.len(), trail.uncovered), (2, 6));
}

#[test]
fn backfill_digests_close_the_gap_that_they_are_about() {
    let mut bucket = Bucket::new();
    let logs = bucket.logs.clone();
    let hour = first_hour();
    let mut chain = SIGNERS[0].chain(VICTIM, hour..hour + 10, None, &logs, digest_key(VICTIM));
    let later = SIGNERS[0].chain(VICTIM, hour + 12..hour + 24, chain.last(), &logs, digest_key(VICTIM));
    let backfill = |end: Timestamp| digest_key(VICTIM)(end).replace(".json.gz", "_backfill.json.gz");
    let filled = SIGNERS[0].chain(VICTIM, hour + 10..hour + 12, None, &logs, backfill);
    chain.extend(later);
    *bucket.chain() = chain.clone();
    let integrity = look(&bucket, Look::default());
    let trail = |integrity: &Integrity| {
        integrity.trails.iter().find(|trail| (&*trail.account, &*trail.region) == VICTIM).unwrap().clone()
    };
    assert_eq!(trail(&integrity).gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Skipped]);
    assert!(!integrity.is_failed());
    bucket.chain().extend(filled);
    let integrity = look(&bucket, Look::default());
    let trail = trail(&integrity);
    assert_eq!((failed(&integrity), trail.backfills.verified), (vec![], 2));
    assert_eq!((trail.logs.verified, trail.uncovered), (32, 0));
    // Two backfill digest files of an hour each: neither covers the gap alone.
    assert!(trail.gaps.is_empty(), "{:?}", trail.gaps);
}

#[test]
fn what_is_given_twice_counts_once() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bucket = Bucket::new();
    // The first copy has no signatures, the second has.
    bucket.write(one.path(), false);
    bucket.write(two.path(), true);
    let sources: Vec<String> = [&one, &two].map(|folder| folder.path().to_string_lossy().into_owned()).to_vec();
    let plan = Plan { sources, ..Plan::default() };
    let integrity = scan(&plan, None, &keys(&SIGNERS[0]));
    let (digests, logs) = integrity.totals();
    assert_eq!((digests.verified, digests.all(), logs.verified, logs.all()), (144, 144, 192, 192));
    // Of two copies that differ, the bad one is told.
    let (log, key) = (victim_log(9), bucket.key(12));
    fs::write(two.path().join(&log), gzip(b"{\"Records\":[]}")).unwrap();
    fs::write(
        two.path().join(&key),
        gzip(&SIGNERS[1].digest(bucket.chain()[12].json.clone()).text.to_ascii_uppercase()),
    )
    .unwrap();
    let integrity = scan(&plan, None, &keys(&SIGNERS[0]));
    let told = failed(&integrity);
    let at_two = format!("Digest file\t{}\tINVALID: invalid format", two.path().join(&key).display());
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&invalid("Log", &log, "hash value doesn't match")) && told.contains(&at_two), "{told:?}");
}

#[test]
fn garbage_in_the_place_of_a_digest_is_found() {
    for garbage in [&b""[..], b"garbage", b"{}", b"[1]", br#"{"digestS3Object":"x","digestEndTime":"y"}"#] {
        for bytes in [garbage.to_vec(), gzip(garbage)] {
            tampered(|bucket| {
                let key = bucket.key(9);
                bucket.stored.insert(key.clone(), bytes.clone());
                vec![invalid("Digest", &key, "invalid format")]
            });
        }
    }
}

#[test]
fn a_flat_copy_is_checked_by_the_names_of_its_files() {
    let bucket = Bucket::new();
    let (tree, flat) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    bucket.write(tree.path(), true);
    let files = bucket.logs.keys().cloned().chain(bucket.chains.values().flatten().map(|digest| digest.key.clone()));
    for key in files.flat_map(|key| [key.clone(), format!("{key}.signature")]) {
        let name = key.rsplit('/').next().unwrap();
        let _ = fs::copy(tree.path().join(&key), flat.path().join(name));
    }
    let plan = Plan { sources: vec![flat.path().to_string_lossy().into_owned()], ..Plan::default() };
    let integrity = scan(&plan, None, &keys(&SIGNERS[0]));
    let (digests, logs) = integrity.totals();
    assert_eq!((digests.verified, digests.all(), logs.verified, logs.all()), (144, 144, 192, 192));
}

#[test]
fn a_sidecar_may_be_what_head_object_prints() {
    let mut bucket = Bucket::new();
    let head = json!({"ContentLength": 1, "Metadata": {"signature": bucket.chain()[23].signature, "signature-algorithm": "SHA256withRSA"}});
    bucket.chain()[23].signature = head.to_string();
    assert_eq!(look(&bucket, Look::default()).totals().0.verified, 144);
}

fn receipt(object: &str, kind: ObjectKind, text: &[u8]) -> Receipt {
    let sha256 = <sha2::Sha256 as sha2::Digest>::digest(text).into();
    let digest = (kind == ObjectKind::Digest).then(|| text.to_vec());
    Receipt {
        object: object.to_owned(),
        version: None,
        size: 0,
        stored_bytes: 0,
        inflated_bytes: 0,
        kind: Some(kind),
        unique: 0,
        duplicate: 0,
        malformed: 0,
        unsupported: 0,
        defects: 0,
        set_aside: BTreeMap::new(),
        content: Some(Content { sha256: Some(sha256), has_trailing_bytes: false, digest, signature: None }),
    }
}

fn judge(receipts: &[Receipt], keys: &Keys) -> Integrity {
    let readings = receipts.iter().filter_map(|receipt| Some((receipt.object.clone(), integrity::read(receipt)?)));
    let case = Case::gather(readings);
    let signed: Vec<_> = (0..case.len()).map(|at| case.signed(at, keys)).collect();
    case.judge(receipts, &signed, keys, &Scope { lists_all: true, ..Scope::default() })
}

/// The public keys that the CloudTrail User Guide prints, in "Custom implementations of CloudTrail log file integrity
/// validation": the first in the form of PKCS #1, the second as `SubjectPublicKeyInfo`.
const GUIDE_KEYS: [(&str, &str); 2] = [
    (
        "8933b39ddc64d26d8e14ffbf6566fee4",
        "MIIBCgKCAQEApfYL2FiZhpN74LNWVUzhR+VheYhwhYm8w0n5Gf6i95ylW5kBAWKVEmnAQG7BvS5g9SMqFDQx52fW7NWV44IvfJ2xGXT+wT+DgR6ZQ+6yxskQNqV5YcXj4Aa5Zz4jJfsYjDuO2MDTZNIzNvBNzaBJ+r2WIWAJ/Xq54kyF63B6WE38vKuDE7nSd1FqQuEoNBFLPInvgggYe2Ym1Refe2z71wNcJ2kY+q0h1BSHrSM8RWuJIw7MXwF9iQncg9jYzUlNJomozQzAG5wSRfbplcCYNY40xvGd/aAmO0m+Y+XFMrKwtLCwseHPvj843qVno6x4BJN9bpWnoPo9sdsbGoiK3QIDAQAB",
    ),
    (
        "31e8b5433410dfb61a9dc45cc65b22ff",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqlzPJbvZJ42UdcmLfPUqXYNfOs6I8lCfao/tOs8CmzPOEdtLWugB9xoIUz78qVHdKIqxbaG4jWHfJBiOSSFBM0lt8cdVo4TnRa7oG9io5pysS6DJhBBAeXsicufsiFJR+wrUNh8RSLxL4k6G1+BhLX20tJkZ/erT97tDGBujAelqseGg3vPZbTx9SMfOLN65PdLFudLP7Gat0Z9p5jw/rjpclKfo9Bfc3heeBxWGKwBBOKnFAaN9V57pOaosCvPKmHd9bg7jsQkI9Xp22IzGLsTFJZYVA3KiTAElDMu80iFXPHEq9hKNbt9e4URFam+1utKVEiLkR2disdCmPTK0VQIDAQAB",
    ),
];

/// `previousDigestSignature` of the two sample digest files in "CloudTrail digest file structure" of the same guide, and
/// the hash that each of them signs, as raw RSA with the second key shows.
const GUIDE_SIGNATURES: [(&str, &str); 2] = [
    (
        "4cdaa85fddf1a1a032e5fca5d16d104d1b03f2b31641eff267d877264a44c570",
        "50887ccffad4c002b97caa37cc9dc626e3c680207d41d27fa5835458e066e0d3652fc4dfc30937e4d5f4cc7f796e7a258fb50a43ac427f2237f6e505d4efaf373d156e15e3b68dea9f58111d395b62628d6bd367a9024d2183b5c5f6e19466d3a996b92df705bc997b8a0e13430f241d733cf95df4e41bb6c304c3f58363043572ea57a27085639ce187e679c0d81c7519b1184fa77fb7ab0b0e40a32dace6e1eefc3995c5ae182da49b62b26398cebb52a2201a6387b75b89c83e5570bcb9bba6c34a80f2f00a1c6ebe07d1ff149eccd812dc805bb3eeff6657db32a6cb48d2d096404eb76181877bc6ebb8cd0b23f823200155b2fd8848d428e46e8456328a",
    ),
    (
        "eb6fb72c4f3302de4b4a4693658e3a7bf1d464330eb80399500fe11bf1b7ab00",
        "82705525fb0fe7f919f9434e5b7138cb41793c776c7414f3520c0242902daa8cc8286b29263d2627f2f259471c745b1654af76e2073264b2510fd45236b3aea4d80c0e8e6455223d7bd54ff80af0edf22a5f14fa856626daec919f0591479aa4f213787ba1e1076328dcf8ff624e03a977fa5612dcf58594c590fd8c1c5b48bddf43fc84ecc00b41bedd0ff7f293c3e2de8dcdc78f98b03e17577f5822ba842399d69eb79921c0429773509520e08c8b518702d987dfbb3a4e5d8c5f17673ce1f989dfff82d4becf24e452f20d3bcac94ad50131f93e57f10155536acb54c60efbe9d57228c2b930bc6082b2318e3ccd36834a8e835b8d112dbf32145f445c11",
    ),
];

fn guide_keys() -> Value {
    let keys: Vec<Value> = GUIDE_KEYS
        .iter()
        .map(|(fingerprint, value)| {
            json!({"ValidityStartTime": "1434589370.0", "ValidityEndTime": "1437181370.0", "Value": value, "Fingerprint": fingerprint})
        })
        .collect();
    json!({"PublicKeyList": keys})
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn the_signatures_of_the_user_guide_fit_its_key() {
    let mut keys = Keys::default();
    keys.read(&guide_keys().to_string()).unwrap();
    assert_eq!(keys.len(), 2);
    for (hash, signature) in GUIDE_SIGNATURES {
        let (mut hash, signature): ([u8; 32], _) = (bytes(hash).try_into().unwrap(), bytes(signature));
        let fits = |key: usize, hash: &[u8; 32], signature: &[u8]| keys.fits(GUIDE_KEYS[key].0, hash, signature);
        assert_eq!(fits(1, &hash, &signature), Some(true));
        assert_eq!(fits(0, &hash, &signature), Some(false));
        assert_eq!(keys.fits("00", &hash, &signature), None);
        let mut forged = signature.clone();
        forged[255] ^= 1;
        assert_eq!(fits(1, &hash, &forged), Some(false));
        hash[0] ^= 1;
        assert_eq!(fits(1, &hash, &signature), Some(false));
    }
}

#[test]
fn a_list_of_keys_that_was_changed_is_refused() {
    let mut list = guide_keys();
    list["PublicKeyList"][1]["Fingerprint"] = json!("8933b39ddc64d26d8e14ffbf6566fee4");
    let refuse = |text: &str| Keys::default().read(text).unwrap_err().to_string();
    assert!(refuse(&list.to_string()).contains("key 2 has another fingerprint"));
    for (text, words) in [
        ("", "no public keys"),
        ("{\"PublicKeyList\":[]}", "no public keys"),
        ("<html>", "not what `aws cloudtrail list-public-keys` prints"),
        ("{\"PublicKeyList\":[{\"Value\":\"!\"}]}", "key 1 is not"),
        ("{\"PublicKeyList\":[{\"Value\":\"AAAA\"}]}", "key 1 is not"),
    ] {
        assert!(refuse(text).contains(words), "{text}: {}", refuse(text));
    }
    // Several lists, one for each region.
    let mut keys = Keys::default();
    keys.read(&format!("{}\n{}", guide_keys(), SIGNERS[0].public_keys())).unwrap();
    assert_eq!(keys.len(), 3);
}

/// The first sample digest file of the user guide, with the log file that it names.
fn guide_digest() -> Value {
    let key = |time: &str| {
        format!(
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_your-trail-name_us-east-2_20150817T{time}Z.json.gz"
        )
    };
    json!({
        "awsAccountId": "111122223333", "digestStartTime": "2015-08-17T14:01:31Z", "digestEndTime": "2015-08-17T15:01:31Z",
        "digestS3Bucket": "S3-bucket-name", "digestS3Object": key("150131"),
        "digestPublicKeyFingerprint": "31e8b5433410dfb61a9dc45cc65b22ff", "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": "2015-08-17T14:52:27Z", "oldestEventTime": "2015-08-17T14:42:27Z",
        "previousDigestS3Bucket": "S3-bucket-name", "previousDigestS3Object": key("140131"),
        "previousDigestHashValue": "97fb791cf91ffc440d274f8190dbdd9aa09c34432aba82739df18b6d3c13df2d",
        "previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": GUIDE_SIGNATURES[0].1,
        "logFiles": [{"s3Bucket": "S3-bucket-name",
            "s3Object": "AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/17/111122223333_CloudTrail_us-east-2_20150817T1445Z_9nYN7gp2eWAJHIfT.json.gz",
            "hashValue": "9bb6196fc6b84d6f075a56548feca262bd99ba3c2de41b618e5b6e22c1fc71f6", "hashAlgorithm": "SHA-256",
            "newestEventTime": "2015-08-17T14:52:27Z", "oldestEventTime": "2015-08-17T14:42:27Z"}]
    })
}

#[test]
fn the_sample_of_the_user_guide_is_read() {
    let digest = guide_digest();
    let object = format!("s3://S3-bucket-name/{}", digest["digestS3Object"].as_str().unwrap());
    let read = receipt(&object, ObjectKind::Digest, digest.to_string().as_bytes());
    assert!(matches!(integrity::read(&read), Some(Reading::Digest(_))));
    let mut keys = Keys::default();
    keys.read(&guide_keys().to_string()).unwrap();
    let integrity = judge(&[read], &keys);
    let trail = &integrity.trails[0];
    assert_eq!((&*trail.account, &*trail.region, &*trail.trail), ("111122223333", "us-east-2", "your-trail-name"));
    assert!(trail.has_older && trail.digests.not_verifiable == 1 && trail.logs.failed == 1);
}

/// The keys that the AWS CLI requires, and what must be in a list of log files.
#[test]
fn a_digest_without_what_it_must_have_is_none() {
    for name in [
        "digestPublicKeyFingerprint",
        "digestS3Bucket",
        "digestS3Object",
        "previousDigestSignature",
        "digestEndTime",
        "digestStartTime",
        "logFiles",
    ] {
        let mut digest = guide_digest();
        digest.as_object_mut().unwrap().remove(name);
        let read = receipt("x_CloudTrail-Digest_y", ObjectKind::Digest, digest.to_string().as_bytes());
        assert!(matches!(integrity::read(&read), Some(Reading::InvalidFormat)), "{name}");
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn no_digest_whatever_it_says_makes_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![json!(null), json!(""), json!("/"), json!("s3://"), json!("9999-12-31T23:59:60Z"), json!("0001-01-01T00:00:00Z"), json!([]), json!({}), json!(-1), json!("é\u{0}"), json!([{"s3Bucket": "", "s3Object": "", "hashValue": ""}])])), 0..4),
        bytes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        objects in prop::collection::vec("(s3://)?[a-z]{0,3}/?(AWSLogs|CloudTrail-Digest)?/?x?(_CloudTrail-Digest_)?[_.a-z0-9]{0,12}(_backfill)?(.json)?(.gz)?", 1..4),
        pass_over in any::<bool>(),
    ) {
        let mut digest = guide_digest();
        let names: Vec<String> = digest.as_object().unwrap().keys().cloned().collect();
        for (at, value) in changes {
            digest[&names[at.index(names.len())]] = value;
        }
        let mut text = digest.to_string().into_bytes();
        for (at, byte) in bytes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let place = format!("s3://S3-bucket-name/{}", guide_digest()["digestS3Object"].as_str().unwrap());
        let mut receipts = vec![receipt(&place, ObjectKind::Digest, &text)];
        receipts.extend(objects.iter().map(|object| receipt(object, if pass_over { ObjectKind::Foreign } else { ObjectKind::Digest }, &text)));
        let mut keys = Keys::default();
        keys.read(&guide_keys().to_string()).unwrap();
        let integrity = judge(&receipts, &keys);
        prop_assert_ne!(integrity.verdict(), Verdict::Verified);
    }
}
