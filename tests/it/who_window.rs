//! `rolechain who` and `trace`: addresses, days, and the document of `trace`.

use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::program::program;

#[track_caller]
fn document(args: &[&str]) -> Value {
    let output =
        program().args(args).args(["--format", "json"]).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{args:?} {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn ids(target: &str, more: &[&str]) -> Vec<String> {
    let lines = document(&[&["who", target, "sample-logs"], more].concat())["lines"].take();
    lines.as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_address_is_a_name_and_an_id() {
    // The session that moved: asked for by a runner, and used from a second network.
    let moved = ids("192.0.2.77", &[]);
    assert!(moved.contains(&"ch-4059ccfff2d89ebb".to_owned()), "{moved:?}");
    for spelling in ["192.0.2.77/32", "192.0.2.77*"] {
        assert_eq!(ids(spelling, &[]), moved, "{spelling}");
    }
    assert!(ids("192.0.2.0/24", &[]).len() >= moved.len());
    let traced = document(&["trace", "192.0.2.77", "sample-logs"]);
    assert_eq!((&traced["schema"], &traced["means"]), (&json!("rolechain.trace/1"), &json!("address")));
    let things = traced["things"].as_array().unwrap();
    let chains = things.iter().filter_map(|thing| thing["chains"].as_array()).flatten();
    let mut chains: Vec<&str> = chains.map(|chain| chain["id"].as_str().unwrap()).collect();
    let mut lines: Vec<&str> = moved.iter().map(String::as_str).filter(|id| id.starts_with("ch-")).collect();
    chains.sort_unstable();
    lines.sort_unstable();
    assert_eq!(chains, lines);
    // An address of version 6, however it is spelled.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.json");
    let record = json!({"eventVersion": "1.09", "eventTime": "2026-11-10T10:00:00Z", "awsRegion": "us-east-1", "readOnly": false,
        "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "eventID": "e-1", "sourceIPAddress": "2001:db8::7",
        "userAgent": "aws-cli", "recipientAccountId": "222222222222", "eventType": "AwsApiCall", "userIdentity": {"type": "IAMUser",
        "principalId": "AIDADAVE", "arn": "arn:aws:iam::222222222222:user/dave", "accountId": "222222222222", "userName": "dave"}});
    std::fs::write(&file, json!({"Records": [record]}).to_string()).unwrap();
    for spelling in ["2001:db8::7", "2001:0DB8:0:0::7", "2001:db8::/32"] {
        let found = document(&["who", spelling, file.to_str().unwrap(), "--no-expectations"]);
        assert_eq!(found["lines"][0]["id"], "e-1", "{spelling}");
        let traced = document(&["trace", spelling, file.to_str().unwrap(), "--no-expectations"]);
        assert_eq!(traced["things"][0]["kind"], "caller", "{spelling}");
    }
}

#[test]
fn a_window_may_be_two_days() {
    let two = ids("2026-11-08..2026-11-09", &[]);
    let mut each = ids("2026-11-09", &[]);
    each.extend(ids("2026-11-08", &[]));
    assert!(each.iter().all(|id| two.contains(id)) && !two.is_empty(), "{two:?} {each:?}");
    // A date as the end is that whole day, in every spelling.
    assert_eq!(two, ids("*", &["--since", "2026-11-08", "--until", "2026-11-09"]));
    assert_eq!(two, ids("*", &["--since", "2026-11-08", "--until", "2026-11-10T00:00:00Z"]));
    assert_eq!(two, ids("2026-11-08T00:00:00Z..2026-11-09", &[]));
    assert_eq!(ids("2026-11-13..", &[]), ids("2026-11-13..today", &[]));
    assert_eq!(ids("2026-11-13..yesterday", &[]), ids("*", &["--since", "2026-11-13", "--until", "2026-11-14"]));
    assert_eq!(ids("..2026-11-08", &[]), ids("*", &["--until", "2026-11-08"]));
    let refused = program()
        .args(["who", "2026-11-08..soon", "sample-logs"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("cannot read the moment `soon`"));
}

#[test]
fn what_a_baseline_accepts_is_accepted_by_who_and_trace() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (report, baseline) = (at("report.json"), at("baseline.toml"));
    let run = |args: &[&str]| {
        let output = program().args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let story = "sample-logs/15-cross-repo";
    run(&["audit", story, "-o", &report]);
    run(&["baseline", "accept", &report, "--by", "octavia", "--reason", "known", "-o", &baseline]);
    let lines = document(&["who", "prod", story, "--baseline", &baseline])["lines"].take();
    let line = lines.as_array().unwrap().iter().find(|line| line["id"] == "ch-b2049480b072b364").unwrap();
    assert_eq!(line["judgment"]["expected"], "accepted");
    let shown = run(&["trace", "ch-b2049480b072b364", story, "--baseline", &baseline]);
    assert!(shown.contains("expected? accepted: "), "{shown}");
    assert!(shown.contains(&format!("--baseline {baseline}")), "{shown}");
}

#[test]
fn every_kind_of_thing_has_its_row_and_judgment() {
    for (id, means, kind) in [
        ("ch-b2049480b072b364", "chain", "session"),
        ("AKIATHPL2AOHHSFNXHMJ", "long_lived_key", "key"),
        ("rt-410d9f1708af360c", "route", "route"),
        ("rc1:914c71c070f6", "finding", "finding"),
        ("69981b7f-165a-421c-b228-25f58b8cf406", "denied_event", "denied"),
        ("19460500918", "ci_run", "session"),
    ] {
        let traced = document(&["trace", id, "sample-logs"]);
        assert_eq!((&traced["means"], &traced["things"][0]["kind"]), (&json!(means), &json!(kind)), "{id}");
        let expected = traced["things"][0]["judgment"]["expected"].as_str().unwrap();
        assert!(["no", "accepted", "yes", "unknown"].contains(&expected), "{id}: {expected}");
        // The words on the terminal say the same.
        let shown =
            program().args(["trace", id, "sample-logs"]).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(String::from_utf8(shown.stdout).unwrap().contains(&format!("expected? {expected}: ")), "{id}");
    }
    let chain = document(&["trace", "ch-b2049480b072b364", "sample-logs"]);
    let thing = &chain["things"][0];
    assert_eq!(thing["chains"][0]["id"], "ch-b2049480b072b364");
    assert_eq!(thing["judgment"]["rule"], "cross-repo-deploy");
    assert_eq!(thing["session"]["event_id"], "0e627233-b5da-4a64-965e-a33e4e499ac2");
    assert!(thing["activity"]["user_agents"][0].as_str().unwrap().contains("md/"), "user agents are whole");
    let hidden = document(&["trace", "AKIATHPL2AOHHSFNXHMJ", "sample-logs", "--redact"]).to_string();
    assert!(!hidden.contains("AKIATHPL2AOHHSFNXHMJ") && hidden.contains("XHMJ"), "{hidden}");
    assert!(Path::new("docs/usage.md").exists());
}

/// A subject that is cut may be any of two.
#[test]
fn the_listing_of_chains_cuts_no_subject() {
    let branch = "gh-readonly-queue/main/pr-42-c7b8502b087a93f97ff186574e3389d31b1bc098";
    let record = format!(
        r#"[{{"eventVersion":"1.08","eventID":"0e2f4c1a-8a37-4a51-9f0e-3b1f3c1d2e4f","eventTime":"2026-11-10T10:00:00Z",
        "eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity","awsRegion":"eu-central-1",
        "recipientAccountId":"111111111111","userIdentity":{{"type":"WebIdentityUser",
        "userName":"repo:acme@42/orders@9:ref:refs/heads/{branch}",
        "identityProvider":"arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}},
        "requestParameters":{{"roleArn":"arn:aws:iam::111111111111:role/deploy","roleSessionName":"x"}},
        "responseElements":{{"credentials":{{"accessKeyId":"ASIAQWERTYUIOPASDF1A"}}}}}}]"#
    );
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs.json");
    std::fs::write(&logs, record).unwrap();
    let output = program().args(["chains", logs.to_str().unwrap(), "--quiet"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, chains) = text.split_once("CHAINS").unwrap();
    let plain: String = chains.split_whitespace().filter(|word| !word.starts_with("2026-")).collect();
    assert!(plain.contains(branch) && !plain.contains('…'), "{text}");
}
