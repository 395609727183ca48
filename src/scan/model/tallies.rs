//! Tallies: how often something happened, and the first and the last time; and many of them, by key.

use std::cmp::Ordering;
use std::hash::Hash;

use super::event_id::EventId;
use super::index::Index;
use super::symbols::Renaming;
use super::symbols::Sym;
use super::symbols::Symbols;
use super::time::Timestamp;
use super::width;

/// Rows of one piece of the list, as a power of two.
const PIECE_BITS: u32 = 10;

const PIECE: usize = 1 << PIECE_BITS;

/// How many rows are remembered: 32 KiB.
const RECENT: usize = 4_096;

/// One event that stands for many: the earliest or the latest of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Seconds since the epoch; 0 when the record has no time. Four bytes, because there are many marks.
    seconds: u32,
    /// The object that holds the record.
    pub object: Sym,
    /// `eventID`.
    pub event_id: Option<EventId>,
}

impl Mark {
    /// Makes a mark. A time before 1970 or after 2106 is as good as none.
    pub fn new(time: Option<Timestamp>, object: Sym, event_id: Option<EventId>) -> Self {
        Self { seconds: time.and_then(|time| u32::try_from(time.0).ok()).unwrap_or(0), object, event_id }
    }

    /// Returns when the event happened.
    pub fn time(&self) -> Option<Timestamp> {
        (self.seconds != 0).then(|| Timestamp(i64::from(self.seconds)))
    }

    /// Returns the mark with its symbols renamed.
    #[must_use]
    pub fn renamed(self, names: &Renaming) -> Self {
        Self {
            seconds: self.seconds,
            object: names.of(self.object),
            event_id: self.event_id.map(|id| id.renamed(names)),
        }
    }

    /// Orders by time, then event id, so that the choice does not depend on who came first.
    fn compare(&self, other: &Self, symbols: &Symbols) -> Ordering {
        self.seconds.cmp(&other.seconds).then_with(|| match (self.event_id, other.event_id) {
            (Some(a), Some(b)) => a.compare(b, symbols),
            (a, b) => a.is_some().cmp(&b.is_some()),
        })
    }

    /// Returns true when this copy of the same event lies in the object that comes first by name.
    fn is_in_earlier_object(&self, other: &Self, symbols: &Symbols) -> bool {
        self.object != other.object && symbols.get(self.object) < symbols.get(other.object)
    }
}

/// How often something happened, and the first and the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many unique events. Four bytes, because there are many tallies.
    events: u32,
    /// The earliest event.
    pub first: Mark,
    /// The latest event.
    pub last: Mark,
}

impl Tally {
    /// Starts a tally with one event that has not been counted yet.
    pub fn new(mark: Mark) -> Self {
        Self { events: 0, first: mark, last: mark }
    }

    /// Returns how many unique events there were.
    pub fn count(&self) -> u64 {
        u64::from(self.events)
    }

    /// Takes in one event; only a new one counts.
    pub fn add(&mut self, mark: &Mark, is_new: bool, symbols: &Symbols) {
        self.events = self.events.saturating_add(u32::from(is_new));
        self.note(mark, symbols);
    }

    /// Returns the tally with its symbols renamed.
    #[must_use]
    pub fn renamed(self, names: &Renaming) -> Self {
        Self { events: self.events, first: self.first.renamed(names), last: self.last.renamed(names) }
    }

    /// Makes a tally that was counted before.
    pub fn counted(events: u32, first: Mark, last: Mark) -> Self {
        Self { events, first, last }
    }

    /// Takes events out of the count. The span stays: they are counted elsewhere.
    pub fn uncount(&mut self, events: u32) {
        self.events = self.events.saturating_sub(events);
    }

    /// Names a record in place of the event that it stands in for: what no longer counts is no evidence.
    pub fn name_instead(&mut self, event: EventId, mark: &Mark) {
        for end in [&mut self.first, &mut self.last] {
            if end.event_id == Some(event) {
                *end = *mark;
            }
        }
    }

    /// Takes in another tally of the same thing, of the same symbol table.
    pub fn merge(&mut self, other: &Self, symbols: &Symbols) {
        self.events = self.events.saturating_add(other.events);
        self.note(&other.first, symbols);
        self.note(&other.last, symbols);
    }

    /// Widens the span by one event, without counting it. An event without a time never wins over one with a time; of
    /// two copies of one event, the one in the object that comes first by name is kept.
    fn note(&mut self, mark: &Mark, symbols: &Symbols) {
        let from_first = match (mark.seconds, self.first.seconds) {
            (0, 1..) => Ordering::Greater,
            (1.., 0) => Ordering::Less,
            _ => mark.compare(&self.first, symbols),
        };
        let from_last = mark.compare(&self.last, symbols);
        if from_first.is_lt() || (from_first.is_eq() && mark.is_in_earlier_object(&self.first, symbols)) {
            self.first = *mark;
        }
        if from_last.is_gt() || (from_last.is_eq() && mark.is_in_earlier_object(&self.last, symbols)) {
            self.last = *mark;
        }
    }
}

/// A tally for each key, in the order in which the keys came.
///
/// The rows lie in pieces that never move: a hash table of 60-byte rows that doubles holds three times what it needs
/// for a moment, and between half and all of it for good.
#[derive(Clone, Debug)]
pub struct Tallies<K> {
    index: Index,
    pieces: Vec<Vec<(K, Tally)>>,
    /// The rows asked for last, by tag: callers act in bursts, and this fits the cache where the index does not.
    recent: Vec<(u32, u32)>,
}

/// Where in [`Tallies`] a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u32);

impl Place {
    /// Returns the number of the row, counted from 0 in the order in which the keys came.
    pub fn row(self) -> u32 {
        self.0
    }

    /// Names a row by its number.
    pub fn of_row(row: u32) -> Self {
        Self(row)
    }
}

impl<K> Default for Tallies<K> {
    fn default() -> Self {
        Self { index: Index::default(), pieces: Vec::new(), recent: vec![(0, u32::MAX); RECENT] }
    }
}

impl<K: Copy + Eq + Hash> Tallies<K> {
    /// Returns where the tally of `key` stands; makes one that starts with `mark` when there is none.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the number of slots is a slot")]
    pub fn place(&mut self, key: K, mark: &Mark) -> Place {
        let tag = self.index.tag(&key);
        let Self { index, pieces, recent } = self;
        let is_meant = |row| row_of(pieces, Place(row)).is_some_and(|(known, _)| *known == key);
        let slot = width::place(tag) % RECENT;
        let remembered = recent[slot];
        if remembered.0 == tag && is_meant(remembered.1) {
            return Place(remembered.1);
        }
        if let Some(row) = index.find(tag, is_meant) {
            recent[slot] = (tag, row);
            return Place(row);
        }
        let row = width::id_of(count(pieces));
        recent[slot] = (tag, row);
        index.insert(tag, row);
        if pieces.last().is_none_or(|piece| piece.len() == PIECE) {
            pieces.push(Vec::with_capacity(PIECE));
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push((key, Tally::new(*mark)));
        }
        Place(row)
    }

    /// Takes in a tally of the same symbol table, and returns where it stands.
    pub fn merge(&mut self, key: K, tally: &Tally, symbols: &Symbols) -> Place {
        let place = self.place(key, &tally.first);
        if let Some(known) = self.at(place) {
            known.merge(tally, symbols);
        }
        place
    }

    /// Returns where the tally of `key` stands, if there is one.
    pub fn find(&self, key: K) -> Option<Place> {
        let is_meant = |row| row_of(&self.pieces, Place(row)).is_some_and(|(known, _)| *known == key);
        self.index.find(self.index.tag(&key), is_meant).map(Place)
    }

    /// Returns the tally at a place.
    #[inline]
    pub fn at(&mut self, place: Place) -> Option<&mut Tally> {
        let (piece, at) = split(place);
        self.pieces.get_mut(piece)?.get_mut(at).map(|(_, tally)| tally)
    }

    /// Returns the key of the row at a place.
    pub fn key(&self, place: Place) -> Option<K> {
        row_of(&self.pieces, place).map(|(key, _)| *key)
    }

    /// Returns how many tallies there are.
    pub fn len(&self) -> usize {
        count(&self.pieces)
    }

    /// Returns true when there is no tally.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Returns all rows.
    pub fn iter(&self) -> impl Iterator<Item = &(K, Tally)> {
        self.pieces.iter().flatten()
    }

    /// Hands all rows over, and gives memory back on the way.
    pub fn into_rows(self) -> impl Iterator<Item = (K, Tally)> {
        self.pieces.into_iter().flatten()
    }
}

fn count<T>(pieces: &[Vec<T>]) -> usize {
    pieces.last().map_or(0, |last| (pieces.len() - 1) * PIECE + last.len())
}

#[inline]
fn row_of<K>(pieces: &[Vec<(K, Tally)>], place: Place) -> Option<&(K, Tally)> {
    let (piece, at) = split(place);
    pieces.get(piece)?.get(at)
}

#[inline]
fn split(place: Place) -> (usize, usize) {
    let row = width::place(place.0);
    (row >> PIECE_BITS, row % PIECE)
}
