//! Changes: calls that alter trust, keys or trails.

use serde_json::Map;
use serde_json::Value;

use super::text::without_halves;
use crate::model::record::Record;

/// More of a document than this is cut off; a trust policy has at most 4,096 characters.
const MAX_DOCUMENT: usize = 64 * 1024;

/// What one change says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What was changed: a role name, a trail, a bucket, a provider's address, a user.
    pub target: Option<String>,
    /// The policy document, or the request parameters, as JSON text.
    pub document: Option<String>,
    /// True when the record does not hold the parameters: they were too large, or a filter took them out.
    pub omitted: bool,
}

/// Parameters that no rule reads: what is secret, or long for nothing.
const LEFT_OUT: [&str; 2] = ["password", "sshPublicKeyBody"];

/// Calls that may come without parameters: they are then about the caller.
const BARE: [&str; 2] = ["CreateAccessKey", "CreateLoginProfile"];

/// The calls, by service.
const CALLS: &[(&str, &[&str])] = &[
    (
        "iam.amazonaws.com",
        &[
            "CreateRole",
            "UpdateAssumeRolePolicy",
            "DeleteRole",
            "PutRolePolicy",
            "AttachRolePolicy",
            "CreateOpenIDConnectProvider",
            "DeleteOpenIDConnectProvider",
            "AddClientIDToOpenIDConnectProvider",
            "UpdateOpenIDConnectProviderThumbprint",
            "CreateSAMLProvider",
            "UpdateSAMLProvider",
            "DeleteSAMLProvider",
            "CreateAccessKey",
            "UpdateAccessKey",
            "DeleteAccessKey",
            "CreateUser",
            "CreateLoginProfile",
            "CreateServiceSpecificCredential",
            "UploadSSHPublicKey",
            "AttachUserPolicy",
            "PutUserPolicy",
        ],
    ),
    (
        "cloudtrail.amazonaws.com",
        &[
            "StopLogging",
            "StartLogging",
            "CreateTrail",
            "DeleteTrail",
            "UpdateTrail",
            "PutEventSelectors",
            "DeleteEventDataStore",
            "StopEventDataStoreIngestion",
            "UpdateEventDataStore",
        ],
    ),
    (
        "s3.amazonaws.com",
        &[
            "CreateBucket",
            "PutBucketLifecycle",
            "PutBucketLifecycleConfiguration",
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "DeleteBucket",
        ],
    ),
    ("rolesanywhere.amazonaws.com", &["CreateTrustAnchor", "CreateProfile"]),
    ("lambda.amazonaws.com", &["AddPermission20150331v2", "CreateFunctionUrlConfig", "UpdateFunctionUrlConfig"]),
];

/// Returns `eventSource` and `eventName` of every call that alters trust, keys or trails.
pub fn change_calls() -> impl Iterator<Item = (&'static str, &'static str)> {
    CALLS.iter().flat_map(|(source, names)| names.iter().map(|name| (*source, *name)))
}

/// Returns true when a record is of a call that alters trust, keys or trails.
pub fn is_change(record: &Record<'_>) -> bool {
    if record.read_only == Some(true) {
        return false;
    }
    let Some(source) = record.event_source.as_deref() else { return false };
    let Some((_, names)) = CALLS.iter().find(|(service, _)| *service == source) else { return false };
    record.event_name.as_deref().is_some_and(|name| names.contains(&name))
}

/// Reads what a change says.
pub fn change(record: &Record<'_>) -> Change {
    let raw = record.request_parameters.unwrap_or_default();
    let mut parameters: Map<String, Value> = serde_json::from_str(&without_halves(raw)).unwrap_or_default();
    parameters.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).map(str::to_owned);
    let names = [
        "roleName",
        "name",
        "trailName",
        "bucketName",
        "url",
        "openIDConnectProviderArn",
        "sAMLProviderArn",
        "userName",
        "eventDataStore",
        "functionName",
    ];
    // What a user's inline policy is called says more than what it holds.
    let is_named_policy = record.event_name.as_deref() == Some("PutUserPolicy");
    let policy = ["assumeRolePolicyDocument", "policyDocument"].into_iter().find_map(text);
    let policy = policy.filter(|_| !is_named_policy);
    Change {
        target: names.into_iter().find_map(text),
        document: policy
            .map(|policy| decoded(&policy))
            .or_else(|| compact(&parameters))
            .filter(|text| text.len() <= MAX_DOCUMENT),
        omitted: parameters.get("omitted").and_then(Value::as_bool) == Some(true)
            || raw.contains("requestParameters too large")
            || (parameters.is_empty() && !record.event_name.as_deref().is_some_and(|name| BARE.contains(&name))),
    }
}

fn compact(parameters: &Map<String, Value>) -> Option<String> {
    if parameters.is_empty() { None } else { serde_json::to_string(parameters).ok() }
}

/// Undoes percent-encoding, which some tools leave in policy documents. A JSON text never begins with `%`.
fn decoded(policy: &str) -> String {
    if !policy.trim_start().starts_with('%') {
        return policy.to_owned();
    }
    let mut bytes = Vec::with_capacity(policy.len());
    let mut rest = policy.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).filter(|_| *first == b'%');
        if let Some(byte) = hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_policy_is_read_plain_and_encoded() {
        for policy in [r#"{"Version":"2012-10-17"}"#, "%7B%22Version%22%3A%222012-10-17%22%7D"] {
            let raw = serde_json::json!({"roleName": "r", "policyDocument": policy}).to_string();
            let record = Record {
                event_source: Some("iam.amazonaws.com".into()),
                event_name: Some("UpdateAssumeRolePolicy".into()),
                request_parameters: Some(&raw),
                ..Record::default()
            };
            assert!(is_change(&record));
            let read = change(&record);
            assert_eq!(read.target.as_deref(), Some("r"));
            assert_eq!(read.document.as_deref(), Some(r#"{"Version":"2012-10-17"}"#));
        }
    }

    #[test]
    fn the_name_of_an_inline_policy_is_kept_and_secrets_are_not() {
        let read = |name: &str, parameters: serde_json::Value| {
            let raw = parameters.to_string();
            let record = Record {
                event_source: Some("iam.amazonaws.com".into()),
                event_name: Some(name.to_owned().into()),
                request_parameters: Some(&raw),
                ..Record::default()
            };
            assert!(is_change(&record), "{name}");
            let read = change(&record);
            assert_eq!(read.target.as_deref(), Some("ci"), "{name}");
            read.document.unwrap_or_default()
        };
        let policy = serde_json::json!({"userName": "ci", "policyName": "p", "policyDocument": "{}"});
        assert!(read("PutUserPolicy", policy).contains(r#""policyName":"p""#));
        for (name, secret) in [("CreateLoginProfile", "password"), ("UploadSSHPublicKey", "sshPublicKeyBody")] {
            let document = read(name, serde_json::json!({"userName": "ci", secret: "x-1"}));
            assert!(!document.contains("x-1"), "{name}");
        }
    }
}
