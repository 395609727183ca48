//! `rolechain infer` as it is run: where it writes, what it refuses, and what it says.

use std::fs;

use crate::program::program;
use tempfile::TempDir;

const PLAN: &str = "docs/reference-architecture/plan.json";

#[track_caller]
fn infer(args: &[&str], code: i32) -> (String, String) {
    let output = program().arg("infer").args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{stdout}\n{stderr}");
    (stdout, stderr)
}

#[test]
fn a_draft_goes_to_standard_output_or_to_a_file_and_never_over_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rolechain.toml");
    let file = path.to_str().unwrap();
    let (draft, summary) = infer(&["--iam", PLAN], 0);
    assert!(
        draft.starts_with("# Drafted by") && summary.contains("drafted 2 roles; nothing was left out"),
        "{summary}"
    );
    let (nothing, _) = infer(&["--iam", PLAN, "-o", file, "--quiet"], 0);
    assert_eq!((nothing.as_str(), fs::read_to_string(&path).unwrap()), ("", draft.clone()));
    fs::write(&path, "# edited\n").unwrap();
    let (_, error) = infer(&["--iam", PLAN, "-o", file], 2);
    assert!(error.contains("is there already") && error.contains("--force"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "# edited\n");
    infer(&["--iam", PLAN, "-o", file, "--force"], 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), draft);
}

#[test]
fn the_guard_asks_an_audit_that_expects_nothing() {
    // `rolechain.toml` beside the stories would expect a lot.
    let (draft, summary) = infer(&["sample-logs/13-intrusion"], 0);
    assert!(summary.contains("left out, named at its end"), "{summary}");
    let (expected, told) = draft.split_once("# Left out").unwrap();
    assert!(told.contains("acme-evil") && told.contains("foreign-owner-subject"), "{draft}");
    assert!(expected.lines().all(|line| line.starts_with('#') || !line.contains("acme-evil")), "{draft}");
}

#[test]
fn what_cannot_be_read_is_said_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let broken = file("broken.json", "{\"RoleDetailList\": [");
    let other = file("other.json", "{\"Users\": []}");
    let nameless = file("nameless.json", "{\"RoleDetailList\": [{}]}");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.to_string_lossy().into_owned();
    for (args, words) in [
        (&[][..], vec!["nothing to infer from", "--iam"]),
        (&["--iam", "no-such-file.json"], vec!["cannot read", "no-such-file.json"]),
        (&["--iam", &broken], vec!["not JSON", "line 1"]),
        (&["--iam", &other], vec!["neither an IAM snapshot nor a Terraform"]),
        (&["--iam", &nameless], vec!["RoleDetailList[0]", "RoleName"]),
        (&["no-such-folder"], vec!["no-such-folder"]),
        (&[&empty], vec!["nothing to infer from"]),
        (&["--iam", PLAN, "--expectations", "x.toml"], vec!["x.toml"]),
        (&["--iam", PLAN, "--force"], vec!["--output"]),
        (&["sample-logs/01-healthy", "--store", "s"], vec!["infer writes no store", "as SOURCE"]),
        (&["--iam", "-", "-"], vec!["standard input can be read only once"]),
    ] {
        // That the sources hold nothing is no mistake of whoever asks.
        let code = if args == [&empty] { 3 } else { 2 };
        let (stdout, stderr) = infer(args, code);
        assert!(stdout.is_empty() && words.iter().all(|word| stderr.contains(word)), "{args:?}: {stderr}");
    }
}

#[test]
fn a_draft_from_incomplete_logs_says_so() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("logs");
    fs::create_dir(&path).unwrap();
    let logs = path.to_str().unwrap();
    fs::write(path.join("good.json"), RECORD).unwrap();
    let (draft, summary) = infer(&[logs, "--strict"], 0);
    assert!(!draft.contains("INCOMPLETE") && !summary.contains("incomplete"), "{summary}");
    fs::write(path.join("broken.json.gz"), b"\x1f\x8b\x08\x00broken").unwrap();
    for (more, code) in [(&[][..], 0), (&["--strict"], 3)] {
        let (draft, summary) = infer(&[&[logs], more].concat(), code);
        assert!(draft.contains("INCOMPLETE logs: 1 object could not be read"), "{draft}");
        assert!(summary.contains("warning: the logs are incomplete: 1 object"), "{summary}");
    }
}

const RECORD: &str = r#"{"Records":[{"eventTime":"2026-11-10T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets",
    "awsRegion":"us-east-1","userIdentity":{"type":"AWSService","invokedBy":"autoscaling.amazonaws.com"},
    "readOnly":true,"eventID":"e-1","recipientAccountId":"222222222222"}]}"#;

#[test]
fn snapshots_are_read_in_any_packing_and_from_standard_input() {
    let folder = TempDir::new().unwrap();
    let plan = fs::read_to_string(PLAN).unwrap();
    let (expected, _) = infer(&["--iam", PLAN], 0);
    let body = |draft: &str| draft.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(plan.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let mut command = program();
    command.args(["infer", "--iam", "-"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.stdin(fs::File::open(PLAN).unwrap()).output().unwrap();
    assert_eq!(body(&String::from_utf8(output.stdout).unwrap()), body(&expected));
    for (name, bytes) in [("wide.json", wide), ("plan.json.gz", crate::support::delivery::gzip(plan.as_bytes()))] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let (draft, _) = infer(&["--iam", path.to_str().unwrap()], 0);
        assert_eq!(body(&draft), body(&expected), "{name}");
    }
    let odd = folder.path().join("odd.json");
    fs::write(&odd, b"{\xff").unwrap();
    let (_, error) = infer(&["--iam", odd.to_str().unwrap()], 2);
    assert!(error.contains("neither UTF-8 nor UTF-16"), "{error}");
}
