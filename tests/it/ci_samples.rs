//! Evidence as CI systems give it, for the made-up organization of `sample-logs`: every shape of every file, and what is
//! planted in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use rolechain::ci::ActKind;
use rolechain::ci::Facts;
use rolechain::ci::Place;
use rolechain::ci::Run;
use rolechain::ci::RunKey;
use rolechain::ci::System;

/// Returns the samples where they are: they are no part of the repository yet.
fn samples() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/ci-samples");
    let systems = fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = systems.flat_map(|system| fs::read_dir(system).unwrap().map(|entry| entry.unwrap().path()));
    let mut paths: Vec<PathBuf> = files.collect();
    paths.sort();
    Some(paths.into_iter().map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect())
}

fn read<'f>(files: impl IntoIterator<Item = &'f (String, Vec<u8>)>) -> Facts {
    let mut facts = Facts::default();
    for (name, bytes) in files {
        facts.read(name, bytes.as_slice()).unwrap();
    }
    facts.settle();
    facts
}

fn run<'f>(facts: &'f Facts, id: &str) -> &'f Run {
    &facts.runs[&RunKey { system: System::GitHub, host: "github.com".into(), id: id.into() }]
}

#[test]
fn the_samples_say_what_is_planted_in_them() {
    let Some(files) = samples() else { return };
    let facts = read(&files);
    for file in &facts.files {
        // Build attestations are no evidence yet, and the report says so.
        let is_skipped = file.name.contains("/attestation");
        assert_eq!(file.defects.len(), usize::from(is_skipped), "{}: {:?}", file.name, file.defects);
    }
    let disputed: Vec<_> = facts.runs.iter().filter(|(_, run)| !run.disputed.is_empty()).collect();
    assert!(disputed.is_empty(), "{disputed:?}");

    // Every run of the samples has its job, with the environment, the key and the machine from three sources.
    let orders = Place { system: System::GitHub, host: "github.com".into(), name: "acme/orders".into() };
    let covered = &facts.covered[&orders];
    assert!(covered.complete_until.is_some(), "{covered:?}");
    assert_eq!(covered.holes, [(700_001, 435)].into(), "the deleted run");
    assert!(!facts.deployments.is_empty() && covered.approvals_asked > 0);
    let leak = run(&facts, "19460502349");
    let job = leak.attempts.get(&1).unwrap().jobs.values().next().unwrap();
    assert_eq!(job.ended.unwrap().to_string(), "2026-11-12T14:05:52Z");
    assert_eq!(
        (job.is_hosted, job.environment.as_deref(), job.key.as_deref()),
        (Some(true), Some("prod"), Some("deploy"))
    );
    let approval = leak.approvals.first().unwrap();
    assert_eq!((&*approval.person.login, approval.at.is_some(), leak.approvals.len()), ("priya", true, 1));

    let again = run(&facts, "19402502796");
    assert_eq!(again.attempts.keys().copied().collect::<Vec<_>>(), [1, 2]);
    let started = |number| again.attempts.get(&number).unwrap().started.unwrap().to_string();
    assert_eq!((started(1), started(2)), ("2026-11-09T09:10:50Z".into(), "2026-11-10T07:30:00Z".into()));
    let by = |number| &*again.attempts.get(&number).unwrap().triggered_by.as_ref().unwrap().login;
    assert_eq!((by(1), by(2)), ("octavia", "sam"));

    let deleted = run(&facts, "19499902466");
    assert!(!deleted.is_shown && deleted.created.is_some());
    let deletion = facts.acts.iter().find(|act| act.kind == ActKind::RunDeleted).unwrap();
    assert_eq!(deletion.run_id.as_deref(), Some("19499902466"));
    assert_eq!(&*deletion.actor.as_ref().unwrap().login, "dmitri");
    let bypassed = run(&facts, "19402503217");
    assert!(bypassed.approvals.is_empty() && bypassed.approvals_asked);
    let own = run(&facts, "19402500441");
    assert_eq!(&*own.approvals.first().unwrap().person.login, "octavia");
    let self_hosted = run(&facts, "19402501988");
    assert_eq!(self_hosted.attempts.get(&1).unwrap().jobs.values().next().unwrap().is_hosted, Some(false));
    assert_eq!(self_hosted.attempts.len(), 1);
}

/// The order in which files are named, and whether one is named twice, changes nothing.
#[test]
fn the_samples_say_the_same_in_any_order() {
    let Some(files) = samples() else { return };
    let expected = read(&files);
    assert_eq!(read(files.iter().rev()), expected);
    for turn in [1, 7, 13, 20] {
        let turned = files.iter().cycle().skip(turn).take(files.len() + turn);
        assert_eq!(read(turned), expected, "{turn}");
    }
}

#[test]
fn the_forms_of_one_list_say_the_same() {
    let Some(files) = samples() else { return };
    let lists: Vec<_> = files.iter().filter(|(name, _)| name.contains("orders-runs")).collect();
    assert_eq!(lists.len(), 3);
    let said = |file| {
        // All runs are one person's: without the word of the audit log, the hole may be somebody else's run.
        assert!(read([file]).covered.values().all(|covered| covered.complete_until.is_none()));
        let facts = read(files.iter().filter(|(name, _)| name.ends_with("audit-log.json")).chain([file]));
        let complete: BTreeSet<_> =
            facts.covered.values().map(|covered| (covered.complete_until.is_some(), covered.runs)).collect();
        // The audit log knows another repository, of which there is no list.
        assert!(complete.contains(&(true, 52)), "{complete:?}");
        (facts.runs, facts.ids, facts.covered)
    };
    let first = said(lists[0]);
    for list in &lists {
        assert_eq!(said(list), first, "{}", list.0);
    }
}
