//! An index: finds the rows of a list by hash, so that the rows themselves need not lie in a hash table.

use std::hash::BuildHasher as _;
use std::hash::Hash;

use hashbrown::HashTable;
use rapidhash::fast::RandomState;

/// Sends a tag to all bits of a hash: the table looks at the highest and at the lowest ones.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The numbers of rows, found by what is in the rows.
///
/// Each entry keeps 32 bits of its row's hash: the table grows without a look at the rows, and rows that are not meant
/// are hardly ever looked at. Each such look would miss the cache.
#[derive(Clone, Debug, Default)]
pub struct Index {
    table: HashTable<(u32, u32)>,
    hasher: RandomState,
}

impl Index {
    /// Returns the tag under which rows with this key stand.
    #[inline]
    pub fn tag(&self, key: &(impl Hash + ?Sized)) -> u32 {
        // The lower half is as good as the whole.
        u32::try_from(self.hasher.hash_one(key) & u64::from(u32::MAX)).unwrap_or_default()
    }

    /// Returns the row under `tag` that is meant.
    #[inline]
    pub fn find(&self, tag: u32, mut is_meant: impl FnMut(u32) -> bool) -> Option<u32> {
        self.table.find(spread((tag, 0)), |(known, row)| *known == tag && is_meant(*row)).map(|(_, row)| *row)
    }

    /// Adds a row that is known not to be here.
    #[inline]
    pub fn insert(&mut self, tag: u32, row: u32) {
        self.table.insert_unique(spread((tag, row)), (tag, row), |entry| spread(*entry));
    }
}

fn spread((tag, _): (u32, u32)) -> u64 {
    u64::from(tag).wrapping_mul(SPREAD)
}
