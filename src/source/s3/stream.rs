//! The stream of objects from buckets: lists and fetches at the same time, and holds only so many bytes.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::UnboundedSender;

use super::address::Address;
use super::bucket::Bucket;
use super::bucket::Fetched;
use super::bucket::SLACK;
use super::client::Account;
use super::explain::Kind;
use super::explain::Trouble;
use super::layout::Scope;
use super::list::Failed;
use super::list::Found;
use super::list::Lister;
use super::list::Stretch;
use super::open::Opened;
use super::options::Options;
use super::tasks::Tasks;
use crate::model::width::place;
use crate::source::Object;
use crate::source::SourceError;

/// How many bytes of objects are held at most, asked for and not yet read, in KiB. A larger object goes alone.
const BUDGET: u32 = 64 << 10;

/// What one object costs beside its bytes, in KiB: as much as it may be longer than it was listed.
const OVERHEAD: u64 = SLACK / 1_024;

/// How many listed objects wait to be fetched; listing pauses then.
const WAITING: usize = 4_096;

/// How many requests a run begins with; each answer allows one more. A storm of first requests overwhelms resolvers.
const FIRST: usize = 16;

/// How many objects are fetched at the same time when all have failed before.
const SECOND_PASS: usize = 4;

/// What a worker gets.
#[derive(Debug)]
pub enum Arrival {
    /// An object, and its bytes or why there are none.
    Object(Object, Result<Fetched, String>, Permit),
    /// A folder that could not be listed, and why.
    Unreadable(String, String),
}

/// Holds the place of the bytes of one object: dropped with them.
#[derive(Debug)]
pub struct Permit {
    _held: Option<OwnedSemaphorePermit>,
}

/// What a stream tells while it runs.
pub trait Listener {
    /// Says whether an object is wanted.
    fn wants(&self, object: &Object) -> bool;
    /// An object was listed, and will be fetched.
    fn found(&self, object: &Object);
    /// Everything is listed.
    fn listed(&self);
}

/// Objects on their way from buckets to workers.
pub struct Stream {
    runtime: Runtime,
    sources: Mutex<Vec<Opened>>,
    scope: Scope,
    concurrency: usize,
    sender: Mutex<Option<UnboundedSender<Arrival>>>,
    arrivals: Mutex<UnboundedReceiver<Arrival>>,
}

/// What the tasks that fetch share.
struct Fetching {
    slots: Arc<Semaphore>,
    budget: Arc<Semaphore>,
    allowed: AtomicUsize,
    most: usize,
    arrivals: UnboundedSender<Arrival>,
    failed: Mutex<Vec<(Bucket, Object)>>,
}

impl Stream {
    /// Opens all sources: asks each for its first page, so that what cannot work fails at once.
    pub fn open(addresses: &[Address], scope: Scope, options: &Options, threads: usize) -> Result<Self, SourceError> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(threads.clamp(1, 4)).thread_name("s3").enable_all().build();
        let runtime = runtime.map_err(|reason| SourceError::System { reason })?;
        let opened = runtime.block_on(async {
            let account = Account::load(options).await.map_err(|trouble| SourceError::Bucket {
                name: addresses.first().map(|address| address.name_of(&address.prefix)).unwrap_or_default(),
                reason: trouble.says,
                hint: "correct it, or leave it out to trust the certificates of the system".to_owned(),
            })?;
            let mut sources = Vec::new();
            for (number, address) in addresses.iter().enumerate() {
                sources.push(Opened::open(address, number, &account, options).await?);
            }
            Ok(sources)
        });
        let sources = match opened {
            Ok(sources) => sources,
            Err(error) => {
                // A resolver that still waits for an answer is not waited for.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let (sender, arrivals) = mpsc::unbounded_channel();
        Ok(Self {
            runtime,
            sources: Mutex::new(sources),
            scope,
            concurrency: options.concurrency.max(1),
            sender: Mutex::new(Some(sender)),
            arrivals: Mutex::new(arrivals),
        })
    }

    /// Lists and fetches everything, and returns when all of it has been handed over. Called once, from a thread of its
    /// own.
    pub fn run(&self, listener: &dyn Listener) {
        let Some(arrivals) = lock(&self.sender).take() else { return };
        let sources = std::mem::take(&mut *lock(&self.sources));
        self.runtime.block_on(self.fetch_all(sources, arrivals, listener));
    }

    /// Waits for the next object; `None` when there are no more.
    pub fn next(&self) -> Option<Arrival> {
        lock(&self.arrivals).blocking_recv()
    }

    async fn fetch_all(&self, sources: Vec<Opened>, arrivals: UnboundedSender<Arrival>, listener: &dyn Listener) {
        let first = self.concurrency.min(FIRST);
        let fetching = Arc::new(Fetching {
            slots: Arc::new(Semaphore::new(first)),
            budget: Arc::new(Semaphore::new(place(BUDGET))),
            allowed: AtomicUsize::new(first),
            most: self.concurrency,
            arrivals,
            failed: Mutex::default(),
        });
        let buckets: Vec<Bucket> = sources.iter().map(|source| source.bucket.clone()).collect();
        let mut seen = may_overlap(&buckets).then(HashSet::new);
        let failed_lists = Failed::default();
        let (found, mut incoming) = mpsc::channel(WAITING);
        for Opened { bucket, meaning } in sources {
            let lister = Lister::new(bucket, self.scope.clone(), found.clone(), Arc::clone(&failed_lists));
            tokio::spawn(Opened::list(Arc::new(lister), meaning));
        }
        drop(found);
        let mut tasks = Tasks::new();
        let mut second = false;
        loop {
            while let Some(found) = incoming.recv().await {
                let object = match found {
                    Found::Object(object) => object,
                    Found::Unreadable(name, reason) => {
                        let _ = fetching.arrivals.send(Arrival::Unreadable(name, reason));
                        continue;
                    }
                };
                let is_again = seen.as_mut().is_some_and(|seen| !seen.insert(object.name.clone()));
                let Some(bucket) = buckets.get(object.number()).filter(|_| !is_again && listener.wants(&object)) else {
                    continue;
                };
                listener.found(&object);
                let permit = fetching.permit(&object).await;
                let slot = Arc::clone(&fetching.slots).acquire_owned().await.ok();
                while let Some(ended) = tasks.try_next() {
                    fetching.settle(ended);
                }
                let task = Arc::clone(&fetching).fetch(bucket.clone(), object.clone(), permit, slot);
                tasks.spawn(&object, task);
            }
            // What failed to be listed is listed once more, in peace.
            let again = std::mem::take(&mut *lock(&failed_lists));
            if again.is_empty() || second {
                for (bucket, stretch) in again {
                    let name = bucket.address.name_of(&stretch.prefix);
                    let trouble = Trouble::new(Kind::Server, "no page came");
                    let _ = fetching.arrivals.send(Arrival::Unreadable(name, trouble.of_folder()));
                }
                break;
            }
            second = true;
            let (found, next) = mpsc::channel(WAITING);
            incoming = next;
            tokio::spawn(list_again(again, self.scope.clone(), found, Arc::clone(&failed_lists)));
        }
        listener.listed();
        while let Some(ended) = tasks.next().await {
            fetching.settle(ended);
        }
        fetching.second_pass().await;
    }
}

/// Lists stretches that failed before, one after the other.
async fn list_again(again: Vec<(Bucket, Stretch)>, scope: Scope, found: mpsc::Sender<Found>, failed: Failed) {
    for (bucket, stretch) in again {
        let lister = Lister::new(bucket, scope.clone(), found.clone(), Arc::clone(&failed));
        Arc::new(lister).straight(stretch).await;
    }
}

impl Fetching {
    /// Waits until there is room for the bytes of an object.
    async fn permit(&self, object: &Object) -> Permit {
        let cost = u32::try_from(object.size / 1_024 + OVERHEAD).unwrap_or(BUDGET).min(BUDGET);
        Permit { _held: Arc::clone(&self.budget).acquire_many_owned(cost).await.ok() }
    }

    /// Reports the object of a task that ended without an answer: it must not vanish uncounted.
    fn settle(&self, ended: Result<(), Object>) {
        if let Err(object) = ended {
            let trouble = Trouble::new(Kind::Lost, "the task that fetched it ended without an answer");
            self.hand_over(object, Err(trouble), Permit { _held: None });
        }
    }

    /// Fetches one object, and hands it over.
    async fn fetch(
        self: Arc<Self>,
        bucket: Bucket,
        mut object: Object,
        permit: Permit,
        slot: Option<OwnedSemaphorePermit>,
    ) {
        match bucket.fetch(&object).await {
            Err(trouble) if trouble.is_passing() => {
                // Nothing is held while an object waits for its second pass.
                drop(permit);
                if let Kind::Grown(size) = trouble.kind {
                    object.size = size;
                }
                lock(&self.failed).push((bucket, object));
            }
            outcome => {
                self.allow_more();
                self.hand_over(object, outcome, permit);
            }
        }
        drop(slot);
    }

    /// One more request at a time, up to the most.
    fn allow_more(&self) {
        let more = |allowed| (allowed < self.most).then_some(allowed + 1);
        if self.allowed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok() {
            self.slots.add_permits(1);
        }
    }

    fn hand_over(&self, mut object: Object, outcome: Result<Fetched, Trouble>, permit: Permit) {
        if let Ok(fetched) = &outcome {
            // What was fetched counts, not what was listed.
            object.version = fetched.version.clone().or(object.version);
        }
        let outcome = outcome.map_err(|trouble| trouble.of_object());
        // Nobody listens any more when the workers are gone: then there is nothing left to do.
        let _ = self.arrivals.send(Arrival::Object(object, outcome, permit));
    }

    /// Tries once more what failed, few at a time.
    async fn second_pass(self: Arc<Self>) {
        let failed = std::mem::take(&mut *lock(&self.failed));
        let slots = Arc::new(Semaphore::new(SECOND_PASS));
        let mut tasks = Tasks::new();
        for (bucket, object) in failed {
            // Room first, as in the first pass: what is fetched stays until a worker has read it.
            let permit = self.permit(&object).await;
            let slot = Arc::clone(&slots).acquire_owned().await;
            while let Some(ended) = tasks.try_next() {
                self.settle(ended);
            }
            let fetching = Arc::clone(&self);
            let named = object.clone();
            tasks.spawn(&named, async move {
                let outcome = bucket.fetch(&object).await;
                drop(slot);
                fetching.hand_over(object, outcome, permit);
            });
        }
        while let Some(ended) = tasks.next().await {
            self.settle(ended);
        }
    }
}

/// Says whether one object may be listed for two sources.
fn may_overlap(buckets: &[Bucket]) -> bool {
    let mut names = HashSet::new();
    buckets.iter().any(|bucket| !names.insert(bucket.address.bucket.as_str()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
