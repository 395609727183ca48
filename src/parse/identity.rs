//! Who called: the `userIdentity` of a record.

use std::borrow::Cow;

use super::lenient::Raw;
use crate::model::time::Timestamp;

/// The `userIdentity` of a record. Every field is optional, and one of the wrong JSON type is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// `type`, such as `AssumedRole`. Some records have none.
    pub kind: Option<Cow<'a, str>>,
    /// `principalId`, such as `AROA…:session`.
    pub principal_id: Option<Cow<'a, str>>,
    /// `arn`.
    pub arn: Option<Cow<'a, str>>,
    /// `accountId`.
    pub account_id: Option<Cow<'a, str>>,
    /// `accessKeyId`: the key that signed the call. Not unique over all accounts and times.
    pub access_key_id: Option<Cow<'a, str>>,
    /// `userName`: for web identities the subject of the token.
    pub user_name: Option<Cow<'a, str>>,
    /// `invokedBy`: the service that called on the principal's behalf.
    pub invoked_by: Option<Cow<'a, str>>,
    /// `identityProvider`.
    pub identity_provider: Option<Cow<'a, str>>,
    /// `sessionContext.sessionIssuer`; `None` when it is absent or `{}`.
    pub session_issuer: Option<SessionIssuer<'a>>,
    /// `sessionContext.webIdFederationData.federatedProvider`.
    pub federated_provider: Option<Cow<'a, str>>,
    /// `sessionContext.attributes.creationDate`.
    pub creation_date: Option<Timestamp>,
    /// `sessionContext.attributes.mfaAuthenticated`.
    pub mfa_authenticated: Option<bool>,
    /// `sessionContext.sourceIdentity`.
    pub source_identity: Option<Cow<'a, str>>,
    /// `sessionContext.assumedRoot`.
    pub assumed_root: Option<bool>,
    /// `sessionContext.ec2RoleDelivery`: the version of the instance metadata service.
    pub ec2_role_delivery: Option<Cow<'a, str>>,
    /// `sessionContext.signInSessionArn`.
    pub sign_in_session_arn: Option<Cow<'a, str>>,
    /// `onBehalfOf.userId`: the Identity Center user.
    pub on_behalf_of_user: Option<Cow<'a, str>>,
    /// `inScopeOf.credentialsIssuedTo`, such as the ARN of a Lambda function.
    pub credentials_issued_to: Option<Cow<'a, str>>,
    /// `invokedByDelegate.accountId`.
    pub delegate_account: Option<Cow<'a, str>>,
}

/// The `sessionIssuer` of a session: the role, user or account root that it was issued for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionIssuer<'a> {
    /// `type`, such as `Role`.
    pub kind: Option<Cow<'a, str>>,
    /// `arn`: that of a role has its path, unlike the ARN of the session.
    pub arn: Option<Cow<'a, str>>,
    /// `principalId`.
    pub principal_id: Option<Cow<'a, str>>,
    /// `accountId`.
    pub account_id: Option<Cow<'a, str>>,
    /// `userName`: the name of the role or user.
    pub user_name: Option<Cow<'a, str>>,
}

/// Reads the raw JSON of `userIdentity`. `None` when it says nothing or is not valid JSON.
pub fn identity(raw_user_identity: &str) -> Option<Identity<'_>> {
    let mut identity = Identity::default();
    Raw(raw_user_identity).entries(|key, value| identity.take(key, value))?;
    (identity != Identity::default()).then_some(identity)
}

impl<'a> Identity<'a> {
    fn take(&mut self, key: &str, value: Raw<'a>) {
        match key {
            "type" => self.kind = value.text(),
            "principalId" => self.principal_id = value.text(),
            "arn" => self.arn = value.text(),
            "accountId" => self.account_id = value.text(),
            "accessKeyId" => self.access_key_id = value.text(),
            "userName" => self.user_name = value.text(),
            "invokedBy" => self.invoked_by = value.text(),
            "identityProvider" => self.identity_provider = value.text(),
            "sessionContext" => inside(value, |key, value| self.take_session(key, value)),
            "onBehalfOf" => one(value, "userId", &mut self.on_behalf_of_user),
            "inScopeOf" => one(value, "credentialsIssuedTo", &mut self.credentials_issued_to),
            "invokedByDelegate" => one(value, "accountId", &mut self.delegate_account),
            _ => {}
        }
    }

    fn take_session(&mut self, key: &str, value: Raw<'a>) {
        match key {
            "sessionIssuer" => self.session_issuer = session_issuer(value),
            "webIdFederationData" => one(value, "federatedProvider", &mut self.federated_provider),
            "attributes" => inside(value, |key, value| match key {
                "creationDate" => self.creation_date = value.text().and_then(|text| Timestamp::parse_iso(&text)),
                "mfaAuthenticated" => self.mfa_authenticated = value.flag(),
                _ => {}
            }),
            "sourceIdentity" => self.source_identity = value.text(),
            "assumedRoot" => self.assumed_root = value.flag(),
            "ec2RoleDelivery" => self.ec2_role_delivery = value.text(),
            "signInSessionArn" => self.sign_in_session_arn = value.text(),
            _ => {}
        }
    }
}

fn session_issuer(value: Raw<'_>) -> Option<SessionIssuer<'_>> {
    let mut issuer = SessionIssuer::default();
    inside(value, |key, value| match key {
        "type" => issuer.kind = value.text(),
        "arn" => issuer.arn = value.text(),
        "principalId" => issuer.principal_id = value.text(),
        "accountId" => issuer.account_id = value.text(),
        "userName" => issuer.user_name = value.text(),
        _ => {}
    });
    (issuer != SessionIssuer::default()).then_some(issuer)
}

/// Reads an object inside the identity; the identity as a whole is valid JSON, so that this one is, too.
fn inside<'a>(value: Raw<'a>, each: impl FnMut(&str, Raw<'a>)) {
    let _ = value.entries(each);
}

/// Takes one string out of an object.
fn one<'a>(value: Raw<'a>, wanted: &str, field: &mut Option<Cow<'a, str>>) {
    inside(value, |key, value| {
        if key == wanted {
            *field = value.text();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::identity;
    use crate::model::time::Timestamp;

    #[test]
    fn a_role_session_is_read_in_full() {
        let raw = r#"{"type":"AssumedRole","principalId":"AROAX:s","arn":"arn:aws:sts::1:assumed-role/r/s","accountId":"1",
            "accessKeyId":"ASIAX","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAX",
            "arn":"arn:aws:iam::1:role/p/r","accountId":"1","userName":"r"},"webIdFederationData":{"federatedProvider":"idp",
            "attributes":{}},"attributes":{"creationDate":"20230710T115522Z","mfaAuthenticated":"false"},
            "sourceIdentity":"me","assumedRoot":"true","ec2RoleDelivery":"2.0"},"onBehalfOf":{"userId":"u"},
            "inScopeOf":{"credentialsIssuedTo":"fn"},"invokedByDelegate":{"accountId":"2"}}"#;
        let identity = identity(raw).unwrap();
        let issuer = identity.session_issuer.unwrap();
        assert_eq!(issuer.arn.as_deref(), Some("arn:aws:iam::1:role/p/r"));
        assert_eq!(identity.creation_date, Timestamp::parse_iso("2023-07-10T11:55:22Z"));
        assert_eq!((identity.mfa_authenticated, identity.assumed_root), (Some(false), Some(true)));
        assert_eq!(identity.federated_provider.as_deref(), Some("idp"));
        assert_eq!(identity.source_identity.as_deref(), Some("me"));
        assert_eq!(identity.on_behalf_of_user.as_deref(), Some("u"));
        assert_eq!(identity.credentials_issued_to.as_deref(), Some("fn"));
        assert_eq!(identity.delegate_account.as_deref(), Some("2"));
    }

    #[test]
    fn odd_fields_cost_only_themselves() {
        let raw =
            r#"{"type":7,"arn":null,"accountId":["1"],"accessKeyId":"","userName":"b\u00e9","sessionContext":"none"}"#;
        let read = identity(raw).unwrap();
        assert_eq!(read.user_name.as_deref(), Some("bé"));
        assert_eq!((read.kind, read.arn, read.account_id, read.access_key_id), (None, None, None, None));
        let empty =
            r#"{"type":"AssumedRole","sessionContext":{"sessionIssuer":{},"attributes":{"mfaAuthenticated":true}}}"#;
        let read = identity(empty).unwrap();
        assert_eq!((read.session_issuer, read.mfa_authenticated), (None, Some(true)));
        for nothing in ["", "{}", "\"\"", "null", "{\"type\":", "{\"other\":1}"] {
            assert_eq!(identity(nothing), None, "{nothing}");
        }
    }
}
