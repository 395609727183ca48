//! Calls of which another account has the only record: they are attributed where one session fits, and never look like
//! nothing.

use serde_json::Value;
use serde_json::json;

use crate::addenda::call;
use crate::addenda::said;
use crate::addenda::same;
use crate::addenda::token;
use crate::addenda::told_of;
use crate::addenda::told_of_nights;

/// The record of a call in the log of the account that owns the bucket.
fn in_log_of_owner(number: u8, name: &str, time: &str) -> Value {
    call(
        number,
        "s3.amazonaws.com",
        name,
        &json!({
            "eventTime": time, "recipientAccountId": "333333333333", "eventCategory": "Data",
            "readOnly": name == "GetObject",
            "userIdentity": {"type": "AWSAccount", "principalId": "AROADEPLOY:run", "accountId": "222222222222"}
        }),
    )
}

/// The issuance of one more session under the same name.
fn token_of(number: u8, key: &str, time: &str) -> Value {
    let mut token = token();
    token["eventTime"] = time.into();
    token["eventID"] = crate::addenda::id(number).into();
    token["requestID"] = crate::addenda::id(number + 50).into();
    token["responseElements"]["credentials"]["accessKeyId"] = key.into();
    let (day, rest) = time.split_once('T').unwrap();
    let hour: u8 = rest[..2].parse().unwrap();
    assert_eq!(day, "2026-11-06");
    let expires = format!("Nov 6, 2026, {}:{} AM", hour + 1, rest[3..8].trim_end_matches('Z'));
    token["responseElements"]["credentials"]["expiration"] = expires.into();
    token
}

/// Returns calls, writes and gaps of each chain, of one run and of nights.
fn chains(records: &[Value]) -> Vec<(u64, u64, Vec<String>, String)> {
    let whole = said(&told_of(&[records.to_vec()]));
    let (first, second) = records.split_at(records.len() / 2);
    let turned = [second.to_vec(), first.to_vec()];
    same(&said(&told_of(&turned)), &whole, "two files");
    same(&said(&told_of_nights(&turned)), &whole, "two nights");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let chain = |chain: &Value| {
        let gaps = chain["gaps"].as_array().unwrap().iter().map(|gap| text(&gap["kind"])).collect();
        let count = |name: &str| chain["activity"][name].as_u64().unwrap();
        (count("calls"), count("writes"), gaps, text(&chain["origin"]["kind"]))
    };
    let mut chains: Vec<_> = whole["chains"].as_array().unwrap().iter().map(chain).collect();
    chains.sort();
    chains
}

fn gap(name: &str) -> Vec<String> {
    vec![name.to_owned()]
}

#[test]
fn a_call_belongs_to_the_one_session_that_was_valid() {
    let deploy = in_log_of_owner(1, "PutObject", "2026-11-06T02:20:11Z");
    let look = in_log_of_owner(2, "GetObject", "2026-11-06T02:40:11Z");
    let found = chains(&[token(), deploy.clone(), look.clone()]);
    assert_eq!(found, [(2, 1, gap("caller_copy_missing"), "oidc".to_owned())]);
    // One after the other, each has its own.
    let later = [
        token_of(10, "ASIALATER", "2026-11-06T04:00:00Z"),
        in_log_of_owner(3, "PutObject", "2026-11-06T04:05:00Z"),
        in_log_of_owner(4, "PutObject", "2026-11-06T04:06:00Z"),
    ];
    let found = chains(&[[token(), deploy, look].as_slice(), &later].concat());
    let gaps = || gap("caller_copy_missing");
    assert_eq!(found, [(2, 1, gaps(), "oidc".to_owned()), (2, 2, gaps(), "oidc".to_owned())]);
}

#[test]
fn where_several_sessions_fit_none_is_chosen_and_nothing_is_lost() {
    let records = [
        token(),
        token_of(10, "ASIASECOND", "2026-11-06T02:05:00Z"),
        in_log_of_owner(1, "PutObject", "2026-11-06T02:20:11Z"),
    ];
    let found = chains(&records);
    let nothing = || (0, 0, vec![], "oidc".to_owned());
    // All of them began from the same token, so that this much is known.
    assert_eq!(found, [nothing(), nothing(), (1, 1, gap("ambiguous_parent"), "oidc".to_owned())]);
}

#[test]
fn where_no_session_fits_that_is_said() {
    // Nothing of the account; and a session that was over.
    let alone = [
        in_log_of_owner(1, "PutObject", "2026-11-06T02:20:11Z"),
        in_log_of_owner(2, "PutObject", "2026-11-06T07:20:11Z"),
    ];
    assert_eq!(chains(&alone), [(2, 2, gap("account_not_covered"), "external_account".to_owned())]);
    let over = [token(), in_log_of_owner(1, "PutObject", "2026-11-06T07:20:11Z")];
    let found = chains(&over);
    assert_eq!(found, [(0, 0, vec![], "oidc".to_owned()), (1, 1, gap("issuance_missing"), "unknown".to_owned())]);
}

#[test]
fn both_copies_of_a_call_are_one_call() {
    let own = call(1, "s3.amazonaws.com", "PutObject", &json!({"eventTime": "2026-11-06T02:20:11Z"}));
    let copy = in_log_of_owner(2, "PutObject", "2026-11-06T02:20:11Z");
    let expected = chains(&[token(), own.clone()]);
    assert_eq!(expected, [(1, 1, vec![], "oidc".to_owned())]);
    assert_eq!(chains(&[token(), own.clone(), copy.clone()]), expected);
    // Another session of the name makes it no riddle: the caller's own record says whose call it is.
    let second = token_of(10, "ASIASECOND", "2026-11-06T02:05:00Z");
    assert_eq!(chains(&[token(), second.clone(), own.clone(), copy.clone()]).len(), 2);
    // What is more than the caller's own account has is not lost.
    let more = in_log_of_owner(3, "PutObject", "2026-11-06T02:21:11Z");
    assert_eq!(chains(&[token(), own, copy, more]), [(2, 2, gap("caller_copy_missing"), "oidc".to_owned())]);
}

/// A role of this account is assumed by another one, as this account's log has it.
fn assumed_from(address: &str) -> Value {
    call(
        1,
        "sts.amazonaws.com",
        "AssumeRole",
        &json!({
            "readOnly": true, "sourceIPAddress": address, "userAgent": address,
            "userIdentity": {"type": "AWSAccount", "principalId": "AROAOTHER:1763-7f21", "accountId": "444444444444"},
            "requestParameters": {"roleArn": "arn:aws:iam::222222222222:role/execution", "roleSessionName": "task"},
            "responseElements": {"credentials": {"accessKeyId": "ASIAISSUED", "expiration": "Nov 6, 2026, 3:01:11 AM"},
                "assumedRoleUser": {"assumedRoleId": "AROAEXECUTION:task",
                    "arn": "arn:aws:sts::222222222222:assumed-role/execution/task"}},
            "resources": [{"accountId": "222222222222", "type": "AWS::IAM::Role",
                "ARN": "arn:aws:iam::222222222222:role/execution"}]
        }),
    )
}

#[test]
fn a_service_that_only_its_address_names_is_that_service() {
    let judged = |address: &str| {
        let report: Value = serde_json::from_str(&told_of(&[vec![assumed_from(address)]])).unwrap();
        let rules: Vec<String> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["rule"].as_str().unwrap().to_owned())
            .collect();
        let origin = report["chains"][0]["origin"].clone();
        let is_accused = rules.iter().any(|rule| rule == "missing-external-id");
        (
            is_accused,
            origin["kind"].as_str().unwrap().to_owned(),
            origin["service"].clone(),
            origin["account_id"].clone(),
        )
    };
    for service in ["cloudformation.amazonaws.com", "backup.amazonaws.com", "states.eu-central-1.amazonaws.com"] {
        let expected = (false, "aws_service".to_owned(), json!(service), json!("444444444444"));
        assert_eq!(judged(service), expected);
    }
    for address in [
        "192.0.2.7",
        "AWS Internal",
        "ec2-192-0-2-1.compute-1.amazonaws.com",
        "cloudformation.amazonaws.com.evil.example",
    ] {
        let expected = (true, "external_account".to_owned(), Value::Null, json!("444444444444"));
        assert_eq!(judged(address), expected, "{address}");
    }
}
