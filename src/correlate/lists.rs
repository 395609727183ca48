//! Lists of sessions in order of issue, and runs of them: what fits many principals is one list, not a copy for each.

use crate::model::chain::Run;
use crate::model::chain::Session;
use crate::model::chain::SessionId;
use crate::model::time::HOUR;
use crate::model::time::LONGEST_SESSION;
use crate::model::time::Timestamp;
use crate::model::width::id_of;
use crate::model::width::place;

/// How long a role session may live when its record does not say: 12 hours.
const LONGEST_ROLE_SESSION: i64 = 12 * HOUR;

/// Clocks of the issuing event and of `creationDate` may round differently (0 s in all real pairs seen).
pub(super) const CREATION_TOLERANCE: i64 = 2;

/// Sessions of one name, in order of issue.
#[derive(Clone, Debug, Default)]
struct List {
    ids: Vec<SessionId>,
    /// How long the longest of them is valid: what began earlier is over, and need not be looked at.
    longest: i64,
    /// When the last of them ends.
    last_end: Option<Timestamp>,
    /// True when one that began later ends earlier.
    is_mixed: bool,
}

/// Every list. A list's number is its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists(Vec<List>);

/// What was found in a list: a run of it, or the sessions themselves when others lie between them.
#[derive(Debug)]
pub(super) struct Fit {
    run: Run,
    scattered: Vec<SessionId>,
}

impl Fit {
    /// Makes what fits out of sessions that are in no list together.
    pub(super) fn of(sessions: Vec<SessionId>) -> Self {
        Self { run: Run { list: 0, start: 0, end: 0 }, scattered: sessions }
    }
}

impl Lists {
    /// Makes a list, and returns its number.
    pub(super) fn open(&mut self) -> u32 {
        self.0.push(List::default());
        id_of(self.0.len() - 1)
    }

    /// Puts a session at the end of a list.
    pub(super) fn push(&mut self, list: u32, id: SessionId, session: &Session) {
        let Some(list) = self.0.get_mut(place(list)) else { return };
        list.ids.push(id);
        let validity = session.issued.zip(end(session)).map(|(issued, end)| end.0.saturating_sub(issued.0));
        list.longest = list.longest.max(validity.unwrap_or(0));
        list.is_mixed |= end(session) < list.last_end;
        list.last_end = list.last_end.max(end(session));
    }

    /// Returns the sessions of each list, to be put in order or renamed.
    pub(super) fn ids_mut(&mut self) -> impl Iterator<Item = &mut Vec<SessionId>> {
        self.0.iter_mut().map(|list| &mut list.ids)
    }

    /// Returns the lists as what they hold.
    pub(super) fn into_ids(self) -> Vec<Vec<SessionId>> {
        self.0.into_iter().map(|list| list.ids).collect()
    }

    /// Returns a whole list.
    pub(super) fn all(&self, list: u32) -> &[SessionId] {
        self.0.get(place(list)).map(|list| list.ids.as_slice()).unwrap_or_default()
    }

    /// Returns the sessions of a run.
    pub(super) fn run(&self, run: Run) -> &[SessionId] {
        self.all(run.list).get(place(run.start)..place(run.end)).unwrap_or_default()
    }

    /// Returns the sessions that were found.
    pub(super) fn fitting<'f>(&'f self, fit: &'f Fit) -> &'f [SessionId] {
        if fit.scattered.is_empty() { self.run(fit.run) } else { &fit.scattered }
    }

    /// Returns what was found as a run, for which scattered sessions become a list of their own.
    pub(super) fn keep(&mut self, fit: Fit) -> Run {
        if fit.scattered.is_empty() {
            return fit.run;
        }
        let end = id_of(fit.scattered.len());
        self.0.push(List { ids: fit.scattered, ..List::default() });
        Run { list: id_of(self.0.len() - 1), start: 0, end }
    }

    /// Returns the part of a list that was issued between two moments, both included.
    ///
    /// The default session name makes one principal id out of a hundred thousand sessions: they are never walked.
    pub(super) fn issued<'b>(
        &self,
        list: u32,
        (from, to): (Timestamp, Timestamp),
        session: impl Fn(SessionId) -> &'b Session,
    ) -> Run {
        let ids = self.all(list);
        let start = ids.partition_point(|id| session(*id).issued < Some(from));
        let end = ids.partition_point(|id| session(*id).issued <= Some(to));
        Run { list, start: id_of(start), end: id_of(end.max(start)) }
    }

    /// Returns the sessions of a list that were valid from one moment to another.
    pub(super) fn valid<'b>(
        &self,
        list: u32,
        (first, until): (Timestamp, Timestamp),
        session: impl Fn(SessionId) -> &'b Session + Copy,
    ) -> Fit {
        let (longest, is_mixed) = self.0.get(place(list)).map_or((0, false), |list| (list.longest, list.is_mixed));
        let earliest = until.plus(-LONGEST_SESSION.min(longest.saturating_add(CREATION_TOLERANCE)));
        let issued = self.issued(list, (earliest, first), session);
        let is_valid = |id: &SessionId| end(session(*id)).is_some_and(|end| until <= end.plus(CREATION_TOLERANCE));
        let fresh = self.run(issued);
        if !is_mixed {
            let start = issued.start + id_of(fresh.partition_point(|id| !is_valid(id)));
            return Fit { run: Run { start, ..issued }, scattered: Vec::new() };
        }
        let before = fresh.iter().take_while(|id| !is_valid(id)).count();
        let valid = fresh.iter().skip(before).take_while(|id| is_valid(id)).count();
        let start = issued.start + id_of(before);
        let run = Run { list, start, end: start + id_of(valid) };
        let mut later = fresh.iter().skip(before + valid).filter(|id| is_valid(id)).copied().peekable();
        let scattered = match later.peek() {
            Some(_) => self.run(run).iter().copied().chain(later).collect(),
            None => Vec::new(),
        };
        Fit { run, scattered }
    }

    /// Brings runs of several lists together.
    pub(super) fn joined(&self, runs: &[Run]) -> Fit {
        let mut filled = runs.iter().filter(|run| run.start < run.end);
        match (filled.next(), filled.next()) {
            (Some(only), None) => Fit { run: *only, scattered: Vec::new() },
            _ => Fit::of(runs.iter().flat_map(|run| self.run(*run)).copied().collect()),
        }
    }
}

fn end(session: &Session) -> Option<Timestamp> {
    session.expires.or_else(|| session.issued.map(|issued| issued.plus(LONGEST_ROLE_SESSION)))
}
