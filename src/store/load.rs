//! From tables to observations: one day of one directory at a time.

use super::copies::Addenda;
use super::copies::Network;
use super::error::StoreError;
use super::fold::nth;
use super::layout::Day;
use super::raw;
use super::raw::RawPrincipals;
use super::raw::RawRecords;
use super::rows::Who;
use super::tables::Activity;
use super::tables::Assumptions;
use super::tables::Changes;
use super::tables::Contacts;
use super::tables::Coverage;
use super::tables::Events;
use super::tables::Principals;
use super::view::TableFile;
use super::view::View;
use crate::frame::Readable;
use crate::frame::Table;
use crate::frame::Tabled;
use crate::model::assumption::IssuingCall;
use crate::model::observations::Action;
use crate::model::observations::ActionId;
use crate::model::observations::Cell;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::SlotId;
use crate::model::record::Record;
use crate::model::record::RecordIndex;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::tallies::Tallies;
use crate::model::tallies::Tally;
use crate::observe;
use crate::parse;

/// Reads a day: observations with slots, as the scan that wrote them made them, and with events when wanted.
pub(super) fn day(view: &View, day: Day, with_events: bool) -> Result<Observations, StoreError> {
    let mut loader = Loader {
        view,
        day,
        observations: Observations::default(),
        identities: Map::default(),
        raw_identities: Map::default(),
        numbers: Map::default(),
        slots: Map::default(),
        actions: Map::default(),
    };
    loader.principals()?;
    loader.assumptions()?;
    loader.changes()?;
    loader.addenda()?;
    let activity = loader.calls::<Activity>(with_events, |observations| &mut observations.activity)?;
    let network = loader.calls::<Network>(with_events, |observations| &mut observations.network)?;
    let contacts = loader.contacts(with_events)?;
    loader.coverage()?;
    if with_events {
        loader.events(&activity, &network, &contacts)?;
    }
    Ok(loader.observations)
}

/// For each commit, the rows in memory of the rows of its file.
type RowsByCommit = Map<u64, Vec<u32>>;

/// Tallies of what was called.
type Calls = Tallies<(PrincipalId, ActionId)>;

struct Loader<'v> {
    view: &'v View,
    day: Day,
    observations: Observations,
    /// What each key stands for.
    identities: Map<String, Principal>,
    /// The JSON that it was read from, where a table has that.
    raw_identities: Map<String, String>,
    numbers: Map<SlotId, Map<String, PrincipalId>>,
    slots: Map<Cell, SlotId>,
    actions: Map<Action, ActionId>,
}

impl Loader<'_> {
    /// Reads each row of the files of a table of the day that are in one form: raw, or as the store writes them.
    fn each<T: Readable<Into = Symbols>>(
        &mut self,
        table: &Table,
        is_raw: bool,
        mut take: impl FnMut(&mut Self, &TableFile, T::Read<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let view = self.view;
        for file in view.files(table, Some(self.day)) {
            if raw::is_raw(view, file, table)? != is_raw {
                continue;
            }
            let rows = file.rows(T::COLUMNS)?;
            for row in 0..rows.len() {
                let row =
                    rows.row::<T>(row, &mut self.observations.symbols).map_err(|error| StoreError::read(&error))?;
                take(self, file, row)?;
            }
        }
        Ok(())
    }

    /// Reads each row of a table of the day, as the store writes them.
    fn own<T: Tabled + Readable<Into = Symbols>>(
        &mut self,
        take: impl FnMut(&mut Self, &TableFile, T::Read<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each::<T>(&T::TABLE, false, take)
    }

    fn principals(&mut self) -> Result<(), StoreError> {
        self.own::<Principals>(|loader, _, (key, principal)| {
            loader.identities.entry(key.to_owned()).or_insert(principal);
            Ok(())
        })?;
        self.each::<RawPrincipals>(&Principals::TABLE, true, |loader, _, (key, identity, from_console)| {
            let raw = identity.unwrap_or_default();
            let principal = observe::principal(raw, from_console, &mut loader.observations.symbols);
            loader.identities.entry(key.to_owned()).or_insert(principal);
            loader.raw_identities.entry(key.to_owned()).or_insert_with(|| raw.to_owned());
            Ok(())
        })
    }

    /// Returns the slot of an account and a region on this day.
    fn slot(&mut self, account: Option<Sym>, region: Option<Sym>) -> SlotId {
        let cell = Cell { account, region, day: self.day };
        let slots = &mut self.observations.slots;
        *self.slots.entry(cell).or_insert_with(|| {
            slots.push(cell);
            SlotId(u32::try_from(slots.len() - 1).unwrap_or(u32::MAX))
        })
    }

    /// Returns the principal of a key, in the slot of an account and a region.
    fn principal(&mut self, (account, region, key): Who<'_>, file: &TableFile) -> Result<PrincipalId, StoreError> {
        let slot = self.slot(account, region);
        let numbers = self.numbers.entry(slot).or_default();
        if let Some(known) = numbers.get(key) {
            return Ok(*known);
        }
        let Some(principal) = self.identities.get(key) else {
            let what = format!("a row names the principal `{key}`, which `principals` does not have");
            return Err(StoreError::damaged(&file.path, what));
        };
        let principals = &mut self.observations.principals;
        let id = PrincipalId(u32::try_from(principals.len()).unwrap_or(u32::MAX));
        principals.push(Principal { slot: Some(slot), ..*principal });
        numbers.insert(key.to_owned(), id);
        Ok(id)
    }

    /// Returns who asked for what a record says.
    fn caller(&mut self, record: &Record<'_>, key: Option<&str>, file: &TableFile) -> Result<PrincipalId, StoreError> {
        let key = key.ok_or_else(|| StoreError::damaged(&file.path, "a row names no principal"))?;
        let mut intern = |text: &Option<std::borrow::Cow<'_, str>>| {
            text.as_deref().map(|text| self.observations.symbols.intern(text))
        };
        let (account, region) = (intern(&record.recipient_account), intern(&record.region));
        self.principal((account, region, key), file)
    }

    fn assumptions(&mut self) -> Result<(), StoreError> {
        self.own::<Assumptions>(|loader, file, (key, mut assumption)| {
            let who = (assumption.recipient_account, assumption.region, key);
            assumption.caller = loader.principal(who, file)?;
            loader.observations.assumptions.push(assumption);
            Ok(())
        })?;
        self.each::<RawRecords>(&Assumptions::TABLE, true, |loader, file, (mut record, key, object, index)| {
            let name = record.event_name.as_deref().unwrap_or_default();
            let call = IssuingCall::ALL.into_iter().find(|call| call.event_name() == name);
            let no_call = || StoreError::damaged(&file.path, format!("`{name}` issues no sessions"));
            let call = call.ok_or_else(no_call)?;
            let caller = loader.caller(&record, key, file)?;
            record.event_source = Some(call.event().0.into());
            record.user_identity = key.and_then(|key| loader.raw_identities.get(key)).map(String::as_str);
            let place = (object, RecordIndex(index.unwrap_or_default()));
            let assumption = observe::assumption(&record, call, caller, place, &mut loader.observations.symbols);
            loader.observations.assumptions.push(assumption);
            Ok(())
        })
    }

    fn changes(&mut self) -> Result<(), StoreError> {
        self.own::<Changes>(|loader, file, (key, region, mut change)| {
            change.caller = loader.principal((change.account, region, key), file)?;
            loader.observations.changes.push(change);
            Ok(())
        })?;
        self.each::<RawRecords>(&Changes::TABLE, true, |loader, file, (record, key, object, _)| {
            if !parse::is_change(&record) {
                let name = record.event_name.as_deref().unwrap_or_default();
                let what = format!("`{name}` changes neither trust nor keys nor trails");
                return Err(StoreError::damaged(&file.path, what));
            }
            let caller = loader.caller(&record, key, file)?;
            let change = observe::change(&record, caller, object, &mut loader.observations.symbols);
            loader.observations.changes.push(change);
            Ok(())
        })
    }

    fn addenda(&mut self) -> Result<(), StoreError> {
        self.own::<Addenda>(|loader, file, (key, mut addendum)| {
            addendum.caller = loader.principal((addendum.account, addendum.region, key), file)?;
            loader.observations.addenda.push(addendum);
            Ok(())
        })
    }

    /// Reads tallies of calls, and where each row of a file is when that matters.
    fn calls<T>(
        &mut self,
        with_rows: bool,
        tallies: fn(&mut Observations) -> &mut Calls,
    ) -> Result<RowsByCommit, StoreError>
    where
        T: Tabled + for<'r> Readable<Into = Symbols, Read<'r> = (Who<'r>, Action, Tally)>,
    {
        let mut places = RowsByCommit::default();
        self.own::<T>(|loader, file, (who, action, tally)| {
            let who = loader.principal(who, file)?;
            let actions = &mut loader.observations.actions;
            let id = *loader.actions.entry(action).or_insert_with(|| {
                actions.push(action);
                ActionId(u32::try_from(actions.len() - 1).unwrap_or(u32::MAX))
            });
            let symbols = std::mem::take(&mut loader.observations.symbols);
            let place = tallies(&mut loader.observations).merge((who, id), &tally, &symbols);
            loader.observations.symbols = symbols;
            if with_rows {
                places.entry(file.commit).or_default().push(place.row());
            }
            Ok(())
        })?;
        Ok(places)
    }

    fn contacts(&mut self, with_rows: bool) -> Result<RowsByCommit, StoreError> {
        let mut places = RowsByCommit::default();
        self.own::<Contacts>(|loader, file, (who, contact, tally)| {
            let who = loader.principal(who, file)?;
            let Observations { symbols, contacts, .. } = &mut loader.observations;
            let place = contacts.merge((who, contact), &tally, symbols);
            if with_rows {
                places.entry(file.commit).or_default().push(place.row());
            }
            Ok(())
        })?;
        Ok(places)
    }

    fn coverage(&mut self) -> Result<(), StoreError> {
        self.own::<Coverage>(|loader, _, (account, region, count)| {
            let cell = Cell { account, region, day: loader.day };
            loader.observations.cells.entry(cell).or_default().merge(&count);
            Ok(())
        })
    }

    fn events(
        &mut self,
        activity: &RowsByCommit,
        network: &RowsByCommit,
        contacts: &RowsByCommit,
    ) -> Result<(), StoreError> {
        let Self { view, day, observations, .. } = self;
        view.each_of_day::<Events>(*day, &mut (), |file, mut event| {
            let find = |places: &RowsByCommit, row: u32| {
                let row = places.get(&file.commit).and_then(|rows| nth(rows, row)).copied();
                row.ok_or_else(|| StoreError::damaged(&file.path, "an event was counted in a row that is not there"))
            };
            event.contact = find(contacts, event.contact)?;
            let calls = if event.network { network } else { activity };
            event.activity = event.activity.map(|row| find(calls, row)).transpose()?;
            observations.events.push(event);
            Ok(())
        })
    }
}
