//! `rolechain who`: what a name stands for, who acted there, and whether it was expected.

use std::fs;
use std::process::Command;

use expect_test::expect_file;
use serde_json::Value;
use serde_json::json;

use crate::program::program;

fn who(args: &[&str]) -> Command {
    let mut command = program();
    command.arg("who").args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("COLUMNS", "100");
    command
}

#[track_caller]
fn check(args: &[&str], code: i32) -> (String, String) {
    let output = who(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{stdout}\n{stderr}");
    (stdout, stderr)
}

#[track_caller]
fn lines(args: &[&str]) -> Vec<Value> {
    let document: Value = serde_json::from_str(&check(&[args, &["--format", "json"]].concat(), 0).0).unwrap();
    assert_eq!(document["schema"], "rolechain.who/1");
    document["lines"].as_array().unwrap().clone()
}

fn ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["id"].as_str().unwrap()).collect()
}

#[test]
fn the_page_reads_as_it_should() {
    for (name, args) in [
        ("who-prod-13-intrusion", ["prod", "sample-logs/13-intrusion"]),
        ("who-tooling-12-denied", ["tooling", "sample-logs/12-denied"]),
        ("who-staging-18-workloads", ["staging", "sample-logs/18-workloads"]),
    ] {
        let (shown, _) = check(&args, 0);
        expect_file![format!("golden/{name}.txt")].assert_eq(&shown);
        assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    }
}

#[test]
fn a_target_may_be_spelled_in_every_way_that_people_know() {
    let all = |target: &str| lines(&[target, "sample-logs"]);
    let by_account = all("prod");
    assert!(by_account.len() > 50);
    assert_eq!(by_account, all("222222222222"));
    assert_eq!(by_account, all("Prod"));
    let by_role = all("ci-deploy-role");
    for spelling in ["ci/ci-deploy-role", "*ci-deploy-role"] {
        assert_eq!(by_role, all(spelling), "{spelling}");
    }
    let of_prod = all("arn:aws:iam::222222222222:role/ci/ci-deploy-role");
    assert!(of_prod.len() < by_role.len() && of_prod.iter().all(|line| by_role.contains(line)));
    assert_eq!(all("acme/docs"), all("ACME/docs"));
    assert_eq!(ids(&all("docs")), ["ch-b2049480b072b364"]);
    assert_eq!(ids(&all("root")), ["ch-9ee2170d62f9d540"]);
    assert!(ids(&all("bob@acme.example")).contains(&"ch-f53beb463e2aed50"));
    assert_eq!(all("ci-orders"), all("ci/ci-orders"));
    assert_eq!(all("ci-orders"), all("AKIATHPL2AOHHSFNXHMJ"));
}

#[test]
fn every_chain_direct_use_of_a_key_and_denied_attempt_is_a_line_the_newest_first() {
    let report = program()
        .args(["audit", "sample-logs", "--format", "json", "-q"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    let report: Value = serde_json::from_slice(&report.unwrap().stdout).unwrap();
    let lines = lines(&["*", "sample-logs"]);
    let count = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    let keys = report["long_term_keys"].as_array().unwrap().iter().filter(|key| key["calls"] != 0).count();
    assert_eq!(count("chain"), report["chains"].as_array().unwrap().len());
    assert_eq!((count("key"), keys), (3, 3));
    assert_eq!(count("denied"), report["denied"].as_array().unwrap().len());
    let times: Vec<&str> = lines.iter().map(|line| line["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    // Whoever is named by an open finding is never called expected, nor said to be without a finding. That a part of the
    // logs is missing is nobody's act.
    let about_logs =
        ["account-not-covered", "log-gap", "missing-link", "one-sided-cross-account", "region-not-covered"];
    let is_about_logs = |finding: &Value| about_logs.contains(&finding["rule"].as_str().unwrap());
    // Nor is it the act of whoever came through a door after somebody had changed it.
    let doors = ["identity-provider-changed", "trust-policy-changed"];
    for finding in report["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] != "info") {
        for chain in finding["chain_ids"].as_array().unwrap() {
            let line = lines.iter().find(|line| line["id"] == *chain);
            let Some(line) = line else { continue };
            let expected = &line["judgment"]["expected"];
            if doors.contains(&finding["rule"].as_str().unwrap()) {
                continue;
            }
            assert!(*expected == "no" || (is_about_logs(finding) && *expected == "unknown"), "{expected} {finding}");
        }
    }
    // The worst finding is named; of those that are as bad, the one about the fewest chains.
    let judged = |id: &str| lines.iter().find(|line| line["id"] == id).unwrap()["judgment"].clone();
    assert_eq!(judged("ch-27aef3515c513807")["rule"], "logging-tampered");
    assert_eq!(judged("AKIATHPL2AOHHSFNXHMJ")["rule"], "long-lived-key-deploys");
    assert_eq!(judged("ch-9ee2170d62f9d540")["rule"], "long-lived-key-created");
    assert_eq!(judged("ch-cd33607840e0536f")["expected"], "yes");
    // What the entry role's session did counts, too: it created a role before it went on.
    let line = lines.iter().find(|line| line["id"] == "ch-59af419eb1b09a19").unwrap();
    assert_eq!((&line["writes"], &line["write_actions"]), (&json!(1), &json!(["iam:CreateRole"])));
}

#[test]
fn nothing_is_expected_unless_somebody_said_so() {
    let story = "sample-logs/01-healthy";
    let answers = |args: &[&str]| -> Vec<String> {
        let lines = lines(args);
        lines.iter().map(|line| line["judgment"]["expected"].as_str().unwrap().to_owned()).collect()
    };
    assert!(answers(&["acme/orders", story]).iter().all(|answer| answer == "yes"));
    assert!(answers(&["acme/orders", story, "--no-expectations"]).iter().all(|answer| answer == "unknown"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rolechain.toml");
    let written = fs::read_to_string("sample-logs/rolechain.toml").unwrap();
    // Learned from logs: nobody has confirmed it.
    fs::write(&file, written.replace("class = \"deploy\"", "class = \"deploy\"\nlearned = true")).unwrap();
    let learned = lines(&["acme/orders", story, "--expectations", file.to_str().unwrap()]);
    assert!(learned.iter().all(|line| line["judgment"]["expected"] == "unknown"), "{learned:?}");
    assert!(learned[0]["judgment"]["reason"].as_str().unwrap().contains("nobody has confirmed it"));
    // What only a pedantic reader is shown accuses nobody, and is not called expected either.
    fs::write(&file, written.replace("repos = [\"acme/orders\"]", "repos = [\"acme/orders\", \"acme/docs\"]")).unwrap();
    let tidy = lines(&["acme/docs", "sample-logs/15-cross-repo", "--expectations", file.to_str().unwrap()]);
    let judgment = &tidy[0]["judgment"];
    assert_eq!((&judgment["expected"], &judgment["rule"]), (&json!("unknown"), &json!("deploy-without-environment")));
    // A role without a word on who may enter it says nothing.
    fs::write(&file, "[[role]]\narn = \"arn:aws:iam::*:role/*\"\nclass = \"deploy\"\n").unwrap();
    let bare = lines(&["ci-deploy-role", story, "--expectations", file.to_str().unwrap()]);
    assert!(bare.iter().all(|line| line["judgment"]["expected"] != "yes"), "{bare:?}");
}

#[test]
fn a_stanza_that_does_not_admit_it_makes_nothing_expected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rolechain.toml");
    let asked = |story: &str, stanza: &str| {
        fs::write(&file, format!("[[role]]\narn = \"arn:aws:iam::*:role/*\"\n{stanza}\n")).unwrap();
        let lines = lines(&["prod", story, "--expectations", file.to_str().unwrap()]);
        let of_chains = lines.into_iter().filter(|line| line["kind"] == "chain");
        of_chains.map(|line| line["judgment"].clone()).collect::<Vec<_>>()
    };
    let prod = "[[account]]\nid = \"222222222222\"\nname = \"prod\"";
    for (story, stanza) in [
        ("sample-logs/18-workloads", "origin = [\"oidc\"]"),
        ("sample-logs/18-workloads", "from = [{principal = \"arn:aws:iam::111111111111:role/nobody\"}]"),
        ("sample-logs/01-healthy", "origin = [\"console\"]"),
        // That tokens may enter does not say which.
        ("sample-logs/01-healthy", "origin = [\"oidc\"]"),
    ] {
        let judged = asked(story, &format!("{stanza}\n{prod}"));
        assert!(!judged.is_empty() && judged.iter().all(|judgment| judgment["expected"] != "yes"), "{judged:?}");
    }
}

#[test]
fn who_came_through_a_changed_door_is_judged_by_who_they_are() {
    let window = ["--since", "2026-11-08", "--until", "2026-11-09"];
    let lines = lines(&[&["*", "sample-logs"], &window[..]].concat());
    let judgment = |id: &str| lines.iter().find(|line| line["id"] == id).unwrap()["judgment"].clone();
    // The owner's run after the trust policy was changed, and whoever changed it.
    let own = judgment("ch-ab27eab87d063b9c");
    assert_eq!(own["expected"], "yes");
    assert!(own["reason"].as_str().unwrap().contains("but see trust-policy-changed"), "{own}");
    let changed = judgment("ch-b4c8f7d1fd27d6c3");
    assert_eq!(changed["expected"], "no");
    assert!(
        ["identity-provider-changed", "trust-policy-changed"].contains(&changed["rule"].as_str().unwrap()),
        "{changed}"
    );
    let (shown, _) = check(&[&["222222222222", "sample-logs"], &window[..]].concat(), 0);
    assert!(shown.contains("CRITICAL trust-policy-changed: The trust policy of ci/gha-orders-prod"), "{shown}");
    // Nor does a report mark their route: these four runs only came in.
    let arguments = ["audit", "sample-logs", "--format", "markdown", "-q"];
    let report = program().args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let report = String::from_utf8(report.stdout).unwrap();
    let is_it = |row: &&str| row.contains("orders@9001 environment prod") && row.contains("| 4 | 4 | 0 |");
    let route = report.lines().find(is_it).unwrap_or_else(|| panic!("{report}"));
    assert!(!route.contains("critical"), "{route}");
    // Whoever is accused is named with its ids, also where nobody else of the name is shown.
    assert!(shown.contains("acme@99021/orders@77123 env prod"), "{shown}");
}

/// One record of a user of account 222222222222.
fn record(event: &str, name: &str, hour: u8, identity: &Value) -> Value {
    json!({
        "eventVersion": "1.09", "eventTime": format!("2026-11-10T{hour:02}:00:00Z"), "awsRegion": "us-east-1",
        "eventSource": "cloudtrail.amazonaws.com", "eventName": name, "eventID": event, "readOnly": name.starts_with("Describe"),
        "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli", "requestParameters": {"name": "org-trail"},
        "recipientAccountId": "222222222222", "eventType": "AwsApiCall", "userIdentity": identity,
    })
}

/// The lines for records of made-up users.
fn lines_of(records: &[Value], target: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.json");
    fs::write(&file, json!({ "Records": records }).to_string()).unwrap();
    lines(&[target, file.to_str().unwrap(), "--no-expectations"])
}

/// What each line says of its judgment.
fn judged(records: &[Value], target: &str) -> Vec<(String, String, String)> {
    let lines = lines_of(records, target);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines.iter().map(|line| (text(&line["kind"]), text(&line["id"]), text(&line["judgment"]["expected"]))).collect()
}

#[test]
fn who_acted_is_listed_with_or_without_a_key_and_accused_of_their_own_acts_alone() {
    let user = |name: &str, key: Option<&str>| {
        let arn = format!("arn:aws:iam::222222222222:user/{name}");
        let mut identity = json!({"type": "IAMUser", "principalId": format!("AIDA{name}"), "arn": arn, "accountId": "222222222222", "userName": name});
        if let Some(key) = key {
            identity["accessKeyId"] = json!(key);
        }
        identity
    };
    let line = |kind: &str, id: &str, expected: &str| (kind.to_owned(), id.to_owned(), expected.to_owned());
    // Without a key in the record.
    let stopped = [record("e-1", "StopLogging", 10, &user("dave", None))];
    for target in ["*", "dave", "222222222222"] {
        assert_eq!(judged(&stopped, target), [line("caller", "e-1", "no")], "{target}");
    }
    // Another key of the same user, an hour before: it did nothing of the kind.
    let (first, second) = ("AKIAQWERTYUIOPASDFGH", "AKIAZXCVBNMASDFGHJKL");
    let both = [
        record("e-1", "DescribeTrails", 9, &user("dave", Some(first))),
        record("e-2", "StopLogging", 10, &user("dave", Some(second))),
    ];
    assert_eq!(judged(&both, "dave"), [line("key", second, "no"), line("key", first, "unknown")]);
    // One key id for two users: what either did is said of it.
    let shared = [
        record("e-1", "DescribeTrails", 9, &user("abe", Some(first))),
        record("e-2", "StopLogging", 10, &user("zed", Some(first))),
    ];
    assert_eq!(judged(&shared, "*"), [line("key", first, "no")]);
}

#[test]
fn who_changed_a_door_is_found_whoever_came_in_later_and_whatever_else_is_worse() {
    let key = "AKIAQWERTYUIOPASDFGH";
    let user = |name: &str| {
        json!({"type": "IAMUser", "principalId": format!("AIDA{name}"), "accountId": "222222222222", "userName": name,
               "arn": format!("arn:aws:iam::222222222222:user/{name}"), "accessKeyId": key})
    };
    let change = |event: &str, hour: u8, subject: &str, identity: &Value| {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"},
            "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": subject}}}]});
        let mut record = record(event, "UpdateAssumeRolePolicy", hour, identity);
        record["eventSource"] = json!("iam.amazonaws.com");
        record["requestParameters"] = json!({"roleName": "gha", "policyDocument": policy.to_string()});
        record
    };
    let issuer = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com";
    let mut entry = record(
        "e-9",
        "AssumeRoleWithWebIdentity",
        12,
        &json!({"type": "WebIdentityUser",
        "principalId": format!("{issuer}:sts.amazonaws.com:repo:evil/x:ref:refs/heads/main"),
        "userName": "repo:evil/x:ref:refs/heads/main", "identityProvider": issuer}),
    );
    entry["eventSource"] = json!("sts.amazonaws.com");
    entry["requestParameters"] = json!({"roleArn": "arn:aws:iam::222222222222:role/gha", "roleSessionName": "x"});
    entry["responseElements"] = json!({"credentials": {"accessKeyId": "ASIAQWERTYUIOPASDFGH"}, "provider": issuer,
        "assumedRoleUser": {"assumedRoleId": "AROAQWERTYUIOPASDFGHJ:x", "arn": "arn:aws:sts::222222222222:assumed-role/gha/x"}});
    // Three changes: the one in the middle is neither the first nor the last call of its kind.
    let records = [
        change("e-1", 8, "repo:*", &user("mal")),
        change("e-2", 9, "repo:acme/x:*", &user("mal")),
        change("e-3", 10, "*", &user("mal")),
        entry,
    ];
    let lines = lines_of(&records, "*");
    let of = |kind: &str| &lines.iter().find(|line| line["kind"] == kind).unwrap()["judgment"];
    assert_eq!((&of("key")["expected"], &of("key")["rule"]), (&json!("no"), &json!("trust-policy-changed")));
    assert_ne!(of("chain")["rule"], "trust-policy-changed");
}

#[test]
fn a_day_is_a_window() {
    let lines = lines(&["2026-11-12", "sample-logs/15-cross-repo"]);
    assert_eq!(lines.len(), 4);
    let healthy = "sample-logs/01-healthy";
    let (_, error) = check(&["2026-11-12", healthy, "--since", "7d"], 2);
    assert!(error.contains("rolechain who '*'"), "{error}");
    let (shown, error) = check(&["2026-11-01", healthy], 3);
    assert!(shown.contains("NOTHING JUDGED") && error.contains("no record lies inside the window"), "{shown}{error}");
    // The clock stands at midnight of 2026-11-15.
    for (name, code) in [("yesterday", 0), ("today", 3)] {
        let output = who(&[name, "sample-logs/14-log-tampering"]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{name}");
    }
    assert_eq!(self::lines(&["yesterday", "sample-logs/14-log-tampering"])[0]["judgment"]["rule"], "logging-tampered");
}

#[test]
fn an_empty_answer_says_what_was_looked_at_and_never_that_all_is_well() {
    // Nobody has this name.
    let (shown, error) = check(&["ci-deploy-rol", "sample-logs"], 3);
    assert!(
        shown.contains("NOTHING JUDGED") && error.contains("nothing in these logs is called ci-deploy-rol"),
        "{shown}"
    );
    assert!(shown.contains("did you mean  ci-deploy-role") && shown.contains("records of 4 accounts"), "{shown}");
    let (shown, _) = check(&["prd", "sample-logs/01-healthy"], 3);
    assert!(shown.contains("did you mean  prod"), "{shown}");
    // The account has records, and nobody but services acted.
    let (shown, _) = check(&["log-archive", "sample-logs/15-cross-repo"], 0);
    assert!(
        shown.contains("Nobody but AWS services acted there: log-archive.") && shown.contains("--include-services"),
        "{shown}"
    );
    // Less is shown than there is.
    let (shown, _) = check(&["prod", "sample-logs/15-cross-repo", "--account", "staging"], 0);
    assert!(
        shown.contains("Nobody acted there with what is shown: prod.")
            && shown.contains("to what touches 333333333333"),
        "{shown}"
    );
    // Without expectations nothing can be called expected, and the page says why.
    let (shown, _) = check(&["222222222222", "sample-logs/01-healthy", "--no-expectations"], 0);
    assert!(shown.contains("nothing can be called expected"), "{shown}");
    // Another account is not in these logs at all.
    check(&["999999999999", "sample-logs/15-cross-repo"], 3);
    // Less was read than there is.
    let (shown, _) = check(&["prod", "sample-logs"], 0);
    assert!(shown.contains("PARTIAL: 3 objects not read to the end"), "{shown}");
    let document: Value = serde_json::from_str(&check(&["prod", "sample-logs", "--format", "json"], 0).0).unwrap();
    assert_eq!(document["verdict"], "partial");
}

#[test]
fn lines_stay_whole_for_programs_and_keys_are_masked_on_request() {
    let output = who(&["prod", "sample-logs/13-intrusion"]).env_remove("COLUMNS").output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let line = shown.lines().find(|line| line.contains("acme-evil@70707/orders@80808")).unwrap();
    assert!(line.contains("CRITICAL cross-repo-deploy +2 · run 19450101146 · ch-efafbc8ce3caa9f0"), "{line}");
    for format in ["table", "json"] {
        let (shown, _) = check(&["AKIATHPL2AOHHSFNXHMJ", "sample-logs", "--redact", "--format", format], 0);
        assert!(!shown.contains("AKIATHPL2AOHHSFNXHMJ") && shown.contains("XHMJ"), "{shown}");
    }
    let (_, error) = check(&["prod", "sample-logs", "-o", "x.html"], 2);
    assert!(error.contains("who does not write html"), "{error}");
}

#[test]
fn one_name_of_two_repositories_never_looks_alike() {
    let (shown, _) = check(&["ci-deploy-role", "sample-logs"], 0);
    for name in ["acme@4242/orders@9001 env prod → gha-orders-prod", "acme@99021/orders@77123 env prod"] {
        assert!(shown.contains(name), "{shown}");
    }
    // Where there is only one, its name is enough.
    let (shown, _) = check(&["ci-deploy-role", "sample-logs/14-log-tampering"], 0);
    assert!(shown.contains("  acme/orders env prod → gha-orders-prod"), "{shown}");
}

#[test]
fn what_the_owners_accept_is_told_as_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rolechain.toml");
    let written = fs::read_to_string("sample-logs/rolechain.toml").unwrap();
    let exception = |rule: &str| {
        format!(
            "\n[[exception]]\ndetection = \"{rule}\"\nmatch = {{ role_arn = \"arn:aws:iam::222222222222:role/ci/ci-deploy-role\" }}\n\
             reason = \"known\"\nowner = \"octavia\"\ncreated = 2026-11-01\nexpires = 2026-11-30\n"
        )
    };
    let judged = |text: &str| {
        fs::write(&file, text).unwrap();
        let lines = lines(&["acme/docs", "sample-logs/15-cross-repo", "--expectations", file.to_str().unwrap()]);
        lines[0]["judgment"].clone()
    };
    let both = judged(&written);
    assert_eq!((&both["expected"], &both["rule"]), (&json!("no"), &json!("cross-repo-deploy")));
    let accepted = judged(&format!("{written}{}", exception("cross-repo-deploy")));
    assert_eq!((&accepted["expected"], &accepted["rule"]), (&json!("accepted"), &json!("cross-repo-deploy")));
}
