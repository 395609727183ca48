//! The sample logs: they are what their generator makes, and what it makes is what CloudTrail would write.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use rolechain::audit;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::evidence::told;
use crate::support::stories::{PROD_EXTERNAL_ID, STAGING_EXTERNAL_ID, Story, all};
use crate::support::{ARCHIVE, PROD, STAGING, TOOLING, VENDOR};
use rolechain::model::finding::Persona;

const TREE_LIMIT: usize = 600_000;
const STORY_LIMIT: usize = 60_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs")
}

/// The rules that a story raises, each with its worst grade.
#[derive(Default)]
struct Raised {
    with: Vec<(String, String)>,
    without: Vec<(String, String)>,
}

/// Reads what every story raises off the list that `stories.rs` compares with the program.
fn raised() -> BTreeMap<String, Raised> {
    let golden = include_str!("golden/findings.txt");
    golden.split("\n\n").filter(|part| !part.trim().is_empty()).map(raised_by_one).collect()
}

fn raised_by_one(part: &str) -> (String, Raised) {
    let (name, rest) = part.trim_end().split_once("\n with expectations\n").unwrap();
    let (with, without) = rest.split_once("\n without\n").unwrap();
    (name.to_owned(), Raised { with: rules_of(with), without: rules_of(without) })
}

/// The worst findings come first, so that the first grade of a rule is its worst.
fn rules_of(lines: &str) -> Vec<(String, String)> {
    let mut rules: Vec<(String, String)> = Vec::new();
    for line in lines.lines().filter(|line| line.trim() != "nothing") {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (grade, rule) = (words.next().unwrap(), words.next().unwrap());
        // The pages tell what the default reader hears.
        let is_heard = audit::rule(&rule).is_some_and(|rule| rule.persona == Persona::Regular);
        if is_heard && rules.iter().all(|(known, _)| *known != rule) {
            rules.push((rule, grade));
        }
    }
    rules
}

fn listed(rules: &[(String, String)]) -> String {
    if rules.is_empty() {
        return "none".to_owned();
    }
    rules.iter().map(|(rule, grade)| format!("`{rule}` ({grade})")).collect::<Vec<_>>().join(", ")
}

/// A story's page, and a line of what it raises.
fn page(story: &Story, raised: &Raised) -> String {
    let (with, without) = (listed(&raised.with), listed(&raised.without));
    format!("{}\n**Findings:** with `rolechain.toml`: {with}; without: {without}.\n", story.page())
}

/// Every file of `sample-logs` that the generator makes, by its path inside the folder.
fn generated() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut index = String::from(
        "# Sample logs\n\nSmall CloudTrail logs in the layout of an organization's trail, one folder a story. Everything in them is made up:\n\
         the accounts, the names, the keys. `rolechain.toml` says what the owners expect, for all stories.\n\n\
         `tests/it/samples.rs` makes these files and compares them; `UPDATE_SAMPLES=1 cargo test --test it samples` rewrites\n\
         them. The stories themselves are in `tests/support/stories`. What each raises is in `tests/it/golden/findings.txt`.\n\n\
         `rolechain audit` finds `rolechain.toml` beside a story's folder; `--no-expectations` leaves it out.\n\n\
         `ci-evidence` holds what GitHub would say of the runs: `rolechain audit sample-logs --ci sample-logs/ci-evidence`.\n\n\
         | story | what happens | findings with `rolechain.toml` | findings without |\n|---|---|---|---|\n",
    );
    let raised = raised();
    let stories = all();
    for (name, bytes) in told::files(&stories) {
        files.insert(format!("ci-evidence/{name}"), bytes);
    }
    for story in stories {
        let findings = &raised[story.name];
        let (with, without) = (listed(&findings.with), listed(&findings.without));
        writeln!(index, "| [{0}]({0}/README.md) | {1} | {with} | {without} |", story.name, story.title).unwrap();
        files.insert(format!("{}/README.md", story.name), page(&story, findings).into_bytes());
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

/// Words of the pages that look like rules and are names of the story.
const NAMES: &[&str] = &[
    "acme-evil",
    "batch-runner",
    "break-glass-deploy",
    "ci-deploy-role",
    "ci-orders",
    "gha-orders-prod",
    "gha-orders-staging",
    "gha-packages",
    "gha-shared",
    "prod-viewer",
    "report-runner",
    "vendor-costtool",
];

/// The words of a page that could be ids of rules.
fn kebab_words(page: &str) -> BTreeSet<&str> {
    let is_kebab = |word: &&str| {
        word.contains('-')
            && !word.starts_with('-')
            && word.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    page.split('`').skip(1).step_by(2).filter(is_kebab).collect()
}

#[test]
fn every_page_names_the_rules_that_the_story_raises_and_no_others() {
    let ids: BTreeSet<&str> = audit::rule_ids().into_iter().collect();
    let mut names = BTreeSet::new();
    let raised = raised();
    for story in all() {
        let raised = &raised[story.name];
        for word in kebab_words(&page(&story, raised)).into_iter().filter(|word| !ids.contains(word)) {
            assert!(NAMES.contains(&word), "{}: {word} is no rule", story.name);
            names.insert(word.to_owned());
        }
        // The story's own words, without the line that is made of the list.
        let told = story.page();
        for (rule, _) in raised.with.iter().chain(&raised.without) {
            assert!(
                kebab_words(&told).contains(rule.as_str()),
                "{} raises {rule}: its page does not say so",
                story.name
            );
        }
    }
    assert!(NAMES.iter().all(|name| names.contains(*name)), "a name that no page uses");
    assert!(NAMES.iter().all(|name| !ids.contains(name)), "a name that is a rule");
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
