//! What records are in these bytes? Inflates, finds the records in whatever they are wrapped in, and parses each.
//!
//! [`read_object`] for objects in memory, [`read_stream`] for large ones. Both give the same records, the same defects and
//! the same kind. [`read_witnessed`] hashes what it reads, too.

#[cfg(test)]
mod chaos;
mod envelope;
mod fault;
mod gzip;
mod head;
#[cfg(test)]
mod hidden;
mod inflate;
mod items;
mod ledger;
mod limits;
mod machine;
mod object;
mod resync;
mod siblings;
mod stamp;
mod stream;
#[cfg(test)]
mod tests;
mod whole;
mod window;
mod witness;
mod zstandard;

pub use limits::Limits;
pub use object::read_object;
pub use stream::{read_stream, read_witnessed};
pub use whole::gunzip;
pub use whole::inflating;
pub use whole::read_limited;

use crate::model::record::ObjectKind;
use crate::parse::Pattern;

pub use head::NotJson;

/// What reading an object came to, beside the records and defects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSummary {
    /// What the object turned out to be.
    pub kind: ObjectKind,
    /// How many bytes of text were read from it.
    pub inflated_bytes: u64,
    /// Set when the text does not begin as JSON does.
    pub not_json: Option<NotJson>,
}

/// Buffers that one worker uses for one object after the other.
pub struct Scratch {
    inflater: libdeflater::Decompressor,
    inflated: Vec<u8>,
    window: Vec<u8>,
    pattern: Pattern,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            inflater: libdeflater::Decompressor::new(),
            inflated: Vec::new(),
            window: Vec::new(),
            pattern: Pattern::default(),
        }
    }
}
