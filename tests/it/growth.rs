//! Growth: four times the records make four times the report and not sixteen times, along every dimension that somebody
//! who writes records can choose. Sizes are counted and not seconds, so that a busy machine changes nothing.

use std::collections::BTreeMap;

use rolechain::audit;
use rolechain::correlate;
use rolechain::expect::Expectations;
use rolechain::model::lineage::Lineage;
use rolechain::model::time::Timestamp;
use rolechain::observe::Filter;
use rolechain::observe::Observer;
use rolechain::observe::Seen;
use rolechain::read;
use rolechain::read::Limits;
use rolechain::report;
use rolechain::report::Format;
use serde_json::Value;
use serde_json::json;

const TOOLING: &str = "111111111111";
const PROD: &str = "222222222222";
const START: i64 = 1_793_606_400;
const ISSUER: &str = "token.actions.githubusercontent.com";

/// The small number of each dimension; the large one is four times as much.
const FEW: usize = 250;

/// Four, and some room for numbers that become longer.
const MOST_GROWTH: f64 = 4.6;

fn time(second: usize) -> String {
    Timestamp(START + i64::try_from(second).unwrap()).to_string()
}

/// The caller that has a key of this number, which was made in this second.
fn session(role: &str, name: &str, key: usize, id: usize, created: usize) -> Value {
    json!({
        "type": "AssumedRole", "principalId": format!("AROA{id:017}:{name}"), "accountId": TOOLING,
        "arn": format!("arn:aws:sts::{TOOLING}:assumed-role/{role}/{name}"), "accessKeyId": format!("ASIA{key:016}"),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": format!("AROA{id:017}"), "accountId": TOOLING, "userName": role,
                "arn": format!("arn:aws:iam::{TOOLING}:role/ci/{role}"),
            },
            "attributes": { "creationDate": time(created), "mfaAuthenticated": "false" },
        },
    })
}

fn user(name: &str, number: usize) -> Value {
    json!({
        "type": "IAMUser", "principalId": format!("AIDA{number:017}"), "accountId": TOOLING, "userName": name,
        "arn": format!("arn:aws:iam::{TOOLING}:user/{name}"), "accessKeyId": format!("AKIA{number:016}"),
    })
}

/// A record; `more` replaces what it says usually.
fn record(who: &Value, second: usize, source: &str, name: &str, account: &str, more: Value) -> Value {
    let id = u128::from(rapidhash::v3::rapidhash_v3(format!("{who}{second}{name}{more}").as_bytes()));
    let mut record = json!({
        "eventVersion": "1.11", "userIdentity": who, "eventTime": time(second), "eventSource": source,
        "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.1", "userAgent": "aws-cli/2",
        "requestParameters": null, "responseElements": null, "eventID": uuid(id), "eventType": "AwsApiCall",
        "readOnly": false, "recipientAccountId": account, "eventCategory": "Management",
    });
    let Value::Object(more) = more else { return record };
    record.as_object_mut().unwrap().extend(more);
    record
}

fn uuid(id: u128) -> String {
    let hex = format!("{id:032x}");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

fn issued(account: &str, role: &str, name: &str, key: usize, id: usize, second: usize) -> Value {
    json!({
        "requestParameters": {
            "roleArn": format!("arn:aws:iam::{account}:role/ci/{role}"), "roleSessionName": name,
        },
        "responseElements": {
            "credentials": { "accessKeyId": format!("ASIA{key:016}"), "expiration": time(second + 3_600) },
            "assumedRoleUser": {
                "assumedRoleId": format!("AROA{id:017}:{name}"),
                "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{name}"),
            },
        },
    })
}

/// A token of one repository that becomes a session.
fn web(role: &str, name: &str, key: usize, id: usize, second: usize) -> Value {
    let subject = "repo:acme/orders:ref:refs/heads/main";
    let who = json!({
        "type": "WebIdentityUser", "principalId": format!("{ISSUER}:sts.amazonaws.com:{subject}"),
        "userName": subject, "identityProvider": format!("arn:aws:iam::{TOOLING}:oidc-provider/{ISSUER}"),
    });
    let issued = issued(TOOLING, role, name, key, id, second);
    record(&who, second, "sts.amazonaws.com", "AssumeRoleWithWebIdentity", TOOLING, issued)
}

fn assume(who: &Value, second: usize, issued: Value) -> Value {
    record(who, second, "sts.amazonaws.com", "AssumeRole", TOOLING, issued)
}

fn refused(who: &Value, second: usize, role: &str) -> Value {
    let caller = who["arn"].as_str().unwrap().to_owned();
    let message = format!(
        "User: {caller} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{PROD}:role/ci/{role}"
    );
    assume(who, second, json!({ "errorCode": "AccessDenied", "errorMessage": message }))
}

fn call(who: &Value, second: usize) -> Value {
    record(who, second, "s3.amazonaws.com", "PutObject", TOOLING, Value::Null)
}

fn change(second: usize, role: &str) -> Value {
    let asked = json!({ "requestParameters": { "roleName": role, "policyDocument": "{}" } });
    record(&user("admin", 99_999), second, "iam.amazonaws.com", "UpdateAssumeRolePolicy", PROD, asked)
}

fn report(records: &[Value], format: Format) -> usize {
    let lineage = lineage(records);
    let findings = audit::audit(&lineage, &Expectations::default(), audit::Known::default());
    let report = report::Report {
        lineage: &lineage,
        findings: &findings,
        run: &report::RunInfo::default(),
        account_names: &BTreeMap::new(),
        integrity: None,
    };
    let mut bytes = Vec::new();
    report::render(format, &report, &report::Options::default(), &mut bytes).unwrap();
    bytes.len()
}

fn lineage(records: &[Value]) -> Lineage {
    let (seen, filter) = (Seen::default(), Filter::default());
    let mut observer = Observer::new(&seen, &filter);
    observer.begin("object");
    let text = json!({ "Records": records }).to_string();
    let mut scratch = read::Scratch::default();
    let summary = read::read_object(text.as_bytes(), &mut scratch, &Limits::default(), &mut observer);
    observer.end(summary.kind, 0, summary.inflated_bytes);
    correlate::correlate(observer.finish(), &correlate::Options::default())
}

/// Checks the report of so many, and of four times as many.
fn grows_evenly(records: impl Fn(usize) -> Vec<Value>) {
    let (few, many) = (records(FEW), records(4 * FEW));
    for format in [Format::Json, Format::Html, Format::Markdown] {
        let (small, large) = (report(&few, format), report(&many, format));
        let growth = f64::from(u32::try_from(large).unwrap()) / f64::from(u32::try_from(small).unwrap());
        assert!(growth <= MOST_GROWTH, "{format:?}: {small} bytes became {large}");
    }
}

/// One session after the other, each of which issues the next.
fn turns(number: usize, roles: usize) -> Vec<Value> {
    let role = |turn: usize| format!("turn-{}", turn % roles);
    let mut records = vec![web(&role(0), "s0", 1, 1, 0)];
    for turn in 1..number {
        let who = session(&role(turn - 1), &format!("s{}", turn - 1), turn, 1 + (turn - 1) % roles, turn - 1);
        let name = format!("s{turn}");
        records.push(assume(&who, turn, issued(TOOLING, &role(turn), &name, turn + 1, 1 + turn % roles, turn)));
    }
    records
}

/// Turns, and at each a session that is used.
fn comb(number: usize, roles: usize) -> Vec<Value> {
    let mut records = turns(number, roles);
    for turn in 1..number {
        let last = turn - 1;
        let who = session(&format!("turn-{}", last % roles), &format!("s{last}"), turn, 1 + last % roles, last);
        let used = issued(TOOLING, "leaf", &format!("l{turn}"), 1_000_000 + turn, 2_000_000, turn);
        records.push(assume(&who, turn, used));
    }
    records
}

#[test]
fn a_role_that_assumes_itself() {
    grows_evenly(|number| turns(number, 1));
    grows_evenly(|number| comb(number, 1));
}

#[test]
fn roles_that_assume_one_another() {
    grows_evenly(|number| turns(number, 2));
    grows_evenly(|number| comb(number, number));
}

#[test]
fn a_long_chain_is_whole_over_the_chains_that_it_names() {
    let lineage = lineage(&comb(100, 1));
    let listed: std::collections::BTreeSet<_> = lineage.chains.iter().flat_map(|chain| chain.path.clone()).collect();
    assert_eq!(listed.len(), lineage.sessions.len(), "every session is in at least one chain");
    for chain in &lineage.chains {
        let hops = usize::try_from(lineage.leaf(chain).session.way.hops).unwrap();
        let Some(omitted) = chain.omitted else {
            assert_eq!(chain.path.len(), hops);
            continue;
        };
        assert_eq!(chain.path.len() + omitted.count, hops);
        let above = lineage.session(chain.path[omitted.after]).parent().unwrap();
        let other = lineage.chains.iter().find(|other| other.id == omitted.listed_in).unwrap();
        assert!(other.path.contains(&above.id), "the chain that is named goes on where this one leaves off");
    }
}

#[test]
fn sessions_that_could_all_be_the_parent() {
    grows_evenly(|number| {
        let opened = (0..number).map(|key| web("gha", "GitHubActions", key + 1, 1, key % 60));
        let from_afar = json!({
            "type": "AWSAccount", "principalId": format!("AROA{:017}:GitHubActions", 1), "accountId": TOOLING,
        });
        let copies = (0..number).map(|at| {
            let issued = issued(PROD, "deploy", "d", 1_000_000 + at, 2, 100 + at);
            record(&from_afar, 100 + at, "sts.amazonaws.com", "AssumeRole", PROD, issued)
        });
        opened.chain(copies).collect()
    });
}

#[test]
fn sessions_of_one_second_and_uses_of_unknown_keys() {
    grows_evenly(|number| {
        let opened = (0..number).map(|key| web("gha", "GitHubActions", key + 1, 1, 0));
        let used = (0..number).map(|key| call(&session("gha", "GitHubActions", 5_000_000 + key, 1, 0), 10));
        opened.chain(used).collect()
    });
}

#[test]
fn the_number_of_candidates_is_told_and_their_origin() {
    let mut records: Vec<Value> = (0..50).map(|key| web("gha", "GitHubActions", key + 1, 1, 0)).collect();
    records.push(call(&session("gha", "GitHubActions", 5_000_000, 1, 0), 10));
    let lineage = lineage(&records);
    let lost = lineage.sessions().find(|session| session.session.issuance.is_none()).unwrap();
    assert_eq!(lost.count_candidates(&lost.session.link), 50);
    assert_eq!(lost.origin().subject.as_deref(), Some("repo:acme/orders:ref:refs/heads/main"));
}

#[test]
fn one_key_id_everywhere() {
    grows_evenly(|number| {
        let name = |at: usize| format!("s{at}");
        let opened = (0..number).map(|at| web("gha", &name(at), 7, 1, at));
        let used = (0..number).map(|at| call(&session("gha", &name(at), 7, 1, at), at + 1));
        opened.chain(used).collect()
    });
}

#[test]
fn refusals_successes_and_changes_of_one_role() {
    grows_evenly(|number| {
        let mut records = Vec::new();
        for at in 0..number {
            records.push(refused(&user(&format!("u{at}"), at + 1), at, "deploy"));
            records.push(assume(&user("z", 99_998), 50_000 + at, issued(PROD, "deploy", "d", at + 1, 2, 50_000 + at)));
            records.push(change(100_000 + at, "deploy"));
        }
        records
    });
}

#[test]
fn one_session_that_opens_many() {
    grows_evenly(|number| {
        let opened = (0..number).map(|at| {
            let issued = issued(PROD, &format!("deploy-{at}"), &format!("s{at}"), at + 2, at + 2, at + 1);
            assume(&session("gha", "s", 1, 1, 0), at + 1, issued)
        });
        std::iter::once(web("gha", "s", 1, 1, 0)).chain(opened).collect()
    });
}

#[test]
fn keys_and_subjects_of_their_own() {
    grows_evenly(|number| {
        let keys = (0..number).map(|at| {
            let issued = issued(PROD, &format!("deploy-{at}"), "s", at + 1, at + 2, at);
            assume(&user(&format!("bot-{at}"), at + 1), at, issued)
        });
        keys.collect()
    });
}
