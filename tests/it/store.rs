//! Stores: whatever the nights, the machines and the order, the report is that of one run over everything.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use proptest::prelude::*;
use rolechain::model::time::Timestamp;
use rolechain::observe::Filter;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;
use rolechain::report;
use rolechain::store::Store;
use serde_json::Value;
use serde_json::json;

use crate::program::program;
use crate::support::cases;
use crate::world;

/// 2026-11-02T08:00:00Z, when worlds begin.
const START: i64 = 1_793_606_400;

/// Moves and stretches every moment of some records, so that worlds cross midnights.
fn moved(records: Vec<Value>, later: i64, stretch: i64) -> Vec<Value> {
    fn walk(value: &mut Value, later: i64, stretch: i64) {
        match value {
            Value::String(text) => {
                if let Some(time) = Timestamp::parse_iso(text) {
                    *text = Timestamp(START + later + (time.0 - START) * stretch).to_string();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, later, stretch)),
            Value::Object(fields) => fields.values_mut().for_each(|field| walk(field, later, stretch)),
            _ => {}
        }
    }
    let mut records = records;
    for record in &mut records {
        walk(record, later, stretch);
    }
    records
}

/// Writes records as objects of some records each, and returns their paths.
fn write_objects(folder: &Path, records: &[Value], size: usize) -> Vec<String> {
    let write = |(at, chunk): (usize, &[Value])| {
        let path = folder.join(format!("object-{at:03}.json"));
        fs::write(&path, json!({ "Records": chunk }).to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    records.chunks(size).enumerate().map(write).collect()
}

pub(crate) fn plan(sources: &[String], store: Option<&Path>) -> Plan {
    Plan {
        sources: sources.to_vec(),
        store: store.map(Path::to_owned),
        include_services: true,
        threads: 2,
        remembers: true,
        ..Plan::default()
    }
}

pub(crate) fn run(plan: &Plan) -> Outcome {
    pipeline::run(plan, &Silent).unwrap_or_else(|error| panic!("{error}"))
}

/// The JSON report but for what belongs to the run and to the life of findings.
pub(crate) fn told(outcome: &Outcome) -> String {
    let run = report::RunInfo::default();
    let report = report::Report {
        lineage: &outcome.lineage,
        findings: &outcome.findings,
        run: &run,
        account_names: &BTreeMap::new(),
        integrity: outcome.integrity.as_ref(),
        ci: outcome.ci.as_ref(),
    };
    let options = report::Options { include_services: true, ..report::Options::default() };
    let mut bytes = Vec::new();
    report::render(report::Format::Json, &report, &options, &mut bytes).unwrap();
    let mut report: Value = serde_json::from_slice(&bytes).unwrap();
    report["run"].take();
    // Resolved findings are not counted as open ones.
    report["summary"]["findings"].take();
    for finding in report["findings"].as_array_mut().unwrap() {
        finding["status"].take();
    }
    serde_json::to_string_pretty(&report).unwrap()
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Copies some objects under other names: the same records, delivered again, in some of them without what was asked and
/// answered.
fn delivered_again(objects: &[String], which: &[u8]) -> Vec<String> {
    let copy = |at: &u8| {
        let object = &objects[usize::from(*at) % objects.len()];
        let again = object.replace(".json", "-again.json");
        let mut text = fs::read_to_string(object).unwrap();
        if at % 2 == 1 {
            let mut log: Value = serde_json::from_str(&text).unwrap();
            for record in log["Records"].as_array_mut().unwrap() {
                record["requestParameters"] = json!({"omitted": true, "reason": "requestParameters too large"});
                record.as_object_mut().unwrap().remove("responseElements");
            }
            text = log.to_string();
        }
        fs::write(&again, text).unwrap();
        again
    };
    let mut copies: Vec<String> = which.iter().map(copy).collect();
    copies.sort();
    copies.dedup();
    copies
}

fn pick(objects: &[String], by: &[u8], of: impl Fn(u8) -> bool) -> Vec<String> {
    objects.iter().zip(by.iter().cycle()).filter(|(_, by)| of(**by)).map(|(object, _)| object.clone()).collect()
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn any_nights_in_any_order_tell_what_one_run_tells(
        happenings in world::happenings(),
        size in 1..6usize,
        nights in prop::collection::vec(0..3u8, 8),
        again in prop::collection::vec(any::<u8>(), 0..3),
        stretch in prop_oneof![Just(1i64), Just(150)],
        compacts in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        // From 23:50 on: chains cross midnight.
        let records = moved(world::records(&happenings), 57_000, stretch);
        let objects = write_objects(folder.path(), &records, size);
        let copies = delivered_again(&objects, &again);
        let mut nightly: Vec<Vec<String>> = (0..3).map(|night| pick(&objects, &nights, |of| of == night)).collect();
        nightly.push(copies.clone());
        for night in &nightly {
            run(&plan(night, Some(&store)));
            if compacts {
                Store::open(&store).unwrap().compact(None).unwrap();
            }
        }
        let everything: Vec<String> = objects.iter().chain(&copies).cloned().collect();
        let expected = told(&run(&plan(&everything, None)));
        prop_assert_eq!(&expected, &told(&run(&plan(&[text(&store)], None))));
        // Nothing is new, and nothing changes.
        prop_assert_eq!(&expected, &told(&run(&plan(&everything, Some(&store)))));
        prop_assert_eq!(&expected, &told(&run(&plan(&[], Some(&store)))));
    }

    #[test]
    fn stores_that_hold_the_same_merge_into_what_one_run_tells(
        happenings in world::happenings(),
        size in 1..6usize,
        machines in prop::collection::vec(0..4u8, 8),
        again in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let records = moved(world::records(&happenings), 57_000, 1);
        let objects = write_objects(folder.path(), &records, size);
        let copies = delivered_again(&objects, &again);
        // 0: the first machine, 1: the second, 2 and 3: both.
        let mut of_a = pick(&objects, &machines, |of| of != 1);
        let mut of_b = pick(&objects, &machines, |of| of != 0);
        of_a.extend(copies.iter().take(1).cloned());
        of_b.extend(copies.iter().skip(1).cloned());
        // A machine that reads nothing makes no store.
        prop_assume!(!of_a.is_empty() && !of_b.is_empty());
        let (a, b, c) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
        run(&plan(&of_a, Some(&a)));
        run(&plan(&of_b, Some(&b)));
        let everything: Vec<String> = objects.iter().chain(&copies).cloned().collect();
        let expected = told(&run(&plan(&everything, None)));
        prop_assert_eq!(&expected, &told(&run(&plan(&[text(&a), text(&b)], None))));
        prop_assert_eq!(&expected, &told(&run(&plan(&[text(&b), text(&a)], None))));
        let mut mixed = of_b.clone();
        mixed.push(text(&a));
        prop_assert_eq!(&expected, &told(&run(&plan(&mixed, None))));
        let unique = run(&plan(&everything, None)).lineage.observations.counts.unique;
        let added = pipeline::merge(&[text(&a), text(&b), text(&a)], &c).unwrap();
        prop_assert_eq!(added, unique);
        prop_assert_eq!(&expected, &told(&run(&plan(&[text(&c)], None))));
        // What was merged is known.
        prop_assert_eq!(&expected, &told(&run(&plan(&everything, Some(&c)))));
    }

    #[test]
    fn a_window_of_a_store_tells_what_a_run_in_that_window_tells(
        happenings in world::happenings(),
        nights in prop::collection::vec(0..2u8, 8),
        since in prop::option::of(0..5i64),
        days in prop::option::of(1..3i64),
        account in prop::option::of(0..2usize),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        let objects = write_objects(folder.path(), &moved(world::records(&happenings), 40_000, 150), 4);
        for night in 0..2 {
            run(&plan(&pick(&objects, &nights, |of| of == night), Some(&store)));
        }
        let day = |day: i64| Timestamp((START / 86_400 + day) * 86_400);
        let filter = Filter {
            since: since.map(day),
            until: days.map(|days| day(since.unwrap_or(1) + days)),
            accounts: account.map(|at| ["111111111111", "222222222222"][at].to_owned()).into_iter().collect(),
            ..Filter::default()
        };
        let direct = run(&Plan { filter: filter.clone(), ..plan(&objects, None) });
        let stored = run(&Plan { filter, ..plan(&[text(&store)], None) });
        prop_assert_eq!(told(&direct), told(&stored));
    }
}

fn some_records() -> Vec<Value> {
    let call = |number: usize| {
        json!({"eventVersion": "1.08", "eventTime": format!("2026-11-02T10:{number:02}:00Z"), "eventSource": "ec2.amazonaws.com",
            "eventName": "RunInstances", "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.1", "userAgent": "cli",
            "eventID": format!("00000000-0000-4000-8000-{number:012}"), "readOnly": false, "recipientAccountId": "111111111111",
            "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
                "arn": "arn:aws:iam::111111111111:user/ci", "accountId": "111111111111", "userName": "ci"}})
    };
    (0..10).map(call).collect()
}

fn write_object(path: &Path, records: &[Value]) -> Vec<String> {
    fs::write(path, json!({ "Records": records }).to_string()).unwrap();
    vec![text(path)]
}

#[test]
fn an_object_that_grew_is_read_again_and_told_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (store, path) = (folder.path().join("store"), folder.path().join("object.json"));
    let records = some_records();
    let sources = write_object(&path, &records[..6]);
    run(&plan(&sources, Some(&store)));
    write_object(&path, &records);
    let grown = run(&plan(&sources, Some(&store)));
    assert_eq!(told(&grown), told(&run(&plan(&sources, None))));
    assert!(grown.notices.iter().any(|notice| notice.contains("has grown")), "{:?}", grown.notices);
    assert!(run(&plan(&sources, Some(&store))).notices.is_empty());
}

#[test]
fn an_object_that_lost_records_is_a_defect_and_they_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (store, path) = (folder.path().join("store"), folder.path().join("object.json"));
    let records = some_records();
    let sources = write_object(&path, &records);
    run(&plan(&sources, Some(&store)));
    write_object(&path, &records[3..]);
    for sources in [sources.clone(), sources, Vec::new()] {
        let changed = run(&plan(&sources, Some(&store)));
        let observations = &changed.lineage.observations;
        assert_eq!(observations.counts.unique, 10);
        assert_eq!((observations.counts.objects_listed, observations.counts.defects), (1, 1));
        assert_eq!(observations.counts.records(), 17);
        assert_eq!(observations.defects[0].kind.name(), "changed");
        Store::open(&store).unwrap().compact(None).unwrap();
    }
}

#[test]
fn an_object_that_holds_again_all_that_it_held_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (store, path) = (folder.path().join("store"), folder.path().join("object.json"));
    let records = some_records();
    let sources = write_object(&path, &records);
    run(&plan(&sources, Some(&store)));
    let changed = |outcome: &Outcome| outcome.lineage.observations.counts.defects;
    let said = |outcome: &Outcome| outcome.notices.iter().any(|notice| notice.contains("again holds all"));
    for lost in [3, 6] {
        write_object(&path, &records[lost..]);
        assert!(changed(&run(&plan(&sources, Some(&store)))) > 0);
    }
    // Most of it is not all of it.
    write_object(&path, &records[1..]);
    let most = run(&plan(&sources, Some(&store)));
    assert!(changed(&most) > 0 && !said(&most));
    write_object(&path, &records);
    let whole = run(&plan(&sources, Some(&store)));
    assert_eq!((changed(&whole), said(&whole)), (0, true), "{:?}", whole.notices);
    assert_eq!(told(&whole), told(&run(&plan(&sources, None))));
    for sources in [sources, Vec::new()] {
        let after = run(&plan(&sources, Some(&store)));
        assert_eq!((told(&after), after.notices), (told(&whole), Vec::new()));
        Store::open(&store).unwrap().compact(None).unwrap();
    }
}

#[test]
fn logs_that_are_copied_anew_after_days_went_are_no_other_logs() {
    let folder = tempfile::tempdir().unwrap();
    let (store, path) = (folder.path().join("store"), folder.path().join("object.json"));
    let sources = write_object(&path, &moved(some_records(), 0, 4_000));
    run(&plan(&sources, Some(&store)));
    assert_eq!(Store::open(&store).unwrap().compact(Some(2)).unwrap().len(), 8);
    let kept = run(&plan(&[], Some(&store)));
    write_object(&path, &moved(some_records(), 0, 4_000));
    let again = run(&plan(&sources, Some(&store)));
    assert_eq!((told(&again), again.notices), (told(&kept), Vec::new()));
}

#[test]
fn a_report_shows_the_window_that_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let (store, path) = (folder.path().join("store"), folder.path().join("object.json"));
    // From 2026-11-02 on, one every two or three days.
    let sources = write_object(&path, &moved(some_records(), -28_800_000, 4_000));
    run(&plan(&sources, Some(&store)));
    let audit = |more: &[&str]| {
        let mut command = program();
        command.args(["audit", &text(&store), "--no-expectations"]).args(more).env_remove("ROLECHAIN_STORE");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let window = ["--since", "2026-11-05T15:00:00Z", "--until", "2026-11-09T00:00:01Z"];
    let (since, until) = ("2026-11-05T00:00:00Z", "2026-11-10T00:00:00Z");
    let report: Value = serde_json::from_str(&audit(&[&window[..], &["--format", "json"]].concat())).unwrap();
    assert_eq!(report["run"]["window"], json!({"since": since, "until": until}));
    for format in ["table", "markdown", "html"] {
        let report = audit(&[&window[..], &["--format", format]].concat());
        assert!(
            report.contains("2026-11-05 00:00 to 2026-11-10 00:00") && !report.contains("2026-11-05 15:00"),
            "{format}: {report}"
        );
    }
    // Of days that went nothing is reported.
    Store::open(&store).unwrap().compact(Some(2)).unwrap();
    let kept = rolechain::store::status(&rolechain::store::View::open(&store).unwrap()).unwrap().kept_since.unwrap();
    for more in [&[][..], &["--since", "2026-11-03"]] {
        let report: Value = serde_json::from_str(&audit(&[&["--format", "json"][..], more].concat())).unwrap();
        assert_eq!(report["run"]["window"], json!({"since": format!("{kept}T00:00:00Z"), "until": null}));
    }
}

#[test]
fn what_could_not_be_read_is_tried_again_and_what_is_broken_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let broken = folder.path().join("broken.json.gz");
    fs::write(&broken, b"\x1f\x8b\x08\x00broken").unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    // A link to nowhere cannot be read; the next night it can.
    let link = logs.join("object.json");
    std::os::unix::fs::symlink(folder.path().join("missing.json"), &link).unwrap();
    let sources = [text(&logs), text(&broken)];
    let first = run(&plan(&sources, Some(&store)));
    assert_eq!(told(&first), told(&run(&plan(&sources, None))));
    assert_eq!(first.lineage.observations.counts.defects, 2);
    write_object(&folder.path().join("missing.json"), &some_records());
    let second = run(&plan(&sources, Some(&store)));
    assert_eq!(told(&second), told(&run(&plan(&sources, None))));
    assert_eq!(second.lineage.observations.counts.defects, 1);
    let before = fs::read_to_string(store.join("manifest.json")).unwrap();
    run(&plan(&sources, Some(&store)));
    assert_eq!(before, fs::read_to_string(store.join("manifest.json")).unwrap(), "nothing new was committed");
}

#[test]
fn the_schema_in_the_docs_is_that_of_the_code() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/store.md");
    let page = fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- schema: begin -->\n", "<!-- schema: end -->");
    let (head, rest) = page.split_once(begin).unwrap();
    let (_, tail) = rest.split_once(end).unwrap();
    let expected = format!("{head}{begin}\n{}{end}{tail}", rolechain::store::schema_markdown());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    assert!(page == expected || std::env::var_os("UPDATE_EXPECT").is_some(), "run with UPDATE_EXPECT=1");
}

#[test]
fn what_was_set_aside_is_said_in_every_later_night_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let write = |name: &str, lines: &[&str]| {
        let path = folder.path().join(name);
        fs::write(&path, lines.join("\n")).unwrap();
        text(&path)
    };
    let record = r#"{"eventName":"ListBuckets","eventSource":"s3.amazonaws.com","eventID":"a"}"#;
    let other = r#"{"detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","detail":{}}"#;
    let control =
        r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE: Checking health"}]}"#;
    let nights = [
        vec![write("a.jsonl", &[record, other, other])],
        vec![write("b.jsonl", &[other, record, control]), write("readme.txt", &["no log"])],
    ];
    let mut all = Vec::new();
    for night in nights {
        all.extend(night);
        let told_by_store = told(&run(&plan(&all, Some(&store))));
        assert_eq!(told(&run(&plan(&all, None))), told_by_store);
        assert_eq!(told(&run(&plan(&[text(&store)], None))), told_by_store);
    }
    let outcome = run(&plan(&[text(&store)], None));
    let aside: Vec<_> = outcome.lineage.observations.set_aside.values().map(|of| (of.records, of.objects)).collect();
    assert_eq!(aside, [(1, 1), (3, 2)], "{:?}", outcome.lineage.observations.set_aside);
    let store = Store::open(&store).unwrap().compact(None);
    assert!(store.is_ok());
    assert_eq!(told(&outcome), told(&run(&plan(&[text(&folder.path().join("store"))], None))));
}
