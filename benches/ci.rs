//! What does evidence of many CI runs cost? A run over the sample logs with evidence, against the same run without.
//!
//! `cargo bench --bench ci -- [--runs N]`
#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::as_conversions, reason = "a benchmark may stop where it is wrong")]

#[allow(dead_code, reason = "the other benches need more of it")]
mod measure;

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::{Run, run_command};
use rolechain::model::time::Timestamp;

/// So many runs lie on one page of GitHub's list.
const PAGE: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let mut runs = 100_000;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => runs = arguments.next().ok_or("--runs needs a number")?.parse()?,
            "--bench" => {}
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name(format!("bench-ci/{runs}"));
    if !dir.join("whole").exists() {
        write(&dir, runs)?;
    }
    let size: u64 = fs::read_dir(&dir)?.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum();
    println!("{runs} runs, each with a job and an approval: {} MB in {}", size / 1_000_000, dir.display());
    for (name, evidence) in [("without evidence", None), ("with evidence", Some(&dir))] {
        let mut best: Option<Run> = None;
        for _ in 0..5 {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rolechain"));
            command.args(["audit", concat!(env!("CARGO_MANIFEST_DIR"), "/sample-logs"), "--no-progress", "--quiet"]);
            if let Some(evidence) = evidence {
                command.arg("--ci").arg(evidence);
            }
            let run = run_command(&mut command)?;
            if let Some(failure) = run.failure {
                return Err(failure.into());
            }
            best = best.filter(|best| best.time <= run.time).or(Some(run));
        }
        let Some(best) = best else { continue };
        let memory = best.peak_kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{} MB", kib / 1024));
        println!("{name}: {:.2} s, peak memory {memory}", best.time.as_secs_f64());
    }
    Ok(())
}

/// Writes what GitHub says of so many runs: pages of the list, and one line for each job and for each answer about approvals.
fn write(dir: &Path, runs: usize) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut list = BufWriter::new(File::create(dir.join("runs.json"))?);
    let mut jobs = BufWriter::new(File::create(dir.join("jobs.ndjson"))?);
    let mut approvals = BufWriter::new(File::create(dir.join("approvals.ndjson"))?);
    // 2026-01-01, and a run every four minutes.
    for (nth, made) in (0..runs).zip((1_767_225_600_i64..).step_by(240)) {
        let at = |seconds: i64| Timestamp(made + seconds).to_string();
        let id = 19_000_000_000 + nth * 7;
        let (repository, person) = (nth % 40, nth % 300);
        let of = format!("acme/service-{repository}");
        let page = format!("https://github.com/{of}/actions/runs/{id}");
        let begin =
            if nth % PAGE == 0 { format!(r#"{{"total_count":{runs},"workflow_runs":["#) } else { ",".to_owned() };
        let end = if nth % PAGE == PAGE - 1 || nth + 1 == runs { "]}\n" } else { "" };
        write!(
            list,
            r#"{begin}{{"id":{id},"name":"deploy","path":".github/workflows/deploy.yml","run_number":{},"run_attempt":1,"event":"push","status":"completed","conclusion":"success","workflow_id":{},"head_branch":"main","head_sha":"{nth:040x}","created_at":"{}","run_started_at":"{}","updated_at":"{}","actor":{{"login":"person-{person}","id":{person},"type":"User"}},"triggering_actor":{{"login":"person-{person}","id":{person},"type":"User"}},"html_url":"{page}","repository":{{"id":{},"full_name":"{of}"}},"head_repository":{{"id":{},"full_name":"{of}"}}}}{end}"#,
            nth / 40 + 1,
            70 + repository,
            at(0),
            at(0),
            at(200),
            9_000 + repository,
            9_000 + repository
        )?;
        writeln!(
            jobs,
            r#"{{"id":{},"run_id":{id},"run_attempt":1,"run_url":"https://api.github.com/repos/{of}/actions/runs/{id}","html_url":"{page}/job/{}","status":"completed","conclusion":"success","started_at":"{}","completed_at":"{}","name":"Deploy to prod","labels":["ubuntu-24.04"],"runner_name":"GitHub Actions {}","runner_group_name":"GitHub Actions"}}"#,
            73_000_000_000 + nth,
            73_000_000_000 + nth,
            at(20),
            at(190),
            nth % 90
        )?;
        writeln!(
            approvals,
            r#"{{"host":"github.com","repo":"{of}","run_id":{id},"approvals":[{{"state":"approved","user":{{"login":"lead-{}","id":{},"type":"User"}},"environments":[{{"id":61,"name":"prod","html_url":"https://github.com/{of}/deployments/activity_log"}}]}}]}}"#,
            nth % 30,
            5_000 + nth % 30
        )?;
    }
    list.flush()?;
    jobs.flush()?;
    approvals.flush()?;
    File::create(dir.join("whole")).map(drop)
}
