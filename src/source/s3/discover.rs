//! Discovery: finds the trails below a source by looking.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use super::explain::Trouble;
use super::layout::Bounds;
use super::layout::Stand;
use super::layout::is_organization;
use super::layout::last_name;
use super::layout::may_hold_trails;
use super::list::Found;
use super::list::Lister;
use super::list::Stretch;
use crate::model::arn;

/// How many folders are looked into, at most, before the first trail is found: without one, everything is read anyway.
const TRIES: usize = 512;

/// How many folders are looked into, at most, for further trails. What is left over is named, and makes a run incomplete.
const LOOKS: usize = 100_000;

/// How many pages of one folder are read to know what it is: what is larger holds objects, not trails.
const PAGES: usize = 20;

/// Where a trail begins that stands in a folder too large to be looked through.
const TRAILS: &str = "AWSLogs";

/// What a search for trails found.
#[derive(Default)]
struct Search {
    /// The folders of trails. Their listing has begun.
    trails: Vec<String>,
    /// Folders outside of trails with objects right in them.
    with_objects: Vec<String>,
    /// Folders that were not looked through.
    unsearched: Vec<String>,
    /// Folders that could not be listed, and why.
    failed: Vec<(String, Trouble)>,
}

/// What lies right in a folder.
struct Look {
    has_objects: bool,
    folders: Vec<String>,
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Lists everything of interest below a folder, which ends with a slash or is empty.
pub(super) async fn folder(lister: Arc<Lister>, folder: String) {
    match Stand::of(&folder) {
        Stand::Accounts => accounts(lister, folder).await,
        Stand::Account => account(&lister, &folder),
        Stand::Regions => regions(lister, folder).await,
        Stand::Region { base } => {
            let bounds = lister.bounds(&base);
            lister.walk(Stretch { prefix: folder, bounds }).await;
        }
        Stand::Unknown => unknown(lister, folder).await,
    }
}

/// Looks for trails; where there are none, everything is a log.
async fn unknown(lister: Arc<Lister>, folder: String) {
    let (objects, folders) = match lister.folded(&folder, PAGES).await {
        Ok(Some(both)) => both,
        // Too much lies right in it: a flat layout.
        Ok(None) => return lister.straight(Stretch { prefix: folder, bounds: Bounds::default() }).await,
        Err(trouble) => return lister.send_trouble(&folder, &trouble).await,
    };
    lister.send(objects).await;
    if is_account_copy(&folder, &folders) {
        return copied_account(&lister, &folder);
    }
    let found = Search::among(&lister, folders.clone()).await;
    if found.trails.is_empty() {
        for prefix in folders.into_iter().filter(|folder| !last_name(folder).starts_with('.')) {
            tokio::spawn(Arc::clone(&lister).straight(Stretch { prefix, bounds: Bounds::default() }));
        }
        return;
    }
    found.finish(&lister, &folder).await;
}

impl Search {
    /// Looks for trails in folders, and in those below them, to any depth: first where their names promise trails, and
    /// then everywhere.
    async fn among(lister: &Arc<Lister>, folders: Vec<String>) -> Self {
        let mut found = Self::default();
        let (mut next, mut later) = (Vec::new(), Vec::new());
        found.sort(lister, folders, &mut next, &mut later);
        let mut looks = 0;
        loop {
            if next.is_empty() {
                next = std::mem::take(&mut later);
            }
            let most = if found.trails.is_empty() { TRIES } else { LOOKS };
            let rest = next.split_off(next.len().min(most.saturating_sub(looks)));
            if next.is_empty() {
                found.unsearched.extend(rest.into_iter().chain(later));
                return found;
            }
            looks += next.len();
            later.extend(rest);
            let look = |folder: String| (folder.clone(), tokio::spawn(look(Arc::clone(lister), folder)));
            let tasks: Vec<_> = next.drain(..).map(look).collect();
            for (folder, task) in tasks {
                match task.await {
                    Ok(Ok(Some(Look { has_objects, folders }))) => {
                        if has_objects {
                            found.with_objects.push(folder.clone());
                        }
                        if is_account_copy(&folder, &folders) {
                            copied_account(lister, &folder);
                            found.trails.push(folder);
                        } else {
                            found.sort(lister, folders, &mut next, &mut later);
                        }
                    }
                    Ok(Err(trouble)) => found.failed.push((folder, trouble)),
                    // Too large: what matters most is asked for by name.
                    _ => {
                        found.sort(lister, vec![format!("{folder}{TRAILS}/")], &mut next, &mut later);
                        found.unsearched.push(folder);
                    }
                }
            }
        }
    }

    /// Begins the listing of trails among folders, and sorts the others by what their names promise.
    fn sort(&mut self, lister: &Arc<Lister>, folders: Vec<String>, next: &mut Vec<String>, later: &mut Vec<String>) {
        for folder in folders {
            match last_name(&folder) {
                TRAILS => {
                    tokio::spawn(accounts(Arc::clone(lister), folder.clone()));
                    self.trails.push(folder);
                }
                name if name.starts_with('.') => {}
                name if may_hold_trails(name) => next.push(folder),
                _ => later.push(folder),
            }
        }
    }

    /// Lists what lies beside trails on the way to them, and names what is not read. `root` is where the search began.
    async fn finish(self, lister: &Arc<Lister>, root: &str) {
        let on_the_way: BTreeSet<&str> =
            self.trails.iter().flat_map(|trail| steps(trail, root)).chain(std::iter::once(root)).collect();
        let mut unread = BTreeSet::new();
        for folder in &self.with_objects {
            if on_the_way.contains(folder.as_str()) {
                match lister.folded(folder, PAGES).await {
                    Ok(both) => lister.send(both.unwrap_or_default().0).await,
                    Err(trouble) => lister.send_trouble(folder, &trouble).await,
                }
            } else {
                // The uppermost folder without a trail stands for all that is in it.
                unread.extend(steps(folder, root).find(|step| !on_the_way.contains(step)));
            }
        }
        for (folder, trouble) in &self.failed {
            lister.send_trouble(folder, trouble).await;
        }
        for folder in &self.unsearched {
            unread.extend(steps(folder, root).find(|step| !on_the_way.contains(step)).or(Some(folder)));
        }
        for folder in unread {
            let name = lister.bucket.address.name_of(folder);
            let reason = format!(
                "it is not read, because trails lie beside it and none was found in it: name {name} as a source, too, if it holds logs; name the folders of the trails as sources if it does not"
            );
            let _ = lister.found.send(Found::Unreadable(name, reason)).await;
        }
    }
}

/// Returns the folders from below `root` down to a folder, and the folder itself.
fn steps<'f>(folder: &'f str, root: &str) -> impl Iterator<Item = &'f str> {
    let begin = root.len();
    folder.match_indices('/').map(|(at, _)| at + 1).filter(move |end| begin < *end).filter_map(|end| folder.get(..end))
}

/// Looks into a folder; `None` when it is too large.
async fn look(lister: Arc<Lister>, folder: String) -> Result<Option<Look>, Trouble> {
    let both = lister.folded(&folder, PAGES).await?;
    Ok(both.map(|(objects, folders)| Look { has_objects: objects.iter().any(|object| object.size > 0), folders }))
}

/// Says whether a folder is a copy of what is below `AWSLogs`. What else lies in it is not CloudTrail's.
fn is_account_copy(folder: &str, folders: &[String]) -> bool {
    arn::is_account_id(last_name(folder)) && folders.iter().any(|child| last_name(child) == "CloudTrail")
}

fn copied_account(lister: &Arc<Lister>, folder: &str) {
    if lister.scope.wants_account(last_name(folder)) {
        account(lister, folder);
    }
}

/// Lists the accounts and organizations of an `AWSLogs` folder, and the trails that lie deeper in it.
fn accounts(lister: Arc<Lister>, folder: String) -> Boxed<()> {
    Box::pin(async move {
        let (objects, folders) = match lister.folded(&folder, usize::MAX).await {
            Ok(both) => both.unwrap_or_default(),
            Err(trouble) => return lister.send_trouble(&folder, &trouble).await,
        };
        lister.send(objects).await;
        let mut others = Vec::new();
        for child in folders {
            match last_name(&child) {
                name if arn::is_account_id(name) => copied_account(&lister, &child),
                name if is_organization(name) => {
                    tokio::spawn(accounts(Arc::clone(&lister), child));
                }
                // Flow logs in the layout of Hive.
                name if name.starts_with("aws-account-id=") => {}
                _ => others.push(child),
            }
        }
        Search::among(&lister, others).await.finish(&lister, &folder).await;
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
        let bounds = lister.bounds(&base);
        tokio::spawn(Arc::clone(&lister).walk(Stretch { prefix: base, bounds }));
    }
}
