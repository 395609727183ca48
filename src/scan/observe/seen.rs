//! Which records were seen before, by any worker.

use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use memchr::memmem::Finder;
use rapidhash::v3::RapidSecrets;
use rapidhash::v3::rapidhash_v3_seeded;
use sha2::Digest as _;
use sha2::Sha256;

use crate::model::observations::Map;
use crate::model::record::Record;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::parse;

use super::shard::Print;
use super::shard::Shard;

/// Tells the fingerprints that earlier runs remember of a day (days since 1970-01-01, or none).
pub type Memory<'m> = dyn Fn(Option<i32>) -> Vec<u64> + Send + Sync + 'm;

/// How many tables there are.
const SHARDS: usize = 4_096;

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
                let print = Print::known(fingerprint);
                self.insert_print(print, print.name());
            }
        }
    }

    /// Remembers a record, and returns true when it is new, and its fingerprint. `neighborhood` is a number that equal records share;
    /// `buffer` is where the worker lays out what is hashed.
    ///
    /// Equal are records of one event id in one account's log that also agree on all that is tallied (who did what, when
    /// and from where) and on what was asked and answered. AWS delivers at least once, and every trail over an account
    /// delivers each event again. An event id that stands for two different events (edited or made-up logs) makes two
    /// records, whatever their order. A copy from which request and response were withheld is the same record.
    pub(super) fn insert(
        &self,
        record: &Record<'_>,
        neighborhood: u64,
        principal: u64,
        buffer: &mut Vec<u8>,
    ) -> (bool, u64) {
        let print = self.print(record, principal, buffer);
        (self.insert_print(print, self.home(print, neighborhood)), print.full)
    }

    /// Returns how many records of this one's event were seen, whatever was asked and answered in them.
    pub(super) fn count(&self, record: &Record<'_>, neighborhood: u64, principal: u64, buffer: &mut Vec<u8>) -> u32 {
        let print = self.print(record, principal, buffer);
        self.shard(print, self.home(print, neighborhood)).count(print)
    }

    /// Returns the neighborhood in which a record lies: memory knows fingerprints and no neighborhoods.
    fn home(&self, print: Print, neighborhood: u64) -> u64 {
        if self.is_lasting() { print.name() } else { neighborhood }
    }

    fn print(&self, record: &Record<'_>, principal: u64, buffer: &mut Vec<u8>) -> Print {
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
        // The second record of a call is none of its copies, even where it has the same id.
        if parse::is_second_record(record) {
            buffer.push(u8::MAX);
        }
        buffer.extend_from_slice(&record.event_time.map_or(i64::MIN, |time| time.0).to_le_bytes());
        buffer.extend_from_slice(&principal.to_le_bytes());
        let content = content(record);
        match &self.recipe {
            Recipe::Passing(secrets) => Print::new(rapidhash_v3_seeded(buffer, secrets), content),
            Recipe::Lasting { .. } => {
                let digest = Sha256::digest(&buffer);
                Print::new(digest.first_chunk().map_or(0, |head| u64::from_le_bytes(*head)), content)
            }
        }
    }

    fn insert_print(&self, print: Print, neighborhood: u64) -> bool {
        self.shard(print, neighborhood).insert(print)
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the number of tables is a table")]
    fn shard(&self, print: Print, neighborhood: u64) -> MutexGuard<'_, Shard> {
        // Four tables for each neighborhood, so that two workers in the same one seldom wait for each other.
        let shard = neighborhood.wrapping_mul(4) + (print.base >> 40) % 4;
        let shard = usize::try_from(shard % wide(self.shards.len())).unwrap_or_default();
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a number that records of one account, region and day share.
pub(super) fn neighborhood(account: Option<&str>, region: Option<&str>, day: Option<i32>) -> u64 {
    let name = format!("{}\n{}\n{day:?}", account.unwrap_or_default(), region.unwrap_or_default());
    rapidhash::v3::rapidhash_v3(name.as_bytes())
}

/// Narrows the neighborhood of a day to the hour: an object holds the records of some minutes, and so a worker stays in
/// a few kilobytes. By the day, a cache miss for each record was 3 % of a run.
#[inline]
pub(super) fn at_hour(neighborhood: u64, time: Option<Timestamp>) -> u64 {
    let hour = time.map_or(0, |time| time.0.div_euclid(HOUR).cast_unsigned());
    neighborhood.wrapping_add(hour.wrapping_mul(MIX))
}

/// An odd number with bits all over: it spreads what is multiplied by it.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes what was asked and answered; `None` when the record holds neither.
fn content(record: &Record<'_>) -> Option<u64> {
    let parts = [record.request_parameters, record.response_elements].map(held);
    let hash = |part: Option<&str>| part.map_or(0, meaning);
    parts.iter().any(Option::is_some).then(|| hash(parts[0]) ^ hash(parts[1]).rotate_left(1))
}

/// Returns a part of the record unless it was withheld for its size.
fn held(part: Option<&str>) -> Option<&str> {
    static OMITTED: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"omitted\""));
    part.filter(|part| part.len() >= 256 || OMITTED.find(part.as_bytes()).is_none())
}

/// Hashes what JSON says, however it is spelled: the same record comes laid out for people, with its keys in another
/// order, and with other escapes, as the services and tools on its way write it. Each value counts with the key before it.
fn meaning(json: &str) -> u64 {
    let bytes = json.as_bytes();
    let hash = |from: usize, to: usize| rapidhash::v3::rapidhash_v3(bytes.get(from..to).unwrap_or_default());
    let is_space = |at: usize| matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t'));
    let (mut key, mut sum, mut at) = (0u64, 0u64, 0);
    while let Some(&byte) = bytes.get(at) {
        let value;
        if byte == b'"' {
            let from = at + 1;
            (value, at) = match parse::plain_string_end(bytes, from) {
                Some(end) => (hash(from, end), end + 1),
                None => odd_text(json, from),
            };
        } else if is_between(byte) {
            at += 1;
            continue;
        } else {
            let start = at;
            at += bytes.iter().skip(start).position(|byte| is_between(*byte)).unwrap_or(bytes.len() - start);
            value = hash(start, at);
        }
        while is_space(at) {
            at += 1;
        }
        if bytes.get(at) == Some(&b':') {
            key = value;
        } else {
            sum = sum.wrapping_add((key ^ value.rotate_left(17)).wrapping_mul(MIX));
        }
    }
    sum
}

/// True of what stands between the texts, numbers and words of JSON.
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' | b'{' | b'}' | b'[' | b']')
}

/// Hashes a text in JSON that begins at `from` and holds a backslash, and returns where what follows begins.
#[cold]
fn odd_text(json: &str, from: usize) -> (u64, usize) {
    let bytes = json.as_bytes();
    let mut end = from;
    while let Some(next) = bytes.get(end..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        end += next;
        if bytes.get(end) == Some(&b'"') {
            break;
        }
        end += 2;
    }
    if bytes.get(end) != Some(&b'"') {
        end = bytes.len();
    }
    let inner = json.get(from..end);
    let text = inner.map(|inner| parse::decode(inner).unwrap_or_else(|| inner.into())).unwrap_or_default();
    (rapidhash::v3::rapidhash_v3(text.as_bytes()), end + 1)
}

#[cfg(test)]
mod tests {
    use super::Seen;
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

    /// A store keeps these numbers: they may not change from one version to the next.
    #[test]
    fn meaning_is_each_value_with_the_key_before_it() {
        let hash = |text: &str| rapidhash::v3::rapidhash_v3(text.as_bytes());
        let pair = |key: u64, value: &str| (key ^ hash(value).rotate_left(17)).wrapping_mul(super::MIX);
        let sum = [pair(hash("a"), "1 \"2"), pair(hash("b"), "-3.5"), pair(hash("b"), "x"), pair(hash("c"), "null")];
        let expected = sum.iter().fold(0u64, |sum, pair| sum.wrapping_add(*pair));
        for json in [
            r#"{"a":"1 \"2","b":[-3.5,"x"],"c":null}"#,
            "{ \"c\" : null,\n\"\\u0062\": [ -3.5 , \"\\u0078\" ],\t\"a\" :\"1\\u0020\\\"2\" }",
        ] {
            assert_eq!(super::meaning(json), expected, "{json}");
        }
        assert_eq!(super::meaning(r#""x"#), pair(0, "x"));
    }

    #[test]
    fn content_makes_another_record_and_a_copy_without_any_does_not() {
        let with = |request: Option<&'static str>, response: Option<&'static str>| Record {
            event_id: Some("e".into()),
            request_parameters: request,
            response_elements: response,
            ..Record::default()
        };
        let copies = [
            with(Some(r#"{"a":"1 2"}"#), None),
            with(Some("{ \"a\" :\n\t\"1 2\" }"), None),
            with(Some(r#"{"\u0061":"1\u00202"}"#), None),
            with(Some(r#"{"a":"12"}"#), None),
            with(Some(r#"{"a":"1 2"}"#), Some(r#"{"b":1}"#)),
            with(None, Some(r#"{"a":"1 2"}"#)),
            with(None, None),
            with(Some(r#"{"omitted":true,"reason":"x"}"#), None),
        ];
        for lasting in [false, true] {
            for first in 0..copies.len() {
                let seen = if lasting { Seen::lasting(Box::new(|_| Vec::new())) } else { Seen::default() };
                let mut buffer = Vec::new();
                let mut new = 0;
                for number in 0..2 * copies.len() {
                    new += u32::from(seen.insert(&copies[(first + number) % copies.len()], 7, 0, &mut buffer).0);
                }
                assert_eq!(new, 4, "{first}");
            }
        }
    }
}
