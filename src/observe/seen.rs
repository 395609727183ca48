//! Which records were seen before, by any worker.

use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::Mutex;
use std::sync::PoisonError;

use rapidhash::v3::RapidSecrets;
use rapidhash::v3::rapidhash_v3_seeded;
use sha2::Digest as _;
use sha2::Sha256;

use crate::model::observations::Map;
use crate::model::record::Record;
use crate::model::width::wide;

/// Tells the fingerprints that earlier runs remember of a day (days since 1970-01-01, or none).
pub type Memory<'m> = dyn Fn(Option<i32>) -> Vec<u64> + Send + Sync + 'm;

/// How many tables there are.
const SHARDS: usize = 4_096;

/// Slots of a table with anything in it.
const SMALLEST: usize = 16;

/// A set of record fingerprints, shared by all workers of a run.
///
/// A fingerprint is 64 bits of a hash, with a seed of this run's own, over all the parts at once: fed piece by piece,
/// the fast hash mixed short pieces so weakly that one in a hundred short event ids was taken for another. For ten
/// million records the chance that any two share a fingerprint is 3 in a million; eight bytes a record is what lets a
/// run remember all of them.
///
/// Records of one account, region and hour lie in a few tables of their own: those are what an object is made of, so
/// that a worker stays in a part of memory that its cache can hold (one large table cost a cache miss per record).
pub struct Seen<'m> {
    shards: Vec<Mutex<Shard>>,
    recipe: Recipe<'m>,
}

/// How fingerprints are made.
enum Recipe<'m> {
    /// For this run only: fast, with a seed that nobody knows.
    Passing(RapidSecrets),
    /// For all runs: half of half of SHA-256, which nobody can steer and which needs no secret.
    Lasting {
        memory: Box<Memory<'m>>,
        /// The days that memory was asked for.
        days: Mutex<Map<Option<i32>, ()>>,
    },
}

impl fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").field("is_lasting", &self.is_lasting()).finish_non_exhaustive()
    }
}

impl Default for Seen<'_> {
    fn default() -> Self {
        let seed = std::hash::RandomState::new().hash_one(SHARDS);
        Self::of(Recipe::Passing(RapidSecrets::seed(seed)))
    }
}

impl<'m> Seen<'m> {
    /// Makes a set whose fingerprints are the same in every run, and which begins with those that `memory` knows:
    /// those of a day are asked for when its first record comes.
    pub fn lasting(memory: Box<Memory<'m>>) -> Self {
        Self::of(Recipe::Lasting { memory, days: Mutex::default() })
    }

    fn of(recipe: Recipe<'m>) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), recipe }
    }

    /// Says whether the fingerprints mean something beyond this run.
    pub(super) fn is_lasting(&self) -> bool {
        matches!(self.recipe, Recipe::Lasting { .. })
    }

    /// Recalls what is known of a day, before its first record is looked up.
    pub(super) fn recall(&self, day: Option<i32>) {
        let Recipe::Lasting { memory, days } = &self.recipe else { return };
        // Held while memory is asked: another worker must not look up a record of that day meanwhile.
        let mut days = days.lock().unwrap_or_else(PoisonError::into_inner);
        if days.insert(day, ()).is_none() {
            for fingerprint in memory(day) {
                self.insert_hash(fingerprint, fingerprint);
            }
        }
    }

    /// Remembers a record, and returns true when it is new, and its fingerprint. `neighbourhood` is a number that equal records share;
    /// `buffer` is where the worker lays out what is hashed.
    ///
    /// Equal are records of one event id in one account's log that also agree on all that is tallied: who did what,
    /// when and from where. AWS delivers at least once, and every trail over an account delivers each event again. An
    /// event id that stands for two different events (edited or made-up logs) makes two records, whatever their order.
    pub(super) fn insert(
        &self,
        record: &Record<'_>,
        neighbourhood: u64,
        principal: u64,
        buffer: &mut Vec<u8>,
    ) -> (bool, u64) {
        buffer.clear();
        // Each part is led by its length, so that no two records lie in the same bytes.
        let mut write = |part: Option<&str>| {
            let bytes = part.unwrap_or_default().as_bytes();
            buffer.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
            buffer.extend_from_slice(bytes);
        };
        write(record.event_id.as_deref());
        if record.event_id.is_none() {
            // Without an id, a record is what it says.
            for part in [record.request_parameters, record.response_elements, record.additional_event_data] {
                write(part);
            }
            write(record.request_id.as_deref());
        }
        for part in [
            &record.recipient_account,
            &record.region,
            &record.event_source,
            &record.event_name,
            &record.error_code,
            &record.source_ip,
            &record.user_agent,
        ] {
            write(part.as_deref());
        }
        buffer.push(record.read_only.map_or(2, u8::from) << 1 | u8::from(record.via_vpc_endpoint));
        buffer.extend_from_slice(&record.event_time.map_or(i64::MIN, |time| time.0).to_le_bytes());
        buffer.extend_from_slice(&principal.to_le_bytes());
        match &self.recipe {
            Recipe::Passing(secrets) => {
                let hash = rapidhash_v3_seeded(buffer, secrets);
                (self.insert_hash(hash, neighbourhood), hash)
            }
            Recipe::Lasting { .. } => {
                let digest = Sha256::digest(&buffer);
                let hash = digest.first_chunk().map_or(0, |head| u64::from_le_bytes(*head)).max(1);
                // Memory knows fingerprints and no neighbourhoods.
                (self.insert_hash(hash, hash), hash)
            }
        }
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the number of tables is a table")]
    fn insert_hash(&self, hash: u64, neighbourhood: u64) -> bool {
        // Four tables for each neighbourhood, so that two workers in the same one seldom wait for each other.
        let shard = neighbourhood.wrapping_mul(4) + (hash >> 40) % 4;
        let shard = usize::try_from(shard % wide(self.shards.len())).unwrap_or_default();
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner).insert(hash)
    }
}

/// One table: eight bytes a slot and nothing else, at most four fifths of it full, growing by half. That is a fifth
/// less memory than a general hash table takes, and a look-up touches one or two cache lines.
#[derive(Debug, Default)]
struct Shard {
    /// Zero marks an empty slot.
    slots: Vec<u64>,
    held: usize,
}

impl Shard {
    fn insert(&mut self, hash: u64) -> bool {
        let hash = hash.max(1);
        if self.held * 5 >= self.slots.len() * 4 {
            let size = (self.slots.len() / 2 * 3).max(SMALLEST);
            for held in std::mem::replace(&mut self.slots, vec![0; size]) {
                if held != 0 {
                    put(&mut self.slots, held);
                }
            }
        }
        let is_new = put(&mut self.slots, hash);
        self.held += usize::from(is_new);
        is_new
    }
}

/// Puts a fingerprint into its slot, or the next that is free; false when it is there already. One slot is always free.
fn put(slots: &mut [u64], hash: u64) -> bool {
    // The hash as a fraction of its range: so the table may be of any size.
    let home = (u128::from(hash) * u128::from(wide(slots.len()))) >> 64;
    let (before, after) = slots.split_at_mut(usize::try_from(home).unwrap_or_default());
    for slot in after.iter_mut().chain(before) {
        if *slot == hash {
            return false;
        }
        if *slot == 0 {
            *slot = hash;
            return true;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use super::Shard;
    use crate::model::record::Record;

    #[test]
    fn records_that_differ_in_little_are_all_new() {
        let seen = Seen::default();
        let mut buffer = Vec::new();
        let mut new = 0;
        for number in 0..100_000 {
            let text = number.to_string();
            let ids = [Some(text.clone()), None];
            for event_id in ids {
                let record = Record {
                    request_id: event_id.is_none().then(|| text.clone().into()),
                    event_id: event_id.map(Into::into),
                    ..Record::default()
                };
                new += u32::from(seen.insert(&record, 0, 0, &mut buffer).0);
                assert!(!seen.insert(&record, 0, 0, &mut buffer).0);
            }
        }
        assert_eq!(new, 200_000);
    }

    #[test]
    fn every_fingerprint_is_new_once() {
        let mut shard = Shard::default();
        // Many share a first slot, some stand at the very end, and zero and one count as the same.
        let hashes: Vec<u64> = (1..5_000).map(|n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) & !0xffff_ffff).collect();
        let ends = (0..100).map(|n| u64::MAX - n);
        let all: Vec<u64> = hashes.into_iter().chain(ends).collect();
        let mut known = std::collections::HashSet::new();
        for hash in all.iter().chain(&all) {
            assert_eq!(shard.insert(*hash), known.insert(*hash), "{hash}");
        }
        assert!(!shard.insert(0) || !shard.insert(1));
    }
}
