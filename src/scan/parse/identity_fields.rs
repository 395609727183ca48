//! What of a `userIdentity` is kept.

use std::borrow::Cow;

use crate::model::time::Timestamp;

/// What `userIdentity` says. Missing, null, empty and ill-typed fields are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// `type`.
    pub kind: Option<Cow<'a, str>>,
    /// `principalId`.
    pub principal_id: Option<Cow<'a, str>>,
    /// `arn`.
    pub arn: Option<Cow<'a, str>>,
    /// `accountId`.
    pub account_id: Option<Cow<'a, str>>,
    /// `accessKeyId`.
    pub access_key_id: Option<Cow<'a, str>>,
    /// `userName`.
    pub user_name: Option<Cow<'a, str>>,
    /// `invokedBy`.
    pub invoked_by: Option<Cow<'a, str>>,
    /// `identityProvider`.
    pub identity_provider: Option<Cow<'a, str>>,
    /// `sessionContext.sessionIssuer.arn`.
    pub issuer_arn: Option<Cow<'a, str>>,
    /// `sessionContext.sessionIssuer.principalId`.
    pub issuer_principal_id: Option<Cow<'a, str>>,
    /// `sessionContext.webIdFederationData.federatedProvider`.
    pub federated_provider: Option<Cow<'a, str>>,
    /// The subject of the token, in `sessionContext.webIdFederationData.attributes`: Amazon Cognito writes it there.
    pub federated_subject: Option<Cow<'a, str>>,
    /// The audience of the token, in the same place.
    pub federated_audience: Option<Cow<'a, str>>,
    /// `sessionContext.attributes.creationDate`.
    pub created: Option<Timestamp>,
    /// `sessionContext.attributes.mfaAuthenticated`.
    pub mfa: Option<bool>,
    /// `sessionContext.sourceIdentity`.
    pub source_identity: Option<Cow<'a, str>>,
    /// `sessionContext.assumedRoot`.
    pub assumed_root: Option<bool>,
    /// `onBehalfOf.userId`.
    pub on_behalf_of: Option<Cow<'a, str>>,
    /// `inScopeOf.credentialsIssuedTo`.
    pub issued_to: Option<Cow<'a, str>>,
    /// `invokedByDelegate.accountId`: who acts by a temporary delegation.
    pub delegate: Option<Cow<'a, str>>,
}

impl Identity<'_> {
    /// True when it holds nothing by which anybody could be found again.
    pub(super) fn names_nobody(&self) -> bool {
        [&self.principal_id, &self.arn, &self.account_id, &self.access_key_id, &self.user_name, &self.invoked_by]
            .into_iter()
            .chain([&self.identity_provider, &self.on_behalf_of, &self.issued_to, &self.delegate])
            .all(Option::is_none)
    }
}
