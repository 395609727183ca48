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

pub(crate) const TOOLING: &str = "111111111111";
pub(crate) const PROD: &str = "222222222222";
const START: i64 = 1_793_606_400;
const ISSUER: &str = "token.actions.githubusercontent.com";

/// The small number of each dimension; the large one is four times as much.
const FEW: usize = 250;

/// Four, and some room for numbers that become longer.
const MOST_GROWTH: f64 = 4.6;

pub(crate) fn time(second: usize) -> String {
    Timestamp(START + i64::try_from(second).unwrap()).to_string()
}

/// The caller that has a key of this number, which was made in this second.
pub(crate) fn session(role: &str, name: &str, key: usize, id: usize, created: usize) -> Value {
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

pub(crate) fn user(name: &str, number: usize) -> Value {
    json!({
        "type": "IAMUser", "principalId": format!("AIDA{number:017}"), "accountId": TOOLING, "userName": name,
        "arn": format!("arn:aws:iam::{TOOLING}:user/{name}"), "accessKeyId": format!("AKIA{number:016}"),
    })
}

/// A record; `more` replaces what it says usually.
pub(crate) fn record(who: &Value, second: usize, source: &str, name: &str, account: &str, more: Value) -> Value {
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

pub(crate) fn issued(account: &str, role: &str, name: &str, key: usize, id: usize, second: usize) -> Value {
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
pub(crate) fn web(role: &str, name: &str, key: usize, id: usize, second: usize) -> Value {
    token("repo:acme/orders:ref:refs/heads/main", role, name, key, id, second)
}

fn token(subject: &str, role: &str, name: &str, key: usize, id: usize, second: usize) -> Value {
    let who = json!({
        "type": "WebIdentityUser", "principalId": format!("{ISSUER}:sts.amazonaws.com:{subject}"),
        "userName": subject, "identityProvider": format!("arn:aws:iam::{TOOLING}:oidc-provider/{ISSUER}"),
    });
    let issued = issued(TOOLING, role, name, key, id, second);
    record(&who, second, "sts.amazonaws.com", "AssumeRoleWithWebIdentity", TOOLING, issued)
}

pub(crate) fn assume(who: &Value, second: usize, issued: Value) -> Value {
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
    changed(second, "iam", "UpdateAssumeRolePolicy", &json!({ "roleName": role, "policyDocument": "{}" }))
}

fn changed(second: usize, service: &str, name: &str, asked: &Value) -> Value {
    let asked = json!({ "requestParameters": asked });
    record(&user("admin", 99_999), second, &format!("{service}.amazonaws.com"), name, PROD, asked)
}

fn report(lineage: &Lineage, expectations: &Expectations, format: Format) -> usize {
    let findings = audit::audit(lineage, expectations, audit::Known::default());
    let report = report::Report {
        lineage,
        findings: &findings,
        run: &report::RunInfo::default(),
        account_names: &BTreeMap::new(),
        integrity: None,
        ci: None,
    };
    let mut bytes = Vec::new();
    report::render(format, &report, &report::Options::default(), &mut bytes).unwrap();
    bytes.len()
}

pub(crate) fn lineage(records: &[Value]) -> Lineage {
    let (seen, filter) = (Seen::default(), Filter::default());
    let mut observer = Observer::new(&seen, &filter);
    observer.begin("object");
    let text = json!({ "Records": records }).to_string();
    let mut scratch = read::Scratch::default();
    let summary = read::read_object(text.as_bytes(), &mut scratch, &Limits::default(), &mut observer);
    observer.end(summary.kind, 0, summary.inflated_bytes);
    let mut lineage = correlate::correlate(observer.finish(), &correlate::Options::default());
    Expectations::default().read_tokens(&mut lineage);
    lineage
}

/// Checks the report of so many, and of four times as many.
fn grows_evenly(records: impl Fn(usize) -> Vec<Value>) {
    grows_evenly_with(|_| Expectations::default(), records);
}

/// As [`grows_evenly`], with expectations that grow, too.
fn grows_evenly_with(expected: impl Fn(usize) -> Expectations, records: impl Fn(usize) -> Vec<Value>) {
    let [few, many] = [FEW, 4 * FEW].map(|number| (lineage(&records(number)), expected(number)));
    for format in [Format::Json, Format::Html, Format::Markdown, Format::Sarif] {
        let [small, large] = [&few, &many].map(|(lineage, expected)| report(lineage, expected, format));
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

/// Sessions of one name, one a second, the next of which may end before it, and as many calls that name only this name.
fn mixed(number: usize, durations: usize) -> (Vec<Value>, impl Fn(usize) -> usize) {
    let lasts = move |at: usize| 900 + 61 * (at % durations);
    let opened = (0..number).map(|at| {
        let mut opened = web("gha", "GitHubActions", at + 1, 1, at);
        opened["responseElements"]["credentials"]["expiration"] = json!(time(at + lasts(at)));
        opened
    });
    let from_afar = json!({
        "type": "AWSAccount", "principalId": format!("AROA{:017}:GitHubActions", 1), "accountId": TOOLING,
    });
    let copies = (0..number).map(|at| {
        let second = 1 + 7 * at;
        let issued = issued(PROD, "deploy", "d", 1_000_000 + at, 2, second);
        record(&from_afar, second, "sts.amazonaws.com", "AssumeRole", PROD, issued)
    });
    (opened.chain(copies).collect(), lasts)
}

#[test]
fn sessions_of_mixed_durations_are_counted_by_what_was_valid() {
    // Clocks may differ by two seconds.
    const SKEW: usize = 2;
    for (durations, slack) in [(2, 0), (60, 0), (90, 15 * 60)] {
        let number = 300;
        let (records, lasts) = mixed(number, durations);
        let lineage = lineage(&records);
        let mut ambiguous = 0;
        let deployed =
            lineage.sessions().filter(|session| session.role_arn().is_some_and(|role| role.ends_with("deploy")));
        for session in deployed {
            let second = usize::try_from(session.session.issued.unwrap().0 - START).unwrap();
            let valid = |slack: usize| {
                (0..number).filter(|at| *at <= second && second <= at + lasts(*at) + SKEW + slack).count()
            };
            let counted = match session.count_candidates(&session.session.link) {
                0 => usize::from(session.session.parent.is_some()),
                several => several,
            };
            assert!(
                valid(0) <= counted && counted <= valid(slack),
                "{durations} durations, second {second}: {counted} and not {} to {}",
                valid(0),
                valid(slack)
            );
            ambiguous += usize::from(counted > 1);
        }
        assert!(ambiguous > number / 2, "{ambiguous} of {number} are ambiguous");
    }
}

#[test]
fn sessions_of_mixed_durations_share_their_sets() {
    for durations in [2, 60, 1_000] {
        let held = [FEW, 4 * FEW].map(|number| {
            let lineage = lineage(&mixed(number, durations).0);
            let listed: usize = lineage.lists.iter().map(Vec::len).sum();
            f64::from(u32::try_from(lineage.runs.len() + listed).unwrap())
        });
        let [few, many] = held;
        assert!(many / few <= 2.0 * MOST_GROWTH, "{durations} durations: {few} became {many}");
        grows_evenly(|number| mixed(number, durations).0);
    }
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

#[test]
fn subjects_that_nobody_expects_and_stanzas_that_nobody_meets() {
    let expected = |number: usize| {
        let globs =
            (0..number).map(|at| format!("[[role]]\narn = \"arn:aws:iam::*:role/*gha-{at}\"\nlearned = true\n"));
        let subjects = "subjects = [{ repo = \"acme/other\" }]\n";
        let text: String = globs.flat_map(|glob| [glob, subjects.to_owned()]).collect();
        Expectations::parse("rolechain.toml", &format!("schema = 1\n{text}"), &audit::rule_ids()).unwrap()
    };
    grows_evenly_with(expected, |number| {
        let subject = |at: usize| format!("repo:acme/o{at}:ref:refs/heads/b{at}");
        (0..number).map(|at| token(&subject(at), &format!("gha-{at}"), "s", at + 1, at + 1, at)).collect()
    });
}

#[test]
fn tags_of_one_session_and_calls_of_one_session_from_everywhere() {
    grows_evenly(|number| {
        let tags: Vec<Value> = (0..number).map(|at| json!({ "key": format!("k{at}"), "value": "v" })).collect();
        let mut tagged = issued(PROD, "deploy", "d", 2, 2, 1);
        tagged["requestParameters"]["tags"] = json!(tags);
        let who = session("gha", "s", 1, 1, 0);
        let calls = (0..number).map(|at| {
            let place = json!({ "sourceIPAddress": format!("198.51.{}.{}", at / 250, at % 250), "userAgent": format!("a/{at}") });
            record(&who, 2 + at, &format!("s{at}.amazonaws.com"), &format!("Put{at}"), TOOLING, place)
        });
        [web("gha", "s", 1, 1, 0), assume(&who, 1, tagged)].into_iter().chain(calls).collect()
    });
}

#[test]
fn changes_of_roles_trails_buckets_and_providers() {
    grows_evenly(|number| {
        let mut records = Vec::new();
        for at in 0..number {
            let issuer = format!("arn:aws:iam::{PROD}:oidc-provider/i{at}.example");
            let provider = json!({ "openIDConnectProviderArn": issuer, "thumbprintList": ["x"] });
            let bucket = json!({ "bucketName": format!("cloudtrail-{at}") });
            let trail = json!({ "name": format!("t{at}"), "s3BucketName": format!("cloudtrail-{at}") });
            records.push(change(10 * at, &format!("deploy-{at}")));
            records.push(changed(10 * at + 1, "iam", "UpdateOpenIDConnectProviderThumbprint", &provider));
            records.push(changed(10 * at + 2, "s3", "CreateBucket", &bucket));
            records.push(changed(10 * at + 3, "s3", "PutBucketPolicy", &bucket));
            records.push(changed(10 * at + 4, "cloudtrail", "CreateTrail", &trail));
            records.push(changed(10 * at + 5, "cloudtrail", "PutEventSelectors", &trail));
            records.push(changed(10 * at + 6, "cloudtrail", "StopLogging", &trail));
        }
        records
    });
}

#[test]
fn refusals_of_many_roles_and_what_followed_them() {
    grows_evenly(|number| {
        let mut records = Vec::new();
        for at in 0..number {
            let (who, role) = (user(&format!("u{}", at % 50), 1 + at % 50), format!("deploy-{at}"));
            records.push(refused(&who, 3 * at, &role));
            records.push(change(3 * at + 1, &role));
            records.push(assume(&who, 3 * at + 2, issued(PROD, &role, "d", at + 1, at + 2, 3 * at + 2)));
        }
        records
    });
}

/// Whoever asks what lies on the way to a session asks each session once.
#[test]
fn what_is_handed_down_is_asked_of_each_session_once() {
    let lineage = lineage(&comb(FEW, 1));
    let asked = std::cell::Cell::new(0);
    let depths = lineage.handed_down(|session, above: Option<&u32>| {
        asked.set(asked.get() + 1);
        assert_eq!(session.parent().is_some(), above.is_some());
        above.map_or(1, |above| above + 1)
    });
    assert_eq!(asked.get(), lineage.sessions.len());
    assert_eq!(depths, lineage.sessions.iter().map(|session| session.way.hops).collect::<Vec<u32>>());
}
