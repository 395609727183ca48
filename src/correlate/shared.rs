//! The one origin that all candidates of an ambiguous link share. It is then stated although the parent is not.

use crate::model::chain::Run;
use crate::model::chain::SessionId;
use crate::model::observations::Map;
use crate::model::width::id_of;
use crate::model::width::place;

use super::by_id::ById;
use super::sessions::Book;

/// The number of each session's origin, as far as it is known.
pub(super) type Known = ById<SessionId, Option<u32>>;

/// Which neighbors in a list share their origin. A run is asked in one step: there are as many runs as ambiguous calls,
/// and each may be as long as the list.
///
/// What is known may grow between two questions, and does not change.
#[derive(Default)]
pub(super) struct Shared {
    /// For each place of a list the first from which on all have the same origin, as far as they are known.
    since: Map<u32, Vec<u32>>,
}

impl Shared {
    /// Returns the origin that all candidates of a session but itself share.
    pub(super) fn origin(&mut self, book: &Book, id: SessionId, known: &Known) -> Option<u32> {
        let mut shared = None;
        for run in book.lists.runs(&book.session(id).link) {
            let own = book.lists.run(*run).binary_search(&id).ok().map(|at| run.start + id_of(at));
            let (before, after) = match own {
                Some(own) => (Run { end: own, ..*run }, Run { start: own + 1, ..*run }),
                None => (*run, Run { start: run.end, ..*run }),
            };
            for part in [before, after].into_iter().filter(|part| part.start < part.end) {
                let origin = self.of_run(book, part, known)?;
                if shared.is_some_and(|shared| shared != origin) {
                    return None;
                }
                shared = Some(origin);
            }
        }
        shared
    }

    fn of_run(&mut self, book: &Book, run: Run, known: &Known) -> Option<u32> {
        let ids = book.lists.all(run.list);
        let since = self.since.entry(run.list).or_default();
        while since.len() < place(run.end) {
            let at = since.len();
            let origin = ids.get(at).and_then(|id| known[*id])?;
            let before = at.checked_sub(1).and_then(|before| ids.get(before)).and_then(|id| known[*id]);
            let start = if before == Some(origin) { since.last().copied() } else { None };
            since.push(start.unwrap_or(id_of(at)));
        }
        let last = since.get(place(run.end).checked_sub(1)?)?;
        let first = ids.get(place(run.start))?;
        if *last <= run.start { known[*first] } else { None }
    }
}
