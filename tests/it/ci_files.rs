//! A folder of evidence: every file in it is read, or named as one that is not.

use std::fs;

use serde_json::Value;

use crate::program::program;

#[test]
fn every_file_of_a_folder_is_read_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = |id: u64| format!("{{\"repo\":\"acme/orders\",\"run_id\":{id},\"missing\":true}}");
    // What a file is called, what is in it, and what is said of it: `None` when it is not even named.
    let files: &[(&str, Vec<u8>, Option<&str>)] = &[
        ("runs.json", missing(1).into_bytes(), Some("")),
        ("approvals-19000000001", b"[]".to_vec(), Some("")),
        ("audit.log", format!("\u{feff}\n  {}", missing(2)).into_bytes(), Some("")),
        ("github.com/acme/.github/run.JSON", missing(3).into_bytes(), Some("")),
        ("empty", Vec::new(), Some("")),
        ("audit.csv", b"action,actor\nx,y\n".to_vec(), Some("this is not JSON, and is not read")),
        ("run.json.part", missing(4).into_bytes(), Some("this download is not finished")),
        ("run.json.zst", b"\x28\xb5\x2f\xfd0".to_vec(), Some("this is packed")),
        ("runs.zip", b"PK\x03\x04".to_vec(), Some("this is packed")),
        ("wide.txt", b"\xff\xfe{\0}\0".to_vec(), Some("this is UTF-16")),
        (".DS_Store", b"x".to_vec(), None),
        ("README.md", b"# What this is".to_vec(), None),
        ("gitlab.com/acme/orders/7/not-there.txt", b"no job".to_vec(), None),
        ("bitbucket.org/acme/x/pipelines-1.txt", b"{\"values\":[]}".to_vec(), None),
    ];
    for (name, bytes, _) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let mut audit = program();
    audit.args(["audit", "sample-logs/01-healthy", "--format", "json", "--no-progress", "--ci"]).arg(folder.path());
    let output = audit.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let named = report["ci_evidence"]["files"].as_array().unwrap();
    for (name, _, expected) in files {
        let path = folder.path().join(name).to_string_lossy().into_owned();
        let found = named.iter().find(|file| file["name"] == path.as_str());
        let said = found.map(|file| file["defects"][0].as_str().unwrap_or_default().to_owned());
        let is_right = match (&said, expected) {
            (Some(said), Some("")) => said.is_empty(),
            (Some(said), Some(expected)) => said.contains(expected),
            (None, None) => true,
            _ => false,
        };
        assert!(is_right, "{name}: {said:?}");
    }
    let of_ci = report["assurance"].to_string();
    assert!(of_ci.contains("ci_files_not_understood"), "{of_ci}");
}

/// Whoever names the wrong file alone learns what is wrong with it.
#[test]
fn a_file_that_says_nothing_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("runs.json"), b"\xff\xfe{\0}\0").unwrap();
    let mut audit = program();
    audit.args(["audit", "sample-logs/01-healthy", "--no-progress", "--ci"]).arg(folder.path());
    let output = audit.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("byte 0: this is UTF-16: save it as UTF-8"), "{said}");
}
