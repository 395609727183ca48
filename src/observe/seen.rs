//! Which records were seen before, by any worker.

use std::hash::BuildHasher as _;
use std::hash::Hasher as _;
use std::sync::Mutex;
use std::sync::PoisonError;

use hashbrown::HashTable;
use rapidhash::fast::RandomState;

use crate::model::record::Record;

/// How many tables there are.
const SHARDS: usize = 4_096;

/// A set of record fingerprints, shared by all workers of a run.
///
/// A fingerprint is 64 bits of a hash with a seed of this run's own. For ten million records the chance that any two
/// of them share one is 3 in a million; eight bytes a record is what lets a run remember all of them.
///
/// Records of one account, region and day lie in a few tables of their own: those are what an object is made of, so
/// that a worker stays in a part of memory that its cache can hold (one large table cost a cache miss per record).
#[derive(Debug)]
pub struct Seen {
    shards: Vec<Mutex<HashTable<u64>>>,
    hasher: RandomState,
}

impl Default for Seen {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }
}

impl Seen {
    /// Remembers a record, and returns true when it is new. `neighbourhood` is a number that equal records share.
    ///
    /// Equal are records of one event id in one account's log that also agree on all that is tallied: who did what,
    /// when and from where. AWS delivers at least once, and every trail over an account delivers each event again. An
    /// event id that stands for two different events (edited or made-up logs) makes two records, whatever their order.
    pub(super) fn insert(&self, record: &Record<'_>, neighbourhood: u64, principal: u64) -> bool {
        let mut hash = self.hasher.build_hasher();
        let mut write = |text: Option<&str>| {
            hash.write(text.unwrap_or_default().as_bytes());
            hash.write_u8(0xff);
        };
        if let Some(id) = record.event_id.as_deref() {
            write(Some(id));
        } else {
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
        hash.write_u8(record.read_only.map_or(2, u8::from) << 1 | u8::from(record.via_vpc_endpoint));
        hash.write_i64(record.event_time.map_or(0, |time| time.0));
        hash.write_u64(principal);
        self.insert_hash(hash.finish(), neighbourhood)
    }

    fn insert_hash(&self, hash: u64, neighbourhood: u64) -> bool {
        // Four tables for each neighbourhood, so that two workers in the same one seldom wait for each other.
        let shard = neighbourhood.wrapping_mul(4) + (hash >> 40) % 4;
        let shard = usize::try_from(shard % count(self.shards.len())).unwrap_or_default();
        let mut table = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let hasher = |value: &u64| *value;
        match table.entry(hash, |value| *value == hash, hasher) {
            hashbrown::hash_table::Entry::Occupied(_) => false,
            hashbrown::hash_table::Entry::Vacant(slot) => {
                slot.insert(hash);
                true
            }
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
