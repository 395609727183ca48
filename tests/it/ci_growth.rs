//! Evidence of many runs: reading and joining grow evenly, in time and in memory.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use rolechain::ci::Facts;
use rolechain::join;
use rolechain::join::Grade;
use rolechain::model::lineage::Lineage;
use rolechain::model::time::Timestamp;
use serde_json::json;

use crate::growth;

/// The larger number of runs; the smaller one is a quarter of it.
const RUNS: usize = 4_000;

/// The first second of the logs of `growth`.
const START: i64 = 1_793_606_400;

/// One run in every second second, each with a job of a minute that enters AWS.
fn run_id(nth: usize) -> usize {
    19_400_000_000 + nth * 7
}

/// The logs: one session a run, whose client names the run, or does not.
fn logs(count: usize, names: bool) -> Lineage {
    let records = (0..count).map(|nth| {
        let mut opened = growth::web("gha", "GitHubActions", nth + 1, 1, nth * 2);
        if names {
            let agent = format!(
                "aws-sdk-js/3 configure-aws-credentials-for-github-actions md/run_id#{} md/attempt#1",
                run_id(nth)
            );
            opened["userAgent"] = json!(agent);
        }
        opened
    });
    growth::lineage(&records.collect::<Vec<_>>())
}

/// What GitHub says, as lines: a run and its job, each.
fn evidence(count: usize) -> String {
    let mut text = String::new();
    let time = |second: i64| Timestamp(START + second).to_string();
    for nth in 0..count {
        let (id, second) = (run_id(nth), i64::try_from(nth).unwrap() * 2);
        let page = format!("https://github.com/acme/orders/actions/runs/{id}");
        writeln!(
            text,
            r#"{{"id":{id},"name":"deploy","path":".github/workflows/deploy.yml","run_number":{nth},"run_attempt":1,"event":"push","status":"completed","conclusion":"success","workflow_id":{},"head_branch":"main","head_sha":"{nth:040x}","html_url":"{page}","created_at":"{}","run_started_at":"{}","updated_at":"{}","actor":{{"login":"octavia","id":501,"type":"User"}},"repository":{{"id":9001,"full_name":"acme/orders"}},"head_repository":{{"id":9001,"full_name":"acme/orders"}}}}"#,
            7 + nth % 2,
            time(second - 30),
            time(second - 30),
            time(second + 31)
        )
        .unwrap();
        writeln!(
            text,
            r#"{{"id":{},"run_id":{id},"run_attempt":1,"run_url":"https://api.github.com/repos/acme/orders/actions/runs/{id}","html_url":"{page}/job/{}","status":"completed","conclusion":"success","name":"Deploy","started_at":"{}","completed_at":"{}","labels":["ubuntu-24.04"],"runner_name":"GitHub Actions 7","runner_group_name":"GitHub Actions"}}"#,
            id + 1,
            id + 1,
            time(second - 10),
            time(second + 30)
        )
        .unwrap();
    }
    text
}

fn read(text: &str) -> Arc<Facts> {
    let mut facts = Facts::default();
    facts.read("runs.ndjson", text.as_bytes()).unwrap();
    facts.settle();
    Arc::new(facts)
}

/// The shortest of a few: what else the machine does makes some of them longer.
fn shortest(mut work: impl FnMut()) -> Duration {
    let taken = (0..4).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    taken.min().unwrap()
}

#[test]
fn reading_and_joining_grow_evenly() {
    for names in [true, false] {
        let [few, many] = [RUNS / 4, RUNS].map(|count| {
            let (lineage, text) = (logs(count, names), evidence(count));
            let facts = read(&text);
            let joined = join::join(&lineage, Arc::clone(&facts));
            let of_grade = joined.by_grade();
            // A session that names no run may be of every job that ran then.
            let expected = if names { Grade::Exact } else { Grade::Ambiguous };
            assert_eq!(of_grade.get(&expected), Some(&count), "{of_grade:?}");
            let [reading, joining] =
                [shortest(|| drop(read(&text))), shortest(|| drop(join::join(&lineage, Arc::clone(&facts))))];
            println!("{count} runs, named: {names}: read in {reading:?}, joined in {joining:?}");
            [reading, joining]
        });
        for (few, many) in few.into_iter().zip(many) {
            // Four times as much, and room for a busy machine; sixteen would be all against all.
            assert!(many < few * 10 + Duration::from_millis(20), "{few:?} became {many:?}");
        }
    }
}
