//! Observations: the small summary that scanning leaves behind. Merging is commutative and associative.

use std::cmp::Ordering;

use hashbrown::HashMap;
use rapidhash::fast::RandomState;

use super::assumption::Assumption;
use super::change::Change;
use super::coverage::Defect;
use super::event_id::EventId;
use super::principal::Principal;
use super::principal::PrincipalId;
use super::symbols::Renaming;
use super::symbols::Sym;
use super::symbols::Symbols;
use super::tallies::Tallies;
use super::time::Timestamp;

/// A hash map whose order never reaches any output.
pub type Map<K, V> = HashMap<K, V, RandomState>;

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

    /// Takes one event out of the count. The span stays: the event is counted elsewhere.
    pub fn uncount(&mut self) {
        self.events = self.events.saturating_sub(1);
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

/// Names an [`Action`] of one set of observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionId(pub u32);

/// What was called, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// `eventSource`.
    pub source: Option<Sym>,
    /// `eventName`.
    pub name: Option<Sym>,
    /// `readOnly`.
    pub read_only: Option<bool>,
    /// `errorCode`.
    pub error_code: Option<Sym>,
}

/// From where, and with what client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Contact {
    /// `sourceIPAddress`.
    pub source_ip: Option<Sym>,
    /// `userAgent`.
    pub user_agent: Option<Sym>,
    /// True when the call came through a VPC endpoint: the address is then a private one.
    pub via_vpc_endpoint: bool,
}

/// One cell of the coverage map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The account in whose log the records stand.
    pub account: Option<Sym>,
    /// `awsRegion`.
    pub region: Option<Sym>,
    /// Days since 1970-01-01; `None` for records without a time.
    pub day: Option<i32>,
}

/// Names a [`Cell`] of one set of observations that are told apart by day, account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotId(pub u32);

/// One unique record: its fingerprint, and where it was counted. Only runs that remember keep these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// 64 bits of a hash of what the record says, the same in every run.
    pub fingerprint: u64,
    /// The row of [`Observations::activity`]; `None` for assumptions, which are not activity.
    pub activity: Option<u32>,
    /// The row of [`Observations::contacts`].
    pub contact: u32,
    /// `readOnly: true`.
    pub read_only: bool,
    /// A record of STS.
    pub sts: bool,
}

/// What a [`Cell`] of the coverage map holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellCount {
    /// Unique records.
    pub records: u64,
    /// Unique records that say `readOnly: true`.
    pub read_only: u64,
    /// Unique records of STS.
    pub sts: u64,
    /// The earliest event.
    pub first: Option<Timestamp>,
    /// The latest event.
    pub last: Option<Timestamp>,
}

impl CellCount {
    /// Takes in another count of the same cell.
    pub fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.read_only += other.read_only;
        self.sts += other.sts;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
    }
}

/// How many records and objects went where. `read = unique + duplicate + malformed + unsupported`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects found.
    pub objects_listed: u64,
    /// Objects read to their end.
    pub objects_read: u64,
    /// Objects set apart: digests, Insight files, and what is not CloudTrail.
    pub objects_skipped: u64,
    /// Objects that could not be read, or not to their end.
    pub objects_failed: u64,
    /// Digest files among the skipped.
    pub digests: u64,
    /// Insight files among the skipped.
    pub insights: u64,
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// Bytes after inflating.
    pub inflated_bytes: u64,
    /// Records that were new.
    pub unique: u64,
    /// Records seen before: same event id and account.
    pub duplicate: u64,
    /// Records that are not what a record should be.
    pub malformed: u64,
    /// Records of a known shape that carries nothing for us.
    pub unsupported: u64,
    /// Unique records outside the window asked for.
    pub outside_window: u64,
    /// Defects found, of which the first ones are kept.
    pub defects: u64,
}

impl Counts {
    /// Returns how many records were read.
    pub fn records(&self) -> u64 {
        self.unique + self.duplicate + self.malformed + self.unsupported
    }

    /// Returns true when something could not be read, or nothing was: silence about it means nothing.
    pub fn is_incomplete(&self) -> bool {
        self.objects_failed > 0 || self.malformed > 0 || self.defects > 0 || self.records() == 0
    }

    /// Adds the counts of another scan.
    pub fn merge(&mut self, other: &Self) {
        self.objects_listed += other.objects_listed;
        self.objects_read += other.objects_read;
        self.objects_skipped += other.objects_skipped;
        self.objects_failed += other.objects_failed;
        self.digests += other.digests;
        self.insights += other.insights;
        self.stored_bytes += other.stored_bytes;
        self.inflated_bytes += other.inflated_bytes;
        self.unique += other.unique;
        self.duplicate += other.duplicate;
        self.malformed += other.malformed;
        self.unsupported += other.unsupported;
        self.outside_window += other.outside_window;
        self.defects += other.defects;
    }
}

/// All that scanning leaves behind. Grows with sessions, not with events.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// Every string.
    pub symbols: Symbols,
    /// Every distinct principal, by [`PrincipalId`].
    pub principals: Vec<Principal>,
    /// Every distinct action, by [`ActionId`].
    pub actions: Vec<Action>,
    /// Every record of an attempt to issue a session, duplicates included until they are settled.
    pub assumptions: Vec<Assumption>,
    /// Changes to trust, keys and trails. Correlation settles them as it does assumptions.
    pub changes: Vec<Change>,
    /// What each principal did, assumptions left out.
    pub activity: Tallies<(PrincipalId, ActionId)>,
    /// From where each principal called, assumptions included.
    pub contacts: Tallies<(PrincipalId, Contact)>,
    /// Who made the event that was watched for, if one was.
    pub watched: Vec<PrincipalId>,
    /// What the slots of principals stand for, by [`SlotId`]. Empty unless the run remembers.
    pub slots: Vec<Cell>,
    /// Every unique record. Empty unless the run remembers.
    pub events: Vec<Event>,
    /// Records by account, region and day.
    pub cells: Map<Cell, CellCount>,
    /// Object and record counts.
    pub counts: Counts,
    /// The defects that were kept, unsorted.
    pub defects: Vec<Defect>,
}
