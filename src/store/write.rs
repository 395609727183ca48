//! From observations to tables: one file of each table for each day.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::copies::Addenda;
use super::copies::Network;
use super::draft::Draft;
use super::error::StoreError;
use super::fold::cell_of;
use super::fold::nth;
use super::layout::Day;
use super::rows::Who;
use super::tables::Activity;
use super::tables::Assumptions;
use super::tables::Changes;
use super::tables::Contacts;
use super::tables::Coverage;
use super::tables::Events;
use super::tables::Principals;
use crate::model::addendum::Addendum;
use crate::model::assumption::Assumption;
use crate::model::assumption::AssumptionExtra;
use crate::model::change::Change;
use crate::model::observations::Action;
use crate::model::observations::ActionId;
use crate::model::observations::Cell;
use crate::model::observations::CellCount;
use crate::model::observations::Contact;
use crate::model::observations::Event;
use crate::model::observations::Observations;
use crate::model::principal::PrincipalId;
use crate::model::principal_key::key_text;
use crate::model::principal_key::principal_key;
use crate::model::tallies::Tally;

/// How many days of assumptions are kept before the first day that is kept: a session lives for at most 36 hours, and
/// the one that issued it for as long.
pub(super) const OPEN_CHAINS: i32 = 3;

/// What there is of one day.
#[derive(Default)]
struct OfDay<'o> {
    principals: BTreeMap<&'o str, PrincipalId>,
    assumptions: Vec<&'o Assumption>,
    changes: Vec<&'o Change>,
    addenda: Vec<&'o Addendum>,
    activity: Vec<&'o ((PrincipalId, ActionId), Tally)>,
    network: Vec<&'o ((PrincipalId, ActionId), Tally)>,
    contacts: Vec<&'o ((PrincipalId, Contact), Tally)>,
    cells: Vec<(&'o Cell, &'o CellCount)>,
    /// With rows in the files of the day.
    events: Vec<Event>,
}

/// Writes observations with slots. Of days before the first that is kept, only what open chains need is written.
pub(super) fn observations(draft: &mut Draft, part: &Observations, kept_since: Option<i32>) -> Result<(), StoreError> {
    let keys: Vec<String> =
        part.principals.iter().map(|principal| key_text(principal_key(principal, &part.symbols))).collect();
    let writer = Writer { part, keys: &keys };
    for (day, mut of_day) in writer.by_day() {
        let is_before = |kept: i32| day.is_some_and(|day| day < kept);
        if kept_since.is_some_and(is_before) {
            if kept_since.is_some_and(|kept| is_before(kept.saturating_sub(OPEN_CHAINS))) {
                continue;
            }
            let callers: BTreeSet<PrincipalId> =
                of_day.assumptions.iter().map(|assumption| assumption.caller).collect();
            let keys: BTreeSet<&str> = callers.iter().map(|caller| writer.key(*caller)).collect();
            of_day.principals.retain(|key, _| keys.contains(key));
            let kept = (std::mem::take(&mut of_day.principals), std::mem::take(&mut of_day.assumptions));
            of_day = OfDay { principals: kept.0, assumptions: kept.1, ..OfDay::default() };
        }
        writer.write(draft, day, &mut of_day)?;
    }
    Ok(())
}

struct Writer<'o> {
    part: &'o Observations,
    keys: &'o [String],
}

impl<'o> Writer<'o> {
    fn key(&self, who: PrincipalId) -> &'o str {
        nth(self.keys, who.0).map(String::as_str).unwrap_or_default()
    }

    /// Returns the day, account and region of a principal's records.
    fn cell(&self, who: PrincipalId) -> Cell {
        cell_of(self.part, who).unwrap_or(Cell { account: None, region: None, day: None })
    }

    fn by_day(&self) -> BTreeMap<Day, OfDay<'o>> {
        let part = self.part;
        let mut days: BTreeMap<Day, OfDay<'o>> = BTreeMap::new();
        let mut used = BTreeSet::new();
        // Where each row of the tallies stands in the file of its day.
        let mut activity_at = Vec::with_capacity(part.activity.len());
        for row in part.activity.iter() {
            let ((who, _), _) = row;
            used.insert(*who);
            let rows = &mut days.entry(self.cell(*who).day).or_default().activity;
            activity_at.push(number(rows.len()));
            rows.push(row);
        }
        let mut network_at = Vec::with_capacity(part.network.len());
        for row in part.network.iter() {
            let ((who, _), _) = row;
            used.insert(*who);
            let rows = &mut days.entry(self.cell(*who).day).or_default().network;
            network_at.push(number(rows.len()));
            rows.push(row);
        }
        let mut contact_at = Vec::with_capacity(part.contacts.len());
        for row in part.contacts.iter() {
            let ((who, _), _) = row;
            used.insert(*who);
            let day = self.cell(*who).day;
            let rows = &mut days.entry(day).or_default().contacts;
            contact_at.push((day, number(rows.len())));
            rows.push(row);
        }
        for event in &part.events {
            let Some((day, contact)) = nth(&contact_at, event.contact) else { continue };
            let calls_at = if event.network { &network_at } else { &activity_at };
            let activity = event.activity.and_then(|row| nth(calls_at, row).copied());
            let events = &mut days.entry(*day).or_default().events;
            events.push(Event { contact: *contact, activity, ..*event });
        }
        for assumption in &part.assumptions {
            used.insert(assumption.caller);
            days.entry(self.cell(assumption.caller).day).or_default().assumptions.push(assumption);
        }
        for change in &part.changes {
            used.insert(change.caller);
            days.entry(self.cell(change.caller).day).or_default().changes.push(change);
        }
        for addendum in &part.addenda {
            used.insert(addendum.caller);
            days.entry(self.cell(addendum.caller).day).or_default().addenda.push(addendum);
        }
        for (cell, count) in &part.cells {
            days.entry(cell.day).or_default().cells.push((cell, count));
        }
        for who in used {
            days.entry(self.cell(who).day).or_default().principals.insert(self.key(who), who);
        }
        days
    }

    /// Returns whom a row of a tally is about.
    fn who(&self, who: PrincipalId) -> Who<'o> {
        let Cell { account, region, .. } = self.cell(who);
        (account, region, self.key(who))
    }

    fn action(&self, what: ActionId) -> Action {
        let nothing = Action { source: None, name: None, read_only: None, error_code: None };
        nth(&self.part.actions, what.0).copied().unwrap_or(nothing)
    }

    fn write(&self, draft: &mut Draft, day: Day, of_day: &mut OfDay<'o>) -> Result<(), StoreError> {
        let symbols = &self.part.symbols;
        let day = Some(day);
        let principals = of_day.principals.iter();
        let principals = principals.filter_map(|(key, who)| Some((*key, nth(&self.part.principals, who.0)?)));
        draft.write_some::<Principals>(day, principals, symbols)?;
        of_day.assumptions.sort_by_key(|row| (symbols.get(row.object), row.index));
        let none = AssumptionExtra::default();
        let assumptions = of_day.assumptions.iter();
        let assumptions = assumptions.map(|row| (self.key(row.caller), *row, row.extra.as_deref().unwrap_or(&none)));
        draft.write_some::<Assumptions>(day, assumptions, symbols)?;
        let changes = of_day.changes.iter().map(|row| (self.key(row.caller), self.cell(row.caller).region, *row));
        draft.write_some::<Changes>(day, changes, symbols)?;
        let addenda = of_day.addenda.iter().map(|row| (self.who(row.caller), *row));
        draft.write_some::<Addenda>(day, addenda, symbols)?;
        let activity = of_day.activity.iter().map(|((who, what), tally)| (self.who(*who), self.action(*what), tally));
        draft.write_some::<Activity>(day, activity, symbols)?;
        let network = of_day.network.iter().map(|((who, what), tally)| (self.who(*who), self.action(*what), tally));
        draft.write_some::<Network>(day, network, symbols)?;
        let contacts = of_day.contacts.iter().map(|((who, contact), tally)| (self.who(*who), *contact, tally));
        draft.write_some::<Contacts>(day, contacts, symbols)?;
        of_day.cells.sort_by_key(|(cell, _)| (symbols.opt(cell.account), symbols.opt(cell.region)));
        draft.write_some::<Coverage>(day, of_day.cells.iter().copied(), symbols)?;
        // Neighbors share their rows: all that takes room then is the fingerprints.
        of_day.events.sort_unstable_by_key(|event| {
            (event.contact, event.network, event.activity, event.fingerprint, event.read_only, event.sts)
        });
        draft.write_some::<Events>(day, &of_day.events, &())
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
