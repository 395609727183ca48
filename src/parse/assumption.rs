//! What an issuance event says: which role, for whom, and which key came out of it.
//!
//! There is no field for the session token, and nothing here copies it.

use std::borrow::Cow;

use super::denial::denial;
use super::identity::{Identity, identity};
use super::issuance::Issuance;
use super::lenient::Raw;
use crate::model::record::Record;
use crate::model::time::Timestamp;

/// Tags as key and value.
pub type Tags<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;
type Text<'a> = Option<Cow<'a, str>>;

/// One attempt to be issued credentials. A field is `None` where the event does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption<'a> {
    /// Which call it was.
    pub issuance: Issuance,
    /// Whether credentials were issued: the record has no error code.
    pub succeeded: bool,
    /// The role with its path: from the parameters, the resources, or the words of a denial.
    pub role_arn: Text<'a>,
    /// The action that was denied, such as `sts:TagSession`.
    pub denied_action: Text<'a>,
    /// `roleSessionName`; for `GetFederationToken` the `name`.
    pub role_session_name: Text<'a>,
    /// `externalId`.
    pub external_id: Text<'a>,
    /// `durationSeconds`.
    pub duration_seconds: Option<i64>,
    /// `sourceIdentity`, of the parameters or else of the response.
    pub source_identity: Text<'a>,
    /// `tags`: passed with the call.
    pub tags: Tags<'a>,
    /// `incomingTransitiveTags`: inherited from the session before, which proves role chaining.
    pub incoming_transitive_tags: Tags<'a>,
    /// `principalTags`: from the token or assertion.
    pub principal_tags: Tags<'a>,
    /// `transitiveTagKeys`.
    pub transitive_tag_keys: Vec<Cow<'a, str>>,
    /// Whether a session policy narrows the session.
    pub has_session_policy: bool,
    /// `targetPrincipal` of `AssumeRoot`: the member account.
    pub target_principal: Text<'a>,
    /// `taskPolicyArn.arn` of `AssumeRoot`.
    pub task_policy_arn: Text<'a>,
    /// `clusterName` of `AssumeRoleForPodIdentity`.
    pub cluster_name: Text<'a>,
    /// `trustAnchorArn` of `CreateSession`.
    pub trust_anchor_arn: Text<'a>,
    /// `webIdentityTokenId`, of a token that another partition issued.
    pub web_identity_token_id: Text<'a>,
    /// `credentials.accessKeyId`: the key of the new session.
    pub issued_access_key_id: Text<'a>,
    /// `credentials.expiration`.
    pub expires: Option<Timestamp>,
    /// `assumedRoleUser.assumedRoleId`, such as `AROA…:session`.
    pub assumed_role_id: Text<'a>,
    /// `assumedRoleUser.arn`.
    pub assumed_role_arn: Text<'a>,
    /// `federatedUser.arn`.
    pub federated_user_arn: Text<'a>,
    /// `federatedUser.federatedUserId`.
    pub federated_user_id: Text<'a>,
    /// The subject of the token or assertion.
    pub subject: Text<'a>,
    /// The audience of the token or assertion.
    pub audience: Text<'a>,
    /// The identity provider: its ARN, or the issuer of a built-in one.
    pub provider: Text<'a>,
    /// `RequestDetails.awsServingRegion`: where the call was served, whatever region it is logged in.
    pub serving_region: Text<'a>,
    /// `RequestDetails.endpointType`: `regional` or `global`.
    pub endpoint_type: Text<'a>,
    /// `explicitTrustGrant`: whether a role that assumes itself is allowed to by its own trust policy.
    pub explicit_trust_grant: Option<bool>,
    /// `RoleAuthorizedByIdp`: the token itself named the role.
    pub role_authorized_by_idp: Option<bool>,
    /// `identityProviderConnectionVerificationMethod`.
    pub idp_verification: Text<'a>,
    /// `tlsDetails.clientProvidedHostHeader`.
    pub host_header: Text<'a>,
}

/// Reads an issuance event. `None` for every other event.
pub fn assumption<'r>(record: &'r Record<'_>) -> Option<Assumption<'r>> {
    let mut it = Assumption::new(Issuance::of(record)?, record.error_code.is_none());
    each(record.request_parameters, |key, value| it.take_parameter(key, value));
    each(record.response_elements, |key, value| it.take_response(key, value));
    each(record.additional_event_data, |key, value| it.take_additional(key, value));
    each(record.tls_details, |key, value| {
        if key == "clientProvidedHostHeader" {
            it.host_header = value.text();
        }
    });
    if it.role_arn.is_none() {
        it.role_arn = role_of_resources(record.resources);
    }
    if let Some(message) = record.error_message.as_deref()
        && let Some(denial) = denial(message)
    {
        it.denied_action = denial.action.map(Cow::Borrowed);
        let role = denial.resource.filter(|arn| arn.contains(":role/"));
        it.role_arn = it.role_arn.or(role.map(Cow::Borrowed));
    }
    if matches!(it.issuance, Issuance::WebIdentity | Issuance::Saml) {
        it.take_caller(record.user_identity.and_then(identity).unwrap_or_default());
    }
    Some(it)
}

impl<'a> Assumption<'a> {
    fn new(issuance: Issuance, succeeded: bool) -> Self {
        Self {
            issuance,
            succeeded,
            role_arn: None,
            denied_action: None,
            role_session_name: None,
            external_id: None,
            duration_seconds: None,
            source_identity: None,
            tags: Vec::new(),
            incoming_transitive_tags: Vec::new(),
            principal_tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            has_session_policy: false,
            target_principal: None,
            task_policy_arn: None,
            cluster_name: None,
            trust_anchor_arn: None,
            web_identity_token_id: None,
            issued_access_key_id: None,
            expires: None,
            assumed_role_id: None,
            assumed_role_arn: None,
            federated_user_arn: None,
            federated_user_id: None,
            subject: None,
            audience: None,
            provider: None,
            serving_region: None,
            endpoint_type: None,
            explicit_trust_grant: None,
            role_authorized_by_idp: None,
            idp_verification: None,
            host_header: None,
        }
    }

    fn take_parameter(&mut self, key: &str, value: Raw<'a>) {
        match key {
            "roleArn" => self.role_arn = value.text(),
            "roleSessionName" => self.role_session_name = value.text(),
            "name" if self.issuance == Issuance::FederationToken => self.role_session_name = value.text(),
            "externalId" => self.external_id = value.text_or_scalar(),
            "durationSeconds" => self.duration_seconds = value.number(),
            "sourceIdentity" => self.source_identity = value.text(),
            "tags" => self.tags = tags(value),
            "incomingTransitiveTags" => self.incoming_transitive_tags = tags(value),
            "principalTags" => self.principal_tags = tags(value),
            "transitiveTagKeys" => value.elements(|key| self.transitive_tag_keys.extend(key.text())),
            "policy" | "policyArns" => self.has_session_policy |= !matches!(value.0, "null" | "\"\"" | "[]" | "{}"),
            "targetPrincipal" => self.target_principal = value.text_or_scalar(),
            "taskPolicyArn" => {
                self.task_policy_arn = value.text();
                each(Some(value.0), |key, value| {
                    if key == "arn" {
                        self.task_policy_arn = value.text();
                    }
                });
            }
            "principalArn" if self.issuance == Issuance::Saml => self.provider = value.text(),
            "clusterName" => self.cluster_name = value.text(),
            "trustAnchorArn" => self.trust_anchor_arn = value.text(),
            "webIdentityTokenId" => self.web_identity_token_id = value.text(),
            _ => {}
        }
    }

    fn take_response(&mut self, key: &str, value: Raw<'a>) {
        match key {
            // The other key here is the session token: it is passed over.
            "credentials" => each(Some(value.0), |key, value| match key {
                "accessKeyId" => self.issued_access_key_id = value.text(),
                "expiration" => self.expires = value.text().and_then(|text| Timestamp::parse_display(&text)),
                _ => {}
            }),
            "assumedRoleUser" => each(Some(value.0), |key, value| match key {
                "assumedRoleId" | "assumeRoleId" => self.assumed_role_id = value.text(),
                "arn" => self.assumed_role_arn = value.text(),
                _ => {}
            }),
            "federatedUser" => each(Some(value.0), |key, value| match key {
                "federatedUserId" => self.federated_user_id = value.text(),
                "arn" => self.federated_user_arn = value.text(),
                _ => {}
            }),
            // Roles Anywhere returns a list, of one.
            "credentialSet" => value.elements(|set| each(Some(set.0), |key, value| self.take_response(key, value))),
            "roleArn" if self.role_arn.is_none() => self.role_arn = value.text(),
            "subjectFromWebIdentityToken" | "subject" => self.subject = value.text(),
            "audience" => self.audience = value.text(),
            "provider" => self.provider = value.text(),
            "sourceIdentity" if self.source_identity.is_none() => self.source_identity = value.text(),
            _ => {}
        }
    }

    fn take_additional(&mut self, key: &str, value: Raw<'a>) {
        match key {
            "RequestDetails" => each(Some(value.0), |key, value| match key {
                "awsServingRegion" => self.serving_region = value.text(),
                "endpointType" => self.endpoint_type = value.text(),
                _ => {}
            }),
            "explicitTrustGrant" => self.explicit_trust_grant = value.flag(),
            "RoleAuthorizedByIdp" => self.role_authorized_by_idp = value.flag(),
            "identityProviderConnectionVerificationMethod" => self.idp_verification = value.text(),
            _ => {}
        }
    }

    /// What only the caller's identity says, above all when the call was denied.
    fn take_caller(&mut self, caller: Identity<'a>) {
        if self.audience.is_none() {
            self.audience = audience(&caller);
        }
        if self.subject.is_none() {
            self.subject = caller.user_name;
        }
        if self.provider.is_none() {
            self.provider = caller.identity_provider;
        }
    }
}

/// Carves the audience out of `<provider>:<audience>:<subject>`. All three may hold colons, so that it is not split.
fn audience<'a>(caller: &Identity<'a>) -> Text<'a> {
    let carve = |principal: &str| {
        let rest = principal.strip_prefix(caller.identity_provider.as_deref()?)?.strip_prefix(':')?;
        let audience = rest.strip_suffix(caller.user_name.as_deref()?)?.strip_suffix(':')?;
        let start = principal.len() - rest.len();
        (!audience.is_empty()).then_some(start..start + audience.len())
    };
    let range = carve(caller.principal_id.as_deref()?)?;
    match caller.principal_id.as_ref()? {
        Cow::Borrowed(principal) => principal.get(range).map(Cow::Borrowed),
        Cow::Owned(principal) => principal.get(range).map(|text| Cow::Owned(text.to_owned())),
    }
}

fn role_of_resources(resources: Option<&str>) -> Text<'_> {
    let mut role = None;
    Raw(resources?).elements(|resource| {
        let (mut arn, mut is_role) = (None, false);
        each(Some(resource.0), |key, value| match key {
            "ARN" | "arn" => arn = value.text(),
            "type" => is_role = value.text().as_deref() == Some("AWS::IAM::Role"),
            _ => {}
        });
        if is_role && role.is_none() {
            role = arn.take();
        }
    });
    role
}

/// Reads tags as an array of keys and values, or as a map.
fn tags(value: Raw<'_>) -> Tags<'_> {
    let mut tags = Tags::new();
    value.elements(|tag| {
        let (mut name, mut content) = (None, None);
        each(Some(tag.0), |key, value| match key {
            "key" | "Key" => name = value.text_or_scalar(),
            "value" | "Value" => content = value.text_or_scalar(),
            _ => {}
        });
        tags.extend(name.map(|name| (name, content.unwrap_or_default())));
    });
    each(Some(value.0), |key, value| {
        tags.push((Cow::Owned(key.to_owned()), value.text_or_scalar().unwrap_or_default()));
    });
    tags
}

/// Calls `f` for every key of an object, up to the first fault if there is one.
fn each<'a>(raw: Option<&'a str>, f: impl FnMut(&str, Raw<'a>)) {
    if let Some(raw) = raw {
        let _ = Raw(raw).entries(f);
    }
}
