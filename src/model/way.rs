//! Ways: what lies between an origin and a session, and what is asked of it.

use std::fmt;

use super::assumption::IssuingCall;
use super::chain::ChainId;
use super::chain::Gap;
use super::chain::Link;
use super::chain::LinkKind;
use super::chain::SessionId;
use super::lineage::SessionView;

/// A run of one of a lineage's lists of sessions. All that a run fits share it, so that nobody has a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// Which list.
    pub list: u32,
    /// The place of the first session.
    pub start: u32,
    /// The place after the last session.
    pub end: u32,
}

/// The name of a route, stable across runs: a hash of its origin and its roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub u64);

impl fmt::Display for RouteId {
    /// Writes `rt-` and sixteen hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rt-{:016x}", self.0)
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
        gap: None,
        chains: (0, 0),
    };
}

impl<'l> SessionView<'l> {
    /// Returns the sessions that fit one of the session's links, in order of issue, when several do.
    pub fn candidates(&self, link: &Link) -> impl Iterator<Item = Self> + use<'l> {
        let (lineage, own) = (self.lineage(), self.id);
        let fitting = link.candidates.map(|run| lineage.run(run)).unwrap_or_default();
        fitting.iter().filter(move |id| **id != own).map(move |id| lineage.session(*id))
    }

    /// Returns how many sessions fit one of the session's links, when several do.
    pub fn count_candidates(&self, link: &Link) -> usize {
        let fitting = link.candidates.map(|run| self.lineage().run(run)).unwrap_or_default();
        fitting.len() - usize::from(fitting.binary_search(&self.id).is_ok())
    }

    /// Returns the first session of the way to this one.
    pub fn first(&self) -> Self {
        self.lineage().session(self.session.way.first)
    }

    /// Returns the gaps of the session and its ancestors, the first session's first. Each is there once.
    pub fn gaps(&self) -> Vec<&'l Gap> {
        let lineage = self.lineage();
        let above = |id: SessionId| lineage.session(id).parent().and_then(|parent| parent.session.way.gap);
        let mut sessions: Vec<SessionId> = std::iter::successors(self.session.way.gap, |id| above(*id)).collect();
        sessions.reverse();
        let mut gaps: Vec<&Gap> = Vec::new();
        for gap in sessions.into_iter().flat_map(|id| &lineage.session(id).session.gaps) {
            if !gaps.contains(&gap) {
                gaps.push(gap);
            }
        }
        gaps
    }

    /// Tokens, assertions and certificates come from no account; otherwise both accounts must be known.
    pub fn crosses_accounts(&self) -> Option<bool> {
        match self.issuing_record()?.call {
            IssuingCall::WebIdentity | IssuingCall::Saml | IssuingCall::RolesAnywhere | IssuingCall::PodIdentity => {
                Some(false)
            }
            _ => {
                self.caller_account().zip(self.account())?;
                Some(self.is_cross_account())
            }
        }
    }

    /// Returns true when an external id was passed; `None` when the issuance is not known.
    pub fn has_external_id(&self) -> Option<bool> {
        let issuance = self.session.issuance?;
        let copies = [Some(issuance.record), issuance.counterpart];
        Some(copies.into_iter().flatten().any(|record| self.lineage().assumption(record).external_id.is_some()))
    }

    /// Returns the roles of the sessions above, the nearest first.
    pub fn roles_above(&self) -> impl Iterator<Item = &'l str> + use<'l> {
        self.ancestry().skip(1).filter_map(|above| above.role_arn())
    }
}
