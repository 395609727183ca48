//! Findings: judged statements, folded over what they are about, with the events that prove them.

use std::collections::BTreeMap;

use super::acceptance::Acceptance;
use super::acceptance::MAX_CRITICAL_DAYS;
use super::chains::Chains;
use super::time::DAY;
use super::time::Timestamp;

/// How much harm is done if the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Hygiene.
    Low,
    /// To be looked at.
    Medium,
    /// To be looked at today.
    High,
    /// To be looked at now.
    Critical,
}

impl Severity {
    /// Every severity, the worst first.
    pub const WORST_FIRST: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the name used in reports.
    pub fn parse(text: &str) -> Option<Self> {
        Self::WORST_FIRST.into_iter().find(|severity| severity.name() == text)
    }

    /// Returns the next worse severity.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

    /// Returns the last day on which a finding of this severity is accepted, whatever else was written.
    pub fn last_day(self, basis: Basis, created: Timestamp, expires: Timestamp) -> Timestamp {
        if self == Self::Critical && basis == Basis::Proof {
            return expires.min(created.plus(MAX_CRITICAL_DAYS * DAY));
        }
        expires
    }

    /// Returns the next milder severity.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium => Self::Low,
            Self::Low | Self::Info => Self::Info,
        }
    }
}

/// How sure the finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely.
    Medium,
    /// Certain, or nearly so.
    High,
}

impl Confidence {
    /// Every confidence, the surest first.
    pub const SUREST_FIRST: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What the finding rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// It follows from what AWS guarantees.
    Proof,
    /// It contradicts an expectation, a snapshot or a known pattern.
    Match,
    /// It has not been seen before.
    Novelty,
    /// It looks like something.
    Heuristic,
}

impl Basis {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::Match => "match",
            Self::Novelty => "novelty",
            Self::Heuristic => "heuristic",
        }
    }
}

/// Whom a rule is for. Each persona is also shown what the ones before it are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Persona {
    /// Whoever has to act.
    Regular,
    /// Whoever wants it tidy: hygiene without a present danger.
    Pedantic,
    /// Whoever has to account for everything: facts that call for nothing by themselves.
    Auditor,
}

impl Persona {
    /// Every persona, the one who is shown least first.
    pub const ALL: [Self; 3] = [Self::Regular, Self::Pedantic, Self::Auditor];

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Pedantic => "pedantic",
            Self::Auditor => "auditor",
        }
    }
}

/// Where a finding stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Not known before; every finding of a run without a store.
    New,
    /// Still there.
    Ongoing,
    /// There again after it was dormant or resolved.
    Reopened,
    /// Not seen for some covered days: age alone ends nothing.
    Dormant,
    /// No longer found, although its days are still kept: its cause is gone.
    Resolved,
    /// An exception of the expectations file covers it, or a baseline does.
    Excepted,
}

impl Status {
    /// Reads the name used in reports.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::New, Self::Ongoing, Self::Reopened, Self::Dormant, Self::Resolved, Self::Excepted]
            .into_iter()
            .find(|status| status.name() == text)
    }

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Ongoing => "ongoing",
            Self::Reopened => "reopened",
            Self::Dormant => "dormant",
            Self::Resolved => "resolved",
            Self::Excepted => "excepted",
        }
    }
}

/// After so many covered days, what was never seen before is worth a word.
pub const LEARNING_DAYS: usize = 14;

/// What is known of earlier days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The days with records, as days since 1970-01-01, in order.
    pub covered_days: Vec<i32>,
    /// The objects that were gone before they could be read, in order.
    pub lost: Vec<String>,
    /// How many objects this run added to the store; `None` when it only looked.
    pub new_objects: Option<u64>,
}

impl History {
    /// Counts the covered days after one day and up to another.
    pub fn days_between(&self, after: i64, up_to_day: i64) -> usize {
        let up_to = |last: i64| self.covered_days.partition_point(|day| i64::from(*day) <= last);
        up_to(up_to_day).saturating_sub(up_to(after))
    }
}

/// Every part that the keys of findings are made of, in order: what an exception may match.
pub const KEY_PARTS: &[&str] = &[
    "access_key_id",
    "account_id",
    "action",
    "audience",
    "breadth",
    "caller",
    "caller_account_id",
    "change",
    "circle",
    "context",
    "defect",
    "detection",
    "entry_role_arn",
    "event_source",
    "file",
    "gap",
    "input",
    "issuer",
    "kind",
    "match",
    "origin",
    "origin_kind",
    "other_account_id",
    "owner",
    "path",
    "policy",
    "principal_arn",
    "provider",
    "reason",
    "region",
    "repository",
    "role_arn",
    "run_id",
    "subject",
    "tag",
    "target",
    "task",
    "trail",
];

/// One event that proves a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// When it happened.
    pub event_time: Option<Timestamp>,
    /// `eventID`.
    pub event_id: Option<String>,
    /// The object that holds the record.
    pub object: Option<String>,
}

/// What a rule says about one occurrence. The audit folds matches of equal key into one [`Finding`].
#[derive(Clone, Debug)]
pub struct Match {
    /// What it is about, such as `role_arn` and `subject`. Never a time, an event id, a file or a run.
    pub key: Vec<(&'static str, String)>,
    /// How much harm.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it rests on.
    pub basis: Basis,
    /// One line, without a full stop, that names what was found and about whom.
    pub title: String,
    /// What happened, in one to three sentences, so that a stranger understands it.
    pub message: String,
    /// What to do, when the rule's own text can be made more exact.
    pub remediation: Option<String>,
    /// How many occurrences the match stands for; usually 1.
    pub count: u64,
    /// The events that prove it. Never empty for matches about events.
    pub evidence: Vec<Evidence>,
    /// The chains it is about.
    pub chain_ids: Chains,
}

/// A finding: all matches of one rule with the same key.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How much harm, as the owners grade it.
    pub severity: Severity,
    /// How much harm by the rule itself, when the owners gave another grade.
    pub regraded_from: Option<Severity>,
    /// How sure.
    pub confidence: Confidence,
    /// What it rests on.
    pub basis: Basis,
    /// One line.
    pub title: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub remediation: String,
    /// Where to read more.
    pub references: Vec<String>,
    /// What it is about.
    pub key: BTreeMap<String, String>,
    /// A versioned hash of rule and key.
    pub fingerprint: String,
    /// How many occurrences.
    pub count: u64,
    /// The earliest evidence.
    pub first_seen: Option<Timestamp>,
    /// The latest evidence.
    pub last_seen: Option<Timestamp>,
    /// The chains it is about.
    pub chain_ids: Chains,
    /// How many of them reports list: all, unless findings about the same chains would repeat them again and again.
    pub listed_chains: usize,
    /// At most five events, the first and the last included.
    pub evidence: Vec<Evidence>,
    /// Where it stands in its life.
    pub status: Status,
    /// Why it is excepted, when it is.
    pub exception: Option<Acceptance>,
}

impl Finding {
    /// Says whether somebody should still do something about it: it is neither accepted nor gone.
    pub fn is_open(&self) -> bool {
        !matches!(self.status, Status::Excepted | Status::Resolved)
    }
}
