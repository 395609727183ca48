//! What came of exceptions and of the baseline, once the findings are known.

use crate::expect::Exception;
use crate::model::baseline::Baseline;
use crate::model::baseline::Known;
use crate::model::chains::Chains;
use crate::model::finding::Evidence;
use crate::model::time::Timestamp;

/// What came of exceptions and baseline.
#[derive(Clone, Debug, Default)]
pub struct Settled<'a> {
    /// Exceptions whose last day is over, and the findings that came back.
    pub(super) ended: Vec<Ended<'a>>,
    /// Exceptions that speak of nothing that was found.
    pub(super) unused: Vec<&'a Exception>,
    /// What the baseline knows and nobody found.
    pub(super) gone: Vec<&'a Known>,
    /// The baseline, when there is one.
    pub(super) baseline: Option<&'a Baseline>,
}

/// An exception whose last day is over.
#[derive(Clone, Debug)]
pub(super) struct Ended<'a> {
    pub(super) exception: &'a Exception,
    /// The last day it held: earlier than written for critical findings.
    pub(super) last_day: Timestamp,
    /// What came back.
    pub(super) back: Vec<Back>,
}

/// A finding that came back.
#[derive(Clone, Debug)]
pub(super) struct Back {
    pub(super) title: String,
    pub(super) evidence: Vec<Evidence>,
    pub(super) chain_ids: Chains,
}
