//! The examples of the rules, `tests/rules/<id>/`: records, beside what the audit is told besides.
//!
//! A file `fires-<severity>-….json` or `silent-….json` is one example. What stands in the same folder goes for all examples
//! there: `rolechain.toml` (expectations), `iam.json` (what `--iam` takes), `baseline.toml` (what `--baseline` takes),
//! `ci.json` (what `--ci` takes) and `store.json` (how many days a store covers, up to the last record).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rolechain::audit;
use rolechain::audit::Rule;
use rolechain::ci::Facts;
use rolechain::expect::Expectations;
use rolechain::expect::baseline;
use rolechain::join;
use rolechain::model::baseline::Baseline;
use rolechain::model::finding::History;
use rolechain::model::finding::Severity;
use rolechain::pipeline;
use rolechain::pipeline::Check;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;
use rolechain::trust::snapshot::Snapshot;

use super::at;
use super::delivery::gzip;
use super::digests::sha256;

/// One example.
pub(crate) struct Example {
    /// Where it stands, below `tests/rules/`.
    pub(crate) name: String,
    /// How severe the worst finding of the rule is; `None` when there is none.
    pub(crate) fires: Option<Severity>,
    /// What is judged.
    pub(crate) text: String,
    expectations: Expectations,
    snapshots: Vec<Snapshot>,
    baseline: Option<Baseline>,
    ci: Option<Arc<Facts>>,
    covered: Option<usize>,
}

/// Returns the examples of a rule.
pub(crate) fn of(rule: &Rule) -> Vec<Example> {
    let mut examples = Vec::new();
    walk(&folder().join(rule.id), &mut examples);
    examples
}

/// Returns where all examples stand.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

fn walk(within: &Path, examples: &mut Vec<Example>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(within).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let words: Vec<&str> = stem.split('-').collect();
        let fires = match words.as_slice() {
            _ if path.is_dir() => {
                walk(&path, examples);
                continue;
            }
            ["silent", ..] => None,
            ["fires", severity, ..] => Some(Severity::parse(severity).unwrap_or_else(|| panic!("{}", path.display()))),
            _ => {
                let is_known = matches!(stem, "rolechain" | "iam" | "baseline" | "ci" | "store" | "README");
                assert!(is_known, "{} is no example, and nothing for examples", path.display());
                continue;
            }
        };
        examples.push(Example::read(&path, fires));
    }
}

impl Example {
    fn read(path: &Path, fires: Option<Severity>) -> Self {
        let beside = |name: &str| {
            let text = fs::read_to_string(path.with_file_name(name)).ok()?;
            Some((path.with_file_name(name).to_string_lossy().into_owned(), text))
        };
        let expectations = beside("rolechain.toml").map(|(name, text)| {
            Expectations::parse(&name, &text, &audit::rule_ids()).unwrap_or_else(|fault| panic!("{fault}"))
        });
        let snapshot = beside("iam.json")
            .map(|(name, text)| Snapshot::read(&name, &text).unwrap_or_else(|fault| panic!("{fault}")));
        let baseline = beside("baseline.toml")
            .map(|(name, text)| baseline::read(&name, &text).unwrap_or_else(|fault| panic!("{fault}")));
        let ci = beside("ci.json").map(|(name, text)| {
            let mut facts = Facts::default();
            facts.read(&name, text.as_bytes()).unwrap();
            facts.settle();
            assert!(facts.files.iter().all(|file| file.defects.is_empty()), "{name}: {:?}", facts.files);
            Arc::new(facts)
        });
        let covered = beside("store.json").map(|(_, text)| {
            let store: serde_json::Value = serde_json::from_str(&text).unwrap();
            usize::try_from(store["covered_days"].as_u64().unwrap()).unwrap()
        });
        let text = fs::read_to_string(path).unwrap();
        Self {
            name: path.strip_prefix(folder()).unwrap().to_str().unwrap().replace('\\', "/"),
            fires,
            text: if text.starts_with("{\"hourly\"") { hourly(&text) } else { text },
            expectations: expectations.unwrap_or_default(),
            snapshots: snapshot.into_iter().collect(),
            baseline,
            ci,
            covered,
        }
    }

    /// True when it is about objects, and not about records.
    pub(crate) fn is_of_objects(&self) -> bool {
        self.text.starts_with("{\"objects\"")
    }

    /// Judges it.
    pub(crate) fn judged(&self) -> Outcome {
        self.judged_as(&self.text)
    }

    /// Judges it as if every repository in it were a stranger's: another organization's logs.
    pub(crate) fn judged_among_strangers(&self) -> Outcome {
        let mut expectations = self.expectations.clone();
        let strangers = "schema = 1\n[org]\ngithub_owners = [{ name = \"none-of-these\" }]\n";
        let strangers = Expectations::parse("rolechain.toml", strangers, &audit::rule_ids()).unwrap();
        expectations.org.github_owners = strangers.org.github_owners;
        expectations.org.github_owner_ids = strangers.org.github_owner_ids;
        self.judged_by(&self.text, &expectations)
    }

    /// Judges other records in place of its own.
    pub(crate) fn judged_as(&self, text: &str) -> Outcome {
        self.judged_by(text, &self.expectations)
    }

    fn judged_by(&self, text: &str, expectations: &Expectations) -> Outcome {
        let mut outcome = judged(text, expectations);
        let history = self.covered.map(|covered| {
            let cells = outcome.lineage.observations.cells.keys();
            let last = cells.filter_map(|cell| cell.day).max().unwrap();
            let first = last + 1 - i32::try_from(covered).unwrap();
            History { covered_days: (first..=last).collect(), lost: Vec::new(), new_objects: None }
        });
        outcome.ci = self.ci.as_ref().map(|facts| join::join(&outcome.lineage, Arc::clone(facts)));
        let has_more = !self.snapshots.is_empty() || self.baseline.is_some() || self.ci.is_some();
        if history.is_some() || has_more {
            let known = audit::Known {
                integrity: None,
                history: history.as_ref(),
                snapshots: &self.snapshots,
                baseline: self.baseline.as_ref(),
                ci: outcome.ci.as_ref(),
            };
            outcome.findings = audit::audit(&outcome.lineage, expectations, known);
        }
        outcome
    }
}

/// Writes the records that `{"hourly": […]}` stands for: of each entry one `AssumeRole` by Lambda in every hour from its
/// begin to its end, as a busy account has them. Hundreds of records would help nobody.
fn hourly(text: &str) -> String {
    let example: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut records = Vec::new();
    for entry in example["hourly"].as_array().unwrap() {
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

/// Judges records, or `{"objects": {…}}`, which are written to files and checked against the digest files among
/// them. There `sha256(name)` stands for the hash of another object.
fn judged(text: &str, expectations: &Expectations) -> Outcome {
    if !text.starts_with("{\"objects\"") {
        return pipeline::audit_text(text, expectations);
    }
    let example: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut texts: BTreeMap<&str, String> = example["objects"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, object)| (name.as_str(), object.to_string()))
        .collect();
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
    let check = Some(Check::default());
    let plan = Plan { sources, expectations: expectations.clone(), check, ..Plan::default() };
    pipeline::run(&plan, &Silent).unwrap()
}
