//! What tallies know of a call: what was called and how it ended, and from where.

use super::symbols::Sym;

/// Names an [`Action`] of one set of observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionId(pub u32);

/// What was called, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// `eventSource`.
    pub source: Option<Sym>,
    /// `eventName`.
    pub name: Option<Sym>,
    /// `readOnly`.
    pub read_only: Option<bool>,
    /// `errorCode`.
    pub error_code: Option<Sym>,
}

/// From where, and with what client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Contact {
    /// `sourceIPAddress`.
    pub source_ip: Option<Sym>,
    /// `userAgent`.
    pub user_agent: Option<Sym>,
    /// True when the call came through a VPC endpoint: the address is then a private one.
    pub via_vpc_endpoint: bool,
}
