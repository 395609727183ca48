//! Chains: origin → hops → what the last session did; and what they are folded into.

use std::fmt;

use super::symbols::Sym;
use super::time::Timestamp;

/// How sure it is that a hop belongs to its parent, or activity to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// Access key, principal id and creation time agree (or the record itself names the origin).
    Exact,
    /// Principal id and creation time agree; the key is not usable.
    Strong,
    /// One candidate by principal id inside the validity window.
    Probable,
    /// Several candidates: all listed, none chosen.
    Ambiguous,
    /// The issuance is not in these logs.
    Missing,
}

impl LinkKind {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Strong => "strong",
            Self::Probable => "probable",
            Self::Ambiguous => "ambiguous",
            Self::Missing => "missing",
        }
    }
}

/// Names a [`Session`] of one lineage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u32);

/// A run of one of a lineage's lists of sessions, in order of issue. All that a run fits share it, so that nobody has a
/// copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// Which list.
    pub list: u32,
    /// The place of the first session.
    pub start: u32,
    /// The place after the last session.
    pub end: u32,
}

/// The sessions that fit a link, when several do: some of a lineage's runs, from one place to another. No session is in
/// two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Candidates {
    /// The place of the first run.
    pub start: u32,
    /// The place after the last run.
    pub end: u32,
}

/// Why a hop is attached to its parent, or activity to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// How sure.
    pub kind: LinkKind,
    /// What agreed, in the words of reports: `access_key`, `principal_id`, `creation_time`, `validity_window`, …
    pub matched_on: &'static [&'static str],
    /// The sessions that fit, when several do. The session itself, if among them, is not meant.
    pub candidates: Option<Candidates>,
}

impl Link {
    /// Makes a link that needs no candidates.
    pub fn new(kind: LinkKind, matched_on: &'static [&'static str]) -> Self {
        Self { kind, matched_on, candidates: None }
    }
}

/// A named reason why a chain is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// The session was issued before the first record of its account, or before the window.
    IssuedBeforeWindow,
    /// The account where the issuance would stand has no records here.
    AccountNotCovered,
    /// The account is covered, and yet the issuance is not in its records.
    IssuanceMissing,
    /// A service delivered the key; STS logs no issuance under it.
    ServiceDeliveredKey,
    /// CloudTrail logs no issuance for sessions of this kind, such as console sign-in.
    IssuanceNotLogged,
    /// Only the role owner's copy of a cross-account call is here; the caller's copy would name the key.
    CallerCopyMissing,
    /// The record that issued the session does not say who asked, or not so that it can be read.
    CallerUnknown,
    /// Several sessions could be the parent.
    AmbiguousParent,
    /// The records contradict each other: a session would be its own ancestor.
    Cycle,
}

impl GapKind {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::IssuedBeforeWindow => "issued_before_window",
            Self::AccountNotCovered => "account_not_covered",
            Self::IssuanceMissing => "issuance_missing",
            Self::ServiceDeliveredKey => "service_delivered_key",
            Self::IssuanceNotLogged => "issuance_not_logged",
            Self::CallerCopyMissing => "caller_copy_missing",
            Self::CallerUnknown => "caller_unknown",
            Self::AmbiguousParent => "ambiguous_parent",
            Self::Cycle => "cycle",
        }
    }
}

/// A [`GapKind`] with the words that say which account, key or time it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Which reason.
    pub kind: GapKind,
    /// The reason in words.
    pub message: String,
}

/// One granted assumption, its copies brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// Index of the record that says most: the caller's copy when it is here.
    pub record: u32,
    /// Index of the other account's copy, when it is here.
    pub counterpart: Option<u32>,
}

/// What the way from the origin to a session comes to, the session included. Each is what its parent's is, and a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// How many sessions.
    pub hops: u32,
    /// The first of them.
    pub first: SessionId,
    /// The one that is the last to be listed at the beginning of long ways.
    pub head: SessionId,
    /// How sure the least sure of its links is.
    pub weakest_link: LinkKind,
    /// True when a link is probable or ambiguous.
    pub is_uncertain: bool,
    /// True when any hop leads into another account; `None` when that is not known.
    pub is_cross_account: Option<bool>,
    /// True when any hop passed an external id; `None` when no issuance is known.
    pub has_external_id: Option<bool>,
    /// True when the program that asked for any of the sessions wrote its CI run into its user agent.
    pub names_run: bool,
    /// The nearest session that has a gap which none above it has.
    pub gap: Option<SessionId>,
    /// Where the chains that lead through the session stand in the lineage's `by_descent`, and where they end.
    pub chains: (u32, u32),
}

impl Way {
    /// Makes the way of a session that was not looked at.
    pub const UNKNOWN: Self = Self {
        hops: 1,
        first: SessionId(0),
        head: SessionId(0),
        weakest_link: LinkKind::Missing,
        is_uncertain: false,
        is_cross_account: None,
        has_external_id: None,
        names_run: false,
        gap: None,
        chains: (0, 0),
    };
}

/// What the records of one session's use come to. Every chain through the session asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// What the session did, in numbers.
    pub activity: Activity,
    /// `sessionContext.sourceIdentity` of its records, or of the call that issued it.
    pub source_identity: Option<Sym>,
    /// `invokedByDelegate.accountId` of its records, or of the call that issued it.
    pub delegate: Option<Sym>,
    /// The first user agent, the issuing one before all, that names a run of a CI system.
    pub run_agent: Option<Sym>,
    /// True for sessions that AWS opens for itself: service-linked roles, roles that a service assumed, and what a service
    /// did in the name of somebody else.
    ///
    /// Sessions that began in a service's role and went on from there are none: a build server on EC2 chains, too.
    pub is_noise: bool,
}

/// One set of temporary credentials.
#[derive(Clone, Debug)]
pub struct Session {
    /// The assumption that issued it, when it is in these logs.
    pub issuance: Option<Issuance>,
    /// The issued access key id; for a session without issuance, the key it used.
    pub access_key: Option<Sym>,
    /// `AROA…:session` for a role session; the user's id otherwise.
    pub principal_id: Option<Sym>,
    /// The role, with its path when any record says it. `None` for sessions of users.
    pub role_arn: Option<Sym>,
    /// The account that owns the role (or the user).
    pub account: Option<Sym>,
    /// The session name.
    pub session_name: Option<Sym>,
    /// When it was issued: the issuing event's time, or what later records say.
    pub issued: Option<Timestamp>,
    /// When it ends, if the issuance is here.
    pub expires: Option<Timestamp>,
    /// The session that issued it; `None` when it began at an origin or the parent is not certain.
    pub parent: Option<SessionId>,
    /// Why it is attached to its parent or origin.
    pub link: Link,
    /// How its activity was attached to it; `None` when it has none.
    pub use_link: Option<Link>,
    /// Index into the lineage's origins.
    pub origin: u32,
    /// Reasons why what is above it is not complete. Those of its ancestors are not repeated here.
    pub gaps: Vec<Gap>,
    /// What the way to it comes to.
    pub way: Way,
    /// What the records of its use come to.
    pub sums: Sums,
    /// Where its principals start in the lineage's uses, and how many they are.
    pub uses: (u32, u32),
    /// Where its children start in the lineage's children, and how many they are.
    pub children: (u32, u32),
}

impl Session {
    /// Makes a session of which nothing is known.
    pub fn unknown() -> Self {
        Self {
            issuance: None,
            access_key: None,
            principal_id: None,
            role_arn: None,
            account: None,
            session_name: None,
            issued: None,
            expires: None,
            parent: None,
            link: Link::new(LinkKind::Missing, &[]),
            use_link: None,
            origin: 0,
            gaps: Vec::new(),
            way: Way::UNKNOWN,
            sums: Sums::default(),
            uses: (0, 0),
            children: (0, 0),
        }
    }
}

/// The name of a chain, stable across runs and file order: a hash of what identifies its last session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(pub u64);

impl fmt::Display for ChainId {
    /// Writes `ch-` and sixteen hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ch-{:016x}", self.0)
    }
}

/// How many hops, or roles, are listed at each end of a long way.
pub const LISTED_ENDS: usize = 8;

/// Hops in the middle of a long chain that an earlier chain lists: a role that assumes itself again and again, and is
/// used at each turn, makes ten thousand chains, and each is the one before it and a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Omitted {
    /// How many hops of the path are before them.
    pub after: usize,
    /// How many they are.
    pub count: usize,
    /// The chain that went the same way and lists the last of them; where it leaves some out, it names another.
    pub listed_in: ChainId,
}

/// Origin → hops → what the last session did: one for each session that issued none.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Stable across runs and file order.
    pub id: ChainId,
    /// The sessions from the first hop to the leaf, without those that are omitted.
    pub path: Vec<SessionId>,
    /// What is left out of the path.
    pub omitted: Option<Omitted>,
    /// Index into the lineage's routes.
    pub route: u32,
    /// False for single hops of AWS services, which are counted but not listed unless asked for.
    pub is_listed: bool,
}

/// What a session did, in numbers. Assumptions are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Unique events.
    pub calls: u64,
    /// Events with `readOnly: false` and no error.
    pub writes: u64,
    /// Events with an error.
    pub errors: u64,
    /// The earliest event.
    pub first_event: Option<Timestamp>,
    /// The latest event.
    pub last_event: Option<Timestamp>,
}

impl Activity {
    /// Adds what another session did.
    pub fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.writes += other.writes;
        self.errors += other.errors;
        self.first_event = [self.first_event, other.first_event].into_iter().flatten().min();
        self.last_event = self.last_event.max(other.last_event);
    }
}
