//! "How to add" a rule, a provider and a column in `docs/ARCHITECTURE.md` lists every file to touch, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A file of the tree: its path, and its text.
type File = (String, String);

/// Every text file but the sample logs, which the stories make.
fn tree() -> Vec<File> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<File>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                if !["target", "sample-logs", ".git", "fuzz"].contains(&name.as_str()) {
                    walk(root, &path, found);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((name, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found
}

/// Something of which there are many: how files name it, and what stands for its parts in paths.
struct Thing {
    names: Vec<String>,
    parts: Vec<(String, &'static str)>,
}

/// What has a page in `pages`, and a source in `sources` or in a folder of it, its theme.
fn with_page(tree: &[File], pages: &str, sources: &str) -> Vec<Thing> {
    let ids = tree.iter().filter_map(|(path, _)| path.strip_prefix(pages)?.strip_suffix(".md"));
    ids.filter(|id| *id != "README")
        .map(|id| {
            let module = id.replace('-', "_");
            let source = format!("/{module}.rs");
            let theme = tree.iter().find_map(|(path, _)| path.strip_prefix(sources)?.strip_suffix(&source));
            let theme = theme.map(|theme| (format!("/{theme}/"), "/<theme>/"));
            let names = vec![id.to_owned(), module.clone()];
            Thing { names, parts: theme.into_iter().chain([(id.to_owned(), "<id>"), (module, "<id>")]).collect() }
        })
        .collect()
}

/// Every column of every exported table.
fn columns(tree: &[File]) -> Vec<Thing> {
    let (_, page) = tree.iter().find(|(path, _)| path == "docs/schema.md").unwrap();
    let (_, tables) = page.split_once("\n## ").unwrap();
    let names = tables.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    names.map(|name| Thing { names: vec![name.to_owned()], parts: Vec::new() }).collect()
}

/// Like `contains`, but quick in a build for tests.
fn holds(text: &str, name: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some()
}

/// The places that name each of the things: what adding one more must touch. A place is a file, with placeholders in
/// its path, or one of `folders`.
fn touched(tree: &[File], things: &[Thing], folders: &[&String]) -> BTreeSet<String> {
    let mut common: Option<BTreeSet<String>> = None;
    for thing in things {
        let named = tree.iter().filter_map(|(path, text)| {
            let file = thing.parts.iter().fold(path.clone(), |path, (part, sign)| path.replace(part, sign));
            let place =
                folders.iter().find(|folder| file.starts_with(**folder)).map_or(file, |folder| (*folder).clone());
            // Most files are out after the first thing: they need not be read again.
            let may_be = common.as_ref().is_none_or(|common| common.contains(&place));
            (may_be && thing.names.iter().any(|name| path.contains(name) || holds(text, name))).then_some(place)
        });
        common = Some(named.collect());
    }
    common.unwrap()
}

/// The paths that begin the rows of the table below `heading`.
fn listed(tree: &[File], heading: &str) -> BTreeSet<String> {
    let (_, page) = tree.iter().find(|(path, _)| path == "docs/ARCHITECTURE.md").unwrap();
    let (_, part) = page.split_once(&format!("\n### {heading}\n")).unwrap();
    let part = part.split("\n### ").next().unwrap();
    part.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).map(str::to_owned).collect()
}

#[track_caller]
fn assert_complete(tree: &[File], heading: &str, things: &[Thing]) {
    assert!(10 < things.len(), "{heading}: {} found", things.len());
    let listed = listed(tree, heading);
    let folders: Vec<&String> = listed.iter().filter(|place| place.ends_with('/')).collect();
    let touched = touched(tree, things, &folders);
    let missing: Vec<_> = touched.difference(&listed).collect();
    let needless: Vec<_> = listed.difference(&touched).collect();
    assert!(
        missing.is_empty() && needless.is_empty(),
        "{heading}: not listed {missing:?}, listed and not so {needless:?}"
    );
}

#[test]
fn the_list_for_a_rule_is_complete() {
    let tree = tree();
    assert_complete(&tree, "A rule", &with_page(&tree, "docs/rules/", "src/audit/rules/"));
}

#[test]
fn the_list_for_a_provider_is_complete() {
    let tree = tree();
    assert_complete(&tree, "A provider", &with_page(&tree, "docs/providers/", "src/provider/"));
}

#[test]
fn the_list_for_a_column_is_complete() {
    let tree = tree();
    assert_complete(&tree, "A column", &columns(&tree));
}
