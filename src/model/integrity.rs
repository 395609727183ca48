//! Integrity: what CloudTrail's digest files prove about the log files, and what they do not.

use std::fmt;

use super::time::Timestamp;

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
                return write!(f, "not found; the digest files of {hours} more hours before it are missing, too");
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
            Self::DigestNotVerifiable => "the hash matches, but the digest file is not verifiable",
            Self::DigestFailed => "the digest file that names it failed",
            Self::Unreadable => "could not be read",
            Self::NotDigestedYet => "newer than the newest digest file",
            Self::NotCovered => "no digest file that is here covers its time",
        })
    }
}

/// What kind of file was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A digest file.
    Digest,
    /// A digest file that CloudTrail made later, for hours that it had missed.
    Backfill,
    /// A log file.
    Log,
}

impl FileKind {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Backfill => "backfill_digest",
            Self::Log => "log",
        }
    }
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileCheck {
    /// The place that digest files give to it, as `s3://bucket/key`; where it was read, when none does.
    pub place: String,
    /// What kind of file it is.
    pub kind: FileKind,
    /// Why it is not verified; `None` when it is.
    pub reason: Option<Reason>,
    /// Where it was read; `None` when it is missing.
    pub object: Option<String>,
    /// The trail it belongs to, by position in [`Integrity::trails`]; `None` when its name does not tell.
    pub trail: Option<usize>,
}

impl FileCheck {
    /// Returns what is known of it.
    pub fn verdict(&self) -> Verdict {
        self.reason.as_ref().map_or(Verdict::Verified, Reason::verdict)
    }
}

impl fmt::Display for FileCheck {
    /// Writes the line that `aws cloudtrail validate-logs` writes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            FileKind::Digest => "Digest file",
            FileKind::Backfill => "(backfill) Digest file",
            FileKind::Log => "Log file",
        };
        write!(f, "{kind}\t{}\t", self.place)?;
        match &self.reason {
            None => f.write_str("valid"),
            Some(reason) if reason.verdict() == Verdict::Failed => write!(f, "INVALID: {reason}"),
            Some(reason) => write!(f, "not verifiable: {reason}"),
        }
    }
}

/// How many files came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Verified.
    pub verified: u64,
    /// Not verifiable.
    pub not_verifiable: u64,
    /// Failed.
    pub failed: u64,
}

impl Count {
    /// Counts one file.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Verified => self.verified += 1,
            Verdict::NotVerifiable => self.not_verifiable += 1,
            Verdict::Failed => self.failed += 1,
        }
    }

    /// Adds another count.
    pub fn merge(&mut self, other: &Self) {
        self.verified += other.verified;
        self.not_verifiable += other.not_verifiable;
        self.failed += other.failed;
    }

    /// Returns how many there are in all.
    pub fn all(&self) -> u64 {
        self.verified + self.not_verifiable + self.failed
    }
}

/// Why hours are not covered by digest files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// Digest files are missing that were there.
    Missing,
    /// The chain begins anew after it: validation or logging was off.
    Restarted,
    /// The chain goes on after it, as CloudTrail wrote it, without digest files for these hours.
    Skipped,
    /// There are log files, and no later digest file.
    Ended,
}

impl GapKind {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Restarted => "restarted",
            Self::Skipped => "skipped",
            Self::Ended => "ended",
        }
    }
}

/// Hours of a trail that no digest file covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigestGap {
    /// The end of what is covered before it.
    pub from: Timestamp,
    /// The begin of what is covered after it.
    pub to: Timestamp,
    /// Why.
    pub kind: GapKind,
}

impl DigestGap {
    /// Returns its length in hours, rounded.
    pub fn hours(&self) -> u64 {
        (self.from.distance(self.to) + 1_800) / 3_600
    }
}

/// One trail in one account and region: its digest files are one chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrailCheck {
    /// The account.
    pub account: String,
    /// The region whose log files the digests name.
    pub region: String,
    /// The trail's name.
    pub trail: String,
    /// The region that the trail was made in.
    pub home_region: String,
    /// Digest files, missing ones included.
    pub digests: Count,
    /// Backfill digest files.
    pub backfills: Count,
    /// Log files that digest files name.
    pub logs: Count,
    /// Log files whose hash fits, whatever is known of their digest file.
    pub hashes_matched: u64,
    /// Log files in no digest file, although those of their time are there.
    pub unlisted: u64,
    /// Log files newer than the newest digest file.
    pub undigested: u64,
    /// Log files of hours without a digest file.
    pub uncovered: u64,
    /// The begin of the oldest digest file.
    pub first: Option<Timestamp>,
    /// The end of the newest digest file.
    pub last: Option<Timestamp>,
    /// Begin and end of the hours in which nothing was delivered, by digest files that are verified. Neighbours are joined.
    pub empty: Vec<(Timestamp, Timestamp)>,
    /// When chains began: at the first digest file, or anew after validation or logging was off.
    pub starts: Vec<Timestamp>,
    /// The oldest digest file names an older one, which lies before what was read.
    pub has_older: bool,
    /// Hours without a digest file.
    pub gaps: Vec<DigestGap>,
}

impl TrailCheck {
    /// Says whether nothing was asked about it.
    pub fn is_empty(&self) -> bool {
        self.digests.all() + self.backfills.all() + self.logs.all() == 0 && self.gaps.is_empty()
    }

    /// Returns how many hours are proven to be empty, rounded.
    pub fn hours_empty(&self) -> u64 {
        self.empty.iter().map(|(from, to)| (from.distance(*to) + 1_800) / 3_600).sum()
    }

    /// Says whether anything of it failed.
    pub fn is_failed(&self) -> bool {
        let files = self.digests.failed + self.backfills.failed + self.logs.failed;
        files + self.unlisted > 0 || self.gaps.iter().any(|gap| gap.kind == GapKind::Missing)
    }
}

/// What the check of digest files came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// How many public keys there were.
    pub keys: usize,
    /// Trails, by account, region and name.
    pub trails: Vec<TrailCheck>,
    /// Files that are not verified, and if asked for the others too: sorted by place.
    pub files: Vec<FileCheck>,
    /// Files in the place of digest files whose name does not tell the trail.
    pub strays: Count,
    /// Log files of accounts and regions without any digest file.
    pub logs_without_digests: u64,
}

impl Integrity {
    /// Says whether anything failed.
    pub fn is_failed(&self) -> bool {
        self.strays.failed > 0 || self.trails.iter().any(TrailCheck::is_failed)
    }

    /// Returns digest files, backfill and stray ones included, then log files.
    pub fn totals(&self) -> (Count, Count) {
        let (mut digests, mut logs) = (self.strays, Count::default());
        for trail in &self.trails {
            digests.merge(&trail.digests);
            digests.merge(&trail.backfills);
            logs.merge(&trail.logs);
        }
        (digests, logs)
    }

    /// Returns the verdict on the whole: failed when anything failed, verified when digest files were and none failed.
    pub fn verdict(&self) -> Verdict {
        let (digests, _) = self.totals();
        match () {
            () if self.is_failed() => Verdict::Failed,
            () if digests.verified > 0 => Verdict::Verified,
            () => Verdict::NotVerifiable,
        }
    }

    /// Returns the files that failed, in order.
    pub fn failures(&self) -> impl Iterator<Item = &FileCheck> {
        self.files.iter().filter(|file| file.verdict() == Verdict::Failed)
    }
}
