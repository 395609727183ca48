//! Stores under fire: killed processes, full disks, two at a time, damaged and foreign files.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use rolechain::model::finding::Status;
use rolechain::pipeline::Outcome;
use rolechain::store;
use rolechain::store::Store;
use rolechain::store::View;
use rolechain::store::Window;

use crate::program::program;
use crate::s3::command;
use crate::store::plan;
use crate::store::run;
use crate::store::text;
use crate::store::told;

pub(crate) fn rolechain(arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(arguments).env_remove("ROLECHAIN_STORE").stdin(Stdio::null());
    command
}

fn refused(arguments: &[&str]) -> String {
    error_of(&rolechain(arguments).output().unwrap())
}

fn error_of(output: &Output) -> String {
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with("error: "), "{error}");
    error
}

/// The log files of a few stories, in two parts: what the first night sees, and what the second adds. Faults are of commits
/// and not of scans, and every day of logs is a file of each table.
pub(crate) fn two_nights() -> [Vec<String>; 2] {
    let mut objects = Vec::new();
    let mut waiting = ["02-unexpected-branch", "05-long-lived-key-in-ci", "09-one-sided"]
        .map(|story| Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs").join(story))
        .to_vec();
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_string_lossy().ends_with(".json.gz") {
                objects.push(text(&path));
            }
        }
    }
    objects.sort();
    assert!(objects.len() > 30, "{}", objects.len());
    let (first, second): (Vec<_>, Vec<_>) = objects.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    [first, second].map(|night| night.into_iter().map(|(_, object)| object).collect())
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Counts the files below a folder, hidden ones included.
pub(crate) fn files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

pub(crate) fn lives(outcome: &Outcome) -> Vec<(String, Status)> {
    outcome.findings.iter().map(|finding| (finding.fingerprint.clone(), finding.status)).collect()
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_no_trace_in_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = two_nights();
    let seed = folder.path().join("seed");
    run(&plan(&first, Some(&seed)));
    let begun = files(&seed);
    let mut everything = first;
    everything.extend(second);
    let calm = folder.path().join("calm");
    copy(&seed, &calm);
    let started = Instant::now();
    let mut whole = vec!["audit", "--no-expectations", "--include-services", "--quiet", "--threads", "2"];
    whole.extend(everything.iter().map(String::as_str));
    let with_store = |store: &Path| rolechain(&whole).arg("--store").arg(store).stdout(Stdio::null()).spawn().unwrap();
    assert!(with_store(&calm).wait().unwrap().success());
    let duration = started.elapsed();
    let expected = run(&plan(&[text(&calm)], None));
    let written = files(&calm) - begun;
    assert_eq!(told(&expected), told(&run(&plan(&everything, None))));

    let mut killed = 0;
    for round in [0, 3, 5, 10u32] {
        let store = folder.path().join(format!("round-{round}"));
        copy(&seed, &store);
        let mut child = with_store(&store);
        if round % 4 == 3 {
            // At any moment.
            std::thread::sleep(duration.mul_f64(f64::from(round) / 12.0));
        } else {
            // While it commits: after so many files of the new commit.
            let wanted = begun + 1 + written * usize::try_from(round).unwrap() / 12;
            let started = Instant::now();
            while files(&store) < wanted && child.try_wait().unwrap().is_none() && started.elapsed().as_secs() < 60 {
                std::thread::sleep(Duration::from_micros(200));
            }
        }
        let _ = child.kill();
        killed += u32::from(!child.wait().unwrap().success());
        // What is there can be read at once, and is what was there before or after the commit.
        let left = run(&plan(&[text(&store)], None));
        assert!(left.lineage.observations.counts.unique > 0);
        // Killed once more, and then left in peace.
        if round % 2 == 0 {
            let mut child = with_store(&store);
            std::thread::sleep(duration.mul_f64(0.5));
            let _ = child.kill();
            let _ = child.wait();
        }
        assert!(with_store(&store).wait().unwrap().success());
        let after = run(&plan(&[text(&store)], None));
        assert_eq!(told(&expected), told(&after), "round {round}");
        assert_eq!(lives(&expected), lives(&after), "round {round}");
        assert_eq!(files(&calm), files(&store), "round {round} left files behind");
    }
    assert!(killed >= 2, "only {killed} of 4 runs were killed in time");
}

#[test]
fn a_second_process_is_told_to_wait_and_readers_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = two_nights();
    let store = folder.path().join("store");
    run(&plan(&first, Some(&store)));
    let lock = File::options().write(true).open(store.join(".lock")).unwrap();
    lock.lock().unwrap();
    let error = refused(&["audit", &second[0], "--store", &text(&store)]);
    assert!(error.contains("in use by another rolechain") && error.contains("hint: wait"), "{error}");
    refused(&["store", "compact", &text(&store)]);
    assert!(rolechain(&["audit", &text(&store)]).output().unwrap().status.success());
    assert!(rolechain(&["store", "status", &text(&store)]).output().unwrap().status.success());
    drop(lock);
    run(&plan(&second, Some(&store)));
}

#[test]
fn readers_beside_a_writer_that_replaces_files_see_a_whole_store() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = two_nights();
    let few = |night: &[String], count: usize| night.iter().step_by(night.len() / count).cloned().collect::<Vec<_>>();
    let store = folder.path().join("store");
    run(&plan(&few(&first, 4), Some(&store)));
    // One that has begun, and reads on after everything that it began with was replaced.
    let begun = View::open(&store).unwrap();
    let window = Window::default();
    let before = store::join(&[&begun], None, &window).unwrap().observations.counts;
    let nights = few(&second, 3);
    let is_over = AtomicBool::new(false);
    let reads = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !is_over.load(Ordering::SeqCst) && reads < 500 {
                let output = rolechain(&["audit", &text(&store), "--quiet"]).output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                reads += 1;
            }
            reads
        });
        for night in &nights {
            run(&plan(std::slice::from_ref(night), Some(&store)));
            Store::open(&store).unwrap().compact(None).unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
        reader.join().unwrap()
    });
    assert!(reads > 1, "{reads}");
    assert_eq!(before, store::join(&[&begun], None, &window).unwrap().observations.counts);
    // When nobody reads any more, what was replaced goes.
    let kept = files(&store);
    drop(begun);
    drop(Store::open(&store).unwrap());
    assert!(files(&store) < kept, "{kept} files");
}

#[test]
fn a_full_disk_is_a_clear_error_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = two_nights();
    let store = folder.path().join("store");
    run(&plan(&first, Some(&store)));
    let before = told(&run(&plan(&[text(&store)], None)));
    let kept = files(&store);
    // A limit on the size of files fails like a full disk does: in the middle of a write. (In blocks of 512 bytes.)
    for limit in [1, 4, 10] {
        let sources = second.join(" ");
        let script = format!(
            "trap '' XFSZ; ulimit -f {limit}; exec {} audit {sources} --quiet --store {}",
            env!("CARGO_BIN_EXE_rolechain"),
            store.display()
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let error = error_of(&output);
        assert!(error.contains("cannot write") && error.contains("hint: make room"), "{limit}: {error}");
        assert_eq!(before, told(&run(&plan(&[text(&store)], None))), "{limit}");
        assert_eq!(kept, files(&store), "{limit}: drafts were left");
    }
    let mut everything = first;
    everything.extend(second);
    assert_eq!(told(&run(&plan(&everything, None))), told(&run(&plan(&everything, Some(&store)))));
}

#[test]
fn a_damaged_store_says_which_file_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = two_nights();
    let sound = folder.path().join("sound");
    run(&plan(&first, Some(&sound)));
    let mut tables: Vec<PathBuf> = fs::read_dir(&sound).unwrap().map(|entry| entry.unwrap().path()).collect();
    tables.retain(|path| path.is_dir());
    assert!(tables.len() >= 7);
    for table in tables {
        let name = table.file_name().unwrap().to_str().unwrap();
        let file = first_file(&table);
        let below = file.strip_prefix(&sound).unwrap();
        let bytes = fs::read(&file).unwrap();
        for (what, damaged) in [
            ("cut", bytes[..bytes.len() / 2].to_vec()),
            ("emptied", Vec::new()),
            ("overwritten", vec![b'x'; bytes.len()]),
        ] {
            let store = folder.path().join(format!("{name}-{what}"));
            copy(&sound, &store);
            fs::write(store.join(below), damaged).unwrap();
            // An audit of the store alone needs no fingerprints.
            let arguments = ["store", "status", &text(&store)];
            let error = refused(&arguments);
            assert!(error.contains(below.to_str().unwrap()) && error.contains("hint:"), "{name} {what}: {error}");
        }
        let store = folder.path().join(format!("{name}-lost"));
        copy(&sound, &store);
        fs::remove_file(store.join(below)).unwrap();
        assert!(refused(&["store", "status", &text(&store)]).contains("hint:"), "{name}");
    }
    let store = folder.path().join("manifest-cut");
    copy(&sound, &store);
    let manifest = fs::read_to_string(store.join("manifest.json")).unwrap();
    // Whatever stands in its place, the files beside it are those of a store.
    fs::remove_file(store.join("manifest.json")).unwrap();
    fs::create_dir(store.join("manifest.json")).unwrap();
    let error = refused(&["audit", &text(&store)]);
    assert!(error.contains("manifest.json") && error.contains("damaged"), "{error}");
    fs::remove_dir(store.join("manifest.json")).unwrap();
    fs::write(store.join("manifest.json"), &manifest[..manifest.len() / 2]).unwrap();
    for arguments in [vec!["audit", &first[0], "--store", &text(&store)], vec!["audit", &text(&store)]] {
        let error = refused(&arguments);
        assert!(error.contains("manifest.json") && error.contains("damaged"), "{error}");
    }
    // Nothing was thrown away on the way.
    assert_eq!(files(&sound), files(&store));
}

fn first_file(folder: &Path) -> PathBuf {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let first = entries.remove(0);
    if first.is_dir() { first_file(&first) } else { first }
}

#[test]
fn what_is_no_store_and_what_is_too_new_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = two_nights();
    let foreign = folder.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("thesis.txt"), "mine").unwrap();
    let error = refused(&["audit", &first[0], "--store", &text(&foreign)]);
    assert!(error.contains("is not a store") && error.contains("thesis.txt"), "{error}");
    assert_eq!(files(&foreign), 1, "nothing was written into it");
    let error = refused(&["store", "status", &text(&foreign)]);
    assert!(error.contains("is not a store"), "{error}");
    refused(&["store", "compact", &text(&folder.path().join("nowhere"))]);
    refused(&["audit", &first[0], "--store", &first[0]]);
    refused(&["audit", &first[0], "--keep", "400d"]);
    refused(&["store", "compact", &text(&foreign), "--keep", "forever"]);

    let store = folder.path().join("store");
    run(&plan(&first, Some(&store)));
    let manifest = fs::read_to_string(store.join("manifest.json")).unwrap();
    // The first version had no checksums.
    for version in ["observations/1", "observations/3"] {
        fs::write(store.join("manifest.json"), manifest.replace("observations/2", version)).unwrap();
        for arguments in [
            &["audit", &first[0], "--store", &text(&store)][..],
            &["audit", &text(&store)],
            &["store", "status", &text(&store)],
        ] {
            let error = refused(arguments);
            assert!(error.contains(version) && error.contains("manifest.json") && error.contains("hint:"), "{error}");
        }
    }
    fs::write(store.join("manifest.json"), manifest).unwrap();
    let other = folder.path().join("other");
    let error = refused(&["audit", &text(&store), "--store", &text(&other)]);
    assert!(error.contains("rolechain store merge"), "{error}");
}

#[test]
fn a_store_and_its_sources_lie_beside_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = two_nights();
    let logs = folder.path().join("logs");
    fs::create_dir_all(logs.join("day")).unwrap();
    fs::copy(&first[0], logs.join("day/log.json.gz")).unwrap();
    let (inside, source) = (logs.join("store"), text(&logs));
    for (source, store) in
        [(&source, &inside), (&text(&logs.join("day/log.json.gz")), &logs), (&text(&logs.join("day")), &logs)]
    {
        let error = refused(&["audit", source, "--store", &text(store)]);
        assert!(error.contains("cannot keep a store in") && error.contains("outside of the logs"), "{error}");
    }
    assert!(!inside.exists() && files(&logs) == 1, "nothing was written");
    assert!(rolechain(&["audit", &source, "--store", &text(&folder.path().join("store"))]).status().unwrap().success());
}

#[test]
fn a_run_that_read_nothing_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = two_nights();
    let nowhere = text(&folder.path().join("nowhere"));
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let (new, made) = (folder.path().join("deep/er/new"), folder.path().join("made"));
    fs::create_dir(&made).unwrap();
    for store in [&new, &made] {
        refused(&["audit", &nowhere, "--store", &text(store)]);
        let mut without_credentials = command(None, &["audit", "s3://bucket/AWSLogs", "--store", &text(store)]);
        without_credentials.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        error_of(&without_credentials.output().unwrap());
        refused(&["store", "merge", &nowhere, "--into", &text(store)]);
        // A run over nothing is none either, whatever it says of that.
        let output = rolechain(&["audit", &text(&empty), "--store", &text(store)]).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // A full disk in the first commit.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec {} audit {} --quiet --store {}",
        env!("CARGO_BIN_EXE_rolechain"),
        first.join(" "),
        new.display()
    );
    error_of(&Command::new("sh").args(["-c", &script]).output().unwrap());
    assert!(!folder.path().join("deep").exists());
    assert_eq!(fs::read_dir(&made).unwrap().count(), 0, "what was there stays as it was");
    assert!(refused(&["store", "status", &text(&new)]).contains("there is no store"));
    // The next one may begin there.
    run(&plan(&first, Some(&new)));
    run(&plan(&first, Some(&made)));
    // And a store that is there stays as it was.
    let manifest = fs::read(new.join("manifest.json")).unwrap();
    let kept = files(&new);
    refused(&["audit", &nowhere, "--store", &text(&new)]);
    refused(&["store", "merge", &nowhere, "--into", &text(&new)]);
    assert_eq!((manifest, kept), (fs::read(new.join("manifest.json")).unwrap(), files(&new)));
}

#[test]
fn a_merge_is_of_all_or_it_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = two_nights();
    let [a, b, into] = ["a", "b", "into"].map(|name| folder.path().join(name));
    run(&plan(&first[..12], Some(&a)));
    run(&plan(&second[..12], Some(&b)));
    run(&plan(&second[12..16], Some(&into)));
    let damaged = folder.path().join("damaged");
    copy(&b, &damaged);
    let events = first_file(&damaged.join("events"));
    let bytes = fs::read(&events).unwrap();
    fs::write(&events, &bytes[..bytes.len() / 2]).unwrap();
    let engine = folder.path().join("engine");
    for table in ["principals", "assumptions", "activity"] {
        fs::create_dir_all(engine.join(table)).unwrap();
    }
    let before = (told(&run(&plan(&[text(&into)], None))), files(&into), fs::read(into.join("manifest.json")).unwrap());
    let new = folder.path().join("new");
    for (bad, said) in [
        (folder.path().join("nowhere"), "is not a store"),
        (damaged, "is damaged"),
        (engine, "cannot be merged exactly"),
    ] {
        for target in [&into, &new] {
            let error = refused(&["store", "merge", &text(&a), &text(&bad), "--into", &text(target)]);
            assert!(error.contains(said) && error.contains(&text(&bad)), "{error}");
        }
        assert!(!new.exists(), "{said}");
        let after =
            (told(&run(&plan(&[text(&into)], None))), files(&into), fs::read(into.join("manifest.json")).unwrap());
        assert_eq!(before, after, "{said}");
    }
    let output = rolechain(&["store", "merge", &text(&a), &text(&b), "--into", &text(&into)]).output().unwrap();
    assert!(output.status.success());
    let all: Vec<String> = first[..12].iter().chain(&second[..16]).cloned().collect();
    assert_eq!(told(&run(&plan(&all, None))), told(&run(&plan(&[text(&into)], None))));
}
