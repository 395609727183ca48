//! `--output FILE`: what becomes of the file, of links to it, and of what is no file at all.

use crate::program::program;
use std::fs;
use std::path::Path;
use std::process::Command;

fn chains_into(file: &Path) -> (Option<i32>, String) {
    let output = program()
        .args(["chains", "sample-logs/01-healthy", "--no-progress", "--no-expectations", "--format", "json", "-o"])
        .arg(file)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_written_file_leaves_no_draft_and_touches_no_neighbor() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let neighbor = folder.path().join("report.json.part");
    fs::write(&file, "old").unwrap();
    fs::write(&neighbor, "somebody's own").unwrap();
    assert_eq!(chains_into(&file).0, Some(0));
    assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
    assert_eq!(fs::read_to_string(&neighbor).unwrap(), "somebody's own");
    assert_eq!(names(folder.path()), ["report.json", "report.json.part"]);
}

#[test]
fn a_directory_cannot_be_written_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("reports");
    fs::create_dir(&inner).unwrap();
    let (code, stderr) = chains_into(&inner);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("cannot write"), "{stderr}");
    assert_eq!(names(folder.path()), ["reports"]);
    assert_eq!(chains_into(&folder.path().join("none/report.json")).0, Some(2));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_its_target_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("real")).unwrap();
    let link = folder.path().join("latest.json");
    std::os::unix::fs::symlink("real/report.json", &link).unwrap();
    // At first the link leads to nothing, then to a file.
    for _ in 0..2 {
        assert_eq!(chains_into(&link).0, Some(0));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(folder.path().join("real/report.json")).unwrap().starts_with('{'));
    }
    assert_eq!(names(folder.path()), ["latest.json", "real"]);
    assert_eq!(names(&folder.path().join("real")), ["report.json"]);
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(chains_into(&file).0, Some(0));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_to_and_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt as _;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    if !Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no mkfifo");
        return;
    }
    let reader = Command::new("cat").arg(&pipe).stdout(std::process::Stdio::piped()).spawn().unwrap();
    assert_eq!(chains_into(&pipe).0, Some(0));
    assert!(reader.wait_with_output().unwrap().stdout.starts_with(b"{"));
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
}
