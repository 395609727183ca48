//! Coverage: what was read, what was not, and why.

use std::fmt;

/// What is wrong with an object or a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefectKind {
    /// The object could not be opened or fetched.
    Unreadable,
    /// The object has no bytes, or nothing but white space.
    Empty,
    /// The compressed stream is corrupt.
    CorruptCompression,
    /// The compressed stream or the JSON ends too early.
    Truncated,
    /// The object holds something else than when it was read before.
    Changed,
    /// The object inflates past the limit.
    TooLarge,
    /// The object is not text in UTF-8.
    NotUtf8,
    /// The object is not JSON, or not the JSON that it claims to be.
    MalformedObject,
    /// One record is not a JSON object, is not valid JSON, or has an event time that is none.
    MalformedRecord,
    /// One record is larger than the limit.
    RecordTooLarge,
    /// One record is nested deeper than the limit.
    TooDeep,
    /// One record has neither event name nor event source.
    MissingField,
    /// The record has a shape that is known and not supported, such as aggregated events.
    Unsupported,
}

impl DefectKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Unreadable,
        Self::Changed,
        Self::Empty,
        Self::CorruptCompression,
        Self::Truncated,
        Self::TooLarge,
        Self::NotUtf8,
        Self::MalformedObject,
        Self::MalformedRecord,
        Self::RecordTooLarge,
        Self::TooDeep,
        Self::MissingField,
        Self::Unsupported,
    ];

    /// Reads the name used in reports.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Changed => "changed",
            Self::Empty => "empty",
            Self::CorruptCompression => "corrupt_compression",
            Self::Truncated => "truncated",
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::MalformedObject => "malformed_object",
            Self::MalformedRecord => "malformed_record",
            Self::RecordTooLarge => "record_too_large",
            Self::TooDeep => "too_deep",
            Self::MissingField => "missing_field",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for DefectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One piece of bad input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// The object, as the user named it: a path or an `s3://` address.
    pub object: String,
    /// The record inside the object, counted from 0; `None` when the object itself is defective.
    pub index: Option<u32>,
    /// What kind of defect it is.
    pub kind: DefectKind,
    /// What is wrong, in words. Never a quotation of the record.
    pub message: String,
}
