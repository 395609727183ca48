//! Discovery: finds the trails below a source by looking.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use super::explain::Trouble;
use super::layout::Bounds;
use super::layout::Stand;
use super::layout::is_organisation;
use super::layout::last_name;
use super::layout::may_hold_trails;
use super::list::Found;
use super::list::Lister;
use super::list::Stretch;
use crate::model::arn;
use crate::source::Object;

/// How many levels of folders are looked through for trails.
const DEPTH: usize = 6;

/// How many folders are looked into, at most, that turn out to be none of CloudTrail's.
const LOOKS: usize = 512;

/// How many pages of one folder are read to know what it is: what is larger holds objects, not trails.
const PAGES: usize = 20;

/// What looking at a folder found.
#[derive(Default)]
struct Look {
    has_trail: bool,
    /// Objects that lie right in the folder, or in folders on the way to a trail.
    objects: Vec<Object>,
    /// Folders right below.
    folders: Vec<String>,
    /// Folders in which there is no trail.
    others: Vec<String>,
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Lists everything of interest below a folder, which ends with a slash or is empty.
pub(super) async fn folder(lister: Arc<Lister>, folder: String) {
    match Stand::of(&folder) {
        Stand::Accounts => accounts(lister, folder).await,
        Stand::Account => account(&lister, &folder),
        Stand::Regions => regions(lister, folder).await,
        Stand::Region { base } => {
            let bounds = lister.scope.bounds(&base);
            lister.walk(Stretch { prefix: folder, bounds }).await;
        }
        Stand::Unknown => unknown(lister, folder).await,
    }
}

/// Looks for trails; where there are none, everything is a log.
async fn unknown(lister: Arc<Lister>, folder: String) {
    let budget = Arc::new(AtomicUsize::new(LOOKS));
    let found = match look(Arc::clone(&lister), folder.clone(), DEPTH, budget).await {
        Ok(Some(found)) => found,
        // Too much lies right in it: a flat layout.
        Ok(None) => return lister.straight(Stretch { prefix: folder, bounds: Bounds::default() }).await,
        Err(trouble) => return lister.send_trouble(&folder, &trouble).await,
    };
    lister.send(found.objects).await;
    if found.has_trail {
        for other in found.others {
            let name = lister.bucket.address.name_of(&other);
            let note = format!("{name} is not read: there is no trail in it, and there is one beside it");
            let _ = lister.found.send(Found::Note(note)).await;
        }
        return;
    }
    for prefix in found.folders.into_iter().filter(|folder| !last_name(folder).starts_with('.')) {
        tokio::spawn(Arc::clone(&lister).straight(Stretch { prefix, bounds: Bounds::default() }));
    }
}

/// Looks into a folder, and into those below it. Trails that are found are listed at once. `None` when it is too large.
fn look(
    lister: Arc<Lister>,
    folder: String,
    depth: usize,
    budget: Arc<AtomicUsize>,
) -> Boxed<Result<Option<Look>, Trouble>> {
    Box::pin(async move {
        let Some((objects, folders)) = lister.folded(&folder, PAGES).await? else { return Ok(None) };
        let mut found = Look { objects, folders: folders.clone(), ..Look::default() };
        let has_logs = found.folders.iter().any(|child| last_name(child) == "CloudTrail");
        if has_logs && arn::is_account_id(last_name(&folder)) {
            // A copy of what is below `AWSLogs`. What else lies here is not CloudTrail's.
            found.has_trail = true;
            if lister.scope.wants_account(last_name(&folder)) {
                account(&lister, &folder);
            }
            return Ok(Some(found));
        }
        let mut deeper = Vec::new();
        for child in folders {
            match last_name(&child) {
                "AWSLogs" => {
                    found.has_trail = true;
                    tokio::spawn(accounts(Arc::clone(&lister), child));
                }
                name if depth > 0 && may_hold_trails(name) && may_look(&budget) => {
                    let look = look(Arc::clone(&lister), child.clone(), depth - 1, Arc::clone(&budget));
                    deeper.push((child, tokio::spawn(look)));
                }
                name if name.starts_with('.') => {}
                _ => found.others.push(child),
            }
        }
        for (child, task) in deeper {
            match task.await {
                Ok(Ok(Some(below))) if below.has_trail => {
                    found.has_trail = true;
                    found.objects.extend(below.objects);
                    found.others.extend(below.others);
                }
                Ok(Err(trouble)) => lister.send_trouble(&child, &trouble).await,
                _ => found.others.push(child),
            }
        }
        Ok(Some(found))
    })
}

/// Takes one look off the budget.
fn may_look(budget: &AtomicUsize) -> bool {
    budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

/// Lists the accounts and organisations of an `AWSLogs` folder.
fn accounts(lister: Arc<Lister>, folder: String) -> Boxed<()> {
    Box::pin(async move {
        let (objects, folders) = match lister.folded(&folder, usize::MAX).await {
            Ok(both) => both.unwrap_or_default(),
            Err(trouble) => return lister.send_trouble(&folder, &trouble).await,
        };
        lister.send(objects).await;
        for child in folders {
            match last_name(&child) {
                name if arn::is_account_id(name) && lister.scope.wants_account(name) => account(&lister, &child),
                name if is_organisation(name) => {
                    tokio::spawn(accounts(Arc::clone(&lister), child));
                }
                // Other accounts, and what other services write here.
                _ => {}
            }
        }
    })
}

/// Lists the logs of an account's folder.
fn account(lister: &Arc<Lister>, folder: &str) {
    for kind in lister.scope.kinds() {
        tokio::spawn(regions(Arc::clone(lister), format!("{folder}{kind}/")));
    }
}

/// Lists the regions of an account.
async fn regions(lister: Arc<Lister>, folder: String) {
    let bases = if lister.scope.regions.is_empty() {
        match lister.folded(&folder, usize::MAX).await {
            Ok(both) => {
                let (objects, folders) = both.unwrap_or_default();
                lister.send(objects).await;
                folders
            }
            Err(trouble) => return lister.send_trouble(&folder, &trouble).await,
        }
    } else {
        lister.scope.regions.iter().map(|region| format!("{folder}{region}/")).collect()
    };
    for base in bases {
        let bounds = lister.scope.bounds(&base);
        tokio::spawn(Arc::clone(&lister).walk(Stretch { prefix: base, bounds }));
    }
}
