//! The program as it is run: exit codes, streams, errors that say what to do.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use crate::program::program;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use serde_json::json;

fn rolechain(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

fn command(args: &[&str]) -> Command {
    let mut command = program();
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("COLUMNS", "100").env_remove("NO_COLOR");
    command
}

#[track_caller]
fn check(args: &[&str], code: i32) -> (String, String) {
    let output = rolechain(args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{stderr}");
    assert!(!stdout.contains("IQoJ") && !stderr.contains("IQoJ"), "a session token was printed");
    (stdout, stderr)
}

fn report(args: &[&str]) -> Value {
    let (stdout, _) = check(&[args, &["--format", "json"]].concat(), 0);
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn exit_codes_say_how_it_ended() {
    check(&["audit", "sample-logs"], 0);
    check(&["audit", "sample-logs", "--fail-on", "critical"], 1);
    check(&["audit", "sample-logs/10-key-collision", "--fail-on", "low"], 0);
    check(&["audit", "sample-logs", "--strict"], 3);
    check(&["audit", "sample-logs/01-healthy", "--strict"], 0);
    check(&["audit"], 2);
    check(&["--help"], 0);
    check(&["--version"], 0);
}

#[test]
fn every_command_says_when_there_is_nothing_and_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (empty, to, policy) = (at("empty"), at("out"), at("policy.json"));
    std::fs::create_dir(&empty).unwrap();
    std::fs::write(&policy, "{\"Statement\": []}").unwrap();
    let role = "arn:aws:iam::222222222222:role/ci-deploy-role";
    let commands = [
        vec!["audit"],
        vec!["chains"],
        vec!["chains", "--tree"],
        vec!["trace", "ch-0000000000000000"],
        vec!["who", "prod"],
        vec!["who", "ci-deploy-role"],
        vec!["export", "--to", &to, "--format", "csv"],
        vec!["query", "who-reached-prod"],
        vec!["infer"],
        vec!["trust", "list"],
        vec!["trust", "check", "--policy", &policy, "--role", role],
        vec!["trust", "suggest", "--role", role],
    ];
    for command in commands {
        let healthy = "sample-logs/01-healthy";
        for more in
            [vec![empty.as_str()], vec![healthy, "--since", "2030-01-01"], vec![healthy, "--until", "2020-01-01"]]
        {
            let _ = std::fs::remove_dir_all(&to);
            let (_, stderr) = check(&[&command[..], &more].concat(), 3);
            assert!(
                stderr.contains("NOTHING JUDGED") || stderr.contains("nothing to infer from"),
                "{command:?}: {stderr}"
            );
        }
    }
    for filter in [["--role", "nobody"], ["--subject", "repo:nobody/*"], ["--key", "AKIANOBODY"], ["--account", "1"]] {
        let args = [&["chains", "sample-logs/01-healthy"][..], &filter].concat();
        let (_, stderr) = check(&args, 3);
        assert!(stderr.contains("no chain fits"), "{filter:?}: {stderr}");
        let (stdout, _) = check(&[&args[..], &["--format", "json"]].concat(), 3);
        let report: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(
            (&report["verdict"], &report["assurance"][0]["reasons"][0]["kind"]),
            (&json!("nothing_judged"), &json!("no_chain"))
        );
    }
    // An answer without rows is an answer.
    check(&["query", "--sql", "select * from chains where false", "sample-logs/01-healthy"], 0);
}

#[cfg(unix)]
#[test]
fn no_file_beside_the_logs_keeps_a_run_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let pipe = pipe.to_str().unwrap();
    if !std::process::Command::new("mkfifo").arg(pipe).status().is_ok_and(|status| status.success()) {
        eprintln!("not tried: there is no mkfifo");
        return;
    }
    for odd in [pipe, "/dev/zero"] {
        for args in [
            vec!["audit", "sample-logs/01-healthy", "--expectations", odd],
            vec!["audit", "sample-logs/01-healthy", "--iam", odd],
            vec!["audit", "sample-logs/01-healthy", "--baseline", odd],
            vec!["verify", "sample-logs/01-healthy", "--public-keys", odd],
            vec!["query", "--file", odd, "sample-logs/01-healthy"],
            vec![
                "trust",
                "check",
                "--policy",
                odd,
                "--role",
                "arn:aws:iam::222222222222:role/x",
                "sample-logs/01-healthy",
            ],
            vec!["baseline", "accept", odd, "--by", "x", "--reason", "y"],
        ] {
            let (_, stderr) = check(&args, 2);
            assert!(stderr.contains(odd) && stderr.contains("not a regular file"), "{args:?}: {stderr}");
        }
    }
}

#[test]
fn redaction_reaches_notes_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let name = "AKIAIOSFODNN7EXAMPLE.pdf";
    std::fs::write(folder.path().join(name), "%PDF-1.7").unwrap();
    let source = folder.path().to_str().unwrap();
    for command in [vec!["audit"], vec!["chains"], vec!["query", "who-reached-prod"]] {
        let args = [&command[..], &[source, "sample-logs/01-healthy"]].concat();
        assert!(check(&args, 0).1.contains("AKIAIOSFODNN7EXAMPLE"), "{command:?}");
        let (_, stderr) = check(&[&args[..], &["--redact"]].concat(), 0);
        assert!(stderr.contains("MPLE.pdf") && !stderr.contains("AKIAIOSFODNN7"), "{command:?}: {stderr}");
    }
}

#[test]
fn errors_say_what_and_what_to_do() {
    for (args, words) in [
        (vec!["audit", "no-such-place"], vec!["no-such-place", "hint:"]),
        (vec!["audit", "s3://"], vec!["s3://", "names no bucket", "s3://bucket/prefix"]),
        (vec!["audit", "sample-logs", "--since", "yesterday"], vec!["yesterday", "7d"]),
        (vec!["audit", "sample-logs", "--since", "2026-11-10", "--until", "2026-11-02"], vec!["window is empty"]),
        (vec!["audit", "sample-logs", "--account", "prd"], vec!["twelve digits", "prod"]),
        (vec!["audit", "sample-logs", "--expectations", "none.toml"], vec!["none.toml", "--no-expectations"]),
        (vec!["chains", "sample-logs", "--origin", "github"], vec!["github", "oidc"]),
        (vec!["chains", "sample-logs", "--origin", "identitycenter"], vec!["did you mean `identity_center`?"]),
        (vec!["explain", "missing-externalid"], vec!["missing-external-id", "rolechain rules"]),
    ] {
        let (stdout, stderr) = check(&args, 2);
        assert_eq!(stdout, "", "{args:?}");
        for word in words {
            assert!(stderr.contains(word), "{args:?} does not say {word}: {stderr}");
        }
    }
}

#[test]
fn a_faulty_expectations_file_is_shown_with_line_and_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rolechain.toml");
    std::fs::write(&file, "[org]\nname = \"acme\"\ngithub_owner = []\n").unwrap();
    let (_, stderr) = check(&["audit", "sample-logs", "--expectations", file.to_str().unwrap()], 2);
    assert!(stderr.contains("rolechain.toml:3:1: unknown key \"github_owner\""), "{stderr}");
    assert!(stderr.contains("did you mean \"github_owners\"?"), "{stderr}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut child = command(&["audit", "sample-logs", "--format", "json", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn standard_input_is_read_in_any_packing() {
    let record = json!({"eventVersion": "1.08", "eventName": "ListBuckets", "eventSource": "s3.amazonaws.com",
        "eventTime": "2026-11-02T08:00:00Z", "eventID": "4bd2a6f6-dddc-49e6-ba7d-08f73e809e64", "recipientAccountId": "111111111111"});
    let plain = json!({"Records": [record]}).to_string();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(plain.as_bytes()).unwrap();
    for bytes in [plain.clone().into_bytes(), gzip.finish().unwrap(), zstd::encode_all(plain.as_bytes(), 1).unwrap()] {
        let mut child =
            command(&["audit", "-", "--format", "json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["coverage"]["records"]["unique"], 1);
    }
}

#[test]
fn threads_and_the_order_of_sources_change_nothing() {
    let without_run = |args: &[&str]| {
        let mut report = report(args);
        report["run"].take();
        report
    };
    let sources = ["sample-logs/01-healthy", "sample-logs/09-one-sided", "sample-logs/11-broken-files"];
    let expectations = ["--expectations", "sample-logs/rolechain.toml"];
    let forwards = [&["audit"], &sources[..], &expectations, &["--threads", "1"]].concat();
    let backwards =
        [&["audit", sources[2], sources[1], sources[0], sources[1]], &expectations[..], &["--threads", "5"]].concat();
    assert_eq!(without_run(&forwards), without_run(&backwards));
}

#[test]
fn a_window_still_finds_where_its_sessions_began() {
    // The calls of the deploy session come some seconds after both assumptions.
    let all = report(&["audit", "sample-logs/10-key-collision"]);
    let calls_from = |chain: &Value| chain["activity"]["first_event"].as_str().map(str::to_owned);
    let last = all["chains"].as_array().unwrap().iter().filter_map(calls_from).max().unwrap();
    let windowed = report(&["audit", "sample-logs/10-key-collision", "--since", &last]);
    let chains = windowed["chains"].as_array().unwrap();
    assert!(!chains.is_empty());
    for chain in chains {
        assert_eq!(chain["origin"]["kind"], "oidc", "{chain}");
        assert_eq!(chain["hops"].as_array().unwrap().len(), 2);
    }
    assert!(windowed["coverage"]["records"]["outside_window"].as_u64().unwrap() > 0);
    assert!(chains.len() < all["chains"].as_array().unwrap().len());
}

#[test]
fn trace_finds_every_event_and_long_term_keys() {
    let story = "sample-logs/05-long-lived-key-in-ci";
    assert!(check(&["trace", "AKIATHPL2AOHHSFNXHMJ", story], 0).0.contains("AKIATHPL2AOHHSFNXHMJ"));
    // Five equal calls: the tally keeps the first and the last of them.
    let call = |number: u32| {
        json!({"eventVersion": "1.08", "eventName": "ListBuckets", "eventSource": "s3.amazonaws.com",
            "eventTime": format!("2026-11-02T08:00:0{number}Z"), "eventID": format!("event-{number}"), "readOnly": true,
            "recipientAccountId": "111111111111", "awsRegion": "us-east-1",
            "userIdentity": {"type": "AssumedRole", "principalId": "AROAX:s", "accessKeyId": "ASIAX", "accountId": "111111111111",
                "arn": "arn:aws:sts::111111111111:assumed-role/reader/s",
                "sessionContext": {"attributes": {"creationDate": "2026-11-02T07:59:00Z"}}}})
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.json");
    std::fs::write(&file, json!({"Records": (0..5).map(call).collect::<Vec<_>>()}).to_string()).unwrap();
    for number in 0..5 {
        let (traced, _) = check(&["trace", &format!("event-{number}"), file.to_str().unwrap()], 0);
        assert!(traced.contains("reader"), "{traced}");
    }
}

#[test]
fn what_is_filtered_out_leaves_nothing_behind() {
    for filter in [["--region", "mars"], ["--account", "123456789012"], ["--since", "2030-01-01"]] {
        let (stdout, _) = check(&[&["audit", "sample-logs", "--format", "json"], &filter[..]].concat(), 3);
        let report: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(report["verdict"], "nothing_judged", "{filter:?}");
        for count in ["sessions", "chains", "routes", "assumptions", "denied_assumptions"] {
            assert_eq!(report["summary"][count], 0, "{filter:?} {count}");
        }
        let rules = report["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]);
        let others: Vec<_> = rules.filter(|rule| *rule != "records-not-parsed").collect();
        assert!(others.is_empty(), "{filter:?} {others:?}");
    }
    // The unexpected branch was used on two days; a window on the second knows nothing of the first.
    let windowed = report(&["audit", "sample-logs/02-unexpected-branch", "--since", "2026-11-10"]);
    assert_eq!(windowed["findings"][0]["rule"], "unexpected-subject");
    assert_eq!(windowed["findings"][0]["count"], 1);
}

#[test]
fn a_file_is_written_whole_and_redacted_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let path = file.to_str().unwrap();
    let (stdout, _) =
        check(&["audit", "sample-logs/05-long-lived-key-in-ci", "--format", "json", "-o", path, "--redact"], 0);
    assert_eq!(stdout, "");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_ok());
    assert!(!text.contains("AKIATHPL2AOHHSFNXHMJ") && text.contains("XHMJ"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the report");
}

#[test]
fn color_is_only_for_those_who_want_it() {
    let escape = "\u{1b}[";
    assert!(!check(&["audit", "sample-logs"], 0).0.contains(escape));
    assert!(check(&["audit", "sample-logs", "--color", "always"], 0).0.contains(escape));
    assert!(!check(&["audit", "sample-logs", "--color", "never"], 0).0.contains(escape));
}

#[test]
fn names_of_files_are_foreign_text_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("\u{1b}[31mred\u{202e}.json"), "{\"Records\": [{\"eventName\": ").unwrap();
    let (stdout, stderr) = check(&["audit", folder.path().to_str().unwrap()], 3);
    assert!(stdout.contains("red"), "the defect names the file");
    assert!(!stdout.contains(['\u{1b}', '\u{202e}']) && !stderr.contains(['\u{1b}', '\u{202e}']));
    let missing = folder.path().join("no\u{1b}[2Jsuch");
    let (_, stderr) = check(&["audit", missing.to_str().unwrap()], 2);
    assert!(!stderr.contains('\u{1b}'));
}

#[test]
fn completions_and_manual_come_from_the_same_definitions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(check(&["completions", shell], 0).0.contains("audit"), "{shell}");
    }
    let (manual, _) = check(&["man"], 0);
    for command in ["audit", "chains", "trace", "rules", "explain"] {
        assert!(manual.contains(command), "{command}");
    }
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md").exists());
}

#[test]
fn an_origin_may_be_called_by_its_short_name() {
    let chains =
        |origin: &str| report(&["chains", "sample-logs", "--include-services", "--origin", origin])["chains"].take();
    for (short, long) in [
        ("sso", "identity_center"),
        ("key", "long_term_key"),
        ("iam-key", "long_term_key"),
        ("service", "aws_service"),
        ("account", "external_account"),
    ] {
        let listed = chains(short);
        assert_eq!(listed, chains(long), "{short}");
        for chain in listed.as_array().unwrap() {
            assert_eq!(chain["origin"]["kind"], long, "{chain}");
        }
    }
    assert_ne!(chains("sso"), json!([]));
}

#[test]
fn filters_that_nothing_fits_are_not_taken_for_logs_without_roles() {
    for view in [&["chains", "sample-logs/01-healthy"][..], &["chains", "sample-logs/01-healthy", "--tree"]] {
        let (stdout, _) = check(&[view, &["--role", "no-such-role"]].concat(), 3);
        assert!(stdout.contains("no chain fits these filters"), "{stdout}");
        assert!(!stdout.contains("no role was assumed"), "{stdout}");
    }
    let folder = tempfile::tempdir().unwrap();
    let (stdout, _) = check(&["chains", folder.path().to_str().unwrap(), "--role", "no-such-role"], 3);
    assert!(stdout.contains("no role was assumed"), "{stdout}");
}

#[test]
fn short_help_shows_what_people_need_and_long_help_shows_all() {
    for command in ["audit", "chains", "who", "trace", "export", "query"] {
        let (short, _) = check(&[command, "-h"], 0);
        let (long, _) = check(&[command, "--help"], 0);
        let flags = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('-')).count();
        assert!(flags(&short) <= 18 && flags(&long) > flags(&short), "{command}: {short}");
        assert!(short.contains("--since") && !short.contains("--concurrency") && long.contains("--concurrency"));
        assert!(short.contains("Examples:"), "{short}");
    }
    let (asked, _) = check(&["help", "audit"], 0);
    assert_eq!(asked, check(&["audit", "--help"], 0).0);
    assert_eq!(check(&["help", "trust", "check"], 0).0, check(&["trust", "check", "--help"], 0).0);
    assert_eq!(check(&["help"], 0).0, check(&["--help"], 0).0);
}

#[test]
fn mistakes_are_answered_with_what_was_meant_and_an_example() {
    for (typed, meant) in [
        (&["scan", "logs/"][..], "did you mean `rolechain audit logs/`?"),
        (&["report"], "did you mean `rolechain audit`?"),
        (&["analyze", "logs/", "--since", "7d"], "did you mean `rolechain audit logs/ --since 7d`?"),
        (&["show", "ch-0f3c9a1be2d45678", "logs/"], "did you mean `rolechain trace ch-0f3c9a1be2d45678 logs/`?"),
        (&["sample-logs"], "did you mean `rolechain audit sample-logs`?"),
        (&["s3://trail/AWSLogs"], "did you mean `rolechain audit s3://trail/AWSLogs`?"),
        (&["audti", "logs/"], "audit"),
        (&["audit"], "rolechain audit logs/"),
        (&["who", "prod"], "rolechain who prod s3://"),
        (&["trust", "check", "logs/"], "rolechain trust check --policy new.json"),
        (&["audit", "logs/", "--fail-on", "sever"], "rolechain audit logs/"),
        (&["audit", "s3:/trail/AWSLogs"], "write s3://trail/AWSLogs"),
    ] {
        let (_, error) = check(typed, 2);
        assert!(error.contains(meant), "{typed:?}: {error}");
    }
}

#[test]
fn an_account_may_be_called_by_its_name_wherever_one_is_chosen() {
    let story = "sample-logs/15-cross-repo";
    let without_run = |mut report: Value| {
        report.as_object_mut().unwrap().remove("run");
        report
    };
    for command in ["audit", "chains"] {
        let by = |account: &str| without_run(report(&[command, story, "--account", account]));
        assert_eq!(by("prod"), by("222222222222"), "{command}");
        assert_ne!(by("prod"), by("333333333333"), "{command}");
    }
    let query =
        |account: &str| check(&["query", "busiest-routes", story, "--account", account, "--format", "csv"], 0).0;
    assert_eq!(query("PROD"), query("222222222222"));
    // It reads no expectations, and still knows their names.
    check(&["verify", story, "--account", "prod"], 0);
    let (_, error) = check(&["audit", story, "--account", "prd"], 2);
    assert!(error.contains("no account is called prd") && error.contains("did you mean prod?"), "{error}");
    check(&["audit", story, "--account", "prod", "--no-expectations"], 0);
}

#[test]
fn completions_offer_the_words_of_this_program() {
    for shell in ["bash", "zsh", "fish"] {
        let (script, _) = check(&["completions", shell], 0);
        for word in ["who-reached-prod", "environment-mismatch", "long_term_key", "long_term_keys", "critical"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn no_example_is_broken_over_lines() {
    let (all, _) = check(&["--help"], 0);
    let names = all.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> =
        names.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|name| !name.is_empty()).collect();
    assert!(names.len() > 12, "{names:?}");
    for name in names {
        let (help, _) = check(&[name, "--help"], 0);
        let examples = help.lines().skip_while(|line| *line != "Examples:").skip(1).take_while(|line| !line.is_empty());
        assert!(help.contains("Examples:"), "{name} has no examples");
        for line in examples {
            let is_command =
                ["  rolechain ", "  aws ", "  zcat ", "  terraform "].iter().any(|begin| line.starts_with(begin));
            assert!(is_command, "{name}: {line}");
        }
    }
}
