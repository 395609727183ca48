//! What do the digest files prove? Signatures, the chain of digests, and the hash of every log file they name.
//!
//! The order of a check: [`read`] each receipt, [`Case::gather`] what was read, ask [`Case::signed`] of each digest file
//! (this is the work, and may be done in parallel), then [`Case::judge`].

mod bare;
mod case;
mod chain;
mod digest;
mod encoding;
mod holding;
mod judge;
mod keys;
mod library;
mod logs;
mod nexts;
mod place;
mod sequence;
mod shelf;
mod strays;
mod unlisted;
mod writers;

use crate::model::time::HOUR;
use crate::model::time::Timestamp;

pub use case::Case;
pub use case::Signed;
pub use case::Wanted;
pub use digest::Digest;
pub use digest::Reading;
pub use digest::read;
pub use keys::KeyError;
pub use keys::Keys;

/// Which digest files are asked about, and how much is told.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only digest files that cover something after this moment. From here on none may be missing.
    pub since: Option<Timestamp>,
    /// Only digest files that begin before this moment, or within the hour after it: what happens late in an hour is
    /// delivered in the next.
    pub until: Option<Timestamp>,
    /// What lies before this moment was let go: nothing is asked about it, and nothing of it is missed.
    pub kept_since: Option<Timestamp>,
    /// Only these accounts; all when empty.
    pub accounts: Vec<String>,
    /// Only these regions; all when empty.
    pub regions: Vec<String>,
    /// Folders that could not be listed: what is missing there is not known to be missing.
    pub unreadable: Vec<String>,
    /// List all files, not only those that failed.
    pub lists_all: bool,
}

/// How long after the end of a window its log files may be delivered.
const LATE: i64 = HOUR;

impl Scope {
    fn has_trail(&self, account: &str, region: &str) -> bool {
        let fits = |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known == name);
        fits(&self.accounts, account) && fits(&self.regions, region)
    }

    fn has_span(&self, start: Timestamp, end: Timestamp) -> bool {
        let is_kept = self.kept_since.is_none_or(|kept| kept < end);
        is_kept && self.since.is_none_or(|since| since < end) && self.until.is_none_or(|until| start < until.plus(LATE))
    }

    fn has_moment(&self, moment: Timestamp) -> bool {
        let is_kept = self.kept_since.is_none_or(|kept| kept <= moment);
        is_kept && self.since.is_none_or(|since| since <= moment) && self.until.is_none_or(|until| moment < until)
    }
}
