//! Network activity events: what the owner of a VPC endpoint sees of the calls that go through it.

use crate::model::coverage::AsideKind;
use crate::model::observations::Event;
use crate::model::observations::Observations;
use crate::model::record::Record;
use crate::model::record::RecordIndex;
use crate::model::symbols::Sym;
use crate::model::tallies::Mark;
use crate::parse;

use super::Observer;
use super::filter::Place;
use super::rows;
use super::seen;

impl Observer<'_> {
    /// Sets a network activity event aside. What it says of its caller is tallied apart: where the call's own record is not
    /// in these logs, this one is all that tells of it.
    pub(super) fn network_activity(&mut self, index: RecordIndex, record: &Record<'_>, object: Sym) {
        *self.aside.entry(AsideKind::NetworkActivity).or_default() += 1;
        self.observations.counts.unsupported += 1;
        self.enter_cell(record);
        let mut known = self.principals.intern(record, &mut self.observations);
        if known.is_from_afar {
            known = self.principals.at_time(known, record, &mut self.observations);
        }
        let neighborhood = seen::at_hour(self.neighborhood, record.event_time);
        let (is_new, fingerprint) = self.seen.insert(record, neighborhood, known.hash, &mut self.buffer);
        let place = self.filter.place(record);
        if place != Place::Outside {
            self.doubt(index, record, known.fault);
        }
        // What was issued is not in it: a session without a key and a role would say nothing.
        if place != Place::Inside || parse::issuing_call(record).is_some() {
            return;
        }
        let event_id = rows::event_id(record.event_id.as_deref(), &mut self.observations.symbols);
        let mark = Mark::new(record.event_time, object, event_id);
        let Observations { symbols, actions, network, contacts, .. } = &mut self.observations;
        let action = self.actions.intern(record, symbols, actions);
        let row = network.place((known.id, action), &mark);
        if let Some(tally) = network.at(row) {
            tally.add(&mark, is_new, symbols);
        }
        let contact =
            self.contacts.intern(record, known.id, symbols, |contact| contacts.place((known.id, contact), &mark));
        if let Some(tally) = contacts.at(contact) {
            tally.add(&mark, false, symbols);
        }
        if is_new && self.seen.is_lasting() {
            let (activity, contact) = (Some(row.row()), contact.row());
            let event = Event { fingerprint, activity, contact, read_only: false, sts: false, network: true };
            self.observations.events.push(event);
        }
    }
}
