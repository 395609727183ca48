//! What digest files prove, as programs read it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Text;
use super::Time;
use crate::model::integrity;
use crate::model::verdict::Reason;
use crate::text::redact::Shade;

/// How many files that failed a report lists.
const MAX_FAILURES: usize = 1000;

/// What CloudTrail's digest files prove about the log files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Integrity<'a> {
    /// `failed` when anything failed; `verified` when digest files were verified, nothing failed, and no account and region
    /// lost all its digest files; else `not_verifiable`.
    pub verdict: &'static str,
    /// How many public keys there were to check signatures with.
    pub public_keys: usize,
    /// Digest files, missing ones and backfill ones included.
    pub digests: Count,
    /// Log files that digest files name.
    pub logs: Count,
    /// Log files of accounts and regions without any digest file.
    pub logs_without_digests: u64,
    /// Those accounts and regions, as far as the names of the log files tell them.
    pub without_digests: Vec<Bare<'a>>,
    /// How many files are not verifiable, by kind and reason.
    pub not_verifiable: Vec<Unproved>,
    /// One for each trail, account and region, by account, region and name.
    pub trails: Vec<Trail<'a>>,
    /// Files that failed, by place; at most the first 1000.
    pub failures: Vec<File<'a>>,
    /// How many files failed.
    pub failures_total: u64,
}

/// How many files came to what.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Count {
    /// What CloudTrail delivered.
    pub verified: u64,
    /// Nothing speaks against them, and nothing proves them.
    pub not_verifiable: u64,
    /// Changed, moved, missing or not signed by CloudTrail.
    pub failed: u64,
}

/// The digest files of one trail in one account and region: one chain.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Trail<'a> {
    /// The account.
    pub account_id: Text<'a>,
    /// The region whose log files the digest files name.
    pub region: Text<'a>,
    /// The trail's name.
    pub trail: Text<'a>,
    /// The region that the trail was made in.
    pub home_region: Text<'a>,
    /// The begin of the oldest digest file.
    pub first: Option<Time>,
    /// The end of the newest digest file.
    pub last: Option<Time>,
    /// Digest files.
    pub digests: Count,
    /// Backfill digest files.
    pub backfill_digests: Count,
    /// Log files that they name.
    pub logs: Count,
    /// Log files whose hash fits, whatever is known of their digest file.
    pub hashes_matched: u64,
    /// Log files in no digest file, although the digest files of their time are there.
    pub not_in_any_digest: u64,
    /// Log files newer than the newest digest file.
    pub not_digested_yet: u64,
    /// Log files of hours without a digest file.
    pub not_covered: u64,
    /// Hours in which nothing was delivered, by digest files that are verified.
    pub hours_proven_empty: u64,
    /// Those hours; neighbors are joined.
    pub empty: Vec<Span>,
    /// When the chain began, or began anew after validation or logging was off.
    pub starts: Vec<Time>,
    /// True when the oldest digest file names an older one, which is not among what was read.
    pub has_older: bool,
    /// Hours without a digest file.
    pub gaps: Vec<Gap>,
}

/// Log files of one account and region of which there is not one digest file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Bare<'a> {
    /// The account.
    pub account_id: Text<'a>,
    /// The region.
    pub region: Text<'a>,
    /// How many log files.
    pub logs: u64,
    /// When the first one was delivered, by its name.
    pub first: Time,
    /// When the last one was delivered.
    pub last: Time,
    /// The trail whose digest files should be there: it wrote those of other accounts or regions in the same hours and the
    /// same folder. Null when nothing says that there ever were any.
    pub lost_by: Option<Text<'a>>,
}

/// Files against which nothing speaks, and which nothing proves.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unproved {
    /// `digest`, `backfill_digest` or `log`.
    pub kind: &'static str,
    /// Why, in one word.
    pub reason: &'static str,
    /// Why, in words.
    pub message: String,
    /// How many files.
    pub files: u64,
}

/// A span of time.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Span {
    /// Its begin.
    pub from: Time,
    /// Its end.
    pub to: Time,
}

/// Hours without a digest file.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// The end of what is covered before it.
    pub from: Time,
    /// The begin of what is covered after it.
    pub to: Time,
    /// Its length in hours, rounded.
    pub hours: u64,
    /// `missing`: digest files were there and are gone; `restarted`: validation or logging was off; `skipped`: CloudTrail
    /// wrote none; `ended`: there are log files, and no later digest file.
    pub kind: &'static str,
}

/// What became of one file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct File<'a> {
    /// `digest`, `backfill_digest` or `log`.
    pub kind: &'static str,
    /// Where it belongs, as `s3://bucket/key`; where it was read, when no digest file says.
    pub place: Text<'a>,
    /// Where it was read; null when it is missing.
    pub object: Option<Text<'a>>,
    /// `verified`, `not_verifiable` or `failed`.
    pub verdict: &'static str,
    /// Why it is not verified, in one word.
    pub reason: Option<&'static str>,
    /// The line that `aws cloudtrail validate-logs` writes.
    pub message: String,
    /// Its last words: why.
    #[serde(skip)]
    pub why: String,
}

impl<'a> Integrity<'a> {
    /// Makes the row.
    pub(in crate::report) fn new(integrity: &'a integrity::Integrity, shade: Shade) -> Self {
        let (digests, logs) = integrity.totals();
        let trails = integrity.trails.iter().filter(|trail| !trail.is_empty());
        let failures = integrity.failures().take(MAX_FAILURES);
        Self {
            verdict: integrity.verdict().name(),
            public_keys: integrity.keys,
            digests: Count::new(&digests),
            logs: Count::new(&logs),
            logs_without_digests: integrity.logs_without_digests,
            without_digests: integrity.bare.iter().map(|bare| Bare::new(bare, shade)).collect(),
            not_verifiable: integrity.unproved.iter().map(Unproved::new).collect(),
            trails: trails.map(|trail| Trail::new(trail, shade)).collect(),
            failures: failures.map(|file| File::new(file, shade)).collect(),
            failures_total: integrity.failures().map(|_| 1).sum(),
        }
    }
}

impl Unproved {
    fn new(((kind, reason), files): (&(integrity::FileKind, Reason), &u64)) -> Self {
        Self { kind: kind.name(), reason: reason.name(), message: reason.to_string(), files: *files }
    }
}

impl<'a> Bare<'a> {
    fn new(bare: &'a integrity::Bare, shade: Shade) -> Self {
        Self {
            account_id: shade.text(&bare.account),
            region: shade.text(&bare.region),
            logs: bare.logs,
            first: Time(bare.first),
            last: Time(bare.last),
            lost_by: bare.lost_by.as_deref().map(|trail| shade.text(trail)),
        }
    }
}

impl Count {
    fn new(count: &integrity::Count) -> Self {
        Self { verified: count.verified, not_verifiable: count.not_verifiable, failed: count.failed }
    }

    /// Returns how many there are in all.
    pub fn all(&self) -> u64 {
        self.verified + self.not_verifiable + self.failed
    }
}

impl<'a> Trail<'a> {
    /// Returns digest files of both kinds.
    pub(in crate::report) fn all_digests(&self) -> Count {
        let (digests, backfills) = (self.digests, self.backfill_digests);
        Count {
            verified: digests.verified + backfills.verified,
            not_verifiable: digests.not_verifiable + backfills.not_verifiable,
            failed: digests.failed + backfills.failed,
        }
    }

    fn new(trail: &'a integrity::TrailCheck, shade: Shade) -> Self {
        let span = |(from, to): &(_, _)| Span { from: Time(*from), to: Time(*to) };
        let gap = |gap: &integrity::DigestGap| Gap {
            from: Time(gap.from),
            to: Time(gap.to),
            hours: gap.hours(),
            kind: gap.kind.name(),
        };
        Self {
            account_id: shade.text(&trail.account),
            region: shade.text(&trail.region),
            trail: shade.text(&trail.trail),
            home_region: shade.text(&trail.home_region),
            first: trail.first.map(Time),
            last: trail.last.map(Time),
            digests: Count::new(&trail.digests),
            backfill_digests: Count::new(&trail.backfills),
            logs: Count::new(&trail.logs),
            hashes_matched: trail.hashes_matched,
            not_in_any_digest: trail.unlisted,
            not_digested_yet: trail.undigested,
            not_covered: trail.uncovered,
            hours_proven_empty: trail.hours_empty(),
            empty: trail.empty.iter().map(span).collect(),
            starts: trail.starts.iter().copied().map(Time).collect(),
            has_older: trail.has_older,
            gaps: trail.gaps.iter().map(gap).collect(),
        }
    }
}

impl<'a> File<'a> {
    /// Makes the row.
    pub(in crate::report) fn new(file: &'a integrity::FileCheck, shade: Shade) -> Self {
        Self {
            kind: file.kind.name(),
            place: shade.text(&file.place),
            object: file.object.as_deref().map(|object| shade.text(object)),
            verdict: file.verdict().name(),
            reason: file.reason.as_ref().map(Reason::name),
            message: shade.text(&file.to_string()).into_owned(),
            why: file.reason.as_ref().map(|reason| shade.text(&reason.to_string()).into_owned()).unwrap_or_default(),
        }
    }
}
