//! In force: what the trust policies said when something happened, worked out when the first rule asks.

use std::cell::OnceCell;

use crate::model::lineage::Lineage;
use crate::trust::observed;
use crate::trust::observed::Observed;
use crate::trust::snapshot::Snapshot;
use crate::trust::timeline::Timelines;

/// The trust policies of every role that a log or a snapshot speaks of, and the requests that they had to decide.
#[derive(Debug)]
pub struct InForce<'a> {
    lineage: &'a Lineage,
    snapshots: &'a [Snapshot],
    timelines: OnceCell<Timelines<'a>>,
    observed: OnceCell<Vec<Observed<'a>>>,
}

impl<'a> InForce<'a> {
    /// Takes what is known; nothing is worked out yet.
    pub(super) fn new(lineage: &'a Lineage, snapshots: &'a [Snapshot]) -> Self {
        Self { lineage, snapshots, timelines: OnceCell::new(), observed: OnceCell::new() }
    }

    /// Returns the snapshots.
    pub fn snapshots(&self) -> &'a [Snapshot] {
        self.snapshots
    }

    /// Returns the policies of each role over time.
    pub fn timelines(&self) -> &Timelines<'a> {
        self.timelines.get_or_init(|| Timelines::new(self.lineage, self.snapshots))
    }

    /// Returns every granted assumption of a role, as the request that IAM had before it, in order of time.
    ///
    /// Costs an allocation or two for each session: ask only when some policy is known.
    pub fn observed(&self) -> &[Observed<'a>] {
        self.observed.get_or_init(|| observed::all(self.lineage))
    }
}
