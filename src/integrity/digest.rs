//! One digest file: what it says, and the text that its signature signs.

use serde::Deserialize;
use sha2::Digest as _;
use sha2::Sha256;

use super::encoding;
use super::place;
use super::place::DigestName;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;
use crate::model::time::Timestamp;

/// A digest file, read.
#[derive(Clone, Debug)]
pub struct Digest {
    /// Where it was read.
    pub(super) object: String,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) name: DigestName,
    pub(super) is_backfill: bool,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) fingerprint: String,
    pub(super) previous: Option<Previous>,
    pub(super) logs: Vec<LogFile>,
    /// SHA-256 of its text.
    pub(super) sha256: [u8; 32],
    /// SHA-256 of what its signature signs.
    pub(super) signed: [u8; 32],
    /// Its signature, if S3 or a sidecar gave it.
    pub(super) signature: Option<Vec<u8>>,
    /// Its own text, its name or its bytes are not as they should be.
    pub(super) fault: Option<Fault>,
}

/// What is wrong with a digest file before any signature is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Moved,
    TrailingBytes,
    /// The signature that stands beside it is none.
    Signature,
}

/// What a digest file says of the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Previous {
    pub(super) place: String,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) hash: Option<Vec<u8>>,
    pub(super) signature: Option<Vec<u8>>,
}

/// A log file, as a digest file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogFile {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) hash: Vec<u8>,
}

/// What came of an object that stands where digest files stand, or is one.
#[derive(Clone, Debug)]
pub enum Reading {
    /// A digest file.
    Digest(Box<Digest>),
    /// It is none.
    InvalidFormat,
    /// It could not be read.
    Unreadable,
}

/// The keys that the AWS CLI requires, and the ones that it uses.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    digest_public_key_fingerprint: String,
    #[serde(rename = "digestS3Bucket")]
    bucket: String,
    #[serde(rename = "digestS3Object")]
    key: String,
    digest_start_time: String,
    digest_end_time: String,
    // The key must be there; its value may be null.
    #[serde(deserialize_with = "Option::deserialize")]
    previous_digest_signature: Option<String>,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_bucket: Option<String>,
    #[serde(rename = "previousDigestS3Object")]
    previous_key: Option<String>,
    previous_digest_hash_value: Option<String>,
    log_files: Vec<WireLog>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLog {
    #[serde(rename = "s3Bucket")]
    bucket: String,
    #[serde(rename = "s3Object")]
    key: String,
    hash_value: String,
}

/// The sidecar, when it is what `aws s3api head-object` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Head {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    signature: String,
}

/// Reads an object that is a digest file, or stands where they stand. `None` when it is neither.
pub fn read(receipt: &Receipt) -> Option<Reading> {
    if receipt.kind != Some(ObjectKind::Digest) {
        let is_known = receipt.kind.is_some() && receipt.content.is_some();
        let reading = if is_known { Reading::InvalidFormat } else { Reading::Unreadable };
        return place::is_digest(&receipt.object).then_some(reading);
    }
    let Some(content) = &receipt.content else { return Some(Reading::Unreadable) };
    let (Some(text), Some(sha256)) = (&content.digest, content.sha256) else { return Some(Reading::InvalidFormat) };
    let signature = content.signature.as_deref().map(signature);
    let Some(mut digest) = parse(text, sha256) else { return Some(Reading::InvalidFormat) };
    digest.object.clone_from(&receipt.object);
    digest.fault = match () {
        () if !place::is_at(&digest.object, &digest.bucket, &digest.key) => Some(Fault::Moved),
        () if content.has_trailing_bytes => Some(Fault::TrailingBytes),
        () if signature == Some(None) => Some(Fault::Signature),
        () => None,
    };
    digest.signature = signature.flatten();
    Some(Reading::Digest(Box::new(digest)))
}

fn parse(text: &[u8], sha256: [u8; 32]) -> Option<Digest> {
    let wire: Wire = serde_json::from_slice(text).ok()?;
    let signed = signed(&wire, &sha256);
    let logs = wire
        .log_files
        .into_iter()
        .map(|log| Some(LogFile { hash: encoding::hex(&log.hash_value)?, bucket: log.bucket, key: log.key }));
    let previous = wire.previous_bucket.zip(wire.previous_key).map(|(bucket, key)| Previous {
        place: address(&bucket, &key),
        bucket,
        key,
        hash: wire.previous_digest_hash_value.as_deref().and_then(encoding::hex),
        signature: wire.previous_digest_signature.as_deref().and_then(encoding::hex),
    });
    Some(Digest {
        object: String::new(),
        name: place::digest_name(&wire.key).unwrap_or_default(),
        is_backfill: place::is_backfill(&wire.key),
        start: Timestamp::parse_iso(&wire.digest_start_time)?,
        end: Timestamp::parse_iso(&wire.digest_end_time)?,
        fingerprint: wire.digest_public_key_fingerprint,
        previous,
        logs: logs.collect::<Option<_>>()?,
        sha256,
        signed,
        signature: None,
        fault: None,
        bucket: wire.bucket,
        key: wire.key,
    })
}

/// Hashes what the signature signs: end, place, hash of the text, and the signature of the digest file before it, each
/// exactly as written. (CloudTrail User Guide, "Custom implementations of CloudTrail log file integrity validation".)
fn signed(wire: &Wire, sha256: &[u8; 32]) -> [u8; 32] {
    let previous = wire.previous_digest_signature.as_deref().unwrap_or("null");
    let text =
        format!("{}\n{}/{}\n{}\n{previous}", wire.digest_end_time, wire.bucket, wire.key, encoding::to_hex(sha256));
    Sha256::digest(text).into()
}

/// Reads a signature: hexadecimal digits, or what `aws s3api head-object` prints.
fn signature(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    if text.starts_with('{') {
        let head: Head = serde_json::from_str(text).ok()?;
        return encoding::hex(&head.metadata.signature);
    }
    encoding::hex(text).filter(|signature| !signature.is_empty())
}

/// Returns the address of a bucket and key.
pub(super) fn address(bucket: &str, key: &str) -> String {
    format!("s3://{bucket}/{key}")
}

impl Digest {
    /// Returns where it belongs.
    pub(super) fn place(&self) -> String {
        address(&self.bucket, &self.key)
    }
}
