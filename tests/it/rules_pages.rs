//! The pages of the rules: the head of each is written from its rule, and its prose names every example.
//!
//! `UPDATE_PAGES=1 cargo test --test it rules_pages` writes the heads anew.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use rolechain::audit;
use rolechain::audit::RULES;
use rolechain::audit::Rule;

use crate::support::examples;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules")
}

/// Writes what a page says by the rule itself.
fn head(rule: &Rule) -> String {
    let mut head = format!("# {}\n\n{}.\n\n| | |\n|---|---|\n", rule.id, rule.title);
    let mut row = |name: &str, text: &str| writeln!(head, "| {name} | {text} |").unwrap();
    row("Theme", rule.theme.title());
    row("Severity", rule.severity.name());
    row("Confidence", rule.confidence.name());
    row("Basis", rule.basis.name());
    row("Persona", rule.persona.name());
    row("Needs", rule.needs);
    row("To do", &escaped(rule.remediation));
    let techniques = rule.techniques.iter().map(|number| {
        let address = format!("https://attack.mitre.org/techniques/{}/", number.replace('.', "/"));
        format!("[{number}]({address}) {}", audit::technique(number).unwrap())
    });
    let techniques = techniques.collect::<Vec<_>>().join(", ");
    row("ATT&CK", if techniques.is_empty() { "none" } else { &techniques });
    let reading = rule.reading.iter().map(|(title, address)| format!("[{title}]({address})"));
    let reading = reading.collect::<Vec<_>>().join(", ");
    if !reading.is_empty() {
        row("Read more", &reading);
    }
    head + "\n<!-- The head is written by tests/it/rules_pages.rs from the rule; the rest by people. -->\n<!-- end of the head -->\n"
}

/// A remediation is plain text: what Markdown would take for its own is escaped.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        if matches!(character, '*' | '_' | '<' | '|' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(character);
        escaped
    })
}

#[test]
fn every_page_begins_with_what_its_rule_says() {
    let is_update = env::var_os("UPDATE_PAGES").is_some();
    for rule in RULES {
        let path = folder().join(format!("{}.md", rule.id));
        let page = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let wanted = format!("{}\n{}\n", head(rule), rule.prose());
        if is_update {
            fs::write(&path, wanted).unwrap();
        } else {
            assert!(page == wanted, "{} is not what its rule says: UPDATE_PAGES=1 writes its head", path.display());
        }
    }
}

#[test]
fn every_page_has_its_headings_and_names_every_example() {
    for rule in RULES {
        let headings: Vec<&str> = rule.prose().lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let all = ["What it means", "How it is graded", "When it stays silent", "What to do", "Examples"];
        let needed = ["What it means", "When it stays silent", "Examples"];
        let in_order: Vec<&str> = all.into_iter().filter(|heading| headings.contains(heading)).collect();
        assert_eq!(headings, in_order, "{}: the headings of the page", rule.id);
        assert!(needed.iter().all(|heading| headings.contains(heading)), "{}: {headings:?}", rule.id);

        let mut named = BTreeSet::new();
        for target in rule.prose().split("](../../tests/rules/").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(examples::folder().join(target).exists(), "{} links to {target}, which is not there", rule.id);
            named.insert(target);
        }
        for example in examples::of(rule) {
            assert!(named.contains(example.name.as_str()), "the page of {} does not name {}", rule.id, example.name);
        }
    }
}

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let listed: BTreeSet<String> = RULES.iter().map(|rule| format!("{}.md", rule.id)).collect();
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let pages: BTreeSet<String> = files.filter(|name| name != "README.md").collect();
    assert_eq!(pages, listed, "pages in docs/rules and rules in RULES");
    for rule in RULES {
        let page = fs::read_to_string(folder().join(format!("{}.md", rule.id))).unwrap();
        assert!(page.replace("\r\n", "\n") == rule.page.replace("\r\n", "\n"), "{} carries another page", rule.id);
    }
}
