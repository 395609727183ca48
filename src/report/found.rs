//! What an id means, and what has it.

use crate::model::chain::SessionId;
use crate::model::principal::PrincipalId;

/// What kind of id it is; the nearest meaning first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// The id of a chain.
    Chain,
    /// The fingerprint of a finding.
    Finding,
    /// The id of a route.
    Route,
    /// A key, ARN or id of a session.
    Session,
    /// The event that issued a session.
    Issuance,
    /// An event of a denied attempt.
    Denied,
    /// A key or ARN under which a session appears.
    Use,
    /// An event of a call.
    Call,
    /// A long-lived key.
    Key,
    /// The number of a CI run.
    Run,
    /// A network address that calls came from.
    Address,
}

impl Means {
    /// Says whether it may be an access key id.
    pub fn is_key(self) -> bool {
        matches!(self, Self::Session | Self::Use | Self::Key)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Finding => "finding",
            Self::Route => "route",
            Self::Session => "session",
            Self::Issuance => "issuing_event",
            Self::Denied => "denied_event",
            Self::Use => "session_use",
            Self::Call => "call",
            Self::Key => "long_lived_key",
            Self::Run => "ci_run",
            Self::Address => "address",
        }
    }

    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Chain => "a chain",
            Self::Finding => "a finding",
            Self::Route => "a route",
            Self::Session => "a session",
            Self::Issuance => "the event that issued a session",
            Self::Denied => "an event of a denied attempt",
            Self::Use => "a name under which a session called",
            Self::Call => "an event: a call",
            Self::Key => "a long-lived access key",
            Self::Run => "a CI run",
            Self::Address => "an address that calls came from",
        }
    }
}

/// What has an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A long-lived key, by its place in the lineage: before the sessions that began with it.
    Key(usize),
    /// A session.
    Session(SessionId),
    /// A denied attempt, by its place in the lineage.
    Denied(usize),
    /// A finding, by its place in the report.
    Finding(usize),
    /// A route, by its place in the lineage.
    Route(usize),
    /// Somebody who has neither a session nor a key here, such as an AWS service.
    Caller(PrincipalId),
}

/// An id, and what has it.
#[derive(Clone, Debug)]
pub struct Found {
    /// The whole id.
    pub id: String,
    /// What kind of id it is.
    pub means: Means,
    /// What has it: at least one thing.
    pub things: Vec<Thing>,
}
