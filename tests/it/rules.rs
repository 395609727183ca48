//! The rules' pages are executed: what a page says fires must fire, and what it says is silent must be silent.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use rolechain::audit;
use rolechain::audit::RULES;
use rolechain::audit::Rule;
use rolechain::expect::Expectations;
use rolechain::integrity::Keys;
use rolechain::model::baseline::Baseline;
use rolechain::model::finding::Finding;
use rolechain::model::finding::History;
use rolechain::model::finding::KEY_PARTS;
use rolechain::model::finding::Severity;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Scanned;
use rolechain::pipeline::Silent;
use rolechain::pipeline::Verification;
use rolechain::trust::snapshot::Snapshot;

use crate::support::at;
use crate::support::delivery::gzip;
use crate::support::digests::sha256;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a fenced block of a page is for.
#[derive(Debug, PartialEq, Eq)]
enum Purpose {
    Expectations,
    /// What `--baseline` takes, for all blocks after it up to the next such block.
    Baseline,
    /// What `--iam` takes, for all blocks after it up to the next such block.
    Snapshot,
    Fires {
        severity: Option<Severity>,
    },
    Silent,
}

#[derive(Debug)]
struct Block {
    line: usize,
    purpose: Purpose,
    text: String,
    /// How many days the store covers, up to the last record: for rules that need history.
    covered: Option<i64>,
}

/// Returns the blocks of a page that are executed, in its order. Other blocks are for people.
fn blocks(rule: &Rule) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = rule.page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let mut words: Vec<&str> = info.split_whitespace().collect();
        let covered = words.last().and_then(|word| word.strip_prefix("covered=")).map(|days| days.parse().unwrap());
        words.truncate(words.len() - usize::from(covered.is_some()));
        let text = text.join("\n");
        let text = if text.starts_with("{\"hourly\"") { hourly(&text) } else { text };
        let purpose = match words.as_slice() {
            ["toml", "expectations"] => Purpose::Expectations,
            ["toml", "baseline"] => Purpose::Baseline,
            ["json", "iam"] => Purpose::Snapshot,
            ["json", "silent"] => Purpose::Silent,
            ["json", "fires"] => Purpose::Fires { severity: None },
            ["json", "fires", severity] => {
                let word = severity.strip_prefix("severity=").and_then(Severity::parse);
                assert!(word.is_some(), "{}: {severity:?} on line {} is no severity", rule.id, at + 1);
                Purpose::Fires { severity: word }
            }
            ["json", ..] => panic!("{}: the block on line {} says neither fires nor silent", rule.id, at + 1),
            _ => continue,
        };
        blocks.push(Block { line: at + 1, purpose, text, covered });
    }
    blocks
}

/// Writes the records that `{"hourly": […]}` stands for: of each entry one `AssumeRole` by Lambda in every hour from its
/// begin to its end, as a busy account has them. Hundreds of records on a page would help nobody.
fn hourly(text: &str) -> String {
    let page: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut records = Vec::new();
    for entry in page["hourly"].as_array().unwrap() {
        let [account, region, from, to] = ["account", "region", "from", "to"].map(|name| entry[name].as_str().unwrap());
        let (from, to) = (at(from), at(to));
        assert!(from < to, "{entry}");
        for hour in 0..=(to.0 - from.0) / 3_600 {
            let (time, number) = (from.plus(hour * 3_600), records.len());
            records.push(serde_json::json!({
                "eventTime": time.to_string(), "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "readOnly": true,
                "awsRegion": region, "recipientAccountId": account, "eventType": "AwsApiCall",
                "eventID": format!("5c1f2a7e-4f0b-4d52-9a31-{number:012x}"),
                "userIdentity": {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
                "sourceIPAddress": "lambda.amazonaws.com", "userAgent": "lambda.amazonaws.com",
                "requestParameters": {"roleArn": format!("arn:aws:iam::{account}:role/worker"), "roleSessionName": "worker"},
                "responseElements": {"credentials": {"accessKeyId": format!("ASIA{number:016X}"),
                    "expiration": time.plus(3_600).to_string()}}
            }));
        }
    }
    serde_json::to_string(&records).unwrap()
}

fn rule_ids() -> Vec<&'static str> {
    rolechain::audit::rule_ids()
}

/// Judges a block: records, or `{"objects": {…}}`, which are written to files and checked against the digest files among
/// them. There `sha256(name)` stands for the hash of another object.
fn judged(text: &str, expectations: &Expectations) -> Outcome {
    if !text.starts_with("{\"objects\"") {
        return pipeline::audit_text(text, expectations);
    }
    let page: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut texts: BTreeMap<&str, String> =
        page["objects"].as_object().unwrap().iter().map(|(name, object)| (name.as_str(), object.to_string())).collect();
    // Each round settles those that name only settled ones: a chain of digest files has as many rounds as files.
    for _ in 0..texts.len() {
        let is_settled = |text: &String| !text.contains("sha256(");
        let hashes: Vec<(String, String)> = texts
            .iter()
            .filter(|(_, text)| is_settled(text))
            .map(|(name, text)| (format!("sha256({name})"), sha256(text.as_bytes())))
            .collect();
        for text in texts.values_mut().filter(|text| !is_settled(text)) {
            for (place, hash) in &hashes {
                *text = text.replace(place, hash);
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in texts {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, gzip(text.as_bytes())).unwrap();
    }
    let sources = vec![folder.path().to_string_lossy().into_owned()];
    let plan = Plan { sources, expectations: expectations.clone(), ..Plan::default() };
    let check = |scanned: &mut Scanned| Ok(Verification::new(scanned, &plan, false).check(&Keys::default()));
    pipeline::run_checked(&plan, Some(&check), &Silent).unwrap()
}

/// A block that is judged, with what the blocks before it set up.
struct Case {
    block: Block,
    place: String,
    expectations: Expectations,
    snapshots: Vec<Snapshot>,
    baseline: Option<Baseline>,
}

/// Returns the blocks of a page that are judged.
fn cases(rule: &Rule) -> Vec<Case> {
    let mut expectations = Expectations::default();
    let mut snapshots = Vec::new();
    let mut baseline = None;
    let mut cases = Vec::new();
    for block in blocks(rule) {
        let place = format!("docs/rules/{}.md:{}", rule.id, block.line);
        match block.purpose {
            Purpose::Expectations => {
                expectations =
                    Expectations::parse(&place, &block.text, &rule_ids()).unwrap_or_else(|fault| panic!("{fault}"));
            }
            Purpose::Baseline => {
                baseline = Some(
                    rolechain::expect::baseline::read(&place, &block.text).unwrap_or_else(|fault| panic!("{fault}")),
                );
            }
            Purpose::Snapshot => {
                snapshots = vec![Snapshot::read(&place, &block.text).unwrap_or_else(|fault| panic!("{fault}"))];
            }
            Purpose::Fires { .. } | Purpose::Silent => {
                let (expectations, snapshots) = (expectations.clone(), snapshots.clone());
                cases.push(Case { block, place, expectations, snapshots, baseline: baseline.clone() });
            }
        }
    }
    cases
}

impl Case {
    fn judged(&self) -> Outcome {
        self.judged_as(&self.block.text)
    }

    /// Judges other records in place of the block's own.
    fn judged_as(&self, text: &str) -> Outcome {
        let mut outcome = judged(text, &self.expectations);
        let history = self.block.covered.map(|covered| {
            let cells = outcome.lineage.observations.cells.keys();
            let last = cells.filter_map(|cell| cell.day).max().unwrap();
            let first = last + 1 - i32::try_from(covered).unwrap();
            History { covered_days: (first..=last).collect() }
        });
        if history.is_some() || !self.snapshots.is_empty() || self.baseline.is_some() {
            let known = audit::Known {
                integrity: None,
                history: history.as_ref(),
                snapshots: &self.snapshots,
                baseline: self.baseline.as_ref(),
            };
            outcome.findings = audit::audit(&outcome.lineage, &self.expectations, known);
        }
        outcome
    }
}

#[test]
fn every_page_does_what_it_says() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for case in cases(rule) {
            let Case { block, place, .. } = &case;
            let outcome = case.judged();
            let counts = &outcome.lineage.observations.counts;
            let is_about_defects = rule.id == "records-not-parsed";
            if counts.unique == 0 || (counts.records() != counts.unique && !is_about_defects) {
                wrong.push(format!("{place}: not every record was read and new: {counts:?}"));
            }
            for part in outcome.findings.iter().flat_map(|finding| finding.key.keys()) {
                if !KEY_PARTS.contains(&part.as_str()) {
                    wrong.push(format!("{place}: {part} is not in KEY_PARTS, so that no exception can match it"));
                }
            }
            let found: Vec<_> = outcome.findings.iter().filter(|finding| finding.rule == rule.id).collect();
            let told: Vec<_> = found.iter().map(|finding| (finding.severity.name(), &finding.title)).collect();
            match block.purpose {
                Purpose::Silent if !found.is_empty() => wrong.push(format!("{place} is not silent: {told:?}")),
                Purpose::Fires { .. } if found.is_empty() => {
                    let others: Vec<_> = outcome.findings.iter().map(|finding| finding.rule).collect();
                    wrong.push(format!("{place} does not fire; others did: {others:?}"));
                }
                Purpose::Fires { severity: Some(severity) }
                    if found.iter().map(|finding| finding.severity).max() != Some(severity) =>
                {
                    wrong.push(format!("{place} fires, but not as {}: {told:?}", severity.name()));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_page_shows_when_its_rule_fires_and_when_it_is_silent() {
    for rule in RULES {
        let blocks = blocks(rule);
        assert!(blocks.iter().any(|block| matches!(block.purpose, Purpose::Fires { .. })), "{} never fires", rule.id);
        assert!(blocks.iter().any(|block| block.purpose == Purpose::Silent), "{} is never silent", rule.id);
        assert!(rule.page.starts_with(&format!("# {}\n", rule.id)), "{}: the page begins with its id", rule.id);
        let headings = ["What it means", "When it stays silent", "What to do", "Examples", "References"];
        let found: Vec<&str> = rule.page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(found, headings, "{}: the headings of the page", rule.id);
    }
}

#[test]
fn every_rule_has_a_file_a_page_and_a_place_in_the_list() {
    let listed: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(listed.len(), RULES.len(), "an id is listed twice");
    assert!(RULES.is_sorted_by_key(|rule| rule.id), "RULES is in the order of ids");

    let pages: BTreeSet<String> = stems("docs/rules").into_iter().filter(|stem| stem != "README").collect();
    assert_eq!(pages, listed, "pages in docs/rules and rules in RULES");

    let with_rule = |stem: &String| {
        let text = fs::read_to_string(root().join(format!("src/audit/{stem}.rs"))).unwrap();
        text.contains("static RULE: Rule")
    };
    let files: BTreeSet<String> =
        stems("src/audit").into_iter().filter(with_rule).map(|stem| stem.replace('_', "-")).collect();
    assert_eq!(files, listed, "files in src/audit and rules in RULES");

    for rule in RULES {
        let page = fs::read_to_string(root().join(format!("docs/rules/{}.md", rule.id))).unwrap();
        assert!(page.replace("\r\n", "\n") == rule.page.replace("\r\n", "\n"), "{} carries another page", rule.id);
        assert_eq!(rolechain::audit::rule(rule.id).map(|found| found.id), Some(rule.id));
    }
}

fn stems(folder: &str) -> Vec<String> {
    let files = fs::read_dir(root().join(folder)).unwrap();
    files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn every_rule_is_well_worded() {
    for rule in RULES {
        let is_kebab = rule
            .id
            .split('-')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        assert!(is_kebab, "{:?} is not kebab-case", rule.id);
        assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{}: a title is no sentence", rule.id);
        assert!(!rule.title.contains('\n') && rule.title.len() <= 100, "{}: a title is one line", rule.id);
        assert!(rule.remediation.ends_with('.'), "{}: a remediation is a sentence", rule.id);
        assert!(!rule.remediation.contains("  "), "{}: a remediation has no gaps", rule.id);
        assert!(!rule.references.is_empty(), "{} has nowhere to read more", rule.id);
        for reference in rule.references {
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
            let is_technique = reference.strip_prefix('T').is_some_and(|rest| rest.split('.').all(digits));
            assert!(is_technique || reference.starts_with("https://"), "{}: {reference:?}", rule.id);
        }
    }
}

#[test]
fn every_finding_is_well_worded_and_names_what_it_is_about() {
    for rule in RULES {
        for case in cases(rule) {
            for finding in case.judged().findings {
                let place = format!("{} on {}", finding.rule, case.place);
                let digits = finding.fingerprint.strip_prefix("rc1:").unwrap_or_default();
                let is_hash =
                    digits.len() == 32 && digits.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
                assert!(is_hash, "{place}: {:?}", finding.fingerprint);
                assert!(!finding.title.is_empty() && !finding.title.ends_with('.'), "{place}: {:?}", finding.title);
                assert!(!finding.title.contains('\n'), "{place}: {:?}", finding.title);
                for sentence in [&finding.message, &finding.remediation] {
                    assert!(sentence.ends_with('.') || sentence.ends_with(')'), "{place}: {sentence:?}");
                    assert!(!sentence.contains("  ") && !sentence.contains(" ."), "{place}: {sentence:?}");
                }
                assert!(!finding.key.is_empty() && finding.key.values().all(|part| !part.is_empty()), "{place}");
                // What is missing from the logs has no events; all else is proved by some.
                let is_about_coverage = finding.first_seen.is_none() && finding.chain_ids.is_empty();
                assert!(finding.evidence.len() <= 5 && (is_about_coverage || !finding.evidence.is_empty()), "{place}");
                assert!(finding.count > 0, "{place}");
                assert_eq!(finding.first_seen.is_some(), finding.last_seen.is_some(), "{place}");
            }
        }
    }
}

#[test]
fn findings_do_not_depend_on_the_order_of_records() {
    for rule in RULES {
        for case in cases(rule) {
            let block = &case.block;
            if block.text.starts_with("{\"objects\"") {
                // Objects have no order of their own: `verify` shuffles them.
                continue;
            }
            let mut records: Vec<serde_json::Value> = serde_json::from_str(&block.text).unwrap();
            let told = |records: &[serde_json::Value]| {
                let text = serde_json::to_string(records).unwrap();
                let findings = case.judged_as(&text).findings;
                findings.into_iter().map(|finding| format!("{finding:#?}")).collect::<Vec<_>>()
            };
            let forward = told(&records);
            records.reverse();
            assert_eq!(forward, told(&records), "{}", case.place);
        }
    }
}

/// Audits one of the sample stories, with or without what its owners expect.
fn story(name: &str, is_expected: bool) -> Vec<Finding> {
    let folder = root().join("sample-logs");
    let text = fs::read_to_string(folder.join("rolechain.toml")).unwrap();
    let expectations = if is_expected {
        Expectations::parse("rolechain.toml", &text, &rule_ids()).unwrap()
    } else {
        Expectations::default()
    };
    let source = folder.join(name).to_string_lossy().into_owned();
    let plan = Plan { sources: vec![source], expectations, ..Plan::default() };
    pipeline::run(&plan, &Silent).unwrap().findings
}

#[test]
fn an_organisation_in_good_order_is_not_accused() {
    for is_expected in [false, true] {
        let loud: Vec<_> = story("01-healthy", is_expected)
            .into_iter()
            .filter(|finding| finding.severity >= Severity::Medium)
            .map(|finding| (finding.rule, finding.severity.name(), finding.title))
            .collect();
        assert!(loud.is_empty(), "with expectations: {is_expected}: {loud:#?}");
    }
}

#[test]
fn session_moved_asks_for_networks_only_where_none_are_named() {
    let rule = RULES.iter().find(|rule| rule.id == "session-moved").unwrap();
    let page = blocks(rule);
    let fires = page.iter().find(|block| matches!(block.purpose, Purpose::Fires { .. })).unwrap();
    let message = |expectations: &str| {
        let expectations = Expectations::parse("rolechain.toml", expectations, &rule_ids()).unwrap();
        let findings = pipeline::audit_text(&fires.text, &expectations).findings;
        findings.into_iter().find(|finding| finding.rule == rule.id).unwrap().message
    };
    assert!(
        message("").ends_with("Without [networks] in the expectations nobody can say whether both belong to one pool.")
    );
    let half = message("[networks]\noffice = { cidrs = [\"198.51.100.0/24\"] }\n");
    assert!(half.ends_with("192.0.2.77 is in none of the networks that the expectations name."), "{half}");
    let none = message("[networks]\noffice = { cidrs = [\"203.0.113.0/24\"] }\n");
    assert!(none.contains("198.51.100.23 and 192.0.2.77 are in none of the networks"), "{none}");
}
