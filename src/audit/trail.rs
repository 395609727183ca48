//! Trails: what a change of a trail, an event data store or a log bucket does to the log.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::audit::phrase;
use crate::model::change::Change;
use crate::model::finding::Confidence;
use crate::model::finding::Severity;
use crate::model::lineage::Lineage;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;

/// Logs that are kept for fewer days than this are gone before an intrusion is noticed.
const FEWEST_DAYS: u64 = 90;

/// A trail this new (in seconds) is being set up when its selectors are written.
const SETTING_UP: i64 = HOUR;

/// What a change does to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Harm {
    /// How bad it is, whoever did it.
    pub(super) severity: Severity,
    /// How sure it is that it is bad.
    pub(super) confidence: Confidence,
    /// `trail`, `event data store` or `bucket`.
    pub(super) thing: &'static str,
    /// What becomes of the thing, in words that follow `was`: `stopped`.
    pub(super) what: Vec<String>,
}

fn harm_of(thing: &'static str, severity: Severity, confidence: Confidence, what: impl Into<String>) -> Harm {
    Harm { severity, confidence, thing, what: vec![what.into()] }
}

/// Returns a trail's name, which calls write bare or as an ARN.
pub(super) fn name(target: &str) -> &str {
    target.rsplit_once(":trail/").or_else(|| target.rsplit_once(":eventdatastore/")).map_or(target, |(_, name)| name)
}

/// What was set up in these logs, and when: looked up once for all changes.
pub(super) struct Trails<'a> {
    lineage: &'a Lineage,
    /// The buckets that hold logs: those that these records came from, and those that trails were pointed at.
    buckets: BTreeSet<String>,
    /// When a trail was made, by account and name.
    made: Map<(Option<Sym>, Option<&'a str>), Vec<Timestamp>>,
    /// When a bucket was made, or a trail for it, by bucket, account and maker.
    begun: Map<(String, Option<Sym>, &'a str), Vec<Timestamp>>,
    /// When a bucket was first given a policy.
    policies: Map<Sym, Timestamp>,
}

impl<'a> Trails<'a> {
    /// Looks at every change once; they are in order of time.
    pub(super) fn new(lineage: &'a Lineage) -> Self {
        let observations = &lineage.observations;
        let objects = observations.changes.iter().map(|change| change.object);
        let objects = objects.chain(observations.assumptions.first().map(|record| record.object));
        let buckets = objects.filter_map(|object| lineage.str(object).strip_prefix("s3://")?.split('/').next());
        let buckets = buckets.map(str::to_owned).collect();
        let (made, begun, policies) = <(Map<_, _>, Map<_, _>, Map<_, _>)>::default();
        let mut trails = Self { lineage, buckets, made, begun, policies };
        for change in &observations.changes {
            trails.note(change);
        }
        trails
    }

    fn note(&mut self, change: &Change) {
        let target = self.lineage.opt(change.target);
        let time = change.time.filter(|_| change.error_code.is_none());
        let bucket = match self.lineage.str(change.name) {
            "CreateTrail" => {
                self.made.entry((change.account, target.map(name))).or_default().extend(time);
                let bucket =
                    parameters(self.lineage, change).get("s3BucketName").and_then(Value::as_str).map(str::to_owned);
                self.buckets.extend(bucket.clone());
                bucket
            }
            "CreateBucket" => target.map(str::to_owned),
            "PutBucketPolicy" => {
                if let Some((target, time)) = change.target.zip(time) {
                    self.policies.entry(target).or_insert(time);
                }
                None
            }
            _ => None,
        };
        if let Some((bucket, who)) = bucket.zip(who(self.lineage, change)) {
            self.begun.entry((bucket, change.account, who)).or_default().extend(time);
        }
    }

    /// True when the same trail was made shortly before: its first selectors take nothing away.
    fn is_being_set_up(&self, change: &Change) -> bool {
        let made = self.made.get(&(change.account, self.lineage.opt(change.target).map(name)));
        made.zip(change.time).is_some_and(|(made, set)| is_within(made, set.plus(-SETTING_UP), set))
    }

    /// True when the bucket was given a policy before, in these logs.
    fn had_policy(&self, change: &Change) -> bool {
        let first = change.target.and_then(|bucket| self.policies.get(&bucket));
        first.zip(change.time).is_some_and(|(earlier, later)| *earlier < later)
    }

    /// True when the same principal made the bucket, or a trail for it, within the hour before or after.
    fn is_new_bucket(&self, change: &Change, target: &str) -> bool {
        let who = who(self.lineage, change);
        let begun = who.and_then(|who| self.begun.get(&(target.to_owned(), change.account, who)));
        begun.zip(change.time).is_some_and(|(begun, set)| is_within(begun, set.plus(-SETTING_UP), set.plus(SETTING_UP)))
    }
}

fn who<'a>(lineage: &'a Lineage, change: &Change) -> Option<&'a str> {
    let caller = lineage.principal(change.caller);
    lineage.opt(caller.issuer_arn.or(caller.arn).or(caller.principal_id))
}

/// True when one of the moments, which are in order, is between two others, both included.
fn is_within(moments: &[Timestamp], from: Timestamp, to: Timestamp) -> bool {
    moments.get(moments.partition_point(|moment| *moment < from)).is_some_and(|moment| *moment <= to)
}

/// Returns what a change does to the log; `None` when it does no harm.
pub(super) fn harm(trails: &Trails<'_>, change: &Change) -> Option<Harm> {
    const TRAIL: &str = "trail";
    const STORE: &str = "event data store";
    let parameters = parameters(trails.lineage, change);
    let harm = match trails.lineage.str(change.name) {
        "StopLogging" => harm_of(TRAIL, Severity::Critical, Confidence::High, "stopped"),
        "DeleteTrail" => harm_of(TRAIL, Severity::Critical, Confidence::High, "deleted"),
        "UpdateTrail" => updated_trail(&parameters, &trails.buckets)?,
        "PutEventSelectors" => {
            let (confidence, what) = narrowed(&parameters)?;
            (!trails.is_being_set_up(change)).then_some(())?;
            harm_of(TRAIL, Severity::High, confidence, what)
        }
        "DeleteEventDataStore" => harm_of(STORE, Severity::Critical, Confidence::High, "deleted"),
        "StopEventDataStoreIngestion" => harm_of(STORE, Severity::Critical, Confidence::High, "stopped"),
        "UpdateEventDataStore" => {
            if parameters.get("multiRegionEnabled").and_then(Value::as_bool) == Some(false) {
                return Some(harm_of(STORE, Severity::High, Confidence::High, "taken out of the other regions"));
            }
            let (confidence, what) = narrowed(&parameters)?;
            harm_of(STORE, Severity::High, confidence, what)
        }
        name => bucket(trails, change, name, &parameters)?,
    };
    Some(harm)
}

fn parameters(lineage: &Lineage, change: &Change) -> Value {
    lineage.opt(change.document).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn updated_trail(parameters: &Value, buckets: &BTreeSet<String>) -> Option<Harm> {
    let is_off = |name: &str| parameters.get(name).and_then(Value::as_bool) == Some(false);
    let words: Vec<String> = [
        ("isMultiRegionTrail", "taken out of the other regions"),
        ("includeGlobalServiceEvents", "stripped of the events of global services"),
        ("enableLogFileValidation", "stripped of its validation files"),
        ("isOrganizationTrail", "taken out of the organization's other accounts"),
    ]
    .into_iter()
    .filter(|(name, _)| is_off(name))
    .map(|(_, what)| what.to_owned())
    .collect();
    if !words.is_empty() {
        return Some(Harm { severity: Severity::High, confidence: Confidence::High, thing: "trail", what: words });
    }
    let bucket = parameters.get("s3BucketName").and_then(Value::as_str)?;
    if buckets.contains(bucket) {
        return None;
    }
    let what = format!("pointed at the bucket {bucket}");
    if buckets.is_empty() {
        // Tools write every setting on every update; which bucket it was before, nothing here says.
        return Some(harm_of("trail", Severity::Low, Confidence::Low, what));
    }
    Some(harm_of("trail", Severity::High, Confidence::High, what))
}

/// Says what event selectors leave out of the management events.
fn narrowed(parameters: &Value) -> Option<(Confidence, String)> {
    let list = |name: &str| parameters.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let basic = list("eventSelectors");
    let advanced = list("advancedEventSelectors");
    let scopes: Vec<Scope> =
        basic.iter().filter_map(Scope::of_basic).chain(advanced.iter().filter_map(Scope::of_advanced)).collect();
    if basic.is_empty() && advanced.is_empty() {
        return None;
    }
    if scopes.is_empty() {
        // A second trail for data events looks like that, too.
        return Some((Confidence::Medium, "kept from recording management events".to_owned()));
    }
    let whole: Vec<&Scope> = scopes.iter().filter(|scope| scope.leaves_out.is_empty()).collect();
    if whole.is_empty() {
        let services: BTreeSet<&str> = scopes.iter().flat_map(|scope| &scope.leaves_out).map(String::as_str).collect();
        let services: Vec<&str> = services.into_iter().collect();
        return Some((Confidence::High, format!("made to leave out {}", services.join(" and "))));
    }
    match (whole.iter().any(|scope| scope.reads), whole.iter().any(|scope| scope.writes)) {
        (true, true) => None,
        (false, _) => Some((Confidence::High, "limited to write events".to_owned())),
        (true, false) => Some((Confidence::High, "limited to read-only events".to_owned())),
    }
}

/// Which management events one selector takes in.
struct Scope {
    reads: bool,
    writes: bool,
    /// The services of trust that it leaves out.
    leaves_out: Vec<String>,
}

impl Scope {
    /// Reads a basic selector; `None` when it takes in no management events.
    fn of_basic(selector: &Value) -> Option<Self> {
        let includes = selector.get("includeManagementEvents").and_then(Value::as_bool) != Some(false);
        let mode = selector.get("readWriteType").and_then(Value::as_str).unwrap_or("All");
        includes.then(|| Self { reads: mode != "WriteOnly", writes: mode != "ReadOnly", leaves_out: Vec::new() })
    }

    /// Reads an advanced selector; `None` when it is not about management events.
    fn of_advanced(selector: &Value) -> Option<Self> {
        let fields = selector.get("fieldSelectors").and_then(Value::as_array)?;
        let values = |field: &str, operator: &str| -> Vec<&str> {
            let of_field = fields.iter().filter(|entry| entry.get("field").and_then(Value::as_str) == Some(field));
            let lists = of_field.filter_map(|entry| entry.get(operator)?.as_array());
            lists.flatten().filter_map(Value::as_str).collect()
        };
        if !values("eventCategory", "equals").contains(&"Management") {
            return None;
        }
        let read_only = values("readOnly", "equals");
        let only = values("eventSource", "equals");
        let but = values("eventSource", "notEquals");
        let trust = ["sts.amazonaws.com", "iam.amazonaws.com", "cloudtrail.amazonaws.com"];
        let leaves_out =
            trust.into_iter().filter(|service| but.contains(service) || (!only.is_empty() && !only.contains(service)));
        Some(Self {
            reads: read_only.is_empty() || read_only.contains(&"true"),
            writes: read_only.is_empty() || read_only.contains(&"false"),
            leaves_out: leaves_out.map(str::to_owned).collect(),
        })
    }
}

fn bucket(trails: &Trails<'_>, change: &Change, call: &str, parameters: &Value) -> Option<Harm> {
    const BUCKET: &str = "bucket";
    let target = trails.lineage.opt(change.target)?;
    let is_known = trails.buckets.contains(target);
    if trails.lineage.str(change.source) != "s3.amazonaws.com" || !(is_known || target.contains("cloudtrail")) {
        return None;
    }
    let confidence = if is_known { Confidence::High } else { Confidence::Medium };
    let harm = match call {
        "DeleteBucket" => harm_of(BUCKET, Severity::Critical, confidence, "deleted"),
        "DeleteBucketPolicy" => harm_of(BUCKET, Severity::High, confidence, "stripped of its policy"),
        // Whether the new policy is better or worse, only its reader can tell.
        "PutBucketPolicy" => {
            let had_one = trails.had_policy(change);
            (had_one || !trails.is_new_bucket(change, target)).then_some(())?;
            let what = if had_one { "given another policy" } else { "given a policy" };
            harm_of(BUCKET, Severity::Medium, Confidence::Low, what)
        }
        "PutBucketLifecycle" | "PutBucketLifecycleConfiguration" => {
            let days = expiry(parameters)?;
            let what = format!("told to delete its objects after {}", phrase::count(days, "day"));
            (days < FEWEST_DAYS).then(|| harm_of(BUCKET, Severity::High, confidence, what))?
        }
        _ => return None,
    };
    Some(harm)
}

/// Returns the shortest time after which a lifecycle rule deletes objects, wherever in the parameters it stands.
fn expiry(parameters: &Value) -> Option<u64> {
    let mut left = vec![parameters];
    let mut days: Option<u64> = None;
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(members) => {
                for (name, member) in members {
                    let found =
                        member.get("Days").and_then(|days| days.as_u64().or_else(|| days.as_str()?.parse().ok()));
                    if let Some(found) = found.filter(|_| name == "Expiration") {
                        days = Some(days.map_or(found, |known| known.min(found)));
                    }
                    left.push(member);
                }
            }
            _ => {}
        }
    }
    days
}
