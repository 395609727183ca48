//! What do the owners seem to expect? Drafts `rolechain.toml` from trust policies and from what the logs show.
//!
//! A draft is only as good as what it was made from, so every line says what it rests on, and nothing is learned from
//! what looks bad.

mod caller;
mod class;
mod dispute;
mod draft;
mod evidence;
mod ground;
mod guard;
mod holders;
mod issuer;
mod material;
mod parts;
mod quote;
mod repository;
mod role;
mod stranger;
mod subject;
mod write;

use crate::model::finding::Finding;
use crate::model::lineage::Lineage;
use crate::model::observations::Counts;
use crate::model::time::Timestamp;
use crate::trust::snapshot::Snapshot;

pub use draft::Draft;

/// What a draft is made from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// What the logs show; empty without logs.
    pub lineage: &'a Lineage,
    /// What an audit without expectations found in them, but for what is about the logs themselves.
    pub findings: &'a [&'a Finding],
    /// Trust policies, as other tools print them.
    pub snapshots: &'a [Snapshot],
    /// Assumptions before this moment were read only to find where sessions began.
    pub since: Option<Timestamp>,
    /// Assumptions from this moment on do not count.
    pub until: Option<Timestamp>,
}

/// How to write a draft.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Write the SHA-256 of external ids instead of the values.
    pub hash_external_ids: bool,
}

/// Says what of the logs could not be read, if anything: a draft rests on what was.
pub fn unread(counts: &Counts) -> Option<String> {
    ground::unread(counts)
}

/// Drafts the expectations.
pub fn draft(sources: &Sources<'_>, options: Options) -> Draft {
    draft::draft(sources, options)
}
