//! Condition operators, principals and actions: a table of policies, requests and verdicts.
//!
//! Where each row comes from: the IAM user guide's pages on condition operators, multivalued keys, principals and policy
//! variables, as the research notes of the project tell them.

use rolechain::trust::Policy;
use rolechain::trust::Verdict;
use rolechain::trust::caller::AwsCaller;
use rolechain::trust::caller::Caller;
use rolechain::trust::operator::Operator;
use rolechain::trust::request::Request;
use serde_json::Value;
use serde_json::json;

use crate::trust_commands::percent_encoded;

/// Allows, denies, or lacks this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Say {
    Allows,
    Denies,
    Lacks(&'static str),
}
use Say::Allows;
use Say::Denies;
use Say::Lacks;

fn caller() -> Caller {
    Caller::Aws(AwsCaller {
        account: Some("111111111111".to_owned()),
        arn: Some("arn:aws:iam::111111111111:role/ci/gha".to_owned()),
        session_arn: Some("arn:aws:sts::111111111111:assumed-role/gha/run-7".to_owned()),
        unique_id: Some("AROAEXAMPLEGHA".to_owned()),
    })
}

/// A request whose keys `k` and `n` are as told; `absent` is known to be absent, and all others are unknown.
fn request(keys: &Value) -> Request {
    let mut request = Request::new(vec!["sts:AssumeRole"], caller());
    request.absent("x:absent");
    for (key, values) in keys.as_object().unwrap() {
        let values = values.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned());
        request.set_all(key, values.collect());
    }
    request
}

fn said(policy: &Value, request: &Request) -> Say {
    match Policy::of_value(policy).unwrap().judge(request) {
        Verdict::Allows => Allows,
        Verdict::Denies(_) => Denies,
        Verdict::Unknown(lacks) => {
            let lacks: Vec<String> = lacks.iter().map(ToString::to_string).collect();
            Lacks(Box::leak(lacks.join(", ").into_boxed_str()))
        }
    }
}

fn policy(condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111111111111"},
        "Action": "sts:AssumeRole", "Condition": condition}})
}

/// Condition, keys of the request, verdict.
const CONDITIONS: &[(&str, &str, Say)] = &[
    // StringEquals: text by text, case matters, wildcards are characters.
    (r#"{"StringEquals":{"x:k":"a"}}"#, r#"{"x:k":["a"]}"#, Allows),
    (r#"{"StringEquals":{"X:K":["b","a"]}}"#, r#"{"x:k":["a"]}"#, Allows),
    (r#"{"StringEquals":{"x:k":"A"}}"#, r#"{"x:k":["a"]}"#, Denies),
    (r#"{"StringEquals":{"x:k":"*"}}"#, r#"{"x:k":["a"]}"#, Denies),
    (r#"{"StringEquals":{"x:k":"*"}}"#, r#"{"x:k":["*"]}"#, Allows),
    (r#"{"StringEquals":{"x:absent":"a"}}"#, "{}", Denies),
    (r#"{"StringEquals":{"x:other":"a"}}"#, "{}", Lacks("x:other")),
    (r#"{"StringEquals":{"x:k":[]}}"#, r#"{"x:k":["a"]}"#, Denies),
    // Its negation: none of the values may fit, and an absent key passes.
    (r#"{"StringNotEquals":{"x:k":["b","c"]}}"#, r#"{"x:k":["a"]}"#, Allows),
    (r#"{"StringNotEquals":{"x:k":["b","a"]}}"#, r#"{"x:k":["a"]}"#, Denies),
    (r#"{"StringNotEquals":{"x:absent":"a"}}"#, "{}", Allows),
    (r#"{"StringNotEquals":{"x:other":"a"}}"#, "{}", Lacks("x:other")),
    // IgnoreCase.
    (r#"{"StringEqualsIgnoreCase":{"x:k":"A"}}"#, r#"{"x:k":["a"]}"#, Allows),
    (r#"{"StringNotEqualsIgnoreCase":{"x:k":"A"}}"#, r#"{"x:k":["a"]}"#, Denies),
    (r#"{"StringEqualsIgnoreCase":{"x:k":"b"}}"#, r#"{"x:k":["a"]}"#, Denies),
    (r#"{"StringNotEqualsIgnoreCase":{"x:k":"B"}}"#, r#"{"x:k":["a"]}"#, Allows),
    (r#"{"StringNotEqualsIfExists":{"x:absent":"a"}}"#, "{}", Allows),
    // StringLike.
    (r#"{"StringLike":{"x:k":"repo:acme/*"}}"#, r#"{"x:k":["repo:acme/orders:environment:prod"]}"#, Allows),
    (r#"{"StringLike":{"x:k":"repo:acme*"}}"#, r#"{"x:k":["repo:acme-evil/x:pull_request"]}"#, Allows),
    (r#"{"StringLike":{"x:k":"repo:acme/orders:*"}}"#, r#"{"x:k":["repo:acme/orders-evil:x"]}"#, Denies),
    (r#"{"StringLike":{"x:k":"Repo:*"}}"#, r#"{"x:k":["repo:a"]}"#, Denies),
    (r#"{"StringLike":{"x:absent":"*"}}"#, "{}", Denies),
    (r#"{"StringNotLike":{"x:k":"b*"}}"#, r#"{"x:k":["a"]}"#, Allows),
    (r#"{"StringNotLike":{"x:k":"a*"}}"#, r#"{"x:k":["a"]}"#, Denies),
    (r#"{"StringNotLike":{"x:absent":"a*"}}"#, "{}", Allows),
    // IfExists: an absent key passes; one that is there must fit.
    (r#"{"StringEqualsIfExists":{"x:absent":"a"}}"#, "{}", Allows),
    (r#"{"StringEqualsIfExists":{"x:k":"b"}}"#, r#"{"x:k":["a"]}"#, Denies),
    (r#"{"StringLikeIfExists":{"x:k":"a*"}}"#, r#"{"x:k":["ab"]}"#, Allows),
    (r#"{"StringEqualsIfExists":{"x:other":"a"}}"#, "{}", Lacks("x:other")),
    (r#"{"stringequalsifexists":{"x:absent":"a"}}"#, "{}", Allows),
    // ForAnyValue, ForAllValues: the latter passes without the key.
    (r#"{"ForAnyValue:StringEquals":{"x:k":["b","c"]}}"#, r#"{"x:k":["a","b"]}"#, Allows),
    (r#"{"ForAnyValue:StringEquals":{"x:k":["c"]}}"#, r#"{"x:k":["a","b"]}"#, Denies),
    (r#"{"ForAnyValue:StringEquals":{"x:absent":["c"]}}"#, "{}", Denies),
    (r#"{"ForAnyValue:StringNotEquals":{"x:k":["a"]}}"#, r#"{"x:k":["a","b"]}"#, Allows),
    (r#"{"ForAnyValue:StringNotEquals":{"x:absent":["a"]}}"#, "{}", Denies),
    (r#"{"ForAllValues:StringEquals":{"x:k":["a","b"]}}"#, r#"{"x:k":["a","b"]}"#, Allows),
    (r#"{"ForAllValues:StringEquals":{"x:k":["a"]}}"#, r#"{"x:k":["a","b"]}"#, Denies),
    (r#"{"ForAllValues:StringLike":{"x:absent":["a"]}}"#, "{}", Allows),
    (r#"{"ForAllValues:StringLike":{"x:other":["a"]}}"#, "{}", Lacks("x:other")),
    // Null.
    (r#"{"Null":{"x:absent":"true"}}"#, "{}", Allows),
    (r#"{"Null":{"x:k":"true"}}"#, r#"{"x:k":["a"]}"#, Denies),
    (r#"{"Null":{"x:k":"false"}}"#, r#"{"x:k":["a"]}"#, Allows),
    (r#"{"Null":{"x:absent":false}}"#, "{}", Denies),
    (r#"{"Null":{"x:other":"false"}}"#, "{}", Lacks("x:other")),
    // Arn operators: part by part; Equals and Like are one.
    (
        r#"{"ArnLike":{"x:k":"arn:aws:iam::*:role/ci/*"}}"#,
        r#"{"x:k":["arn:aws:iam::111111111111:role/ci/gha"]}"#,
        Allows,
    ),
    (
        r#"{"ArnEquals":{"x:k":"arn:aws:iam::*:role/ci/*"}}"#,
        r#"{"x:k":["arn:aws:iam::111111111111:role/ci/gha"]}"#,
        Allows,
    ),
    (
        r#"{"ArnLike":{"x:k":"arn:aws:*:role/gha"}}"#,
        r#"{"x:k":["arn:aws:iam::111111111111:role/gha"]}"#,
        Lacks("ARN patterns of fewer than six parts (not modeled)"),
    ),
    (r#"{"ArnLike":{"x:k":"arn:aws:iam::*:role/gha"}}"#, r#"{"x:k":["no-arn"]}"#, Denies),
    (r#"{"ArnNotLike":{"x:k":"arn:aws:iam::2*:role/*"}}"#, r#"{"x:k":["arn:aws:iam::111111111111:role/gha"]}"#, Allows),
    (r#"{"ArnNotEquals":{"x:absent":"arn:aws:iam::2:role/a"}}"#, "{}", Allows),
    (
        r#"{"ArnEquals":{"x:k":"arn:aws:iam::111111111111:role/a"}}"#,
        r#"{"x:k":["arn:aws:iam::111111111111:role/b"]}"#,
        Denies,
    ),
    (
        r#"{"ArnNotEquals":{"x:k":"arn:aws:iam::111111111111:role/a"}}"#,
        r#"{"x:k":["arn:aws:iam::111111111111:role/a"]}"#,
        Denies,
    ),
    (r#"{"ArnNotLike":{"x:k":"arn:aws:iam::1*:role/*"}}"#, r#"{"x:k":["arn:aws:iam::111111111111:role/a"]}"#, Denies),
    (r#"{"ArnLike":{"x:k":"arn:aws:iam::*:role/a"}}"#, r#"{"x:k":["arn:aws:iam::1:x:role/a"]}"#, Denies),
    (
        r#"{"ArnNotEquals":{"x:k":"arn:aws:iam::111111111111:role/a"}}"#,
        r#"{"x:k":["arn:aws:iam::111111111111:role/b"]}"#,
        Allows,
    ),
    // Bool, numbers, dates, addresses.
    (r#"{"Bool":{"x:k":"true"}}"#, r#"{"x:k":["true"]}"#, Allows),
    (r#"{"Bool":{"x:k":true}}"#, r#"{"x:k":["false"]}"#, Denies),
    (r#"{"Bool":{"x:absent":"false"}}"#, "{}", Denies),
    (r#"{"BoolIfExists":{"x:absent":"true"}}"#, "{}", Allows),
    (r#"{"NumericLessThanEquals":{"x:k":3600}}"#, r#"{"x:k":["3600"]}"#, Allows),
    (r#"{"NumericLessThan":{"x:k":"3600"}}"#, r#"{"x:k":["3600"]}"#, Denies),
    (r#"{"NumericGreaterThan":{"x:k":"1.5"}}"#, r#"{"x:k":["2"]}"#, Allows),
    (r#"{"NumericEquals":{"x:k":"1"}}"#, r#"{"x:k":["many"]}"#, Denies),
    (r#"{"NumericNotEquals":{"x:k":"1"}}"#, r#"{"x:k":["2"]}"#, Allows),
    (r#"{"NumericGreaterThanEquals":{"x:k":"2"}}"#, r#"{"x:k":["2"]}"#, Allows),
    (r#"{"DateLessThan":{"x:k":"2026-12-01T00:00:00Z"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Allows),
    (r#"{"DateGreaterThan":{"x:k":"2026-12-01"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Denies),
    (r#"{"DateEquals":{"x:k":"1793620800"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Allows),
    (r#"{"IpAddress":{"x:k":["203.0.113.0/24","2001:db8::/32"]}}"#, r#"{"x:k":["203.0.113.9"]}"#, Allows),
    (r#"{"IpAddress":{"x:k":"203.0.113.9"}}"#, r#"{"x:k":["203.0.113.9"]}"#, Allows),
    (r#"{"IpAddress":{"x:k":"198.51.100.0/24"}}"#, r#"{"x:k":["203.0.113.9"]}"#, Denies),
    (r#"{"NotIpAddress":{"x:k":"198.51.100.0/24"}}"#, r#"{"x:k":["203.0.113.9"]}"#, Allows),
    (r#"{"BinaryEquals":{"x:k":"QmluYXJ5"}}"#, r#"{"x:k":["QmluYXJ5"]}"#, Allows),
    (r#"{"NumericEquals":{"x:k":"1"}}"#, r#"{"x:k":["1.0"]}"#, Allows),
    (r#"{"NumericNotEquals":{"x:k":["1","2"]}}"#, r#"{"x:k":["2"]}"#, Denies),
    (r#"{"NumericLessThan":{"x:k":"3600"}}"#, r#"{"x:k":["900"]}"#, Allows),
    (r#"{"NumericLessThanEquals":{"x:k":"3600"}}"#, r#"{"x:k":["3601"]}"#, Denies),
    (r#"{"NumericGreaterThan":{"x:k":"2"}}"#, r#"{"x:k":["2"]}"#, Denies),
    (r#"{"NumericGreaterThanEquals":{"x:k":"2"}}"#, r#"{"x:k":["1"]}"#, Denies),
    (r#"{"DateEquals":{"x:k":"2026-11-02"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Denies),
    (r#"{"DateNotEquals":{"x:k":"2026-11-02"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Allows),
    (r#"{"DateNotEquals":{"x:k":"2026-11-02T12:00:00Z"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Denies),
    (r#"{"DateLessThan":{"x:k":"2026-11-02T12:00:00Z"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Denies),
    (r#"{"DateLessThanEquals":{"x:k":"2026-11-02T12:00:00Z"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Allows),
    (r#"{"DateLessThanEquals":{"x:k":"2026-11-01"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Denies),
    (r#"{"DateGreaterThan":{"x:k":"2026-11-01"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Allows),
    (r#"{"DateGreaterThanEquals":{"x:k":"2026-11-02T12:00:00Z"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Allows),
    (r#"{"DateGreaterThanEquals":{"x:k":"2026-11-03"}}"#, r#"{"x:k":["2026-11-02T12:00:00Z"]}"#, Denies),
    (r#"{"NotIpAddress":{"x:k":["198.51.100.0/24","203.0.113.0/24"]}}"#, r#"{"x:k":["203.0.113.9"]}"#, Denies),
    (r#"{"IpAddress":{"x:k":"2001:db8::/32"}}"#, r#"{"x:k":["2001:db8::7"]}"#, Allows),
    (r#"{"BinaryEquals":{"x:k":"QmluYXJ5"}}"#, r#"{"x:k":["b3RoZXI="]}"#, Denies),
    // Variables and their escapes.
    (r#"{"StringEquals":{"x:k":"${x:n}"}}"#, r#"{"x:k":["bob"],"x:n":["bob"]}"#, Allows),
    (r#"{"StringLike":{"x:k":"a-${x:n}-*"}}"#, r#"{"x:k":["a-b*d-1"],"x:n":["b*d"]}"#, Allows),
    (r#"{"StringLike":{"x:k":"${x:n}"}}"#, r#"{"x:k":["bad"],"x:n":["b*d"]}"#, Denies),
    (r#"{"StringEquals":{"x:k":"${x:absent, 'none'}"}}"#, r#"{"x:k":["none"]}"#, Allows),
    (
        r#"{"StringEquals":{"x:k":"${x:absent}"}}"#,
        r#"{"x:k":["a"]}"#,
        Lacks("a value of ${x:absent}, which the request does not have"),
    ),
    (r#"{"StringEquals":{"x:k":"${aws:PrincipalTag/team}"}}"#, r#"{"x:k":["a"]}"#, Lacks("aws:PrincipalTag/team")),
    (r#"{"StringLike":{"x:k":"a${*}c"}}"#, r#"{"x:k":["abc"]}"#, Denies),
    (r#"{"StringLike":{"x:k":"a${*}${?}${$}"}}"#, r#"{"x:k":["a*?$"]}"#, Allows),
    (r#"{"StringEquals":{"x:k":"${unclosed"}}"#, r#"{"x:k":["${unclosed"]}"#, Allows),
    // Operators and keys are AND-ed; one No decides, whatever is unknown.
    (r#"{"StringEquals":{"x:k":"a","x:other":"a"}}"#, r#"{"x:k":["b"]}"#, Denies),
    (r#"{"StringEquals":{"x:k":"a"},"Bool":{"x:other":"true"}}"#, r#"{"x:k":["a"]}"#, Lacks("x:other")),
    (r#"{"StringEquals":{"x:k":"a"},"StringLike":{"x:n":"z*"}}"#, r#"{"x:k":["a"],"x:n":["y"]}"#, Denies),
];

#[test]
fn conditions_hold_as_iam_says() {
    for (condition, keys, expected) in CONDITIONS {
        let condition: Value = serde_json::from_str(condition).unwrap();
        let request = request(&serde_json::from_str(keys).unwrap());
        assert_eq!(said(&policy(&condition), &request), *expected, "{condition} {keys}");
    }
}

#[test]
fn the_table_shows_every_operator_pass_and_fail_on_a_key_that_is_there() {
    for name in Operator::names() {
        let own = format!("\"{name}\":{{\"x:k\"");
        let rows = CONDITIONS.iter().filter(|(condition, keys, _)| condition.contains(&own) && keys.contains("x:k"));
        let verdicts: Vec<&Say> = rows.map(|(.., expected)| expected).collect();
        assert!(verdicts.contains(&&Allows) && verdicts.contains(&&Denies), "{name}: {verdicts:?}");
    }
}

#[test]
fn variables_are_plain_text_in_the_old_version() {
    let mut document = policy(&json!({"StringEquals": {"x:k": "${x:n}"}}));
    document["Version"] = json!("2008-10-17");
    let request = request(&json!({"x:k": ["${x:n}"], "x:n": ["bob"]}));
    assert_eq!(said(&document, &request), Allows);
}

const PROVIDER: &str = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com";

fn federated(provider: Option<&str>) -> Caller {
    Caller::Federated(provider.map(str::to_owned))
}

#[test]
fn principals_are_compared_in_all_their_forms() {
    let by_id = || {
        Caller::Aws(AwsCaller {
            account: Some("111111111111".to_owned()),
            unique_id: Some("AROAEXAMPLEGHA".to_owned()),
            ..AwsCaller::default()
        })
    };
    let service = |name: &str| Caller::Service(Some(name.to_owned()));
    let rows: Vec<(Value, Caller, Say)> = vec![
        (json!("*"), caller(), Allows),
        (json!({"AWS": "*"}), caller(), Allows),
        (json!({"AWS": "111111111111"}), caller(), Allows),
        (json!({"AWS": "arn:aws:iam::111111111111:root"}), caller(), Allows),
        (json!({"AWS": ["222222222222", "arn:aws:iam::333333333333:root"]}), caller(), Denies),
        (json!({"AWS": "arn:aws:iam::111111111111:role/ci/gha"}), caller(), Allows),
        (json!({"AWS": "arn:aws:iam::111111111111:role/gha"}), caller(), Denies),
        (json!({"AWS": "arn:aws:iam::111111111111:role/ci/*"}), caller(), Denies),
        (json!({"AWS": "arn:aws:sts::111111111111:assumed-role/gha/run-7"}), caller(), Allows),
        (json!({"AWS": "arn:aws:sts::111111111111:assumed-role/gha/run-8"}), caller(), Denies),
        (json!({"AWS": "AROAEXAMPLEGHA"}), caller(), Allows),
        (json!({"AWS": "AROAEXAMPLEOLD"}), caller(), Denies),
        (json!({"AWS": "arn:aws:iam::111111111111:user/gha"}), caller(), Denies),
        // Only the target account's copy is there: it names the caller by its id.
        (json!({"AWS": "arn:aws:iam::111111111111:role/ci/gha"}), by_id(), Lacks("the caller's ARN")),
        (json!({"AWS": "arn:aws:iam::222222222222:role/ci/gha"}), by_id(), Denies),
        (json!({"AWS": "arn:aws:iam::111111111111:user/bob"}), by_id(), Denies),
        (json!({"AWS": "AROAEXAMPLEGHA"}), by_id(), Allows),
        (json!({"Federated": PROVIDER}), federated(Some(PROVIDER)), Allows),
        (json!({"Federated": PROVIDER}), federated(None), Lacks("the identity provider")),
        (json!({"Federated": PROVIDER.replace("222222222222", "333333333333")}), federated(Some(PROVIDER)), Denies),
        (
            json!({"Federated": "cognito-identity.amazonaws.com"}),
            federated(Some("cognito-identity.amazonaws.com")),
            Allows,
        ),
        (json!({"AWS": "111111111111"}), federated(Some(PROVIDER)), Denies),
        (json!("*"), federated(Some(PROVIDER)), Lacks("principal * for tokens and services (not modeled)")),
        (json!({"Service": "ec2.amazonaws.com"}), service("ec2.amazonaws.com"), Allows),
        (json!({"Service": ["lambda.amazonaws.com"]}), service("ec2.amazonaws.com"), Denies),
        (json!({"Service": "ec2.amazonaws.com"}), caller(), Denies),
        (json!({"CanonicalUser": "79a5"}), caller(), Lacks("principal CanonicalUser 79a5 (not modeled)")),
        (json!({"AWS": "111111111111", "Service": "ec2.amazonaws.com"}), caller(), Allows),
        (json!({"AWS": "111111111111"}), Caller::Unknown, Lacks("who called")),
    ];
    for (principal, caller, expected) in rows {
        let document = json!({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:*"}]});
        let request = Request::new(vec!["sts:AssumeRole"], caller);
        assert_eq!(said(&document, &request), expected, "{principal}");
    }
}

#[test]
fn actions_have_wildcards_and_no_case() {
    for (field, action, expected) in [
        ("Action", json!("sts:AssumeRole"), Allows),
        ("Action", json!("STS:assumerole"), Allows),
        ("Action", json!("sts:AssumeRole*"), Allows),
        ("Action", json!("sts:*"), Allows),
        ("Action", json!("*"), Allows),
        ("Action", json!("sts:AssumeRoleWithWebIdentity"), Denies),
        ("Action", json!(["sts:TagSession", "sts:Assume?ole"]), Allows),
        ("NotAction", json!("sts:TagSession"), Allows),
        ("NotAction", json!("sts:*"), Denies),
    ] {
        let mut statement = json!({"Effect": "Allow", "Principal": "*"});
        statement[field] = action.clone();
        let request = Request::new(vec!["sts:AssumeRole"], caller());
        assert_eq!(said(&json!({"Statement": statement}), &request), expected, "{field} {action}");
    }
}

#[test]
fn tags_need_their_own_permission() {
    let allow = |action: Value| json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": action}});
    let request = Request::new(vec!["sts:AssumeRole", "sts:TagSession"], caller());
    assert_eq!(said(&allow(json!("sts:AssumeRole")), &request), Denies);
    assert_eq!(said(&allow(json!(["sts:AssumeRole", "sts:TagSession"])), &request), Allows);
}

#[test]
fn a_source_identity_needs_its_own_permission() {
    let allow = |action: Value| json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": action}});
    let request = Request::new(vec!["sts:AssumeRole", "sts:SetSourceIdentity"], caller());
    assert_eq!(said(&allow(json!("sts:AssumeRole")), &request), Denies);
    assert_eq!(said(&allow(json!(["sts:AssumeRole", "sts:setsourceidentity"])), &request), Allows);
}

#[test]
fn deny_comes_first_and_not_principal_is_not_modeled() {
    let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "sts:*"});
    let deny =
        |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": condition});
    let not = json!({"Effect": "Deny", "NotPrincipal": {"AWS": "111111111111"}, "Action": "sts:*"});
    let request = request(&json!({"x:k": ["a"]}));
    for (statements, expected) in [
        (json!([allow, deny(json!({}))]), Denies),
        (json!([deny(json!({})), allow]), Denies),
        (json!([allow, deny(json!({"StringEquals": {"x:k": "b"}}))]), Allows),
        (json!([allow, deny(json!({"StringEquals": {"x:other": "b"}}))]), Lacks("x:other")),
        (json!([deny(json!({"StringEquals": {"x:other": "b"}}))]), Denies),
        (json!([allow, not]), Lacks("NotPrincipal (not modeled)")),
        (json!([]), Denies),
    ] {
        assert_eq!(said(&json!({"Statement": statements}), &request), expected, "{statements}");
    }
}

#[test]
fn faults_say_where_they_are() {
    for (text, place, words) in [
        ("{\n \"Statement\": [\n}", "line 3 column 1", "this is not JSON"),
        ("", "", "empty"),
        ("[]", "", "JSON object"),
        ("{}", "", "`Statement`"),
        (r#"{"Statement":[{"Effect":"allow"}]}"#, "Statement[0].Effect", "\"Allow\""),
        (r#"{"Statement":{"Principal":"*","Action":"sts:*"}}"#, "Statement", "no `Effect`"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"sts:*"}]}"#, "Statement[0]", "`Principal`"),
        (r#"{"Statement":[{"Effect":"Allow","Principal":"*"}]}"#, "Statement[0]", "`Action`"),
        (
            r#"{"Statement":[{"Effect":"Allow","Principal":"acme","Action":"sts:*"}]}"#,
            "Statement[0].Principal",
            "\"*\"",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":{}},"Action":"sts:*"}]}"#,
            "Statement[0].Principal.AWS",
            "text",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:*","Condition":{"StringEqual":{}}}]}"#,
            "Statement[0].Condition.StringEqual",
            "did you mean `StringEquals`",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:*","Condition":{"Bool":{"k":null}}}]}"#,
            "Statement[0].Condition.Bool.k",
            "text",
        ),
        (r#"{"Statement":["x"]}"#, "Statement[0]", "object"),
    ] {
        let fault = Policy::parse(text).unwrap_err();
        assert_eq!(fault.place, place, "{text}");
        assert!(fault.message.contains(words), "{text}: {}", fault.message);
    }
}

#[test]
fn documents_come_plain_encoded_and_wrapped() {
    let plain = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Other":1}}"#;
    let policy = Policy::parse(plain).unwrap();
    let encoded = percent_encoded(plain);
    let quoted = serde_json::to_string(plain).unwrap();
    let wrapped = format!(r#"{{"Role":{{"RoleName":"r","AssumeRolePolicyDocument":{plain}}}}}"#);
    for text in [encoded, quoted, wrapped] {
        assert_eq!(Policy::parse(&text), Ok(policy.clone()), "{text}");
    }
}
