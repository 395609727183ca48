//! In which order, and on how many threads? The only wiring: scan → correlate → audit.

mod reader;
mod scan;
mod verify;
mod work;

use crate::audit;
use crate::correlate;
use crate::expect::Expectations;
use crate::model::finding::Finding;
use crate::model::integrity::Integrity;
use crate::model::lineage::Lineage;
use crate::model::observations::Observations;
use crate::observe::Filter;
use crate::observe::Observer;
use crate::observe::Seen;
use crate::read;
use crate::read::Limits;
use crate::source::SourceError;
use crate::source::s3;

pub use scan::Hooks;
pub use scan::Progress;
pub use scan::Scanned;
pub use scan::Silent;
pub use verify::Verification;

/// What to do.
#[derive(Debug, Default)]
pub struct Plan {
    /// What to read, as the user named it.
    pub sources: Vec<String>,
    /// Which records count.
    pub filter: Filter,
    /// What should happen.
    pub expectations: Expectations,
    /// List single hops of AWS services, too.
    pub include_services: bool,
    /// How to reach buckets.
    pub s3: s3::Options,
    /// How many threads; 0 for one per core.
    pub threads: usize,
    /// What hostile input may cost.
    pub limits: Limits,
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
}

impl Outcome {
    /// Returns true when something could not be read, or nothing was: silence about it means nothing.
    pub fn is_incomplete(&self) -> bool {
        self.lineage.observations.counts.is_incomplete()
    }
}

/// Reads the sources and judges what they say.
pub fn run(plan: &Plan, progress: &dyn Progress) -> Result<Outcome, SourceError> {
    let scanned = scan(plan, &Hooks::default(), progress)?;
    progress.phase("linking sessions");
    Ok(judge(scanned.observations, plan, progress))
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

/// Links what was observed, and judges it.
pub fn judge(observations: Observations, plan: &Plan, progress: &dyn Progress) -> Outcome {
    judge_with(observations, None, plan, progress)
}

/// As [`judge`], with what the digest files prove.
pub fn judge_with(
    observations: Observations,
    integrity: Option<Integrity>,
    plan: &Plan,
    progress: &dyn Progress,
) -> Outcome {
    let options = correlate::Options {
        include_services: plan.include_services,
        since: plan.filter.since,
        ci_markers: plan.expectations.keys.ci_markers.clone(),
        is_filtered: !plan.filter.accounts.is_empty() || !plan.filter.regions.is_empty(),
    };
    let lineage = correlate::correlate(observations, &options);
    progress.phase("judging");
    let findings = audit::audit_with(&lineage, &plan.expectations, integrity.as_ref());
    Outcome { lineage, findings, integrity }
}
