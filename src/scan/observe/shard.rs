//! Fingerprints of records, and the tables that remember them.

use crate::model::width::id_of;
use crate::model::width::wide;

/// Slots of a table with anything in it.
const SMALLEST: usize = 16;

/// Low bits of a fingerprint that stand for what was asked and answered. The others stand for the event.
const CONTENT_BITS: u32 = 16;

/// So many records of one event, each with other content, are remembered. Deliveries are a few; what has more is made up, and
/// all that comes after these is new.
const MOST_OF_EVENT: usize = 1_024;

/// A fingerprint: that of the event alone, which is even, and with what was asked and answered, which is odd. Both are the
/// same where the record holds neither, be it that there was nothing to hold or that it was withheld.
#[derive(Clone, Copy, Debug)]
pub(super) struct Print {
    pub(super) base: u64,
    pub(super) full: u64,
}

impl Print {
    pub(super) fn new(hash: u64, content: Option<u64>) -> Self {
        // Zero marks an empty slot.
        let base = hash.max(1 << CONTENT_BITS) & !1;
        let mask = (1 << CONTENT_BITS) - 1;
        let full = content.map_or(base, |content| (base & !mask) | (content & mask) | 1);
        Self { base, full }
    }

    /// Makes one that was remembered. Where it holds content, the low bits of the event alone are not known any more.
    pub(super) fn known(full: u64) -> Self {
        Self { base: full & !1, full }
    }

    /// Returns what all records of the event share.
    pub(super) fn name(self) -> u64 {
        self.base >> CONTENT_BITS
    }
}

/// One table: eight bytes a slot and nothing else, at most four fifths of it full, growing by half. That is a fifth
/// less memory than a general hash table takes, and a look-up touches one or two cache lines.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// Zero marks an empty slot.
    slots: Vec<u64>,
    held: usize,
}

impl Shard {
    /// Remembers a record, and returns true when it is new. However the records of an event come, as many are new as
    /// hold different content, or one when all of it was withheld.
    pub(super) fn insert(&mut self, print: Print) -> bool {
        if self.held * 5 >= self.slots.len() * 4 {
            let size = (self.slots.len() / 2 * 3).max(SMALLEST);
            for held in std::mem::replace(&mut self.slots, vec![0; size]) {
                if let Some(slot) = run(&mut self.slots, held).find(|slot| **slot == 0) {
                    *slot = held;
                }
            }
        }
        let mut of_event = 0;
        for slot in run(&mut self.slots, print.base) {
            let has_content = |print: u64| print & 1 == 1;
            let is_copy = || !has_content(print.full) && has_content(*slot) && *slot >> CONTENT_BITS == print.name();
            if *slot == print.full || is_copy() {
                return false;
            }
            if has_content(print.full) && *slot != 0 && !has_content(*slot) && *slot >> CONTENT_BITS == print.name() {
                // The first copy with any content gives it to those that had none.
                *slot = print.full;
                return false;
            }
            if *slot == 0 {
                *slot = print.full;
                self.held += 1;
                return true;
            }
            of_event += usize::from(*slot >> CONTENT_BITS == print.name());
            if of_event == MOST_OF_EVENT {
                return true;
            }
        }
        true
    }

    /// Returns how many records of an event are remembered: one for each content that it was seen with.
    pub(super) fn count(&mut self, print: Print) -> u32 {
        let held = run(&mut self.slots, print.base).take_while(|slot| **slot != 0);
        id_of(held.filter(|slot| **slot >> CONTENT_BITS == print.name()).count())
    }
}

/// Records that were counted, by the fingerprints that a store keeps of them.
#[derive(Debug, Default)]
pub struct Counted {
    table: Shard,
}

impl Counted {
    /// Takes in a record, and returns true when no copy of it was counted: by the rule of [`super::Seen`].
    pub fn insert(&mut self, fingerprint: u64) -> bool {
        self.table.insert(Print::known(fingerprint))
    }
}

/// Returns the slots from a fingerprint's own one on. One is always free.
fn run(slots: &mut [u64], hash: u64) -> impl Iterator<Item = &mut u64> {
    // The hash as a fraction of its range: so the table may be of any size. All records of an event share a run.
    let home = (u128::from(hash >> CONTENT_BITS << CONTENT_BITS) * u128::from(wide(slots.len()))) >> 64;
    let (before, after) = slots.split_at_mut(usize::try_from(home).unwrap_or_default());
    after.iter_mut().chain(before)
}

#[cfg(test)]
mod tests {
    use super::Print;
    use super::Shard;

    #[test]
    fn every_fingerprint_is_new_once() {
        let mut shard = Shard::default();
        // Many share a first slot, some stand at the very end, and zero and one count as the same.
        let hashes: Vec<u64> = (1..5_000).map(|n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) & !0xffff_ffff).collect();
        let ends = (0..100).map(|n| u64::MAX - 1 - 2 * n);
        let all: Vec<u64> = hashes.into_iter().chain(ends).collect();
        let mut known = std::collections::HashSet::new();
        for hash in all.iter().chain(&all) {
            assert_eq!(shard.insert(Print::new(*hash, None)), known.insert(*hash), "{hash}");
        }
        assert!(!shard.insert(Print::new(0, None)) || !shard.insert(Print::new(1, None)));
    }

    #[test]
    fn a_copy_without_content_is_known_however_it_is_remembered() {
        let prints =
            [(0x1234_5678_9abc_def0, None), (0x1234_5678_9abc_def0, Some(7)), (0x1234_5678_9abc_def0, Some(8))]
                .map(|(hash, content)| Print::new(hash, content));
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for (order, remembered) in orders.iter().flat_map(|order| (0..8).map(move |remembered| (order, remembered))) {
            let mut shard = Shard::default();
            let as_known =
                |at: usize| if remembered >> at & 1 == 1 { Print::known(prints[at].full) } else { prints[at] };
            let new = order.iter().filter(|at| shard.insert(as_known(**at))).count();
            assert_eq!(new, 2, "{order:?} {remembered}");
        }
    }
}
