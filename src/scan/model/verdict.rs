//! Verdicts on single files, and the reasons for them.

use std::fmt;

/// What is known of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It is what CloudTrail delivered.
    Verified,
    /// Nothing speaks against it, and nothing proves it.
    NotVerifiable,
    /// It is not what CloudTrail delivered, or not where, or not there.
    Failed,
}

impl Verdict {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::NotVerifiable => "not_verifiable",
            Self::Failed => "failed",
        }
    }
}

/// Why a file is not verified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The signature does not fit.
    SignatureFailed,
    /// It was read elsewhere than its own text says.
    Moved,
    /// A digest file names it, and it is not there.
    NotFound,
    /// None of the public keys has this fingerprint.
    KeyNotFound {
        /// Where `ListPublicKeys` knows the key.
        region: String,
        /// The fingerprint that the digest file names.
        fingerprint: String,
    },
    /// It is no gzip file, or no digest file.
    InvalidFormat,
    /// Its hash is another one than the digest file says.
    HashMismatch,
    /// Bytes follow the first gzip member.
    TrailingBytes,
    /// It says something else of the digest file before it than that file's own signature proves.
    PreviousMismatch,
    /// No digest file names it, although the digest files of its time are there.
    NotInAnyDigest,
    /// Further digest files are missing that no digest file names.
    HoursMissing {
        /// How many hours.
        hours: u64,
    },
    /// No public keys were given.
    NoKeys,
    /// The signature is in the metadata of the S3 object, which a copy lacks, and in the next digest file, which is not
    /// here.
    SignatureUnknown,
    /// Others give so many signatures for its place that not all were tried, and none of those that were fits.
    SignatureNotTried,
    /// The hash fits, but the digest file that says so is not verifiable.
    DigestNotVerifiable,
    /// The digest file that names it failed.
    DigestFailed,
    /// It could not be read.
    Unreadable,
    /// It is newer than the newest digest file; the next one will name it.
    NotDigestedYet,
    /// No digest file that is here covers its time.
    NotCovered,
}

impl Reason {
    /// Returns the name used in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignatureFailed => "signature_failed",
            Self::Moved => "moved",
            Self::NotFound => "not_found",
            Self::KeyNotFound { .. } => "key_not_found",
            Self::InvalidFormat => "invalid_format",
            Self::HashMismatch => "hash_mismatch",
            Self::TrailingBytes => "trailing_bytes",
            Self::PreviousMismatch => "previous_mismatch",
            Self::NotInAnyDigest => "not_in_any_digest",
            Self::HoursMissing { .. } => "hours_missing",
            Self::NoKeys => "no_keys",
            Self::SignatureUnknown => "signature_unknown",
            Self::SignatureNotTried => "signature_not_tried",
            Self::DigestNotVerifiable => "digest_not_verifiable",
            Self::DigestFailed => "digest_failed",
            Self::Unreadable => "unreadable",
            Self::NotDigestedYet => "not_digested_yet",
            Self::NotCovered => "not_covered",
        }
    }

    /// Returns what follows from the reason.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::SignatureFailed
            | Self::Moved
            | Self::NotFound
            | Self::KeyNotFound { .. }
            | Self::InvalidFormat
            | Self::HashMismatch
            | Self::TrailingBytes
            | Self::PreviousMismatch
            | Self::NotInAnyDigest
            | Self::HoursMissing { .. } => Verdict::Failed,
            Self::NoKeys
            | Self::SignatureUnknown
            | Self::SignatureNotTried
            | Self::DigestNotVerifiable
            | Self::DigestFailed
            | Self::Unreadable
            | Self::NotDigestedYet
            | Self::NotCovered => Verdict::NotVerifiable,
        }
    }
}

impl fmt::Display for Reason {
    /// Writes the words that `aws cloudtrail validate-logs` uses, where it knows the case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyNotFound { region, fingerprint } => {
                return write!(f, "public key not found in region {region} for fingerprint {fingerprint}");
            }
            Self::HoursMissing { hours } => {
                return match hours {
                    1 => f.write_str("not found; the digest file of 1 more hour before it is missing, too"),
                    _ => write!(f, "not found; the digest files of {hours} more hours before it are missing, too"),
                };
            }
            Self::SignatureFailed => "signature verification failed",
            Self::Moved => "has been moved from its original location",
            Self::NotFound => "not found",
            Self::InvalidFormat => "invalid format",
            Self::HashMismatch => "hash value doesn't match",
            Self::TrailingBytes => "unexpected data after end of compressed stream",
            Self::PreviousMismatch => "does not fit the digest file before it",
            Self::NotInAnyDigest => "not in any digest",
            Self::NoKeys => "no public keys were given",
            Self::SignatureUnknown => {
                "its signature is not here: it stands in the metadata of the S3 object and in the next digest file"
            }
            Self::SignatureNotTried => {
                "more signatures are given for its place than were tried, and none of those fits"
            }
            Self::DigestNotVerifiable => "the hash matches, but the digest file is not verifiable",
            Self::DigestFailed => "the digest file that names it failed",
            Self::Unreadable => "could not be read",
            Self::NotDigestedYet => "newer than the newest digest file",
            Self::NotCovered => "no digest file that is here covers its time",
        })
    }
}
