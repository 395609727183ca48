//! The check of digest files, after a scan that kept receipts with contents: signatures in parallel, then the verdict.

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use super::plan::Check;
use super::plan::Plan;
use super::plan::RunError;
use super::scan::Progress;
use super::scan::Scanned;
use super::scan::Span;
use super::scan::Stored;
use crate::integrity;
use crate::integrity::Case;
use crate::integrity::Keys;
use crate::integrity::Scope;
use crate::integrity::Signed;
use crate::model::coverage::DefectKind;
use crate::model::integrity::Integrity;
use crate::model::receipt::Receipt;
use crate::source::public_keys;

/// Checks the digest files of a scan that kept contents.
pub(super) fn check(
    scanned: &mut Scanned,
    plan: &Plan,
    check: &Check,
    progress: &dyn Progress,
) -> Result<Integrity, RunError> {
    progress.phase("checking digest files and signatures");
    let verification = Verification::new(scanned, plan, check.lists_all);
    let mut keys = check.keys.clone();
    if check.asks_for_keys {
        progress.phase("asking CloudTrail for its public keys");
        for wanted in verification.case.wanted(&keys, &verification.scope) {
            let listed = public_keys::list(&wanted.region, wanted.from, plan.s3.profile.as_deref())?;
            for (at, (der, fingerprint)) in listed.into_iter().enumerate() {
                keys.add(&der, fingerprint.as_deref(), at + 1)
                    .map_err(|reason| RunError::BadKey { region: wanted.region.clone(), reason })?;
            }
        }
    }
    Ok(verification.check(&keys))
}

/// The digest files of a scan, read and ready to be checked.
#[derive(Debug)]
pub struct Verification {
    /// The digest files.
    pub case: Case,
    /// Which of them are asked about.
    pub scope: Scope,
    receipts: Vec<Receipt>,
    threads: usize,
}

impl Verification {
    /// Reads the digest files that a scan with [`Hooks::contents`](super::Hooks) kept, and takes its receipts.
    pub fn new(scanned: &mut Scanned, plan: &Plan, lists_all: bool) -> Self {
        let mut receipts = std::mem::take(&mut scanned.receipts);
        let read = |receipt: &mut Receipt| {
            let reading = integrity::read(receipt)?;
            // It has been read: many digest files in memory twice are one time too often.
            if let Some(content) = &mut receipt.content {
                content.digest = None;
            }
            Some((receipt.object.clone(), reading))
        };
        let readings: Vec<_> = on_threads(plan.threads, || receipts.par_iter_mut().filter_map(read).collect());
        let is_folder = |kind: DefectKind, index: Option<u32>| kind == DefectKind::Unreadable && index.is_none();
        let defects = scanned.observations.defects.iter();
        let typed = Span { since: plan.filter.since, until: plan.filter.until };
        let Stored { span, kept_since } = scanned.stored.unwrap_or(Stored { span: typed, kept_since: None });
        let scope = Scope {
            since: span.since,
            until: span.until,
            kept_since,
            accounts: plan.filter.accounts.clone(),
            regions: plan.filter.regions.clone(),
            unreadable: defects
                .filter(|defect| is_folder(defect.kind, defect.index))
                .map(|defect| defect.object.clone())
                .collect(),
            lists_all,
        };
        Self { case: Case::gather(readings), scope, receipts, threads: plan.threads }
    }

    /// Checks everything with these keys.
    pub fn check(&self, keys: &Keys) -> Integrity {
        let all = 0..self.case.len();
        let signed: Vec<Signed> =
            on_threads(self.threads, || all.into_par_iter().map(|at| self.case.signed(at, keys)).collect());
        self.case.judge(&self.receipts, &signed, keys, &self.scope)
    }
}

/// Works on so many threads; 0 for one per core.
pub(super) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        // A system that gives no threads still has this one.
        Err(_) => work(),
    }
}
