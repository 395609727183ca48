//! Listing: every object of a stretch of keys, side by side where there are many.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::time::sleep;

use super::bucket::Ask;
use super::bucket::Bucket;
use super::explain::Trouble;
use super::layout::Bounds;
use super::layout::Scope;
use super::layout::is_number;
use super::layout::last_name;
use crate::source::Object;

/// Years, months and days: the levels of folders that are listed side by side.
const LEVELS: usize = 3;

/// How long to wait before a folder is asked for again that could not be listed.
const PAUSE: Duration = Duration::from_secs(5);

/// What listing finds.
#[derive(Debug)]
pub(super) enum Found {
    /// An object.
    Object(Object),
    /// A folder that could not be listed, and why.
    Unreadable(String, String),
}

/// A stretch of keys that is to be listed, one page after the other.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) prefix: String,
    pub(super) bounds: Bounds,
}

/// Lists one bucket. It lives as long as any of its tasks, and with the last one the channel closes.
pub(super) struct Lister {
    pub(super) bucket: Bucket,
    pub(super) scope: Scope,
    pub(super) found: Sender<Found>,
    /// What failed and may succeed later.
    failed: Arc<Mutex<Vec<(Bucket, Stretch)>>>,
}

/// Stretches that failed in a way that may pass, with their buckets.
pub(super) type Failed = Arc<Mutex<Vec<(Bucket, Stretch)>>>;

impl Lister {
    pub(super) fn new(bucket: Bucket, scope: Scope, found: Sender<Found>, failed: Failed) -> Self {
        Self { bucket, scope, found, failed }
    }

    /// Returns the stretch of keys of interest below the folder of one account and region.
    pub(super) fn bounds(&self, base: &str) -> Bounds {
        self.scope.bounds(base, &self.bucket.address.name_of(base))
    }

    /// Sends objects on. Nobody listens any more when the run has failed: then there is nothing left to do.
    pub(super) async fn send(&self, objects: impl IntoIterator<Item = Object>) {
        for object in objects {
            if self.found.send(Found::Object(object)).await.is_err() {
                return;
            }
        }
    }

    /// Tells of a folder that could not be listed.
    pub(super) async fn send_trouble(&self, folder: &str, trouble: &Trouble) {
        let _ = self.found.send(Found::Unreadable(self.bucket.address.name_of(folder), trouble.of_folder())).await;
    }

    /// Lists a stretch: its first page, and if there is more, folder by folder.
    pub(super) async fn walk(self: Arc<Self>, stretch: Stretch) {
        let ask = Ask { prefix: &stretch.prefix, after: stretch.bounds.after.as_deref(), ..Ask::default() };
        let page = match self.bucket.page(ask).await {
            Ok(page) => page,
            Err(trouble) => return self.give_up(stretch, &trouble).await,
        };
        let last = page.objects.last().map(|object| self.bucket.key_of(object).to_owned());
        self.send_inside(page.objects, &stretch.bounds).await;
        if page.next.is_none() || last.as_deref().is_some_and(|last| stretch.bounds.is_past(last)) {
            return;
        }
        let bounds = Bounds { after: last.or(stretch.bounds.after), end: stretch.bounds.end };
        Box::pin(self.spread(Stretch { prefix: stretch.prefix, bounds }, LEVELS)).await;
    }

    /// Lists the folders of a folder side by side.
    async fn spread(self: Arc<Self>, stretch: Stretch, levels: usize) {
        let (objects, folders) = match self.folded(&stretch.prefix, usize::MAX).await {
            Ok(Some(both)) => both,
            Ok(None) => return,
            Err(trouble) => return self.give_up(stretch, &trouble).await,
        };
        self.send_inside(objects, &stretch.bounds).await;
        for folder in folders.into_iter().filter(|folder| stretch.bounds.touches(folder)) {
            let is_date = is_number(last_name(&folder));
            let next = Stretch { prefix: folder, bounds: stretch.bounds.clone() };
            let lister = Arc::clone(&self);
            if levels > 1 && is_date {
                tokio::spawn(spread_boxed(lister, next, levels - 1));
            } else {
                tokio::spawn(lister.straight(next));
            }
        }
    }

    /// Lists a stretch, page after page.
    pub(super) async fn straight(self: Arc<Self>, stretch: Stretch) {
        let Stretch { prefix, mut bounds } = stretch;
        let mut token: Option<String> = None;
        loop {
            let after = bounds.after.clone();
            let ask = Ask { prefix: &prefix, after: after.as_deref(), token: token.as_deref(), ..Ask::default() };
            let page = match self.bucket.page(ask).await {
                Ok(page) => page,
                Err(trouble) => return self.give_up(Stretch { prefix, bounds }, &trouble).await,
            };
            let last = page.objects.last().map(|object| self.bucket.key_of(object).to_owned());
            self.send_inside(page.objects, &bounds).await;
            let is_done = page.next.is_none() || last.as_deref().is_some_and(|last| bounds.is_past(last));
            if is_done {
                return;
            }
            bounds.after = last.or(bounds.after);
            token = page.next;
        }
    }

    /// Returns the objects and folders right below a folder; `None` when there are more pages than that.
    pub(super) async fn folded(
        &self,
        prefix: &str,
        max_pages: usize,
    ) -> Result<Option<(Vec<Object>, Vec<String>)>, Trouble> {
        let (mut objects, mut folders) = (Vec::new(), Vec::new());
        let mut token: Option<String> = None;
        for _ in 0..max_pages {
            let ask = Ask { prefix, folded: true, token: token.as_deref(), ..Ask::default() };
            let page = match self.bucket.page(ask).await {
                Err(trouble) if trouble.is_passing() => {
                    sleep(PAUSE).await;
                    self.bucket.page(ask).await?
                }
                page => page?,
            };
            objects.extend(page.objects);
            folders.extend(page.folders);
            token = page.next;
            if token.is_none() {
                return Ok(Some((objects, folders)));
            }
        }
        Ok(None)
    }

    async fn send_inside(&self, objects: Vec<Object>, bounds: &Bounds) {
        self.send(objects.into_iter().filter(|object| bounds.holds(self.bucket.key_of(object)))).await;
    }

    async fn give_up(&self, stretch: Stretch, trouble: &Trouble) {
        if trouble.is_passing() {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).push((self.bucket.clone(), stretch));
        } else {
            self.send_trouble(&stretch.prefix, trouble).await;
        }
    }
}

/// A future that contains itself needs a name for its type.
fn spread_boxed(
    lister: Arc<Lister>,
    stretch: Stretch,
    levels: usize,
) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(lister.spread(stretch, levels))
}
