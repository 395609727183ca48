//! How fast is a whole run, against the floor: inflating the same objects and doing nothing else.
//!
//! `cargo bench --bench scan -- [--organization mixed|sessions] [--records N] [--dir D] [--threads T] [--runs R]`
#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![allow(clippy::as_conversions, clippy::indexing_slicing, reason = "a benchmark may stop where it is wrong")]

mod calls;
#[allow(dead_code, reason = "the stories of the samples need more of it")]
#[path = "../tests/support/ids.rs"]
mod ids;
mod measure;
mod record;
mod sessions;
mod workload;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use measure::{Run, floor, objects_in, run_program};
use sessions::{SHAPES, Shape};

const SEED: u64 = 20_261_102;

struct Options {
    shape: Shape,
    records: u64,
    dir: Option<PathBuf>,
    threads: Option<usize>,
    runs: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let dir = match &options.dir {
        Some(dir) => dir.clone(),
        None => corpus(options.records, options.shape)?,
    };
    let objects = objects_in(&dir)?;
    let gzip: u64 = objects.iter().map(|object| object.1).sum();
    println!("{} objects, {:.1} MB gz, in {}", objects.len(), megabytes(gzip), dir.display());
    let threads = options.threads.map_or_else(|| vec![1, 2], |threads| vec![threads]);
    for threads in threads {
        compare(&dir, &objects, threads, options.runs)?;
    }
    Ok(())
}

/// Measures the floor and the program in turn, after one warm-up of each.
fn compare(dir: &Path, objects: &[(PathBuf, u64)], threads: usize, runs: usize) -> Result<(), Box<dyn Error>> {
    let mut floors = Vec::new();
    let mut whole: Vec<Run> = Vec::new();
    let mut inflated = 0;
    let mut failure = None;
    for run in 0..=runs {
        let (time, bytes) = floor(objects, threads)?;
        inflated = bytes;
        let program = run_program(dir, threads)?;
        if run > 0 {
            floors.push(time);
            failure = failure.or_else(|| program.failure.clone());
            whole.push(program);
        }
    }
    let floor = median(&floors);
    println!("threads {threads}: floor {:.3} s ({:.0} MB inflated)", floor.as_secs_f64(), megabytes(inflated));
    if let Some(reason) = failure {
        println!("threads {threads}: the program failed: {reason}");
        return Ok(());
    }
    let time = median(&whole.iter().map(|run| run.time).collect::<Vec<_>>());
    let memory = whole.iter().filter_map(|run| run.peak_kib).max();
    println!(
        "threads {threads}: program {:.3} s, ratio {:.2}, peak memory {}",
        time.as_secs_f64(),
        time.as_secs_f64() / floor.as_secs_f64().max(1e-9),
        memory.map_or_else(|| "unknown".to_owned(), |kib| format!("{} MB", kib / 1024)),
    );
    Ok(())
}

/// Returns the workload of this many records, and writes it first where it is absent.
fn corpus(records: u64, shape: Shape) -> Result<PathBuf, Box<dyn Error>> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap_or(Path::new("target")).join("bench-corpus");
    let target = if shape.name == "mixed" { target } else { target.join(shape.name) };
    let (dir, note) = (target.join(records.to_string()), target.join(format!("{records}.txt")));
    if note.exists() {
        println!("{}", fs::read_to_string(note)?.trim_end());
        return Ok(dir);
    }
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    let begun = Instant::now();
    let made = workload::generate(&dir, records, SEED, shape)?;
    println!("generated in {:.1} s", begun.elapsed().as_secs_f64());
    let text = format!(
        "{} records in {} objects: {:.1} MB JSON, {:.1} MB gz, {} bytes a record\n",
        made.records,
        made.objects,
        megabytes(made.json),
        megabytes(made.gzip),
        made.json / made.records.max(1),
    );
    print!("{text}");
    fs::write(note, text)?;
    Ok(dir)
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options { shape: SHAPES[0], records: 100_000, dir: None, threads: None, runs: 5 };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--organization" => {
                let name = value()?;
                let known = SHAPES.into_iter().find(|shape| shape.name == name);
                options.shape = known.ok_or_else(|| format!("{name} is no organization: mixed, sessions"))?;
            }
            "--records" => options.records = value()?.replace('_', "").parse()?,
            "--dir" => options.dir = Some(value()?.into()),
            "--threads" => options.threads = Some(value()?.parse()?),
            "--runs" => options.runs = value()?.parse::<usize>()?.max(1),
            // Cargo adds this one.
            "--bench" => {}
            other => {
                return Err(format!("{other} is no option: --organization, --records, --dir, --threads, --runs").into());
            }
        }
    }
    Ok(options)
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
