//! Long-term keys that were used directly.

use super::chain::Activity;
use super::principal::PrincipalId;
use super::symbols::Sym;
use super::time::Timestamp;

/// A long-term key and all that was done with it directly.
#[derive(Clone, Debug)]
pub struct LongTermKey {
    /// The key.
    pub access_key: Sym,
    /// The principals that used it: one, unless the records contradict each other, and those under which services act in
    /// the user's name.
    pub principals: Vec<PrincipalId>,
    /// Calls made with the key, and by services in the name of its user; assumptions left out.
    pub activity: Activity,
    /// Granted assumptions made with the key.
    pub assumptions: u64,
    /// First and last use, assumptions included.
    pub first_event: Option<Timestamp>,
    /// The latest use.
    pub last_event: Option<Timestamp>,
    /// What shows that a CI system used it; `None` when nothing does. The audit room decides.
    pub ci: Option<InCi>,
}

/// That a CI system used a key, and why that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InCi {
    /// By what it shows.
    pub sign: CiSign,
    /// What shows it, sorted: the pieces of its user agents, or the names of the networks.
    pub shown_by: Vec<String>,
}

/// What shows that a CI system used a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CiSign {
    /// A user agent that only a CI system sends.
    Client,
    /// The network of a CI system.
    Network,
}

impl CiSign {
    /// Every sign, the surest first.
    pub const ALL: [Self; 2] = [Self::Client, Self::Network];

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Network => "network",
        }
    }
}
