//! What came of a job.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit;
use crate::ci::Facts;
use crate::ci::RunKey;
use crate::ci::Wanted;
use crate::expect::Expectations;
use crate::join;
use crate::model::acceptance::AcceptedBy;
use crate::model::baseline::Baseline;
use crate::model::finding::Finding;
use crate::model::finding::Severity;
use crate::model::integrity::Integrity;
use crate::model::observations::Counts;
use crate::model::verdict::Verdict;
use crate::model::width::wide;
use crate::pipeline::Outcome;
use crate::report::Choice;
use crate::report::Report;
use crate::report::RunInfo;
use crate::report::Standing;
use crate::report::verify;
use crate::trust::observed;
use crate::trust::observed::Observed;
use crate::trust::snapshot::Snapshot;

/// What an audit came to, and what a report says of the run itself.
#[derive(Debug)]
pub struct Audited {
    /// Sessions, chains and findings.
    pub outcome: Outcome,
    /// What belongs to the run and not to the logs.
    pub run: RunInfo,
    /// The snapshots that were given.
    pub snapshots: Vec<Snapshot>,
    pub(super) account_names: BTreeMap<String, String>,
    pub(super) expectations: Expectations,
}

impl Audited {
    /// Asks the expectations about every session, for answers to whether something was expected.
    pub fn ask_entries(&mut self) {
        self.run.entries = audit::entries(&self.outcome.lineage, &self.expectations);
    }

    /// Returns the runs that the logs name and of which the CI evidence, if any, does not hold all.
    pub fn wanted_runs(&self) -> BTreeSet<Wanted> {
        let lineage = &self.outcome.lineage;
        let reviews = self.wanted_reviews();
        let all = join::wanted(lineage, None).into_iter().filter(|one| reviews.contains(&one.run));
        all.chain(join::wanted(lineage, self.ci_facts())).collect()
    }

    /// Returns those of them that reached production and of whose commits the CI evidence does not hold the reviews.
    pub fn wanted_reviews(&self) -> BTreeSet<RunKey> {
        let lineage = &self.outcome.lineage;
        let production = audit::production_sessions(lineage, &self.expectations);
        join::wanted_reviews(lineage, self.ci_facts(), &production)
    }

    fn ci_facts(&self) -> Option<&Facts> {
        self.outcome.ci.as_ref().map(|joined| &*joined.facts)
    }

    /// Returns what a report is made of; [`report::render`](crate::report::render) writes it in any format.
    pub fn report(&self) -> Report<'_> {
        Report {
            lineage: &self.outcome.lineage,
            findings: &self.outcome.findings,
            run: &self.run,
            account_names: &self.account_names,
            integrity: self.outcome.integrity.as_ref(),
            ci: self.outcome.ci.as_ref(),
        }
    }

    /// Leaves only the findings that are wanted, and counts the others.
    pub fn show_only(&mut self, choice: Choice) {
        self.run.hidden = choice.apply(&mut self.outcome.findings);
        self.run.choice = choice;
    }

    /// Says whether a finding that nobody accepts is at least this severe.
    pub fn has_open(&self, severity: Severity) -> bool {
        self.outcome.findings.iter().any(|finding| finding.is_open() && severity <= finding.severity)
    }

    /// Says whether a question could not be answered in full.
    pub fn is_incomplete(&self) -> bool {
        self.report().is_incomplete()
    }

    /// Says whether no record came into the judgment.
    pub fn is_nothing_judged(&self) -> bool {
        self.report().nothing_judged().is_some()
    }

    /// Returns the granted assumptions inside the window: the scan reads further back, to find where sessions began.
    pub fn observed(&self) -> Vec<Observed<'_>> {
        let mut observed = observed::all(&self.outcome.lineage);
        observed.retain(|one| self.outcome.window.holds(one.time));
        observed
    }
}

/// What a check of digest files came to.
#[derive(Debug)]
pub struct Verified {
    /// What they prove.
    pub integrity: Integrity,
    /// What was read.
    pub counts: Counts,
    /// What belongs to the run and not to the logs.
    pub run: RunInfo,
}

impl Verified {
    /// Returns what a report is made of; [`report::verify::render`](crate::report::verify::render) writes it.
    pub fn report(&self) -> verify::Report<'_> {
        verify::Report { integrity: &self.integrity, counts: &self.counts, run: &self.run }
    }

    /// Says whether something could not be read, or not be proved, or there was nothing to prove.
    pub fn is_incomplete(&self) -> bool {
        self.integrity.verdict() != Verdict::Verified
            || self.integrity.is_without_digests()
            || self.counts.objects_failed > 0
            || self.report().is_nothing_read()
    }
}

/// Says what the baseline came to.
pub(super) fn standing(file: String, baseline: &Baseline, findings: &[Finding]) -> Standing {
    let number = |is: &dyn Fn(&Finding) -> bool| wide(findings.iter().filter(|finding| is(finding)).count());
    let is_accepted =
        |finding: &Finding| finding.exception.as_ref().is_some_and(|accepted| accepted.by == AcceptedBy::Baseline);
    let is_open = |finding: &Finding| finding.is_open() && baseline.known.contains_key(&finding.fingerprint);
    Standing {
        file,
        created: baseline.created,
        expires: baseline.expires,
        by: baseline.by.clone(),
        reason: baseline.reason.clone(),
        known: wide(baseline.known.len()),
        accepted: number(&is_accepted),
        open: number(&is_open),
    }
}
