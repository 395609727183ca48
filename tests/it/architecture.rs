//! The walls: which room may use which, that no files use each other in a circle, where each library lives, and how a
//! source begins.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Each room, and the rooms that it may use besides itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("text", &[]),
    ("provider", &["model"]),
    ("ci", &["model", "read"]),
    ("expect", &["model", "provider"]),
    ("frame", &["model"]),
    ("source", &["model"]),
    ("trust", &["model", "provider"]),
    ("parse", &["model"]),
    ("read", &["model", "parse"]),
    ("observe", &["model", "parse"]),
    ("integrity", &["model"]),
    ("correlate", &["model", "provider"]),
    ("join", &["model", "provider", "ci"]),
    ("audit", &["model", "provider", "expect", "trust", "ci", "join"]),
    ("infer", &["model", "provider", "expect", "trust", "text"]),
    ("report", &["model", "provider", "text", "audit", "trust", "ci", "join"]),
    ("export", &["model", "text", "audit", "frame", "report"]),
    ("query", &["model", "text", "frame", "export"]),
    ("store", &["model", "frame", "parse", "observe"]),
    (
        "pipeline",
        &[
            "model",
            "expect",
            "trust",
            "source",
            "read",
            "observe",
            "store",
            "correlate",
            "audit",
            "integrity",
            "ci",
            "join",
        ],
    ),
    (
        "job",
        &[
            "model",
            "provider",
            "expect",
            "source",
            "read",
            "trust",
            "audit",
            "infer",
            "integrity",
            "store",
            "pipeline",
            "report",
            "ci",
            "join",
        ],
    ),
    (
        "cli",
        &[
            "model", "expect", "source", "audit", "infer", "store", "pipeline", "job", "report", "export", "query",
            "text",
        ],
    ),
];

/// Each library, and the only places that may name it.
const LIVES_IN: &[(&str, &[&str])] = &[
    ("aws_lc_rs", &["integrity/keys.rs"]),
    ("md5", &["integrity/keys.rs"]),
    ("aws_sdk_cloudtrail", &["source/public_keys.rs"]),
    ("polars", &["frame/", "query/"]),
    ("polars_io", &["frame/", "query/"]),
    ("polars_parquet", &["frame/"]),
    ("sqlparser", &["query/"]),
    ("rustix", &["export/"]),
    ("aws_config", &["source/s3/", "source/public_keys.rs"]),
    ("aws_sdk_s3", &["source/s3/"]),
    ("aws_smithy_http_client", &["source/s3/trust.rs"]),
    ("aws_types", &["source/s3/client.rs"]),
    ("rustls", &["source/s3/trust.rs"]),
    ("tokio", &["source/s3/", "source/public_keys.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/"]),
    ("indicatif", &["cli/"]),
    ("terminal_size", &["cli/"]),
    ("jiff", &["model/time.rs"]),
    ("comfy_table", &["report/"]),
    ("maud", &["report/html/"]),
    ("schemars", &["report/"]),
    ("rayon", &["pipeline/", "correlate/", "audit/mod.rs"]),
    ("flate2", &["read/"]),
    ("libdeflater", &["read/"]),
    ("zstd", &["read/"]),
    ("simdutf8", &["read/", "parse/"]),
    ("wide", &["parse/"]),
    ("toml", &["expect/"]),
    ("ipnet", &["expect/", "audit/network.rs", "trust/", "job/address.rs"]),
    ("mimalloc", &["main.rs"]),
    (
        "serde_json",
        &[
            "parse/",
            "read/",
            "integrity/",
            "report/",
            "export/",
            "query/",
            "store/",
            "cli/store.rs",
            "trust/",
            "audit/changes.rs",
            "audit/trail.rs",
            "ci/stream.rs",
            "expect/network.rs",
        ],
    ),
];

/// Rooms that must give the same answer to the same question: no clock, no environment, no files, no threads.
const PURE: &[&str] = &[
    "model",
    "parse",
    "observe",
    "correlate",
    "audit",
    "integrity",
    "provider",
    "text",
    "trust",
    "infer",
    "ci",
    "join",
];

/// A source longer than this wants to be two.
const MAX_LINES: usize = 400;

struct Source {
    /// The path below `src/`, or below `src/scan/`: where a room is built is not what these tests are about.
    name: String,
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// The lines of the program: no comments, and nothing from the tests at the bottom on.
    fn code(&self) -> impl Iterator<Item = &str> {
        let is_test_file = self.name.ends_with("tests.rs")
            || self.name.ends_with("chaos.rs")
            || self.name.ends_with("differential.rs");
        let program = if is_test_file { "" } else { self.text.split("#[cfg(test)]\nmod tests {").next().unwrap() };
        program.lines().filter(|line| !line.trim_start().starts_with("//"))
    }

    /// The rooms named after `crate::`, in a `use` or in a path.
    fn rooms_used(&self) -> impl Iterator<Item = &str> {
        self.code()
            .flat_map(|line| line.split("crate::").skip(1))
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
    }
}

/// The sources as modules, and which of them names which.
///
/// The door of a room, its `mod.rs`, names its own files to open them to others: a path that begins with a child of the
/// module that it stands in is not counted, nor is a `pub use`. Who uses what a door hands on uses the file behind it.
struct Modules<'s> {
    /// By path: `audit::class` for `audit/class.rs`, `audit` for `audit/mod.rs`, nothing for `lib.rs`.
    sources: BTreeMap<String, &'s Source>,
    /// Where the names come from that a `pub use` hands on.
    handed_on: BTreeMap<String, String>,
}

impl<'s> Modules<'s> {
    fn of(sources: &'s [Source]) -> Self {
        let path_of = |source: &Source| {
            let path = source.name.strip_suffix(".rs").filter(|path| *path != "main")?;
            Some(if path == "lib" { String::new() } else { path.trim_end_matches("/mod").replace('/', "::") })
        };
        let sources = sources.iter().filter_map(|source| Some((path_of(source)?, source))).collect();
        let mut modules = Self { sources, handed_on: BTreeMap::new() };
        for (module, source) in &modules.sources {
            for line in source.code().filter_map(|line| line.strip_prefix("pub use ")) {
                let mut paths = Vec::new();
                read_path(line, &[], &mut paths);
                for path in paths {
                    let name = format!("{module}::{}", path[path.len() - 1]);
                    modules.handed_on.insert(name, absolute(module, &path));
                }
            }
        }
        modules
    }

    /// Returns the module in which the last part of a path stands.
    fn owner(&self, path: &str) -> &str {
        let mut path = path;
        loop {
            if let Some((module, _)) = self.sources.get_key_value(path) {
                return module;
            }
            path = match self.handed_on.get(path) {
                Some(whole) => whole,
                None => path.rsplit_once("::").map_or("", |(above, _)| above),
            };
        }
    }

    /// Returns the modules that a module names.
    fn named_by(&self, module: &str) -> BTreeSet<&str> {
        let code: Vec<&str> = self.sources[module].code().filter(|line| !line.starts_with("pub use ")).collect();
        let code = code.join("\n");
        let mut paths = Vec::new();
        for start in ["crate::", "self::", "super::"] {
            for (at, _) in code.match_indices(start) {
                if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                    read_path(&code[at..], &[], &mut paths);
                }
            }
        }
        paths.iter().map(|path| self.owner(&absolute(module, path))).filter(|named| *named != module).collect()
    }
}

/// Reads the path at the beginning of a text; of one that ends in braces, every path in them.
fn read_path<'t>(text: &'t str, before: &[&'t str], found: &mut Vec<Vec<&'t str>>) {
    let (word, rest) = text.split_at(text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len()));
    let path = [before, &[word]].concat();
    match rest.strip_prefix("::") {
        Some(rest) if rest.starts_with('{') => {
            let list = rest[1..].split('}').next().unwrap();
            for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
                read_path(item, &path, found);
            }
        }
        Some(rest) if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') => read_path(rest, &path, found),
        _ => found.push(path),
    }
}

/// Returns a path that stands in a module as one from the crate down.
fn absolute(module: &str, path: &[&str]) -> String {
    let mut whole: Vec<&str> = if path[0] == "crate" { Vec::new() } else { module.split("::").collect() };
    for part in path {
        match *part {
            "crate" | "self" => {}
            "super" => drop(whole.pop()),
            part => whole.push(part),
        }
    }
    whole.join("::")
}

/// Returns the shortest circle of which `start` is the first module by name, if there is any.
fn circle<'m>(start: &'m str, named: &BTreeMap<&'m str, BTreeSet<&'m str>>) -> Option<Vec<&'m str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(module) = next.pop_front() {
        for to in &named[module] {
            if *to < start || came_from.contains_key(to) {
                continue;
            }
            came_from.insert(to, module);
            next.push_back(to);
            if *to == start {
                let mut circle = vec![start];
                while circle.len() < 2 || circle[circle.len() - 1] != start {
                    circle.push(came_from[circle[circle.len() - 1]]);
                }
                circle.reverse();
                return Some(circle);
            }
        }
    }
    None
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.retain(|path| !path.ends_with("Cargo.toml"));
    paths.sort();
    let name = |path: &Path| {
        let path = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        path.strip_prefix("scan/").map_or(path.clone(), str::to_owned)
    };
    paths.iter().map(|path| Source { name: name(path), text: fs::read_to_string(path).unwrap() }).collect()
}

/// Fails with every breach, not only the first.
#[track_caller]
fn none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn rooms_use_only_what_they_may() {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| source.name.contains('/')) {
        let Some((room, may)) = MAY_USE.iter().find(|(room, _)| *room == source.room()) else {
            breaches.push(format!("src/{}: its room is not in MAY_USE", source.name));
            continue;
        };
        for used in source.rooms_used().filter(|used| used != room && !may.contains(used)) {
            breaches.push(format!("src/{} may not use crate::{used}", source.name));
        }
    }
    none(&breaches);
}

/// What two rules share stands beside `rules/`. What another rule says is asked of the context.
#[test]
fn no_rule_imports_another_rule() {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| source.name.starts_with("audit/")) {
        let is_list = ["audit/mod.rs", "audit/rules/mod.rs"].contains(&source.name.as_str());
        let names_rules = |line: &str| line.contains("audit::rules") || line.contains("rules::");
        if !is_list && source.code().any(names_rules) {
            breaches.push(format!("src/{} names another rule", source.name));
        }
        let is_rule = source.name.starts_with("audit/rules/") && !is_list;
        if is_rule && source.code().any(|line| line.contains("super::super") || line.starts_with("use super::")) {
            breaches.push(format!("src/{} names its neighbors: rules import from crate::audit", source.name));
        }
    }
    none(&breaches);
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let sources = sources();
    let modules = Modules::of(&sources);
    let named: BTreeMap<&str, BTreeSet<&str>> =
        modules.sources.keys().map(|module| (module.as_str(), modules.named_by(module))).collect();
    let circles = named.keys().filter_map(|module| circle(module, &named));
    none(&circles.map(|circle| circle.join(" -> ")).collect::<Vec<_>>());
}

/// What takes any writer in the rooms that print: the exits themselves, and what prints nothing that is foreign.
const EXITS: &[&str] = &["report/screen.rs", "report/html/page.rs", "report/catalogue.rs"];

#[test]
fn what_is_printed_leaves_by_an_exit() {
    let is_printer = |source: &&Source| ["report", "query"].contains(&source.room()) && !EXITS.contains(&&*source.name);
    let mut breaches = Vec::new();
    for source in sources().iter().filter(is_printer) {
        let has = |what: &str| source.code().any(|line| line.contains(what));
        let is_safe = has("exit::through(") || has("Screen::new(") || has("csv::Line");
        if has("dyn io::Write") && !is_safe {
            breaches.push(format!("src/{} writes foreign text past text::exit and the screen", source.name));
        }
    }
    none(&breaches);
}

#[test]
fn imports_hide_no_room() {
    let mut breaches = Vec::new();
    for source in &sources() {
        for hole in ["crate::{", "super::super::super"] {
            if source.code().any(|line| line.contains(hole)) {
                breaches.push(format!("src/{}: name one room per `use`, not `{hole}`", source.name));
            }
        }
    }
    none(&breaches);
}

#[test]
fn libraries_stay_at_home() {
    let mut breaches = Vec::new();
    for source in &sources() {
        for (library, homes) in LIVES_IN {
            let path = format!("{library}::");
            let names = |line: &str| {
                line.match_indices(&path)
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
            };
            if source.code().any(names) && !homes.iter().any(|home| source.name.starts_with(home)) {
                breaches.push(format!("src/{} may not name {library}: it lives in {homes:?}", source.name));
            }
        }
    }
    none(&breaches);
}

#[test]
fn pure_rooms_ask_nobody_but_their_arguments() {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.room())) {
        for impurity in
            ["std::fs", "std::env", "std::time", "std::thread", "TcpStream", "UdpSocket", "println!", "eprintln!"]
        {
            if source.code().any(|line| line.contains(impurity)) {
                breaches.push(format!("src/{} uses {impurity}", source.name));
            }
        }
    }
    none(&breaches);
}

#[test]
fn every_source_says_what_it_is_for_and_is_not_too_long() {
    let mut breaches = Vec::new();
    for source in &sources() {
        let comment = if Path::new(&source.name).extension().is_some_and(|end| end == "css") { "/* " } else { "//! " };
        if !source.text.starts_with(comment) {
            breaches.push(format!("src/{}: line 1 says what the file is for", source.name));
        }
        let lines = source.text.lines().count();
        if MAX_LINES < lines {
            breaches.push(format!("src/{}: {lines} lines, more than {MAX_LINES}", source.name));
        }
    }
    none(&breaches);
}

#[test]
fn nothing_panics_on_purpose() {
    let mut breaches = Vec::new();
    for source in &sources() {
        for word in [".unwrap()", ".expect(\"", "panic!(", "todo!(", "unimplemented!(", "unreachable!("] {
            if source.code().any(|line| line.contains(word)) {
                breaches.push(format!("src/{}: {word}", source.name));
            }
        }
    }
    none(&breaches);
}

#[test]
fn no_field_can_hold_a_session_token() {
    let mut breaches = Vec::new();
    for source in &sources() {
        for name in ["session_token", "sessionToken", "secret_access_key", "secretAccessKey"] {
            // As a whole word of a report it is a kind of origin, and a rule speaks of how tokens are made.
            let words = [format!("\"{name}\""), format!("`{name}`"), format!("{name}_from_key")];
            let told = |line: &str| words.iter().fold(line.to_owned(), |line, word| line.replace(word, ""));
            if source.code().any(|line| told(line).contains(name)) {
                breaches.push(format!("src/{} names {name}", source.name));
            }
        }
    }
    none(&breaches);
}
