//! What does an event add to what we know? Each worker folds events into its own observations; workers merge.

mod addenda;
mod filter;
mod intern;
mod merge;
mod network;
mod refused;
mod rows;
mod seen;
mod shard;
mod versions;

pub use addenda::amend;
pub use filter::Filter;
pub use intern::principal;
pub use merge::keep_first_defects;
pub use rows::assumption;
pub use rows::change;
pub use seen::Memory;
pub use seen::Seen;
pub use shard::Counted;

use std::collections::BTreeMap;

use crate::model::coverage::AsideKind;
use crate::model::coverage::Defect;
use crate::model::coverage::DefectKind;
use crate::model::coverage::SetAside;
use crate::model::delivery;
use crate::model::folder;
use crate::model::observations::Cell;
use crate::model::observations::CellCount;
use crate::model::observations::Counts;
use crate::model::observations::Event;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::PrincipalId;
use crate::model::principal::SlotId;
use crate::model::record::ObjectKind;
use crate::model::record::Record;
use crate::model::record::RecordIndex;
use crate::model::record::RecordSink;
use crate::model::symbols::Sym;
use crate::model::tallies::Mark;
use crate::model::time::Timestamp;
use crate::model::width::id_of;
use crate::parse;

use filter::Place;
use intern::ActionCache;
use intern::ContactCache;
use intern::PrincipalCache;

/// How many defects are kept: the first ones by object and index. All are counted.
pub const MAX_DEFECTS: usize = 1_000;

/// What issues most sessions.
const STS: &str = "sts.amazonaws.com";

/// How much later than its delivery or than the clock an event may be: clocks differ by minutes, and names of log files
/// are cut to the minute.
const SKEW: i64 = 15 * 60;

/// One worker's observations in the making.
pub struct Observer<'s> {
    seen: &'s Seen<'s>,
    filter: &'s Filter,
    observations: Observations,
    /// The number of each slot, in runs that remember.
    slots: Map<Cell, SlotId>,
    principals: PrincipalCache,
    actions: ActionCache,
    contacts: ContactCache,
    /// The object being read.
    object: Option<Sym>,
    /// The account in whose folder it lies.
    folder: Option<String>,
    /// The last moment of which its records can speak.
    latest: Option<Timestamp>,
    /// What was set aside in it.
    aside: BTreeMap<AsideKind, u64>,
    /// What was set aside in the object that was read last.
    last_aside: BTreeMap<AsideKind, u64>,
    /// The coverage cell of the last record: the next one is nearly always in it, too.
    last_cell: Option<(Cell, CellCount)>,
    /// Where what is hashed of a record is laid out.
    buffer: Vec<u8>,
    /// A hash of that cell's account, region and day.
    neighborhood: u64,
}

impl<'s> Observer<'s> {
    /// Makes an observer that shares `seen` with the other workers of the run.
    pub fn new(seen: &'s Seen<'s>, filter: &'s Filter) -> Self {
        Self {
            seen,
            filter,
            observations: Observations::default(),
            slots: Map::default(),
            principals: PrincipalCache::default(),
            actions: ActionCache::default(),
            contacts: ContactCache::default(),
            object: None,
            folder: None,
            latest: None,
            aside: BTreeMap::new(),
            last_aside: BTreeMap::new(),
            last_cell: None,
            buffer: Vec::new(),
            neighborhood: 0,
        }
    }

    /// Names the object whose records come next.
    pub fn begin(&mut self, object: &str) {
        self.object = Some(self.observations.symbols.intern(object));
        self.folder = folder::account_of(object).map(str::to_owned);
        self.latest = self.filter.now.map(|now| now.plus(SKEW));
        if let Some(delivered) = delivery::delivered(object) {
            self.written(delivered);
        }
    }

    /// Says when the object was written: nothing in it can have happened later.
    pub fn written(&mut self, when: Timestamp) {
        let bound = when.plus(SKEW);
        self.latest = Some(self.latest.map_or(bound, |latest| latest.min(bound)));
    }

    /// Counts the object that was read last.
    pub fn end(&mut self, kind: ObjectKind, stored_bytes: u64, inflated_bytes: u64) {
        self.last_aside = std::mem::take(&mut self.aside);
        for (&kind, &records) in &self.last_aside {
            let example =
                self.object.map_or_else(String::new, |object| self.observations.symbols.get(object).to_owned());
            let set_aside = SetAside { records, objects: 1, example };
            self.observations.set_aside.entry(kind).or_default().merge(set_aside);
        }
        let counts = &mut self.observations.counts;
        counts.objects_listed += 1;
        counts.stored_bytes += stored_bytes;
        counts.inflated_bytes += inflated_bytes;
        match kind {
            ObjectKind::Records => counts.objects_read += 1,
            ObjectKind::Broken => counts.objects_failed += 1,
            ObjectKind::Foreign => counts.objects_skipped += 1,
            ObjectKind::Digest => {
                counts.objects_skipped += 1;
                counts.digests += 1;
            }
            ObjectKind::Insight => {
                counts.objects_skipped += 1;
                counts.insights += 1;
            }
        }
    }

    /// Returns what was counted so far.
    pub fn counts(&self) -> &Counts {
        &self.observations.counts
    }

    /// Returns what was set aside in the object that was read last.
    pub fn set_aside(&self) -> &BTreeMap<AsideKind, u64> {
        &self.last_aside
    }

    /// Hands the observations over.
    pub fn finish(mut self) -> Observations {
        self.store_cell();
        merge::keep_first_defects(&mut self.observations.defects);
        self.observations
    }

    fn store_cell(&mut self) {
        // Cells of records outside the window stay empty: they are not coverage.
        if let Some((cell, count)) = self.last_cell.take().filter(|(_, count)| count.records > 0) {
            self.observations.cells.entry(cell).or_default().merge(&count);
        }
    }

    /// Goes to the coverage cell of a record.
    fn enter_cell(&mut self, record: &Record<'_>) {
        let day = record.event_time.and_then(|time| i32::try_from(time.day()).ok());
        let symbols = &mut self.observations.symbols;
        let is_same = self.last_cell.as_ref().is_some_and(|(cell, _)| {
            cell.day == day
                && symbols.opt(cell.account) == record.recipient_account.as_deref()
                && symbols.opt(cell.region) == record.region.as_deref()
        });
        if is_same {
            return;
        }
        let account = record.recipient_account.as_deref();
        let region = record.region.as_deref();
        self.neighborhood = seen::neighborhood(account, region, day);
        let cell = Cell {
            account: account.map(|account| symbols.intern(account)),
            region: region.map(|region| symbols.intern(region)),
            day,
        };
        self.store_cell();
        self.last_cell = Some((cell, CellCount::default()));
        if self.seen.is_lasting() {
            self.seen.recall(day);
            let slots = &mut self.observations.slots;
            self.principals.slot = Some(*self.slots.entry(cell).or_insert_with(|| {
                slots.push(cell);
                SlotId(id_of(slots.len() - 1))
            }));
        }
    }

    fn count_in_cell(&mut self, record: &Record<'_>) {
        if let Some((_, count)) = &mut self.last_cell {
            count.records += 1;
            count.read_only += u64::from(record.read_only == Some(true));
            count.sts += u64::from(is_sts(record));
            count.first = [count.first, record.event_time].into_iter().flatten().min();
            count.last = count.last.max(record.event_time);
        }
    }

    /// Says whether a record lies in the folder of another account.
    fn is_misplaced(&self, record: &Record<'_>) -> bool {
        let places = self.folder.as_deref().zip(record.recipient_account.as_deref());
        places.is_some_and(|(folder, account)| folder != account)
    }

    /// Names what makes a record doubtful that is read all the same.
    fn doubt(&mut self, index: RecordIndex, record: &Record<'_>, fault: Option<&'static str>) {
        let missing = || (record.user_identity.is_none() && needs_caller(record)).then_some("userIdentity is missing");
        if let Some(message) = record.odd_caller.or(fault).or_else(missing) {
            self.defect(Some(index), DefectKind::UnreadableCaller, message);
        }
        if self.is_misplaced(record) {
            let message = "the record is of another account than the folder it lies in";
            self.defect(Some(index), DefectKind::Misplaced, message);
        }
    }

    /// Tallies a record, and returns the rows in which it was counted.
    fn note(
        &mut self,
        record: &Record<'_>,
        principal: PrincipalId,
        mark: &Mark,
        is_new: bool,
        is_issuance: bool,
    ) -> (Option<u32>, u32) {
        let mut row = None;
        let Observations { symbols, actions, activity, contacts, .. } = &mut self.observations;
        if !is_issuance {
            let action = self.actions.intern(record, symbols, actions);
            let place = activity.place((principal, action), mark);
            row = Some(place.row());
            if let Some(tally) = activity.at(place) {
                tally.add(mark, is_new, symbols);
            }
        }
        let place =
            self.contacts.intern(record, principal, symbols, |contact| contacts.place((principal, contact), mark));
        if let Some(tally) = contacts.at(place) {
            tally.add(mark, is_new, symbols);
        }
        (row, place.row())
    }
}

/// Says whether somebody must have made the call: services report on themselves, and nobody else does.
fn needs_caller(record: &Record<'_>) -> bool {
    match record.event_type.as_deref() {
        Some(kind) => kind != "AwsServiceEvent",
        // Excerpts leave out what they please; a call that can change anything is no excerpt's business.
        None => record.read_only == Some(false) || parse::issuing_call(record).is_some() || parse::is_change(record),
    }
}

fn is_sts(record: &Record<'_>) -> bool {
    record.event_source.as_deref() == Some(STS)
}

impl RecordSink for Observer<'_> {
    fn record(&mut self, index: RecordIndex, record: &Record<'_>) {
        let Some(object) = self.object else { return };
        if self.latest.is_some_and(|latest| record.event_time.is_some_and(|time| latest < time)) {
            // Its time moves nothing: no window, no retention, no life of a finding.
            let message = "the event is later than the delivery of its file, or than the clock of this machine";
            return self.defect(Some(index), DefectKind::ImplausibleTime, message);
        }
        if parse::is_second_record(record) {
            return self.network_activity(index, record, object);
        }
        self.enter_cell(record);
        let issuing_call = parse::issuing_call(record);
        let mut known = self.principals.intern(record, &mut self.observations);
        if known.is_from_afar && issuing_call.is_none() {
            known = self.principals.at_time(known, record, &mut self.observations);
        }
        let (principal, hash) = (known.id, known.hash);
        let neighborhood = seen::at_hour(self.neighborhood, record.event_time);
        let (is_new, fingerprint) = self.seen.insert(record, neighborhood, hash, &mut self.buffer);
        if is_new {
            self.observations.counts.unique += 1;
        } else {
            self.observations.counts.duplicate += 1;
        }
        let place = self.filter.place(record);
        if place != Place::Outside {
            self.doubt(index, record, known.fault);
        }
        if place != Place::Inside {
            self.observations.counts.outside_window += u64::from(is_new);
            let is_granted = record.error_code.is_none() && record.error_message.is_none();
            if let (Place::LeadIn, Some(call), true) = (place, issuing_call, is_granted) {
                self.push_assumption(index, record, call, principal, object);
            }
            return;
        }
        if is_new {
            self.count_in_cell(record);
        }
        let event_id = rows::event_id(record.event_id.as_deref(), &mut self.observations.symbols);
        let mark = Mark::new(record.event_time, object, event_id);
        if self.filter.watches(record)
            && let Some(event_id) = event_id
        {
            self.observations.watched.push((principal, event_id));
        }
        // A duplicate adds nothing to counts, but the evidence must not depend on which copy came first.
        let (activity, contact) = self.note(record, principal, &mark, is_new, issuing_call.is_some());
        if is_new && self.seen.is_lasting() {
            let read_only = record.read_only == Some(true);
            let sts = is_sts(record);
            self.observations.events.push(Event { fingerprint, activity, contact, read_only, sts, network: false });
        }
        if let Some(call) = issuing_call {
            self.push_assumption(index, record, call, principal, object);
        } else if parse::is_change(record) {
            self.push_change(record, principal, object);
        }
        // In another account's folder it corrects nothing: whoever writes there could hide what lies here.
        if record.addendum.is_some() && !self.is_misplaced(record) {
            self.push_addendum(record, principal, object);
        }
    }

    fn defect(&mut self, index: Option<RecordIndex>, kind: DefectKind, message: &str) {
        let counts = &mut self.observations.counts;
        counts.defects += 1;
        if index.is_some() && !kind.is_of_read_record() {
            if kind == DefectKind::Unsupported {
                if let Some(kind) = AsideKind::of_message(message) {
                    *self.aside.entry(kind).or_default() += 1;
                }
                counts.unsupported += 1;
                // A shape that is known and carries nothing for us is counted, and is no defect.
                counts.defects -= 1;
                return;
            }
            counts.malformed += 1;
        }
        let Some(object) = self.object else { return };
        let object = self.observations.symbols.get(object).to_owned();
        let defects = &mut self.observations.defects;
        defects.push(Defect { object, index: index.map(|index| index.0), kind, message: message.to_owned() });
        if defects.len() >= 2 * MAX_DEFECTS {
            merge::keep_first_defects(defects);
        }
    }
}
