//! `rolechain trace` finds whatever any report prints an id of.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use regex_lite::Regex;
use rolechain::job;
use rolechain::job::Audited;
use rolechain::job::Job;
use rolechain::model::time::Timestamp;
use rolechain::pipeline::Silent;
use rolechain::report;
use rolechain::report::Format;
use rolechain::report::Options;
use rolechain::report::found::Thing;
use rolechain::report::who;

use crate::program::NOW;
use crate::program::program;

fn audited(sources: &[&str]) -> Audited {
    let clock = || Timestamp::parse_iso(NOW).unwrap();
    let job = Job::over(sources.iter().copied()).clock(clock).expectations("sample-logs/rolechain.toml").unwrap();
    job.audit(&Silent).unwrap()
}

/// Every way in which something is printed.
fn printed(audited: &mut Audited) -> Vec<(String, String)> {
    let options = Options { include_services: true, width: 140, ..Options::default() };
    let mut all = Vec::new();
    let mut print = |name: &str, render: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        render(&mut out);
        all.push((name.to_owned(), String::from_utf8(out).unwrap()));
    };
    let report = audited.report();
    for format in Format::ALL {
        print(format.name(), &|out| report::render(format, &report, &options, out).unwrap());
    }
    print("chains", &|out| report::chains::table(&report, &options, out).unwrap());
    print("trees", &|out| report::chains::trees(&report, &options, out).unwrap());
    let asked = who::Asked::default();
    print("who", &|out| who::table(&report, &asked, &options, out).unwrap());
    print("who json", &|out| who::json(&report, &asked, &options, out).unwrap());
    all
}

/// What others have chosen and may hold something like the id of an event.
fn foreign(lineage: &rolechain::model::lineage::Lineage) -> BTreeSet<&str> {
    let records = &lineage.observations.assumptions;
    let chosen = records.iter().flat_map(|record| [record.external_id, record.session_name]);
    chosen.filter_map(|text| lineage.opt(text)).collect()
}

#[test]
fn every_id_of_every_format_is_found_by_itself_and_by_its_beginning() {
    let mut audited = audited(&["sample-logs"]);
    let ids = Regex::new(concat!(
        r"(?:ch|rt)-[0-9a-f]{16}|rc1:[0-9a-f]{32}|A(?:KIA|SIA)[A-Z0-9]{16}|",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|runs/\d+|",
        r"\b(?:198\.51\.100|192\.0\.2|203\.0\.113)\.\d+\b"
    ));
    let ids = ids.unwrap();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in printed(&mut audited) {
        for id in ids.find_iter(&text) {
            found.entry(id.as_str().trim_start_matches("runs/").to_owned()).or_insert(name.clone());
        }
    }
    let foreign = foreign(&audited.outcome.lineage);
    found.retain(|id, _| !foreign.iter().any(|text| text.contains(id.as_str())));
    for (beginning, least) in
        [("ch-", 80), ("rt-", 40), ("rc1:", 40), ("AKIA", 4), ("ASIA", 80), ("19", 40), ("198.51", 4)]
    {
        let number = found.keys().filter(|id| id.starts_with(beginning)).count();
        assert!(number >= least, "only {number} begin with {beginning}");
    }
    let mut lost = Vec::new();
    for (id, name) in &found {
        match job::trace(&audited, id) {
            Ok(traced) if traced.id == *id && !traced.things.is_empty() => {
                let mut out = Vec::new();
                report::trace::write(&audited.report(), &traced, &Options::default(), &mut out).unwrap();
                let told = String::from_utf8(out).unwrap();
                assert!(told.contains("expected? "), "{id}\n{told}");
            }
            Ok(traced) => lost.push(format!("{id} ({name}) is taken for {traced:?}")),
            Err(error) => lost.push(format!("{id} ({name}): {error}")),
        }
        // Two thirds of an id belong to nothing else here.
        let beginning = &id[..id.len() * 2 / 3];
        let others = found.keys().filter(|other| other.starts_with(beginning)).count();
        if others == 1 && id.len() > 12 && !id.starts_with("19") && !id.contains('.') {
            match job::trace(&audited, beginning) {
                Ok(traced) => assert_eq!(traced.id, *id),
                Err(error) => lost.push(format!("{beginning} of {id}: {error}")),
            }
        }
    }
    assert!(lost.is_empty(), "{} of {} ids are lost: {lost:#?}", lost.len(), found.len());
}

#[test]
fn an_id_is_taken_for_what_is_nearest_to_it() {
    let audited = audited(&["sample-logs"]);
    let thing = |id: &str| job::trace(&audited, id).unwrap().things[0];
    assert!(matches!(thing("ch-b2049480b072b364"), Thing::Session(_)));
    assert!(matches!(thing("AKIATHPL2AOHHSFNXHMJ"), Thing::Key(_)));
    assert!(matches!(thing("rt-410d9f1708af360c"), Thing::Route(_)));
    assert!(matches!(thing("rc1:914c71c070f6b859d8a3649e720eb55e"), Thing::Finding(_)));
    assert!(matches!(thing("69981b7f-165a-421c-b228-25f58b8cf406"), Thing::Denied(_)));
    // The event that issued a session stands for that session, not for the one that asked for it.
    let issued = job::trace(&audited, "0e627233-b5da-4a64-965e-a33e4e499ac2").unwrap().things;
    assert_eq!(issued, job::trace(&audited, "ch-b2049480b072b364").unwrap().things);
    // A masked key is found by its end.
    assert!(matches!(thing("****************XHMJ"), Thing::Key(_)));
}

#[track_caller]
fn trace(args: &[&str], code: i32) -> (String, String) {
    let output = program()
        .arg("trace")
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{stdout}\n{stderr}");
    (stdout, stderr)
}

#[test]
fn the_answer_is_the_last_word() {
    let answer = |id: &str, story: &str| {
        let (shown, _) = trace(&[id, story], 0);
        shown.split("expected? ").nth(1).unwrap_or_else(|| panic!("{shown}")).to_owned()
    };
    let answer_of = answer("ch-b2049480b072b364", "sample-logs/15-cross-repo");
    assert!(answer_of.starts_with("no: CRITICAL cross-repo-deploy: acme/docs came to"), "{answer_of}");
    assert!(answer_of.contains("rolechain explain cross-repo-deploy"), "{answer_of}");
    assert!(answer("ch-cd33607840e0536f", "sample-logs/15-cross-repo").starts_with("yes: "));
    assert!(answer("ch-bf6680f355547225", "sample-logs").starts_with("no: HIGH "));
    let unknown = answer("ch-59af419eb1b09a19", "sample-logs/12-denied");
    assert!(unknown.starts_with("unknown: nothing found, and the expectations do not say who may enter"), "{unknown}");
    let (bare, _) = trace(&["ch-b2049480b072b364", "sample-logs/15-cross-repo", "--no-expectations"], 0);
    assert!(!bare.contains("expected? yes"), "{bare}");
    // Whoever lists chains without judging them says nothing of it.
    let output = program()
        .args(["chains", "sample-logs/15-cross-repo", "--tree"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    assert!(!String::from_utf8(output.unwrap().stdout).unwrap().contains("expected?"));
    // Less was read than there is.
    assert!(trace(&["ch-b2049480b072b364", "sample-logs"], 0).0.contains("PARTIAL: 3 objects not read"));
}

#[test]
fn what_is_no_id_is_said_with_a_way_on() {
    let (_, error) = trace(&["ch-1", "sample-logs"], 2);
    assert!(error.contains("several ids begin with ch-1") && error.contains("more\n"), "{error}");
    let (_, error) = trace(&["prod", "sample-logs"], 2);
    assert!(error.contains("rolechain who prod sample-logs`"), "{error}");
    let (_, error) = trace(&["c", "sample-logs"], 2);
    assert!(error.contains("too short") && error.contains("rolechain who '*' sample-logs`"), "{error}");
    let (_, error) = trace(&["no-such-thing", "sample-logs"], 3);
    assert!(error.contains("nothing in these logs is called no-such-thing"), "{error}");
    for command in ["trace", "who"] {
        let output = program()
            .args([command, "sample-logs", "ch-b2049480b072b364"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output();
        let error = String::from_utf8(output.unwrap().stderr).unwrap();
        assert!(error.contains(&format!("rolechain {command} ch-b2049480b072b364 sample-logs")), "{error}");
    }
}
