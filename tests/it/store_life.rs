//! The life of findings over nights, what novelty needs, and what retention keeps.

use std::fs;
use std::path::Path;

use rolechain::audit;
use rolechain::expect::Expectations;
use rolechain::model::finding::Status;
use rolechain::model::time::Timestamp;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::store::Store;
use rolechain::store::View;
use serde_json::Value;
use serde_json::json;

use crate::store::plan;
use crate::store::run;
use crate::store::text;
use crate::store::told;
use crate::store_faults::copy;

/// 2026-11-02.
const FIRST_DAY: i64 = 20_759;

fn at(day: i64, clock: i64) -> String {
    Timestamp((FIRST_DAY + day) * 86_400 + clock).to_string()
}

/// A token of a repository enters a role, and the session calls something.
fn entry(day: i64, clock: i64, subject: &str, role: &str) -> Vec<Value> {
    let key = format!("ASIA{day:03}{clock:06}{}{}", role.len(), subject.len());
    let arn = format!("arn:aws:sts::111111111111:assumed-role/{role}/run");
    let provider = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
    vec![
        json!({"eventTime": at(day, clock), "eventSource": "sts.amazonaws.com", "eventName": "AssumeRoleWithWebIdentity",
            "awsRegion": "eu-west-1", "eventID": format!("in-{key}"), "recipientAccountId": "111111111111", "readOnly": true,
            "sourceIPAddress": "192.0.2.7", "userAgent": "actions",
            "userIdentity": {"type": "WebIdentityUser", "userName": subject, "identityProvider": provider},
            "requestParameters": {"roleArn": format!("arn:aws:iam::111111111111:role/{role}"), "roleSessionName": "run"},
            "responseElements": {"credentials": {"accessKeyId": key, "expiration": at(day, clock + 3_600)},
                "subjectFromWebIdentityToken": subject, "provider": provider, "audience": "sts.amazonaws.com",
                "assumedRoleUser": {"assumedRoleId": format!("AROA{role}:run"), "arn": arn}}}),
        json!({"eventTime": at(day, clock + 60), "eventSource": "ecs.amazonaws.com", "eventName": "UpdateService",
            "awsRegion": "eu-west-1", "eventID": format!("use-{key}"), "recipientAccountId": "111111111111", "readOnly": false,
            "sourceIPAddress": "192.0.2.7", "userAgent": "actions",
            "userIdentity": {"type": "AssumedRole", "principalId": format!("AROA{role}:run"), "arn": arn, "accountId": "111111111111",
                "accessKeyId": key, "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::111111111111:role/{role}")},
                    "attributes": {"creationDate": at(day, clock)}}}}),
    ]
}

/// A call with a long-lived key whose user agent says CI: always a finding.
fn key_in_ci(day: i64) -> Value {
    json!({"eventTime": at(day, 30_000), "eventSource": "ecr.amazonaws.com", "eventName": "PutImage", "awsRegion": "eu-west-1",
        "eventID": format!("key-{day}"), "recipientAccountId": "111111111111", "readOnly": false, "sourceIPAddress": "192.0.2.8",
        "userAgent": "aws-cli/2 exec-env/GitHubActions configure-aws-credentials-for-github-actions",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "arn": "arn:aws:iam::111111111111:user/ci", "accountId": "111111111111", "userName": "ci"}})
}

/// Writes the log of one night.
fn night(folder: &Path, day: i64, records: &[Value]) {
    let path = folder.join(format!("night-{day:03}.json"));
    fs::write(path, json!({ "Records": records }).to_string()).unwrap();
}

fn nightly(folder: &Path, store: &Path) -> Outcome {
    run(&plan(&[text(folder)], Some(store)))
}

fn status_of(outcome: &Outcome, rule: &str) -> Option<Status> {
    outcome.findings.iter().find(|finding| finding.rule == rule).map(|finding| finding.status)
}

const HOME: &str = "repo:acme/orders:environment:prod";

#[test]
fn a_finding_is_new_ongoing_dormant_and_reopened() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, store) = (folder.path().join("logs"), folder.path().join("store"));
    fs::create_dir(&logs).unwrap();
    let mut told = Vec::new();
    for day in 0..=12 {
        let mut records = entry(day, 36_000, HOME, "gha-orders");
        // Seen on two days, quiet for eight, seen again.
        if matches!(day, 1 | 2 | 11) {
            records.push(key_in_ci(day));
        }
        night(&logs, day, &records);
        let status = status_of(&nightly(&logs, &store), "long-lived-key-in-ci");
        told.push(status);
        // Asking again changes nothing, and neither does asking without writing.
        assert_eq!(status, status_of(&nightly(&logs, &store), "long-lived-key-in-ci"), "day {day}");
        let read_only = run(&plan(&[text(&store)], None));
        assert_eq!(status, status_of(&read_only, "long-lived-key-in-ci"), "day {day}");
    }
    let [new, ongoing, dormant, reopened] = [Status::New, Status::Ongoing, Status::Dormant, Status::Reopened].map(Some);
    let mut expected = vec![None, new];
    // Last seen on day 2: the seventh covered day after it is day 9.
    expected.extend([ongoing; 7]);
    expected.extend([dormant, dormant, reopened, ongoing]);
    assert_eq!(told, expected);
}

#[test]
fn a_night_that_was_given_less_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, store) = (folder.path().join("logs"), folder.path().join("store"));
    fs::create_dir(&logs).unwrap();
    let file = "schema = 1\n[[role]]\narn = \"arn:aws:iam::111111111111:role/gha-orders\"\n\
                subjects = [{ repo = \"acme/other\" }]\n";
    let expected = Expectations::parse("rolechain.toml", file, &audit::rule_ids()).unwrap();
    for (day, is_given, status) in [(0, true, Some(Status::New)), (1, false, None), (2, true, Some(Status::Ongoing))] {
        night(&logs, day, &entry(day, 36_000, HOME, "gha-orders"));
        let mut plan = plan(&[text(&logs)], Some(&store));
        plan.expectations = if is_given { expected.clone() } else { Expectations::default() };
        assert_eq!(status_of(&run(&plan), "unexpected-subject"), status, "night {day}");
        let counts = rolechain::store::status(&View::open(&store).unwrap()).unwrap().findings;
        assert_eq!(counts.resolved, 0, "night {day}");
    }
}

#[test]
fn a_finding_whose_days_retention_lets_go_is_dormant() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, store) = (folder.path().join("logs"), folder.path().join("store"));
    fs::create_dir(&logs).unwrap();
    for day in 0..4 {
        let mut records = entry(day, 36_000, HOME, "gha-orders");
        records.extend((day == 0).then(|| key_in_ci(day)));
        night(&logs, day, &records);
    }
    for (keep, dormant) in [(None, 0), (Some(3), 1), (Some(3), 1)] {
        run(&Plan { keep, ..plan(&[text(&logs)], Some(&store)) });
        let counts = rolechain::store::status(&View::open(&store).unwrap()).unwrap().findings;
        assert_eq!((counts.dormant, counts.resolved), (dormant, 0), "{keep:?}");
    }
}

#[test]
fn a_part_of_a_store_changes_no_life() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, store) = (folder.path().join("logs"), folder.path().join("store"));
    fs::create_dir(&logs).unwrap();
    night(&logs, 0, &[key_in_ci(0)]);
    nightly(&logs, &store);
    let before = fs::read_to_string(store.join("manifest.json")).unwrap();
    let mut narrow = plan(&[text(&logs)], Some(&store));
    narrow.filter.accounts = vec!["222222222222".to_owned()];
    assert!(run(&narrow).findings.iter().all(|finding| finding.rule != "long-lived-key-in-ci"));
    assert_eq!(before, fs::read_to_string(store.join("manifest.json")).unwrap());
    assert_eq!(status_of(&nightly(&logs, &store), "long-lived-key-in-ci"), Some(Status::New));
}

#[test]
fn retention_drops_days_and_breaks_no_open_chain() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, store) = (folder.path().join("logs"), folder.path().join("store"));
    fs::create_dir(&logs).unwrap();
    for day in 0..6 {
        // Issued a minute before midnight, used for an hour.
        let mut records = entry(day, 86_340, HOME, "gha-orders");
        let mut late = records[1].clone();
        late["eventTime"] = json!(at(day + 1, 1_200));
        late["eventID"] = json!(format!("late-{day}"));
        records.push(late);
        records.extend(entry(day, 36_000, HOME, "gha-orders"));
        night(&logs, day, &records);
    }
    let whole = nightly(&logs, &store);
    assert_eq!(View::open(&store).unwrap().covered_days().len(), 7);
    let before = rolechain::store::status(&View::open(&store).unwrap()).unwrap();
    let uncut = folder.path().join("uncut");
    copy(&store, &uncut);
    let gone = Store::open(&store).unwrap().compact(Some(3)).unwrap();
    assert_eq!(gone, ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"]);
    let after = rolechain::store::status(&View::open(&store).unwrap()).unwrap();
    assert!(after.bytes < before.bytes && after.tables["events"].rows < before.tables["events"].rows);
    assert_eq!((after.covered_days, after.kept_since.as_deref()), (3, Some("2026-11-06")));

    let kept = run(&plan(&[text(&store)], None));
    // What is left is told as by a run that looks at these days.
    let mut direct = plan(&[text(&logs)], None);
    direct.filter.since = Some(Timestamp((FIRST_DAY + 4) * 86_400));
    assert_eq!(told(&kept), told(&run(&direct)));
    // The session that was issued on the last day that went is used on the first that is kept: its chain is whole.
    let report: Value = serde_json::from_str(&told(&kept)).unwrap();
    let gaps: Vec<&Value> = report["chains"].as_array().unwrap().iter().map(|chain| &chain["gaps"]).collect();
    assert!(gaps.iter().all(|gaps| gaps.as_array().unwrap().is_empty()), "{gaps:?}");
    let ids = |outcome: &Outcome| outcome.lineage.chains.iter().map(|chain| chain.id.to_string()).collect::<Vec<_>>();
    assert!(ids(&kept).iter().all(|id| ids(&whole).contains(id)));
    assert_eq!(kept.lineage.chains.len(), 5);
    // Objects of days that went are still known, and late copies of their records do not come back.
    fs::copy(logs.join("night-000.json"), logs.join("night-000-again.json")).unwrap();
    let again = nightly(&logs, &store);
    assert_eq!(ids(&again), ids(&kept));
    assert!(Store::open(&store).unwrap().compact(Some(3)).unwrap().is_empty());
    assert_eq!(ids(&run(&plan(&[text(&store)], None))), ids(&kept));
    // A store that holds them still brings nothing new, however often it is merged.
    let unique = |outcome: &Outcome| outcome.lineage.observations.counts.unique;
    let known = unique(&run(&plan(&[text(&store)], None)));
    for _ in 0..2 {
        assert_eq!(pipeline::merge(&[text(&uncut)], &store).unwrap(), 0);
        let merged = run(&plan(&[text(&store)], None));
        assert_eq!((ids(&merged), unique(&merged)), (ids(&kept), known));
    }
}

#[test]
fn what_is_seen_for_the_first_time_is_judged_after_two_weeks() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, store) = (folder.path().join("logs"), folder.path().join("store"));
    fs::create_dir(&logs).unwrap();
    let stranger = "repo:acme/ledger:ref:refs/heads/main";
    let novel = |outcome: &Outcome| {
        let novel = outcome.findings.iter().filter(|finding| finding.rule == "subject-drift");
        novel.map(|finding| (finding.key["repository"].clone(), finding.status)).collect::<Vec<_>>()
    };
    for day in 0..=24 {
        let mut records = entry(day, 36_000, HOME, "gha-orders");
        // Too early to judge, and then not.
        if day == 5 {
            records.extend(entry(day, 40_000, "repo:acme/early:ref:refs/heads/main", "gha-orders"));
        }
        if day == 15 {
            records.extend(entry(day, 40_000, stranger, "gha-orders"));
        }
        night(&logs, day, &records);
        let outcome = nightly(&logs, &store);
        let expected = match day {
            15 => vec![("acme/ledger".to_owned(), Status::New)],
            16..=21 => vec![("acme/ledger".to_owned(), Status::Ongoing)],
            _ => Vec::new(),
        };
        assert_eq!(novel(&outcome), expected, "day {day}");
    }
    // Without a store, and in a part of one, nothing is known of earlier days.
    assert!(novel(&run(&plan(&[text(&logs)], None))).is_empty());
    let mut part = plan(&[text(&store)], None);
    part.filter.since = Some(Timestamp((FIRST_DAY + 1) * 86_400));
    assert!(novel(&run(&part)).is_empty());
}

#[test]
fn a_repository_that_another_one_replaced_is_told_across_nights() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let told = |day: i64, subject: &str| {
        let logs = folder.path().join(format!("logs-{day}"));
        fs::create_dir(&logs).unwrap();
        night(&logs, day, &entry(day, 30_000, subject, "deploy"));
        status_of(&nightly(&logs, &store), "repository-identity-changed")
    };
    assert_eq!(told(0, "repo:acme@4242/orders@9001:environment:prod"), None);
    assert_eq!(told(1, "repo:acme@4242/orders@9001:environment:prod"), None);
    // The log of the first nights is not read again: only the store knows the former id.
    assert_eq!(told(5, "repo:acme@4242/orders@77123:environment:prod"), Some(Status::New));
}
