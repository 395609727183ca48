//! Tallies by key: what each principal did, and from where.

use std::hash::Hash;

use super::index::Index;
use super::observations::Mark;
use super::observations::Tally;
use super::symbols::Symbols;

/// Rows of one piece of the list, as a power of two.
const PIECE_BITS: u32 = 10;

const PIECE: usize = 1 << PIECE_BITS;

/// How many rows are remembered: 32 KiB.
const RECENT: usize = 4_096;

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
    pub fn place(&mut self, key: K, mark: &Mark) -> Place {
        let tag = self.index.tag(&key);
        let Self { index, pieces, recent } = self;
        let is_meant = |row| row_of(pieces, Place(row)).is_some_and(|(known, _)| *known == key);
        let slot = usize::try_from(tag).unwrap_or_default() % RECENT;
        let remembered = recent[slot];
        if remembered.0 == tag && is_meant(remembered.1) {
            return Place(remembered.1);
        }
        if let Some(row) = index.find(tag, is_meant) {
            recent[slot] = (tag, row);
            return Place(row);
        }
        let row = u32::try_from(count(pieces)).unwrap_or(u32::MAX);
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
    let row = usize::try_from(place.0).unwrap_or(usize::MAX);
    (row >> PIECE_BITS, row % PIECE)
}
