//! Observations: the small summary that scanning leaves behind. Merging is commutative and associative.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use rapidhash::fast::RandomState;

use super::addendum::Addendum;
use super::assumption::Assumption;
use super::change::Change;
use super::coverage::AsideKind;
use super::coverage::Defect;
use super::coverage::SetAside;
use super::event_id::EventId;
use super::principal::Principal;
use super::principal::PrincipalId;
use super::symbols::Sym;
use super::symbols::Symbols;
use super::tallies::Tallies;
use super::time::Timestamp;

pub use super::call::Action;
pub use super::call::ActionId;
pub use super::call::Contact;

/// A hash map whose order never reaches any output.
pub type Map<K, V> = HashMap<K, V, RandomState>;

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

/// One unique record: its fingerprint, and where it was counted. Only runs that remember keep these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// 64 bits of a hash of what the record says, the same in every run.
    pub fingerprint: u64,
    /// The row of [`Observations::activity`] or [`Observations::network`]; `None` for assumptions, which are not activity.
    pub activity: Option<u32>,
    /// The row of [`Observations::contacts`].
    pub contact: u32,
    /// `readOnly: true`.
    pub read_only: bool,
    /// A record of STS.
    pub sts: bool,
    /// A network activity event: its row is one of [`Observations::network`], and nothing else counts it.
    pub network: bool,
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
    /// Objects skipped: digests, Insight files, and what is not CloudTrail.
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
    /// Records that stand in for others, which are counted until that is settled.
    pub addenda: Vec<Addendum>,
    /// What each principal did, assumptions left out.
    pub activity: Tallies<(PrincipalId, ActionId)>,
    /// What network activity events say that each principal did: second records of calls, until it is settled which of them
    /// are the only ones.
    pub network: Tallies<(PrincipalId, ActionId)>,
    /// From where each principal called, assumptions included. Those that only network activity events tell of count nothing.
    pub contacts: Tallies<(PrincipalId, Contact)>,
    /// Who made the events that were watched for, and their ids.
    pub watched: Vec<(PrincipalId, EventId)>,
    /// What the slots of principals stand for, by [`SlotId`](super::principal::SlotId). Empty unless the run remembers.
    pub slots: Vec<Cell>,
    /// Every unique record. Empty unless the run remembers.
    pub events: Vec<Event>,
    /// Records by account, region and day.
    pub cells: Map<Cell, CellCount>,
    /// Object and record counts.
    pub counts: Counts,
    /// The defects that were kept, unsorted.
    pub defects: Vec<Defect>,
    /// What was set aside because it is regular content that is no record of a call, by kind.
    pub set_aside: BTreeMap<AsideKind, SetAside>,
}
