//! Runs that remember: sources that are directories of observations, and a store that takes in what is new.

use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::plan::Plan;
use super::plan::RunError;
use super::scan;
use super::scan::Hooks;
use super::scan::Progress;
use super::scan::Scanned;
use super::scan::Span;
use super::scan::Stored;
use super::verify;
use crate::model::integrity::Integrity;
use crate::model::observations::Observations;
use crate::model::owed::Owed;
use crate::model::receipt::Receipt;
use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::observe::Seen;
use crate::source;
use crate::source::Object;
use crate::source::Place;
use crate::source::Unreadable;
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
    /// The objects that were gone before they could be read, in order.
    pub(super) lost: Vec<String>,
    /// How many objects were added to the store; `None` when there is none to add to.
    pub(super) new_objects: Option<u64>,
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
pub(super) fn gather(plan: &Plan, progress: &dyn Progress) -> Result<Gathered, RunError> {
    let (directories, raw): (Vec<String>, Vec<String>) =
        plan.sources.iter().cloned().partition(|source| is_directory(source));
    let (window, notices) = window(plan);
    let run = Gathering { plan, raw, window, progress };
    match (&plan.store, directories.first()) {
        (Some(root), Some(directory)) => {
            Err(RunError::Mixed { store: root.to_string_lossy().into_owned(), directory: directory.clone() })
        }
        (Some(root), None) => run.with_store(Store::open(root)?, notices),
        (None, _) => run.beside(&directories, notices),
    }
}

/// Makes defects of files that lie among the tables of others and are none: whoever puts tables around logs must not hide
/// them. A store of ours refuses such files itself.
fn strangers<'d>(plan: &Plan, directories: impl Iterator<Item = &'d String>) -> Result<Observations, RunError> {
    let mut found = Vec::new();
    for root in directories {
        for object in source::list(std::slice::from_ref(root))?.objects {
            let Place::File(path) = &object.place else { continue };
            if !store::is_table_file(Path::new(root), path) {
                let reason = format!(
                    "it lies among the tables of {root}, where no logs are read: move it out, and name it as a source"
                );
                found.push(Unreadable { name: object.name, reason, is_object: true });
            }
        }
    }
    Ok(scan::unreadable(&found, &plan.filter, &Seen::default()).observations)
}

/// A run that gathers.
struct Gathering<'g> {
    plan: &'g Plan,
    /// The sources that are no stores.
    raw: Vec<String>,
    window: Window,
    progress: &'g dyn Progress,
}

impl Gathering<'_> {
    /// Scans what the store does not know, adds it, and reads the whole.
    fn with_store(&self, mut store: Store, mut notices: Vec<String>) -> Result<Gathered, RunError> {
        // What was never hashed is read again when that matters: nothing could be said of it.
        let is_checked = self.plan.check.is_some();
        let listed = Listed::default();
        let is_known = |object: &Object| {
            listed.note(&object.name);
            store.is_known(&object.name, object.version.as_deref(), object.size, is_checked)
        };
        let owed = if self.is_open() { store.owed() } else { Owed::default() };
        let scanned = self.scan(&is_known, &|day| store.fingerprints(day), &owed)?;
        self.progress.phase("writing the store");
        let reach = self.reach(&listed, &owed);
        let (heard, given_up) = store.record(&scanned.observations, &scanned.receipts, reach)?;
        notices.extend(heard);
        let new_objects = Some(scanned.observations.counts.objects_listed);
        let watched = watched(&scanned.observations);
        // It is about to be read again, from the store, with everything else.
        drop(scanned);
        if let Some(keep) = self.plan.keep {
            let gone = store.compact(Some(keep))?;
            if let (Some(first), Some(last)) = (gone.first(), gone.last()) {
                notices.push(format!("{} days are no longer kept: {first} to {last}", gone.len()));
            }
        }
        self.progress.phase("reading the store");
        let mut joined = store::join(&[store.view()], None, &self.window)?;
        joined.add_defects(given_up);
        joined.observations.merge(watched);
        let views = [store.view().clone()];
        let gathered = self.gathered(joined, notices, &views, Vec::new())?;
        // What was seen of a part of a store is not remembered.
        let store = gathered.covered_days.is_some().then_some(store);
        Ok(Gathered { new_objects, store, ..gathered })
    }

    /// Reads stores, and beside them what they do not know.
    fn beside(&self, directories: &[String], notices: Vec<String>) -> Result<Gathered, RunError> {
        let views = directories.iter().map(|path| View::open(Path::new(path))).collect::<Result<Vec<_>, _>>()?;
        let refs: Vec<&View> = views.iter().collect();
        let of_others = directories.iter().zip(&views).filter(|(_, view)| !view.has_events()).map(|(path, _)| path);
        let strangers = strangers(self.plan, of_others)?;
        self.progress.phase("reading the store");
        let is_checked = self.plan.check.is_some();
        let listed = Listed::default();
        let mut owed = Owed::default();
        let scanned = if self.raw.is_empty() {
            None
        } else {
            let known = views.iter().map(View::known).collect::<Result<Vec<_>, _>>()?;
            known.iter().filter(|_| self.is_open()).for_each(|known| owed.merge(known.owed()));
            let is_known = |object: &Object| {
                listed.note(&object.name);
                known
                    .iter()
                    .any(|known| known.is_known(&object.name, object.version.as_deref(), object.size, is_checked))
            };
            let memory = |day| -> Result<Vec<u64>, StoreError> {
                let of_each = refs.iter().map(|view| view.fingerprints(day)).collect::<Result<Vec<_>, _>>()?;
                Ok(of_each.into_iter().flatten().collect())
            };
            Some(self.scan(&is_known, &memory, &owed)?)
        };
        let is_fresh = scanned.is_some();
        let Scanned { observations, receipts, .. } = scanned.unwrap_or_default();
        let watched = watched(&observations);
        let fresh = is_fresh.then(|| Fresh { observations, receipts: &receipts, reach: self.reach(&listed, &owed) });
        let mut joined = store::join(&refs, fresh, &self.window)?;
        joined.observations.merge(watched);
        let mut gathered = self.gathered(joined, notices, &views, receipts)?;
        gathered.observations.merge(strangers);
        Ok(gathered)
    }

    /// Scans objects that are not known, with a memory for records that are.
    fn scan(
        &self,
        is_known: &(dyn Fn(&Object) -> bool + Sync),
        memory: &(dyn Fn(Option<i32>) -> Result<Vec<u64>, StoreError> + Sync),
        owed: &Owed,
    ) -> Result<Scanned, RunError> {
        // A worker cannot stop the run: what goes wrong is kept until it is over, and then nothing is committed.
        let failure: Mutex<Option<StoreError>> = Mutex::default();
        let recall = |day| {
            // On a thread of its own: a worker that waits for the threads of the Parquet reader would meanwhile begin
            // another worker's job on top of its own, and that one would wait for this very day for ever.
            let asked = std::thread::scope(|scope| scope.spawn(|| memory(day)).join());
            let answer = asked.unwrap_or_else(|_| Err(StoreError::lost()));
            answer.unwrap_or_else(|error| {
                failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                Vec::new()
            })
        };
        let seen = Seen::lasting(Box::new(recall));
        let contents = self.plan.check.is_some();
        let hooks = Hooks { seen: Some(&seen), is_known: Some(is_known), receipts: true, contents, owed: Some(owed) };
        let scanned = scan::scan(self.plan, &self.raw, &hooks, self.progress)?;
        drop(seen);
        match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error.into()),
            None => Ok(scanned),
        }
    }

    /// Says what of the sources is looked at. Folders outside of the window or filter are not listed in buckets.
    fn reach<'r>(&'r self, listed: &'r Listed, owed: &'r Owed) -> Reach<'r> {
        let has_digests = self.plan.check.is_some();
        Reach { sources: &self.raw, is_open: self.is_open(), since: self.plan.list_since, owed, has_digests, listed }
    }

    /// Says whether nothing is left out but days before those that are listed.
    fn is_open(&self) -> bool {
        let filter = &self.plan.filter;
        let is_bounded = filter.since.is_some() || filter.until.is_some();
        !is_bounded && filter.accounts.is_empty() && filter.regions.is_empty()
    }

    /// Checks the digest files of everything that stores know, and of what was read just now.
    fn integrity(
        &self,
        joined: &Joined,
        views: &[View],
        mut receipts: Vec<Receipt>,
    ) -> Result<Option<Integrity>, RunError> {
        let Some(check) = &self.plan.check else { return Ok(None) };
        for view in views {
            receipts.extend(view.receipts()?);
        }
        // Objects that several stores know stand there once for each of them: one that was hashed says more.
        receipts.sort_by(|a, b| (&a.object, a.content.is_none()).cmp(&(&b.object, b.content.is_none())));
        receipts.dedup_by(|later, kept| later.object == kept.object);
        let about_folders = Observations { defects: joined.observations.defects.clone(), ..Observations::default() };
        // What was asked for, and not before what is kept.
        let since = self.window.since.and(joined.since);
        let stored = Stored { span: Span { since, until: self.window.until }, kept_since: joined.kept_since };
        let mut scanned = Scanned { observations: about_folders, receipts, stored: Some(stored) };
        verify::check(&mut scanned, self.plan, check, self.progress).map(Some)
    }

    fn gathered(
        &self,
        joined: Joined,
        mut notices: Vec<String>,
        views: &[View],
        receipts: Vec<Receipt>,
    ) -> Result<Gathered, RunError> {
        let integrity = self.integrity(&joined, views, receipts)?;
        notices.extend(joined.notices);
        let only = if let [view] = views { Some(view) } else { None };
        Ok(Gathered {
            observations: joined.observations,
            window: Span { since: joined.since, until: self.window.until },
            notices,
            life: only.map(Life::read).transpose()?,
            // A part of a store cannot say what is gone or new.
            covered_days: only.filter(|_| self.window.is_open()).map(View::covered_days),
            lost: joined.lost,
            new_objects: None,
            store: None,
            integrity,
        })
    }
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
