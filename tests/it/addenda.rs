//! Events that CloudTrail delivered again, corrected: the corrected record counts, once, whatever the files, the order, the
//! workers and the nights.

use std::fs;
use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::store::plan;
use crate::store::run;
use crate::store::told;

const ROLE: &str = "arn:aws:iam::222222222222:role/ci/deploy";

pub(crate) fn id(number: u8) -> String {
    format!("5c121ac5-4fb2-4905-9b84-0000000000{number:02}")
}

/// One record of the session that the token was given.
pub(crate) fn call(number: u8, source: &str, name: &str, more: &Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11", "eventTime": format!("2026-11-06T02:{number:02}:11Z"), "eventSource": source,
        "eventName": name, "awsRegion": "eu-central-1", "sourceIPAddress": "192.0.2.140", "userAgent": "aws-cli/2.31",
        "userIdentity": {"type": "AssumedRole", "principalId": "AROADEPLOY:run",
            "arn": "arn:aws:sts::222222222222:assumed-role/deploy/run", "accountId": "222222222222",
            "accessKeyId": "ASIATHPL2AOHAI7IDWQO",
            "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROADEPLOY", "arn": ROLE},
                "attributes": {"creationDate": "2026-11-06T02:00:11Z", "mfaAuthenticated": "false"}}},
        "requestParameters": null, "responseElements": null, "requestID": id(number + 50), "eventID": id(number),
        "readOnly": false, "eventType": "AwsApiCall", "recipientAccountId": "222222222222"
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

pub(crate) fn token() -> Value {
    let provider = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com";
    let subject = "repo:acme/shop:ref:refs/heads/main";
    call(
        0,
        "sts.amazonaws.com",
        "AssumeRoleWithWebIdentity",
        &json!({
            "readOnly": true,
            "userIdentity": {"type": "WebIdentityUser", "principalId": format!("{provider}:sts.amazonaws.com:{subject}"),
                "userName": subject, "identityProvider": provider},
            "requestParameters": {"roleArn": ROLE, "roleSessionName": "run"},
            "responseElements": {"credentials": {"accessKeyId": "ASIATHPL2AOHAI7IDWQO", "expiration": "Nov 6, 2026, 3:00:11 AM"},
                "assumedRoleUser": {"assumedRoleId": "AROADEPLOY:run",
                    "arn": "arn:aws:sts::222222222222:assumed-role/deploy/run"},
                "subjectFromWebIdentityToken": subject, "provider": provider, "audience": "sts.amazonaws.com"}
        }),
    )
}

/// What happened, each event as it was in the end.
fn events() -> Vec<Value> {
    let document = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    let policy = json!({"requestParameters": {"roleName": "deploy", "policyDocument": document}});
    vec![
        token(),
        call(1, "ecs.amazonaws.com", "UpdateService", &json!({})),
        call(2, "ecs.amazonaws.com", "UpdateService", &json!({"userAgent": "Boto3/1.40"})),
        call(3, "ecs.amazonaws.com", "DescribeServices", &json!({"readOnly": true})),
        call(4, "iam.amazonaws.com", "UpdateAssumeRolePolicy", &policy),
    ]
}

/// A field that is corrected, as `updatedFields` names it, and what the original said of it.
type Correction = (Option<&'static str>, fn(&mut Value));

fn corrections() -> Vec<Correction> {
    vec![
        (Some("userAgent"), |record| record["userAgent"] = "Boto3/1.40".into()),
        (Some("userAgent"), |record| record["userAgent"] = "nobody else's".into()),
        (Some("sourceIPAddress"), |record| record["sourceIPAddress"] = "198.51.100.7".into()),
        (Some("errorCode"), |record| record["errorCode"] = "InternalFailure".into()),
        (Some("errorCode,errorMessage, readOnly"), |record| {
            record["errorCode"] = "AccessDenied".into();
            record["errorMessage"] = "no".into();
            record["readOnly"] = true.into();
        }),
        (Some("vpcEndpointId"), |record| record["vpcEndpointId"] = "vpce-1".into()),
        (Some("requestParameters"), |record| record["requestParameters"] = json!({"omitted": true, "reason": "size"})),
        (Some("responseElements"), |record| record["responseElements"] = Value::Null),
        (None, |record| {
            record["userAgent"] = "nobody else's".into();
            record["errorCode"] = "InternalFailure".into();
        }),
    ]
}

/// Returns the original of an event, and its addendum. `number` is the id of the addendum, when that is a new one.
fn pair(event: &Value, (fields, before): Correction, number: Option<u8>) -> (Value, Value) {
    let mut original = event.clone();
    before(&mut original);
    let mut addendum = event.clone();
    addendum["addendum"] = json!({"reason": "UPDATED_DATA", "originalRequestID": event["requestID"],
        "originalEventID": event["eventID"], "updatedFields": fields});
    if let Some(number) = number {
        addendum["eventID"] = id(number).into();
    }
    (original, addendum)
}

/// What is told of some files, each of some records.
pub(crate) fn of_files(folder: &Path, files: &[Vec<Value>]) -> Vec<String> {
    let write = |(at, records): (usize, &Vec<Value>)| {
        let path = folder.join(format!("file-{at}.json"));
        fs::write(&path, json!({ "Records": records }).to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    files.iter().enumerate().map(write).collect()
}

/// What a report says of calls. Left out is how records were counted, in which files they lie, and which of them are named as
/// evidence: a tally names its first and last event, also where that was corrected.
pub(crate) fn said(report: &str) -> Value {
    fn without_objects(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(without_objects),
            Value::Object(fields) => {
                fields.remove("object");
                fields.remove("evidence");
                fields.values_mut().for_each(without_objects);
            }
            _ => {}
        }
    }
    let mut report: Value = serde_json::from_str(report).unwrap();
    let unique = report["coverage"]["records"]["unique"].clone();
    let accounts = report["coverage"]["accounts"].clone();
    report["coverage"] = json!({ "unique": unique, "accounts": accounts });
    without_objects(&mut report);
    report
}

#[track_caller]
pub(crate) fn same(told: &Value, expected: &Value, what: &str) {
    let lines = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    let (told, expected) = (lines(told), lines(expected));
    let difference = told.lines().zip(expected.lines()).find(|(told, expected)| told != expected);
    assert!(told == expected, "{what}: {difference:?}");
}

pub(crate) fn told_of(files: &[Vec<Value>]) -> String {
    let folder = tempfile::tempdir().unwrap();
    told(&run(&plan(&of_files(folder.path(), files), None)))
}

/// What a store tells after one night for each file.
pub(crate) fn told_of_nights(files: &[Vec<Value>]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut last = String::new();
    for file in of_files(folder.path(), files) {
        last = told(&run(&plan(&[file], Some(&store))));
    }
    last
}

#[test]
fn a_corrected_record_stands_in_for_its_original() {
    let all = events();
    for (at, event) in all.iter().enumerate() {
        for correction in corrections() {
            for number in [None, Some(40)] {
                let (original, addendum) = pair(event, correction, number);
                let mut corrected = addendum.clone();
                corrected.as_object_mut().unwrap().remove("addendum");
                let others: Vec<Value> =
                    all.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, event)| event.clone()).collect();
                let expected = said(&told_of(&[[others.clone(), vec![corrected]].concat()]));
                let what = format!("{} {:?} {number:?}", event["eventName"], correction.0);
                let splits = [
                    vec![[others.clone(), vec![original.clone(), addendum.clone()]].concat()],
                    vec![vec![addendum.clone()], others.clone(), vec![original.clone()]],
                    vec![
                        vec![original.clone()],
                        vec![addendum.clone()],
                        [others.clone(), vec![addendum.clone()]].concat(),
                    ],
                    // The original never came.
                    vec![[others.clone(), vec![addendum.clone()]].concat()],
                ];
                for files in &splits {
                    let told = told_of(files);
                    same(&said(&told), &expected, &what);
                    let names_original = told.contains(event["eventID"].as_str().unwrap());
                    assert!(!names_original || number.is_none(), "{what}: what was replaced is no evidence");
                }
            }
        }
    }
}

#[test]
fn nights_tell_what_one_run_over_all_files_tells() {
    let all = events();
    for (event, correction, number) in
        [(1, 0, None), (1, 3, Some(40)), (0, 7, Some(40)), (0, 7, None), (4, 6, None), (2, 5, Some(40)), (3, 8, None)]
    {
        let (original, addendum) = pair(&all[event], corrections()[correction], number);
        let others: Vec<Value> =
            all.iter().enumerate().filter(|(other, _)| *other != event).map(|(_, event)| event.clone()).collect();
        let files = vec![[others, vec![original]].concat(), vec![addendum]];
        let turned: Vec<Vec<Value>> = files.iter().rev().cloned().collect();
        let expected = said(&told_of(&files));
        for nights in [&files, &turned] {
            let nightly = told_of_nights(nights);
            same(&said(&nightly), &expected, &format!("{event} {correction} {number:?}"));
            let records = &serde_json::from_str::<Value>(&nightly).unwrap()["coverage"]["records"];
            assert_eq!(records, &serde_json::from_str::<Value>(&told_of(nights)).unwrap()["coverage"]["records"]);
        }
    }
}

#[test]
fn a_store_and_files_beside_it_and_merged_stores_tell_the_same() {
    let all = events();
    let (original, addendum) = pair(&all[1], corrections()[0], Some(40));
    let mut others = all;
    others[1] = original;
    let files = [others, vec![addendum]];
    let expected = said(&told_of(&files));
    let folder = tempfile::tempdir().unwrap();
    let paths = of_files(folder.path(), &files);
    let stores: Vec<String> = ["a", "b"].map(|name| folder.path().join(name).to_str().unwrap().to_owned()).into();
    for (path, store) in paths.iter().zip(&stores) {
        run(&plan(std::slice::from_ref(path), Some(Path::new(store))));
    }
    same(&said(&told(&run(&plan(&[stores[0].clone(), paths[1].clone()], None)))), &expected, "");
    same(&said(&told(&run(&plan(&[stores[1].clone(), paths[0].clone()], None)))), &expected, "");
    same(&said(&told(&run(&plan(&stores, None)))), &expected, "");
    let merged = folder.path().join("merged");
    rolechain::pipeline::merge(&stores, &merged).unwrap();
    same(&said(&told(&run(&plan(&[merged.to_str().unwrap().to_owned()], None)))), &expected, "");
}

#[test]
fn of_several_corrections_the_last_counts_and_corrections_may_be_corrected() {
    let all = events();
    let (original, first) = pair(&all[1], corrections()[0], Some(40));
    let mut second = first.clone();
    second["eventID"] = id(41).into();
    second["sourceIPAddress"] = "198.51.100.9".into();
    second["addendum"]["updatedFields"] = "sourceIPAddress".into();
    let mut others = all;
    others.remove(1);
    let mut corrected = second.clone();
    corrected.as_object_mut().unwrap().remove("addendum");
    let expected = said(&told_of(&[[others.clone(), vec![corrected]].concat()]));
    for of in [original["eventID"].clone(), first["eventID"].clone()] {
        second["addendum"]["originalEventID"] = of;
        for files in [
            vec![[others.clone(), vec![original.clone(), first.clone(), second.clone()]].concat()],
            vec![vec![second.clone()], vec![original.clone()], vec![first.clone()], others.clone()],
        ] {
            same(&said(&told_of(&files)), &expected, "");
            same(&said(&told_of_nights(&files)), &expected, "");
        }
    }
}

#[test]
fn other_addenda_and_those_of_a_circle_are_ordinary_records() {
    let all = events();
    let count = |records: Vec<Value>| {
        let report: Value = serde_json::from_str(&told_of(&[records])).unwrap();
        (report["chains"][0]["activity"]["calls"].as_u64(), report["coverage"]["records"]["unique"].as_u64())
    };
    assert_eq!(count(all.clone()), (Some(4), Some(5)));
    for reason in ["DELIVERY_DELAY", "SERVICE_OUTAGE", "anything"] {
        let (original, mut addendum) = pair(&all[1], corrections()[0], Some(40));
        addendum["addendum"]["reason"] = reason.into();
        assert_eq!(count([all.clone(), vec![original, addendum]].concat()), (Some(6), Some(7)), "{reason}");
    }
    // Each claims to stand in for the other: nothing is hidden by that.
    let (_, mut one) = pair(&all[1], corrections()[0], None);
    let (_, other) = pair(&all[1], corrections()[0], Some(40));
    one["addendum"]["originalEventID"] = other["eventID"].clone();
    let mut others = all;
    others.remove(1);
    assert_eq!(count([others, vec![one, other]].concat()), (Some(5), Some(6)));
}

/// What no correction may change, as `updatedFields` names it, and what the original said of it.
fn refused() -> Vec<Correction> {
    vec![
        (Some("userIdentity"), |record| record["userIdentity"]["accessKeyId"] = "ASIAOTHER".into()),
        (Some("userIdentity"), |record| record["userIdentity"]["principalId"] = "AROAOTHER:run".into()),
        (Some("eventName"), |record| record["eventName"] = "DeleteService".into()),
        (Some("eventName"), |record| record["eventName"] = "DeleteTrail".into()),
        (Some("eventSource"), |record| record["eventSource"] = "iam.amazonaws.com".into()),
    ]
}

/// Compares what is told when one record corrects another with what is told of both as ordinary records.
#[track_caller]
fn corrects_nothing(others: &[Value], original: &Value, addendum: &Value, what: &str) {
    let mut ordinary = addendum.clone();
    ordinary.as_object_mut().unwrap().remove("addendum");
    let told = |one: &Value| said(&told_of(&[[others.to_vec(), vec![original.clone(), one.clone()]].concat()]));
    same(&told(addendum), &told(&ordinary), what);
}

#[test]
fn a_correction_hides_no_call_of_another_kind_or_caller() {
    let all = events();
    for (at, event) in all.iter().enumerate().skip(1).take(3) {
        for (fields, before) in refused() {
            for number in [None, Some(40)] {
                let (original, addendum) = pair(event, (fields, before), number);
                let mut others = all.clone();
                others.remove(at);
                let what = format!("{} {fields:?} {number:?}", event["eventName"]);
                corrects_nothing(&others, &original, &addendum, &what);
            }
        }
    }
}

#[test]
fn a_correction_takes_nothing_back_and_lies_in_the_folder_of_its_account() {
    let all = events();
    let count = |file: &str, change: fn(&mut Value)| {
        let (original, mut addendum) = pair(&all[1], corrections()[0], Some(40));
        change(&mut addendum);
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(file);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, json!({ "Records": [addendum] }).to_string()).unwrap();
        let records = [all.iter().filter(|event| **event != all[1]).cloned().collect(), vec![original]].concat();
        let mut paths = of_files(folder.path(), &[records]);
        paths.push(place.to_str().unwrap().to_owned());
        let report: Value = serde_json::from_str(&told(&run(&plan(&paths, None)))).unwrap();
        report["coverage"]["records"]["unique"].as_u64()
    };
    let of = |account: &str| format!("AWSLogs/{account}/CloudTrail/eu-central-1/2026/11/06/x.json");
    assert_eq!(count(&of("222222222222"), |_| ()), Some(5), "it counts once");
    assert_eq!(count(&of("333333333333"), |_| ()), Some(6), "in another account's folder");
    let denied: fn(&mut Value) = |record| record["errorCode"] = "AccessDenied".into();
    assert_eq!(count(&of("222222222222"), denied), Some(6), "what succeeded did not fail");
    let read: fn(&mut Value) = |record| record["readOnly"] = true.into();
    assert_eq!(count(&of("222222222222"), read), Some(6), "what wrote did not only read");
}

/// What an addendum to one of the events says otherwise.
type Change = (usize, fn(&mut Value));

#[test]
fn a_correction_hides_no_session_and_no_change() {
    let all = events();
    let changes: Vec<Change> = vec![
        (0, |record| record["requestParameters"]["roleArn"] = "arn:aws:iam::222222222222:role/ci/reader".into()),
        (0, |record| record["eventTime"] = "2026-11-06T01:00:11Z".into()),
        (0, |record| record["eventName"] = "AssumeRoleWithSAML".into()),
        (0, |record| record["responseElements"]["credentials"]["accessKeyId"] = "ASIATHPL2AOHOTHER".into()),
        (0, |record| record["responseElements"]["subjectFromWebIdentityToken"] = "repo:acme/docs:ref:x".into()),
        (4, |record| record["requestParameters"]["roleName"] = "reader".into()),
        (4, |record| record["eventTime"] = "2026-11-06T01:00:11Z".into()),
        (4, |record| record["errorCode"] = "AccessDenied".into()),
    ];
    for (at, (event, change)) in changes.into_iter().enumerate() {
        let (original, mut addendum) = pair(&all[event], (None, |_| ()), Some(40));
        change(&mut addendum);
        let mut others = all.clone();
        others.remove(event);
        corrects_nothing(&others, &original, &addendum, &at.to_string());
    }
}
