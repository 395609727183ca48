//! In which order, and on how many threads? The only wiring: scan → correlate → audit.

mod reader;
mod remember;
mod scan;
mod verify;
mod work;

use std::borrow::Cow;
use std::path::PathBuf;

use crate::audit;
use crate::correlate;
use crate::expect::Expectations;
use crate::model::baseline::Baseline;
use crate::model::finding::Finding;
use crate::model::finding::History;
use crate::model::integrity::Integrity;
use crate::model::lineage::Lineage;
use crate::model::observations::Observations;
use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::observe::Filter;
use crate::observe::Observer;
use crate::observe::Seen;
use crate::read;
use crate::read::Limits;
use crate::source::SourceError;
use crate::source::s3;
use crate::store;
use crate::store::StoreError;
use crate::store::View;
use crate::trust::snapshot::Snapshot;

pub use remember::merge;
pub use scan::Hooks;
pub use scan::Progress;
pub use scan::Scanned;
pub use scan::Silent;
pub use scan::Span;
pub use scan::Stored;
pub use verify::Verification;

/// What to do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What to read, as the user named it.
    pub sources: Vec<String>,
    /// Which records count.
    pub filter: Filter,
    /// What should happen.
    pub expectations: Expectations,
    /// Trust policies, as other tools print them.
    pub snapshots: Vec<Snapshot>,
    /// List single hops of AWS services, too.
    pub include_services: bool,
    /// How to reach buckets.
    pub s3: s3::Options,
    /// How many threads; 0 for one per core.
    pub threads: usize,
    /// What hostile input may cost.
    pub limits: Limits,
    /// The store that remembers what was read.
    pub store: Option<PathBuf>,
    /// From which delivery on buckets are listed, whatever is reported; a store knows the rest.
    pub list_since: Option<Timestamp>,
    /// How many covered days the store keeps; all of them when not said.
    pub keep: Option<u32>,
    /// The findings that were known on a day, and are accepted for a time.
    pub baseline: Option<Baseline>,
    /// The store remembers the life of findings: only for runs that judge all there is to judge.
    pub remembers: bool,
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A source could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source is a store, and there is another one to remember in.
    #[error(
        "{directory} is a store, and --store {store} is another one\n  hint: `rolechain store merge {directory} --into {store}` adds the one to the other"
    )]
    Mixed {
        /// The store to remember in.
        store: String,
        /// The source.
        directory: String,
    },
    /// The digest files could not be checked.
    #[error("{0}")]
    Check(String),
    /// Something that should be a store is none.
    #[error("{path} is not a store\n  hint: `rolechain audit LOGS --store DIR` makes one")]
    NoStore {
        /// What the user typed.
        path: String,
    },
}

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
    /// What people should hear, besides the report.
    pub notices: Vec<String>,
}

impl Outcome {
    /// Returns true when something could not be read, or nothing was: silence about it means nothing.
    pub fn is_incomplete(&self) -> bool {
        self.lineage.observations.counts.is_incomplete()
    }
}

/// Checks the digest files of a scan that kept contents. Whoever runs the program knows where the keys are; what it says
/// when it cannot is the user's message.
pub type Check<'c> = &'c dyn Fn(&mut Scanned) -> Result<Integrity, String>;

/// Reads the sources and judges what they say.
pub fn run(plan: &Plan, progress: &dyn Progress) -> Result<Outcome, RunError> {
    run_checked(plan, None, progress)
}

/// As [`run`], with a check of the digest files among what is read.
pub fn run_checked(plan: &Plan, check: Option<Check<'_>>, progress: &dyn Progress) -> Result<Outcome, RunError> {
    if remember::is_wanted(plan) {
        return run_remembering(plan, check, progress);
    }
    let mut scanned = scan(plan, &Hooks::checking(check.is_some()), progress)?;
    let integrity = check.map(|check| check(&mut scanned)).transpose().map_err(RunError::Check)?;
    progress.phase("linking sessions");
    let known = Known { integrity, history: None, window: typed(plan) };
    Ok(judge_with(scanned.observations, known, plan, progress))
}

/// As [`run_checked`], with stores among the sources, or one that takes in what is new.
fn run_remembering(plan: &Plan, check: Option<Check<'_>>, progress: &dyn Progress) -> Result<Outcome, RunError> {
    let (plan, notice) = without_hole(plan)?;
    let gathered = remember::gather(&plan, check, progress)?;
    progress.phase("linking sessions");
    let history = gathered.covered_days.map(|covered_days| History { covered_days });
    let known = Known { integrity: gathered.integrity, history, window: gathered.window };
    let mut outcome = judge_with(gathered.observations, known, &plan, progress);
    outcome.notices = notice.into_iter().chain(gathered.notices).collect();
    if let (Some(mut life), Some(history)) = (gathered.life, &outcome.history) {
        let unjudged = if outcome.integrity.is_none() { audit::rules_that_need("--verify") } else { Vec::new() };
        life.settle(&mut outcome.findings, &history.covered_days, &unjudged);
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
    scan::scan(plan, hooks, progress)
}

/// Judges the records of one text in any of the recognised shapes, without files: what rule pages and tests are made
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
        observer.end(summary.kind, u64::try_from(text.len()).unwrap_or(u64::MAX), summary.inflated_bytes);
    }
    judge(observer.finish(), &plan, &Silent)
}

/// What is known besides the observations.
#[derive(Debug, Default)]
struct Known {
    integrity: Option<Integrity>,
    history: Option<History>,
    window: Span,
}

/// The window as it was typed.
fn typed(plan: &Plan) -> Span {
    Span { since: plan.filter.since, until: plan.filter.until }
}

/// Links what was observed, and judges it.
pub fn judge(observations: Observations, plan: &Plan, progress: &dyn Progress) -> Outcome {
    judge_with(observations, Known { window: typed(plan), ..Known::default() }, plan, progress)
}

fn judge_with(observations: Observations, known: Known, plan: &Plan, progress: &dyn Progress) -> Outcome {
    let Known { integrity, history, window } = known;
    let options = correlate::Options {
        include_services: plan.include_services,
        since: window.since,
        ci_markers: plan.expectations.keys.ci_markers.clone(),
        is_filtered: !plan.filter.accounts.is_empty() || !plan.filter.regions.is_empty(),
    };
    let lineage = correlate::correlate(observations, &options);
    progress.phase("judging");
    let known = audit::Known {
        integrity: integrity.as_ref(),
        history: history.as_ref(),
        snapshots: &plan.snapshots,
        baseline: plan.baseline.as_ref(),
    };
    let findings = audit::audit(&lineage, &plan.expectations, known);
    Outcome { lineage, findings, integrity, history, window, notices: Vec::new() }
}
