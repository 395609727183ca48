//! `rolechain verify` and `audit --verify`, as they are run.

use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::s3::finish;
use super::verify::Bucket;
use super::verify::public_keys;
use crate::program::program;
use crate::support::delivery::gzip;

/// A copy of a bucket, and beside it the keys.
struct Copy {
    folder: TempDir,
    logs: String,
    keys: String,
}

impl Copy {
    fn new(bucket: &Bucket) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        bucket.write(&logs, false);
        let keys = folder.path().join("keys.json");
        fs::write(&keys, public_keys()).unwrap();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        Self { logs: text(&logs), keys: text(&keys), folder }
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = program();
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("COLUMNS", "120").env("NO_COLOR", "1");
    command
}

#[track_caller]
fn check(command: &mut Command, code: i32) -> (String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{stdout}{stderr}");
    (stdout, stderr)
}

fn changed() -> (Bucket, String) {
    let mut bucket = Bucket::new();
    let key = bucket.logs.keys().next().unwrap().clone();
    bucket.logs.insert(key.clone(), gzip(br#"{"Records":[]}"#));
    (bucket, key)
}

#[test]
fn a_sound_copy_is_told_in_a_few_lines() {
    let copy = Copy::new(&Bucket::new());
    let (stdout, _) = check(&mut command(&["verify", &copy.logs, "--public-keys", &copy.keys, "--strict"]), 0);
    for words in [
        "Verified: 138 of 144 digest files verified (6 not verifiable), 192 of 192 log files verified.",
        "111111111111  eu-central-1",
        "2026-11-05 00:01 to 2026-11-06 00:01",
        "its signature is not here",
    ] {
        assert!(stdout.replace('\u{a0}', " ").contains(words), "{words}\n{stdout}");
    }
    assert!(!stdout.contains("FAILED") && !stdout.contains("GAPS"), "{stdout}");
    check(&mut command(&["verify", &copy.logs]), 0);
    let (stdout, _) = check(&mut command(&["verify", &copy.logs, "--strict"]), 3);
    assert!(
        stdout.starts_with("Not verifiable: 0 of 144 digest files verified") && stdout.contains("--public-keys FILE"),
        "{stdout}"
    );
}

#[test]
fn a_failure_is_told_as_aws_tells_it() {
    let (bucket, key) = changed();
    let copy = Copy::new(&bucket);
    let args = ["verify", &copy.logs, "--public-keys", &copy.keys];
    let (stdout, _) = check(&mut command(&args), 1);
    assert!(
        stdout.contains(&format!("Log file  s3://trail-bucket/{key}  INVALID: hash value doesn't match\n")),
        "{stdout}"
    );
    assert!(stdout.contains(&format!("read at {}/{key}", copy.logs)), "{stdout}");
    check(command(&args).arg("--strict"), 1);
    // Outside of what is asked for, nothing failed.
    check(command(&args).args(["--strict", "--region", "us-east-1"]), 0);
    check(command(&args).args(["--strict", "--account", "222222222222"]), 0);
    // Nothing can be said without keys, nor of what is not there.
    check(&mut command(&["verify", &copy.logs]), 1);
    check(command(&args).args(["--strict", "--account", "999999999999"]), 3);
}

#[test]
fn programs_get_every_file() {
    let (bucket, key) = changed();
    let copy = Copy::new(&bucket);
    let args = ["verify", &copy.logs, "--public-keys", &copy.keys, "--format"];
    let (stdout, _) = check(command(&args).arg("json"), 1);
    let document: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(document["schema"], "rolechain.verify/1");
    assert_eq!(document["integrity"]["verdict"], "failed");
    assert_eq!(document["integrity"]["logs"]["verified"], 191);
    assert_eq!(document["files"].as_array().unwrap().len(), 144 + 192);
    assert_eq!(document["integrity"]["failures"][0]["reason"], "hash_mismatch");
    let message = format!("Log file\ts3://trail-bucket/{key}\tINVALID: hash value doesn't match");
    assert_eq!(document["integrity"]["failures"][0]["message"], message);
    let (stdout, _) = check(command(&args).arg("ndjson"), 1);
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 144 + 192 + 1);
    assert_eq!(lines.last().unwrap()["type"], "integrity");
    let valid = lines.iter().filter(|line| line["verdict"] == "verified").count();
    assert_eq!(valid, 138 + 191);
}

#[test]
fn an_audit_verifies_on_the_way() {
    let (mut bucket, _) = changed();
    let digest = bucket.chains.values().next_back().unwrap()[4].key.clone();
    bucket.gone.push(digest);
    let copy = Copy::new(&bucket);
    let args = ["audit", &copy.logs, "--public-keys", &copy.keys];
    let (stdout, _) = check(command(&args).args(["--format", "json"]), 0);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let integrity = &report["coverage"]["integrity"];
    assert_eq!((integrity["verdict"].as_str(), integrity["failures_total"].as_u64()), (Some("failed"), Some(2)));
    let found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["rule"].as_str().unwrap(), finding["severity"].as_str().unwrap()))
        .filter(|(rule, _)| rule.starts_with("digest") || rule.starts_with("log-gap"))
        .collect();
    assert_eq!(
        found,
        [("digest-validation-failed", "critical"), ("digest-validation-failed", "high"), ("log-gap", "high")]
    );
    let findings = report["findings"].as_array().unwrap();
    let times = |rule: &str, end: &str| {
        let of_rule = findings.iter().filter(|finding| finding["rule"] == rule);
        of_rule.map(|finding| finding[end].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // A log file by its delivery, a digest file by its end, and a gap from its begin to its end.
    assert_eq!(times("digest-validation-failed", "first_seen"), ["2026-11-05T00:05:00Z", "2026-11-05T05:01:31Z"]);
    assert_eq!(times("digest-validation-failed", "last_seen"), ["2026-11-05T00:05:00Z", "2026-11-05T05:01:31Z"]);
    assert_eq!(times("log-gap", "first_seen"), ["2026-11-05T04:01:31Z"]);
    assert_eq!(times("log-gap", "last_seen"), ["2026-11-05T05:01:31Z"]);
    let (stdout, _) = check(&mut command(&args), 0);
    assert!(stdout.contains("INTEGRITY") && stdout.contains("not found"), "{stdout}");
    let (_, stderr) = check(&mut command(&args), 0);
    assert!(stderr.contains("· INTEGRITY FAILED: 2 files"), "{stderr}");
    check(command(&args).arg("--strict"), 3);
    // Nothing is said about integrity when it was not asked for.
    let (stdout, _) = check(&mut command(&["audit", &copy.logs, "--format", "json", "--strict"]), 0);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert!(report["coverage"]["integrity"].is_null());
    // Logs without digest files are not called sound.
    let sample = "sample-logs/01-healthy";
    let (stdout, stderr) = check(&mut command(&["audit", sample, "--verify", "--format", "json", "--strict"]), 3);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["coverage"]["integrity"]["verdict"], "not_verifiable");
    assert!(stderr.contains("· INTEGRITY NOT VERIFIABLE: no digest files"), "{stderr}");
    let (_, stderr) = check(&mut command(&["audit", sample, "--strict"]), 0);
    assert!(!stderr.contains("INTEGRITY"), "{stderr}");
}

#[test]
fn logs_whose_digests_are_all_gone_do_not_pass() {
    let mut bucket = Bucket::new();
    bucket.gone = bucket.chains.values().flatten().map(|digest| digest.key.clone()).collect();
    let copy = Copy::new(&bucket);
    let (stdout, _) = check(&mut command(&["verify", &copy.logs, "--public-keys", &copy.keys, "--strict"]), 3);
    let words =
        "Not verifiable: there are no digest files in these sources (192 log files without), so integrity is not";
    assert!(stdout.replace(['\u{a0}', '\n'], " ").contains(words), "{stdout}");
    let args = ["audit", &copy.logs, "--public-keys", &copy.keys];
    let (stdout, stderr) = check(command(&args).arg("--strict"), 3);
    let joined = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.contains("or every digest file was deleted"), "{stdout}");
    assert!(
        stderr.contains(
            "PARTIAL: the digest files do not prove every log file · INTEGRITY NOT VERIFIABLE: no digest files"
        ),
        "{stderr}"
    );
    check(&mut command(&args), 0);
    // Names that tell nothing are no way out.
    let folder = tempfile::tempdir().unwrap();
    for (at, log) in bucket.logs.values().enumerate() {
        fs::write(folder.path().join(format!("{at}.json.gz")), log).unwrap();
    }
    let source = folder.path().to_string_lossy().into_owned();
    let (stdout, _) = check(&mut command(&["verify", &source, "--strict"]), 3);
    assert!(stdout.replace('\u{a0}', " ").contains("(192 log files without)"), "{stdout}");
    // Nothing is asked for that is there.
    let whole = Copy::new(&Bucket::new());
    let (_, stderr) = check(&mut command(&["audit", &whole.logs, "--public-keys", &whole.keys, "--strict"]), 0);
    assert!(stderr.contains("complete · integrity verified"), "{stderr}");
}

#[test]
fn nothing_of_what_failed_is_cut_at_any_width() {
    let (mut bucket, key) = changed();
    let gone = bucket.chains.values().next_back().unwrap()[4].key.clone();
    bucket.gone.push(gone.clone());
    let copy = Copy::new(&bucket);
    for width in ["80", "100", "160"] {
        let mut verify = command(&["verify", &copy.logs, "--public-keys", &copy.keys]);
        let (stdout, _) = check(verify.env("COLUMNS", width), 1);
        assert!(!stdout.contains('…'), "{width}:\n{stdout}");
        for words in
            [&format!("s3://trail-bucket/{key}"), &format!("s3://trail-bucket/{gone}"), &format!("{}/{key}", copy.logs)]
        {
            assert!(stdout.contains(words.as_str()), "{width}: {words}\n{stdout}");
        }
        // The numbers of each trail are there, its gaps included, with the hours beside or below its name.
        let trails = stdout.split("TRAILS").nth(1).unwrap();
        let ends = |number: &str| trails.lines().filter(|line| line.contains('/') && line.ends_with(number)).count();
        assert_eq!((ends("  0"), ends("  1")), (5, 1), "{width}:\n{stdout}");
        let words = trails.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("21/24 28/30"), "{width}:\n{stdout}");
        assert_eq!(words.matches("2026-11-05 00:01 to").count(), 6, "{width}:\n{stdout}");
    }
}

#[test]
fn an_account_and_region_without_digest_files_has_its_line() {
    let mut bucket = Bucket::new();
    let chain = bucket.chains.values().next_back().unwrap();
    bucket.gone = chain.iter().map(|digest| digest.key.clone()).collect();
    let copy = Copy::new(&bucket);
    let keys = ["--public-keys", &copy.keys];
    let plain = |text: &str| text.replace(['\u{a0}', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let (stdout, _) = check(command(&["verify", &copy.logs, "--strict"]).args(keys), 3);
    let told = plain(&stdout);
    for words in [
        "Not verifiable: 115 of 120 digest files verified (5 not verifiable), 160 of 160 log files verified. Not one digest file \
         is left of 1 region of an account, with 32 log files, while others have theirs.",
        "222222222222 us-east-1 32 log files, 2026-11-05 00:05 to 2026-11-05 22:40: the trail org-trail wrote digest files of \
         others into the same folder in these hours: those of this one were deleted, or not copied",
    ] {
        assert!(told.contains(words), "{words}\n{stdout}");
    }
    let (stdout, stderr) = check(command(&["audit", &copy.logs, "--strict", "--format", "json"]).args(keys), 3);
    assert!(
        stderr.contains("· INTEGRITY NOT VERIFIABLE: no digest file is left of 1 region of an account"),
        "{stderr}"
    );
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let found: Vec<_> = findings.filter(|finding| finding["rule"] == "log-gap").collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&found[0]["severity"], &found[0]["key"]["kind"]), (&"medium".into(), &"lost".into()));
    let bare = &report["coverage"]["integrity"]["without_digests"];
    assert_eq!((bare.as_array().unwrap().len(), &bare[0]["lost_by"]), (1, &"org-trail".into()));
}

/// The elements and texts of a page, without what the elements are like.
fn without_attributes(page: &str) -> String {
    let plain = |part: &str| match part.split_once('>') {
        Some((tag, text)) => format!("<{}>{text}", tag.split(' ').next().unwrap()),
        None => part.to_owned(),
    };
    page.split('<').map(plain).collect()
}

#[test]
fn pages_have_a_part_about_integrity_when_it_was_checked() {
    let (mut bucket, key) = changed();
    let gone = bucket.chains.values().next_back().unwrap()[4].key.clone();
    bucket.gone.push(gone.clone());
    let copy = Copy::new(&bucket);
    let page = |args: &[&str], format: &str| check(command(args).args(["--format", format]), 0).0;
    let args = ["audit", &copy.logs, "--public-keys", &copy.keys];
    let html = page(&args, "html");
    assert!(html.contains("<a href=\"#integrity\">") && html.contains("<section id=\"integrity\""));
    let html = without_attributes(&html);
    for words in [
        "<strong>FAILED:</strong> 136 of 144 digest files verified (1 failed, 7 not verifiable), 187 of 190 log files",
        "<caption>2 files failed</caption>",
        &format!(
            "<code>s3://trail-bucket/{key}</code></th><td>▲ hash value doesn't match</td><td><code>{}/{key}</code></td>",
            copy.logs
        ),
        &format!("<code>s3://trail-bucket/{gone}</code></th><td>▲ not found</td>"),
        "<caption>1 gap between digest files</caption>",
        "digest files are missing that were there",
        "its signature is not here",
        "hours proven empty",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let markdown = page(&args, "markdown");
    let (_, part) = markdown.split_once("\n## Integrity\n").unwrap();
    for words in [
        "**FAILED:** 136 of 144 digest files verified (1 failed, 7 not verifiable), 187 of 190 log files",
        "> **FAILED:**",
        "2 files failed",
        &format!("| log file | `s3://trail-bucket/{key}` | hash value doesn't match |"),
        &format!("| digest file | `s3://trail-bucket/{gone}` | not found |"),
        "1 gap between digest files",
        "Not verifiable: nothing",
        "hours proven empty",
    ] {
        assert!(part.contains(words), "{words}\n{part}");
    }
    // Without digest files they say that nothing is proven; unasked, they say nothing.
    let sample = "sample-logs/01-healthy";
    for format in ["html", "markdown"] {
        let told = page(&["audit", sample, "--verify"], format);
        assert!(told.contains("so integrity is not verifiable"), "{format}");
        let unasked = page(&["audit", sample], format);
        assert!(!unasked.to_lowercase().contains("integrity is") && !unasked.contains("id=\"integrity\""), "{format}");
        assert!(!unasked.contains("## Integrity") && !unasked.contains("#integrity"), "{format}");
    }
}

#[test]
fn a_store_is_not_verified_as_if_it_were_logs() {
    let copy = Copy::new(&Bucket::new());
    let store = copy.folder.path().join("store").to_string_lossy().into_owned();
    check(&mut command(&["audit", &copy.logs, "--store", &store, "--verify", "--public-keys", &copy.keys]), 0);
    let (_, stderr) = check(&mut command(&["verify", &store, "--strict"]), 2);
    assert!(stderr.contains("is a store") && stderr.contains(&format!("rolechain audit {store} --verify")), "{stderr}");
    for more in [&["--store", &store][..], &["--store", &store, "--list-since", "2026-11-05"]] {
        let (_, stderr) = check(command(&["verify", &copy.logs]).args(more), 2);
        assert!(stderr.contains("remembers nothing") && stderr.contains("rolechain audit"), "{stderr}");
    }
    let (stdout, _) = check(&mut command(&["verify", "--help"]), 0);
    assert!(!stdout.contains("--store") && !stdout.contains("--list-since"), "{stdout}");
    // What the hint says works.
    check(&mut command(&["audit", &store, "--verify"]), 0);
}

#[test]
fn a_source_without_anything_of_cloudtrail_is_not_passed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("notes.json");
    for is_empty in [true, false] {
        if !is_empty {
            fs::write(&file, "{\"a\": 1}").unwrap();
        }
        for source in [Some(folder.path()), Some(file.as_path()).filter(|_| !is_empty)].into_iter().flatten() {
            let source = source.to_str().unwrap();
            let (stdout, _) = check(&mut command(&["verify", source]), 0);
            assert!(!stdout.contains("verified"), "{stdout}");
            assert!(stdout.contains("NOTHING READ:") || source.ends_with("notes.json"), "{stdout}");
            check(&mut command(&["verify", source, "--strict"]), 3);
        }
    }
    let (stdout, _) = check(&mut command(&["verify", "--help"]), 0);
    for hidden in ["--expectations", "--no-expectations", "--include-services", "sarif", "junit"] {
        assert!(!stdout.contains(hidden), "{hidden}\n{stdout}");
    }
}

#[test]
fn keys_that_cannot_be_used_are_an_error_at_once() {
    let copy = Copy::new(&Bucket::new());
    let wrong = copy.folder.path().join("wrong.json");
    fs::write(&wrong, "{}").unwrap();
    for (file, words) in
        [("no-such-file", "cannot read the public keys"), (&*wrong.to_string_lossy(), "cannot use the public keys")]
    {
        let (_folder, pipe) = endless();
        let (_, stderr) = check(&mut command(&["audit", &pipe, "--public-keys", file]), 2);
        assert!(stderr.contains(words), "{stderr}");
        let (_, stderr) = check(&mut command(&["verify", &copy.logs, "--public-keys", file]), 2);
        assert!(stderr.contains(words) && stderr.contains("aws cloudtrail list-public-keys"), "{stderr}");
    }
}

/// Answers like CloudTrail, as often as it is asked, and returns for which regions it was.
fn cloudtrail(calls: usize, status: &'static str, body: String) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut regions = Vec::new();
        while regions.len() < calls {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut region, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if lower.starts_with("authorization:") {
                    region = line.split('/').nth(2).unwrap().to_owned();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut request = vec![0; length];
            reader.read_exact(&mut request).unwrap();
            let request: Value = serde_json::from_slice(&request).unwrap();
            assert!(request["StartTime"].is_number(), "{request}");
            regions.push(region);
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            reader.into_inner().write_all((head + &body).as_bytes()).unwrap();
        }
        regions.sort();
        regions
    });
    (address, server)
}

fn with_credentials<'c>(command: &'c mut Command, address: &str) -> &'c mut Command {
    command
        .env("AWS_ENDPOINT_URL", address)
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "made-up")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
}

#[test]
fn cloudtrail_is_asked_for_its_keys_once_in_each_region_when_that_is_wanted() {
    let copy = Copy::new(&Bucket::new());
    let mut list: Value = serde_json::from_str(&public_keys()).unwrap();
    let key = list["PublicKeyList"][0].as_object_mut().unwrap();
    // The service writes numbers where the command writes dates.
    key["ValidityStartTime"] = 1_790_000_000.into();
    key["ValidityEndTime"] = 1_820_000_000.into();
    // Before the scan nobody knows the regions: one question more, where the credentials are at home, or where it is said.
    let (address, server) = cloudtrail(4, "200 OK", list.to_string());
    let mut verify = command(&["verify", &copy.logs, "--list-public-keys", "--strict"]);
    let (stdout, _) = check(with_credentials(&mut verify, &address).env("AWS_REGION", "eu-north-1"), 0);
    assert!(stdout.starts_with("Verified: 138 of 144"), "{stdout}");
    assert_eq!(server.join().unwrap(), ["eu-central-1", "eu-north-1", "eu-west-1", "us-east-1"]);
    let (address, server) = cloudtrail(2, "200 OK", list.to_string());
    let mut verify = command(&["verify", &copy.logs, "--list-public-keys", "--region", "eu-west-1"]);
    check(with_credentials(&mut verify, &address), 0);
    assert_eq!(server.join().unwrap(), ["eu-west-1", "eu-west-1"]);
}

/// A source that is never read to its end: whatever is told was told before the scan.
fn endless() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe").to_string_lossy().into_owned();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    (folder, pipe)
}

/// Runs what must end without its source, and returns the lines of its error.
#[track_caller]
fn refused(command: &mut Command) -> String {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = finish(child, Duration::from_secs(15));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(2), 2), "{stderr}");
    assert!(stderr.starts_with("error: cannot list CloudTrail's public keys in "), "{stderr}");
    assert!(stderr.contains("\n  hint: ") && stderr.contains("--public-keys keys.json"), "{stderr}");
    stderr
}

#[test]
fn keys_that_cannot_be_listed_are_an_error_before_the_scan() {
    let (_folder, pipe) = endless();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = format!("http://127.0.0.1:{port}");
    for name in ["verify", "audit"] {
        let args = [name, &pipe, "--list-public-keys"];
        // No credentials, and a metadata service that takes a question and never answers.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut without = command(&args);
        with_credentials(&mut without, &nowhere)
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", format!("http://{}", silent.local_addr().unwrap()));
        let stderr = refused(&mut without);
        assert!(stderr.contains("no AWS credentials") && stderr.contains("aws sso login"), "{stderr}");
        let stderr = refused(with_credentials(&mut command(&args), &nowhere));
        assert!(stderr.contains("cannot be reached") && stderr.contains("AWS_ENDPOINT_URL"), "{stderr}");
        for (code, words) in [
            ("AccessDeniedException", "allow cloudtrail:ListPublicKeys"),
            ("UnrecognizedClientException", "does not accept the credentials"),
            ("ExpiredTokenException", "have expired"),
        ] {
            let (address, server) =
                cloudtrail(1, "400 Bad Request", format!(r#"{{"__type":"{code}","Message":"no"}}"#));
            let stderr = refused(with_credentials(&mut command(&args), &address));
            assert!(stderr.contains("in us-east-1: ") && stderr.contains(words), "{stderr}");
            server.join().unwrap();
        }
    }
}

#[test]
fn a_region_that_an_organization_forbids_is_no_reason_not_to_ask_in_others() {
    let copy = Copy::new(&Bucket::new());
    let message = "User: arn:aws:iam::1:user/x is not authorized to perform: cloudtrail:ListPublicKeys with an explicit deny in a \
                   service control policy";
    let denied = format!(r#"{{"__type":"AccessDeniedException","Message":"{message}"}}"#);
    // The first question was in a region that nobody named. The second is in one that is needed.
    let (address, server) = cloudtrail(2, "400 Bad Request", denied.clone());
    let mut verify = command(&["verify", &copy.logs, "--list-public-keys"]);
    let (_, stderr) = check(with_credentials(&mut verify, &address).env("AWS_REGION", "ap-south-1"), 2);
    assert!(stderr.contains("cannot list CloudTrail's public keys in eu-central-1"), "{stderr}");
    assert_eq!(server.join().unwrap(), ["ap-south-1", "eu-central-1"]);
    let (address, server) = cloudtrail(1, "400 Bad Request", denied);
    let mut verify = command(&["verify", &copy.logs, "--list-public-keys", "--region", "eu-west-1"]);
    check(with_credentials(&mut verify, &address), 2);
    assert_eq!(server.join().unwrap(), ["eu-west-1"]);
}
