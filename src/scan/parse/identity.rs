//! The identity: `userIdentity`, field by field. One odd field never costs the others.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Deserializer;
use serde_json::value::RawValue;

use super::identity_fields::Identity;
use super::object;
use super::object::Key;
use super::quick_identity::quick;
use super::text::decode;
use crate::model::time::Timestamp;

/// Reads a `userIdentity` that is an object, and says what is wrong with it; `None` when it can be taken as it stands.
pub fn identity_and_fault(raw: &str) -> (Identity<'_>, Option<&'static str>) {
    let quick = quick(raw);
    // The quick way gives up on keys that come twice.
    let is_repeated = || quick.is_none() && object::repeats_a_key(raw);
    let Some(read) = quick.clone().or_else(|| careful(raw)) else {
        return (Identity::default(), Some("userIdentity cannot be read"));
    };
    let fault = if is_repeated() {
        Some("userIdentity repeats a key, and the last one counts")
    } else {
        read.names_nobody().then_some("userIdentity names nobody")
    };
    (read, fault)
}

/// Reads `userIdentity`. `None` when it is not an object in JSON. Of two values for one key the last one counts.
pub fn identity(raw: &str) -> Option<Identity<'_>> {
    quick(raw).or_else(|| careful(raw))
}

/// Reads it by way of `serde_json`.
pub(super) fn careful(raw: &str) -> Option<Identity<'_>> {
    // Serde would read a list as a struct, too.
    if !raw.trim_start().starts_with('{') {
        return None;
    }
    let wire: WireIdentity<'_> = object::read(raw)?;
    let context = wire.session_context.0.unwrap_or_default();
    let issuer = context.session_issuer.0.unwrap_or_default();
    let attributes = context.attributes.0.unwrap_or_default();
    let federation = context.web_id_federation_data.0.unwrap_or_default();
    let [federated_subject, federated_audience] = federation.claims([":sub", ":aud"]);
    Some(Identity {
        kind: wire.kind.0,
        principal_id: wire.principal_id.0,
        arn: wire.arn.0,
        account_id: wire.account_id.0,
        access_key_id: wire.access_key_id.0,
        user_name: wire.user_name.0,
        invoked_by: wire.invoked_by.0,
        identity_provider: wire.identity_provider.0,
        issuer_arn: issuer.arn.0,
        issuer_principal_id: issuer.principal_id.0,
        federated_provider: federation.federated_provider.0,
        federated_subject,
        federated_audience,
        created: attributes.creation_date.0.as_deref().and_then(Timestamp::parse_iso),
        mfa: attributes.mfa_authenticated.0,
        source_identity: context.source_identity.0,
        assumed_root: context.assumed_root.0,
        on_behalf_of: wire.on_behalf_of.0.unwrap_or_default().user_id.0,
        issued_to: wire.in_scope_of.0.unwrap_or_default().credentials_issued_to.0,
        delegate: wire.invoked_by_delegate.0.unwrap_or_default().account_id.0,
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireIdentity<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    principal_id: Text<'a>,
    #[serde(borrow)]
    arn: Text<'a>,
    #[serde(borrow)]
    account_id: Text<'a>,
    #[serde(borrow)]
    access_key_id: Text<'a>,
    #[serde(borrow)]
    user_name: Text<'a>,
    #[serde(borrow)]
    invoked_by: Text<'a>,
    #[serde(borrow)]
    identity_provider: Text<'a>,
    #[serde(borrow)]
    session_context: Lenient<WireContext<'a>>,
    #[serde(borrow)]
    on_behalf_of: Lenient<WireOnBehalfOf<'a>>,
    #[serde(borrow)]
    in_scope_of: Lenient<WireInScopeOf<'a>>,
    #[serde(borrow)]
    invoked_by_delegate: Lenient<WireDelegate<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireContext<'a> {
    #[serde(borrow)]
    session_issuer: Lenient<WireIssuer<'a>>,
    #[serde(borrow)]
    web_id_federation_data: Lenient<WireFederation<'a>>,
    #[serde(borrow)]
    attributes: Lenient<WireAttributes<'a>>,
    #[serde(borrow)]
    source_identity: Text<'a>,
    assumed_root: Flag,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireIssuer<'a> {
    #[serde(borrow)]
    arn: Text<'a>,
    #[serde(borrow)]
    principal_id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireFederation<'a> {
    #[serde(borrow)]
    federated_provider: Text<'a>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
}

impl<'a> WireFederation<'a> {
    /// Returns the values of the keys that end so. A key begins with the provider, and there is one provider.
    fn claims<const N: usize>(&self, ends: [&str; N]) -> [Option<Cow<'a, str>>; N] {
        let raw = self.attributes.map_or("{}", RawValue::get);
        // Nearly every session's are empty.
        if raw.len() <= 2 {
            return [const { None }; N];
        }
        let claims: BTreeMap<Key, Text<'a>> = serde_json::from_str(raw).unwrap_or_default();
        ends.map(|end| claims.iter().find(|(Key(key), _)| key.ends_with(end)).and_then(|(_, value)| value.0.clone()))
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireAttributes<'a> {
    #[serde(borrow)]
    creation_date: Text<'a>,
    mfa_authenticated: Flag,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireOnBehalfOf<'a> {
    #[serde(borrow)]
    user_id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireInScopeOf<'a> {
    #[serde(borrow)]
    credentials_issued_to: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireDelegate<'a> {
    #[serde(borrow)]
    account_id: Text<'a>,
}

/// A string, or nothing: `""`, null and every other type are nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &'a serde_json::value::RawValue = Deserialize::deserialize(deserializer)?;
        Ok(Self(text(raw.get())))
    }
}

/// Reads a JSON string, borrowing it when it has no escapes.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.is_empty() {
        return None;
    }
    decode(inner)
}

/// A boolean, or the strings `"true"` and `"false"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flag(pub(super) Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &serde_json::value::RawValue = Deserialize::deserialize(deserializer)?;
        Ok(Self(match raw.get() {
            "true" | "\"true\"" => Some(true),
            "false" | "\"false\"" => Some(false),
            _ => None,
        }))
    }
}

/// A value of the expected shape, or nothing: a wrong type costs this field only.
#[derive(Debug)]
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &'de serde_json::value::RawValue = Deserialize::deserialize(deserializer)?;
        Ok(Self(object::read(raw.get())))
    }
}

#[cfg(test)]
mod tests {
    use super::identity;

    #[test]
    fn a_role_session_is_read() {
        let read = identity(
            r#"{"type":"AssumedRole","principalId":"AROA1:s","accessKeyId":"ASIA1","arn":"a\u002fb",
                "sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111111111111:role/r"},"webIdFederationData":{},
                "attributes":{"creationDate":"2026-11-02T08:00:00Z","mfaAuthenticated":"false"}}}"#,
        )
        .unwrap();
        assert_eq!(read.arn.as_deref(), Some("a/b"));
        assert_eq!(read.created.map(|time| time.to_string()).as_deref(), Some("2026-11-02T08:00:00Z"));
        assert_eq!((read.mfa, read.federated_provider), (Some(false), None));
    }

    #[test]
    fn an_odd_field_costs_only_itself() {
        let read = identity(
            r#"{"type":7,"principalId":"p","accessKeyId":"","sessionContext":{"attributes":[],"sessionIssuer":{"arn":"x","principalId":{}}},"onBehalfOf":"no"}"#,
        )
        .unwrap();
        assert_eq!((read.kind, read.access_key_id, read.issuer_principal_id), (None, None, None));
        assert_eq!((read.principal_id.as_deref(), read.issuer_arn.as_deref()), (Some("p"), Some("x")));
        let twice =
            r#"{"type":"x","\ud800":1,"sessionContext":{"sourceIdentity":"a","sourceIdentity":"b\udc00"},"type":"y"}"#;
        let read = identity(twice).unwrap();
        assert_eq!((read.kind.as_deref(), read.source_identity.as_deref()), (Some("y"), Some("b\u{fffd}")));
        for not_an_object in ["", "null", "[]", "\"x\"", "{"] {
            assert_eq!(identity(not_an_object).map(|read| read.kind), None, "{not_an_object}");
        }
    }
}
