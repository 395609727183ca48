//! From what was typed to a plan: moments, expectations, sources.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use super::args::InputArgs;
use super::args_accept::AcceptArgs;
use super::document;
use super::exit::Failure;
use super::moment;
use crate::audit;
use crate::expect::Expectations;
use crate::expect::baseline;
use crate::model::arn;
use crate::model::baseline::Baseline;
use crate::model::time::Timestamp;
use crate::observe::Filter;
use crate::pipeline::Plan;
use crate::source::s3::Address;
use crate::trust::snapshot::Snapshot;

/// The name under which expectations are looked for.
const EXPECTATIONS: &str = "rolechain.toml";

/// A plan, and the expectations file it was made with.
pub(super) struct Input {
    pub(super) plan: Plan,
    pub(super) expectations_file: Option<String>,
}

/// Makes the plan.
pub(super) fn plan(
    args: &InputArgs,
    accounts: &[String],
    include_services: bool,
    now: Timestamp,
) -> Result<Input, Failure> {
    let read_moment = |text: &Option<String>| -> Result<Option<Timestamp>, Failure> {
        text.as_deref().map(|text| moment::parse(text, now)).transpose().map_err(Failure::new)
    };
    let since = read_moment(&args.since)?;
    let until = read_moment(&args.until)?;
    if let (Some(since), Some(until)) = (since, until)
        && until <= since
    {
        return Err(Failure::new(format!("the window is empty: --until {until} is not after --since {since}")));
    }
    for account in accounts {
        if !arn::is_account_id(account) {
            return Err(Failure::new(format!("--account {account}: an account id has twelve digits")));
        }
    }
    if let Some(store) = &args.store {
        outside_of_sources(Path::new(store), "keep a store in", &args.sources)?;
    }
    let file = expectations_file(args);
    let expectations = file.as_deref().map(|file| read_expectations(file, now)).transpose()?.unwrap_or_default();
    Ok(Input {
        plan: Plan {
            sources: args.sources.clone(),
            filter: Filter {
                since,
                until,
                accounts: accounts.to_vec(),
                regions: args.region.clone(),
                watched_event: None,
            },
            expectations,
            snapshots: snapshots(&args.iam, &args.sources)?,
            include_services,
            s3: args.bucket.options(),
            threads: args.threads.map_or(0, usize::from),
            limits: crate::read::Limits::default(),
            store: args.store.as_ref().map(PathBuf::from),
            keep: None,
            baseline: None,
            remembers: false,
            list_since: read_moment(&args.list_since)?,
        },
        expectations_file: file.map(|path| path.to_string_lossy().into_owned()),
    })
}

/// Adds to the plan what is accepted: a baseline, or nothing at all.
pub(super) fn accept(args: &AcceptArgs, plan: &mut Plan, now: Timestamp) -> Result<(), Failure> {
    if args.no_exceptions {
        plan.expectations.exceptions.clear();
    }
    let read = |file: &String| -> Result<Baseline, Failure> {
        let baseline = baseline::read(file, &read(file, "the baseline")?).map_err(Failure::new)?;
        not_from_the_future(file, "the baseline", baseline.created, now)?;
        Ok(baseline)
    };
    plan.baseline = args.baseline.as_ref().map(read).transpose()?;
    Ok(())
}

/// Reads the snapshots that the user named.
pub(super) fn snapshots(files: &[String], sources: &[String]) -> Result<Vec<Snapshot>, Failure> {
    if files.iter().chain(sources).filter(|file| *file == "-").count() > 1 && files.iter().any(|file| file == "-") {
        return Err(Failure::new(
            "standard input can be read only once\n  hint: name a file in place of all but one -",
        ));
    }
    let snapshot = |file: &String| Snapshot::read(file, &document::read(file, "the snapshot")?).map_err(Failure::new);
    files.iter().map(snapshot).collect()
}

/// Reads a file that the user named; `what` says what it should be.
pub(super) fn read(file: &str, what: &str) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::new(format!("cannot read {what} {file}: {error}")))
}

/// Returns the expectations file: the one named, else `rolechain.toml` here, else beside a source.
fn expectations_file(args: &InputArgs) -> Option<PathBuf> {
    if args.no_expectations {
        return None;
    }
    if let Some(named) = &args.expectations {
        return Some(PathBuf::from(named));
    }
    let here = PathBuf::from(EXPECTATIONS);
    let beside =
        args.sources.iter().filter(|source| *source != "-" && !Address::is_meant_by(source)).flat_map(|source| {
            let path = Path::new(source);
            [Some(path.join(EXPECTATIONS)), path.parent().map(|parent| parent.join(EXPECTATIONS))]
        });
    std::iter::once(here).chain(beside.flatten()).find(|path| path.is_file())
}

/// Refuses what says that it will be made: its time would begin to run out whenever its author likes.
fn not_from_the_future(place: &str, what: &str, created: Timestamp, now: Timestamp) -> Result<(), Failure> {
    // The day of whoever wrote it may have begun already.
    const TIME_ZONES: i64 = 1;
    if created.day() <= now.day() + TIME_ZONES {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{place}: {what} says created = {}, which is later than today\n  hint: created is the day on which it was agreed; the time that it may hold runs from there",
        created.date()
    )))
}

/// Refuses a file in which nothing is said: whoever has one expects something of it.
fn not_empty(name: &str, text: &str) -> Result<(), Failure> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    if lines.any(|line| !line.is_empty() && !line.starts_with('#')) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the expectations file {name} is empty, and expects nothing\n  hint: a command that failed after `> {name}` leaves one behind; delete it, or draft it anew with \
         `rolechain infer SOURCE --output {name} --force`; --no-expectations looks for none"
    )))
}

fn read_expectations(path: &Path, now: Timestamp) -> Result<Expectations, Failure> {
    let name = path.to_string_lossy();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("cannot read the expectations file {name}: {error}\n  hint: name another one with --expectations, or pass --no-expectations"))
    })?;
    not_empty(&name, &text)?;
    let mut expectations = Expectations::parse(&name, &text, &audit::rule_ids()).map_err(Failure::new)?;
    for exception in &expectations.exceptions {
        let place = format!("{name}:{}", exception.line);
        let what = format!("the exception for {}", exception.detection);
        not_from_the_future(&place, &what, exception.created, now)?;
    }
    // Files that the expectations name lie beside them.
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    expectations
        .networks
        .load(&|file| fs::read_to_string(folder.join(file)))
        .map_err(|error| Failure::new(format!("{name}: {error}")))?;
    Ok(expectations)
}

/// Returns an error when a directory to write lies in a source, or a source in it: what is written would be read as
/// logs, or the logs be taken for what was written.
pub(super) fn outside_of_sources(to: &Path, what: &str, sources: &[String]) -> Result<(), Failure> {
    let parent = to.parent().filter(|parent| *parent != Path::new("")).unwrap_or_else(|| Path::new("."));
    let name = to.file_name().unwrap_or_default();
    let Ok(place) = fs::canonicalize(to).or_else(|_| fs::canonicalize(parent).map(|parent| parent.join(name))) else {
        return Ok(());
    };
    for source in sources.iter().filter(|source| *source != "-") {
        let Ok(source_place) = fs::canonicalize(source) else { continue };
        if place.starts_with(&source_place) || source_place.starts_with(&place) {
            return Err(Failure::new(format!(
                "cannot {what} {}: it lies in the source {source}, or the source in it\n  hint: name a directory outside of the logs",
                to.to_string_lossy()
            )));
        }
    }
    Ok(())
}
