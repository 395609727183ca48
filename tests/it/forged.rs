//! Records that are forged, or copies of others: none hides another, in whatever order they come, and what is doubtful is
//! named.

use std::fs;
use std::path::Path;

use rolechain::model::chain::GapKind;
use rolechain::model::chain::LinkKind;
use rolechain::model::coverage::DefectKind;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;
use serde_json::Value;
use serde_json::json;

const USER: &str = "arn:aws:iam::222222222222:user/bot";

/// A granted `AssumeRole` by a user, and what its session did.
fn assume(role: &str, key: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": "2026-11-12T08:00:05Z", "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole", "awsRegion": "eu-central-1", "sourceIPAddress": "198.51.100.10", "userAgent": "x",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDABOT", "arn": USER, "accountId": "222222222222",
                         "accessKeyId": "AKIAAAAAAAAAAAAAAAAH", "userName": "bot"},
        "requestParameters": {"roleArn": format!("arn:aws:iam::222222222222:role/{role}"), "roleSessionName": "x"},
        "responseElements": {"credentials": {"accessKeyId": key, "expiration": "Nov 12, 2026, 9:00:05 AM"},
                             "assumedRoleUser": {"assumedRoleId": format!("AROA{role}:x")}},
        "eventID": "3e1c26d3-23ef-423e-a848-f808f54d35bf", "eventType": "AwsApiCall",
        "recipientAccountId": "222222222222", "readOnly": true
    })
}

/// Reads objects, each with its records as text, under the names given.
fn run(objects: &[(&str, Vec<String>)]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    for (name, records) in objects {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, format!("{{\"Records\":[{}]}}", records.join(","))).unwrap();
    }
    let plan = Plan { sources: vec![folder.path().to_str().unwrap().to_owned()], ..Plan::default() };
    pipeline::run(&plan, &Silent).unwrap()
}

fn changed(record: &Value, pointer: &str, value: Value) -> Value {
    let mut record = record.clone();
    *record.pointer_mut(pointer).unwrap() = value;
    record
}

fn issued(outcome: &Outcome) -> usize {
    outcome.lineage.sessions.iter().filter(|session| session.issuance.is_some()).count()
}

fn kinds(outcome: &Outcome) -> Vec<DefectKind> {
    outcome.lineage.observations.defects.iter().map(|defect| defect.kind).collect()
}

#[test]
fn a_caller_that_cannot_be_read_is_named_and_leaves_a_gap() {
    let whole = assume("deploy", "ASIAAAAAAAAAAAAAAAAC").to_string();
    let caller = assume("deploy", "ASIAAAAAAAAAAAAAAAAC")["userIdentity"].to_string();
    let with = |new: &str| whole.replace(&format!("\"userIdentity\":{caller}"), new);
    assert_ne!(with(""), whole);
    for (caller, is_known) in [
        ("\"userIdentity\":null".to_owned(), false),
        ("\"x\":0".to_owned(), false),
        ("\"userIdentity\":[]".to_owned(), false),
        ("\"userIdentity\":\"root\"".to_owned(), false),
        ("\"userIdentity\":7".to_owned(), false),
        ("\"userIdentity\":{}".to_owned(), false),
        ("\"userIdentity\":{\"type\":\"IAMUser\"}".to_owned(), false),
        (format!("\"userIdentity\":{},\"userIdentity\":{caller}", "{}"), true),
        (format!("\"userIdentity\":{caller},\"userIdentity\":null"), false),
        (format!("\"userIdentity\":{}", caller.replacen('{', "{\"type\":\"Root\",", 1)), true),
        (format!("\"userIdentity\":{}", caller.replacen('{', "{\"x\":{\"y\":[{\"z\":1,\"z\":2}]},", 1)), true),
    ] {
        let outcome = run(&[("a.json", vec![with(&caller)])]);
        assert_eq!(kinds(&outcome), [DefectKind::UnreadableCaller], "{caller}");
        assert_eq!(issued(&outcome), 1, "{caller}");
        let session = &outcome.lineage.sessions[0];
        let has_gap = session.gaps.iter().any(|gap| gap.kind == GapKind::CallerUnknown);
        assert_eq!((session.link.kind == LinkKind::Exact, has_gap), (is_known, !is_known), "{caller}");
    }
    for broken in ["{\"type\":\"IAMUser\",}", "{\"type\":IAMUser}", "{\"a\":[1,]}", "{\"a\":\"\\x\"}", "{\"a\":01}"] {
        let outcome = run(&[("a.json", vec![with(&format!("\"userIdentity\":{broken}"))])]);
        assert_eq!(kinds(&outcome), [DefectKind::MalformedRecord], "{broken}");
    }
    // A service reports on itself.
    let service = with("\"x\":0").replace("AwsApiCall", "AwsServiceEvent").replace("AssumeRole", "Rotate");
    assert_eq!(kinds(&run(&[("a.json", vec![service])])), []);
}

#[test]
fn two_records_of_one_event_id_are_two_in_any_order() {
    let first = assume("deploy", "ASIAAAAAAAAAAAAAAAAC");
    for (pointer, value, sessions) in [
        ("/requestParameters/roleArn", json!("arn:aws:iam::222222222222:role/aa"), 2),
        ("/requestParameters/roleSessionName", json!("y"), 2),
        (
            "/requestParameters",
            json!({"roleArn": "arn:aws:iam::222222222222:role/deploy", "roleSessionName": "x", "externalId": "e"}),
            2,
        ),
        ("/responseElements/credentials/accessKeyId", json!("ASIA2222222222222222"), 2),
        ("/responseElements/credentials/expiration", json!("Nov 12, 2026, 9:30:05 AM"), 2),
        ("/userIdentity/accessKeyId", json!("AKIAAAAAAAAAAAAAAAAD"), 2),
        ("/sourceIPAddress", json!("203.0.113.9"), 2),
        ("/eventTime", json!("2026-11-12T08:00:06Z"), 2),
        ("/recipientAccountId", json!("333333333333"), 2),
        // Copies of one event from which something was withheld.
        ("/requestParameters", Value::Null, 1),
        ("/responseElements", Value::Null, 1),
        ("/requestParameters", json!({"omitted": true, "reason": "requestParameters too large"}), 1),
        ("/eventVersion", json!("1.10"), 1),
    ] {
        let other = changed(&first, pointer, value.clone());
        for order in [[&first, &other], [&other, &first]] {
            let outcome = run(&[("a.json", vec![order[0].to_string()]), ("b.json", vec![order[1].to_string()])]);
            assert_eq!(issued(&outcome), sessions, "{pointer} {value}");
            let fuller = outcome.lineage.observations.assumptions.iter().any(|record| {
                record.session_name.is_some() && record.issued_key.is_some() && record.role_arn.is_some()
            });
            assert!(fuller, "{pointer} {value}");
        }
    }
    let bare = changed(&changed(&first, "/requestParameters", Value::Null), "/responseElements", Value::Null);
    for order in [[&first, &bare], [&bare, &first]] {
        let outcome = run(&[("a.json", vec![order[0].to_string()]), ("b.json", vec![order[1].to_string()])]);
        let counts = &outcome.lineage.observations.counts;
        assert_eq!((issued(&outcome), counts.unique, counts.duplicate), (1, 1, 1));
    }
}

#[test]
fn a_record_in_another_accounts_folder_is_named_and_erases_nothing() {
    let own = "AWSLogs/222222222222/CloudTrail/eu-central-1/2026/11/12/b.json";
    let first = assume("deploy", "ASIAAAAAAAAAAAAAAAAC");
    let bare = changed(&changed(&first, "/requestParameters", Value::Null), "/responseElements", Value::Null);
    for folder in ["AWSLogs/111111111111", "AWSLogs/o-abc123def4/111111111111", "x/AWSLogs/111111111111"] {
        let other = format!("{folder}/CloudTrail/eu-central-1/2026/11/12/a.json");
        let forged = changed(&first, "/requestParameters/roleArn", json!("arn:aws:iam::222222222222:role/aa"));
        let outcome = run(&[(&other, vec![forged.to_string()]), (own, vec![first.to_string()])]);
        assert_eq!((kinds(&outcome), issued(&outcome)), (vec![DefectKind::Misplaced], 2), "{folder}");
        assert_eq!(outcome.lineage.observations.counts.malformed, 0);
        // What is the same is one, and the copy in its own folder is the evidence.
        let outcome = run(&[(&other, vec![first.to_string()]), (own, vec![first.to_string()])]);
        assert_eq!((kinds(&outcome), issued(&outcome)), (vec![DefectKind::Misplaced], 1), "{folder}");
        let observations = &outcome.lineage.observations;
        assert!(observations.symbols.get(observations.assumptions[0].object).ends_with(own));
        // A fuller copy from elsewhere does not stand for the true one.
        let outcome = run(&[(&other, vec![first.to_string()]), (own, vec![bare.to_string()])]);
        assert_eq!(outcome.lineage.observations.assumptions.len(), 2, "{folder}");
    }
    assert_eq!(kinds(&run(&[(own, vec![first.to_string()])])), []);
}

#[test]
fn a_lone_surrogate_or_a_repeated_key_costs_no_parameter() {
    let whole = assume("deploy", "ASIAAAAAAAAAAAAAAAAC").to_string();
    for (from, to) in [
        ("\"roleSessionName\":\"x\"", "\"roleSessionName\":\"\\ud800x\""),
        ("\"requestParameters\":{", "\"requestParameters\":{\"\\udc00\":1,"),
        ("\"requestParameters\":{", "\"requestParameters\":{\"roleArn\":7,\"tags\":[],\"tags\":[],"),
        ("\"credentials\":{", "\"credentials\":{\"accessKeyId\":\"ASIA0\",\"accessKeyId\":\"ASIA1\","),
        ("{\"", "{\"\\ud800\":1,\""),
    ] {
        let text = whole.replacen(from, to, 1);
        assert_ne!(text, whole);
        let outcome = run(&[("a.json", vec![text.clone()])]);
        let record = &outcome.lineage.observations.assumptions[0];
        let has_all = record.session_name.is_some() && record.role_arn.is_some();
        assert!(has_all && record.issued_key.is_some(), "{text}");
    }
}
