//! Tables as SQL engines make them: raw JSON where parsing is needed, and text for moments. Made here from made-up
//! worlds, by a second reading of what `queries/` says, they give the report of the direct scan.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rolechain::frame::Column;
use rolechain::frame::Kind;
use rolechain::frame::ParquetFile;
use rolechain::frame::Table;
use rolechain::frame::Value as Cell;
use rolechain::model::assumption::IssuingCall;
use rolechain::model::record::Record;
use rolechain::parse;
use rolechain::pipeline;
use rolechain::pipeline::Silent;
use serde_json::Value;
use serde_json::json;

use crate::store::plan;
use crate::store::run;
use crate::store::told;
use crate::support::cases;
use crate::world;

/// One log file: its name, its size, and its records.
struct Object {
    name: String,
    bytes: u64,
    records: Vec<Value>,
}

/// Writes records as objects of some records each; the first of them once more, under a name of its own.
fn objects(folder: &Path, records: &[Value], size: usize, again: bool) -> Vec<Object> {
    let mut chunks: Vec<(String, &[Value])> =
        records.chunks(size).enumerate().map(|(at, chunk)| (format!("object-{at:03}.json"), chunk)).collect();
    if again && let Some(chunk) = chunks.first().map(|(_, chunk)| *chunk) {
        chunks.push(("again.json".to_owned(), chunk));
    }
    let write = |(name, chunk): &(String, &[Value])| {
        let path = folder.join(name);
        let text = json!({ "Records": chunk }).to_string();
        fs::write(&path, &text).unwrap();
        let bytes = u64::try_from(text.len()).unwrap();
        Object { name: path.to_str().unwrap().to_owned(), bytes, records: chunk.to_vec() }
    };
    chunks.iter().map(write).collect()
}

fn said<'r>(record: &'r Value, field: &str) -> Option<&'r str> {
    record[field].as_str()
}

/// The JSON of a part, as an engine hands it on: without the session token.
fn raw(record: &Value, field: &str) -> Option<String> {
    let mut part = record.get(field)?.clone();
    if let Some(token) = part.pointer_mut("/credentials/sessionToken") {
        *token = json!("");
    }
    (!part.is_null()).then(|| part.to_string())
}

fn is_assumption(record: &Value) -> bool {
    let named = (said(record, "eventSource").unwrap(), said(record, "eventName").unwrap());
    IssuingCall::ALL.into_iter().any(|call| call.event() == named)
}

fn is_change(record: &Value) -> bool {
    said(record, "eventName") == Some("CreateAccessKey")
}

/// The key of `principals`: any text that is the same for the same identity.
fn principal(record: &Value) -> String {
    format!("{}{}", record["sessionCredentialFromConsole"], record["userIdentity"])
}

fn day(record: &Value) -> String {
    said(record, "eventTime").unwrap()[..10].to_owned()
}

type Row = Vec<Option<String>>;

/// Rows of text by table and day.
#[derive(Default)]
struct Tables {
    rows: BTreeMap<(&'static str, Option<String>), Vec<Row>>,
}

impl Tables {
    fn push(&mut self, table: &'static str, day: Option<String>, row: Row) {
        self.rows.entry((table, day)).or_default().push(row);
    }

    /// Writes the tables as an engine would: a folder for each day, files without an ending.
    fn write(&self, root: &Path) {
        for ((name, day), rows) in &self.rows {
            let table = TABLES.iter().find(|table| table.name == *name).unwrap();
            let folder = match day {
                Some(day) => root.join(name).join(format!("dt={day}")),
                None => root.join(name),
            };
            fs::create_dir_all(&folder).unwrap();
            fs::write(root.join(name).join("_SUCCESS"), "").unwrap();
            let mut file = ParquetFile::create(&folder.join("20261102_080000_00007_made_by_an_engine"), table).unwrap();
            for row in rows {
                let cell = |(column, text): (&Column, &Option<String>)| match (column.kind, text) {
                    (_, None) => OwnedCell::Null,
                    (Kind::Integer, Some(text)) => OwnedCell::Integer(text.parse().unwrap()),
                    (Kind::Boolean, Some(text)) => OwnedCell::Boolean(text == "true"),
                    (_, Some(text)) => OwnedCell::Text(text.clone()),
                };
                let cells: Vec<OwnedCell> = table.columns.iter().zip(row).map(cell).collect();
                file.push(&cells.iter().map(OwnedCell::lend).collect::<Vec<_>>()).unwrap();
            }
            file.finish().unwrap();
        }
    }
}

enum OwnedCell {
    Null,
    Text(String),
    Integer(i64),
    Boolean(bool),
}

impl OwnedCell {
    fn lend(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Text(text) => Cell::from(text.as_str()),
            Self::Integer(number) => Cell::Integer(*number),
            Self::Boolean(truth) => Cell::Boolean(*truth),
        }
    }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text, doc: "" }
}

const fn number(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer, doc: "" }
}

const fn truth(name: &'static str) -> Column {
    Column { name, kind: Kind::Boolean, doc: "" }
}

/// The tables as the queries make them: all moments are text.
static TABLES: &[Table] = &[
    Table { name: "principals", doc: "", columns: &[text("principal"), truth("from_console"), text("user_identity")] },
    Table {
        name: "assumptions",
        doc: "",
        columns: &[
            text("event_id"),
            text("shared_event_id"),
            text("request_id"),
            text("event_name"),
            text("event_time"),
            text("region"),
            text("account_id"),
            text("principal"),
            text("source_ip"),
            text("user_agent"),
            text("error_code"),
            text("error_message"),
            text("object"),
            number("record_index"),
            text("request_parameters"),
            text("response_elements"),
            text("additional_event_data"),
            text("resources"),
        ],
    },
    Table {
        name: "changes",
        doc: "",
        columns: &[
            text("event_id"),
            text("event_time"),
            text("event_source"),
            text("event_name"),
            text("region"),
            text("account_id"),
            text("principal"),
            text("error_code"),
            text("user_agent"),
            text("object"),
            text("request_parameters"),
        ],
    },
    Table {
        name: "activity",
        doc: "",
        columns: &[
            text("account_id"),
            text("region"),
            text("principal"),
            text("event_source"),
            text("event_name"),
            truth("read_only"),
            text("error_code"),
            number("event_count"),
            text("first_time"),
            text("first_event_id"),
            text("first_object"),
            text("last_time"),
            text("last_event_id"),
            text("last_object"),
        ],
    },
    Table {
        name: "contacts",
        doc: "",
        columns: &[
            text("account_id"),
            text("region"),
            text("principal"),
            text("source_ip"),
            text("user_agent"),
            truth("via_vpc_endpoint"),
            number("event_count"),
            text("first_time"),
            text("first_event_id"),
            text("first_object"),
            text("last_time"),
            text("last_event_id"),
            text("last_object"),
        ],
    },
    Table {
        name: "coverage",
        doc: "",
        columns: &[
            text("account_id"),
            text("region"),
            number("records"),
            number("read_only_records"),
            number("sts_records"),
            text("first_event"),
            text("last_event"),
        ],
    },
    Table {
        name: "objects",
        doc: "",
        columns: &[
            text("object"),
            number("size"),
            text("state"),
            text("kind"),
            number("stored_bytes"),
            number("inflated_bytes"),
            number("unique_records"),
            number("duplicate_records"),
            number("malformed_records"),
            number("unsupported_records"),
            number("defects"),
        ],
    },
];

/// Makes the tables as the queries do.
fn tables(objects: &[Object]) -> Tables {
    let mut tables = Tables::default();
    let mut principals = BTreeSet::new();
    // Every record once, in the object that comes first by name.
    let mut events: BTreeMap<String, (&Value, &str)> = BTreeMap::new();
    for object in objects {
        for (index, record) in object.records.iter().enumerate() {
            let own = |field| said(record, field).map(str::to_owned);
            let day = day(record);
            if principals.insert((principal(record), day.clone())) {
                let from_console = said(record, "sessionCredentialFromConsole") == Some("true");
                let row = vec![Some(principal(record)), Some(from_console.to_string()), raw(record, "userIdentity")];
                tables.push("principals", Some(day.clone()), row);
            }
            if is_assumption(record) {
                let fields = ["eventID", "sharedEventID", "requestID", "eventName", "eventTime", "awsRegion"];
                let mut row: Vec<_> = fields.map(own).to_vec();
                row.extend([own("recipientAccountId"), Some(principal(record))]);
                row.extend(["sourceIPAddress", "userAgent", "errorCode", "errorMessage"].map(own));
                row.extend([Some(object.name.clone()), Some(index.to_string())]);
                let parts = ["requestParameters", "responseElements", "additionalEventData", "resources"];
                row.extend(parts.map(|field| raw(record, field)));
                tables.push("assumptions", Some(day.clone()), row);
            } else if is_change(record) {
                let fields = ["eventID", "eventTime", "eventSource", "eventName", "awsRegion", "recipientAccountId"];
                let mut row: Vec<_> = fields.map(own).to_vec();
                row.extend([Some(principal(record)), own("errorCode"), own("userAgent"), Some(object.name.clone())]);
                row.push(raw(record, "requestParameters"));
                tables.push("changes", Some(day), row);
            }
            let mut whole = record.clone();
            if let Some(fields) = whole.as_object_mut() {
                // Which parts do not tell records with an id apart.
                fields
                    .retain(|name, _| !matches!(name.as_str(), "requestParameters" | "responseElements" | "requestID"));
            }
            let held = events.entry(whole.to_string()).or_insert((record, &object.name));
            held.1 = held.1.min(&object.name);
        }
    }
    tallies(&mut tables, &events);
    for object in objects {
        let unique = events.values().filter(|(_, name)| *name == object.name).count();
        let fields = [object.bytes, object.bytes, object.bytes].map(|bytes| Some(bytes.to_string()));
        let [size, stored, inflated] = fields;
        let mut row = vec![Some(object.name.clone()), size, Some("read".to_owned()), Some("records".to_owned())];
        row.extend([stored, inflated]);
        let counts = [unique, object.records.len() - unique, 0, 0, 0];
        row.extend(counts.map(|count| Some(count.to_string())));
        tables.push("objects", None, row);
    }
    tables
}

/// Counts events by day and by what the tables tell apart, and finds the earliest and the latest.
fn tallies(tables: &mut Tables, events: &BTreeMap<String, (&Value, &str)>) {
    type Spans = BTreeMap<(&'static str, String, Row), BTreeSet<(String, String, String)>>;
    type Cells<'r> = BTreeMap<(String, Option<String>, Option<String>), Vec<&'r Value>>;
    let mut spans = Spans::new();
    let mut cells = Cells::new();
    for (record, object) in events.values() {
        let own = |field| said(record, field).map(str::to_owned);
        let mark = (own("eventTime").unwrap(), own("eventID").unwrap(), (*object).to_owned());
        let who = [own("recipientAccountId"), own("awsRegion"), Some(principal(record))];
        let read_only = record["readOnly"].as_bool().map(|flag| flag.to_string());
        if !is_assumption(record) {
            let mut key = who.to_vec();
            key.extend([own("eventSource"), own("eventName"), read_only, own("errorCode")]);
            spans.entry(("activity", day(record), key)).or_default().insert(mark.clone());
        }
        let mut key = who.to_vec();
        key.extend([own("sourceIPAddress"), own("userAgent"), Some("false".to_owned())]);
        spans.entry(("contacts", day(record), key)).or_default().insert(mark);
        cells.entry((day(record), own("recipientAccountId"), own("awsRegion"))).or_default().push(record);
    }
    for ((table, day, key), marks) in spans {
        let mut row = key;
        row.push(Some(marks.len().to_string()));
        for mark in [marks.first().unwrap(), marks.last().unwrap()] {
            row.extend([&mark.0, &mark.1, &mark.2].map(|part| Some(part.clone())));
        }
        tables.push(table, Some(day), row);
    }
    for ((day, account, region), records) in cells {
        let count =
            |test: &dyn Fn(&Value) -> bool| Some(records.iter().filter(|record| test(record)).count().to_string());
        let times: BTreeSet<&str> = records.iter().filter_map(|record| said(record, "eventTime")).collect();
        let row = vec![
            account,
            region,
            count(&|_| true),
            count(&|record| record["readOnly"] == json!(true)),
            count(&|record| said(record, "eventSource") == Some("sts.amazonaws.com")),
            times.first().map(|time| (*time).to_owned()),
            times.last().map(|time| (*time).to_owned()),
        ];
        tables.push("coverage", Some(day), row);
    }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn what_an_engine_made_tells_what_the_scan_tells(
        happenings in world::happenings(),
        size in 1..8usize,
        again in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("observations");
        let objects = objects(folder.path(), &world::records(&happenings), size, again);
        tables(&objects).write(&root);
        for table in ["assumptions", "activity", "principals"] {
            fs::create_dir_all(root.join(table)).unwrap();
        }
        let names: Vec<String> = objects.iter().map(|object| object.name.clone()).collect();
        let direct = told(&run(&plan(&names, None)));
        let engine = told(&run(&plan(&[root.to_str().unwrap().to_owned()], None)));
        prop_assert_eq!(engine, direct);
    }
}

#[test]
fn a_refused_token_names_its_subject_by_the_caller() {
    let provider = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com";
    let subject = "repo:evil/orders:pull_request";
    let record = json!({"eventVersion": "1.11", "eventTime": "2026-11-02T08:00:00Z", "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRoleWithWebIdentity", "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7",
        "userAgent": "x", "eventID": "4bd2a6f6-dddc-49e6-ba7d-08f73e809e64", "readOnly": true,
        "recipientAccountId": "222222222222", "errorCode": "AccessDenied", "errorMessage": "Not authorized",
        "requestParameters": {"roleArn": "arn:aws:iam::222222222222:role/deploy", "roleSessionName": "x"},
        "responseElements": null, "userIdentity": {"type": "WebIdentityUser", "identityProvider": provider,
        "principalId": format!("{provider}:sts.amazonaws.com:{subject}"), "userName": subject}});
    let folder = tempfile::tempdir().unwrap();
    let objects = objects(folder.path(), &[record], 1, false);
    let root = folder.path().join("observations");
    tables(&objects).write(&root);
    fs::create_dir(root.join("activity")).unwrap();
    let engine = run(&plan(&[root.to_str().unwrap().to_owned()], None));
    let observations = &engine.lineage.observations;
    // Only the caller's name holds these: the response is null.
    let read = observations.assumptions.first().unwrap();
    assert_eq!(observations.symbols.opt(read.audience), Some("sts.amazonaws.com"));
    assert_eq!(observations.symbols.opt(read.subject), Some(subject));
    assert_eq!(told(&engine), told(&run(&plan(&[objects[0].name.clone()], None))));
}

fn made(folder: &Path) -> (Vec<Object>, String) {
    use world::Happening::Assume;
    use world::Happening::Call;
    let happenings = [
        Assume { by: 0, role: 3, at: 1, key: 1, copies: 3, external_id: true },
        Call { by: 1, at: 5, action: 1, shape: 0 },
    ];
    let objects = objects(folder, &world::records(&happenings), 1, false);
    let root = folder.join("observations");
    tables(&objects).write(&root);
    (objects, root.to_str().unwrap().to_owned())
}

#[test]
fn mixed_with_its_own_logs_it_says_that_they_count_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (objects, root) = made(folder.path());
    let unread = objects[0].name.replace("object-000", "object-999");
    fs::copy(&objects[0].name, &unread).unwrap();
    let outcome = pipeline::run(&plan(&[root, unread], None), &Silent).unwrap();
    let notices = outcome.notices.join("\n");
    assert!(notices.contains("counts twice"), "{notices}");
}

#[test]
fn a_row_that_names_nobody_is_an_error_with_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (_, root) = made(folder.path());
    fs::remove_dir_all(Path::new(&root).join("principals")).unwrap();
    fs::create_dir(Path::new(&root).join("principals")).unwrap();
    let error = pipeline::run(&plan(&[root], None), &Silent).unwrap_err().to_string();
    assert!(error.contains("assumptions") && error.contains("principals"), "{error}");
}

#[test]
fn a_column_that_is_missing_or_of_another_kind_is_an_error_with_the_file_and_the_column() {
    let folder = tempfile::tempdir().unwrap();
    let (_, root) = made(folder.path());
    let who = || vec![text("account_id"), text("region"), text("principal")];
    for (table, columns, what) in [
        ("activity", who(), "it has no column `event_count`"),
        ("activity", [who(), vec![text("event_count")]].concat(), "column `event_count` holds str, not integer"),
        (
            "assumptions",
            vec![text("request_parameters"), number("event_time")],
            "column `event_time` holds i64, not timestamp",
        ),
        ("assumptions", vec![text("request_parameters"), text("event_name")], "it has no column `object`"),
        ("coverage", vec![text("region")], "it has no column `records`"),
        ("objects", vec![text("object"), number("size"), text("state")], "column `state` cannot be `x`"),
    ] {
        let broken = folder.path().join("broken");
        let file = broken.join(table).join("dt=2026-11-02").join("part");
        for entry in walk(Path::new(&root)) {
            let copy = broken.join(entry.strip_prefix(&root).unwrap());
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(&entry, copy).unwrap();
        }
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let columns: &'static [Column] = columns.leak();
        let declared = Box::leak(Box::new(Table { name: table, doc: "", columns }));
        let mut written = ParquetFile::create(&file, declared).unwrap();
        let cell = |column: &Column| if column.kind == Kind::Text { Cell::from("x") } else { Cell::Integer(1) };
        written.push(&columns.iter().map(cell).collect::<Vec<_>>()).unwrap();
        written.finish().unwrap();
        let error = pipeline::run(&plan(&[broken.to_str().unwrap().to_owned()], None), &Silent).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(file.to_str().unwrap()) && error.contains(what), "{what}: {error}");
        fs::remove_dir_all(&broken).unwrap();
    }
}

/// Returns the files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn the_queries_name_the_calls_that_the_scan_looks_for() {
    for file in ["queries/athena/records.sql", "queries/spark/records.sql"] {
        let sql = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let part = |end: &str| {
            let head = sql.split(end).next().unwrap();
            head.rsplit("CASE").next().unwrap().to_owned()
        };
        let is_name = |quoted: &&str| quoted.starts_with(char::is_uppercase);
        let names = |part: &str| part.split('\'').skip(1).step_by(2).filter(is_name).map(str::to_owned).collect();
        let assumptions: BTreeSet<String> = names(&part("AS is_assumption"));
        let expected: BTreeSet<String> =
            IssuingCall::ALL.into_iter().map(|call| call.event_name().to_owned()).collect();
        assert_eq!(assumptions, expected, "{file}");
        let mut source = "";
        let mut changes = 0;
        let part = part("AS is_change");
        for quoted in part.split('\'').skip(1).step_by(2) {
            if quoted.ends_with(".amazonaws.com") {
                source = quoted;
            } else if is_name(&quoted) {
                let record =
                    Record { event_source: Some(source.into()), event_name: Some(quoted.into()), ..Record::default() };
                assert!(parse::is_change(&record), "{file}: {source} {quoted}");
                changes += 1;
            }
        }
        assert_eq!(changes, parse::change_calls().count(), "{file} leaves some out");
    }
}
