//! What does this record say? Turns the text of one record into a [`Record`], and parts of it into nouns.
//!
//! There are two ways to read a record that give the same answer: [`walk()`] is fast and declines what it cannot follow,
//! [`parse_careful`] goes through `serde_json`.

mod addendum;
mod assumption;
mod change;
#[cfg(test)]
mod differential;
mod ends;
mod field;
mod identity;
mod identity_fields;
mod keys;
mod nested;
mod network;
mod object;
mod pattern;
mod quick;
mod quick_identity;
#[cfg(test)]
mod quick_tests;
mod skip;
mod slow;
mod text;
mod walk;
mod wire;

pub use addendum::{Addendum, addendum};
pub use assumption::{Assumption, assumption, issuing_call};
pub use change::{Change, change, change_calls, is_change};
pub use identity::{identity, identity_and_fault};
pub use identity_fields::Identity;
pub use network::is_second_record;
pub use pattern::Pattern;
pub use skip::{Skipped, Skipper};
pub use slow::parse_careful;
pub use walk::{Walk, walk};

pub(crate) use ends::plain_string_end;
pub(crate) use field::is_envelope;
pub(crate) use field::is_of_digest;
pub(crate) use keys::field_of;
pub(crate) use text::decode;

use crate::model::record::Record;

/// A record, and whether one of its keys shows that it is a CloudTrail record at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// What the record says.
    pub record: Record<'a>,
    /// True when `eventVersion`, `eventName`, `eventSource` or `userIdentity` is among the keys.
    pub recognized: bool,
    /// True when one of its keys is that of an envelope and holds an array of objects.
    pub holds_records: bool,
}
