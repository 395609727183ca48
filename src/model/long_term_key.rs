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
    /// The principals that used it (one, unless the records contradict each other).
    pub principals: Vec<PrincipalId>,
    /// Calls made with the key, assumptions left out.
    pub activity: Activity,
    /// Granted assumptions made with the key.
    pub assumptions: u64,
    /// First and last use, assumptions included.
    pub first_event: Option<Timestamp>,
    /// The latest use.
    pub last_event: Option<Timestamp>,
    /// The user agents that mark a CI system, if any.
    pub ci_user_agents: Vec<Sym>,
}
