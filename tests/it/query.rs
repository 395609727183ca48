//! `rolechain query`: what the shipped queries answer, what errors point at, and what SQL may not do.

use std::fmt::Write as _;
use std::fs;

use crate::program::program;
use expect_test::expect;
use expect_test::expect_file;
use rolechain::query::page;
use rolechain::query::shipped::SHIPPED;
use serde_json::Value;

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = program()
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn answer(args: &[&str]) -> String {
    let (code, stdout, stderr) = run(&[&["query", "--no-progress"], args].concat());
    assert_eq!(code, Some(0), "{args:?}\n{stderr}");
    stdout
}

#[track_caller]
fn refused(args: &[&str]) -> String {
    let (code, stdout, stderr) = run(&[&["query", "--no-progress"], args].concat());
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}\n{stderr}");
    stderr
}

/// What every shipped query answers on a source.
fn shipped_answers(source: &str) -> String {
    let mut answers = String::new();
    for query in SHIPPED {
        let rows = answer(&[query.name, source, "--format", "csv"]);
        assert!(rows.lines().count() > 1, "{} answers nothing on the samples", query.name);
        write!(answers, "== {}\n{}\n\n", query.name, rows.replace("\r\n", "\n").trim_end()).unwrap();
    }
    answers
}

#[test]
fn shipped_queries_answer_as_before() {
    expect_file!["golden/queries.txt"].assert_eq(&shipped_answers("sample-logs"));
}

#[test]
fn an_export_answers_as_the_logs_do() {
    let folder = tempfile::tempdir().unwrap();
    for more in [&[][..], &["--partition-by-day"]] {
        let to = folder.path().join("out");
        let to = to.to_str().unwrap();
        let args = [&["export", "sample-logs", "--format", "parquet", "--to", to][..], more].concat();
        assert_eq!(run(&args).0, Some(0));
        // Files of many days are the harder case for the engine.
        if !more.is_empty() {
            expect_file!["golden/queries.txt"].assert_eq(&shipped_answers(to));
        }
        let all = answer(&["--sql", "select * from chains", to, "--format", "csv"]);
        let mut all: Vec<&str> = all.lines().collect();
        let scanned = answer(&["--sql", "select * from chains", "sample-logs", "--format", "csv"]);
        let mut scanned: Vec<&str> = scanned.lines().collect();
        all.sort_unstable();
        scanned.sort_unstable();
        assert_eq!(all, scanned);
    }
}

#[test]
fn every_query_file_is_shipped_and_says_what_it_is_for() {
    let mut files: Vec<String> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/queries"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
        .collect();
    files.sort();
    let shipped: Vec<&str> = SHIPPED.iter().map(|query| query.name).collect();
    assert_eq!(files, shipped);
    for query in SHIPPED {
        assert!(query.question().ends_with('?'), "{}", query.name);
        assert!(query.columns().ends_with('.') && query.answer().len() > 40, "{}", query.name);
        assert!(!query.sql.contains('\t') && query.sql.lines().all(|line| line.len() <= 120), "{}", query.name);
    }
    expect_file!["../../docs/queries.md"].assert_eq(&page::queries());
    let listed = answer(&[]);
    assert!(SHIPPED.iter().all(|query| listed.contains(query.name)));
}

#[test]
fn answers_come_in_every_format() {
    let sql = "select chain_id, origin, calls, is_cross_account, started_at, calls / 2.0 as half, ci_run_id from chains order by chain_id limit 3";
    let story = "sample-logs/06-unfinished-migration";
    expect_file!["golden/query-answer.txt"].assert_eq(&answer(&["--sql", sql, story]));
    expect![[r#"
        [
          {"chain_id": "ch-1658aebcde08a634", "origin": "AKIATHPL2AOHHSFNXHMJ", "calls": 3, "is_cross_account": false, "started_at": "2026-11-04T09:30:15Z", "half": 1.5, "ci_run_id": "19453401642"},
          {"chain_id": "ch-5e143e05222a7a37", "origin": "AKIATHPL2AOHHSFNXHMJ", "calls": 3, "is_cross_account": false, "started_at": "2026-11-02T09:30:15Z", "half": 1.5, "ci_run_id": "19453400932"},
          {"chain_id": "ch-5e4d0177aec4e025", "origin": "repo:acme@4242/orders@9001:environment:prod", "calls": 3, "is_cross_account": true, "started_at": "2026-11-06T10:00:12Z", "half": 1.5, "ci_run_id": "19453402311"}
        ]
    "#]].assert_eq(&answer(&["--sql", sql, story, "--format", "json"]));
    expect![[r"
        chain_id,origin,calls,is_cross_account,started_at,half,ci_run_id
        ch-1658aebcde08a634,AKIATHPL2AOHHSFNXHMJ,3,false,2026-11-04T09:30:15Z,1.5,19453401642
        ch-5e143e05222a7a37,AKIATHPL2AOHHSFNXHMJ,3,false,2026-11-02T09:30:15Z,1.5,19453400932
        ch-5e4d0177aec4e025,repo:acme@4242/orders@9001:environment:prod,3,true,2026-11-06T10:00:12Z,1.5,19453402311
    "]]
    .assert_eq(&answer(&["--sql", sql, story, "--format", "csv"]).replace("\r\n", "\n"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer.parquet");
    answer(&["--sql", sql, story, "--format", "parquet", "--output", file.to_str().unwrap()]);
    let bytes = fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    // Too many columns for a line: each row is a list.
    let all = answer(&["--sql", "select * from chains limit 1", story]);
    assert!(all.contains("ROW 1") && all.lines().all(|line| line.chars().count() <= 100), "{all}");
    assert!(answer(&["--sql", "select 1 as one", story, "--format", "json"]).contains("\"one\": 1"));
}

#[test]
fn a_query_is_read_from_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("count.sql");
    fs::write(&file, "-- how many\nselect count(*) as n from findings;\n").unwrap();
    let rows: Value = serde_json::from_str(&answer(&[
        "--file",
        file.to_str().unwrap(),
        "sample-logs/01-healthy",
        "--format",
        "json",
    ]))
    .unwrap();
    assert!(rows[0]["n"].is_u64());
    assert!(refused(&["--file", "no.sql", "sample-logs"]).contains("no.sql"));
}

#[test]
fn errors_point_at_the_word() {
    let story = "sample-logs/01-healthy";
    let shown = |sql: &str| refused(&["--sql", sql, story]);
    let mut all = String::new();
    for sql in [
        "select chain_id\nfrom chain",
        "select chain_id,\n  rol_path\nfrom chains",
        "select c.orign from chains c",
        "select chain_id form chains",
        "select 'open from chains",
        "select date_trunc('day', started_at) from chains",
        "select frobnicate(chain_id) from chains",
        "select coalesc(origin, chain_id) from chains",
        "select c.chain_id from chains c join hops h on c.chain_id = h.chain_id and h.hop_number = 1",
        "with recursive r as (select 1 as n union all select n + 1 from r) select n from r",
        "select chain_id from chains where calls = (select max(calls) from chains)",
        "",
    ] {
        let error = shown(sql);
        let first = error.lines().map(|line| line.split_once(" has ").map_or(line, |(head, _)| head).trim_end());
        write!(all, "{sql}\n---\n{}\n\n", first.collect::<Vec<_>>().join("\n")).unwrap();
    }
    expect_file!["golden/query-errors.txt"].assert_eq(&all);
    assert!(refused(&["who-reached-production", story]).contains("did you mean `who-reached-prod`?"));
    assert!(refused(&["who-reached-prod"]).contains("no SOURCE"));
}

#[test]
fn usual_mistakes_are_told_in_words_that_people_know() {
    let story = "sample-logs/01-healthy";
    let mut all = String::new();
    for sql in [
        "selec chain_id from chains",
        "select chain_id form chains",
        "select chain_id from chains where",
        "select chain_id",
        "select chain_id from chains where chain_id = \"ch-1\"",
        "select chain_id from chains where started_at > 2026-11-01",
        "select chain_id from chains where started_at > 'yesterday'",
        "select chain_id from chains where calls = 'many'",
        "select chain_id from chains where chain_id = 5",
        "select chain_id from chains where calls",
        "select chain_id from chains where count(*) > 1",
        "select origin, count(*) from chains",
        "select origin, count(*) from chains having count(*) > 1",
        "select chain_id + 1 from chains",
        "select started_at + 1 from chains",
        "select sum(origin) from chains",
        "select upper(started_at) from chains",
        "select cast(origin as bigint) from chains",
        "select case when calls then 1 end from chains",
        "select chain_id from chains limit 'a'",
        "select chain_id from chains union select chain_id, role_arn from hops",
        "select chain_id from chains where chain_id in (select chain_id, role_arn from hops)",
        "select substr(chain_id) from chains",
        "select 9223372036854775807 + 1",
        "select -9223372036854775807 - 2 as n from chains",
        "select 3037000500 * (3037000500) as n",
        "select calls from chains where calls < 9223372036854775808",
    ] {
        let error = refused(&["--sql", sql, story]);
        let first = error.lines().map(|line| line.split_once(" has ").map_or(line, |(head, _)| head).trim_end());
        let error = first.collect::<Vec<_>>().join("\n");
        for word in ["dtype", "predicate", "literal:", "i64", "dyn ", "EOF"] {
            assert!(!error.contains(word), "{sql} is told in words of the engine: {error}");
        }
        write!(all, "{sql}\n---\n{error}\n\n").unwrap();
    }
    expect_file!["golden/query-mistakes.txt"].assert_eq(&all);
}

#[test]
fn what_only_looks_like_a_mistake_is_answered() {
    let story = "sample-logs/01-healthy";
    for sql in [
        "select 'all' as what, count(*) as n, max(calls) - min(calls) as d from chains",
        "select origin, count(*) as n from chains group by origin having count(*) > 0",
        "select chain_id, count(*) over (partition by origin) as n from chains",
        "select chain_id from chains where calls in (select max(calls) from chains)",
        "with m as (select max(calls) as most from chains) select chain_id from chains cross join m where calls = most",
        "select 9223372036854775806 + 1 as n, -9223372036854775807 - 1 as m, 2026 - 11 as d, calls - 11 - 1 as e from chains",
        "select distinct origin from chains",
    ] {
        answer(&["--sql", sql, story]);
    }
}

#[test]
fn sql_asks_and_does_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.csv");
    fs::write(&secret, "word\nxyzzy\n").unwrap();
    let path = secret.to_str().unwrap();
    let story = "sample-logs/01-healthy";
    for sql in [
        format!("select * from read_csv('{path}')"),
        format!("select * from READ_PARQUET('{path}')"),
        format!("with x as (select * from read_csv('{path}')) select * from x"),
        format!("select * from chains where chain_id in (select word from read_csv('{path}'))"),
        format!("select * from '{path}'"),
        format!("select * from \"{path}\""),
        format!("copy chains to '{path}'"),
        "drop table chains".to_owned(),
        "create table x as select * from chains".to_owned(),
        "delete from chains".to_owned(),
        "truncate table chains".to_owned(),
        "insert into chains select * from chains".to_owned(),
        "update chains set calls = 0".to_owned(),
        "select * into x from chains".to_owned(),
        "select 1; select 2".to_owned(),
        "select 1; drop table chains".to_owned(),
        "show tables".to_owned(),
        "select * from chains.hops".to_owned(),
        "explain select * from chains".to_owned(),
    ] {
        let stderr = refused(&["--sql", &sql, story]);
        assert!(!stderr.contains("xyzzy"), "{sql}: {stderr}");
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "word\nxyzzy\n");
}

#[test]
fn functions_that_make_much_of_little_are_bounded() {
    let story = "sample-logs/01-healthy";
    let long = "x".repeat(300);
    let nested = format!("replace(replace(replace('x', 'x', '{long}'), 'x', '{long}'), 'x', '{long}')");
    let spread = format!(
        "with a as (select replace(origin, 'a', '{long}') as t from chains), \
         b as (select Replace(t, 'x', '{long}') as t from a) select t from b"
    );
    // Twice as long with each step: 35 steps are more than any memory.
    let doubled = |step: &str| {
        let steps: Vec<_> = (1..35).map(|at| format!(", t{at} as (select {step} as o from t{})", at - 1)).collect();
        let steps = steps.concat();
        format!("with t0 as (select origin as o from chains){steps} select o from t34")
    };
    for (sql, said) in [
        ("select lpad('x', 99999999999, 'y')", "1000 characters"),
        ("select lpad(origin, 1001) from chains", "1000 characters"),
        ("select RPAD('x', 4000000000, 'y')", "1000 characters"),
        ("select rpad(origin, calls, 'y') from chains", "write the length as a number"),
        ("select rpad('x', 1000 * 1000 * 1000, 'y')", "write the length as a number"),
        ("select count(*) from chains where lpad(origin, 10000000000, ' ') = ''", "1000 characters"),
        ("select chain_id from chains order by rpad(origin, 10000000000, ' ')", "1000 characters"),
        ("with a as (select lpad('x', 10000000000, 'y') as t from chains) select length(t) from a", "1000 characters"),
        (&format!("select {nested} as t"), "1000 times as long"),
        (&spread, "1000 times as long"),
        (&format!("select replace('x', '', '{}') as t", long.repeat(4)), "1000 times as long"),
        ("select replace(origin, 'a', origin) as t from chains", "no column"),
        // The engine asks neither for quotation marks nor for capitals.
        ("select \"lpad\"(origin, 9000000000, 'x') from chains", "1000 characters"),
        ("select \"Replace\"(origin, 'a', origin) from chains", "no column"),
        (&doubled("o || o"), "1000 times as long"),
        (&doubled("concat(o, o)"), "1000 times as long"),
        (&doubled("concat_ws('', o, o)"), "1000 times as long"),
        ("select repeat('x', 10000000000)", "repeat"),
        ("select replicate('x', 10000000000)", "replicate"),
        ("select space(10000000000)", "space"),
    ] {
        let error = refused(&["--sql", sql, story]);
        assert!(error.contains(said), "{sql}: {error}");
    }
    for sql in [
        "select lpad(origin, 40) as o, rpad('x', 1000, '.') as p from chains",
        "select replace(replace(origin, ':', ' '), 'repo', 'repository') as o from chains",
        "select origin || ' ' || chain_id || ' ' || origin_kind as o, concat(origin, chain_id, origin_kind) as p from chains",
    ] {
        answer(&["--sql", sql, story]);
    }
}

#[test]
fn deep_and_long_queries_end_in_an_answer_or_an_error() {
    let story = "sample-logs/10-key-collision";
    let sums = format!("select {} as n", vec!["1"; 500].join("+"));
    let nested = format!("select {}1{} as n", "(".repeat(5_000), ")".repeat(5_000));
    let conditions = format!("select count(*) as n from chains where {}", vec!["calls > 0"; 300].join(" and "));
    let sums_of_many = format!("select {} as n", vec!["1"; 40_000].join("+"));
    assert!(refused(&["--sql", &sums_of_many, story]).contains("more than 1000 steps"));
    let unions = vec!["select 1 as n"; 3_000].join(" union all ");
    assert!(refused(&["--sql", &unions, story]).contains("more than 200 SELECTs"));
    for sql in [&sums, &nested, &conditions] {
        let (code, _, stderr) = run(&["query", "--no-progress", "--sql", sql, story]);
        assert!(matches!(code, Some(0 | 2)), "{code:?} {stderr}");
    }
    let long = format!("select 1 as n -- {}", "x".repeat(100_000));
    assert!(refused(&["--sql", &long, story]).contains("longer than"));
}

#[test]
fn an_export_in_other_shapes_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    let to = to.to_str().unwrap();
    let export =
        |more: &[&str]| assert_eq!(run(&[&["export", "sample-logs/01-healthy", "--to", to], more].concat()).0, Some(0));
    export(&["--format", "csv"]);
    assert!(refused(&["busiest-routes", to]).contains("--format parquet"));
    export(&["--format", "parquet", "--table", "routes"]);
    answer(&["busiest-routes", to]);
    assert!(refused(&["who-reached-prod", to]).contains("has no table chains"));
    for more in [&["--since", "7d"][..], &["--redact"], &["--account", "111111111111"]] {
        assert!(refused(&[&["busiest-routes", to], more].concat()).contains("come too late"));
    }
    assert!(refused(&["busiest-routes", to, "sample-logs"]).contains("queried alone"));
    fs::write(format!("{to}/routes.parquet"), "no parquet").unwrap();
    assert!(refused(&["busiest-routes", to]).contains("routes"));
}

#[test]
fn foreign_text_in_answers_is_safe_for_its_medium() {
    let sql = "select '=1+1' as a, '\u{1b}[31mred\u{202e}' as b, chain_id from chains limit 1";
    let story = "sample-logs/01-healthy";
    let table = answer(&["--sql", sql, story]);
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table:?}");
    assert!(answer(&["--sql", sql, story, "--format", "csv"]).contains("\r\n'=1+1,"));
    let error = refused(&["--sql", "select \u{1b}[31m from chains", story]);
    assert!(!error.contains('\u{1b}'), "{error:?}");
}

/// Whoever changed production and then went on to another role changed it nevertheless.
#[test]
fn a_change_is_the_sessions_that_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let expectations = folder.path().join("rolechain.toml");
    fs::write(&expectations, "schema = 1\n[[account]]\nid = \"111111111111\"\nenv = \"prod\"\n").unwrap();
    let sql = "select p.role_name, p.writes, s.child_sessions, c.last_role_name from production_changes p \
        join sessions s on p.session_id = s.session_id join chains c on p.chain_id = c.chain_id";
    let with = ["--sql", sql, "sample-logs/12-denied", "--format", "csv", "--expectations"];
    let rows = answer(&[&with[..], &[expectations.to_str().unwrap()]].concat()).replace("\r\n", "\n");
    expect![[r"
        role_name,writes,child_sessions,last_role_name
        ci-deploy-role,1,0,ci-deploy-role
        AWSReservedSSO_PlatformAdmin_69d6419f105e7b91,1,1,report-reader
    "]]
    .assert_eq(&rows);
}

/// The token is signed: its environment stands there with CI evidence and without, whether or not a file says it of the job.
#[test]
fn the_environment_of_a_change_is_what_the_token_says() {
    let sql = "select environment, origin from production_changes";
    for ci in [&[][..], &["--ci", "sample-logs/ci-evidence"]] {
        let rows = answer(&[&["--sql", sql, "sample-logs", "--format", "csv"], ci].concat());
        let signed: Vec<&str> = rows.lines().filter(|row| row.contains(":environment:")).collect();
        assert!(!signed.is_empty());
        for row in signed {
            let (environment, origin) = row.split_once(',').unwrap();
            assert!(origin.ends_with(&format!(":environment:{environment}")), "{row}");
        }
    }
}

/// Nobody starts what a schedule starts; whoever starts it again does.
#[test]
fn a_schedule_is_nobody() {
    let rule = "tests/rules/run-started-by-another";
    for (case, event, expected) in [
        ("another-person/fires-info-started-again.json", "push", "octavia"),
        ("another-person/fires-info-started-again.json", "schedule", "priya"),
        ("the-same-person/silent-started-again.json", "schedule", ""),
    ] {
        let (scenario, _) = case.split_once('/').unwrap();
        let folder = tempfile::tempdir().unwrap();
        let evidence = folder.path().join("ci.json");
        let text = fs::read_to_string(format!("{rule}/{scenario}/ci.json")).unwrap();
        fs::write(&evidence, text.replace("\"event\": \"push\"", &format!("\"event\": \"{event}\""))).unwrap();
        let (log, expectations) = (format!("{rule}/{case}"), format!("{rule}/{scenario}/rolechain.toml"));
        let sql = "select person, event from production_changes";
        let with = ["--sql", sql, &log, "--format", "csv", "--expectations", &expectations, "--ci"];
        let rows = answer(&[&with[..], &[evidence.to_str().unwrap()]].concat());
        assert_eq!(rows.lines().nth(1), Some(&*format!("{expected},{event}")), "{case}");
    }
}

/// Every spelling of a time that an analyst writes, on either side, through names that a query gives.
#[test]
fn times_are_compared_as_they_are_written() {
    let from = |sql: &str| {
        let answer = answer(&["--sql", sql, "sample-logs/01-healthy", "--format", "csv"]);
        answer.lines().nth(1).unwrap_or_else(|| panic!("{sql}: {answer}")).to_owned()
    };
    let count = |condition: &str| from(&format!("select count(*) as n from chains where {condition}"));
    let since = from("select count(*) as n from chains where started_at >= '2026-11-05'");
    let all = from("select count(*) as n from chains");
    assert!(since != all && since != "0", "{since} of {all}");
    for literal in [
        "'2026-11-05'",
        "'2026-11-05 00:00'",
        "'2026-11-05 00:00:00'",
        "'2026-11-05T00:00:00Z'",
        "'2026-11-05T02:00:00+02:00'",
        "('2026-11-05')",
        "date '2026-11-05'",
        "timestamp '2026-11-05 00:00:00'",
        "timestamp '2026-11-05T00:00:00Z'",
        "cast('2026-11-05' as timestamp)",
        "'2026-11-05'::timestamp",
        "'2026-11-05'::date",
    ] {
        assert_eq!(count(&format!("started_at >= {literal}")), since, "{literal}");
        assert_eq!(count(&format!("{literal} <= chains.started_at")), since, "{literal}");
        assert_eq!(count(&format!("not (started_at < {literal})")), since, "{literal}");
        assert_eq!(count(&format!("started_at - interval '0 days' >= {literal}")), since, "{literal}");
        assert_eq!(count(&format!("started_at between {literal} and '2027-01-01T00:00:00Z'")), since, "{literal}");
        for sql in [
            "with t as (select started_at as f from chains) select count(*) as n from t where f >= {}",
            "select count(*) as n from (select max(started_at) as f from chains group by chain_id) t where t.f >= {}",
            "select sum(case when started_at >= {} then 1 else 0 end) as n from chains",
        ] {
            assert_eq!(from(&sql.replace("{}", literal)), since, "{sql} {literal}");
        }
    }
    let one = from("select min(started_at) as at from chains");
    let exactly = count(&format!("started_at = '{one}'"));
    assert_ne!(exactly, "0");
    assert_eq!(count(&format!("started_at in ('{one}', '2020-01-01')")), exactly);
    assert_eq!(count(&format!("started_at not in ('{one}')")), count(&format!("started_at <> '{one}'")));
    let day = one.split('T').next().unwrap();
    let on_day = count(&format!("strftime(started_at, '%Y-%m-%d') = '{day}'"));
    for condition in ["date(started_at) = '{}'", "cast(started_at as date) = date '{}'"] {
        assert_eq!(count(&condition.replace("{}", day)), on_day, "{condition}");
    }
    // What a query makes text of stays text, whatever it is called.
    let named =
        "select count(*) as n from (select strftime(started_at, '%Y-%m-%dT%H:%M:%SZ') as started_at from chains) t";
    assert_eq!(from(&format!("{named} where started_at = '{one}'")), exactly);
}

/// The file's name says how an answer is written, unless it says nothing.
#[test]
fn the_name_of_a_file_is_its_format() {
    let folder = tempfile::tempdir().unwrap();
    let to = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let asked = ["--sql", "select chain_id from chains order by chain_id", "sample-logs/01-healthy"];
    for (name, begins) in [("a.csv", "chain_id\r\nch-"), ("a.JSON", "[\n  {\"chain_id\""), ("a.txt", "  chain_id")] {
        answer(&[&asked[..], &["-o", &to(name)]].concat());
        let written = fs::read_to_string(to(name)).unwrap();
        assert!(written.starts_with(begins), "{name}: {written:?}");
    }
    answer(&[&asked[..], &["-o", &to("a.parquet")]].concat());
    assert!(fs::read(to("a.parquet")).unwrap().starts_with(b"PAR1"));
    answer(&[&asked[..], &["-o", &to("list"), "--format", "json"]].concat());
    assert!(fs::read_to_string(to("list")).unwrap().starts_with('['));
    let refused_for = |more: &[&str]| refused(&[&asked[..], more].concat());
    expect![[r"
        error: --output a.csv means another format than --format says
          hint: leave one of them out
    "]]
    .assert_eq(&refused_for(&["-o", &to("a.csv"), "--format", "json"]).replace(&to("a.csv"), "a.csv"));
    expect![[r"
        error: --output a.xlsx means no format
          hint: known are .csv, .json, .parquet and .txt; or name one with --format
    "]]
    .assert_eq(&refused_for(&["-o", &to("a.xlsx")]).replace(&to("a.xlsx"), "a.xlsx"));
}

/// The answer itself has no place for it.
#[test]
fn that_the_logs_do_not_show_everything_is_said_beside_the_answer() {
    let said = |source: &str, more: &[&str]| {
        let (code, _, said) = run(&[&["query", "who-reached-prod", source, "-o", "-"], more].concat());
        (code, said.contains("PARTIAL"))
    };
    assert_eq!(said("sample-logs/01-healthy", &[]), (Some(0), false));
    assert_eq!(said("sample-logs/11-broken-files", &[]), (Some(0), true));
    assert_eq!(said("sample-logs/11-broken-files", &["--quiet"]), (Some(0), false));
}
