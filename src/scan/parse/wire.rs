//! The JSON of calls that issue sessions: which fields are looked at, and where they stand.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::identity::Flag;
use super::identity::Lenient;
use super::identity::Text;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireRequest<'a> {
    #[serde(borrow)]
    pub(super) role_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) role_session_name: Text<'a>,
    #[serde(borrow)]
    pub(super) external_id: Text<'a>,
    pub(super) duration_seconds: Lenient<u32>,
    #[serde(borrow)]
    pub(super) source_identity: Text<'a>,
    #[serde(borrow)]
    pub(super) tags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) incoming_transitive_tags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) principal_tags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) policy: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) policy_arns: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) principal_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) target_principal: Text<'a>,
    #[serde(borrow)]
    pub(super) task_policy_arn: Lenient<WireArn<'a>>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) web_identity_token_id: Text<'a>,
    /// What stands in the place of parameters that were too large.
    pub(super) omitted: Flag,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireArn<'a> {
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct WireTag<'a> {
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    #[serde(borrow, default)]
    pub(super) value: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireResponse<'a> {
    #[serde(borrow)]
    pub(super) credentials: Lenient<WireCredentials<'a>>,
    #[serde(borrow)]
    pub(super) assumed_role_user: Lenient<WireSession<'a>>,
    #[serde(borrow)]
    pub(super) federated_user: Lenient<WireSession<'a>>,
    /// Where `CreateSession` of IAM Roles Anywhere puts what the others put into the response itself.
    #[serde(borrow)]
    pub(super) credential_set: Lenient<Vec<Lenient<WireCredentialSet<'a>>>>,
    #[serde(borrow)]
    pub(super) web_identity_token_id: Text<'a>,
    #[serde(borrow)]
    pub(super) subject_from_web_identity_token: Text<'a>,
    #[serde(borrow)]
    pub(super) audience: Text<'a>,
    #[serde(borrow)]
    pub(super) provider: Text<'a>,
    #[serde(borrow)]
    pub(super) source_identity: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireCredentials<'a> {
    #[serde(borrow)]
    pub(super) access_key_id: Text<'a>,
    #[serde(borrow)]
    pub(super) expiration: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireCredentialSet<'a> {
    #[serde(borrow)]
    pub(super) credentials: Lenient<WireCredentials<'a>>,
    #[serde(borrow)]
    pub(super) assumed_role_user: Lenient<WireSession<'a>>,
    #[serde(borrow)]
    pub(super) source_identity: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireSession<'a> {
    #[serde(borrow)]
    pub(super) assumed_role_id: Text<'a>,
    /// How EKS Pod Identity spells it.
    #[serde(borrow)]
    pub(super) assume_role_id: Text<'a>,
    #[serde(borrow)]
    pub(super) federated_user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireAdditional<'a> {
    #[serde(rename = "RequestDetails", borrow)]
    pub(super) request_details: Lenient<WireDetails<'a>>,
    pub(super) explicit_trust_grant: Flag,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireDetails<'a> {
    #[serde(borrow)]
    pub(super) aws_serving_region: Text<'a>,
    #[serde(borrow)]
    pub(super) endpoint_type: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireResource<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(rename = "ARN", alias = "arn", borrow)]
    pub(super) arn: Text<'a>,
}
