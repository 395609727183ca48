//! What lies among the logs and is no log: it is named or skipped, and never stops a run.

use std::fs;
use std::io::Write as _;
#[cfg(unix)]
use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;
#[cfg(unix)]
use std::process::Command;
use std::sync::Mutex;

use crate::program::program;
use flate2::Compression;
use flate2::write::GzEncoder;
use rolechain::model::coverage::Defect;
use rolechain::model::coverage::DefectKind;
use rolechain::model::observations::Observations;
use rolechain::observe::MAX_DEFECTS;
use rolechain::pipeline;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Progress;
use rolechain::pipeline::Silent;
#[cfg(unix)]
use rolechain::source;
#[cfg(unix)]
use rolechain::source::Unreadable;

#[test]
fn many_bad_records_do_not_hide_a_folder_that_could_not_be_read() {
    let defect = |object: &str, index, kind| Defect { object: object.to_owned(), index, kind, message: String::new() };
    let record = |number| defect("a.json", Some(number), DefectKind::MalformedRecord);
    let folder = defect("z/CloudTrail", None, DefectKind::Unreadable);
    let of = |defects: Vec<Defect>| Observations { defects, ..Observations::default() };
    // By two workers, in either order.
    let found = || [of((0..3_000).map(record).collect()), of(vec![folder.clone(), record(3_000)])];
    let mut reversed = found();
    reversed.reverse();
    for [mut all, other] in [found(), reversed] {
        all.merge(other);
        assert_eq!((all.defects.len(), &all.defects[0]), (MAX_DEFECTS, &folder));
        assert_eq!(all.defects[1..], (0..999).map(record).collect::<Vec<_>>());
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_in_a_directory_are_named_and_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("log.json"), "{}").unwrap();
    std::os::unix::fs::symlink("log.json", at("link.json")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.json")).unwrap();
    let mut odd = vec![at("socket.json")];
    if Command::new("mkfifo").arg(at("pipe.json")).status().is_ok_and(|status| status.success()) {
        odd.insert(0, at("pipe.json"));
    } else {
        eprintln!("only sockets are tried: there is no mkfifo");
    }
    let listing = source::list(&[text(folder.path())]).unwrap();
    let found: Vec<&str> = listing.objects.iter().filter_map(|object| object.name.rsplit('/').next()).collect();
    assert_eq!(found, ["link.json", "log.json"]);
    let unread =
        |path: &PathBuf| Unreadable { name: text(path), reason: "not a regular file".to_owned(), is_object: true };
    let expected: Vec<_> = odd.iter().map(unread).collect();
    assert_eq!(listing.unreadable, expected);
    // They count as objects.
    let plan = Plan { sources: vec![text(folder.path())], threads: 1, ..Plan::default() };
    let counts = pipeline::run(&plan, &Silent).unwrap().lineage.observations.counts;
    let odd = odd.len() as u64;
    assert_eq!((counts.objects_listed, counts.objects_failed), (2 + odd, odd));
}

#[cfg(unix)]
fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Reads a folder with one object under a name, and returns its kind in the counts, its defects and whether the run is
/// incomplete.
fn read(name: &str, bytes: &[u8]) -> (&'static str, Vec<(DefectKind, String)>, bool) {
    read_as(name, bytes, false)
}

fn read_as(name: &str, bytes: &[u8], is_named: bool) -> (&'static str, Vec<(DefectKind, String)>, bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    let source = if is_named { path.as_path() } else { folder.path() };
    let plan = Plan { sources: vec![source.to_str().unwrap().to_owned()], threads: 1, ..Plan::default() };
    let outcome = pipeline::run(&plan, &Silent).unwrap();
    let observations = &outcome.lineage.observations;
    let counts = &observations.counts;
    let kind = match (counts.objects_read, counts.objects_skipped, counts.objects_failed) {
        (1, 0, 0) => "read",
        (0, 1, 0) => "skipped",
        (0, 0, 1) => "failed",
        other => panic!("{other:?}"),
    };
    let defects = observations.defects.iter().map(|defect| (defect.kind, defect.message.clone())).collect();
    (kind, defects, counts.is_incomplete())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_no_json_under_the_name_of_a_log_is_a_defect() {
    let page = b"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>\n";
    let utf_16: Vec<u8> = "\u{feff}{\"Records\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let noise: Vec<u8> = (0..4_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[2] | 0x80).collect();
    for (name, bytes, word) in [
        ("a.json", page.to_vec(), "markup"),
        ("a.JSON.gz", gzip(page), "markup"),
        ("a.json.gz", page.to_vec(), "markup"),
        ("a.json.zst", zstd::encode_all(&page[..], 1).unwrap(), "markup"),
        ("a.jsonl", utf_16.clone(), "UTF-16"),
        ("a.json.gz", gzip(&utf_16), "UTF-16"),
        ("a.ndjson", b"no such key\n".to_vec(), "neither"),
        ("a.gz", gzip(b"no such key\n"), "neither"),
        ("trail-2026.11.05.zst", noise.clone(), "neither"),
        ("a.json", noise, "neither"),
        ("a.json", vec![0; 5_000], "neither"),
    ] {
        let (kind, defects, is_incomplete) = read(name, &bytes);
        assert_eq!((kind, is_incomplete, defects.len()), ("failed", true, 1), "{name}: {defects:?}");
        let (defect, message) = &defects[0];
        assert_eq!(*defect, DefectKind::MalformedObject, "{name}");
        assert!(message.starts_with("not JSON: ") && message.contains(word), "{name}: {message}");
    }
}

#[test]
fn json_that_is_no_log_and_files_that_promise_no_json_are_set_apart() {
    let snapshot =
        br#"{"fileVersion":"1.0","configSnapshotId":"x","configurationItems":[{"configurationItemVersion":"1.3"}]}"#;
    let flow = b"version account-id interface-id srcaddr\n2 111111111111 eni-1 192.0.2.1\n";
    for (name, bytes) in [
        ("PROVENANCE.json", b"{\"name\": \"x\", \"license\": \"MIT\"}".to_vec()),
        ("snapshot.json.gz", gzip(snapshot)),
        ("list.json", b"[1, 2, 3]".to_vec()),
        ("null.json", b"null\n".to_vec()),
        ("README.md", b"# Logs\n".to_vec()),
        ("rolechain.toml", b"[org]\nname = \"acme\"\n".to_vec()),
        ("index.html", b"<html></html>".to_vec()),
        ("111111111111_vpcflowlogs_eu-central-1.log.gz", gzip(flow)),
        ("logs", b"no JSON\n".to_vec()),
    ] {
        assert_eq!(read(name, &bytes).0, "skipped", "{name}");
        assert_eq!(read(name, &bytes).1, [], "{name}");
        // Who names one takes it for a log.
        let (kind, defects, is_incomplete) = read_as(name, &bytes, true);
        assert_eq!((kind, is_incomplete, defects.len()), ("failed", true, 1), "{name}: {defects:?}");
    }
}

#[test]
fn what_may_hold_logs_and_is_not_read_is_a_defect_under_any_name() {
    let mut tar = vec![0; 1_024];
    tar[..9].copy_from_slice(b"AWSLogs/1");
    tar[257..262].copy_from_slice(b"ustar");
    let zip = [&b"PK\x03\x04"[..], &[0; 64]].concat();
    let utf_16: Vec<u8> = "\u{feff}{\"Records\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, word) in [
        ("logs.zip", zip.clone(), "ZIP"),
        ("logs", zip.clone(), "ZIP"),
        ("logs.tar", tar.clone(), "tar archive"),
        ("logs.tar.gz", gzip(&tar), "tar archive"),
        ("logs.tgz", gzip(&tar), "tar archive"),
        ("logs.tar.zst", zstd::encode_all(&tar[..], 1).unwrap(), "tar archive"),
        ("event_history.csv", b"Event ID,Event time\nabc,2026-11-10\n".to_vec(), "CSV"),
        ("athena.txt", b"\"eventversion\",\"useridentity\"\n".to_vec(), "CSV"),
        ("x.parquet", b"PAR1\x15\x04".to_vec(), "Parquet"),
        ("AWSLogs/111111111111/CloudTrail/x.parquet", b"PAR1\x15\x04".to_vec(), "Parquet"),
        ("x.xz", b"\xfd7zXZ\0\0\x04".to_vec(), "unpack it"),
        ("x.bz2", b"BZh91AY&SY".to_vec(), "unpack it"),
        ("x.txt", utf_16, "UTF-16"),
    ] {
        for is_named in [false, true] {
            let (kind, defects, is_incomplete) = read_as(name, &bytes, is_named);
            assert_eq!((kind, is_incomplete, defects.len()), ("failed", true, 1), "{name}: {defects:?}");
            assert!(defects[0].1.contains(word), "{name}: {defects:?}");
        }
    }
    // So does JSON in which a log store answers, and none that only speaks of AWS.
    let answer =
        br#"{"hits":[{"_source":{"original":"{\"userIdentity\":{},\"eventSource\":\"sts.amazonaws.com\"}"}}]}"#;
    let notice = br#"{"hits":[{"eventSource":"aws:s3","userIdentity":{"principalId":"x"}}]}"#;
    for (name, bytes, expected) in [
        ("answer.json", answer.as_slice(), "failed"),
        ("answer", answer, "failed"),
        ("AWSLogs/111111111111/CloudTrail/answer.json", answer, "failed"),
        ("AWSLogs/111111111111/Macie/finding.json", answer, "skipped"),
        ("notice.json", notice, "skipped"),
    ] {
        let (kind, defects, _) = read(name, bytes);
        assert_eq!(kind, expected, "{name}: {defects:?}");
        assert!(defects.iter().all(|defect| defect.0 == DefectKind::UnreadForm), "{name}: {defects:?}");
    }
    // What other services write is theirs.
    for name in ["AWSLogs/111111111111/vpcflowlogs/x.parquet", "a/AWSLogs/o-exampleorgid/111111111111/Config/x.zip"] {
        assert_eq!(read(name, if name.ends_with("zip") { &zip } else { b"PAR1" }).0, "skipped", "{name}");
    }
}

#[test]
fn empty_markers_of_other_tools_are_no_defects() {
    for name in ["_SUCCESS", "logs_$folder$", "x.crc", "_committed_1", "ConfigWritabilityCheckFile", "AWSLogs"] {
        assert_eq!((read(name, b"").0, read(name, b"").1), ("skipped", vec![]), "{name}");
        assert_eq!(read_as(name, b"", true).1.len(), 1, "{name}");
    }
    assert_eq!(read("aws-logs-write-test", b"Permission Check Successful").0, "skipped");
    for name in ["a.json", "a.json.gz", "000000.gz", "a.ndjson"] {
        assert_eq!(read(name, b"").1.len(), 1, "{name}");
    }
}

#[test]
fn the_coverage_answer_names_what_has_a_form_that_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "b.csv", "c.csv", "d.csv"] {
        fs::write(folder.path().join(name), "Event ID,Event time\nabc,2026-11-10\n").unwrap();
    }
    let log = r#"{"Records":[{"eventName":"ListBuckets","eventSource":"s3.amazonaws.com","eventTime":"2026-11-10T08:00:00Z",
        "userIdentity":{"type":"Root","accountId":"111111111111"},"recipientAccountId":"111111111111"}]}"#;
    fs::write(folder.path().join("log.json"), log).unwrap();
    let plan = Plan { sources: vec![folder.path().to_str().unwrap().to_owned()], ..Plan::default() };
    let assurance = pipeline::run(&plan, &Silent).unwrap().assurance;
    let told: Vec<_> = assurance.reasons().map(|reason| (reason.kind, reason.message.as_str())).collect();
    let [(kind, message)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(*kind, "objects_unread");
    assert!(message.starts_with("4 objects in a form that is not read (") && message.ends_with("/c.csv and 1 more)"));
}

/// Keeps the notes.
struct Noted<'n>(&'n Mutex<Vec<String>>);
impl Progress for Noted<'_> {
    fn begin(&self, _: u64, _: u64) {}
    fn found(&self, _: u64, _: u64, _: bool) {}
    fn object(&self, _: u64) {}
    fn phase(&self, _: &'static str) {}
    fn note(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

#[test]
fn what_is_set_apart_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a.pdf", "%PDF-1.7"), ("b.json", "{\"a\": 1}"), ("README.md", "# x"), ("_SUCCESS", "")] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let notes: Mutex<Vec<String>> = Mutex::default();
    let plan = Plan { sources: vec![folder.path().to_str().unwrap().to_owned()], ..Plan::default() };
    pipeline::run(&plan, &Noted(&notes)).unwrap();
    let notes = notes.into_inner().unwrap();
    let at = |name: &str| format!("{}/{name}", folder.path().display());
    let parts = [format!("{} (empty)", at("_SUCCESS")), format!("{} (a PDF)", at("a.pdf"))];
    let expected = format!(
        "3 files are not logs and were skipped: {}, {} (JSON, and not of CloudTrail)",
        parts.join(", "),
        at("b.json")
    );
    assert_eq!(notes, [expected]);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_a_source_is_told_and_a_pipe_beside_a_digest_does_not_hang() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("in/sub")).unwrap();
    fs::create_dir_all(at("out")).unwrap();
    fs::write(at("in/a.json"), "{}").unwrap();
    std::os::unix::fs::symlink(at("out"), at("in/link")).unwrap();
    std::os::unix::fs::symlink(at("in"), at("in/sub/back")).unwrap();
    let listing = source::list(&[text(&at("in"))]).unwrap();
    let told: Vec<_> = listing.unreadable.iter().map(|unread| (unread.name.clone(), unread.is_object)).collect();
    assert_eq!(told, [(text(&at("in/link")), false)]);
    if Command::new("mkfifo").arg(at("in/a.json.signature")).status().is_ok_and(|status| status.success()) {
        assert_eq!(listing.objects[0].signature(), None);
    }
}

#[cfg(unix)]
#[test]
fn standard_input_that_cannot_be_read_is_an_error() {
    let folder = fs::File::open(env!("CARGO_MANIFEST_DIR")).unwrap();
    let output = program().args(["audit", "-"]).stdin(folder).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("cannot read standard input"), "{stderr}");
}

#[test]
fn a_fault_that_costs_no_record_is_not_told_as_a_loss() {
    let record = r#"{"eventVersion":"1.08","eventName":"ListBuckets","eventSource":"s3.amazonaws.com"}"#;
    let folder = tempfile::tempdir().unwrap();
    let bytes = [gzip(format!("[{record}]").as_bytes()), b"garbage".to_vec()].concat();
    fs::write(folder.path().join("a.json.gz"), bytes).unwrap();
    let plan = Plan { sources: vec![folder.path().to_str().unwrap().to_owned()], threads: 1, ..Plan::default() };
    let findings = pipeline::run(&plan, &Silent).unwrap().findings;
    let told: Vec<_> = findings.iter().filter(|finding| finding.rule == "records-not-parsed").collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].message.contains("No record is known to be lost."), "{}", told[0].message);
}

#[test]
fn a_store_around_logs_does_not_hide_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let sources = vec!["sample-logs/01-healthy".to_owned()];
    let plan = Plan { sources, store: Some(store.clone()), ..Plan::default() };
    pipeline::run(&plan, &Silent).unwrap();
    let over =
        |source: &std::path::Path| Plan { sources: vec![source.to_str().unwrap().to_owned()], ..Plan::default() };
    assert!(!pipeline::run(&over(&store), &Silent).unwrap().lineage.observations.counts.is_incomplete());
    assert!(!pipeline::run(&plan, &Silent).unwrap().lineage.observations.counts.is_incomplete());
    for name in [
        "a.json",
        "AWSLogs/111111111111/CloudTrail/x.json.gz",
        "events/x.json",
        "events/dt=yesterday/000000001.parquet",
        "events/000000001.parquet",
        "events/dt=2026-11-12/x.json",
        "objects/dt=2026-11-12/000000001.parquet",
        "objects/1.parquet",
        "x.parquet",
    ] {
        let path = store.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "{}").unwrap();
        for plan in [&over(&store), &plan] {
            let error = pipeline::run(plan, &Silent).unwrap_err().to_string();
            let first = name.split('/').next().unwrap();
            assert!(error.contains(first) && error.contains("lies in the store") && error.contains("hint:"), "{error}");
        }
        fs::remove_file(&path).unwrap();
        // Folders that are empty are none of a store, either.
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != store.as_path()) {
            let _ = fs::remove_dir(folder);
        }
    }
    // A manifest of something else makes no store.
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join("a.json"), r#"{"Records":[{"eventName":"ListBuckets","eventSource":"s3.amazonaws.com"}]}"#)
        .unwrap();
    fs::write(logs.join("manifest.json"), r#"{"format":"other/1","tables":{}}"#).unwrap();
    assert_eq!(pipeline::run(&over(&logs), &Silent).unwrap().lineage.observations.counts.objects_read, 1);
    fs::remove_file(logs.join("manifest.json")).unwrap();
    if cfg!(unix)
        && std::process::Command::new("mkfifo")
            .arg(logs.join("manifest.json"))
            .status()
            .is_ok_and(|status| status.success())
    {
        let counts = pipeline::run(&over(&logs), &Silent).unwrap().lineage.observations.counts;
        assert_eq!((counts.objects_read, counts.objects_failed), (1, 1));
    }
}

#[test]
fn names_of_files_in_the_verdict_are_text_in_markdown() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x<img>.csv"), "Event ID,Event time\na,2026-11-10\n").unwrap();
    let output = program().args(["audit", "--format", "markdown"]).arg(folder.path()).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    let outside: Vec<&str> = page.split('`').step_by(2).collect();
    assert!(page.contains("<img>") && !outside.concat().contains("<img>"), "{page}");
}
