//! Assumptions: what the calls that issue sessions ask for, and what they are given.

use std::borrow::Cow;

use super::identity::Lenient;
use super::identity::Text;
use super::identity::identity;
use super::object::Key;
use super::wire::Raw;
use super::wire::WireAdditional;
use super::wire::WireRequest;
use super::wire::WireResource;
use super::wire::WireResponse;
use super::wire::WireTag;
use super::wire::read;
use crate::model::assumption::IssuingCall;
use crate::model::record::Record;
use crate::model::time::Timestamp;

/// What one attempt to issue a session says, besides the fields that every record has.
///
/// There is no field for the session token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumption<'a> {
    /// The role asked for.
    pub role_arn: Option<Cow<'a, str>>,
    /// `roleSessionName`.
    pub role_session_name: Option<Cow<'a, str>>,
    /// `externalId`.
    pub external_id: Option<Cow<'a, str>>,
    /// `durationSeconds`.
    pub duration_seconds: Option<u32>,
    /// `sourceIdentity`, of the request or of the answer.
    pub source_identity: Option<Cow<'a, str>>,
    /// `tags`.
    pub tags: Tags<'a>,
    /// `incomingTransitiveTags`.
    pub incoming_transitive_tags: Tags<'a>,
    /// `principalTags`.
    pub principal_tags: Tags<'a>,
    /// True when `policy` or `policyArns` is there.
    pub has_session_policy: bool,
    /// `targetPrincipal` of `AssumeRoot`.
    pub target_principal: Option<Cow<'a, str>>,
    /// `taskPolicyArn.arn` of `AssumeRoot`.
    pub task_policy_arn: Option<Cow<'a, str>>,
    /// The issued key.
    pub issued_access_key_id: Option<Cow<'a, str>>,
    /// When the session ends.
    pub expires: Option<Timestamp>,
    /// `assumedRoleUser.assumedRoleId`, or `federatedUser.federatedUserId`.
    pub assumed_role_id: Option<Cow<'a, str>>,
    /// `assumedRoleUser.arn`, or `federatedUser.arn`.
    pub assumed_role_arn: Option<Cow<'a, str>>,
    /// The token's subject.
    pub subject: Option<Cow<'a, str>>,
    /// The token's audience.
    pub audience: Option<Cow<'a, str>>,
    /// The identity provider.
    pub provider: Option<Cow<'a, str>>,
    /// `RequestDetails.awsServingRegion`.
    pub serving_region: Option<Cow<'a, str>>,
    /// `RequestDetails.endpointType`.
    pub endpoint_type: Option<Cow<'a, str>>,
    /// `explicitTrustGrant`.
    pub explicit_trust_grant: Option<bool>,
    /// The action that was refused, when it is not the call itself.
    pub denied_action: Option<Cow<'a, str>>,
    /// `webIdentityTokenId`, of the request or of the answer.
    pub token_id: Option<Cow<'a, str>>,
    /// True when the record does not hold all that was asked.
    pub withholds_request: bool,
}

/// Session tags.
pub(super) type Tags<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// What AWS writes in the place of a secret.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Returns the call when a record is of one that issues sessions.
pub fn issuing_call(record: &Record<'_>) -> Option<IssuingCall> {
    let source = record.event_source.as_deref()?;
    // Nearly every record ends here: three services issue sessions.
    if !matches!(source, "sts.amazonaws.com" | "eks-auth.amazonaws.com" | "rolesanywhere.amazonaws.com") {
        return None;
    }
    let name = record.event_name.as_deref()?;
    IssuingCall::ALL.into_iter().find(|call| call.event() == (source, name))
}

/// Reads what an attempt to issue a session says.
pub fn assumption<'a>(record: &Record<'a>, call: IssuingCall) -> Assumption<'a> {
    let request: WireRequest<'a> = read(record.request_parameters);
    let response: WireResponse<'a> = read(record.response_elements);
    let additional: WireAdditional<'a> = read(record.additional_event_data);
    let details = additional.request_details.0.unwrap_or_default();
    let set = response.credential_set.0.and_then(|sets| sets.into_iter().find_map(|set| set.0)).unwrap_or_default();
    let credentials = response.credentials.0.or(set.credentials.0).unwrap_or_default();
    let session =
        response.assumed_role_user.0.or(response.federated_user.0).or(set.assumed_role_user.0).unwrap_or_default();
    let denial = record.error_message.as_deref().and_then(denied);
    let withholds_request = withholds(call, &request);
    let mut read = Assumption {
        role_arn: request.role_arn.0.or_else(|| role_in_resources(record)),
        role_session_name: request.role_session_name.0,
        external_id: request.external_id.0,
        duration_seconds: request.duration_seconds.0,
        // A token or an assertion brings its own, which stands in the answer alone.
        source_identity: request.source_identity.0.or(response.source_identity.0).or(set.source_identity.0),
        tags: tags(request.tags),
        incoming_transitive_tags: tags(request.incoming_transitive_tags),
        principal_tags: tags(request.principal_tags),
        has_session_policy: is_there(request.policy) || is_there(request.policy_arns),
        target_principal: request.target_principal.0,
        task_policy_arn: request.task_policy_arn.0.unwrap_or_default().arn.0,
        issued_access_key_id: credentials.access_key_id.0,
        expires: credentials.expiration.0.as_deref().and_then(expiration),
        assumed_role_id: session.assumed_role_id.0.or(session.assume_role_id.0).or(session.federated_user_id.0),
        assumed_role_arn: session.arn.0,
        subject: response.subject_from_web_identity_token.0,
        audience: response.audience.0,
        // An assertion's issuer names no provider of the account; the request does.
        provider: response.provider.0.or(request.principal_arn.0),
        serving_region: details.aws_serving_region.0,
        endpoint_type: details.endpoint_type.0,
        explicit_trust_grant: additional.explicit_trust_grant.0,
        denied_action: None,
        token_id: request.web_identity_token_id.0.or(response.web_identity_token_id.0),
        withholds_request,
    };
    let parameters = [&mut read.role_session_name, &mut read.external_id, &mut read.source_identity];
    for parameter in parameters.into_iter().filter(|parameter| parameter.as_deref() == Some(HIDDEN)) {
        *parameter = None;
        read.withholds_request = true;
    }
    if let Some((action, role)) = denial {
        read.role_arn = read.role_arn.or_else(|| Some(Cow::Owned(role.to_owned())));
        read.denied_action = (action != format!("sts:{}", call.event_name())).then(|| Cow::Owned(action.to_owned()));
    }
    if call == IssuingCall::WebIdentity {
        complete_web_identity(record, &mut read);
    }
    read
}

/// Reads when a session ends. STS writes `Nov 18, 2026, 10:20:00 AM`; IAM Roles Anywhere writes ISO 8601.
fn expiration(text: &str) -> Option<Timestamp> {
    Timestamp::parse_display(text).or_else(|| Timestamp::parse_iso(text))
}

/// Says whether parameters were taken out: by AWS, which logs none of a denied `AssumeRole` and none of what is too large,
/// or by whoever shortened the log. Nobody can call without those that are looked for here.
fn withholds(call: IssuingCall, request: &WireRequest<'_>) -> bool {
    let has_all = match call {
        IssuingCall::AssumeRole | IssuingCall::WebIdentity => {
            request.role_arn.0.is_some() && request.role_session_name.0.is_some()
        }
        IssuingCall::Saml => request.role_arn.0.is_some(),
        IssuingCall::AssumeRoot => request.target_principal.0.is_some(),
        IssuingCall::GetFederationToken => request.name.0.is_some(),
        IssuingCall::GetSessionToken
        | IssuingCall::PodIdentity
        | IssuingCall::RolesAnywhere
        | IssuingCall::WebIdentityToken => true,
    };
    !has_all || request.omitted.0 == Some(true)
}

/// Fills in from the caller what a denied call with a token leaves out of its response.
///
/// Audience and subject may both hold colons, so `principalId` (`provider:audience:subject`) is cut by what is known
/// of its ends and never split.
fn complete_web_identity<'a>(record: &Record<'a>, read: &mut Assumption<'a>) {
    let Some(caller) = record.user_identity.and_then(identity) else { return };
    if read.audience.is_none()
        && let (Some(all), Some(provider), Some(subject)) =
            (&caller.principal_id, &caller.identity_provider, &caller.user_name)
    {
        let audience = all
            .strip_prefix(provider.as_ref())
            .and_then(|rest| rest.strip_prefix(':'))
            .and_then(|rest| rest.strip_suffix(subject.as_ref()))
            .and_then(|rest| rest.strip_suffix(':'));
        read.audience = audience.filter(|text| !text.is_empty()).map(|text| Cow::Owned(text.to_owned()));
    }
    read.subject = read.subject.take().or(caller.user_name);
    read.provider = read.provider.take().or(caller.identity_provider);
}

/// Reads `User: X is not authorized to perform: sts:Y on resource: Z`, with or without a reason behind it: the only
/// place where a denied `AssumeRole` names its role (13 of 13 real denials).
fn denied(message: &str) -> Option<(&str, &str)> {
    let (_, rest) = message.split_once(" is not authorized to perform: ")?;
    let (action, rest) = rest.split_once(" on resource: ")?;
    let role = rest.split_whitespace().next()?;
    (action.starts_with("sts:") && role.starts_with("arn:")).then_some((action, role))
}

fn role_in_resources<'a>(record: &Record<'a>) -> Option<Cow<'a, str>> {
    let resources: Vec<Lenient<WireResource<'a>>> = serde_json::from_str(record.resources?).ok()?;
    resources
        .into_iter()
        .filter_map(|resource| resource.0)
        .find(|resource| resource.kind.0.as_deref() == Some("AWS::IAM::Role"))
        .and_then(|role| role.arn.0)
}

fn is_there(raw: Raw<'_>) -> bool {
    raw.0.is_some_and(|raw| !matches!(raw, "null" | "\"\"" | "[]"))
}

/// Reads tags in both spellings: a list of `{key, value}`, and a map.
fn tags(raw: Raw<'_>) -> Tags<'_> {
    let Some(raw) = raw.0 else { return Vec::new() };
    if let Ok(list) = serde_json::from_str::<Vec<Lenient<WireTag<'_>>>>(raw) {
        let tags = list.into_iter().filter_map(|tag| tag.0);
        return tags.filter_map(|tag| Some((tag.key.0?, tag.value.0.unwrap_or_default()))).collect();
    }
    let map: std::collections::BTreeMap<Key, Text<'_>> = serde_json::from_str(raw).unwrap_or_default();
    map.into_iter().map(|(Key(key), value)| (Cow::Owned(key), value.0.unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record<'a>(name: &'a str, message: Option<&'a str>) -> Record<'a> {
        Record {
            event_source: Some("sts.amazonaws.com".into()),
            event_name: Some(name.into()),
            error_message: message.map(Into::into),
            ..Record::default()
        }
    }

    #[test]
    fn a_denied_call_names_its_role_in_the_message() {
        let message = "User: arn:aws:iam::111111111111:user/x is not authorized to perform: sts:AssumeRole on resource: \
                       arn:aws:iam::222222222222:role/ci/deploy because no identity-based policy allows it";
        let read = assumption(&record("AssumeRole", Some(message)), IssuingCall::AssumeRole);
        assert_eq!(read.role_arn.as_deref(), Some("arn:aws:iam::222222222222:role/ci/deploy"));
        assert_eq!(read.denied_action, None);
        let tagged = message.replace("sts:AssumeRole", "sts:TagSession");
        let read = assumption(&record("AssumeRole", Some(&tagged)), IssuingCall::AssumeRole);
        assert_eq!(read.denied_action.as_deref(), Some("sts:TagSession"));
    }

    #[test]
    fn a_denied_token_still_names_subject_and_audience() {
        let record = Record {
            user_identity: Some(
                r#"{"type":"WebIdentityUser","principalId":"arn:aws:iam::1:oidc-provider/h:https://github.com/acme:repo:acme/x:ref:refs/heads/main",
                    "userName":"repo:acme/x:ref:refs/heads/main","identityProvider":"arn:aws:iam::1:oidc-provider/h"}"#,
            ),
            ..record("AssumeRoleWithWebIdentity", Some("An unknown error occurred"))
        };
        let read = assumption(&record, IssuingCall::WebIdentity);
        assert_eq!(read.audience.as_deref(), Some("https://github.com/acme"));
        assert_eq!(read.subject.as_deref(), Some("repo:acme/x:ref:refs/heads/main"));
    }

    #[test]
    fn tags_are_read_as_a_list_and_as_a_map() {
        for raw in [r#"{"tags":[{"key":"a","value":"1"}]}"#, r#"{"tags":{"a":"1"}}"#] {
            let record = Record { request_parameters: Some(raw), ..record("AssumeRole", None) };
            let read = assumption(&record, IssuingCall::AssumeRole);
            assert_eq!(read.tags, vec![(Cow::Borrowed("a"), Cow::Borrowed("1"))], "{raw}");
        }
    }

    #[test]
    fn parameters_of_the_wrong_shape_cost_nothing_else() {
        let record = Record {
            request_parameters: Some(r#"{"roleArn":"arn:aws:iam::1:role/r","durationSeconds":"long","tags":7}"#),
            response_elements: Some(r#"{"credentials":[],"audience":"a"}"#),
            ..record("AssumeRole", None)
        };
        let read = assumption(&record, IssuingCall::AssumeRole);
        assert_eq!((read.role_arn.as_deref(), read.audience.as_deref()), (Some("arn:aws:iam::1:role/r"), Some("a")));
        assert_eq!((read.duration_seconds, read.tags.len()), (None, 0));
    }
}
