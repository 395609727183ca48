//! The window: sessions that were read only to find where later ones began, and did not serve for that, are dropped.

use crate::model::chain::Run;
use crate::model::chain::SessionId;
use crate::model::observations::Map;
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
    let mut unseen = Unseen::default();
    while let Some(id) = waiting.pop() {
        if std::mem::replace(&mut is_kept[id], true) {
            continue;
        }
        let session = book.session(id);
        waiting.extend(session.parent);
        let links = [Some(session.link), session.use_link];
        for run in links.iter().flatten().flat_map(|link| book.lists.runs(link)) {
            unseen.take(*run, book.lists.all(run.list), &mut waiting);
        }
    }
    keep(book, &is_kept.into_iter().collect::<Vec<bool>>());
}

/// The places of each list that no run has gone over yet. Runs overlap: there are as many as ambiguous calls, and each may
/// be as long as the list.
#[derive(Default)]
struct Unseen {
    /// For each place of a list, one that is not after the next unseen.
    next: Map<u32, Vec<usize>>,
}

impl Unseen {
    fn take(&mut self, run: Run, ids: &[SessionId], out: &mut Vec<SessionId>) {
        let next = self.next.entry(run.list).or_insert_with(|| (0..=ids.len()).collect());
        let mut at = unseen_from(next, place(run.start));
        while at < place(run.end) {
            out.extend(ids.get(at));
            if let Some(next) = next.get_mut(at) {
                *next = at + 1;
            }
            at = unseen_from(next, at + 1);
        }
    }
}

/// Follows the places to the next unseen one, and shortens the way for who comes after.
fn unseen_from(next: &mut [usize], mut at: usize) -> usize {
    while let Some(step) = next.get(at).copied().filter(|step| *step != at) {
        let further = next.get(step).copied().unwrap_or(step);
        if let Some(next) = next.get_mut(at) {
            *next = further;
        }
        at = step;
    }
    at
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
    }
    for run in book.lists.runs_mut() {
        let at = |at: u32| kept_before.get(place(run.list))?.get(place(at)).copied();
        let (start, end) = (at(run.start), at(run.end));
        run.start = start.unwrap_or_default();
        run.end = end.unwrap_or_default();
    }
    for session in &mut book.of_principal {
        *session = session.and_then(renamed);
    }
}
