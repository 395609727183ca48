//! Receipts: what reading one object came to. The ledger of a store and the check of digests are made of them.

use std::collections::BTreeMap;

use super::coverage::AsideKind;
use super::record::ObjectKind;

/// What reading one object came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The object, as reports call it: a path or an `s3://` address.
    pub object: String,
    /// What changes when the object changes: its `ETag`, or when the file was written. `None` for standard input.
    pub version: Option<String>,
    /// The size that listing told; 0 when it was not known before reading.
    pub size: u64,
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// Bytes after inflating.
    pub inflated_bytes: u64,
    /// What it turned out to be; `None` when it could not be opened or fetched, so that it must be tried again.
    pub kind: Option<ObjectKind>,
    /// Records that were new.
    pub unique: u64,
    /// Records seen before.
    pub duplicate: u64,
    /// Records that are not what a record should be.
    pub malformed: u64,
    /// Records of a known shape that carries nothing for us.
    pub unsupported: u64,
    /// Pieces of bad input in it.
    pub defects: u64,
    /// What was set aside in it, by kind.
    pub set_aside: BTreeMap<AsideKind, u64>,
    /// What the check of digests needs, when it was asked for; `None` too when the object could not be fetched to its
    /// end, so that nothing can be said of it.
    pub content: Option<Content>,
}

/// What the check of digests needs of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// SHA-256 of the first member of the gzip stream, inflated: what a digest file says of a log file. `None` when the
    /// stream is corrupt or cut, or packed twice.
    pub sha256: Option<[u8; 32]>,
    /// True when bytes follow the first gzip member: CloudTrail never writes any.
    pub has_trailing_bytes: bool,
    /// The inflated text, when the object is a digest file.
    pub digest: Option<Vec<u8>>,
    /// The `signature` of the object's metadata: hexadecimal, only known from S3 or a sidecar.
    pub signature: Option<String>,
}
