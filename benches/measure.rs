//! What the benchmark measures: the floor, and the program as a child process.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use libdeflater::{DecompressionError, Decompressor};

/// One run of the program.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// From start to exit.
    pub(crate) time: Duration,
    /// The most memory that it held, where the system tells.
    pub(crate) peak_kib: Option<u64>,
    /// Why the run does not count.
    pub(crate) failure: Option<String>,
}

/// Returns the objects under a folder with their sizes, the largest first.
pub(crate) fn objects_in(dir: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let mut objects = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                objects.push((entry.path(), about.len()));
            }
        }
    }
    objects.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(objects)
}

/// Inflates every object into buffers that are used again, and does nothing else. Returns the time and the bytes.
pub(crate) fn floor(objects: &[(PathBuf, u64)], threads: usize) -> io::Result<(Duration, u64)> {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let sizes: Vec<io::Result<u64>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(|| inflate_until_done(objects, &next))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| Err(io::Error::other("a worker stopped"))))
            .collect()
    });
    let time = begun.elapsed();
    Ok((time, sizes.into_iter().sum::<io::Result<u64>>()?))
}

fn inflate_until_done(objects: &[(PathBuf, u64)], next: &AtomicUsize) -> io::Result<u64> {
    let mut inflater = Decompressor::new();
    let (mut input, mut output) = (Vec::new(), Vec::new());
    let mut total = 0;
    while let Some((path, _)) = objects.get(next.fetch_add(1, Ordering::Relaxed)) {
        input.clear();
        io::Read::read_to_end(&mut fs::File::open(path)?, &mut input)?;
        let size = input.last_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size));
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if output.len() < size {
            output.resize(size, 0);
        }
        match inflater.gzip_decompress(&input, &mut output) {
            Ok(size) => total += size as u64,
            Err(DecompressionError::BadData | DecompressionError::InsufficientSpace) => {
                return Err(io::Error::other(format!("{} does not inflate", path.display())));
            }
        }
    }
    Ok(total)
}

/// Runs `rolechain audit` over a folder. A run that fails is told, and is no error of the benchmark.
pub(crate) fn run_program(dir: &Path, threads: usize) -> io::Result<Run> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolechain"));
    command.arg("audit").arg(dir).args(["--no-progress", "--quiet", "--threads", &threads.to_string()]);
    run_command(&mut command)
}

/// Runs a command that writes a report.
pub(crate) fn run_command(command: &mut Command) -> io::Result<Run> {
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut stdout = child.stdout.take();
    let reader = thread::spawn(move || stdout.as_mut().map_or(Ok(0), |stdout| io::copy(stdout, &mut io::sink())));
    let (peak_kib, status) = watch(&mut child)?;
    let time = begun.elapsed();
    let written = reader.join().unwrap_or_else(|_| Err(io::Error::other("the reader stopped")))?;
    let failure = if !status.success() {
        Some(status.to_string())
    } else if written == 0 {
        Some("it wrote no report".to_owned())
    } else {
        None
    };
    Ok(Run { time, peak_kib, failure })
}

/// Waits for the child, and asks now and then how much memory it has held at most.
fn watch(child: &mut Child) -> io::Result<(Option<u64>, std::process::ExitStatus)> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        if let Some(exit) = child.try_wait()? {
            return Ok((peak, exit));
        }
        if let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            peak = peak.max(kib);
        }
        thread::sleep(Duration::from_millis(5));
    }
}
