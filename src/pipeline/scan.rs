//! The scan: every worker takes the next object, folds its records into observations of its own, and all are merged.

use std::io::Read;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use rayon::ThreadPoolBuilder;

use super::Plan;
use crate::model::coverage::DefectKind;
use crate::model::observations::Counts;
use crate::model::observations::Observations;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;
use crate::model::record::RecordSink as _;
use crate::observe::Filter;
use crate::observe::Observer;
use crate::observe::Seen;
use crate::read;
use crate::source;
use crate::source::Object;
use crate::source::SourceError;

/// Objects from this size on are taken first, so that none is left for one worker at the end.
const LARGE: u64 = 1 << 20;

/// Objects from this size on are inflated as a stream, so that memory stays flat.
const STREAMED: u64 = 4 << 20;

/// How many small objects a worker takes at once: neighbours by name share accounts, regions and callers.
const BATCH: usize = 16;

/// Hears how far a run is.
pub trait Progress: Sync {
    /// The run will read so many objects, of so many bytes as stored.
    fn begin(&self, objects: u64, bytes: u64);
    /// One more object is done.
    fn object(&self, bytes: u64);
    /// The run goes on with something that has no bytes.
    fn phase(&self, name: &'static str);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: u64, _: u64) {}
    fn object(&self, _: u64) {}
    fn phase(&self, _: &'static str) {}
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
    /// Hash what the objects hold, and keep digest files: for the check of digests. Asks for receipts, too.
    pub contents: bool,
}

/// What a scan leaves behind.
#[derive(Debug, Default)]
pub struct Scanned {
    /// What was observed.
    pub observations: Observations,
    /// One receipt for each object, sorted by name, when they were asked for.
    pub receipts: Vec<Receipt>,
}

/// What one worker leaves behind.
#[derive(Default)]
struct Part {
    observations: Observations,
    receipts: Vec<Receipt>,
}

/// Reads all sources into one set of observations.
pub(super) fn scan(plan: &Plan, hooks: &Hooks<'_>, progress: &dyn Progress) -> Result<Scanned, SourceError> {
    progress.phase("listing");
    let mut listing = source::list(&plan.sources)?;
    if let Some(is_known) = hooks.is_known {
        listing.objects.retain(|object| !is_known(object));
    }
    progress.begin(count(listing.objects.len()), listing.objects.iter().map(|object| object.size).sum());
    let threads = if plan.threads == 0 { rayon::current_num_threads() } else { plan.threads };
    let work = Work::new(listing.objects, threads);
    let passing = Seen::default();
    let seen = hooks.seen.unwrap_or(&passing);
    let open = Filter { watched_event: plan.filter.watched_event.clone(), ..Filter::default() };
    let filter = if hooks.seen.is_some() { &open } else { &plan.filter };
    let parts: Mutex<Vec<Part>> = Mutex::default();
    let worker = |number: usize| {
        let part = work.run(number, plan, hooks, (seen, filter), progress);
        parts.lock().unwrap_or_else(PoisonError::into_inner).push(part);
    };
    match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.scope(|scope| {
            for number in 0..threads {
                let worker = &worker;
                scope.spawn(move |_| worker(number));
            }
        }),
        // A system that gives no threads still has this one.
        Err(_) => worker(0),
    }
    let mut parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
    parts.push(Part { observations: unreadable(&listing.unreadable, filter, seen), receipts: Vec::new() });
    // Merging is where a run needs most memory: what remembers the records and the objects goes first.
    drop(passing);
    drop(work);
    let mut parts = parts.into_iter();
    let Part { mut observations, mut receipts } = parts.next().unwrap_or_default();
    for part in parts {
        observations.merge(part.observations);
        receipts.extend(part.receipts);
    }
    receipts.sort_unstable_by(|a, b| a.object.cmp(&b.object));
    Ok(Scanned { observations, receipts })
}

/// Makes defects of the directories that could not be listed.
fn unreadable(paths: &[(String, String)], filter: &Filter, seen: &Seen<'_>) -> Observations {
    let mut observer = Observer::new(seen, filter);
    for (path, reason) in paths {
        observer.begin(path);
        observer.defect(None, DefectKind::Unreadable, reason);
    }
    observer.finish()
}

/// Makes the receipt of the object that was read between two counts.
fn receipt(object: &Object, kind: Option<ObjectKind>, before: &Counts, after: &Counts) -> Receipt {
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
        content: None,
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The objects, and which are taken next.
struct Work {
    objects: Vec<Object>,
    /// How many large objects stand at the front.
    large: usize,
    next_large: AtomicUsize,
    /// The small objects, in as many stretches as there are workers. Neighbours by name share accounts and callers, so
    /// a worker that stays in its stretch holds few sessions that another holds, too.
    stretches: Vec<Stretch>,
    /// True when there are fewer objects than threads: one may then inflate while another parses.
    has_idle_threads: bool,
}

/// A run of small objects.
struct Stretch {
    next: AtomicUsize,
    end: usize,
}

impl Work {
    fn new(mut objects: Vec<Object>, threads: usize) -> Self {
        let has_idle_threads = objects.len() < threads;
        objects.sort_by(|a, b| {
            let size = |object: &Object| std::cmp::Reverse(if object.size < LARGE { 0 } else { object.size });
            (size(a), &a.name).cmp(&(size(b), &b.name))
        });
        let large = objects.iter().take_while(|object| LARGE <= object.size).count();
        let small = objects.len() - large;
        let bound = |worker: usize| large + small * worker / threads;
        let stretches = (0..threads)
            .map(|worker| Stretch { next: AtomicUsize::new(bound(worker)), end: bound(worker + 1) })
            .collect();
        Self { objects, large, next_large: AtomicUsize::new(0), stretches, has_idle_threads }
    }

    /// Returns the next objects for a worker: a large one, or some small ones of its stretch, or of the next stretch
    /// that has any left.
    fn take(&self, worker: usize) -> &[Object] {
        let at = self.next_large.fetch_add(1, Ordering::Relaxed);
        if at < self.large {
            return self.objects.get(at..=at).unwrap_or_default();
        }
        let (after, own) = self.stretches.split_at(worker.min(self.stretches.len()));
        for stretch in own.iter().chain(after) {
            let start = stretch.next.fetch_add(BATCH, Ordering::Relaxed);
            if start < stretch.end {
                return self.objects.get(start..stretch.end.min(start + BATCH)).unwrap_or_default();
            }
        }
        &[]
    }

    fn run(
        &self,
        worker: usize,
        plan: &Plan,
        hooks: &Hooks<'_>,
        (seen, filter): (&Seen<'_>, &Filter),
        progress: &dyn Progress,
    ) -> Part {
        let mut observer = Observer::new(seen, filter);
        let mut reader = Reader::default();
        let mut receipts = Vec::new();
        loop {
            let objects = self.take(worker);
            if objects.is_empty() {
                return Part { observations: observer.finish(), receipts };
            }
            for object in objects {
                let before = *observer.counts();
                let kind = reader.read(object, plan, self.has_idle_threads, &mut observer);
                if hooks.receipts || hooks.contents {
                    receipts.push(receipt(object, kind, &before, observer.counts()));
                }
                progress.object(object.size);
            }
        }
    }
}

/// One worker's buffers.
#[derive(Default)]
struct Reader {
    bytes: Vec<u8>,
    scratch: read::Scratch,
}

impl Reader {
    /// Reads one object, and returns what it turned out to be; `None` when it could not be opened or fetched.
    fn read(
        &mut self,
        object: &Object,
        plan: &Plan,
        has_idle_threads: bool,
        observer: &mut Observer<'_>,
    ) -> Option<ObjectKind> {
        observer.begin(&object.name);
        let read = object.open().and_then(|source| {
            if object.size == 0 || STREAMED <= object.size {
                let source = Counted { source, count: Arc::default() };
                let count = Arc::clone(&source.count);
                let summary = if has_idle_threads {
                    read::read_stream_overlapped(source, &mut self.scratch, &plan.limits, observer)
                } else {
                    read::read_stream(source, &mut self.scratch, &plan.limits, observer)
                };
                return Ok((summary, count.load(Ordering::Relaxed)));
            }
            self.bytes.clear();
            let mut source = source;
            source.read_to_end(&mut self.bytes)?;
            let summary = read::read_object(&self.bytes, &mut self.scratch, &plan.limits, observer);
            Ok((summary, count(self.bytes.len())))
        });
        match read {
            Ok((summary, stored)) => {
                let kind = match summary.not_json {
                    Some(reason) if summary.kind == ObjectKind::Foreign && claims_json(&object.name) => {
                        observer.defect(None, DefectKind::MalformedObject, reason);
                        ObjectKind::Broken
                    }
                    _ => summary.kind,
                };
                observer.end(kind, stored, summary.inflated_bytes);
                Some(kind)
            }
            Err(error) => {
                observer.defect(None, DefectKind::Unreadable, &error.to_string());
                observer.end(ObjectKind::Broken, 0, 0);
                None
            }
        }
    }
}

/// Says whether an object's name promises JSON, packed or not: then another content is a defect, not another kind of
/// file. `x.log.gz` promises something else, and buckets hold many such beside CloudTrail's; `x.gz` promises nothing else.
fn claims_json(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let inner = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst"));
    match inner.unwrap_or(&name).rsplit_once('.') {
        Some((_, "json" | "jsonl" | "ndjson")) => true,
        Some((_, ending)) => inner.is_some() && !ending.bytes().all(|byte| byte.is_ascii_alphabetic()),
        None => inner.is_some(),
    }
}

/// Counts the bytes that go through it.
struct Counted {
    source: Box<dyn Read + Send>,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.count.fetch_add(count(read), Ordering::Relaxed);
        Ok(read)
    }
}
