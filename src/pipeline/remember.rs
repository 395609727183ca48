//! Runs that remember: sources that are directories of observations, and a store that takes in what is new.

use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::Check;
use super::Plan;
use super::Progress;
use super::RunError;
use super::scan;
use super::scan::Hooks;
use super::scan::Scanned;
use super::scan::Span;
use super::scan::Stored;
use crate::model::integrity::Integrity;
use crate::model::observations::Observations;
use crate::model::receipt::Receipt;
use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::observe::Seen;
use crate::source::Object;
use crate::store;
use crate::store::Fresh;
use crate::store::Joined;
use crate::store::Life;
use crate::store::Listed;
use crate::store::Reach;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::View;
use crate::store::Window;

/// What was gathered from stores and sources.
pub(super) struct Gathered {
    /// As one run over everything would have observed.
    pub(super) observations: Observations,
    /// The window that is reported.
    pub(super) window: Span,
    /// What people should hear.
    pub(super) notices: Vec<String>,
    /// The life of findings, when there is exactly one store to know it.
    pub(super) life: Option<Life>,
    /// The days with records, when the whole of one store is looked at.
    pub(super) covered_days: Option<Vec<i32>>,
    /// The store to remember the findings in.
    pub(super) store: Option<Store>,
    /// What the digest files prove, when they were checked.
    pub(super) integrity: Option<Integrity>,
}

/// Says whether a run has anything to do with stores.
pub(super) fn is_wanted(plan: &Plan) -> bool {
    plan.store.is_some() || plan.sources.iter().any(|source| is_directory(source))
}

fn is_directory(source: &str) -> bool {
    source != "-" && !source.starts_with("s3://") && store::is_observations(Path::new(source))
}

/// Gathers everything that the plan names.
pub(super) fn gather(plan: &Plan, check: Option<Check<'_>>, progress: &dyn Progress) -> Result<Gathered, RunError> {
    let (directories, raw): (Vec<String>, Vec<String>) =
        plan.sources.iter().cloned().partition(|source| is_directory(source));
    let (window, mut notices) = window(plan);
    if let Some(root) = &plan.store {
        if let Some(directory) = directories.first() {
            return Err(RunError::Mixed { store: root.to_string_lossy().into_owned(), directory: directory.clone() });
        }
        let mut store = Store::open(root)?;
        let watched = take_in(&mut store, plan, raw, check.is_some(), &mut notices, progress)?;
        if let Some(keep) = plan.keep {
            let gone = store.compact(Some(keep))?;
            if let (Some(first), Some(last)) = (gone.first(), gone.last()) {
                notices.push(format!("{} days are no longer kept: {first} to {last}", gone.len()));
            }
        }
        progress.phase("reading the store");
        let mut joined = store::join(&[store.view()], None, &window)?;
        joined.observations.merge(watched);
        let integrity = integrity(check, &joined, &window, &[store.view()], Vec::new())?;
        let gathered = gathered(joined, notices, &window, &[store.view().clone()], Some(store))?;
        return Ok(Gathered { integrity, ..gathered });
    }
    let views = directories.iter().map(|path| View::open(Path::new(path))).collect::<Result<Vec<_>, _>>()?;
    let refs: Vec<&View> = views.iter().collect();
    progress.phase("reading the store");
    if raw.is_empty() {
        let joined = store::join(&refs, None, &window)?;
        let integrity = integrity(check, &joined, &window, &refs, Vec::new())?;
        return Ok(Gathered { integrity, ..gathered(joined, notices, &window, &views, None)? });
    }
    let known = views.iter().map(View::known).collect::<Result<Vec<_>, _>>()?;
    let is_checked = check.is_some();
    let listed = Listed::default();
    let is_known = |object: &Object| {
        listed.note(&object.name);
        known.iter().any(|known| known.is_known(&object.name, object.version.as_deref(), object.size, is_checked))
    };
    let memory = |day| -> Result<Vec<u64>, StoreError> {
        let of_each = refs.iter().map(|view| view.fingerprints(day)).collect::<Result<Vec<_>, _>>()?;
        Ok(of_each.into_iter().flatten().collect())
    };
    let scanned = scan_new(&plan_of(plan, raw.clone()), is_checked, &is_known, &memory, progress)?;
    let watched = watched(&scanned.observations);
    let fresh = Fresh {
        observations: scanned.observations,
        receipts: &scanned.receipts,
        reach: reach(plan, &raw, is_checked, &listed),
    };
    let mut joined = store::join(&refs, Some(fresh), &window)?;
    joined.observations.merge(watched);
    let integrity = integrity(check, &joined, &window, &refs, scanned.receipts)?;
    Ok(Gathered { integrity, ..gathered(joined, notices, &window, &views, None)? })
}

/// Checks the digest files of everything that stores know, and of what was read just now.
fn integrity(
    check: Option<Check<'_>>,
    joined: &Joined,
    window: &Window,
    views: &[&View],
    mut receipts: Vec<Receipt>,
) -> Result<Option<Integrity>, RunError> {
    let Some(check) = check else { return Ok(None) };
    for view in views {
        receipts.extend(view.receipts()?);
    }
    // Objects that several stores know stand there once for each of them: one that was hashed says more.
    receipts.sort_by(|a, b| (&a.object, a.content.is_none()).cmp(&(&b.object, b.content.is_none())));
    receipts.dedup_by(|later, kept| later.object == kept.object);
    let about_folders = Observations { defects: joined.observations.defects.clone(), ..Observations::default() };
    // What was asked for, and not before what is kept.
    let since = window.since.and(joined.since);
    let stored = Stored { span: Span { since, until: window.until }, kept_since: joined.kept_since };
    let mut scanned = Scanned { observations: about_folders, receipts, stored: Some(stored) };
    check(&mut scanned).map(Some).map_err(RunError::Check)
}

/// Adds to a directory what others hold: all of them, or nothing. Returns how many unique records were new.
pub fn merge(directories: &[String], into: &Path) -> Result<u64, RunError> {
    if let Some(directory) = directories.iter().find(|directory| !is_directory(directory)) {
        return Err(RunError::NoStore { path: directory.clone() });
    }
    let others = directories.iter().map(|path| View::open(Path::new(path))).collect::<Result<Vec<_>, _>>()?;
    others.iter().try_for_each(View::may_be_absorbed)?;
    Ok(Store::open(into)?.absorb(&others)?)
}

/// Scans what the store does not know, and adds it. Returns who made the event that was watched for.
fn take_in(
    store: &mut Store,
    plan: &Plan,
    sources: Vec<String>,
    is_checked: bool,
    notices: &mut Vec<String>,
    progress: &dyn Progress,
) -> Result<Observations, RunError> {
    // What was never hashed is read again when that matters: nothing could be said of it.
    let listed = Listed::default();
    let is_known = |object: &Object| {
        listed.note(&object.name);
        store.is_known(&object.name, object.version.as_deref(), object.size, is_checked)
    };
    let memory = |day| store.fingerprints(day);
    let plan = plan_of(plan, sources);
    let scanned = scan_new(&plan, is_checked, &is_known, &memory, progress)?;
    progress.phase("writing the store");
    notices.extend(store.record(
        &scanned.observations,
        &scanned.receipts,
        reach(&plan, &plan.sources, is_checked, &listed),
    )?);
    Ok(watched(&scanned.observations))
}

/// Says what of the sources a run looks at. Folders outside of its window or filter are not listed in buckets.
fn reach<'r>(plan: &Plan, sources: &'r [String], is_checked: bool, listed: &'r Listed) -> Reach<'r> {
    let filter = &plan.filter;
    let is_bounded = filter.since.is_some() || filter.until.is_some();
    let is_open = !is_bounded && filter.accounts.is_empty() && filter.regions.is_empty();
    Reach { sources, is_open, since: plan.list_since, has_digests: is_checked, listed }
}

fn plan_of(plan: &Plan, sources: Vec<String>) -> Plan {
    Plan {
        sources,
        filter: plan.filter.clone(),
        expectations: crate::expect::Expectations::default(),
        snapshots: Vec::new(),
        include_services: plan.include_services,
        threads: plan.threads,
        limits: plan.limits,
        store: None,
        keep: None,
        baseline: None,
        remembers: false,
        list_since: plan.list_since,
        s3: plan.s3.clone(),
    }
}

/// Scans objects that are not known, with a memory for records that are.
fn scan_new(
    plan: &Plan,
    is_checked: bool,
    is_known: &(dyn Fn(&Object) -> bool + Sync),
    memory: &(dyn Fn(Option<i32>) -> Result<Vec<u64>, StoreError> + Sync),
    progress: &dyn Progress,
) -> Result<Scanned, RunError> {
    // A worker cannot stop the run: what goes wrong is kept until it is over, and then nothing is committed.
    let failure: Mutex<Option<StoreError>> = Mutex::default();
    let recall = |day| {
        // On a thread of its own: a worker that waits for the threads of the Parquet reader would meanwhile begin another
        // worker's job on top of its own, and that one would wait for this very day for ever.
        let asked = std::thread::scope(|scope| scope.spawn(|| memory(day)).join());
        let answer = asked.unwrap_or_else(|_| Err(StoreError::lost()));
        answer.unwrap_or_else(|error| {
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            Vec::new()
        })
    };
    let seen = Seen::lasting(Box::new(recall));
    let hooks = Hooks { seen: Some(&seen), is_known: Some(is_known), receipts: true, contents: is_checked };
    let scanned = scan::scan(plan, &hooks, progress)?;
    drop(seen);
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error.into()),
        None => Ok(scanned),
    }
}

/// Returns who made the event that was watched for, and nothing else.
fn watched(observations: &Observations) -> Observations {
    if observations.watched.is_empty() {
        return Observations::default();
    }
    let mut principals = observations.principals.clone();
    for principal in &mut principals {
        principal.slot = None;
    }
    Observations {
        symbols: observations.symbols.clone(),
        principals,
        watched: observations.watched.clone(),
        ..Observations::default()
    }
}

fn gathered(
    joined: Joined,
    mut notices: Vec<String>,
    window: &Window,
    views: &[View],
    store: Option<Store>,
) -> Result<Gathered, RunError> {
    notices.extend(joined.notices);
    // A part of a store cannot say what is gone or new.
    let only = if let ([view], true) = (views, window.is_open()) { Some(view) } else { None };
    let life = if let [view] = views { Some(Life::read(view)?) } else { None };
    Ok(Gathered {
        observations: joined.observations,
        window: Span { since: joined.since, until: window.until },
        notices,
        life,
        covered_days: only.map(View::covered_days),
        integrity: None,
        store: store.filter(|_| only.is_some()),
    })
}

/// Widens the window to whole days: a store knows no moments.
fn window(plan: &Plan) -> (Window, Vec<String>) {
    let mut notices = Vec::new();
    let mut whole = |moment: Option<Timestamp>, flag: &str, rounded: fn(i64) -> i64| {
        moment.map(|moment| {
            let midnight = Timestamp::of_day(rounded(moment.0));
            if midnight != moment {
                notices.push(format!("a store knows whole days: {flag} {moment} is taken as {midnight}"));
            }
            midnight
        })
    };
    let since = whole(plan.filter.since, "--since", |seconds| seconds.div_euclid(DAY));
    let until = whole(plan.filter.until, "--until", |seconds| (seconds + DAY - 1).div_euclid(DAY));
    let filter = &plan.filter;
    let mut window = Window::days(since, until);
    window.accounts.clone_from(&filter.accounts);
    window.regions.clone_from(&filter.regions);
    (window, notices)
}
