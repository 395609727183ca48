//! Lists of sessions in order of issue, and runs of them: what fits many principals is one list, not a copy for each.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::model::candidates::Fitting;
use crate::model::chain::Candidates;
use crate::model::chain::Link;
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

/// How many durations the sessions of one name may have before each counts as the next whole quarter of an hour. A set of
/// candidates has a run for each duration: whoever asks for sessions chooses how many there are.
const MOST_DURATIONS: usize = 64;

/// The step to which durations are then rounded up: doubt of a quarter of an hour, and never a session left out.
const COARSE_DURATION: i64 = 15 * 60;

/// Sessions of one name, in order of issue.
#[derive(Clone, Debug, Default)]
struct List {
    ids: Vec<SessionId>,
    /// How long each of them is valid at most: what began earlier is over, and need not be looked at.
    longest: i64,
    /// When the last of them ends.
    last_end: Option<Timestamp>,
    /// True when one that began later ends earlier.
    is_mixed: bool,
    /// The same sessions by how long they are valid, when they are mixed: in each of these lists, what began later ends
    /// later.
    by_duration: Vec<u32>,
}

/// Every list, and the sets that were found in them. The number of a list is its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    lists: Vec<List>,
    sets: Vec<Run>,
}

/// What was found: runs of lists, none of them empty and no session in two, or sessions that are in no list together.
#[derive(Debug)]
pub(super) enum Fit {
    Runs(Vec<Run>),
    Scattered(Vec<SessionId>),
}

impl FromIterator<Run> for Fit {
    fn from_iter<T: IntoIterator<Item = Run>>(runs: T) -> Self {
        Self::Runs(runs.into_iter().filter(|run| run.start < run.end).collect())
    }
}

impl Lists {
    /// Makes a list, and returns its number.
    pub(super) fn open(&mut self) -> u32 {
        self.lists.push(List::default());
        id_of(self.lists.len() - 1)
    }

    /// Puts a session at the end of a list.
    pub(super) fn push(&mut self, list: u32, id: SessionId, session: &Session) {
        let Some(list) = self.lists.get_mut(place(list)) else { return };
        list.ids.push(id);
        list.longest = list.longest.max(duration(session).unwrap_or(0));
        list.is_mixed |= end(session) < list.last_end;
        list.last_end = list.last_end.max(end(session));
    }

    /// Makes ready a list that will be asked who was valid when. It has all its sessions.
    pub(super) fn by_duration<'b>(&mut self, list: u32, session: impl Fn(SessionId) -> &'b Session) {
        let Some(whole) = self.lists.get(place(list)).filter(|list| list.is_mixed) else { return };
        let timed = || whole.ids.iter().filter_map(|id| Some((*id, duration(session(*id))?)));
        let mut by_duration: BTreeMap<i64, Vec<SessionId>> = BTreeMap::new();
        let exact: BTreeSet<i64> = timed().map(|(_, duration)| duration).collect();
        let step = if exact.len() > MOST_DURATIONS { COARSE_DURATION } else { 1 };
        for (id, duration) in timed() {
            let rounded = duration.saturating_add(step - 1).div_euclid(step).saturating_mul(step);
            by_duration.entry(rounded.min(LONGEST_SESSION)).or_default().push(id);
        }
        let first = self.lists.len();
        self.lists.extend(by_duration.into_iter().map(|(longest, ids)| List { ids, longest, ..List::default() }));
        let numbers = (first..self.lists.len()).map(id_of).collect();
        if let Some(whole) = self.lists.get_mut(place(list)) {
            whole.by_duration = numbers;
        }
    }

    /// Returns the sessions of each list, to be put in order or renamed.
    pub(super) fn ids_mut(&mut self) -> impl Iterator<Item = &mut Vec<SessionId>> {
        self.lists.iter_mut().map(|list| &mut list.ids)
    }

    /// Returns every run of every set, to be renamed.
    pub(super) fn runs_mut(&mut self) -> impl Iterator<Item = &mut Run> {
        self.sets.iter_mut()
    }

    /// Returns the lists as what they hold, and the runs that the sets are made of.
    pub(super) fn into_parts(self) -> (Vec<Vec<SessionId>>, Vec<Run>) {
        (self.lists.into_iter().map(|list| list.ids).collect(), self.sets)
    }

    /// Returns a whole list.
    pub(super) fn all(&self, list: u32) -> &[SessionId] {
        self.lists.get(place(list)).map(|list| list.ids.as_slice()).unwrap_or_default()
    }

    /// Returns the sessions of a run.
    pub(super) fn run(&self, run: Run) -> &[SessionId] {
        self.all(run.list).get(place(run.start)..place(run.end)).unwrap_or_default()
    }

    /// Returns the runs of the set that a link points to.
    pub(super) fn runs(&self, link: &Link) -> &[Run] {
        link.candidates.map(|set| self.runs_of(set)).unwrap_or_default()
    }

    fn runs_of(&self, set: Candidates) -> &[Run] {
        self.sets.get(place(set.start)..place(set.end)).unwrap_or_default()
    }

    /// Returns the sessions of the set that a link points to.
    pub(super) fn fitting(&self, link: &Link) -> Fitting<'_> {
        Fitting::of(self.runs(link), |list| self.all(list))
    }

    /// Returns the sessions of a set.
    pub(super) fn of_set(&self, set: Candidates) -> Fitting<'_> {
        Fitting::of(self.runs_of(set), |list| self.all(list))
    }

    /// Returns the first two sessions that were found: more are not asked for where the question is whether it is one.
    pub(super) fn first_two(&self, fit: &Fit) -> (Option<SessionId>, Option<SessionId>) {
        let (runs, scattered) = match fit {
            Fit::Runs(runs) => (runs.as_slice(), [].as_slice()),
            Fit::Scattered(scattered) => ([].as_slice(), scattered.as_slice()),
        };
        let mut sessions = runs.iter().flat_map(|run| self.run(*run)).chain(scattered).copied();
        (sessions.next(), sessions.next())
    }

    /// Keeps what was found as a set.
    pub(super) fn keep(&mut self, fit: Fit) -> Candidates {
        let runs = match fit {
            Fit::Runs(runs) => runs,
            Fit::Scattered(ids) => {
                let end = id_of(ids.len());
                self.lists.push(List { ids, ..List::default() });
                vec![Run { list: id_of(self.lists.len() - 1), start: 0, end }]
            }
        };
        let start = id_of(self.sets.len());
        self.sets.extend(runs);
        Candidates { start, end: id_of(self.sets.len()) }
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
        span: (Timestamp, Timestamp),
        session: impl Fn(SessionId) -> &'b Session + Copy,
    ) -> impl Iterator<Item = Run> {
        let whole = self.lists.get(place(list));
        let parts = whole.map(|list| list.by_duration.as_slice()).unwrap_or_default();
        let whole = if parts.is_empty() { Some(self.valid_whole(list, span, session)) } else { None };
        let parts = parts.iter().map(move |part| {
            // Each of them is valid for as long as the longest.
            let earliest = span.1.plus(-self.reach(*part));
            self.issued(*part, (earliest, span.0), session)
        });
        whole.into_iter().chain(parts)
    }

    /// The same for a list in which what began later ends later.
    fn valid_whole<'b>(
        &self,
        list: u32,
        (first, until): (Timestamp, Timestamp),
        session: impl Fn(SessionId) -> &'b Session + Copy,
    ) -> Run {
        let issued = self.issued(list, (until.plus(-self.reach(list)), first), session);
        let is_valid = |id: &SessionId| end(session(*id)).is_some_and(|end| until <= end.plus(CREATION_TOLERANCE));
        let start = issued.start + id_of(self.run(issued).partition_point(|id| !is_valid(id)));
        Run { start, ..issued }
    }

    /// Returns for how long a session of a list may have an effect.
    fn reach(&self, list: u32) -> i64 {
        let longest = self.lists.get(place(list)).map_or(0, |list| list.longest);
        LONGEST_SESSION.min(longest.saturating_add(CREATION_TOLERANCE))
    }
}

fn duration(session: &Session) -> Option<i64> {
    session.issued.zip(end(session)).map(|(issued, end)| end.0.saturating_sub(issued.0))
}

fn end(session: &Session) -> Option<Timestamp> {
    session.expires.or_else(|| session.issued.map(|issued| issued.plus(LONGEST_ROLE_SESSION)))
}
