//! The commands of `docs/nightly.md` and of the recipes beside it, read by the program's own argument parser.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap::Parser as _;

use super::args::Cli;

/// Where commands stand that people paste.
const PAGES: [&str; 4] =
    ["docs/nightly.md", "docs/nightly/rolechain.service", "docs/nightly/github-actions.yml", "docs/nightly/Dockerfile"];

/// Returns the commands of a page: what stands after `rolechain`, where a command of ours follows.
fn commands(page: &str) -> Vec<Vec<String>> {
    let known: Vec<String> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let mut lines: Vec<String> = Vec::new();
    let mut folded: Option<usize> = None;
    for line in page.lines() {
        let indent = line.len() - line.trim_start().len();
        match folded {
            // A folded block of YAML goes on while it is indented more.
            Some(base) if indent > base => {
                if let Some(last) = lines.last_mut() {
                    last.push(' ');
                    last.push_str(line.trim());
                }
            }
            _ => {
                folded = line.trim_end().ends_with(">-").then_some(indent);
                lines.push(line.to_owned());
            }
        }
    }
    // Words inside a sentence are no command lines.
    let lines = lines.into_iter().filter(|line| !line.contains('`'));
    let words =
        lines.map(|line| line.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()).collect());
    words
        .filter_map(|words: Vec<String>| {
            let is_ours = |pair: &[String]| {
                (pair[0] == "rolechain" || pair[0].ends_with("/rolechain")) && known.contains(&pair[1])
            };
            let at = words.windows(2).rposition(is_ours)?;
            Some(words[at + 1..].to_vec())
        })
        .collect()
}

#[test]
fn the_job_of_kubernetes_is_one_that_the_program_takes_and_is_not_retried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/nightly/cronjob.yaml")).unwrap();
    let (_, args) = page.split_once("args:\n").unwrap();
    let args: Vec<&str> = args.lines().map_while(|line| line.trim().strip_prefix("- ")).collect();
    assert!(args.len() > 10, "{args:?}");
    Cli::try_parse_from(std::iter::once("rolechain").chain(args)).unwrap();
    assert!(page.contains("restartPolicy: Never") && page.contains("values: [1, 2, 3]"));
    // cron has a PATH without the folder where programs are installed by hand.
    let page = fs::read_to_string(root.join("docs/nightly.md")).unwrap();
    assert!(page.contains("\nPATH=/usr/local/bin:"));
}

#[test]
fn every_command_of_the_recipes_is_one_that_the_program_takes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for page in PAGES {
        for words in commands(&fs::read_to_string(root.join(page)).unwrap()) {
            let shown = words.join(" ");
            let words = std::iter::once("rolechain".to_owned()).chain(words);
            if let Err(error) = Cli::try_parse_from(words) {
                panic!("{page}: rolechain {shown}\n{error}");
            }
            found.push(page);
        }
    }
    for (page, least) in
        [("docs/nightly.md", 3), ("docs/nightly/rolechain.service", 1), ("docs/nightly/github-actions.yml", 1)]
    {
        assert!(found.iter().filter(|other| **other == page).count() >= least, "{page}: {found:?}");
    }
}
