//! Callers: who asked for a session, as far as the record says.

use crate::model::arn;

/// Who asked for a session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// A principal of an account, who signed the call.
    Aws(AwsCaller),
    /// Somebody with a token or an assertion of this identity provider.
    Federated(Option<String>),
    /// An AWS service.
    Service(Option<String>),
    /// The record does not say.
    Unknown,
}

/// A principal of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AwsCaller {
    /// The account.
    pub account: Option<String>,
    /// The role with its path (not the session), the user, or the account's root.
    pub arn: Option<String>,
    /// The session's ARN, for a role session: without the path.
    pub session_arn: Option<String>,
    /// `AROA…` or `AIDA…`, without the session.
    pub unique_id: Option<String>,
}

impl AwsCaller {
    /// Returns what names the caller best.
    pub fn name(&self) -> Option<&str> {
        let names = [&self.arn, &self.session_arn, &self.unique_id, &self.account];
        names.into_iter().find_map(|name| name.as_deref())
    }

    /// True when the ARN is that of a role or user, exactly: what a policy may name.
    pub fn is_exact(&self) -> bool {
        let resource = self.arn.as_deref().and_then(arn::resource);
        resource.is_some_and(|resource| resource.starts_with("role/") || resource.starts_with("user/"))
    }
}
