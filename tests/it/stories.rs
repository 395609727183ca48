//! What each sample story raises, with the expectations and without: read by a person when it first appeared.

use std::fs;
use std::path::Path;

use expect_test::expect_file;
use rolechain::audit;
use rolechain::expect::Expectations;
use rolechain::pipeline;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;

fn findings(story: &Path, expectations: &Expectations) -> String {
    let plan = Plan {
        sources: vec![story.to_string_lossy().into_owned()],
        expectations: expectations.clone(),
        ..Plan::default()
    };
    let outcome = pipeline::run(&plan, &Silent).unwrap();
    let line = |finding: &rolechain::model::finding::Finding| {
        format!("  {:8} {:36} {} × {}\n", finding.severity.name(), finding.rule, finding.count, finding.title)
    };
    let lines: String = outcome.findings.iter().map(line).collect();
    if lines.is_empty() { "  nothing\n".to_owned() } else { lines }
}

#[test]
fn every_story_raises_what_it_tells() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs");
    let text = fs::read_to_string(root.join("rolechain.toml")).unwrap();
    let expectations = Expectations::parse("rolechain.toml", &text, &audit::rule_ids()).unwrap();
    let mut stories: Vec<_> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("AWSLogs").is_dir())
        .collect();
    stories.sort();
    let mut told = String::new();
    for story in stories {
        told.push_str(&story.file_name().unwrap().to_string_lossy());
        told.push('\n');
        told += " with expectations\n";
        told += &findings(&story, &expectations);
        told += " without\n";
        told += &findings(&story, &Expectations::default());
        told.push('\n');
    }
    expect_file!["golden/findings.txt"].assert_eq(&told);
}
