//! Routes: chains folded.

use std::fmt;

use super::chain::Activity;
use super::symbols::Sym;

/// The name of a route, stable across runs: a hash of its origin and its roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub u64);

impl fmt::Display for RouteId {
    /// Writes `rt-` and sixteen hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rt-{:016x}", self.0)
    }
}

/// Chains with the same origin identity and the same role path.
#[derive(Clone, Debug)]
pub struct Route {
    /// Stable across runs.
    pub id: RouteId,
    /// Index into the lineage's origins.
    pub origin: u32,
    /// The roles, in order, with their paths: the first eight and the last eight when there are more than sixteen.
    pub role_arns: Vec<Sym>,
    /// How many are left out after the first eight.
    pub roles_omitted: usize,
    /// How many chains.
    pub chains: u64,
    /// Calls, writes and errors of the leaf sessions.
    pub activity: Activity,
    /// False when none of its chains is listed.
    pub is_listed: bool,
}
