//! In which order, and on how many threads? The only wiring: scan → correlate → audit.

mod plan;
mod reader;
mod remember;
mod scan;
mod verify;
mod work;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::audit;
use crate::correlate;
use crate::expect::Expectations;
use crate::join;
use crate::join::Joined;
use crate::model::assurance::Assurance;
use crate::model::finding::Finding;
use crate::model::finding::History;
use crate::model::finding::LEARNING_DAYS;
use crate::model::integrity::Integrity;
use crate::model::lineage::Lineage;
use crate::model::observations::Counts;
use crate::model::observations::Observations;
use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::observe;
use crate::observe::Observer;
use crate::observe::Seen;
use crate::read;
use crate::source::SourceError;
use crate::source::s3;
use crate::store;
use crate::store::StoreError;
use crate::store::View;

pub use plan::Check;
pub use plan::Plan;
pub use plan::RunError;
pub use remember::merge;
pub use scan::Hooks;
pub use scan::Progress;
pub use scan::Scanned;
pub use scan::Silent;
pub use scan::Span;
pub use scan::Stored;
pub use verify::Verification;

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Every session and where it came from.
    pub lineage: Lineage,
    /// What was not expected, the worst first.
    pub findings: Vec<Finding>,
    /// What the digest files prove, when they were checked.
    pub integrity: Option<Integrity>,
    /// What the store knows of earlier days; `None` without one, or when only a part of it was asked for.
    pub history: Option<History>,
    /// The window that is reported: of a store, whole days that it keeps.
    pub window: Span,
    /// Which questions could be answered.
    pub assurance: Assurance,
    /// What CI systems say, and of which chains; `None` when no file of them was given.
    pub ci: Option<Joined>,
    /// What people should hear, besides the report.
    pub notices: Vec<String>,
}

/// Reads the sources and judges what they say.
pub fn run(plan: &Plan, progress: &dyn Progress) -> Result<Outcome, RunError> {
    if remember::is_wanted(plan) {
        return run_remembering(plan, progress);
    }
    let mut scanned = scan(plan, &Hooks { contents: plan.check.is_some(), ..Hooks::default() }, progress)?;
    let check = plan.check.as_ref();
    let integrity = check.map(|check| verify::check(&mut scanned, plan, check, progress)).transpose()?;
    progress.phase("linking sessions into chains");
    let window = Span { since: plan.filter.since, until: plan.filter.until };
    let known = Known { integrity, history: None, window };
    Ok(judge(scanned.observations, known, plan, progress))
}

/// Reads the sources, checks their digest files, and judges nothing.
pub fn verify(plan: &Plan, check: &Check, progress: &dyn Progress) -> Result<(Integrity, Counts), RunError> {
    let mut scanned = scan(plan, &Hooks { contents: true, ..Hooks::default() }, progress)?;
    Ok((verify::check(&mut scanned, plan, check, progress)?, scanned.observations.counts))
}

/// As [`run`], with stores among the sources, or one that takes in what is new.
fn run_remembering(plan: &Plan, progress: &dyn Progress) -> Result<Outcome, RunError> {
    let (plan, notice) = without_hole(plan)?;
    let gathered = remember::gather(&plan, progress)?;
    progress.phase("linking sessions into chains");
    let history = gathered.covered_days.map(|covered_days| History {
        covered_days,
        lost: gathered.lost,
        new_objects: gathered.new_objects,
    });
    let known = Known { integrity: gathered.integrity, history, window: gathered.window };
    let mut outcome = judge(gathered.observations, known, &plan, progress);
    outcome.notices = notice.into_iter().chain(gathered.notices).collect();
    if let (Some(mut life), Some(history)) = (gathered.life, &outcome.history) {
        // A night that was given less than the one before finds less, and ends nothing by it.
        let given = audit::Given {
            digests: outcome.integrity.is_some(),
            snapshots: !plan.snapshots.is_empty(),
            expectations: !plan.expectations.says_nothing(),
            learned: history.covered_days.len() >= LEARNING_DAYS,
            ci: plan.ci.is_some(),
        };
        life.settle(&mut outcome.findings, &history.covered_days, &audit::rules_not_asked(given));
        if let Some(mut store) = gathered.store.filter(|_| plan.remembers) {
            store.remember(&life)?;
        }
    }
    Ok(outcome)
}

/// Lists from the last day that the store covers, when that is earlier than the plan says: after an outage, what was
/// delivered meanwhile would otherwise never be read, and nobody would know.
fn without_hole(plan: &Plan) -> Result<(Cow<'_, Plan>, Option<String>), StoreError> {
    let is_store = |root: &&PathBuf| store::is_observations(root.as_path());
    let has_bucket = plan.sources.iter().any(|source| source.starts_with("s3://"));
    let (Some(since), Some(root)) = (plan.list_since.filter(|_| has_bucket), plan.store.as_ref().filter(is_store))
    else {
        return Ok((Cow::Borrowed(plan), None));
    };
    let last = View::open(root)?.last_covered_day().map(|day| Timestamp::of_day(i64::from(day)));
    let Some(last) = last.filter(|last| last.day() < since.day()) else { return Ok((Cow::Borrowed(plan), None)) };
    // That day may not have been delivered as a whole when it was last listed, nor the one before.
    let from = last.plus(-DAY);
    let notice = format!(
        "the store covers nothing after {}: buckets are listed from {from} on, not from --list-since {since}",
        last.to_string().get(..10).unwrap_or_default()
    );
    Ok((Cow::Owned(Plan { list_since: Some(from), ..plan.clone() }), Some(notice)))
}

/// Reads the sources, and stops there: for runs that remember or check.
pub fn scan(plan: &Plan, hooks: &Hooks<'_>, progress: &dyn Progress) -> Result<Scanned, SourceError> {
    scan::scan(plan, &plan.sources, hooks, progress)
}

/// Judges the records of one text in any of the recognized shapes, without files: what rule pages and tests are made
/// of.
pub fn audit_text(records: &str, expectations: &Expectations) -> Outcome {
    audit_texts(&[records], expectations)
}

/// As [`audit_text`], for several objects: each text is one.
pub fn audit_texts(objects: &[&str], expectations: &Expectations) -> Outcome {
    let plan = Plan { expectations: expectations.clone(), ..Plan::default() };
    let seen = Seen::default();
    let mut observer = Observer::new(&seen, &plan.filter);
    let mut scratch = read::Scratch::default();
    for (at, text) in objects.iter().enumerate() {
        observer.begin(&format!("text-{at}"));
        let summary = read::read_object(text.as_bytes(), &mut scratch, &plan.limits, &mut observer);
        observer.end(summary.kind, wide(text.len()), summary.inflated_bytes);
    }
    let mut observations = observer.finish();
    observe::amend(&mut observations, &seen);
    judge(observations, Known::default(), &plan, &Silent)
}

/// What is known besides the observations.
#[derive(Debug, Default)]
struct Known {
    integrity: Option<Integrity>,
    history: Option<History>,
    window: Span,
}

/// Says up to when the logs could speak; `None` when nobody says what time it is.
fn clock(plan: &Plan) -> Option<audit::Clock> {
    let now = plan.filter.now?;
    let end = plan.filter.until.map_or(now, |until| until.min(now));
    let is_live = remember::is_wanted(plan) || plan.sources.iter().any(|source| s3::Address::is_meant_by(source));
    Some(audit::Clock { now, end, is_live })
}

/// Links what was observed, and judges it.
fn judge(observations: Observations, known: Known, plan: &Plan, progress: &dyn Progress) -> Outcome {
    verify::on_threads(plan.threads, || judged(observations, known, plan, progress))
}

fn judged(observations: Observations, known: Known, plan: &Plan, progress: &dyn Progress) -> Outcome {
    let Known { integrity, history, window } = known;
    let options = correlate::Options {
        include_services: plan.include_services,
        since: window.since,
        is_filtered: !plan.filter.accounts.is_empty() || !plan.filter.regions.is_empty(),
    };
    let mut lineage = correlate::correlate(observations, &options);
    plan.expectations.read_tokens(&mut lineage);
    audit::mark_ci_keys(&mut lineage, &plan.expectations);
    let ci = plan.ci.as_ref().map(|facts| join::join(&lineage, Arc::clone(facts)));
    progress.phase("judging: asking every rule");
    let known = audit::Known {
        integrity: integrity.as_ref(),
        history: history.as_ref(),
        snapshots: &plan.snapshots,
        baseline: plan.baseline.as_ref(),
        ci: ci.as_ref(),
    };
    let findings = audit::audit(&lineage, &plan.expectations, known);
    let assurance = audit::assure(&lineage, &plan.expectations, known, clock(plan));
    Outcome { lineage, findings, integrity, history, window, assurance, ci, notices: Vec::new() }
}
