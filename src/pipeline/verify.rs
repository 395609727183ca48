//! The check of digest files, after a scan that kept receipts with contents: signatures in parallel, then the verdict.

use rayon::prelude::*;

use super::Plan;
use super::Scanned;
use crate::integrity;
use crate::integrity::Case;
use crate::integrity::Keys;
use crate::integrity::Scope;
use crate::integrity::Signed;
use crate::model::coverage::DefectKind;
use crate::model::integrity::Integrity;
use crate::model::receipt::Receipt;

/// The digest files of a scan, read and ready to be checked.
#[derive(Debug)]
pub struct Verification {
    /// The digest files.
    pub case: Case,
    /// Which of them are asked about.
    pub scope: Scope,
    receipts: Vec<Receipt>,
}

impl Verification {
    /// Reads the digest files that a scan with [`Hooks::contents`](super::Hooks) kept, and takes its receipts.
    pub fn new(scanned: &mut Scanned, plan: &Plan, lists_verified: bool) -> Self {
        let mut receipts = std::mem::take(&mut scanned.receipts);
        let readings: Vec<_> = receipts
            .par_iter_mut()
            .filter_map(|receipt| {
                let reading = integrity::read(receipt)?;
                // It has been read: many digest files in memory twice are one time too often.
                if let Some(content) = &mut receipt.content {
                    content.digest = None;
                }
                Some((receipt.object.clone(), reading))
            })
            .collect();
        let is_folder = |kind: DefectKind, index: Option<u32>| kind == DefectKind::Unreadable && index.is_none();
        let defects = scanned.observations.defects.iter();
        let scope = Scope {
            since: plan.filter.since,
            until: plan.filter.until,
            accounts: plan.filter.accounts.clone(),
            regions: plan.filter.regions.clone(),
            unreadable: defects
                .filter(|defect| is_folder(defect.kind, defect.index))
                .map(|defect| defect.object.clone())
                .collect(),
            lists_verified,
        };
        Self { case: Case::gather(readings), scope, receipts }
    }

    /// Checks everything with these keys.
    pub fn check(&self, keys: &Keys) -> Integrity {
        let signed: Vec<Signed> = (0..self.case.len()).into_par_iter().map(|at| self.case.signed(at, keys)).collect();
        self.case.judge(&self.receipts, &signed, keys, &self.scope)
    }
}
