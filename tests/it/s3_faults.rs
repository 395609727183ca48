//! Buckets that throttle, break off, refuse and vanish: nothing is lost, and every line says what to do.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use super::s3::as_copy;
use super::s3::audit;
use super::s3::audit_copy;
use super::s3::command;
use super::s3::copy;
use super::s3::counts;
use super::s3::defects;
use super::s3::finish;
use super::s3::many;
use super::s3::names;
use super::s3::report;
use super::s3::run;
use super::s3::samples;
use crate::support::s3::Faults;
use crate::support::s3::KEY;
use crate::support::s3::SECRET;
use crate::support::s3::Server;
use crate::support::s3::etag;
use rolechain::model::record::ObjectKind;
use rolechain::pipeline;
use rolechain::pipeline::Hooks;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;
use rolechain::source::Object;
use rolechain::source::s3;

/// The story ends on this day, and is not silent since then.
const ENDED: [&str; 3] = ["--no-expectations", "--until", "2026-11-07"];

/// The logs of one story, without digests.
fn logs() -> BTreeMap<String, Vec<u8>> {
    let mut objects = samples("06-unfinished-migration");
    objects.retain(|key, _| key.contains("/CloudTrail/"));
    objects
}

/// Checks that a bucket with faults that pass gives the report of the copy, and returns how many objects it gave, and
/// how often it gave one.
#[track_caller]
fn loses_nothing(objects: BTreeMap<String, Vec<u8>>, faults: Faults, more: &[&str]) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    copy(&objects, folder.path());
    let count = objects.len() as u64;
    let what = format!("{faults:?}");
    let server = Server::start(objects, faults);
    let over_bucket = audit(&server, "s3://logs/", &[&["--strict"], &ENDED[..], more].concat());
    assert_eq!(counts(&over_bucket), (count, count, 0), "{what}");
    let over_copy = audit_copy(folder.path(), &ENDED);
    assert!(as_copy(&over_bucket, "s3://logs/", folder.path()) == as_copy(&over_copy, "s3://nowhere/", folder.path()));
    (usize::try_from(count).unwrap(), names(&server, "get").len())
}

#[test]
fn a_bucket_that_throttles_a_third_of_all_requests_loses_nothing() {
    let mut objects = logs();
    objects.extend(many("us-east-1", 3, 250));
    loses_nothing(objects, Faults { slow_down: 30, ..Faults::default() }, &[]);
}

#[test]
fn errors_that_pass_cost_nothing() {
    loses_nothing(logs(), Faults { broken: Some(("AWSLogs", 2)), ..Faults::default() }, &["--concurrency", "1"]);
}

#[test]
fn bodies_that_break_off_are_fetched_again() {
    for reset in [false, true] {
        let (objects, gets) = loses_nothing(logs(), Faults { cut: Some(("T1", 2)), reset, ..Faults::default() }, &[]);
        assert!(objects + 10 < gets, "{gets} answers for {objects} objects: none was cut");
    }
}

#[test]
fn what_is_longer_than_it_was_listed_is_fetched_when_there_is_room() {
    let mut objects = many("us-east-1", 3, 40);
    for bytes in objects.values_mut() {
        bytes.extend([b' '; 9_000]);
    }
    let (all, gets) = loses_nothing(objects, Faults { understated: Some("T000"), ..Faults::default() }, &[]);
    assert_eq!(gets, all + 10, "ten had to be asked for twice");
}

#[test]
fn what_stays_refused_is_named_and_counted() {
    let key = |objects: &BTreeMap<String, Vec<u8>>| objects.keys().nth(objects.len() / 2).unwrap().clone();
    let objects = logs();
    let chosen = key(&objects);
    let part: &'static str = Box::leak(chosen.rsplit('/').next().unwrap().to_owned().into_boxed_str());
    let folder: &'static str =
        Box::leak(chosen.split_once("/2026/").unwrap().0.rsplit_once("AWSLogs").unwrap().1.to_owned().into_boxed_str());
    let count = objects.len() as u64;
    for (faults, words) in [
        (Faults { denied_gets: Some(part), ..Faults::default() }, vec!["S3 denies access", "s3:GetObject"]),
        (Faults { denied_keys: Some(part), ..Faults::default() }, vec!["KMS", "kms:Decrypt", "key's policy"]),
        (Faults { vanished: Some(part), ..Faults::default() }, vec!["NoSuchKey", "lifecycle"]),
    ] {
        let server = Server::start(objects.clone(), faults);
        let said = audit(&server, "s3://logs", &[]);
        assert_eq!(counts(&said), (count, count - 1, 1));
        let defects = defects(&said);
        assert_eq!(defects.len(), 1, "{defects:?}");
        assert_eq!(defects[0].0, format!("s3://logs/{chosen}"));
        assert!(words.iter().all(|word| defects[0].1.contains(word)), "{defects:?}");
        assert!(!defects[0].1.contains('\n'));
        run(&mut command(Some(&server), &["audit", "s3://logs", "--strict"]), 3);
        // The readable report says so, too.
        assert!(run(&mut command(Some(&server), &["audit", "s3://logs"]), 0).0.contains("1 failed"));
    }
    let server = Server::start(objects.clone(), Faults { denied_lists: Some(folder), ..Faults::default() });
    let said = audit(&server, "s3://logs", &[]);
    let below = objects.keys().filter(|key| key.contains(folder)).count() as u64;
    assert_eq!(counts(&said), (count - below, count - below, 0));
    let defects = defects(&said);
    assert_eq!(defects.len(), 1, "{defects:?}");
    assert!(defects[0].0.contains(folder) && defects[0].1.contains("s3:ListBucket"), "{defects:?}");
    run(&mut command(Some(&server), &["audit", "s3://logs", "--strict"]), 3);
}

#[test]
fn what_fails_to_the_end_is_named_and_counted() {
    let mut objects = many("eu-west-1", 1, 3);
    // White space does not matter, and makes a body long enough to be cut.
    for bytes in objects.values_mut() {
        bytes.extend([b' '; 4_000]);
    }
    let faults = Faults { broken: Some(("T0001Z", 1_000)), cut: Some(("T0002Z", 1_000)), ..Faults::default() };
    let server = Server::start(objects, faults);
    // A dozen attempts, twice, take their time.
    let args = ["audit", "s3://logs", "--format", "json"];
    let child = command(Some(&server), &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = finish(child, Duration::from_mins(5));
    let said = report(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(counts(&said), (3, 1, 2));
    let messages: Vec<String> = defects(&said).into_iter().map(|(_, message)| message).collect();
    assert!(messages[0].contains("InternalError") && messages[0].contains("run again"), "{messages:?}");
    assert!(messages[1].contains("in mid-body") && messages[1].contains("check the network"), "{messages:?}");
}

#[test]
fn a_bucket_in_another_region_is_found() {
    let objects = logs();
    let count = objects.len() as u64;
    let server = Server::start(objects, Faults { region: Some("eu-central-1"), ..Faults::default() });
    assert_eq!(counts(&audit(&server, "s3://logs", &[])).1, count);
    assert_eq!(counts(&audit(&server, "s3://logs", &["--region-of-bucket", "eu-central-1"])).1, count);
    let mut elsewhere = command(Some(&server), &["audit", "s3://logs", "--format", "json"]);
    assert_eq!(counts(&report(&run(elsewhere.env("AWS_REGION", "ap-southeast-2"), 0).0)).1, count);
}

#[test]
fn what_cannot_work_fails_at_once_and_says_what_to_do() {
    let server = |faults: Faults| Server::start(logs(), faults);
    let plain = server(Faults::default());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = format!("http://127.0.0.1:{port}");
    let expired = server(Faults { expired: true, ..Faults::default() });
    let denied = server(Faults { denied_lists: Some("AWSLogs"), ..Faults::default() });
    let paid = server(Faults { requester_pays: true, ..Faults::default() });
    let check = |server: &Server, args: &[&str], env: &[(&str, &str)], words: &[&str]| {
        let mut command = command(Some(server), &[&["audit"], args].concat());
        let child = command.envs(env.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = finish(child, Duration::from_secs(20));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?} {stderr}");
        for word in [&["error: cannot read s3://", "hint:"], words].concat() {
            assert!(stderr.contains(word), "{args:?} does not say {word}: {stderr}");
        }
        assert!(stderr.lines().count() == 2, "{stderr}");
    };
    check(&plain, &["s3://nothing"], &[], &["no such bucket", "NoSuchBucket"]);
    check(&plain, &["s3://logs/no/such/prefix"], &[], &["nothing is there", "aws s3 ls"]);
    check(
        &plain,
        &["s3://logs"],
        &[("AWS_SECRET_ACCESS_KEY", "wrong")],
        &["SignatureDoesNotMatch", "get-caller-identity"],
    );
    check(&plain, &["s3://logs"], &[("AWS_ACCESS_KEY_ID", "AKIANOBODY")], &["does not accept the credentials"]);
    check(&plain, &["s3://logs", "--no-sign-request"], &[], &["anonymous", "--no-sign-request"]);
    check(&plain, &["s3://logs", "--endpoint-url", &nowhere], &[], &["cannot be reached", &nowhere]);
    check(&expired, &["s3://logs"], &[], &["have expired", "aws sso login"]);
    check(&denied, &["s3://logs/AWSLogs/"], &[], &["s3:ListBucket", "bucket logs", "prefix `AWSLogs/`"]);
    check(&paid, &["s3://logs"], &[], &["denies listing"]);
    assert!(counts(&audit(&paid, "s3://logs", &["--request-payer"])).1 > 0);
    let public = server(Faults { public: true, ..Faults::default() });
    let mut anonymous = command(Some(&public), &["audit", "s3://logs", "--no-sign-request", "--format", "json"]);
    anonymous.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    assert!(counts(&report(&run(&mut anonymous, 0).0)).1 > 0);
}

#[test]
fn without_credentials_it_fails_soon() {
    // A metadata service that takes a question and never answers, and one that is switched off.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let off = ("AWS_EC2_METADATA_DISABLED", "true");
    let mute = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*endpoint);
    for (env, more, login) in [
        (off, &[][..], "`aws sso login`"),
        (mute, &[], "`aws sso login`"),
        (mute, &["--profile", "audit"], "--profile audit`"),
    ] {
        let mut command = command(None, &[&["audit", "s3://logs/AWSLogs"], more].concat());
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"] {
            command.env_remove(name);
        }
        let child = command.envs([env]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = finish(child, Duration::from_secs(15));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        for word in ["no AWS credentials", "--profile", "AWS_ACCESS_KEY_ID", login] {
            assert!(stderr.contains(word), "{stderr}");
        }
    }
}

#[test]
fn a_run_that_remembers_asks_before_it_fetches() {
    let mut objects = logs();
    let gone = objects.keys().next().unwrap().clone();
    let digest = "AWSLogs/o-exampleorgid/222222222222/CloudTrail-Digest/eu-central-1/2026/11/10/d.json.gz".to_owned();
    objects.insert(digest.clone(), b"{}".into());
    let part: &'static str = Box::leak(gone.clone().into_boxed_str());
    let faults = Faults { vanished: Some(part), public: true, ..Faults::default() };
    let signatures = [(digest.clone(), "abcd".to_owned())].into();
    let server = Server::start_with(objects.clone(), signatures, faults);
    let plan = Plan {
        sources: vec!["s3://logs".to_owned()],
        threads: 2,
        s3: s3::Options {
            endpoint_url: Some(server.url()),
            region: Some("us-east-1".to_owned()),
            no_sign_request: true,
            ..s3::Options::default()
        },
        ..Plan::default()
    };
    let is_known = |object: &Object| object.name.contains("/us-east-1/");
    let hooks = Hooks { is_known: Some(&is_known), receipts: true, contents: true, ..Hooks::default() };
    let scanned = pipeline::scan(&plan, &hooks, &Silent).unwrap();
    assert!(names(&server, "get").iter().all(|key| !key.contains("/us-east-1/")));
    let expected: Vec<String> = objects.keys().filter(|key| !key.contains("/us-east-1/")).cloned().collect();
    let found: Vec<String> =
        scanned.receipts.iter().map(|receipt| receipt.object.trim_start_matches("s3://logs/").to_owned()).collect();
    assert_eq!(found, expected);
    assert!(expected.contains(&digest) && objects.len() > expected.len());
    for (key, receipt) in expected.iter().zip(&scanned.receipts) {
        assert_eq!(receipt.version, Some(etag(&objects[key])), "{key}");
        let kind = if *key == gone {
            None
        } else if *key == digest {
            Some(ObjectKind::Foreign)
        } else {
            Some(ObjectKind::Records)
        };
        assert_eq!(receipt.kind, kind, "{key}");
    }
}

#[test]
fn a_profile_that_is_named_goes_before_the_environment() {
    let server = Server::start(logs(), Faults::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let text = format!("[audit]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n");
    std::fs::write(&file, text).unwrap();
    let mut command = command(Some(&server), &["audit", "s3://logs", "--profile", "audit", "--format", "json"]);
    command.env("AWS_SHARED_CREDENTIALS_FILE", &file).env("AWS_SECRET_ACCESS_KEY", "of somebody else");
    assert!(counts(&report(&run(&mut command, 0).0)).1 > 0);
}
