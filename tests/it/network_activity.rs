//! Network activity events are second records of calls: they double nothing, and what they alone tell of is told.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use serde_json::json;

use crate::addenda::call;
use crate::addenda::id;
use crate::addenda::of_files;
use crate::addenda::said;
use crate::addenda::same;
use crate::addenda::token;
use crate::addenda::told_of;
use crate::addenda::told_of_nights;
use crate::s3::as_copy;
use crate::s3::audit;
use crate::s3::audit_copy;
use crate::store::plan;
use crate::store::run;
use crate::store::told;
use crate::support::s3::Faults;
use crate::support::s3::Server;

fn calls() -> Vec<Value> {
    let via = json!({"vpcEndpointId": "vpce-1", "vpcEndpointAccountId": "222222222222"});
    vec![
        token(),
        call(1, "ecs.amazonaws.com", "UpdateService", &via),
        call(2, "ecs.amazonaws.com", "UpdateService", &via),
        call(3, "kms.amazonaws.com", "Decrypt", &json!({"readOnly": true, "vpcEndpointId": "vpce-1"})),
        call(4, "kms.amazonaws.com", "Decrypt", &json!({"readOnly": true, "errorCode": "AccessDenied"})),
    ]
}

/// What the owner of the endpoint sees of a call.
fn seen_by_endpoint(record: &Value) -> Value {
    let mut seen = record.clone();
    let own = record["eventID"].as_str().unwrap();
    let number: u8 = own[own.len() - 2..].parse().unwrap();
    for gone in ["userAgent", "requestParameters", "responseElements", "readOnly", "errorCode"] {
        seen.as_object_mut().unwrap().remove(gone);
    }
    seen["eventID"] = id(number + 20).into();
    seen["eventType"] = "AwsVpceEvent".into();
    seen["eventCategory"] = "NetworkActivity".into();
    seen["vpcEndpointId"] = "vpce-1".into();
    seen
}

fn aside(report: &str) -> Value {
    let report: Value = serde_json::from_str(report).unwrap();
    let all = report["coverage"]["set_aside"].as_array().cloned().unwrap_or_default();
    all.into_iter()
        .find(|aside| aside["kind"] == "network_activity")
        .map_or(Value::Null, |aside| aside["records"].clone())
}

#[test]
fn an_endpoint_may_tell_of_a_call_under_its_own_id() {
    let calls = calls();
    let same_id = |record: &Value| {
        let mut seen = record.clone();
        seen["eventCategory"] = "NetworkActivity".into();
        seen
    };
    let seen: Vec<Value> = calls.iter().map(same_id).collect();
    let expected = said(&told_of(std::slice::from_ref(&calls)));
    for files in [[calls.clone(), seen.clone()], [seen, calls]] {
        same(&said(&told_of(&[files.concat()])), &expected, "in one file");
        same(&said(&told_of_nights(&files)), &expected, "in two nights");
    }
}

#[test]
fn second_records_of_calls_double_nothing() {
    let calls = calls();
    let seen: Vec<Value> = calls.iter().map(seen_by_endpoint).collect();
    let expected = said(&told_of(std::slice::from_ref(&calls)));
    let without_category = |record: &Value| {
        let mut record = record.clone();
        record.as_object_mut().unwrap().remove("eventCategory");
        record
    };
    // The endpoint's owner need not see all that the caller's own account does.
    let redacted = |record: &Value| {
        let mut record = record.clone();
        if record["userIdentity"]["accessKeyId"].is_string() {
            record["userIdentity"] =
                json!({"type": "AWSAccount", "principalId": "AROADEPLOY:run", "accountId": "222222222222"});
        }
        record
    };
    for seen in [
        seen.clone(),
        seen.iter().map(without_category).collect(),
        seen.iter().map(redacted).collect(),
        // Every trail over the account delivers them again.
        [seen.clone(), seen.clone()].concat(),
    ] {
        for files in [
            vec![[calls.clone(), seen.clone()].concat()],
            vec![seen.clone(), calls.clone()],
            vec![seen[..2].to_vec(), calls[..3].to_vec(), seen[1..].to_vec(), calls[3..].to_vec()],
        ] {
            let report = told_of(&files);
            same(&said(&report), &expected, "one run");
            assert!(aside(&report).as_u64() >= Some(5), "what is set aside is named");
            let nightly = told_of_nights(&files);
            same(&said(&nightly), &expected, "nights");
            assert_eq!(aside(&nightly), aside(&report));
        }
    }
}

#[test]
fn what_only_an_endpoint_saw_is_told() {
    let calls = calls();
    let seen: Vec<Value> = calls.iter().map(seen_by_endpoint).collect();
    let activity = |files: &[Vec<Value>]| {
        let one: Value = serde_json::from_str(&told_of(files)).unwrap();
        let nights: Value = serde_json::from_str(&told_of_nights(files)).unwrap();
        let part = |report: &Value| report["chains"][0]["activity"].clone();
        assert_eq!(part(&one), part(&nights));
        let activity = part(&one);
        [&activity["calls"], &activity["writes"], &activity["errors"]].map(|count| count.as_u64().unwrap())
    };
    let has_own = [calls[0].clone(), calls[1].clone()].to_vec();
    assert_eq!(activity(std::slice::from_ref(&has_own)), [1, 1, 0]);
    // Two UpdateService and two Decrypt, of which one has a record of its own. Nobody knows whether they wrote.
    assert_eq!(activity(&[has_own.clone(), seen.clone()]), [4, 1, 0]);
    assert_eq!(activity(&[has_own.clone(), seen.clone(), seen.clone()]), [4, 1, 0]);
    assert_eq!(activity(&[[calls[..1].to_vec(), seen.clone()].concat()]), [4, 0, 0]);
    // A call that the endpoint's policy refused exists nowhere else.
    let mut denied = seen[3].clone();
    denied["errorCode"] = "VpceAccessDenied".into();
    denied["errorMessage"] = "The request was denied due to a VPC endpoint policy".into();
    assert_eq!(activity(&[calls.clone(), vec![denied.clone()]]), [5, 2, 2]);
    let report: Value = serde_json::from_str(&told_of(&[calls[..1].to_vec(), vec![denied]])).unwrap();
    assert_eq!(report["coverage"]["records"]["unsupported"], 0);
    assert!(report["chains"][0]["activity"]["actions"].to_string().contains("VpceAccessDenied"));
    // Nothing else at all is nothing judged: no session, and everything that was read is named.
    let report: Value = serde_json::from_str(&told_of(&[seen[..1].to_vec()])).unwrap();
    assert_eq!(
        report["coverage"]["records"],
        json!({"read": 1, "unique": 0, "duplicate": 0, "malformed": 0,
        "unsupported": 1, "outside_window": 0})
    );
}

#[test]
fn merged_stores_count_each_network_activity_event_once() {
    let calls = calls();
    let seen: Vec<Value> = calls.iter().map(seen_by_endpoint).collect();
    let files = [[calls[..2].to_vec(), seen.clone()].concat(), [calls[..1].to_vec(), seen].concat()];
    let expected = said(&told_of(&files));
    let folder = tempfile::tempdir().unwrap();
    let stores: Vec<String> = ["a", "b"].map(|name| folder.path().join(name).to_str().unwrap().to_owned()).into();
    for (path, store) in of_files(folder.path(), &files).iter().zip(&stores) {
        run(&plan(std::slice::from_ref(path), Some(std::path::Path::new(store))));
    }
    same(&said(&told(&run(&plan(&stores, None)))), &expected, "side by side");
    let merged = folder.path().join("merged");
    rolechain::pipeline::merge(&stores, &merged).unwrap();
    let report = told(&run(&plan(&[merged.to_str().unwrap().to_owned()], None)));
    same(&said(&report), &expected, "merged");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["coverage"]["records"]["unique"], 2);
}

#[test]
fn a_bucket_and_its_copy_tell_the_same() {
    let calls = calls();
    let seen: Vec<Value> = calls.iter().map(seen_by_endpoint).collect();
    let mut denied = seen[2].clone();
    denied["errorCode"] = "VpceAccessDenied".into();
    let aggregated = json!({"eventVersion": "1.11", "eventCategory": "Aggregated", "eventType": "AwsAggregatedEvent"});
    let account = "222222222222";
    let mut objects = BTreeMap::new();
    for (kind, records) in [
        ("CloudTrail", calls[..3].to_vec()),
        ("CloudTrail-NetworkActivity", [seen, vec![denied]].concat()),
        ("CloudTrail-Aggregated", vec![aggregated]),
    ] {
        let key = format!(
            "AWSLogs/{account}/{kind}/eu-central-1/2026/11/06/{account}_{kind}_eu-central-1_20261106T0305Z_Ab3.json"
        );
        objects.insert(key, json!({ "Records": records }).to_string().into_bytes());
    }
    let folder = tempfile::tempdir().unwrap();
    for (key, bytes) in &objects {
        let path = folder.path().join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let server = Server::start(objects, Faults::default());
    let copy = audit_copy(folder.path(), &["--no-expectations"]);
    for source in ["s3://logs/", "s3://logs/AWSLogs/222222222222/"] {
        let bucket = audit(&server, source, &["--no-expectations"]);
        let chains = as_copy(&bucket["chains"], "s3://logs/", folder.path());
        assert_eq!(chains, as_copy(&copy["chains"], "s3://logs/", folder.path()));
        assert_eq!(bucket["coverage"]["records"], copy["coverage"]["records"]);
        let kinds = |report: &Value| {
            let asides = report["coverage"]["set_aside"].as_array().unwrap();
            asides.iter().map(|aside| (aside["kind"].clone(), aside["records"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&bucket), [(json!("aggregated"), json!(1)), (json!("network_activity"), json!(5))]);
        assert_eq!(kinds(&bucket), kinds(&copy));
    }
}
