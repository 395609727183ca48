//! The files that a run is held against: expectations, snapshots, baselines, public keys.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use super::document;
use crate::audit;
use crate::expect::Expectations;
use crate::expect::baseline;
use crate::integrity::Keys;
use crate::model::baseline::Baseline;
use crate::model::time::Timestamp;
use crate::pipeline::Plan;
use crate::pipeline::RunError;
use crate::source::s3::Address;
use crate::store;
use crate::trust;
use crate::trust::Policy;
use crate::trust::snapshot::Snapshot;

/// The name under which expectations are looked for.
const EXPECTATIONS: &str = "rolechain.toml";

/// Reads the text of a file; `what` says what it should be.
pub fn read(file: &str, what: &str) -> Result<String, RunError> {
    document::read_file(Path::new(file))
        .map_err(|error| RunError::refused(format!("cannot read {what} {file}: {error}")))
}

/// Reads the snapshots of trust policies.
pub(super) fn snapshots(files: &[String], sources: &[String]) -> Result<Vec<Snapshot>, RunError> {
    if files.iter().chain(sources).filter(|file| *file == "-").count() > 1 && files.iter().any(|file| file == "-") {
        return Err(RunError::refused(
            "standard input can be read only once\n  hint: name a file in place of all but one -",
        ));
    }
    let hint = "`aws iam get-account-authorization-details > details.json` makes one: --iam details.json";
    let snapshot = |file: &String| {
        let text = document::read(file, "the snapshot").map_err(|error| hinted(error, hint))?;
        Snapshot::read(file, &text).map_err(RunError::refused)
    };
    files.iter().map(snapshot).collect()
}

/// Says what to do, where the error does not.
fn hinted(error: RunError, hint: &str) -> RunError {
    let told = error.to_string();
    if told.contains("hint:") { error } else { RunError::refused(format!("{told}\n  hint: {hint}")) }
}

/// Reads a baseline.
pub(super) fn baseline(file: &str, now: Option<Timestamp>) -> Result<Baseline, RunError> {
    let hint = format!("`rolechain baseline accept report.json --by octavia --reason 'known' -o {file}` makes one");
    let text = read(file, "the baseline").map_err(|error| hinted(error, &hint))?;
    let baseline = baseline::read(file, &text).map_err(RunError::refused)?;
    not_from_the_future(file, "the baseline", baseline.created, now)?;
    Ok(baseline)
}

/// Reads a trust policy, and the keys that stand twice in one object of the file.
pub fn read_policy(file: &str) -> Result<(Policy, BTreeSet<String>), RunError> {
    let text = read(file, "the policy")?;
    let policy = Policy::parse(&text).map_err(|fault| RunError::refused(format!("{file}: {fault}")))?;
    Ok((policy, trust::repeated_keys(&text)))
}

/// Reads CloudTrail's public keys.
pub(super) fn keys(files: &[String]) -> Result<Keys, RunError> {
    let mut keys = Keys::default();
    for file in files {
        let text = document::read_file(Path::new(file)).map_err(|error| {
            RunError::refused(format!(
                "cannot read the public keys {file}: {error}\n  hint: make the file with `aws cloudtrail list-public-keys \
                 --region REGION --start-time TIME > {file}`"
            ))
        })?;
        keys.read(&text).map_err(|fault| {
            RunError::refused(format!(
                "cannot use the public keys {file}: {fault}\n  hint: make the file anew with `aws cloudtrail \
                 list-public-keys --region REGION --start-time TIME`, from an account that you trust"
            ))
        })?;
    }
    Ok(keys)
}

/// Finds the expectations: `rolechain.toml` here, else beside a source.
pub(super) fn expectations_at_hand(sources: &[String]) -> Option<PathBuf> {
    let here = PathBuf::from(EXPECTATIONS);
    let beside = sources.iter().filter(|source| *source != "-" && !Address::is_meant_by(source)).flat_map(|source| {
        let path = Path::new(source);
        [Some(path.join(EXPECTATIONS)), path.parent().map(|parent| parent.join(EXPECTATIONS))]
    });
    std::iter::once(here).chain(beside.flatten()).find(|path| path.is_file())
}

/// Reads the expectations.
pub(super) fn expectations(path: &Path, now: Option<Timestamp>) -> Result<Expectations, RunError> {
    let name = path.to_string_lossy();
    let text = document::read_file(path).map_err(|error| {
        RunError::refused(format!("cannot read the expectations file {name}: {error}\n  hint: name another one with --expectations, or pass --no-expectations"))
    })?;
    not_empty(&name, &text)?;
    let mut expectations = Expectations::parse(&name, &text, &audit::rule_ids()).map_err(RunError::refused)?;
    for exception in expectations.exceptions.iter() {
        let place = format!("{name}:{}", exception.line);
        let what = format!("the exception for {}", exception.detection);
        not_from_the_future(&place, &what, exception.created, now)?;
    }
    // Files that the expectations name lie beside them.
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    expectations
        .networks
        .load(&|file| document::read_file(&folder.join(file)))
        .map_err(|error| RunError::refused(format!("{name}: {error}")))?;
    Ok(expectations)
}

/// Refuses what says that it will be made: its time would begin to run out whenever its author likes.
fn not_from_the_future(place: &str, what: &str, created: Timestamp, now: Option<Timestamp>) -> Result<(), RunError> {
    // The day of whoever wrote it may have begun already.
    const TIME_ZONES: i64 = 1;
    if now.is_none_or(|now| created.day() <= now.day() + TIME_ZONES) {
        return Ok(());
    }
    Err(RunError::refused(format!(
        "{place}: {what} says created = {}, which is later than today\n  hint: created is the day on which it was agreed; the time that it may hold runs from there",
        created.date()
    )))
}

/// Refuses a file in which nothing is said: whoever has one expects something of it.
fn not_empty(name: &str, text: &str) -> Result<(), RunError> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    if lines.any(|line| !line.is_empty() && !line.starts_with('#')) {
        return Ok(());
    }
    Err(RunError::refused(format!(
        "the expectations file {name} is empty, and expects nothing\n  hint: a command that failed after `> {name}` leaves one behind; delete it, or draft it anew with \
         `rolechain infer SOURCE --output {name} --force`; --no-expectations looks for none"
    )))
}

/// Returns an error when a directory to write lies in a source, or a source in it: what is written would be read as
/// logs, or the logs be taken for what was written.
pub fn outside_of_sources(to: &Path, what: &str, sources: &[String]) -> Result<(), RunError> {
    let parent = to.parent().filter(|parent| *parent != Path::new("")).unwrap_or_else(|| Path::new("."));
    let name = to.file_name().unwrap_or_default();
    let Ok(place) = fs::canonicalize(to).or_else(|_| fs::canonicalize(parent).map(|parent| parent.join(name))) else {
        return Ok(());
    };
    for source in sources.iter().filter(|source| *source != "-") {
        let Ok(source_place) = fs::canonicalize(source) else { continue };
        if place.starts_with(&source_place) || source_place.starts_with(&place) {
            return Err(RunError::refused(format!(
                "cannot {what} {}: it lies in the source {source}, or the source in it\n  hint: name a directory outside of the logs",
                to.to_string_lossy()
            )));
        }
    }
    Ok(())
}

/// Refuses stores: they hold what was read, and not the objects that digest files speak of.
pub(super) fn objects_only(plan: &Plan) -> Result<(), RunError> {
    if let Some(store) = &plan.store {
        let (sources, store) = (plan.sources.join(" "), store.display());
        return Err(RunError::refused(format!(
            "verify reads the objects themselves, and remembers nothing: --store and --list-since are not for it\n  hint: \
             `rolechain audit {sources} --store {store} --verify` checks what it reads"
        )));
    }
    match plan.sources.iter().find(|source| store::is_observations(Path::new(source))) {
        None => Ok(()),
        Some(store) => Err(RunError::refused(format!(
            "{store} is a store, and has no log files to check\n  hint: `rolechain audit {store} --verify` tells what was checked \
             when it was filled; to check the logs, name them"
        ))),
    }
}
