//! `rolechain export`: the tables say what the JSON report says, hostile text stays text, and nobody sees half of one.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use crate::program::program;
use expect_test::expect_file;
use rolechain::export::page;
use rolechain::export::tables::TABLES;
use rolechain::frame;
use rolechain::frame::Kind;
use serde_json::Value;
use serde_json::json;

fn rolechain(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

fn command(args: &[&str]) -> Command {
    let mut command = program();
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("COLUMNS", "100").env("NO_COLOR", "1");
    command
}

#[track_caller]
fn export(source: &str, to: &Path, more: &[&str]) {
    let output = rolechain(&[&["export", source, "--to", to.to_str().unwrap(), "--no-progress"], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn refused(args: &[&str]) -> String {
    let output = rolechain(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

fn report(source: &str) -> Value {
    let output = rolechain(&["audit", source, "--format", "json", "--no-progress", "--persona", "auditor"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Rows of a table as texts, by column; null is `None`.
type Row = BTreeMap<&'static str, Option<String>>;

/// Reads Parquet files of a table with the reader of `frame`.
fn parquet(name: &str, files: &[std::path::PathBuf]) -> Vec<Row> {
    let shape = TABLES.iter().find(|shape| shape.table.name == name).unwrap();
    let mut rows = Vec::new();
    for file in files {
        let read = frame::read(file, shape.table.columns).unwrap();
        for row in 0..read.len() {
            let cell = |(at, column): (usize, &frame::Column)| {
                let value = match read.value(row, at) {
                    frame::Value::Null => None,
                    frame::Value::Text(text) => Some(text.into_owned()),
                    frame::Value::Integer(number) => Some(number.to_string()),
                    frame::Value::Moment(time) => Some(time.to_string()),
                    frame::Value::Boolean(truth) => Some(truth.to_string()),
                };
                (column.name, value)
            };
            rows.push(shape.table.columns.iter().enumerate().map(cell).collect());
        }
    }
    rows
}

fn table(folder: &Path, name: &str) -> Vec<Row> {
    parquet(name, &[folder.join(format!("{name}.parquet"))])
}

/// Splits CSV by RFC 4180; `None` for cells without a character, not even quotes.
fn csv(text: &str) -> Vec<Vec<Option<String>>> {
    let mut rows = vec![Vec::new()];
    let mut chars = text.chars().peekable();
    let mut cell = String::new();
    let mut is_quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                is_quoted = true;
                loop {
                    match chars.next().expect("a quoted cell ends") {
                        '"' if chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
                        '"' => break,
                        other => cell.push(other),
                    }
                }
            }
            ',' | '\r' => {
                let text = std::mem::take(&mut cell);
                rows.last_mut().unwrap().push((is_quoted || !text.is_empty()).then_some(text));
                is_quoted = false;
                if c == '\r' {
                    assert_eq!(chars.next(), Some('\n'));
                    rows.push(Vec::new());
                }
            }
            '\n' => panic!("a bare line feed outside of quotes"),
            other => cell.push(other),
        }
    }
    assert_eq!(rows.pop(), Some(Vec::new()), "the last line ends with CRLF");
    rows
}

#[test]
fn the_documentation_of_the_tables_is_up_to_date() {
    expect_file!["../../docs/schema.md"].assert_eq(&page::schema());
}

#[test]
fn names_are_regular_and_keys_and_joins_name_columns() {
    for shape in TABLES {
        let columns: BTreeSet<&str> = shape.table.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns.len(), shape.table.columns.len(), "{}: a column comes twice", shape.table.name);
        for column in shape.table.columns {
            assert!(column.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", column.name);
            assert!(column.doc.ends_with('.'), "{}.{}", shape.table.name, column.name);
        }
        assert!(shape.key.iter().all(|key| columns.contains(key)), "{}", shape.table.name);
        let day = shape.table.columns.iter().find(|column| column.name == shape.day).unwrap();
        assert_eq!(day.kind, Kind::Moment);
        for (column, other) in shape.joins {
            let (table, key) = other.split_once('.').unwrap();
            let target = TABLES.iter().find(|shape| shape.table.name == table).unwrap();
            assert!(columns.contains(column) && target.key.contains(&key), "{column} = {other}");
        }
    }
}

/// Tables that are lists of the report, and where the report says what a column says.
const MIRRORED: &[(&str, &[(&str, &str)])] = &[
    (
        "chains",
        &[
            ("chain_id", "/id"),
            ("route_id", "/route_id"),
            ("origin_kind", "/origin/kind"),
            ("origin_subject", "/origin/subject"),
            ("origin_access_key_id", "/origin/access_key_id"),
            ("repository", "/origin/subject_parts/repository"),
            ("started_at", "/hops/0/event_time"),
            ("calls", "/activity/calls"),
            ("writes", "/activity/writes"),
            ("errors", "/activity/errors"),
            ("last_event", "/activity/last_event"),
            ("ci_run_url", "/ci_run/url"),
        ],
    ),
    (
        "routes",
        &[
            ("route_id", "/id"),
            ("origin_subject", "/origin/subject"),
            ("chains", "/chains"),
            ("writes", "/writes"),
            ("last_event", "/last_event"),
        ],
    ),
    (
        "denied",
        &[
            ("principal", "/principal"),
            ("role_arn", "/role_arn"),
            ("runs", "/runs"),
            ("events", "/events"),
            ("first_event_id", "/event_ids/0"),
        ],
    ),
    (
        "long_term_keys",
        &[
            ("access_key_id", "/access_key_id"),
            ("writes", "/writes"),
            ("assumptions", "/assumptions"),
            ("is_ci", "/ci"),
        ],
    ),
    (
        "findings",
        &[
            ("fingerprint", "/fingerprint"),
            ("rule", "/rule"),
            ("severity", "/severity"),
            ("occurrences", "/count"),
            ("role_arn", "/key/role_arn"),
            ("message", "/message"),
            ("first_seen", "/first_seen"),
        ],
    ),
];

/// Columns of `hops`, and the names in the report.
const HOP: &[(&str, &str)] = &[
    ("event_id", "event_id"),
    ("role_arn", "role_arn"),
    ("access_key_id", "issued_access_key_id"),
    ("is_cross_account", "cross_account"),
    ("expires_at", "expires_at"),
];

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn all_tables(folder: &Path) -> BTreeMap<&'static str, Vec<Row>> {
    TABLES.iter().map(|shape| (shape.table.name, table(folder, shape.table.name))).collect()
}

#[test]
fn tables_say_what_the_report_says() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    export("sample-logs", &to, &["--format", "parquet"]);
    let report = report("sample-logs");
    let rows = all_tables(&to);
    let list = |name: &str| report[name].as_array().unwrap().clone();
    // Same rows in the same order, cell by cell.
    for (table, columns) in MIRRORED {
        let listed = list(table);
        assert!(!listed.is_empty());
        assert_eq!(rows[table].len(), listed.len(), "{table}");
        for (row, item) in rows[table].iter().zip(&listed) {
            for (column, pointer) in *columns {
                assert_eq!(row[column], item.pointer(pointer).and_then(text), "{table}.{column}");
            }
        }
    }
    let hops: Vec<Value> = list("chains").iter().flat_map(|chain| chain["hops"].as_array().unwrap().clone()).collect();
    assert_eq!(rows["hops"].len(), hops.len());
    for (row, hop) in rows["hops"].iter().zip(&hops) {
        for (column, name) in HOP {
            assert_eq!(row[column], text(&hop[name]), "hops.{column}");
        }
        assert_eq!(row["link_kind"], text(&hop["link"]["kind"]));
    }
}

#[test]
fn tables_add_up_to_the_numbers_of_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    export("sample-logs", &to, &["--format", "parquet"]);
    let report = report("sample-logs");
    let rows = all_tables(&to);
    let having = |table: &str, column: &str, value: &str| {
        rows[table].iter().filter(|row| row[column].as_deref() == Some(value)).count() as u64
    };
    let summary = |name: &str| report["summary"][name].as_u64().unwrap();
    assert_eq!(rows["sessions"].len() as u64, summary("sessions"));
    assert_eq!(having("assumptions", "is_counterpart", "false"), summary("assumptions"));
    assert_eq!(having("assumptions", "is_granted", "false"), summary("denied_assumptions"));
    let listed = |name: &str| -> usize {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding[name].as_array().unwrap().len()).sum()
    };
    assert_eq!(rows["evidence"].len(), listed("evidence"));
    assert_eq!(rows["finding_chains"].len(), listed("chain_ids"));
    let records: u64 =
        rows["coverage"].iter().map(|row| row["records"].as_ref().unwrap().parse::<u64>().unwrap()).sum();
    let accounts = report["coverage"]["accounts"].as_array().unwrap();
    assert_eq!(records, accounts.iter().map(|account| account["records"].as_u64().unwrap()).sum::<u64>());
}

#[test]
fn keys_are_unique_and_joins_find_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    export("sample-logs", &to, &["--format", "parquet", "--include-services"]);
    let rows = all_tables(&to);
    for shape in TABLES {
        let name = shape.table.name;
        let keys: BTreeSet<Vec<&Option<String>>> =
            rows[name].iter().map(|row| shape.key.iter().map(|column| &row[column]).collect()).collect();
        assert_eq!(keys.len(), rows[name].len(), "{name}: the key names several rows");
        for (column, other) in shape.joins {
            let (target, key) = other.split_once('.').unwrap();
            // Evidence may be any event; keys of sessions are not among the long-term ones; others must be found.
            if (name == "evidence" && *column == "event_id") || target == "long_term_keys" {
                continue;
            }
            let known: BTreeSet<&String> = rows[target].iter().filter_map(|row| row[key].as_ref()).collect();
            for value in rows[name].iter().filter_map(|row| row[column].as_ref()) {
                assert!(known.contains(value), "{name}.{column} = {value} is not in {other}");
            }
        }
    }
    // What a session did adds up, for every session.
    let mut calls: BTreeMap<&String, i64> = BTreeMap::new();
    for row in &rows["activity"] {
        if let Some(session) = &row["session_id"] {
            *calls.entry(session).or_default() += row["calls"].as_ref().unwrap().parse::<i64>().unwrap();
        }
    }
    for row in &rows["sessions"] {
        let counted = calls.get(row["session_id"].as_ref().unwrap()).copied().unwrap_or(0);
        assert_eq!(row["calls"], Some(counted.to_string()), "{:?}", row["session_id"]);
    }
}

#[test]
fn csv_parquet_and_partitions_hold_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    export("sample-logs", &place("p"), &["--format", "parquet"]);
    export("sample-logs", &place("c"), &["--format", "csv"]);
    export("sample-logs", &place("d"), &["--format", "parquet", "--partition-by-day"]);
    for shape in TABLES {
        let name = shape.table.name;
        let rows = table(&place("p"), name);
        let text = fs::read_to_string(place("c").join(format!("{name}.csv"))).unwrap();
        assert!(!text.starts_with('\u{feff}'));
        let lines = csv(&text);
        let heads: Vec<Option<String>> =
            shape.table.columns.iter().map(|column| Some(column.name.to_owned())).collect();
        assert_eq!(lines[0], heads, "{name}");
        assert_eq!(lines.len() - 1, rows.len(), "{name}");
        for (line, row) in lines[1..].iter().zip(&rows) {
            let expected: Vec<Option<String>> =
                shape.table.columns.iter().map(|column| row[column.name].clone()).collect();
            assert_eq!(*line, expected, "{name}");
        }
        // Each row lies in the folder of its day; together they are the same rows.
        let mut found = Vec::new();
        for day in fs::read_dir(place("d").join(name)).unwrap() {
            let day = day.unwrap();
            let files: Vec<_> = fs::read_dir(day.path()).unwrap().map(|file| file.unwrap().path()).collect();
            for row in parquet(name, &files) {
                let date = row[shape.day].as_ref().map_or("__HIVE_DEFAULT_PARTITION__", |time| &time[..10]);
                assert_eq!(day.file_name().to_str().unwrap(), format!("dt={date}"), "{name}");
                found.push(row);
            }
        }
        let mut expected = rows;
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{name}");
    }
}

/// One assumption with a session name and a client that want to be formulas, break lines and end cells.
fn hostile(folder: &Path, session_name: &str, user_agent: &str) {
    let record = json!({"eventVersion": "1.08", "eventName": "AssumeRole", "eventSource": "sts.amazonaws.com",
        "eventTime": "2026-11-02T08:00:00Z", "eventID": "4bd2a6f6-dddc-49e6-ba7d-08f73e809e64", "awsRegion": "us-east-1",
        "recipientAccountId": "012345678901", "userAgent": user_agent, "sourceIPAddress": "198.51.100.7",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAX", "accountId": "012345678901", "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "arn": "arn:aws:iam::012345678901:user/u"},
        "requestParameters": {"roleArn": "arn:aws:iam::012345678901:role/r", "roleSessionName": session_name},
        "responseElements": {"credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "expiration": "Nov 2, 2026, 9:00:00 AM", "sessionToken": "IQoJsecret"},
            "assumedRoleUser": {"assumedRoleId": format!("AROAX:{session_name}"), "arn": format!("arn:aws:sts::012345678901:assumed-role/r/{session_name}")}}});
    fs::write(folder.join("log.json"), json!({ "Records": [record] }).to_string()).unwrap();
}

#[test]
fn a_hostile_name_is_no_formula_and_breaks_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    for (name, agent, shown) in [
        (
            "=HYPERLINK(\"http://x\",\"y\")",
            "@SUM(1)\r\n=2",
            ("'=HYPERLINK(\"http://x\",\"y\")", "'@SUM(1)\\u{d}\\u{a}=2"),
        ),
        ("\t=1", "-1\"", ("\\u{9}'=1", "'-1\"")),
        ("\r+1", " =1", ("'\\u{d}+1", "' =1")),
        ("+1,-1", "a\nb", ("'+1,-1", "a\\u{a}b")),
    ] {
        hostile(&logs, name, agent);
        let to = folder.path().join("out");
        export(logs.to_str().unwrap(), &to, &["--format", "csv"]);
        let text = fs::read_to_string(to.join("sessions.csv")).unwrap();
        assert!(!text.contains("IQoJ"));
        let lines = csv(&text);
        let session =
            lines.iter().find(|line| line.iter().flatten().any(|cell| cell == "ASIAIOSFODNN7EXAMPLE")).unwrap();
        let cell = |column: &str| {
            session[lines[0].iter().position(|head| head.as_deref() == Some(column)).unwrap()].as_deref()
        };
        assert_eq!((cell("role_session_name"), cell("user_agent")), (Some(shown.0), Some(shown.1)));
        assert_eq!(cell("account_id"), Some("012345678901"), "an account keeps its leading zero");
        // Parquet has no formulas: the text is as it was logged.
        export(logs.to_str().unwrap(), &to, &["--format", "parquet"]);
        let row = table(&to, "sessions").into_iter().find(|row| row["event_name"].is_some()).unwrap();
        assert_eq!((row["role_session_name"].as_deref(), row["user_agent"].as_deref()), (Some(name), Some(agent)));
    }
}

#[test]
fn redaction_reaches_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    export("sample-logs/05-long-lived-key-in-ci", &to, &["--format", "csv", "--redact"]);
    for shape in TABLES {
        let text = fs::read_to_string(to.join(format!("{}.csv", shape.table.name))).unwrap();
        assert!(!text.contains("AKIATHPL2AOHHSFNXHMJ"), "{}", shape.table.name);
    }
    let keys = fs::read_to_string(to.join("long_term_keys.csv")).unwrap();
    assert!(keys.contains("****************XHMJ"));
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn only_an_export_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    let place = to.to_str().unwrap();
    let args = ["export", "sample-logs/01-healthy", "--format", "parquet", "--to", place];
    fs::create_dir(&to).unwrap();
    fs::write(to.join("thesis.txt"), "years of work").unwrap();
    let stderr = refused(&args);
    assert!(stderr.contains("not an export") && stderr.contains("_rolechain_export.json"), "{stderr}");
    assert_eq!(names(&to), ["thesis.txt"]);
    fs::remove_file(to.join("thesis.txt")).unwrap();
    // An empty directory is fine; the next export replaces the whole one, with other tables in another format.
    export("sample-logs/01-healthy", &to, &["--format", "parquet"]);
    assert_eq!(names(&to).len(), TABLES.len() + 1);
    export("sample-logs/01-healthy", &to, &["--format", "csv", "--table", "chains", "--table", "hops"]);
    assert_eq!(names(&to), ["_rolechain_export.json", "chains.csv", "hops.csv"]);
    assert_eq!(names(folder.path()), ["out"], "no draft is left");
    // What somebody put beside the tables is not thrown away.
    fs::write(to.join("dashboard.pbix"), "charts").unwrap();
    let stderr = refused(&args);
    assert!(stderr.contains("dashboard.pbix"), "{stderr}");
    assert_eq!(names(&to), ["_rolechain_export.json", "chains.csv", "dashboard.pbix", "hops.csv"]);
    fs::remove_file(to.join("dashboard.pbix")).unwrap();
    fs::write(to.join("_rolechain_export.json"), "{}").unwrap();
    assert!(refused(&args).contains("cannot be read"));
}

#[test]
fn an_export_with_something_else_deep_in_it_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    let args = ["export", "sample-logs/01-healthy", "--format", "csv", "--to", to.to_str().unwrap()];
    let days = |format| export("sample-logs/01-healthy", &to, &["--format", format, "--partition-by-day"]);
    days("parquet");
    let day = to.join("chains").join(&names(&to.join("chains"))[0]);
    let inside = |path: &Path| path.strip_prefix(&to).unwrap().to_string_lossy().into_owned();
    for place in [
        to.join("chains/thesis.txt"),
        to.join("hops/dt=2026-11-05.bak/part-0.parquet"),
        to.join("hops/part-0.parquet"),
        day.join("notes.md"),
        day.join("part-0.parquet.bak"),
        day.join("part-1.parquet/thesis.txt"),
        to.join("sessions.csv/thesis.txt"),
    ] {
        let parent = place.parent().unwrap();
        let is_new = !parent.exists();
        fs::create_dir_all(parent).unwrap();
        fs::write(&place, "years of work").unwrap();
        let stderr = refused(&args);
        // A folder that is none of ours is named itself.
        let named = if is_new { inside(parent) } else { inside(&place) };
        assert!(stderr.contains(&format!("would remove {named},")), "{stderr}");
        assert_eq!(fs::read_to_string(&place).unwrap(), "years of work");
        fs::remove_file(&place).unwrap();
        if is_new {
            fs::remove_dir(parent).unwrap();
        }
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path(), day.join("part-9.parquet")).unwrap();
        assert!(refused(&args).contains("part-9.parquet"));
        fs::remove_file(day.join("part-9.parquet")).unwrap();
    }
    // What is left is ours, in every layout.
    days("csv");
    export("sample-logs/01-healthy", &to, &["--format", "csv"]);
    assert_eq!(names(&to).len(), TABLES.len() + 1);
}

#[test]
fn bad_places_and_tables_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let missing = folder.path().join("none/out");
    for (to, words) in [
        ("s3://bucket/x", vec!["local directory", "aws s3 sync"]),
        ("-", vec!["directory of files"]),
        ("", vec!["directory of files"]),
        (file.to_str().unwrap(), vec!["not a directory"]),
        (missing.to_str().unwrap(), vec!["there is no directory"]),
        ("sample-logs/out", vec!["outside of the logs"]),
    ] {
        let stderr = refused(&["export", "sample-logs", "--format", "csv", "--to", to]);
        assert!(words.iter().all(|word| stderr.contains(word)), "{to}: {stderr}");
    }
    let out = folder.path().join("out");
    let stderr =
        refused(&["export", "sample-logs", "--format", "csv", "--to", out.to_str().unwrap(), "--table", "finding"]);
    assert!(stderr.contains("did you mean `findings`?"), "{stderr}");
    assert!(!out.exists());
    // The source is asked for only after the place: nothing is left when it is missing.
    refused(&["export", "no-such-logs", "--format", "csv", "--to", out.to_str().unwrap()]);
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn a_reader_never_sees_half_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    let sources = ["sample-logs/01-healthy", "sample-logs/13-intrusion"];
    let mut expected = BTreeMap::new();
    for source in sources {
        export(source, &to, &["--format", "csv"]);
        expected.insert(fs::read(to.join("chains.csv")).unwrap(), fs::read(to.join("sessions.csv")).unwrap());
    }
    assert_eq!(expected.len(), 2);
    let done = std::sync::atomic::AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut looks = 0u64;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let read = |name: &str| fs::read(to.join(name)).expect("every table is always there");
                let before = read("_rolechain_export.json");
                let (chains, sessions) = (read("chains.csv"), read("sessions.csv"));
                assert!(expected.contains_key(&chains), "half a table");
                // The manifest says whether the export was replaced between two looks.
                if before == read("_rolechain_export.json") {
                    assert_eq!(expected.get(&chains), Some(&sessions), "tables of two exports");
                }
                looks += 1;
            }
            looks
        });
        for round in 0..6 {
            export(sources[round % 2], &to, &["--format", "csv"]);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(looks > 6, "the reader looked only {looks} times");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_the_old_export_and_the_next_one_cleans_up() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    export("sample-logs/01-healthy", &to, &["--format", "csv"]);
    let before = fs::read(to.join("chains.csv")).unwrap();
    // As a killed run leaves it: a draft whose lock nobody holds, and what was left of an older export.
    let draft = folder.path().join(".out.99999-0.part");
    fs::create_dir(&draft).unwrap();
    fs::write(draft.join(".rolechain_lock"), "").unwrap();
    fs::write(draft.join("chains.csv"), "half").unwrap();
    let older = folder.path().join(".out.99998-0.part");
    fs::create_dir_all(older.join("chains")).unwrap();
    // A draft that is being written belongs to somebody, and so does what only looks like one.
    let alive = folder.path().join(".out.99997-0.part");
    fs::create_dir(&alive).unwrap();
    let lock = fs::File::create(alive.join(".rolechain_lock")).unwrap();
    lock.lock().unwrap();
    fs::create_dir(folder.path().join(".out.notes.part")).unwrap();
    // Killed at different moments: the old export is whole each time.
    for pause in [0, 5, 20, 60] {
        let mut child =
            command(&["export", "sample-logs", "--format", "csv", "--no-progress", "--to", to.to_str().unwrap()])
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
        let rows = csv(&fs::read_to_string(to.join("chains.csv")).unwrap());
        assert!(
            fs::read(to.join("chains.csv")).unwrap() == before
                || rows.len() == 1 + report("sample-logs")["chains"].as_array().unwrap().len()
        );
        assert!(to.join("_rolechain_export.json").exists());
    }
    export("sample-logs/01-healthy", &to, &["--format", "csv"]);
    assert_eq!(fs::read(to.join("chains.csv")).unwrap(), before);
    assert_eq!(names(folder.path()), [".out.99997-0.part", ".out.notes.part", "out"]);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_of_the_place_are_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o750)).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    for _ in 0..2 {
        export("sample-logs/01-healthy", &link, &["--format", "csv", "--table", "chains"]);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(names(&real), ["_rolechain_export.json", "chains.csv"]);
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o750);
    }
}

#[test]
fn ids_do_not_depend_on_what_else_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let ids = |source: &str| -> BTreeSet<Option<String>> {
        let to = folder.path().join("out");
        export(source, &to, &["--format", "parquet", "--table", "sessions"]);
        table(&to, "sessions").iter().map(|row| row["session_id"].clone()).collect()
    };
    let alone = ids("sample-logs/15-cross-repo");
    let all = ids("sample-logs");
    assert!(!alone.is_empty() && alone.is_subset(&all));
}
