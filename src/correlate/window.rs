//! The window: sessions that were read only to find where later ones began, and did not serve for that, are dropped.

use std::collections::HashSet;

use crate::model::chain::Run;
use crate::model::chain::SessionId;
use crate::model::principal::PrincipalId;
use crate::model::time::Timestamp;
use crate::model::width::id_of;
use crate::model::width::place;

use super::by_id::ById;
use super::group::Activity;
use super::sessions::Book;

/// Keeps the sessions that were issued or used in the window, and those that lead to them.
pub(super) fn prune(book: &mut Book, activity: &Activity, since: Option<Timestamp>) {
    let Some(since) = since else { return };
    let mut is_kept = ById::new(false, book.sessions.len());
    let issued = book.ids().zip(&book.sessions);
    let mut waiting: Vec<SessionId> =
        issued.filter(|(_, session)| session.issued.is_none_or(|time| since <= time)).map(|(id, _)| id).collect();
    let used = (0u32..).map(PrincipalId).zip(&book.of_principal);
    waiting.extend(used.filter(|(id, _)| !activity.contacts.of(*id).is_empty()).filter_map(|(_, session)| *session));
    let mut seen: HashSet<Run> = HashSet::new();
    while let Some(id) = waiting.pop() {
        if std::mem::replace(&mut is_kept[id], true) {
            continue;
        }
        let session = book.session(id);
        waiting.extend(session.parent);
        let links = [Some(session.link), session.use_link];
        for run in links.into_iter().flatten().filter_map(|link| link.candidates) {
            if seen.insert(run) {
                waiting.extend(book.lists.run(run));
            }
        }
    }
    keep(book, &is_kept.into_iter().collect::<Vec<bool>>());
}

/// Drops the others, and renames everything that points at a session.
fn keep(book: &mut Book, is_kept: &[bool]) {
    let mut names = vec![None; is_kept.len()];
    for (next, (name, _)) in names.iter_mut().zip(is_kept).filter(|(_, kept)| **kept).enumerate() {
        *name = Some(SessionId(id_of(next)));
    }
    let renamed = |id: SessionId| names.get(place(id.0)).copied().flatten();
    let mut at = 0;
    book.sessions.retain(|_| {
        at += 1;
        is_kept.get(at - 1) == Some(&true)
    });
    // How many sessions of a list are kept before each place: where runs begin and end from now on.
    let mut kept_before: Vec<Vec<u32>> = Vec::new();
    for list in book.lists.ids_mut() {
        let mut kept = 0;
        let mut before = vec![0];
        before.extend(list.iter().map(|id| {
            kept += u32::from(renamed(*id).is_some());
            kept
        }));
        kept_before.push(before);
        *list = list.iter().copied().filter_map(renamed).collect();
    }
    for session in &mut book.sessions {
        session.parent = session.parent.and_then(renamed);
        let links = [Some(&mut session.link), session.use_link.as_mut()];
        for run in links.into_iter().flatten().filter_map(|link| link.candidates.as_mut()) {
            let at = |at: u32| kept_before.get(place(run.list))?.get(place(at)).copied();
            let (start, end) = (at(run.start), at(run.end));
            run.start = start.unwrap_or_default();
            run.end = end.unwrap_or_default();
        }
    }
    for session in &mut book.of_principal {
        *session = session.and_then(renamed);
    }
}
