//! One flipped bit in any file of a store: the same report, or an error that names the file and says what to do.

use std::fs;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::path::PathBuf;

use rolechain::model::time::DAY;
use rolechain::model::time::Timestamp;
use rolechain::pipeline;
use rolechain::pipeline::Silent;
use rolechain::store;
use rolechain::store::Life;
use rolechain::store::StoreError;
use rolechain::store::View;
use rolechain::store::Window;

use crate::store::plan;
use crate::store::run;
use crate::store::text;
use crate::store::told;

/// How many bits are flipped in each file: the more, the faster it is read.
fn flips(file: &Path) -> usize {
    match file.iter().next().and_then(|name| name.to_str()) {
        Some("manifest.json") => 420,
        Some("events" | "objects" | "defects" | "findings") => 120,
        _ => 80,
    }
}

/// Every so many flips, the whole report is made; otherwise only what the file is read for.
const WHOLE: usize = 100;

/// The log files of one day of a story, and one that holds no records: as few as fill every table, because each is a file
/// of each table, and each of these is read thousands of times.
fn nights(folder: &Path) -> [Vec<String>; 2] {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs").join("13-intrusion");
    let mut logs: Vec<String> = files(&story).iter().map(|path| text(path)).collect();
    logs.retain(|path| path.contains("/2026/11/08/"));
    let broken = folder.join("broken.json");
    fs::write(&broken, "{\"Records\":[").unwrap();
    let (first, second) = logs.split_at(logs.len() / 2);
    [first.to_vec(), [second, &[text(&broken)]].concat()]
}

/// Returns every file below a folder, hidden ones included, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// What a whole report says.
fn report(store: &Path) -> Result<String, String> {
    pipeline::run(&plan(&[text(store)], None), &Silent).map(|outcome| told(&outcome)).map_err(|error| error.to_string())
}

/// What those make of a file who read it.
fn told_by(store: &Path, file: &Path) -> Result<String, String> {
    let names: Vec<&str> = file.iter().map(|name| name.to_str().unwrap()).collect();
    let told = || {
        let view = View::open(store)?;
        Ok(match names.as_slice() {
            ["objects" | "defects", _] => format!("{:?}", view.known()?),
            ["findings", _] => format!("{:?}", Life::read(&view)?),
            ["events", day, _] => format!("{:?}", view.fingerprints(Some(day_of(day)))?),
            [_, day, _] => {
                let midnight = Timestamp::of_day(i64::from(day_of(day)));
                let window = Window::days(Some(midnight), Some(midnight.plus(DAY)));
                format!("{:?}", store::join(&[&view], None, &window)?.observations.counts)
            }
            _ => format!("{:?}", view.covered_days()),
        })
    };
    told().map_err(|error: StoreError| error.to_string())
}

fn day_of(folder: &str) -> i32 {
    let midnight = Timestamp::parse_iso(&format!("{}T00:00:00Z", folder.strip_prefix("dt=").unwrap())).unwrap();
    i32::try_from(midnight.day()).unwrap()
}

#[test]
fn a_flipped_bit_gives_the_same_report_or_an_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    for night in nights(folder.path()) {
        run(&plan(&night, Some(&store)));
    }
    let all = files(&store);
    let (mut flipped, mut same) = (0, 0);
    for path in &all {
        let file = path.strip_prefix(&store).unwrap();
        let sound = fs::read(path).unwrap();
        let bits = 8 * sound.len();
        let flips = flips(file).min(bits);
        for flip in 0..flips {
            // Spread over the file, each time another bit of the byte.
            let bit = bits * flip / flips / 8 * 8 + flip % 8;
            let mut bytes = sound.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(path, bytes).unwrap();
            let tell = || if flipped % WHOLE == 0 { report(&store) } else { told_by(&store, file) };
            let told = panic::catch_unwind(AssertUnwindSafe(tell));
            fs::write(path, &sound).unwrap();
            match told.unwrap_or_else(|_| panic!("{} panicked at bit {bit}", file.display())) {
                Ok(told) => {
                    same += 1;
                    assert_eq!(tell(), Ok(told), "{}, bit {bit}", file.display());
                }
                Err(error) => {
                    assert!(error.contains(file.to_str().unwrap()) && error.contains("hint:"), "bit {bit}: {error}");
                }
            }
            flipped += 1;
        }
    }
    println!("{} files, {flipped} flips: {same} the same, {} errors", all.len(), flipped - same);
    assert!(flipped >= 2_000, "{flipped}");
}
