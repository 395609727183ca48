//! Issuance events as they come: success and denial, every way of issuing.

use super::issuance::Issuance;
use super::{assumption, parse_careful};
use crate::model::time::Timestamp;

fn with<T>(source: &str, name: &str, rest: &str, check: impl FnOnce(super::Assumption<'_>) -> T) -> T {
    let text =
        format!(r#"{{"eventVersion":"1.08","eventSource":"{source}.amazonaws.com","eventName":"{name}",{rest}}}"#);
    let parsed = parse_careful(&text).unwrap();
    check(assumption(&parsed.record).unwrap())
}

#[test]
fn a_successful_hop_says_role_key_and_expiry() {
    let rest = r#""requestParameters":{"roleArn":"arn:aws:iam::1:role/ci/r","roleSessionName":"s","externalId":"x","durationSeconds":900,
        "tags":[{"key":"Repository","value":"acme/orders"},{"key":"n"}],"incomingTransitiveTags":{"a":"b"},"transitiveTagKeys":["a"],
        "policyArns":[{"arn":"p"}],"sourceIdentity":"me"},
        "responseElements":{"credentials":{"accessKeyId":"ASIAX","sessionToken":"SECRET","expiration":"Jul 10, 2023, 12:09:47 PM"},
        "assumedRoleUser":{"assumedRoleId":"AROAX:s","arn":"arn:aws:sts::1:assumed-role/r/s"}},
        "additionalEventData":{"RequestDetails":{"awsServingRegion":"eu-north-1","endpointType":"global"},"explicitTrustGrant":false},
        "tlsDetails":{"clientProvidedHostHeader":"sts.amazonaws.com"}"#;
    with("sts", "AssumeRole", rest, |it| {
        assert!(it.succeeded && it.has_session_policy);
        assert_eq!(it.role_arn.as_deref(), Some("arn:aws:iam::1:role/ci/r"));
        assert_eq!(it.issued_access_key_id.as_deref(), Some("ASIAX"));
        assert_eq!(it.expires, Timestamp::parse_iso("2023-07-10T12:09:47Z"));
        assert_eq!((it.external_id.as_deref(), it.duration_seconds), (Some("x"), Some(900)));
        assert_eq!(it.tags, [("Repository".into(), "acme/orders".into()), ("n".into(), "".into())]);
        assert_eq!(it.incoming_transitive_tags, [("a".into(), "b".into())]);
        assert_eq!(it.transitive_tag_keys, ["a"]);
        assert_eq!(it.assumed_role_id.as_deref(), Some("AROAX:s"));
        assert_eq!((it.serving_region.as_deref(), it.endpoint_type.as_deref()), (Some("eu-north-1"), Some("global")));
        assert_eq!((it.explicit_trust_grant, it.host_header.as_deref()), (Some(false), Some("sts.amazonaws.com")));
        assert!(!format!("{it:?}").contains("SECRET"));
    });
}

#[test]
fn a_denied_hop_names_its_role_only_in_words() {
    let rest = r#""errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::1:user/u is not authorized to perform: sts:TagSession on resource: arn:aws:iam::2:role/p/r","requestParameters":null,"responseElements":null"#;
    with("sts", "AssumeRole", rest, |it| {
        assert!(!it.succeeded);
        assert_eq!(it.role_arn.as_deref(), Some("arn:aws:iam::2:role/p/r"));
        assert_eq!(it.denied_action.as_deref(), Some("sts:TagSession"));
    });
}

#[test]
fn the_audience_is_carved_out_and_never_split_at_colons() {
    let rest = r#""userIdentity":{"type":"WebIdentityUser","principalId":"arn:aws:iam::1:oidc-provider/h:https://github.com/acme:repo:acme/o:ref:refs/heads/main","userName":"repo:acme/o:ref:refs/heads/main","identityProvider":"arn:aws:iam::1:oidc-provider/h"},
        "errorCode":"AccessDenied","errorMessage":"An unknown error occurred","requestParameters":{"roleSessionName":"1"},
        "resources":[{"type":"AWS::X"},{"accountId":"1","type":"AWS::IAM::Role","ARN":"arn:aws:iam::1:role/r"}]"#;
    with("sts", "AssumeRoleWithWebIdentity", rest, |it| {
        assert_eq!(it.audience.as_deref(), Some("https://github.com/acme"));
        assert_eq!(it.subject.as_deref(), Some("repo:acme/o:ref:refs/heads/main"));
        assert_eq!(it.provider.as_deref(), Some("arn:aws:iam::1:oidc-provider/h"));
        assert_eq!(it.role_arn.as_deref(), Some("arn:aws:iam::1:role/r"));
    });
    let rest = r#""userIdentity":{"principalId":"p","userName":"u","identityProvider":"i"},"responseElements":{"subjectFromWebIdentityToken":"sub","audience":"aud","provider":"prov"},"additionalEventData":{"RoleAuthorizedByIdp":true,"identityProviderConnectionVerificationMethod":"Thumbprint"}"#;
    with("sts", "AssumeRoleWithWebIdentity", rest, |it| {
        let read = (it.subject.as_deref(), it.audience.as_deref(), it.provider.as_deref());
        assert_eq!(read, (Some("sub"), Some("aud"), Some("prov")));
        assert_eq!((it.role_authorized_by_idp, it.idp_verification.as_deref()), (Some(true), Some("Thumbprint")));
    });
}

#[test]
fn the_rarer_ways_are_read_too() {
    with(
        "sts",
        "AssumeRoot",
        r#""requestParameters":{"targetPrincipal":"111122223333","taskPolicyArn":{"arn":"t"}}"#,
        |it| {
            assert_eq!(
                (it.target_principal.as_deref(), it.task_policy_arn.as_deref()),
                (Some("111122223333"), Some("t"))
            );
        },
    );
    let rest =
        r#""requestParameters":{"name":"n"},"responseElements":{"federatedUser":{"arn":"a","federatedUserId":"1:n"}}"#;
    with("sts", "GetFederationToken", rest, |it| {
        assert_eq!((it.role_session_name.as_deref(), it.federated_user_arn.as_deref()), (Some("n"), Some("a")));
        assert_eq!(it.issuance, Issuance::FederationToken);
    });
    let rest = r#""requestParameters":{"roleArn":"r","trustAnchorArn":"t"},"responseElements":{"credentialSet":[{"credentials":{"accessKeyId":"ASIAR"},"assumedRoleUser":{"arn":"s"}}]}"#;
    with("rolesanywhere", "CreateSession", rest, |it| {
        assert_eq!((it.issued_access_key_id.as_deref(), it.assumed_role_arn.as_deref()), (Some("ASIAR"), Some("s")));
    });
    with("eks-auth", "AssumeRoleForPodIdentity", r#""requestParameters":{"clusterName":"c","token":"HIDDEN"}"#, |it| {
        assert_eq!(it.cluster_name.as_deref(), Some("c"));
    });
    let other = parse_careful(r#"{"eventSource":"s3.amazonaws.com","eventName":"AssumeRole"}"#).unwrap();
    assert_eq!(assumption(&other.record), None);
}
