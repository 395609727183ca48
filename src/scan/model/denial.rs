//! Denied assumptions, folded into attempts.

use super::chain::SessionId;
use super::subject::Subject;
use super::symbols::Sym;
use super::time::Timestamp;

/// Denied assumptions that are one attempt: the same caller, call, target and error, with gaps of at most 120 s.
#[derive(Clone, Debug)]
pub struct DenialRun {
    /// Indexes of the records, in order of time.
    pub records: Vec<u32>,
    /// The role asked for, when any record names it.
    pub role_arn: Option<Sym>,
    /// Who asked: an ARN, else a principal id.
    pub principal: Option<Sym>,
    /// The caller's access key.
    pub access_key: Option<Sym>,
    /// The session that asked, when it is certain.
    pub session: Option<SessionId>,
    /// The token's subject, for web identities.
    pub subject: Option<Sym>,
    /// The identity provider, for web identities.
    pub provider: Option<Sym>,
    /// The token's subject in parts, read as that of an origin is.
    pub token: Option<Subject>,
    /// `errorCode`.
    pub error_code: Option<Sym>,
    /// The account in whose log the records stand.
    pub account: Option<Sym>,
    /// The earliest record.
    pub first_event: Option<Timestamp>,
    /// The latest record.
    pub last_event: Option<Timestamp>,
    /// True when IAM had not spread a change yet: made at most 60 s before, and the call succeeded at most 120 s after.
    pub is_settling: bool,
}
