//! The sample logs: they are what their generator makes, and what it makes is what CloudTrail would write.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::stories::{PROD_EXTERNAL_ID, STAGING_EXTERNAL_ID, Story, all};
use crate::support::{ARCHIVE, PROD, STAGING, TOOLING, VENDOR};

const TREE_LIMIT: usize = 600_000;
const STORY_LIMIT: usize = 60_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs")
}

/// Every file of `sample-logs` that the generator makes, by its path inside the folder.
fn generated() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut index = String::from(
        "# Sample logs\n\nSmall CloudTrail logs in the layout of an organisation's trail, one folder a story. Everything in them is made up:\n\
         the accounts, the names, the keys. `rolechain.toml` says what the owners expect, for all stories.\n\n\
         `tests/it/samples.rs` makes these files and compares them; `UPDATE_SAMPLES=1 cargo test --test it samples` rewrites\n\
         them. The stories themselves are in `tests/support/stories`.\n\n| story | what happens |\n|---|---|\n",
    );
    for story in all() {
        writeln!(index, "| [{0}]({0}/README.md) | {1} |", story.name, story.title).unwrap();
        files.insert(format!("{}/README.md", story.name), story.page().into_bytes());
        for (key, bytes) in story.objects {
            files.insert(format!("{}/{key}", story.name), bytes);
        }
    }
    files.insert("README.md".to_owned(), index.into_bytes());
    files
}

fn on_disk(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            on_disk(&entry.path(), &format!("{name}/"), files);
        } else if name != "rolechain.toml" {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

fn rewrite(expected: &BTreeMap<String, Vec<u8>>, present: &BTreeMap<String, Vec<u8>>) {
    for name in present.keys().filter(|name| !expected.contains_key(*name)) {
        fs::remove_file(root().join(name)).unwrap();
    }
    for (name, bytes) in expected {
        let path = root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn the_sample_logs_are_what_the_generator_makes() {
    let expected = generated();
    let mut present = BTreeMap::new();
    on_disk(&root(), "", &mut present);
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        rewrite(&expected, &present);
        return;
    }
    let differing: Vec<&String> =
        expected.keys().chain(present.keys()).filter(|name| expected.get(*name) != present.get(*name)).collect();
    assert!(differing.is_empty(), "UPDATE_SAMPLES=1 rewrites these: {differing:#?}");
}

#[test]
fn generating_twice_gives_the_same_bytes() {
    assert_eq!(generated(), generated());
}

#[test]
fn the_sample_logs_stay_small() {
    let mut total = 0;
    for story in all() {
        let size: usize = story.objects.values().map(Vec::len).sum();
        assert!(size <= STORY_LIMIT, "{} takes {size} bytes", story.name);
        total += size;
    }
    assert!(total <= TREE_LIMIT, "{total} bytes");
}

/// The records of a story, as parsed values.
fn records(story: &Story) -> Vec<Value> {
    story.org.records().iter().map(|record| crate::support::json::parsed(&record.json)).collect()
}

fn text<'a>(record: &'a Value, pointer: &str) -> Option<&'a str> {
    record.pointer(pointer).and_then(Value::as_str)
}

/// The account that an id encodes, read back by the published algorithm.
fn account_in(id: &str) -> String {
    let value = id.as_bytes()[4..20].iter().fold(0_u128, |value, byte| {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            other => panic!("{other} is no base 32 digit"),
        };
        (value << 5) | u128::from(digit)
    });
    let head = value >> 32;
    assert_eq!(head >> 47, 1, "{id} is of the old generation");
    format!("{:012}", (head >> 7) & 0xff_ffff_ffff)
}

#[test]
fn every_id_encodes_its_account() {
    assert_eq!(account_in("ASIAQNZGKIQY56JQ7WML"), "029608264753");
    for story in all().iter().filter(|story| story.name != "10-key-collision") {
        for record in records(story) {
            let identity = &record["userIdentity"];
            let account = text(identity, "/accountId").unwrap_or_default();
            let ids = [text(identity, "/accessKeyId"), text(identity, "/sessionContext/sessionIssuer/principalId")];
            for id in ids.into_iter().flatten() {
                assert_eq!(account_in(id), account, "{}: {id}", story.name);
            }
            let issued = text(&record, "/responseElements/credentials/accessKeyId");
            if let (Some(key), Some(role)) = (issued, text(&record, "/requestParameters/roleArn")) {
                assert_eq!(account_in(key), role[13..25], "{}: {key}", story.name);
            }
            if let Some(id) = text(&record, "/responseElements/assumedRoleUser/assumedRoleId") {
                assert_eq!(account_in(id), text(&record, "/responseElements/assumedRoleUser/arn").unwrap()[13..25]);
            }
        }
    }
}

#[test]
fn every_session_began_in_the_second_of_its_issuing_event() {
    for story in all() {
        let records = records(&story);
        let issued: BTreeSet<(String, String)> = records
            .iter()
            .filter(|record| record["responseElements"]["credentials"].is_object())
            .map(|record| (text(record, "/requestParameters/roleArn"), text(record, "/eventTime")))
            .map(|(role, time)| (role.unwrap_or_default().to_owned(), time.unwrap().to_owned()))
            .collect();
        for record in &records {
            let identity = &record["userIdentity"];
            let created = text(identity, "/sessionContext/attributes/creationDate");
            if let (Some("AssumedRole"), Some(created)) = (text(identity, "/type"), created) {
                let role = text(identity, "/sessionContext/sessionIssuer/arn").unwrap();
                assert!(issued.contains(&(role.to_owned(), created.to_owned())), "{}: {role} {created}", story.name);
                assert!(created <= text(record, "/eventTime").unwrap(), "{}: used before it began", story.name);
            }
        }
    }
}

#[test]
fn both_copies_share_everything_but_the_event_id() {
    let mut pairs = 0;
    for story in all() {
        let records = records(&story);
        let mut copies: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
        for record in &records {
            if let Some(shared) = text(record, "/sharedEventID") {
                copies.entry(shared).or_default().insert(text(record, "/eventID").unwrap(), record);
            }
        }
        for copies in copies.values().filter(|copies| copies.len() > 1) {
            let copies: Vec<&&Value> = copies.values().collect();
            assert_eq!(copies.len(), 2, "{}", story.name);
            for field in ["requestID", "eventTime", "requestParameters", "responseElements", "sourceIPAddress"] {
                assert_eq!(copies[0][field], copies[1][field], "{}: {field}", story.name);
            }
            assert_ne!(copies[0]["recipientAccountId"], copies[1]["recipientAccountId"], "{}", story.name);
            let keys = copies.iter().filter(|copy| !copy["userIdentity"]["accessKeyId"].is_null()).count();
            assert_eq!(keys, 1, "{}: only the caller's copy has the key", story.name);
            pairs += 1;
        }
    }
    assert!(pairs > 30, "{pairs} pairs");
}

#[test]
fn no_account_appears_that_was_not_made_up() {
    let known = [TOOLING, PROD, STAGING, ARCHIVE, VENDOR];
    for story in all() {
        for record in story.org.records() {
            for pair in record.json.match_indices("arn:aws:") {
                let account = record.json[pair.0..].split(':').nth(4).unwrap_or_default();
                let made_up = account.is_empty() || account == "aws" || known.contains(&account);
                assert!(made_up, "{}: {account}", story.name);
            }
            let record = crate::support::json::parsed(&record.json);
            for account in [text(&record, "/recipientAccountId"), text(&record, "/userIdentity/accountId")] {
                assert!(account.is_none_or(|account| known.contains(&account)), "{}: {account:?}", story.name);
            }
        }
    }
}

#[test]
fn every_event_id_is_used_once_over_all_stories() {
    let mut seen = BTreeMap::new();
    for story in all() {
        for record in story.org.records() {
            let value = crate::support::json::parsed(&record.json);
            let Some(id) = text(&value, "/eventID") else { continue };
            let first = seen.entry(id.to_owned()).or_insert_with(|| record.json.clone());
            assert_eq!(*first, record.json, "{}: one id, two records", story.name);
        }
    }
}

#[test]
fn every_good_object_holds_records_of_its_own_account_and_region() {
    for story in all().iter().filter(|story| story.name != "11-broken-files") {
        for (key, bytes) in &story.objects {
            let mut json = String::new();
            MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut json).unwrap();
            let parts: Vec<&str> = key.split("/CloudTrail/").collect();
            let account = parts[0].rsplit('/').next().unwrap();
            let region = parts[1].split('/').next().unwrap();
            for record in crate::support::json::parsed(&json)["Records"].as_array().unwrap() {
                assert_eq!(text(record, "/recipientAccountId"), Some(account), "{key}");
                assert_eq!(text(record, "/awsRegion"), Some(region), "{key}");
            }
        }
    }
}

#[test]
fn the_expectations_pin_the_external_ids_that_the_stories_use() {
    let expectations = fs::read_to_string(root().join("rolechain.toml")).unwrap();
    for value in [PROD_EXTERNAL_ID, STAGING_EXTERNAL_ID] {
        let digest = Sha256::digest(value.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        assert!(expectations.contains(&format!("sha256:{digest}")), "sha256:{digest} is not there");
        assert!(!expectations.contains(value), "the value itself is there");
    }
}
