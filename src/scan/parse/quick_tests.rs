//! The quick way through small objects against `serde_json`: what it does not give up on, it reads as the careful way does.

use std::fmt::Debug;

use proptest::prelude::*;

use super::identity::careful;
use super::object;
use super::quick::Quick;
use super::quick_identity::quick;
use super::wire::Wire;
use super::wire::WireAdditional;
use super::wire::WireRequest;
use super::wire::WireResponse;

const IDENTITIES: [&str; 4] = [
    r#"{"type":"AssumedRole","principalId":"AROA1:s","arn":"arn:aws:sts::111111111111:assumed-role/r/é","accountId":"111111111111","accessKeyId":"ASIA1","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA1","arn":"arn:aws:iam::111111111111:role/r","accountId":"111111111111","userName":"r"},"webIdFederationData":{},"attributes":{"creationDate":"2026-11-02T08:00:00Z","mfaAuthenticated":"false"},"sourceIdentity":"jane","assumedRoot":"true","ec2RoleDelivery":"2.0"}}"#,
    r#"{"type":"AssumedRole","sessionContext":{"webIdFederationData":{"federatedProvider":"arn:aws:iam::1:oidc-provider/h","attributes":{}},"attributes":{"mfaAuthenticated":true}},"invokedBy":"AWS Internal"}"#,
    r#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#,
    r#"{"type":"WebIdentityUser","principalId":"h:a:repo:acme/x","userName":"repo:acme/x","identityProvider":"h"}"#,
];

const REQUESTS: [&str; 3] = [
    r#"{"roleArn":"arn:aws:iam::111111111111:role/r","roleSessionName":"s","externalId":"x","durationSeconds":3600,"sourceIdentity":"jane","tags":[{"key":"a","value":"1"}],"transitiveTagKeys":["a"],"incomingTransitiveTags":{"b":"2"},"principalTags":{},"policy":"{}","policyArns":[{"arn":"p"}]}"#,
    r#"{"roleArn":"r","principalArn":"arn:aws:iam::111111111111:saml-provider/p","sAMLAssertionID":"_1"}"#,
    r#"{"webIdentityTokenId":"t","roleSessionName":"s","roleArn":"r"}"#,
];

const RESPONSES: [&str; 2] = [
    r#"{"credentials":{"accessKeyId":"ASIA1","sessionToken":"IQo\/+=","expiration":"Nov 2, 2026, 8:25:20 AM"},"assumedRoleUser":{"assumedRoleId":"AROA1:s","arn":"a"},"packedPolicySize":0}"#,
    r#"{"subjectFromWebIdentityToken":"repo:acme/x","audience":"sts","provider":"p","sourceIdentity":"i","webIdentityTokenId":"t","credentials":{}}"#,
];

const ADDITIONAL: [&str; 1] =
    [r#"{"RequestDetails":{"awsServingRegion":"eu-central-1","endpointType":"regional"},"explicitTrustGrant":false}"#];

/// One of the texts, with pieces of it gone, come twice, or changed.
fn changed(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    let index = any::<prop::sample::Index>;
    let token = prop::sample::select(
        &[
            "\"",
            "\\",
            "\\u0041",
            "\\ud800",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            " ",
            "0",
            "-1e999",
            "null",
            "true",
            "\"\"",
            "é",
            "\u{1}",
            "{}",
            "[{}]",
            "\"arn\":7,",
            "\"type\":null,",
        ][..],
    );
    let change = (index(), index(), 0..5_u8, token);
    (prop::sample::select(texts), prop::collection::vec(change, 0..4)).prop_map(|(text, changes)| {
        let mut parts: Vec<String> = pieces(text);
        for (a, b, how, token) in changes {
            let (a, b) = (a.index(parts.len()), b.index(parts.len()));
            let (from, to) = (a.min(b), a.max(b));
            match how {
                0 => parts[a] = token.to_owned(),
                1 => parts.insert(a, token.to_owned()),
                2 => parts.swap(a, b),
                3 if to - from < parts.len() => drop(parts.drain(from..to)),
                _ => {
                    let again = parts[from..=to.min(from + 7)].to_vec();
                    parts.splice(from..from, again);
                }
            }
        }
        parts.concat()
    })
}

/// Cuts a text into strings, brackets and what else there is.
fn pieces(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for letter in text.chars() {
        let is_mark = "{}[],:\"".contains(letter);
        if is_mark || parts.last().is_some_and(|part| part.len() == 1 && "{}[],:\"".contains(part.as_str())) {
            parts.push(String::new());
        }
        if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    parts
}

fn agrees<'a, T: Wire<'a> + Debug>(text: &'a str) -> Result<(), TestCaseError> {
    if let Some(quick) = Quick::read(text, T::quick) {
        let careful: Option<T> = object::read(text);
        prop_assert_eq!(format!("{:?}", Some(quick)), format!("{careful:?}"), "{}", text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_identity_reads_the_same_both_ways(text in changed(&IDENTITIES)) {
        if let Some(read) = quick(&text) {
            prop_assert_eq!(careful(&text), Some(read), "{}", text);
            prop_assert!(!object::repeats_a_key(&text), "{}", text);
        }
    }

    #[test]
    fn what_was_asked_and_answered_reads_the_same_both_ways(
        request in changed(&REQUESTS),
        response in changed(&RESPONSES),
        additional in changed(&ADDITIONAL),
    ) {
        agrees::<WireRequest<'_>>(&request)?;
        agrees::<WireResponse<'_>>(&response)?;
        agrees::<WireAdditional<'_>>(&additional)?;
    }
}

#[test]
fn what_aws_writes_is_read_the_quick_way() {
    for text in IDENTITIES {
        assert!(quick(text).is_some(), "{text}");
    }
    for text in REQUESTS {
        assert!(Quick::read(text, WireRequest::quick).is_some(), "{text}");
    }
    for text in RESPONSES {
        assert!(Quick::read(text, WireResponse::quick).is_some(), "{text}");
    }
    for text in ADDITIONAL {
        assert!(Quick::read(text, WireAdditional::quick).is_some(), "{text}");
    }
}
