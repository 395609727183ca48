//! What can go wrong while inflating, whatever the packing.

use std::io;

use crate::model::coverage::DefectKind;

/// What went wrong while inflating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: DefectKind,
    pub(super) message: &'static str,
    /// Whether records may be missing for it.
    pub(super) loses_data: bool,
}

impl Fault {
    pub(super) const TOO_LARGE: Self = Self {
        kind: DefectKind::TooLarge,
        message: "inflates past the limit; the rest was not read",
        loses_data: true,
    };
    pub(super) const CUT: Self =
        Self { kind: DefectKind::Truncated, message: "the compressed stream ends too early", loses_data: true };
    pub(super) const CORRUPT: Self =
        Self { kind: DefectKind::CorruptCompression, message: "the compressed stream is corrupt", loses_data: true };
    pub(super) const UNREADABLE: Self =
        Self { kind: DefectKind::Unreadable, message: "reading the object failed", loses_data: true };
    pub(super) const TRAILING: Self = Self {
        kind: DefectKind::CorruptCompression,
        message: "bytes after the last gzip member that are not gzip",
        loses_data: false,
    };

    /// Names an error of a decoder. Never quotes it.
    pub(super) fn of(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::CUT } else { Self::CORRUPT }
    }
}
