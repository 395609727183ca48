//! Reports of the same records, read in different ways, and what of them must agree.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rolechain::audit;
use rolechain::correlate;
use rolechain::expect::Expectations;
use rolechain::model::lineage::Lineage;
use rolechain::model::observations::Observations;
use rolechain::model::time::Timestamp;
use rolechain::observe::{Filter, Observer, Seen};
use rolechain::read::{self, Limits};
use rolechain::report::wire::Rows;
use rolechain::report::{self, Format, Report, RunInfo};
use serde_json::Value;

use crate::world::START;

/// A log file: its name and its text.
pub type Object = (String, String);

/// The expectations that the worlds of [`crate::world`] are measured by.
const EXPECTATIONS: &str = include_str!("expectations.toml");

/// What a world is judged by.
pub struct Case {
    expectations: &'static Expectations,
    filter: Filter,
}

impl Case {
    /// With expectations or in the open world; over all records or those of a window in the middle.
    #[must_use]
    pub fn new(closed: bool, windowed: bool) -> Self {
        let filter = if windowed {
            Filter { since: Some(Timestamp(START + 60)), until: Some(Timestamp(START + 43_200)), ..Filter::default() }
        } else {
            Filter::default()
        };
        Self { expectations: expectations(closed), filter }
    }
}

/// Returns the expectations, or none: the open world.
pub fn expectations(closed: bool) -> &'static Expectations {
    static CLOSED: OnceLock<Expectations> = OnceLock::new();
    static OPEN: OnceLock<Expectations> = OnceLock::new();
    if closed {
        CLOSED.get_or_init(|| Expectations::parse("rolechain.toml", EXPECTATIONS, &[]).expect("they are sound"))
    } else {
        OPEN.get_or_init(Expectations::default)
    }
}

/// Reads objects on workers: each of `workers` says which objects it reads, in which order. All share what was seen.
pub fn observe(objects: &[Object], workers: &[Vec<usize>], case: &Case) -> Vec<Observations> {
    let seen = Seen::default();
    let mut scratch = read::Scratch::default();
    let mut work = |order: &Vec<usize>| {
        let mut observer = Observer::new(&seen, &case.filter);
        for (name, text) in order.iter().filter_map(|at| objects.get(*at)) {
            observer.begin(name);
            let summary = read::read_object(text.as_bytes(), &mut scratch, &Limits::default(), &mut observer);
            observer.end(summary.kind, text.len() as u64, summary.inflated_bytes);
        }
        observer.finish()
    };
    workers.iter().map(&mut work).collect()
}

/// Merges what workers observed, in the order given.
pub fn merged(parts: Vec<Observations>) -> Observations {
    parts.into_iter().fold(Observations::default(), |mut all, part| {
        all.merge(part);
        all
    })
}

/// Correlates and judges, checks what must hold of any lineage, and returns the JSON report.
pub fn told(observations: Observations, case: &Case) -> String {
    let text = with_report(observations, case, |report, options| {
        let mut bytes = Vec::new();
        report::render(Format::Json, report, options, &mut bytes).expect("memory takes all");
        String::from_utf8(bytes).expect("JSON is UTF-8")
    });
    assert!(!text.contains("IQoJ"), "a session token is in the report");
    text
}

/// As [`told`], as a value.
pub fn told_as_value(observations: Observations, case: &Case) -> Value {
    with_report(observations, case, |report, options| {
        serde_json::to_value(Rows::new(report, options).document()).expect("a report has JSON's shape")
    })
}

fn with_report<T>(observations: Observations, case: &Case, tell: impl FnOnce(&Report<'_>, &report::Options) -> T) -> T {
    let options =
        correlate::Options { include_services: true, since: case.filter.since, ..correlate::Options::default() };
    let mut lineage = correlate::correlate(observations, &options);
    case.expectations.read_tokens(&mut lineage);
    audit::mark_ci_keys(&mut lineage, case.expectations);
    check(&lineage);
    let findings = audit::audit(&lineage, case.expectations, audit::Known::default());
    let run = RunInfo::default();
    let report = Report {
        lineage: &lineage,
        findings: &findings,
        run: &run,
        account_names: &BTreeMap::new(),
        integrity: None,
        ci: None,
    };
    tell(&report, &report::Options { include_services: true, ..report::Options::default() })
}

/// Checks that sessions, chains and routes fit together.
fn check(lineage: &Lineage) {
    let mut is_in_chain = vec![false; lineage.sessions.len()];
    let mut ids: Vec<_> = lineage.chains.iter().map(|chain| chain.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), lineage.chains.len(), "two chains of one id");
    for chain in &lineage.chains {
        let leaf = lineage.leaf(chain);
        assert_eq!(leaf.children().count(), 0, "a chain ends in a session that issued another");
        let up: Vec<_> = leaf.ancestry().map(|session| session.id).collect();
        assert!(chain.path.iter().rev().eq(&up), "a chain that is not its leaf's ancestry");
        for id in &chain.path {
            is_in_chain[id.0 as usize] = true;
        }
    }
    assert!(is_in_chain.into_iter().all(|is_in| is_in), "a session in no chain");
    let in_routes: u64 = lineage.routes.iter().map(|route| route.chains).sum();
    assert_eq!(in_routes, lineage.chains.len() as u64, "a chain in no route, or in two");
    for session in lineage.sessions() {
        for child in session.children() {
            assert_eq!(child.session.parent, Some(session.id), "a child that has another parent");
        }
    }
}

/// Takes out of a report what may differ when the same records stand in other objects, in another order, or twice.
#[must_use]
pub fn regardless_of_objects(mut report: Value, keep_counts: bool) -> Value {
    if let Some(coverage) = report.get_mut("coverage").and_then(Value::as_object_mut) {
        coverage.remove("objects");
        coverage.remove("defects");
        coverage.remove("defects_total");
        if !keep_counts && let Some(records) = coverage.get_mut("records").and_then(Value::as_object_mut) {
            records.retain(|name, _| name == "unique");
        }
    }
    if let Some(findings) = report.get_mut("findings").and_then(Value::as_array_mut) {
        // It is about objects and nothing else.
        findings.retain(|finding| finding.get("rule").and_then(Value::as_str) != Some("records-not-parsed"));
    }
    forget_objects(&mut report);
    report
}

/// Takes out in which object each event stands.
fn forget_objects(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("object");
            if let Some(evidence) = fields.get_mut("evidence").and_then(Value::as_array_mut) {
                // Events without an id are told apart by their object alone.
                evidence.retain(|event| !event["event_id"].is_null());
            }
            fields.values_mut().for_each(forget_objects);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_objects),
        _ => {}
    }
}

/// Fails with the place of the first difference when two reports differ.
pub fn assert_same(left: &Value, right: &Value, way: &str) {
    if left != right {
        let (place, left, right) = difference(left, right, String::new());
        panic!("{way}: the reports differ at {place}\n  left:  {left}\n  right: {right}");
    }
}

fn difference(left: &Value, right: &Value, place: String) -> (String, Value, Value) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys()).find(|name| a.get(*name) != b.get(*name));
            if let Some(name) = names
                && let (Some(a), Some(b)) = (a.get(name), b.get(name))
            {
                return difference(a, b, format!("{place}/{name}"));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            if let Some(at) = (0..a.len()).find(|at| a[*at] != b[*at]) {
                let rule = a[at].get("rule").and_then(Value::as_str).unwrap_or_default();
                return difference(&a[at], &b[at], format!("{place}/{at} {rule}"));
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let only =
                |these: &[Value], those: &[Value]| these.iter().filter(|item| !those.contains(item)).cloned().collect();
            return (place, only(a, b), only(b, a));
        }
        _ => {}
    }
    (place, left.clone(), right.clone())
}
