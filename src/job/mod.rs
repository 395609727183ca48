//! What was asked, and what is the answer? Loads what a run is held against, makes the run, and picks from what came of it.
//!
//! The program does its work through this room, and so may other programs: `examples/audit.rs` is one.

mod accept;
mod address;
mod again;
mod answer;
mod chains;
mod document;
mod draft;
mod evidence;
mod files;
mod select;
mod trace;
mod trust;
mod who;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::audit;
use crate::expect;
use crate::infer::Draft;
use crate::infer::Options;
use crate::model::arn;
use crate::model::time::Timestamp;
use crate::pipeline;
use crate::pipeline::Check;
use crate::pipeline::Plan;
use crate::pipeline::Progress;
use crate::pipeline::RunError;
use crate::report::RunInfo;
use crate::source::public_keys;
use crate::source::s3;

pub use crate::ci::Wanted;
pub use accept::accept;
pub use answer::Audited;
pub use answer::Verified;
pub use chains::ChainFilter;
pub use evidence::fetch_script;
pub use files::outside_of_sources;
pub use files::read;
pub use files::read_policy;
pub use select::Selection;
pub use trace::trace;
pub use who::who;

/// A job: what to read, and what to hold it against.
///
/// ```
/// use rolechain::job::Job;
/// use rolechain::pipeline::Silent;
///
/// let job = Job::over(["sample-logs/02-unexpected-branch"]).expectations("sample-logs/rolechain.toml")?;
/// let audited = job.audit(&Silent)?;
/// assert_eq!(audited.outcome.findings[0].rule, "unexpected-subject");
/// # Ok::<(), rolechain::pipeline::RunError>(())
/// ```
#[derive(Debug, Default)]
pub struct Job {
    /// What to read, and how: sources, filters, threads, buckets, and what the store keeps.
    pub plan: Plan,
    /// Which accounts and regions to show of it.
    pub selection: Selection,
    run: RunInfo,
    baseline: Option<String>,
    ci: Vec<String>,
    clock: Option<fn() -> Timestamp>,
}

impl Job {
    /// Begins a job over sources: directories, files, `s3://bucket/prefix`, stores, or `-` for standard input.
    pub fn over<S: Into<String>>(sources: impl IntoIterator<Item = S>) -> Self {
        let sources = sources.into_iter().map(|source| s3::Address::spelled(source.into())).collect();
        Self { plan: Plan { sources, ..Plan::default() }, ..Self::default() }
    }

    /// Says what time it is: then the report names the time of the run, no event and nothing accepted may lie in the future,
    /// and logs that end long ago are no fresh ones.
    #[must_use]
    pub fn clock(mut self, clock: fn() -> Timestamp) -> Self {
        self.clock = Some(clock);
        let now = clock();
        (self.run.started_at, self.plan.filter.now) = (Some(now), Some(now));
        self
    }

    /// Counts only events from one moment on, and before another.
    pub fn window(mut self, since: Option<Timestamp>, until: Option<Timestamp>) -> Result<Self, RunError> {
        if let (Some(since), Some(until)) = (since, until)
            && until <= since
        {
            return Err(RunError::refused(format!(
                "the window is empty: it ends at {until}, and begins at {since}\n  hint: such as --since 2026-11-01 --until 2026-11-08"
            )));
        }
        (self.plan.filter.since, self.plan.filter.until) = (since, until);
        Ok(self)
    }

    /// Remembers in this directory what was read, and reads only what is new.
    pub fn store(mut self, directory: impl Into<PathBuf>) -> Result<Self, RunError> {
        let directory = directory.into();
        outside_of_sources(&directory, "keep a store in", &self.plan.sources)?;
        self.plan.store = Some(directory);
        Ok(self)
    }

    /// Judges by what the owners expect, as this file says it.
    pub fn expectations(mut self, file: impl AsRef<Path>) -> Result<Self, RunError> {
        self.plan.expectations = files::expectations(file.as_ref(), self.run.started_at)?;
        self.run.expectations = Some(file.as_ref().to_string_lossy().into_owned());
        Ok(self)
    }

    /// Judges by `rolechain.toml` in the working directory or beside a source, if it is there.
    pub fn expectations_at_hand(self) -> Result<Self, RunError> {
        match files::expectations_at_hand(&self.plan.sources) {
            Some(file) => self.expectations(file),
            None => Ok(self),
        }
    }

    /// Returns the ids of accounts that are named by their id, or as the expectations name them. Where none were given, those
    /// at hand are asked for names, and for nothing else.
    pub fn account_ids(&self, named: &[String]) -> Result<Vec<String>, RunError> {
        let at_hand;
        let mut accounts = &self.plan.expectations.accounts;
        if accounts.is_empty()
            && !named.iter().all(|name| arn::is_account_id(name))
            && let Some(file) = files::expectations_at_hand(&self.plan.sources)
        {
            at_hand = files::expectations(&file, self.run.started_at)?;
            accounts = &at_hand.accounts;
        }
        let id = |typed: &String| {
            let is_it = |name: &String| name.eq_ignore_ascii_case(typed);
            let known = || accounts.iter().find(|account| account.name.as_ref().is_some_and(is_it));
            let id = if arn::is_account_id(typed) { Some(typed) } else { known().map(|account| &account.id) };
            id.cloned().ok_or_else(|| {
                let words = accounts.iter().filter_map(|account| account.name.as_deref());
                let nearest = expect::nearest(typed, words).map(|name| format!("did you mean {name}? ")).unwrap_or_default();
                RunError::refused(format!(
                    "no account is called {typed}\n  hint: {nearest}Write twelve digits, --account 222222222222, or the name of an [[account]] of rolechain.toml"
                ))
            })
        };
        named.iter().map(id).collect()
    }

    /// Knows the trust policies that `aws iam get-account-authorization-details` or `terraform show -json` printed into
    /// these files.
    pub fn iam(mut self, files: &[String]) -> Result<Self, RunError> {
        self.plan.snapshots = files::snapshots(files, &self.plan.sources)?;
        self.run.iam_snapshots = files.to_vec();
        Ok(self)
    }

    /// Knows what CI systems say of their runs, by these files and folders of what their APIs answered.
    pub fn ci(mut self, files: &[String]) -> Result<Self, RunError> {
        if !files.is_empty() {
            self.plan.ci = Some(Arc::new(evidence::read(files)?));
            files.clone_into(&mut self.ci);
        }
        Ok(self)
    }

    /// Accepts the findings that this baseline knows.
    pub fn baseline(mut self, file: &str) -> Result<Self, RunError> {
        self.plan.baseline = Some(files::baseline(file, self.run.started_at)?);
        self.baseline = Some(file.to_owned());
        Ok(self)
    }

    /// Accepts nothing: no exception of the expectations holds.
    #[must_use]
    pub fn without_exceptions(mut self) -> Self {
        self.run.no_exceptions = true;
        self
    }

    /// Checks the digest files among what is read, by the public keys in these files; CloudTrail is asked for others when
    /// it is wanted.
    pub fn check(mut self, key_files: &[String], asks_for_keys: bool) -> Result<Self, RunError> {
        self.plan.check = Some(Check { keys: files::keys(key_files)?, asks_for_keys, lists_all: false });
        Ok(self)
    }

    /// Reads the sources, and judges what they say.
    pub fn audit(mut self, progress: &dyn Progress) -> Result<Audited, RunError> {
        self.begin()?;
        let again = self.again();
        if self.run.no_exceptions {
            self.plan.expectations.exceptions = crate::expect::Exceptions::default();
        }
        let mut outcome = pipeline::run(&self.plan, progress)?;
        self.selection.apply(&mut outcome);
        for notice in &outcome.notices {
            progress.note(notice);
        }
        let Self { plan, selection, run, baseline, clock, .. } = self;
        let accounts = &plan.expectations.accounts;
        let account_names =
            accounts.iter().filter_map(|account| Some((account.id.clone(), account.name.clone()?))).collect();
        let standing = baseline.zip(plan.baseline.as_ref());
        let run = RunInfo {
            finished_at: clock.map(|clock| clock()),
            since: outcome.window.since,
            until: outcome.window.until,
            expectation_lines: plan.expectations.lines_of(&outcome.findings),
            history: outcome.history.clone(),
            organization: plan.expectations.org.name.clone(),
            baseline: standing.map(|(file, baseline)| answer::standing(file, baseline, &outcome.findings)),
            assurance: outcome.assurance.clone(),
            production: audit::production_sessions(&outcome.lineage, &plan.expectations),
            production_keys: audit::production_keys(&outcome.lineage, &plan.expectations),
            accounts: selection.accounts,
            regions: selection.regions,
            again,
            ..run
        };
        Ok(Audited { outcome, run, snapshots: plan.snapshots, account_names, expectations: plan.expectations })
    }

    /// Checks the digest files, and judges nothing else. Files that passed are listed, too, when it is wanted.
    pub fn verify(mut self, lists_all: bool, progress: &dyn Progress) -> Result<Verified, RunError> {
        files::objects_only(&self.plan)?;
        self.begin()?;
        let check = Check { lists_all, ..self.plan.check.take().unwrap_or_default() };
        let (integrity, counts) = pipeline::verify(&self.plan, &check, progress)?;
        let (since, until) = (self.plan.filter.since, self.plan.filter.until);
        let finished_at = self.clock.map(|clock| clock());
        Ok(Verified { integrity, counts, run: RunInfo { finished_at, since, until, ..self.run } })
    }

    /// Drafts what the owners seem to expect: from trust policies, and from logs when there are sources. Of expectations that
    /// are there, only the kinds of issuers count. Also returns what an audit of the logs came to.
    pub fn draft(mut self, options: Options, progress: &dyn Progress) -> Result<(Draft, Option<Audited>), RunError> {
        self.plan.expectations = self.plan.expectations.kinds_alone();
        if self.plan.sources.is_empty() {
            let kinds = self.plan.expectations.issuers.kinds();
            return Ok((draft::draft(&self.plan.snapshots, None, kinds, options)?, None));
        }
        self.plan.include_services = true;
        let audited = self.audit(progress)?;
        let kinds = &audited.outcome.lineage.kinds;
        Ok((draft::draft(&audited.snapshots, Some(&audited), kinds, options)?, Some(audited)))
    }

    /// Finds out before the long work what cannot work after it: keys that cannot be listed.
    fn begin(&mut self) -> Result<(), RunError> {
        env!("CARGO_PKG_VERSION").clone_into(&mut self.run.version);
        self.run.sources.clone_from(&self.plan.sources);
        // With a file of keys, nothing may be left to ask for.
        if let (Some(check), Some(now)) = (&self.plan.check, self.run.started_at)
            && check.asks_for_keys
            && check.keys.is_empty()
        {
            let region = self.plan.filter.regions.first().map(String::as_str);
            public_keys::probe(region, now, self.plan.s3.profile.as_deref()).map_err(RunError::refused)?;
        }
        Ok(())
    }
}
