//! Control-plane changes that audit rules look at: roles, providers, keys, trails and log buckets.

use std::borrow::Cow;

use super::lenient::Raw;
use crate::model::record::Record;

/// Longest document that is kept.
const MAX_DOCUMENT: usize = 64 << 10;

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// A role's trust policy was set: `CreateRole`, `UpdateAssumeRolePolicy`.
    RoleTrust,
    /// A role was deleted.
    RoleDeleted,
    /// What a role may do was changed.
    RolePermissions,
    /// An OIDC or SAML provider was created, changed or deleted.
    IdentityProvider,
    /// A long-lived key was created, changed or deleted.
    AccessKey,
    /// A trail or event data store was changed.
    Trail,
    /// A bucket's policy or lifecycle was changed, or it was deleted.
    Bucket,
}

/// One control-plane change, successful or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// What was changed.
    pub kind: ChangeKind,
    /// The event name, such as `UpdateAssumeRolePolicy`.
    pub event_name: Cow<'a, str>,
    /// Whether it took effect: the record has no error code.
    pub succeeded: bool,
    /// The role, provider, user, trail or bucket.
    pub target: Option<Cow<'a, str>>,
    /// What else names it: the policy of a role, the id of an access key, the client id of a provider.
    pub detail: Option<Cow<'a, str>>,
    /// The client ids that a new OIDC provider accepts.
    pub client_ids: Vec<Cow<'a, str>>,
    /// The trust policy; for trails and buckets the parameters in compact JSON. At most 64 KiB.
    pub document: Option<String>,
    /// Whether the log left the parameters out, or the document is too long to keep.
    pub omitted: bool,
}

/// Where the parameters of a call name what the change is about.
struct Shape {
    kind: ChangeKind,
    target: &'static [&'static str],
    detail: &'static [&'static str],
    document: Document,
}

enum Document {
    None,
    Parameter(&'static str),
    All,
}

/// Says whether [`change`] has something to say about the record. Costs one comparison for most records.
#[inline]
pub fn is_change(record: &Record<'_>) -> bool {
    shape(record).is_some()
}

/// Reads a control-plane change. `None` for every other event.
pub fn change<'r>(record: &'r Record<'_>) -> Option<Change<'r>> {
    let shape = shape(record)?;
    let mut change = Change {
        kind: shape.kind,
        event_name: Cow::Borrowed(record.event_name.as_deref()?),
        succeeded: record.error_code.is_none(),
        target: None,
        detail: None,
        client_ids: Vec::new(),
        document: None,
        omitted: false,
    };
    let Some(parameters) = record.request_parameters else { return Some(change) };
    change.omitted = parameters.contains("requestParameters too large");
    let _ = Raw(parameters).entries(|key, value| change.take(&shape, key, value));
    if shape.kind == ChangeKind::AccessKey && change.detail.is_none() {
        change.detail = record.response_elements.and_then(created_key);
    }
    if matches!(shape.document, Document::All) && !change.omitted {
        change.keep(compact(parameters));
    }
    Some(change)
}

impl<'a> Change<'a> {
    fn take(&mut self, shape: &Shape, key: &str, value: Raw<'a>) {
        if shape.target.contains(&key) {
            if let Some(target) = value.text() {
                self.target = Some(target);
            }
        } else if shape.detail.contains(&key) {
            self.detail = value.text();
        } else if matches!(shape.document, Document::Parameter(name) if name == key) {
            let text = value.text();
            self.keep(text.map(|text| percent_decoded(&text).unwrap_or_else(|| text.into_owned())));
        }
        match key {
            "clientIDList" => value.elements(|id| self.client_ids.extend(id.text())),
            "omitted" => self.omitted |= value.flag() == Some(true),
            _ => {}
        }
    }

    fn keep(&mut self, document: Option<String>) {
        self.document = document.filter(|text| {
            text.len() <= MAX_DOCUMENT || {
                self.omitted = true;
                false
            }
        });
    }
}

fn shape(record: &Record<'_>) -> Option<Shape> {
    let name = record.event_name.as_deref()?;
    match record.event_source.as_deref()? {
        "iam.amazonaws.com" => iam(name),
        "cloudtrail.amazonaws.com" => trail(name),
        "s3.amazonaws.com" => bucket(name),
        _ => None,
    }
}

fn iam(name: &str) -> Option<Shape> {
    const ROLE: &[&str] = &["roleName"];
    const PROVIDER: &[&str] = &["url", "openIDConnectProviderArn", "sAMLProviderArn", "name"];
    let (kind, target, detail, document) = match name {
        "CreateRole" => (ChangeKind::RoleTrust, ROLE, &[][..], Document::Parameter("assumeRolePolicyDocument")),
        "UpdateAssumeRolePolicy" => (ChangeKind::RoleTrust, ROLE, &[][..], Document::Parameter("policyDocument")),
        "DeleteRole" => (ChangeKind::RoleDeleted, ROLE, &[][..], Document::None),
        "PutRolePolicy" | "AttachRolePolicy" | "DeleteRolePolicy" | "DetachRolePolicy" => {
            (ChangeKind::RolePermissions, ROLE, &["policyName", "policyArn"][..], Document::None)
        }
        "CreateOpenIDConnectProvider"
        | "DeleteOpenIDConnectProvider"
        | "UpdateOpenIDConnectProviderThumbprint"
        | "AddClientIDToOpenIDConnectProvider"
        | "RemoveClientIDFromOpenIDConnectProvider"
        | "CreateSAMLProvider"
        | "UpdateSAMLProvider"
        | "DeleteSAMLProvider" => (ChangeKind::IdentityProvider, PROVIDER, &["clientID"][..], Document::None),
        "CreateAccessKey" | "UpdateAccessKey" | "DeleteAccessKey" => {
            (ChangeKind::AccessKey, &["userName"][..], &["accessKeyId"][..], Document::None)
        }
        _ => return None,
    };
    Some(Shape { kind, target, detail, document })
}

fn trail(name: &str) -> Option<Shape> {
    const NAMES: [&str; 14] = [
        "CreateTrail",
        "DeleteEventDataStore",
        "DeleteTrail",
        "DeregisterOrganizationDelegatedAdmin",
        "PutEventConfiguration",
        "PutEventSelectors",
        "PutInsightSelectors",
        "RestoreEventDataStore",
        "StartEventDataStoreIngestion",
        "StartLogging",
        "StopEventDataStoreIngestion",
        "StopLogging",
        "UpdateEventDataStore",
        "UpdateTrail",
    ];
    let target = &["name", "trailName", "eventDataStore"];
    let shape = Shape { kind: ChangeKind::Trail, target, detail: &[], document: Document::All };
    NAMES.contains(&name).then_some(shape)
}

fn bucket(name: &str) -> Option<Shape> {
    const NAMES: [&str; 7] = [
        "DeleteBucket",
        "DeleteBucketLifecycle",
        "DeleteBucketPolicy",
        "PutBucketLifecycle",
        "PutBucketLifecycleConfiguration",
        "PutBucketPolicy",
        "PutBucketVersioning",
    ];
    let shape = Shape { kind: ChangeKind::Bucket, target: &["bucketName"], detail: &[], document: Document::All };
    NAMES.contains(&name).then_some(shape)
}

/// Finds the id of a new key. Its secret is not logged, and would not be read.
fn created_key(response: &str) -> Option<Cow<'_, str>> {
    let mut id = None;
    Raw(response).entries(|key, value| {
        if key == "accessKey" {
            let _ = value.entries(|key, value| {
                if key == "accessKeyId" {
                    id = value.text();
                }
            });
        }
    })?;
    id
}

/// Writes JSON anew without white space, keys in order.
fn compact(json: &str) -> Option<String> {
    serde_json::from_str::<serde_json::Value>(json).ok().map(|value| value.to_string())
}

/// Decodes a policy in the percent-encoded form that the IAM API returns. `None` when it is not in that form.
fn percent_decoded(text: &str) -> Option<String> {
    if !text.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("%7b")) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        match (byte, tail) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                out.push(hex(*high)? << 4 | hex(*low)?);
                rest = after;
            }
            _ => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::{Change, ChangeKind, change, is_change};
    use crate::parse::parse_careful;

    fn with<T>(source: &str, name: &str, rest: &str, check: impl FnOnce(Change<'_>) -> T) -> T {
        let text = format!(r#"{{"eventSource":"{source}.amazonaws.com","eventName":"{name}",{rest}}}"#);
        let parsed = parse_careful(&text).unwrap();
        assert!(is_change(&parsed.record));
        check(change(&parsed.record).unwrap())
    }

    #[test]
    fn a_trust_policy_is_kept_as_text_however_it_is_encoded() {
        for document in [r#"{\"Version\":\"2012-10-17\"}"#, "%7B%22Version%22%3A%222012-10-17%22%7d"] {
            let rest = format!(r#""requestParameters":{{"policyDocument":"{document}","roleName":"r"}}"#);
            with("iam", "UpdateAssumeRolePolicy", &rest, |it| {
                assert_eq!((it.kind, it.target.as_deref()), (ChangeKind::RoleTrust, Some("r")));
                assert_eq!(it.document.as_deref(), Some(r#"{"Version":"2012-10-17"}"#));
                assert!(it.succeeded && !it.omitted);
            });
        }
    }

    #[test]
    fn a_provider_names_its_address_and_clients() {
        let rest = r#""requestParameters":{"url":"https://token.actions.githubusercontent.com","clientIDList":["sts.amazonaws.com"]}"#;
        with("iam", "CreateOpenIDConnectProvider", rest, |it| {
            assert_eq!(it.target.as_deref(), Some("https://token.actions.githubusercontent.com"));
            assert_eq!(it.client_ids, ["sts.amazonaws.com"]);
        });
    }

    #[test]
    fn a_trail_change_keeps_its_parameters() {
        let rest = r#""errorCode":"AccessDenied","requestParameters":{ "name" : "main", "isMultiRegionTrail": false }"#;
        with("cloudtrail", "UpdateTrail", rest, |it| {
            assert_eq!(it.document.as_deref(), Some(r#"{"isMultiRegionTrail":false,"name":"main"}"#));
            assert_eq!((it.target.as_deref(), it.succeeded), (Some("main"), false));
        });
        with("cloudtrail", "StopLogging", r#""requestParameters":null"#, |it| assert_eq!(it.target, None));
    }

    #[test]
    fn what_the_log_left_out_is_said_to_be_omitted() {
        for omitted in [r#"{"omitted":true}"#, r#""requestParameters too large""#] {
            let rest = format!(r#""requestParameters":{omitted}"#);
            with("s3", "PutBucketPolicy", &rest, |it| assert!(it.omitted && it.document.is_none()));
        }
        let long =
            format!(r#""requestParameters":{{"roleName":"r","assumeRolePolicyDocument":"{}"}}"#, "x".repeat(70_000));
        with("iam", "CreateRole", &long, |it| assert!(it.omitted && it.document.is_none()));
    }

    #[test]
    fn a_new_key_is_found_in_the_response() {
        let rest = r#""requestParameters":{"userName":"u"},"responseElements":{"accessKey":{"accessKeyId":"AKIAX","status":"Active"}}"#;
        with("iam", "CreateAccessKey", rest, |it| {
            assert_eq!((it.target.as_deref(), it.detail.as_deref()), (Some("u"), Some("AKIAX")));
        });
    }
}
