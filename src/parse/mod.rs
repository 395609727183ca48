//! What does this record say? Turns the text of one record into a [`Record`], and parts of it into nouns.
//!
//! There are two ways to read a record that give the same answer: [`walk`] is fast and declines what it cannot follow,
//! [`parse_careful`] goes through `serde_json`.

mod assumption;
#[cfg(test)]
mod assumption_tests;
mod change;
mod denial;
#[cfg(test)]
mod differential;
mod field;
mod identity;
mod issuance;
mod keys;
mod lenient;
mod masks;
mod skip;
mod slow;
mod text;
mod walk;

pub use assumption::{Assumption, Tags, assumption};
pub use change::{Change, ChangeKind, change, is_change};
pub use denial::{Denial, denial};
pub use identity::{Identity, SessionIssuer, identity};
pub use issuance::{Issuance, is_issuance};
pub use masks::Masks;
pub use skip::{Skipped, Skipper};
pub use slow::parse_careful;
pub use walk::{Walk, walk};

pub(crate) use field::is_envelope;
pub(crate) use keys::field_of;
pub(crate) use text::decode;

use crate::model::record::Record;

/// A record, and whether one of its keys shows that it is a CloudTrail record at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// What the record says.
    pub record: Record<'a>,
    /// True when `eventVersion`, `eventName`, `eventSource` or `userIdentity` is among the keys.
    pub recognised: bool,
}
