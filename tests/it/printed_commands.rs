//! Commands that reports print work as pasted into a shell.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use crate::program::NOW;
use crate::program::program;

/// Runs a line as a shell does.
fn pasted(line: &str, folder: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_rolechain")).parent().unwrap();
    let line = format!("PATH='{}':\"$PATH\"; {line}", program.display());
    Command::new("sh").args(["-c", &line]).env("ROLECHAIN_NOW", NOW).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Returns the commands that a text prints, each on a line of its own.
fn commands(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| Some(&line[line.find("rolechain ")?..]));
    lines
        .filter(|line| ["trace", "explain", "infer", "who"].contains(&line.split(' ').nth(1).unwrap()))
        .map(str::to_owned)
        .collect()
}

fn run(args: &[&str], folder: &Path) -> String {
    let output = program().args(args).current_dir(folder).env("COLUMNS", "100").output().unwrap();
    assert!([0, 1].contains(&output.status.code().unwrap()), "{args:?} {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn every_printed_command_asks_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs");
    let logs = place.join("it's $HOME logs");
    std::os::unix::fs::symlink(samples.join("15-cross-repo"), &logs).unwrap();
    fs::copy(samples.join("rolechain.toml"), place.join("what we expect.toml")).unwrap();
    let source = "it's $HOME logs";
    let flags = ["--expectations", "what we expect.toml", "--account", "prod", "--region", "eu-central-1"];
    let window = ["--since", "2026-11-12", "--until", "2026-11-12"];
    let mut seen = 0;
    for more in [
        &flags[..],
        &["--no-expectations"],
        &[&flags[..], &window].concat(),
        &[&flags[..], &["--store", "a store"]].concat(),
    ] {
        let audit = run(&[&["audit", source][..], more].concat(), place);
        let of_audit = commands(&audit);
        assert!(!of_audit.is_empty(), "{audit}");
        for command in of_audit.into_iter().filter(|command| command.starts_with("rolechain trace")) {
            let output = pasted(&command, place);
            let shown = text(&output.stdout);
            assert_eq!(output.status.code(), Some(0), "{command}\n{}", text(&output.stderr));
            // What the report called a finding is one here, too.
            assert!(shown.contains("expected? no: "), "{command}\n{shown}");
            for next in commands(&shown) {
                let output = pasted(&next, place);
                assert_eq!(output.status.code(), Some(0), "{next}\n{}", text(&output.stderr));
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen}");
    // Nothing is expected yet: the way on is a draft.
    std::os::unix::fs::symlink(samples.join("01-healthy"), place.join("it's well")).unwrap();
    let chains = run(&["chains", "it's well", "--subject", "repo:acme*"], place);
    let chain = chains.split_whitespace().find(|word| word.starts_with("ch-")).unwrap();
    let shown = run(&["trace", chain, "it's well", "--since", "2026-11-01"], place);
    let draft = commands(&shown).pop().unwrap();
    assert_eq!(draft, r"rolechain infer -o rolechain.toml 'it'\''s well' --since 2026-11-01T00:00:00Z");
    assert_eq!(pasted(&draft, place).status.code(), Some(0));
    assert!(place.join("rolechain.toml").exists());
}

#[test]
fn what_is_found_by_looking_is_not_repeated() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = run(&["trace", "ch-b2049480b072b364", "sample-logs"], place);
    assert_eq!(
        commands(&shown),
        ["rolechain trace rc1:914c71c070f6 sample-logs", "rolechain explain cross-repo-deploy"]
    );
}

#[test]
fn evidence_of_the_ci_system_is_named_again() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("it says");
    fs::create_dir(&evidence).unwrap();
    let runs = r#"{"total_count": 1, "workflow_runs": [{"id": 19460500918, "run_attempt": 1, "event": "push", "status": "completed", "html_url": "https://github.com/acme/docs/actions/runs/19460500918"}]}"#;
    fs::write(evidence.join("runs.json"), runs).unwrap();
    let evidence = evidence.to_str().unwrap();
    let shown = run(&["trace", "ch-b2049480b072b364", "sample-logs", "--ci", evidence], place);
    let command = &commands(&shown)[0];
    assert!(command.ends_with(&format!("--ci '{evidence}'")), "{command}");
    assert_eq!(pasted(command, place).status.code(), Some(0));
}
