//! The scan: every worker takes the next object, folds its records into observations of its own, and all are merged.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

use rayon::ThreadPoolBuilder;

use super::plan::Plan;
use super::reader;
use super::reader::Reader;
use super::reader::Way;
use super::work::Work;
use crate::model::coverage::DefectKind;
use crate::model::observations::Counts;
use crate::model::observations::Observations;
use crate::model::owed::Owed;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;
use crate::model::record::RecordSink as _;
use crate::model::time::LONGEST_SESSION;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::observe;
use crate::observe::Filter;
use crate::observe::Observer;
use crate::observe::Seen;
use crate::source;
use crate::source::Object;
use crate::source::Place;
use crate::source::SourceError;
use crate::source::Unreadable;
use crate::source::s3::Arrival;
use crate::source::s3::Listener;
use crate::source::s3::Scope;
use crate::source::s3::Stream;

/// How many files that are no logs are named.
const MOST_NAMED: usize = 20;

/// Hears how far a run is.
pub trait Progress: Sync {
    /// The run will read so many objects, of so many bytes as stored.
    fn begin(&self, objects: u64, bytes: u64);
    /// More objects to read were found meanwhile, of so many bytes as stored; `done` when there will be no more.
    fn found(&self, objects: u64, bytes: u64, done: bool);
    /// One more object is done.
    fn object(&self, bytes: u64);
    /// The run goes on with something that has no bytes.
    fn phase(&self, name: &'static str);
    /// Something that the user should know.
    fn note(&self, text: &str);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: u64, _: u64) {}
    fn found(&self, _: u64, _: u64, _: bool) {}
    fn object(&self, _: u64) {}
    fn phase(&self, _: &'static str) {}
    fn note(&self, _: &str) {}
}

/// What a run that remembers or checks asks of a scan.
#[derive(Clone, Copy, Default)]
pub struct Hooks<'h> {
    /// What earlier runs have seen, for a run that remembers: it takes in every record, whatever the filter says, so that
    /// what is read once need never be read again.
    pub seen: Option<&'h Seen<'h>>,
    /// Says that an object was read in an earlier run: it is then passed over.
    pub is_known: Option<&'h (dyn Fn(&Object) -> bool + Sync)>,
    /// Keep a receipt for each object.
    pub receipts: bool,
    /// Hash what the objects hold, and keep digest files: for the check of digests. Asks for receipts, too, and for the
    /// folders of digest files of trails in S3: otherwise they are not even looked into.
    pub contents: bool,
    /// What earlier runs owe: is listed from further back than the plan says.
    pub owed: Option<&'h Owed>,
}

/// Which moments a report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first one; `None` when it is open.
    pub since: Option<Timestamp>,
    /// The first one after it; `None` when it is open.
    pub until: Option<Timestamp>,
}

impl Span {
    /// Says whether a moment lies in it: one that is not known lies only in a span without bounds.
    pub fn holds(&self, moment: Option<Timestamp>) -> bool {
        self.since.is_none_or(|since| moment.is_some_and(|moment| since <= moment))
            && self.until.is_none_or(|until| moment.is_some_and(|moment| moment < until))
    }
}

/// What the stores that a run reads leave of its window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored {
    /// The window in whole days: a store knows no moments.
    pub span: Span,
    /// The first moment that is kept, when days were let go.
    pub kept_since: Option<Timestamp>,
}

/// What a scan leaves behind.
#[derive(Debug, Default)]
pub struct Scanned {
    /// What stores leave of the window, when the receipts are theirs, too.
    pub stored: Option<Stored>,
    /// What was observed.
    pub observations: Observations,
    /// One receipt for each object, sorted by name, when they were asked for.
    pub receipts: Vec<Receipt>,
}

/// What one worker leaves behind.
#[derive(Default)]
pub(super) struct Part {
    pub(super) observations: Observations,
    receipts: Vec<Receipt>,
    set_apart: Vec<(String, &'static str)>,
}

/// Reads these sources, in the way of the plan, into one set of observations.
pub(super) fn scan(
    plan: &Plan,
    sources: &[String],
    hooks: &Hooks<'_>,
    progress: &dyn Progress,
) -> Result<Scanned, SourceError> {
    progress.phase("listing the sources");
    let mut listing = source::list(sources)?;
    for folder in listing.evidence.iter().filter(|_| plan.ci.is_none()) {
        let folder = source::name_of(folder);
        progress.note(&format!("{folder} holds what a CI system says, and was not read: --ci {folder} reads it"));
    }
    let threads = if plan.threads == 0 { rayon::current_num_threads() } else { plan.threads };
    let stream = if listing.buckets.is_empty() {
        None
    } else {
        Some(Stream::open(&listing.buckets, scope(plan, hooks), &plan.s3, threads)?)
    };
    if let Some(is_known) = hooks.is_known {
        listing.objects.retain(|object| !is_known(object));
    }
    progress.begin(wide(listing.objects.len()), listing.objects.iter().map(|object| object.size).sum());
    let work = Work::new(listing.objects, threads);
    let passing = Seen::default();
    let seen = hooks.seen.unwrap_or(&passing);
    let open = Filter { watched_event: plan.filter.watched_event.clone(), now: plan.filter.now, ..Filter::default() };
    let filter = if hooks.seen.is_some() { &open } else { &plan.filter };
    let parts: Mutex<Vec<Part>> = Mutex::default();
    let named = plan.sources.iter().map(|source| source::name_of(Path::new(source))).collect();
    let job = Job { plan, hooks, progress, work: &work, stream: stream.as_ref(), seen, filter, named };
    let worker = |number: usize| {
        let part = job.run(number);
        parts.lock().unwrap_or_else(PoisonError::into_inner).push(part);
    };
    // One thread more drives the stream, and mostly sleeps.
    match ThreadPoolBuilder::new().num_threads(threads + usize::from(stream.is_some())).build() {
        Ok(pool) => pool.scope(|scope| {
            if let Some(stream) = &stream {
                scope.spawn(|_| stream.run(&Listening { hooks, progress }));
            }
            for number in 0..threads {
                let worker = &worker;
                scope.spawn(move |_| worker(number));
            }
        }),
        Err(reason) if stream.is_some() => {
            return Err(SourceError::System { reason: std::io::Error::other(reason) });
        }
        // A system that gives no threads still has this one.
        Err(_) => worker(0),
    }
    drop(stream);
    let mut parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
    parts.push(unreadable(&listing.unreadable, filter, seen));
    // Merging is where a run needs most memory: what remembers the records and the objects goes first, unless some of them
    // stand in for others.
    let has_addenda = parts.iter().any(|part| !part.observations.addenda.is_empty());
    let passing = (hooks.seen.is_none() && has_addenda).then_some(passing);
    drop(work);
    let mut parts = parts.into_iter();
    let Part { mut observations, mut receipts, mut set_apart } = parts.next().unwrap_or_default();
    for part in parts {
        observations.merge(part.observations);
        receipts.extend(part.receipts);
        set_apart.extend(part.set_apart);
    }
    if let Some(seen) = passing {
        observe::amend(&mut observations, &seen);
    }
    if let Some(text) = told(set_apart) {
        progress.note(&text);
    }
    receipts.sort_unstable_by(|a, b| a.object.cmp(&b.object));
    Ok(Scanned { observations, receipts, stored: None })
}

/// Says what of a bucket a run needs.
fn scope(plan: &Plan, hooks: &Hooks<'_>) -> Scope {
    Scope {
        since: plan.list_since.or_else(|| plan.filter.since.map(|since| since.plus(-LONGEST_SESSION))),
        until: plan.filter.until,
        accounts: plan.filter.accounts.clone(),
        regions: plan.filter.regions.clone(),
        wants_digests: hooks.contents,
        owed: hooks.owed.cloned().unwrap_or_default(),
    }
}

/// Makes defects of what could not be listed.
pub(super) fn unreadable(paths: &[Unreadable], filter: &Filter, seen: &Seen<'_>) -> Part {
    let mut receipts = Vec::new();
    let mut observer = Observer::new(seen, filter);
    for path in paths {
        let before = *observer.counts();
        observer.begin(&path.name);
        observer.defect(None, DefectKind::Unreadable, &path.reason);
        if path.is_object {
            observer.end(ObjectKind::Broken, 0, 0);
            let object = Object { name: path.name.clone(), place: Place::StandardInput, size: 0, version: None };
            receipts.push(receipt(&object, (None, None), &before, &observer));
        }
    }
    Part { observations: observer.finish(), receipts, set_apart: Vec::new() }
}

/// Names what was skipped and is none of CloudTrail's; `None` when there is nothing to tell.
fn told(mut set_apart: Vec<(String, &'static str)>) -> Option<String> {
    set_apart.retain(|(name, _)| !is_usual(name));
    set_apart.sort_unstable();
    let more = set_apart.len().saturating_sub(MOST_NAMED);
    let verb = if set_apart.len() == 1 { "1 file is not a log and was" } else { "files are not logs and were" };
    let number = if set_apart.len() == 1 { String::new() } else { format!("{} ", set_apart.len()) };
    let names: Vec<String> = set_apart.iter().take(MOST_NAMED).map(|(name, what)| format!("{name} ({what})")).collect();
    let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("{number}{verb} skipped: {}{rest}", names.join(", ")))
}

/// Says whether a file lies beside logs wherever people keep them.
fn is_usual(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default();
    name == "rolechain.toml"
        || name.ends_with(source::SIDECAR)
        || name.starts_with("README")
        || name.starts_with("LICENSE")
}

/// Passes on what a stream tells.
struct Listening<'a> {
    hooks: &'a Hooks<'a>,
    progress: &'a dyn Progress,
}

impl Listener for Listening<'_> {
    fn wants(&self, object: &Object) -> bool {
        self.hooks.is_known.is_none_or(|is_known| !is_known(object))
    }

    fn found(&self, object: &Object) {
        self.progress.found(1, object.size, false);
    }

    fn listed(&self) {
        self.progress.found(0, 0, true);
    }
}

/// What all workers share.
struct Job<'j> {
    plan: &'j Plan,
    hooks: &'j Hooks<'j>,
    progress: &'j dyn Progress,
    work: &'j Work,
    stream: Option<&'j Stream>,
    seen: &'j Seen<'j>,
    filter: &'j Filter,
    /// The names of what the user named.
    named: HashSet<String>,
}

impl Job<'_> {
    /// One worker: reads what lies on disk, and then what comes from buckets.
    fn run(&self, number: usize) -> Part {
        let mut observer = Observer::new(self.seen, self.filter);
        let mut reader = Reader::default();
        let mut receipts = Vec::new();
        let way = |object: &Object| Way {
            has_idle_threads: self.work.has_idle_threads,
            is_witnessed: self.hooks.contents,
            is_named: self.named.contains(&object.name),
        };
        let mut done = |object: &Object, outcome: reader::Outcome, before: &Counts, after: &Observer<'_>| {
            if self.hooks.receipts || self.hooks.contents {
                receipts.push(receipt(object, outcome, before, after));
            }
            self.progress.object(object.size);
        };
        loop {
            let objects = self.work.take(number);
            if objects.is_empty() {
                break;
            }
            for object in objects {
                let before = *observer.counts();
                let outcome = reader.read(object, self.plan, way(object), &mut observer);
                done(object, outcome, &before, &observer);
            }
        }
        while let Some(arrival) = self.stream.and_then(Stream::next) {
            match arrival {
                Arrival::Object(object, fetched, permit) => {
                    let before = *observer.counts();
                    let outcome = reader.read_fetched(&object, &fetched, self.plan, way(&object), &mut observer);
                    done(&object, outcome, &before, &observer);
                    drop((fetched, permit));
                }
                Arrival::Unreadable(name, reason) => {
                    observer.begin(&name);
                    observer.defect(None, DefectKind::Unreadable, &reason);
                }
            }
        }
        Part { observations: observer.finish(), receipts, set_apart: reader.set_apart }
    }
}

/// Makes the receipt of the object that was read between two counts.
fn receipt(object: &Object, (kind, content): reader::Outcome, before: &Counts, read: &Observer<'_>) -> Receipt {
    let after = read.counts();
    Receipt {
        object: object.name.clone(),
        version: object.version.clone(),
        size: object.size,
        stored_bytes: after.stored_bytes - before.stored_bytes,
        inflated_bytes: after.inflated_bytes - before.inflated_bytes,
        kind,
        unique: after.unique - before.unique,
        duplicate: after.duplicate - before.duplicate,
        malformed: after.malformed - before.malformed,
        unsupported: after.unsupported - before.unsupported,
        defects: after.defects - before.defects,
        set_aside: read.set_aside().clone(),
        content,
    }
}
