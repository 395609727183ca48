//! How fast is a run over a bucket, against the same objects on disk, and does its memory stay flat?
//!
//! `cargo bench --bench s3 -- [--objects N,N,…] [--copies N] [--latency MS] [--concurrency N] [--threads T]`
//!
//! Memory grows with sessions, as it does on disk. With `--copies` each object lies in the bucket so many times, under
//! names of other trails: the sessions stay the same, and what is left is what streaming itself needs.
//!
//! The bucket is served over HTTP by this process; the program is a child process, and only its memory is measured. Both
//! share the cores of the machine.
#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::as_conversions, clippy::indexing_slicing, reason = "a benchmark may stop where it is wrong")]

mod calls;
#[allow(dead_code, reason = "the stories of the samples need more of it")]
#[path = "../tests/support/ids.rs"]
mod ids;
#[allow(dead_code, reason = "the other bench needs more of it")]
mod measure;
mod record;
#[path = "../tests/support/s3.rs"]
mod s3;
#[allow(dead_code, reason = "the other bench names the organizations")]
mod sessions;
#[allow(dead_code, reason = "the other bench shows more of what was made")]
mod workload;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use measure::{Run, objects_in, run_command, run_program};
use s3::{Faults, Server};

const SEED: u64 = 20_261_102;

/// How many records an object of the workload has, about: so many are made for each object that is asked for, and the
/// first objects by name are taken.
const RECORDS: u64 = 120;

struct Options {
    objects: Vec<usize>,
    copies: usize,
    latency: Duration,
    concurrency: u16,
    threads: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    for count in &options.objects {
        compare(*count, &options)?;
    }
    Ok(())
}

/// Measures one number of objects: on disk, over HTTP, and over HTTP from a server as far away as S3.
fn compare(count: usize, options: &Options) -> Result<(), Box<dyn Error>> {
    let dir = corpus(count)?;
    let mut objects = BTreeMap::new();
    for (path, _) in objects_in(&dir)? {
        let key = path.strip_prefix(&dir)?.to_string_lossy().replace('\\', "/");
        let body = fs::read(&path)?;
        for copy in 1..options.copies {
            objects.insert(format!("trail-{copy}/{key}"), body.clone());
        }
        objects.insert(key, body);
    }
    let bytes: usize = objects.values().map(Vec::len).sum();
    println!("{} objects, {:.1} MB gz, {} threads", objects.len(), megabytes(bytes), options.threads);
    let count = objects.len();
    if options.copies == 1 {
        // The first run fills the caches of the system.
        run_program(&dir, options.threads)?;
        show("disk", &run_program(&dir, options.threads)?, count, None);
    }
    for latency in [Duration::ZERO, options.latency] {
        let server = Server::start(objects.clone(), Faults { latency, ..Faults::default() });
        let name = format!("http, {} ms", latency.as_millis());
        let run = over_http(&server, options)?;
        show(&name, &run, count, Some(server.peak()));
    }
    Ok(())
}

fn over_http(server: &Server, options: &Options) -> Result<Run, Box<dyn Error>> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rolechain"));
    command.args(["audit", "s3://logs", "--no-progress", "--quiet", "--strict"]);
    command.args(["--threads", &options.threads.to_string(), "--concurrency", &options.concurrency.to_string()]);
    command.env_clear().env("HOME", "/nonexistent").env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ENDPOINT_URL", server.url());
    command.env("AWS_ACCESS_KEY_ID", s3::KEY).env("AWS_SECRET_ACCESS_KEY", s3::SECRET);
    Ok(run_command(&mut command)?)
}

fn show(name: &str, run: &Run, objects: usize, in_flight: Option<usize>) {
    if let Some(reason) = &run.failure {
        println!("  {name}: the program failed: {reason}");
        return;
    }
    #[allow(clippy::cast_precision_loss, reason = "shown without fractions")]
    let rate = objects as f64 / run.time.as_secs_f64().max(1e-9);
    println!(
        "  {name}: {:.2} s, {rate:.0} objects/s, peak memory {}{}",
        run.time.as_secs_f64(),
        run.peak_kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{} MB", kib / 1024)),
        in_flight.map(|peak| format!(", at most {peak} requests in flight")).unwrap_or_default(),
    );
}

/// Returns a folder with so many objects, and makes it first where it is absent.
fn corpus(count: usize) -> Result<PathBuf, Box<dyn Error>> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap_or(Path::new("target")).join("bench-corpus");
    let (dir, done) = (target.join(format!("s3-{count}")), target.join(format!("s3-{count}.done")));
    if done.exists() {
        return Ok(dir);
    }
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    let begun = Instant::now();
    // Objects differ much in size, so that few of them may take many records: more is made until it is enough.
    let mut records = RECORDS * count as u64;
    while workload::generate(&dir, records, SEED, sessions::SHAPES[0])?.objects < count as u64 {
        fs::remove_dir_all(&dir)?;
        fs::create_dir_all(&dir)?;
        records *= 2;
    }
    let mut objects = objects_in(&dir)?;
    objects.sort();
    for (path, _) in objects.iter().skip(count) {
        fs::remove_file(path)?;
    }
    println!("generated {count} objects in {:.1} s", begun.elapsed().as_secs_f64());
    fs::write(done, "")?;
    Ok(dir)
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        objects: vec![1_000, 10_000, 50_000],
        copies: 1,
        latency: Duration::from_millis(30),
        concurrency: 64,
        threads: 2,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--objects" => {
                let counts = value()?;
                options.objects = counts.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            "--copies" => options.copies = value()?.parse()?,
            "--latency" => options.latency = Duration::from_millis(value()?.parse()?),
            "--concurrency" => options.concurrency = value()?.parse()?,
            "--threads" => options.threads = value()?.parse()?,
            // Cargo adds this one.
            "--bench" => {}
            other => {
                return Err(
                    format!("{other} is no option: --objects, --copies, --latency, --concurrency, --threads").into()
                );
            }
        }
    }
    Ok(options)
}

#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
