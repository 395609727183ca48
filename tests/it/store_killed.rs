//! Commands that change a store, killed at random moments: the next one makes of it what was never killed.

use std::fs;
use std::hash::BuildHasher as _;
use std::hash::RandomState;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;
use std::time::Instant;

use rolechain::store;
use rolechain::store::Store;
use rolechain::store::View;

use crate::store::plan;
use crate::store::run;
use crate::store::text;
use crate::store::told;
use crate::store_faults::copy;
use crate::store_faults::files;
use crate::store_faults::lives;
use crate::store_faults::rolechain;
use crate::store_faults::two_nights;
use crate::store_verify::checked;
use crate::verify::Bucket;
use crate::verify::public_keys;

/// How often each command is killed, unless `ROLECHAIN_KILLS` says another number.
const KILLS: u64 = 3;

/// Returns the number that a variable of the environment gives.
fn number(variable: &str) -> Option<u64> {
    std::env::var_os(variable).map(|number| number.to_str().unwrap().parse().unwrap())
}

/// Random numbers from a seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn new(what: &str) -> Self {
        let seed = number("ROLECHAIN_SEED").unwrap_or_else(|| RandomState::new().hash_one(what));
        println!("{what}: ROLECHAIN_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A part of something, from 0 to 1.
    fn part(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }
}

/// What is known of a store besides what its report tells. A merge that is made twice writes down twice from where it
/// knows what, and counts it once.
fn state(store: &Path, is_merge: bool) -> String {
    let status = store::status(&View::open(store).unwrap()).unwrap();
    let head = format!("{:?} {} {:?}", status.kept_since, status.generation, status.findings);
    if is_merge {
        return head;
    }
    let tables = status.tables.iter().map(|(table, of)| format!("{table}: {} files, {} rows", of.files, of.rows));
    format!("{head} {:?} {} files", tables.collect::<Vec<_>>(), files(store))
}

/// Kills a command at random moments, and lets it come to its end; then it must have come to what it comes to when
/// nobody kills it. `tell` says what a store tells.
fn kill(what: &str, seed: Option<&Path>, arguments: &dyn Fn(&Path) -> Vec<String>, tell: &dyn Fn(&Path) -> String) {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(what);
    let kills = number("ROLECHAIN_KILLS").unwrap_or(KILLS);
    let prepare = |name: &str| {
        let store = folder.path().join(name);
        if let Some(seed) = seed {
            copy(seed, &store);
        }
        store
    };
    let start = |store: &Path| -> Child {
        let arguments = arguments(store);
        let mut command = rolechain(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        command.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let calm = prepare("calm");
    let begun = files(&calm);
    let started = Instant::now();
    assert!(start(&calm).wait().unwrap().success());
    let duration = started.elapsed();
    drop(Store::open(&calm).unwrap());
    let is_merge = what.starts_with("merge");
    let written = files(&calm).abs_diff(begun).max(1);
    let expected = (tell(&calm), state(&calm, is_merge));
    let mut killed = 0;
    for round in 0..kills {
        let store = prepare(&format!("round-{round}"));
        // One or two that are killed, and one that is not.
        for _ in 0..=random.next() % 2 {
            let mut child = start(&store);
            if round > 0 && random.next().is_multiple_of(2) {
                std::thread::sleep(duration.mul_f64(random.part()));
            } else {
                // While files come or go.
                let wanted = 1 + usize::try_from(random.next()).unwrap() % written;
                let started = Instant::now();
                while files(&store).abs_diff(begun) < wanted
                    && child.try_wait().unwrap().is_none()
                    && started.elapsed().as_secs() < 60
                {
                    std::thread::sleep(Duration::from_micros(100));
                }
            }
            let _ = child.kill();
            killed += u64::from(!child.wait().unwrap().success());
        }
        // What is left can be read, unless nothing is there yet.
        if store::is_observations(&store) {
            View::open(&store).and_then(|view| store::status(&view)).unwrap_or_else(|error| panic!("{round}: {error}"));
        }
        assert!(start(&store).wait().unwrap().success(), "round {round}");
        // One more that writes sweeps up what a killed one left.
        drop(Store::open(&store).unwrap());
        let after = (tell(&store), state(&store, is_merge));
        assert_eq!(expected, after, "{what}, round {round}");
    }
    assert!(killed * 4 >= kills, "only {killed} of {kills} were killed in time");
    println!("{what}: killed {killed} times in {kills} rounds");
}

fn tell(store: &Path) -> String {
    let outcome = run(&plan(&[text(store)], None));
    format!("{} {:?}", told(&outcome), lives(&outcome))
}

/// A store of two nights, and a folder to hold it.
fn two_commits() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("seed");
    for night in two_nights() {
        run(&plan(&night, Some(&store)));
    }
    (folder, store)
}

fn words(words: &[&str], more: &[String]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).chain(more.iter().cloned()).collect()
}

#[test]
fn compacting_may_be_killed() {
    let (_folder, seed) = two_commits();
    kill("compact", Some(&seed), &|store| words(&["store", "compact"], &[text(store)]), &tell);
}

#[test]
fn letting_days_go_may_be_killed() {
    let (_folder, seed) = two_commits();
    let arguments = |store: &Path| words(&["store", "compact", "--keep", "1d"], &[text(store)]);
    kill("compact --keep", Some(&seed), &arguments, &tell);
}

#[test]
fn merging_may_be_killed() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    let [first, second] = two_nights();
    run(&plan(&first, Some(&a)));
    run(&plan(&second, Some(&b)));
    let arguments = |store: &Path| words(&["store", "merge"], &[text(&a), text(&b), "--into".to_owned(), text(store)]);
    kill("merge into a new one", None, &arguments, &tell);
    kill("merge", Some(&a), &arguments, &tell);
}

#[test]
fn a_night_that_lets_days_go_may_be_killed() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed");
    let [first, second] = two_nights();
    run(&plan(&first, Some(&seed)));
    let mut sources = first;
    sources.extend(second);
    let fixed = ["audit", "--no-expectations", "--include-services", "--quiet", "--keep", "2d"];
    let arguments = |store: &Path| {
        let mut arguments = words(&fixed, &sources);
        arguments.extend(["--store".to_owned(), text(store)]);
        arguments
    };
    kill("audit --keep", Some(&seed), &arguments, &tell);
    kill("audit --keep into a new one", None, &arguments, &tell);
}

#[test]
fn a_night_that_checks_digest_files_may_be_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, list) = (folder.path().join("logs"), folder.path().join("keys.json"));
    Bucket::new().write(&logs, true);
    fs::write(&list, public_keys()).unwrap();
    let fixed = ["audit", "--no-expectations", "--quiet", "--verify", "--public-keys"];
    let arguments = |store: &Path| words(&fixed, &[text(&list), text(&logs), "--store".to_owned(), text(store)]);
    let tell = |store: &Path| told(&checked(&plan(&[text(store)], None)));
    kill("audit --verify", None, &arguments, &tell);
}
