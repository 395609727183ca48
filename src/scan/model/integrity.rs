//! Integrity: what CloudTrail's digest files prove about the log files, and what they do not.

use std::collections::BTreeMap;
use std::fmt;

use super::time::HOUR;
use super::time::Timestamp;
use super::verdict::Reason;
use super::verdict::Verdict;

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
    /// The end of the hours of a digest file, or when a log file was delivered; `None` when its name does not tell.
    pub time: Option<Timestamp>,
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
        hours(self.from, self.to)
    }
}

/// Returns how many hours lie between two moments, rounded.
fn hours(from: Timestamp, to: Timestamp) -> u64 {
    let hour = HOUR.unsigned_abs();
    (from.distance(to) + hour / 2) / hour
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
    /// Begin and end of the hours in which nothing was delivered, by digest files that are verified. Neighbors are joined.
    pub empty: Vec<(Timestamp, Timestamp)>,
    /// When chains began: at the first digest file, or anew after validation or logging was off.
    pub starts: Vec<Timestamp>,
    /// The oldest digest file names an older one, which lies before what was read.
    pub has_older: bool,
    /// Hours without a digest file.
    pub gaps: Vec<DigestGap>,
}

impl TrailCheck {
    /// Names the trail in the key of a finding.
    pub fn key(&self) -> [(&'static str, String); 3] {
        let named = |text: &String| if text.is_empty() { "unknown".to_owned() } else { text.clone() };
        [("account_id", named(&self.account)), ("region", named(&self.region)), ("trail", named(&self.trail))]
    }

    /// Says whether nothing was asked about it.
    pub fn is_empty(&self) -> bool {
        self.digests.all() + self.backfills.all() + self.logs.all() == 0 && self.gaps.is_empty()
    }

    /// Counts a digest file, and says of what kind it is.
    pub fn add_digest(&mut self, is_backfill: bool, verdict: Verdict) -> FileKind {
        let (kind, count) =
            if is_backfill { (FileKind::Backfill, &mut self.backfills) } else { (FileKind::Digest, &mut self.digests) };
        count.add(verdict);
        kind
    }

    /// Returns how many hours are proven to be empty, rounded.
    pub fn hours_empty(&self) -> u64 {
        self.empty.iter().map(|(from, to)| hours(*from, *to)).sum()
    }

    /// Says whether anything of it failed.
    pub fn is_failed(&self) -> bool {
        let files = self.digests.failed + self.backfills.failed + self.logs.failed;
        files + self.unlisted > 0 || self.gaps.iter().any(|gap| gap.kind == GapKind::Missing)
    }
}

/// Log files of one account and region of which there is not one digest file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bare {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many log files.
    pub logs: u64,
    /// The delivery of the first one.
    pub first: Timestamp,
    /// The delivery of the last one.
    pub last: Timestamp,
    /// The trail whose digest files should be there, because it wrote those of other accounts or regions in the same
    /// hours and the same folder. `None` when nothing says that there ever were any.
    pub lost_by: Option<String>,
}

/// What the check of digest files came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// How many public keys there were.
    pub keys: usize,
    /// Trails, by account, region and name.
    pub trails: Vec<TrailCheck>,
    /// Files that failed, and if asked for the others too: sorted by place.
    pub files: Vec<FileCheck>,
    /// How many files are not verifiable, by kind and reason.
    pub unproved: BTreeMap<(FileKind, Reason), u64>,
    /// Files in the place of digest files whose name does not tell the trail.
    pub strays: Count,
    /// Log files of accounts and regions without any digest file.
    pub logs_without_digests: u64,
    /// Those accounts and regions, where the names of the files tell them, in order.
    pub bare: Vec<Bare>,
}

impl Integrity {
    /// Notes what became of a file. Only those that failed are kept one by one, unless all are asked for: a year of an
    /// organization has many millions.
    pub fn note(&mut self, file: FileCheck, keeps_all: bool) {
        let verdict = file.verdict();
        if let Some(reason) = file.reason.as_ref().filter(|_| verdict == Verdict::NotVerifiable) {
            *self.unproved.entry((file.kind, reason.clone())).or_default() += 1;
        }
        if keeps_all || verdict == Verdict::Failed {
            self.files.push(file);
        }
    }

    /// Says whether anything failed.
    pub fn is_failed(&self) -> bool {
        self.strays.failed > 0 || self.trails.iter().any(TrailCheck::is_failed)
    }

    /// Returns the accounts and regions that lost all their digest files, while others have theirs.
    pub fn lost(&self) -> impl Iterator<Item = &Bare> {
        self.bare.iter().filter(|bare| bare.lost_by.is_some())
    }

    /// Says whether there are log files and not one digest file: nothing is proven, and nothing can be.
    pub fn is_without_digests(&self) -> bool {
        let beside: u64 = self.trails.iter().map(|trail| trail.unlisted + trail.undigested + trail.uncovered).sum();
        self.totals().0.all() == 0 && self.logs_without_digests + beside > 0
    }

    /// Says whether nobody may rest on it: something failed, or there are log files and no digest file at all, or none of
    /// an account and region that must have had some.
    pub fn is_unproved(&self) -> bool {
        self.is_failed() || self.is_without_digests() || self.lost().next().is_some()
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

    /// Returns the verdict on the whole: failed when anything failed, verified when digest files were, none failed, and no
    /// account and region lost all of its own.
    pub fn verdict(&self) -> Verdict {
        let (digests, _) = self.totals();
        match () {
            () if self.is_failed() => Verdict::Failed,
            () if digests.verified > 0 && self.lost().next().is_none() => Verdict::Verified,
            () => Verdict::NotVerifiable,
        }
    }

    /// Returns the files that failed, in order.
    pub fn failures(&self) -> impl Iterator<Item = &FileCheck> {
        self.files.iter().filter(|file| file.verdict() == Verdict::Failed)
    }
}
