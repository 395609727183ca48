//! The commands that README.md and the docs show give the output shown there; `UPDATE_EXPECT=1` rewrites them.

use crate::program::program;
use std::fs;
use std::path::Path;

/// The pages whose `console` blocks are run.
const PAGES: [&str; 7] = [
    "README.md",
    "docs/exceptions.md",
    "docs/export.md",
    "docs/infer.md",
    "docs/reference-architecture/round-trip.md",
    "docs/trust.md",
    "docs/usage.md",
];

/// Writes each `console` block of a page anew with what its commands print now. A line that is only `…` stands for
/// lines left out, up to the one that follows it in the block.
fn rerun(page: &str) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out += line;
        out.push('\n');
        if line != "```console" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let mut at = 0;
        while let Some(command) = block.get(at) {
            let args = command.strip_prefix("$ rolechain ").unwrap_or_else(|| panic!("not a command: {command}"));
            let shown: Vec<&str> = block[at + 1..].iter().take_while(|line| !line.starts_with("$ ")).copied().collect();
            out += command;
            out.push('\n');
            out += &fill(&shown, &run(args));
            at += 1 + shown.len();
        }
        out += "```\n";
    }
    out
}

fn run(args: &str) -> String {
    // The pages export to a folder below it; cargo's own may be elsewhere.
    fs::create_dir_all(Path::new(env!("CARGO_MANIFEST_DIR")).join("target")).unwrap();
    let output = program()
        .args(args.split_whitespace().map(|word| word.trim_matches('\'')))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{args}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the lines printed, those left out that the page leaves out: `…` runs up to the line that stands after it.
fn fill(shown: &[&str], printed: &str) -> String {
    let printed: Vec<&str> = printed.lines().collect();
    let mut out = String::new();
    let mut at = 0;
    for (number, line) in shown.iter().enumerate() {
        if *line == "…" {
            out += "…\n";
            let next = shown.get(number + 1);
            at = printed
                .iter()
                .skip(at)
                .position(|line| Some(line) == next)
                .map_or(printed.len(), |skipped| at + skipped);
        } else if let Some(line) = printed.get(at) {
            out += line.trim_end();
            out.push('\n');
            at += 1;
        }
    }
    if shown.last() != Some(&"…") {
        for line in printed.get(at..).unwrap_or_default() {
            out += line.trim_end();
            out.push('\n');
        }
    }
    out
}

#[test]
fn what_the_pages_show_is_what_the_program_prints() {
    for name in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let page = fs::read_to_string(&path).unwrap();
        let rerun = rerun(&page);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, &rerun).unwrap();
        } else {
            assert_eq!(page, rerun, "{name} is stale; run `UPDATE_EXPECT=1 cargo test readme`");
        }
    }
}

#[test]
fn every_path_that_the_pages_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for name in [
        "README.md",
        "docs/ARCHITECTURE.md",
        "docs/exceptions.md",
        "docs/infer.md",
        "docs/nightly.md",
        "docs/trust.md",
        "docs/usage.md",
        "CHANGELOG.md",
    ] {
        let page = fs::read_to_string(root.join(name)).unwrap();
        for quoted in page.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "docs/", "tests/", "benches/", "examples/", "fuzz/", "sample-logs/", ".ci/"]
                .iter()
                .any(|start| quoted.starts_with(start));
            let is_whole = !quoted.contains([' ', '*', '<', '…']);
            if is_path && is_whole && !root.join(quoted).exists() {
                missing.push(format!("{name}: {quoted}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
