//! Buckets as sources: a server over HTTP that behaves, and one that does not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::program::NOW;
use crate::program::program;
use crate::support::s3::Faults;
use crate::support::s3::KEY;
use crate::support::s3::SECRET;
use crate::support::s3::Server;

/// Runs the program with nothing of this machine's AWS configuration, against a server.
pub(super) fn command(server: Option<&Server>, args: &[&str]) -> Command {
    let mut command = program();
    command
        .args(args)
        .env_clear()
        .env("ROLECHAIN_NOW", NOW)
        .env("HOME", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("COLUMNS", "100").stdin(Stdio::null());
    if let Some(server) = server {
        command.env("AWS_ENDPOINT_URL", server.url());
    }
    command.env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET);
    command
}

/// Waits for the end, but not for ever.
pub(super) fn finish(mut child: Child, patience: Duration) -> Output {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if patience < begun.elapsed() {
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            panic!("still running after {patience:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

#[track_caller]
pub(super) fn run(command: &mut Command, code: i32) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    // Standard output goes to a file: a pipe that nobody reads may be full before the end.
    command.stdout(fs::File::create(&report).unwrap()).stderr(Stdio::piped());
    let output = finish(command.spawn().unwrap(), Duration::from_mins(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    let stdout = fs::read_to_string(&report).unwrap();
    for text in [&stdout, &stderr] {
        assert!(!text.contains("IQoJ") && !text.contains(SECRET), "a secret was printed");
    }
    (stdout, stderr)
}

/// Audits a source in the bucket, and returns the report without what depends on the run.
#[track_caller]
pub(super) fn audit(server: &Server, source: &str, more: &[&str]) -> Value {
    let args = [&["audit", source, "--format", "json"], more].concat();
    report(&run(&mut command(Some(server), &args), 0).0)
}

#[track_caller]
pub(super) fn audit_copy(path: &Path, more: &[&str]) -> Value {
    let args = [&["audit", path.to_str().unwrap(), "--format", "json"], more].concat();
    report(&run(&mut command(None, &args), 0).0)
}

pub(super) fn report(text: &str) -> Value {
    let mut report: Value = serde_json::from_str(text).unwrap();
    report.as_object_mut().unwrap().remove("run").unwrap();
    report
}

/// What a report says, with the objects of a bucket called as those of its copy.
pub(super) fn as_copy(report: &Value, bucket: &str, copy: &Path) -> String {
    let text = serde_json::to_string_pretty(report).unwrap();
    text.replace(bucket, &format!("{}/", copy.display()))
}

/// Loads a folder under a prefix: what `aws s3 sync` would upload.
fn load(folder: &Path, prefix: &str) -> BTreeMap<String, Vec<u8>> {
    let mut objects = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let key = path.strip_prefix(folder).unwrap().to_str().unwrap();
                objects.insert(format!("{prefix}{key}"), fs::read(&path).unwrap());
            }
        }
    }
    objects
}

/// Writes objects into a folder: what `aws s3 sync` would download.
pub(super) fn copy(objects: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (key, bytes) in objects {
        let path = folder.join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

pub(super) fn samples(story: &str) -> BTreeMap<String, Vec<u8>> {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs").join(story), "")
}

/// Small objects, one record each, a key for each minute from a day on.
pub(super) fn many(region: &str, day: u32, count: u32) -> BTreeMap<String, Vec<u8>> {
    let object = |at: u32| {
        let (day, minute) = (day + at / 1_440, at % 1_440);
        let (hour, minute) = (minute / 60, minute % 60);
        let key = format!(
            "AWSLogs/222222222222/CloudTrail/{region}/2026/10/{day:02}/222222222222_CloudTrail_{region}_202610{day:02}T{hour:02}{minute:02}Z_{at:016}.json.gz"
        );
        let record = format!(
            r#"{{"Records":[{{"eventVersion":"1.08","eventID":"{region}-{at}","eventTime":"2026-10-{day:02}T{hour:02}:{minute:02}:00Z","eventName":"ListBuckets","eventSource":"s3.amazonaws.com","awsRegion":"{region}","recipientAccountId":"222222222222","userIdentity":{{"type":"AssumedRole","principalId":"AROA{}:x","accountId":"222222222222","accessKeyId":"ASIAEXAMPLE{}","sessionContext":{{"attributes":{{"creationDate":"2026-10-{day:02}T00:00:00Z"}}}}}}}}]}}"#,
            at % 7,
            at % 7
        );
        (key, record.into_bytes())
    };
    (0..count).map(object).collect()
}

pub(super) fn names(server: &Server, what: &str) -> Vec<String> {
    server.asked().into_iter().filter(|asked| asked.what == what).map(|asked| asked.name).collect()
}

pub(super) fn counts(report: &Value) -> (u64, u64, u64) {
    let count = |name: &str| report["coverage"]["objects"][name].as_u64().unwrap();
    (count("listed"), count("read"), count("failed"))
}

/// The messages of the defects, by object.
pub(super) fn defects(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let defects = report["coverage"]["defects"].as_array().unwrap();
    defects.iter().map(|defect| (text(&defect["object"]), text(&defect["message"]))).collect()
}

#[test]
fn a_report_over_a_bucket_is_that_over_its_copy() {
    let mut objects = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs"), "team/");
    // Digests are not even listed.
    objects.retain(|key, _| !key.contains("CloudTrail-Digest"));
    // On disk, this folder is left to --ci.
    objects.retain(|key, _| !key.contains("/ci-evidence/"));
    let folder = tempfile::tempdir().unwrap();
    copy(&objects, folder.path());
    let server = Server::start(objects, Faults::default());
    let root = folder.path().join("team");
    let plain = &["--no-expectations"][..];
    for (source, path, prefix, more) in [
        ("s3://logs", folder.path().to_owned(), "s3://logs/", plain),
        (
            "s3://logs/team",
            root.clone(),
            "s3://logs/team/",
            &["--no-expectations", "--threads", "5", "--concurrency", "3"],
        ),
        (
            "s3://logs/team/04-vendor-without-external-id/AWSLogs/",
            root.join("04-vendor-without-external-id/AWSLogs"),
            "s3://logs/team/04-vendor-without-external-id/AWSLogs/",
            plain,
        ),
    ] {
        let (over_bucket, over_copy) = (audit(&server, source, more), audit_copy(&path, more));
        assert!(as_copy(&over_bucket, prefix, &path) == as_copy(&over_copy, "s3://nowhere/", &path), "{source}");
        assert!(!over_copy["chains"].as_array().unwrap().is_empty());
    }
}

#[test]
fn every_layout_is_found_by_looking() {
    let account = samples("04-vendor-without-external-id");
    let strip = |key: &str| key.split("o-exampleorgid/").nth(1).unwrap().to_owned();
    let logs = account.iter().filter(|(key, _)| key.contains("/CloudTrail/"));
    let laid_out = |prefix: &str| -> BTreeMap<String, Vec<u8>> {
        let mut objects: BTreeMap<_, _> =
            logs.clone().map(|(key, bytes)| (format!("{prefix}{}", strip(key)), bytes.clone())).collect();
        for sibling in ["Config", "elasticloadbalancing", "vpcflowlogs", "CloudTrail-Insight", "CloudTrail-Digest"] {
            objects.insert(format!("{prefix}222222222222/{sibling}/eu-central-1/2026/11/10/x.json.gz"), b"{}".into());
        }
        objects
    };
    let expected = logs.clone().count() as u64;
    for (prefix, sources) in [
        ("AWSLogs/", vec!["s3://logs", "s3://logs/AWSLogs"]),
        ("AWSLogs/o-exampleorgid/", vec!["s3://logs", "s3://logs/AWSLogs/o-exampleorgid"]),
        ("o-exampleorgid/AWSLogs/", vec!["s3://logs", "s3://logs/o-exampleorgid/"]),
        ("a/b/c/AWSLogs/", vec!["s3://logs", "s3://logs/a/b"]),
        ("copies/", vec!["s3://logs", "s3://logs/copies/"]),
    ] {
        let mut objects = laid_out(prefix);
        objects.insert("athena-results/2026/11/10/result.csv".to_owned(), b"x".into());
        let server = Server::start(objects, Faults::default());
        for source in sources {
            let said = audit(&server, source, &[]);
            assert_eq!(counts(&said), (expected, expected, 0), "{source} {prefix}");
            let defects = defects(&said);
            let named: Vec<&str> = defects.iter().map(|(object, _)| object.as_str()).collect();
            assert_eq!(named, if source == "s3://logs" { vec!["s3://logs/athena-results/"] } else { vec![] });
        }
        assert!(names(&server, "get").iter().all(|key| key.contains("/CloudTrail/")));
        let siblings = ["Config/", "vpcflowlogs/", "CloudTrail-Insight/", "CloudTrail-Digest/"];
        let lists = names(&server, "list");
        assert!(!lists.iter().any(|name| siblings.iter().any(|sibling| name.contains(sibling))), "{lists:?}");
    }
}

#[test]
fn every_trail_is_found_wherever_it_stands_and_what_is_not_read_is_named() {
    let mut folders: Vec<String> = (0..600).map(|number| format!("team-{number:03}/")).collect();
    let odd = [
        "4711/",
        "env=staging/",
        "2026/",
        "2026/11/03/",
        "/",
        "a//b/",
        "1/2=3/4/5/6/7/8/9/",
        "AWSLogs/old/",
        "dt=1/x/",
    ];
    folders.extend(odd.map(str::to_owned));
    let logs = many("eu-central-1", 1, u32::try_from(folders.len()).unwrap());
    let mut objects: BTreeMap<String, Vec<u8>> =
        folders.iter().zip(logs).map(|(folder, (key, bytes))| (format!("{folder}{key}"), bytes)).collect();
    let count = objects.len() as u64;
    // Empty markers hold nothing that could be missed.
    objects.insert("marked/x/_SUCCESS".to_owned(), Vec::new());
    objects.insert("AWSLogs/222222222222/Config/2026/x.json.gz".to_owned(), b"{}".into());
    let server = Server::start(objects.clone(), Faults::default());
    let said = audit(&server, "s3://logs", &["--strict"]);
    assert_eq!((counts(&said), defects(&said)), ((count, count, 0), vec![]));
    // Each odd one alone.
    for folder in odd {
        let alone: BTreeMap<_, _> = objects
            .iter()
            .filter(|(key, _)| key.starts_with(folder))
            .map(|(key, bytes)| (key.clone(), bytes.clone()))
            .collect();
        let read = alone.values().filter(|bytes| bytes.len() > 2).count() as u64;
        let said = audit(&Server::start(alone, Faults::default()), "s3://logs", &[]);
        assert_eq!(counts(&said).1, read, "{folder}");
    }
    objects.insert("exports/2026/11/03/x.json.gz".to_owned(), b"{}".into());
    objects.insert("exports/2026/11/04/x.json.gz".to_owned(), b"{}".into());
    objects.insert("AWSLogs/notes/x.txt".to_owned(), b"x".into());
    let server = Server::start(objects, Faults::default());
    let (stdout, _) = run(&mut command(Some(&server), &["audit", "s3://logs", "--strict", "--format", "json"]), 3);
    let defects = defects(&report(&stdout));
    let named: Vec<&str> = defects.iter().map(|(object, _)| object.as_str()).collect();
    assert_eq!(named, ["s3://logs/AWSLogs/notes/", "s3://logs/exports/"]);
    assert!(
        defects.iter().all(|(object, message)| message.contains(&format!("name {object} as a source"))),
        "{defects:?}"
    );
}

#[test]
fn a_source_may_point_inside_a_layout_or_at_no_layout_at_all() {
    let mut objects = samples("04-vendor-without-external-id");
    objects.retain(|key, _| key.contains("/CloudTrail/"));
    let server = Server::start(objects.clone(), Faults::default());
    let base = "AWSLogs/o-exampleorgid/222222222222";
    let some_key = objects.keys().find(|key| key.starts_with(base)).unwrap().clone();
    for inside in [
        base.to_owned(),
        format!("{base}/CloudTrail"),
        format!("{base}/CloudTrail/eu-central-1/"),
        format!("{base}/CloudTrail/eu-central-1/2026"),
        format!("{base}/CloudTrail/eu-central-1/2026/11/"),
        format!("{base}/CloudTrail/eu-c"),
        some_key,
    ] {
        let expected = objects.keys().filter(|key| key.starts_with(&inside)).count() as u64;
        let listed = counts(&audit(&server, &format!("s3://logs/{inside}"), &[])).0;
        assert_eq!(listed, expected, "{inside}");
        assert!(expected > 0, "{inside}");
    }
    // Without any layout, all is read.
    let flat: BTreeMap<_, _> = objects
        .iter()
        .enumerate()
        .map(|(at, (key, bytes))| {
            let name = key.rsplit('/').next().unwrap();
            (if at % 2 == 0 { format!("x/{name}") } else { format!("x/dt=2026-11-{at:02}/{name}") }, bytes.clone())
        })
        .collect();
    let count = flat.len() as u64;
    let server = Server::start(flat, Faults::default());
    for source in ["s3://logs", "s3://logs/x", "s3://logs/x/"] {
        assert_eq!(counts(&audit(&server, source, &[])), (count, count, 0), "{source}");
    }
    // Named twice, read once.
    let twice =
        report(&run(&mut command(Some(&server), &["audit", "s3://logs", "s3://logs/x", "--format", "json"]), 0).0);
    assert_eq!(counts(&twice), (count, count, 0));
}

#[test]
fn thousands_of_keys_come_whole_and_once() {
    // A page holds a thousand: two and a piece, and one exactly.
    let mut objects = many("eu-central-1", 1, 2_100);
    objects.extend(many("us-east-1", 1, 1_000));
    let count = objects.len() as u64;
    let folder = tempfile::tempdir().unwrap();
    copy(&objects, folder.path());
    let server = Server::start(objects, Faults::default());
    let over_bucket = audit(&server, "s3://logs/", &[]);
    assert_eq!(counts(&over_bucket), (count, count, 0));
    let over_copy = audit_copy(folder.path(), &[]);
    assert!(as_copy(&over_bucket, "s3://logs/", folder.path()) == as_copy(&over_copy, "s3://nowhere/", folder.path()));
    let gets = names(&server, "get");
    assert_eq!(gets.len() as u64, count, "nothing is fetched twice");
}

#[test]
fn a_week_of_an_old_bucket_lists_a_week() {
    let mut objects = many("eu-central-1", 1, 28 * 1_440);
    for old in many("eu-central-1", 1, 2_000).into_iter().map(|(key, bytes)| (key.replace("/2026/", "/2019/"), bytes)) {
        objects.insert(old.0, old.1);
    }
    for (key, bytes) in many("us-east-1", 12, 10) {
        objects.insert(key.replace("222222222222", "333333333333"), bytes);
    }
    // Every twelfth minute is enough to be more than a page.
    let mut at = 0;
    objects.retain(|_, _| {
        at += 1;
        at % 12 == 0
    });
    let server = Server::start(objects.clone(), Faults::default());
    let window = ["--since", "2026-10-12", "--until", "2026-10-18"];
    let over_bucket = audit(&server, "s3://logs", &window);
    // 36 hours before, for sessions that had begun, and the day after, for what was delivered late.
    let wanted = |key: &String| key.contains("/2026/") && (10..=19).any(|day| key.contains(&format!("/10/{day}/")));
    let expected: Vec<&String> = objects.keys().filter(|key| wanted(key)).collect();
    let mut gets = names(&server, "get");
    gets.sort();
    assert_eq!(gets.iter().collect::<Vec<_>>(), expected);
    // A page may reach over the end; nothing is listed from before.
    let asked = server.asked();
    let lists: Vec<_> = asked.iter().filter(|asked| asked.what == "list").collect();
    let keys: usize = lists.iter().map(|list| list.keys).sum();
    assert!(keys < expected.len() + 2_000, "{keys} keys were listed for {}", expected.len());
    assert!(!lists.iter().any(|list| list.name.contains("/2019")), "{lists:?}");
    assert!(lists.iter().any(|list| list.after.as_deref().is_some_and(|after| after.ends_with("/2026/10/10"))));
    // The same report as over everything.
    let folder = tempfile::tempdir().unwrap();
    objects.retain(|key, _| wanted(key));
    copy(&objects, folder.path());
    let over_copy = audit_copy(folder.path(), &window);
    assert!(as_copy(&over_bucket, "s3://logs/", folder.path()) == as_copy(&over_copy, "s3://nowhere/", folder.path()));
}
