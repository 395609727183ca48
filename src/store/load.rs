//! From tables to observations: one day of one directory at a time.

use std::path::Path;

use super::error::StoreError;
use super::layout::Day;
use super::raw;
use super::tables;
use super::tags;
use super::view::View;
use crate::frame::Rows;
use crate::model::assumption::Assumption;
use crate::model::assumption::AssumptionExtra;
use crate::model::assumption::IssuingCall;
use crate::model::change::Change;
use crate::model::event_id::EventId;
use crate::model::observations::Action;
use crate::model::observations::ActionId;
use crate::model::observations::Cell;
use crate::model::observations::CellCount;
use crate::model::observations::Contact;
use crate::model::observations::Event;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::principal::SlotId;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::tallies::Mark;
use crate::model::tallies::Tally;

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
    loader.raw_principals()?;
    loader.assumptions()?;
    loader.raw_assumptions()?;
    loader.changes()?;
    loader.raw_changes()?;
    let activity = loader.activity(with_events)?;
    let contacts = loader.contacts(with_events)?;
    loader.coverage()?;
    if with_events {
        loader.events(&activity, &contacts)?;
    }
    Ok(loader.observations)
}

/// For each commit, the rows in memory of the rows of its file.
type RowsByCommit = Map<u64, Vec<u32>>;

pub(super) struct Loader<'v> {
    view: &'v View,
    day: Day,
    pub(super) observations: Observations,
    /// What each key stands for.
    pub(super) identities: Map<String, Principal>,
    /// The JSON that it was read from, where a table has that.
    pub(super) raw_identities: Map<String, String>,
    numbers: Map<(String, SlotId), PrincipalId>,
    slots: Map<Cell, SlotId>,
    actions: Map<Action, ActionId>,
}

/// One row, being read column by column.
pub(super) struct Row<'r> {
    pub(super) rows: &'r Rows,
    pub(super) row: usize,
}

impl<'r> Row<'r> {
    pub(super) fn text(&self, column: usize) -> Option<&'r str> {
        self.rows.text(self.row, column)
    }

    pub(super) fn sym(&self, column: usize, symbols: &mut Symbols) -> Option<Sym> {
        self.text(column).map(|text| symbols.intern(text))
    }

    pub(super) fn id(&self, column: usize, symbols: &mut Symbols) -> Option<EventId> {
        self.text(column).map(|text| EventId::new(text, symbols))
    }

    pub(super) fn truth(&self, column: usize) -> bool {
        self.rows.boolean(self.row, column) == Some(true)
    }

    pub(super) fn count(&self, column: usize) -> u64 {
        self.rows.integer(self.row, column).and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
    }

    /// Reads a moment, an event id and an object from three columns in a row.
    fn mark(&self, column: usize, symbols: &mut Symbols) -> Mark {
        let object = symbols.intern(self.text(column + 2).unwrap_or_default());
        Mark::new(self.rows.moment(self.row, column), object, self.id(column + 1, symbols))
    }

    /// Reads a count and two marks from seven columns in a row.
    fn tally(&self, column: usize, symbols: &mut Symbols) -> Tally {
        let events = u32::try_from(self.count(column)).unwrap_or(u32::MAX);
        Tally::counted(events, self.mark(column + 1, symbols), self.mark(column + 4, symbols))
    }
}

impl Loader<'_> {
    /// Reads each row of a table of the day, in the form that the table is declared in.
    pub(super) fn each(
        &mut self,
        table: &'static crate::frame::Table,
        mut take: impl FnMut(&mut Self, u64, &Row<'_>, &Path) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let view = self.view;
        for file in view.files(table, Some(self.day)) {
            if raw::is_raw(view, file, table)? != raw::is_raw_form(table) {
                continue;
            }
            let rows = file.rows(table)?;
            for row in 0..rows.len() {
                take(self, file.commit, &Row { rows: &rows, row }, &file.path)?;
            }
        }
        Ok(())
    }

    fn principals(&mut self) -> Result<(), StoreError> {
        self.each(&tables::PRINCIPALS, |loader, _, row, path| {
            let key = row.text(0).ok_or_else(|| StoreError::damaged(path, "a principal has no key"))?;
            let symbols = &mut loader.observations.symbols;
            let principal = Principal {
                kind: row.text(1).map_or(PrincipalKind::Unknown, PrincipalKind::parse),
                principal_id: row.sym(2, symbols),
                arn: row.sym(3, symbols),
                account: row.sym(4, symbols),
                access_key: row.sym(5, symbols),
                user_name: row.sym(6, symbols),
                invoked_by: row.sym(7, symbols),
                identity_provider: row.sym(8, symbols),
                issuer_arn: row.sym(9, symbols),
                issuer_id: row.sym(10, symbols),
                federated_provider: row.sym(11, symbols),
                created: row.rows.moment(row.row, 12),
                mfa: row.rows.boolean(row.row, 13),
                source_identity: row.sym(14, symbols),
                assumed_root: row.truth(15),
                on_behalf_of: row.sym(16, symbols),
                issued_to: row.sym(17, symbols),
                from_console: row.truth(18),
                slot: None,
            };
            loader.identities.entry(key.to_owned()).or_insert(principal);
            Ok(())
        })
    }

    /// Returns the slot of an account and a region on this day.
    pub(super) fn slot(&mut self, account: Option<Sym>, region: Option<Sym>) -> SlotId {
        let cell = Cell { account, region, day: self.day };
        let slots = &mut self.observations.slots;
        *self.slots.entry(cell).or_insert_with(|| {
            slots.push(cell);
            SlotId(u32::try_from(slots.len() - 1).unwrap_or(u32::MAX))
        })
    }

    /// Returns the principal of a key in a slot.
    pub(super) fn principal(
        &mut self,
        key: Option<&str>,
        slot: SlotId,
        path: &Path,
    ) -> Result<PrincipalId, StoreError> {
        let key = key.ok_or_else(|| StoreError::damaged(path, "a row names no principal"))?;
        if let Some(known) = self.numbers.get(&(key.to_owned(), slot)) {
            return Ok(*known);
        }
        let unknown = || {
            StoreError::damaged(path, format!("a row names the principal `{key}`, which `principals` does not have"))
        };
        let principal = self.identities.get(key).ok_or_else(unknown)?;
        let principals = &mut self.observations.principals;
        let id = PrincipalId(u32::try_from(principals.len()).unwrap_or(u32::MAX));
        principals.push(Principal { slot: Some(slot), ..*principal });
        self.numbers.insert((key.to_owned(), slot), id);
        Ok(id)
    }

    fn assumptions(&mut self) -> Result<(), StoreError> {
        self.each(&tables::ASSUMPTIONS, |loader, _, row, path| {
            let symbols = &mut loader.observations.symbols;
            let (region, account) = (row.sym(7, symbols), row.sym(8, symbols));
            let slot = loader.slot(account, region);
            let caller = loader.principal(row.text(9), slot, path)?;
            let name = row.text(3).unwrap_or_default();
            let call = IssuingCall::ALL.into_iter().find(|call| call.event_name() == name);
            let call = call.ok_or_else(|| StoreError::damaged(path, format!("`{name}` issues no sessions")))?;
            let bad_tags =
                || StoreError::damaged(path, "session tags are not a JSON array of objects with key and value");
            let symbols = &mut loader.observations.symbols;
            let extra = AssumptionExtra {
                tags: tags::read(row.text(26), symbols).ok_or_else(bad_tags)?,
                incoming_tags: tags::read(row.text(27), symbols).ok_or_else(bad_tags)?,
                has_session_policy: row.truth(28),
                target_principal: row.sym(29, symbols),
                task_policy: row.sym(30, symbols),
                serving_region: row.sym(31, symbols),
                endpoint_type: row.sym(32, symbols),
                explicit_trust_grant: row.rows.boolean(row.row, 33),
                denied_action: row.sym(34, symbols),
            };
            let assumption = Assumption {
                event_id: row.id(0, symbols),
                shared_event_id: row.id(1, symbols),
                request_id: row.id(2, symbols),
                call,
                time: row.rows.moment(row.row, 4),
                expires: row.rows.moment(row.row, 5),
                duration_seconds: row.rows.integer(row.row, 6).and_then(|seconds| u32::try_from(seconds).ok()),
                region,
                recipient_account: account,
                caller,
                role_arn: row.sym(10, symbols),
                session_name: row.sym(11, symbols),
                external_id: row.sym(12, symbols),
                source_identity: row.sym(13, symbols),
                issued_key: row.sym(14, symbols),
                assumed_role_id: row.sym(15, symbols),
                assumed_role_arn: row.sym(16, symbols),
                subject: row.sym(17, symbols),
                audience: row.sym(18, symbols),
                provider: row.sym(19, symbols),
                source_ip: row.sym(20, symbols),
                user_agent: row.sym(21, symbols),
                error_code: row.sym(22, symbols),
                error_message: row.sym(23, symbols),
                object: symbols.intern(row.text(24).unwrap_or_default()),
                index: u32::try_from(row.count(25)).unwrap_or(u32::MAX),
                extra: (extra != AssumptionExtra::default()).then(|| Box::new(extra)),
            };
            loader.observations.assumptions.push(assumption);
            Ok(())
        })
    }

    fn changes(&mut self) -> Result<(), StoreError> {
        self.each(&tables::CHANGES, |loader, _, row, path| {
            let symbols = &mut loader.observations.symbols;
            let (region, account) = (row.sym(4, symbols), row.sym(5, symbols));
            let slot = loader.slot(account, region);
            let caller = loader.principal(row.text(6), slot, path)?;
            let symbols = &mut loader.observations.symbols;
            let change = Change {
                event_id: row.id(0, symbols),
                time: row.rows.moment(row.row, 1),
                source: symbols.intern(row.text(2).unwrap_or_default()),
                name: symbols.intern(row.text(3).unwrap_or_default()),
                caller,
                account,
                target: row.sym(7, symbols),
                document: row.sym(8, symbols),
                omitted: row.truth(9),
                error_code: row.sym(10, symbols),
                user_agent: row.sym(11, symbols),
                object: symbols.intern(row.text(12).unwrap_or_default()),
            };
            loader.observations.changes.push(change);
            Ok(())
        })
    }

    /// Reads who a row of a tally is about, from the first three columns.
    fn who(&mut self, row: &Row<'_>, path: &Path) -> Result<PrincipalId, StoreError> {
        let symbols = &mut self.observations.symbols;
        let (account, region) = (row.sym(0, symbols), row.sym(1, symbols));
        let slot = self.slot(account, region);
        self.principal(row.text(2), slot, path)
    }

    fn activity(&mut self, with_rows: bool) -> Result<RowsByCommit, StoreError> {
        let mut places = RowsByCommit::default();
        self.each(&tables::ACTIVITY, |loader, commit, row, path| {
            let who = loader.who(row, path)?;
            let Observations { symbols, actions, activity, .. } = &mut loader.observations;
            let action = Action {
                source: row.sym(3, symbols),
                name: row.sym(4, symbols),
                read_only: row.rows.boolean(row.row, 5),
                error_code: row.sym(6, symbols),
            };
            let id = *loader.actions.entry(action).or_insert_with(|| {
                actions.push(action);
                ActionId(u32::try_from(actions.len() - 1).unwrap_or(u32::MAX))
            });
            let tally = row.tally(7, symbols);
            let place = activity.merge((who, id), &tally, symbols);
            if with_rows {
                places.entry(commit).or_default().push(place.row());
            }
            Ok(())
        })?;
        Ok(places)
    }

    fn contacts(&mut self, with_rows: bool) -> Result<RowsByCommit, StoreError> {
        let mut places = RowsByCommit::default();
        self.each(&tables::CONTACTS, |loader, commit, row, path| {
            let who = loader.who(row, path)?;
            let Observations { symbols, contacts, .. } = &mut loader.observations;
            let contact = Contact {
                source_ip: row.sym(3, symbols),
                user_agent: row.sym(4, symbols),
                via_vpc_endpoint: row.truth(5),
            };
            let tally = row.tally(6, symbols);
            let place = contacts.merge((who, contact), &tally, symbols);
            if with_rows {
                places.entry(commit).or_default().push(place.row());
            }
            Ok(())
        })?;
        Ok(places)
    }

    fn coverage(&mut self) -> Result<(), StoreError> {
        self.each(&tables::COVERAGE, |loader, _, row, _| {
            let symbols = &mut loader.observations.symbols;
            let cell = Cell { account: row.sym(0, symbols), region: row.sym(1, symbols), day: loader.day };
            let count = CellCount {
                records: row.count(2),
                read_only: row.count(3),
                sts: row.count(4),
                first: row.rows.moment(row.row, 5),
                last: row.rows.moment(row.row, 6),
            };
            loader.observations.cells.entry(cell).or_default().merge(&count);
            Ok(())
        })
    }

    fn events(&mut self, activity: &RowsByCommit, contacts: &RowsByCommit) -> Result<(), StoreError> {
        self.each(&tables::EVENTS, |loader, commit, row, path| {
            let find = |places: &RowsByCommit, column: usize| {
                let at = usize::try_from(row.rows.integer(row.row, column)?).ok()?;
                places.get(&commit)?.get(at).copied()
            };
            let dangling = || StoreError::damaged(path, "an event was counted in a row that is not there");
            let contact = find(contacts, 2).ok_or_else(dangling)?;
            let has_activity = row.rows.integer(row.row, 1).is_some();
            let activity = find(activity, 1);
            if has_activity != activity.is_some() {
                return Err(dangling());
            }
            loader.observations.events.push(Event {
                fingerprint: row.rows.integer(row.row, 0).ok_or_else(dangling)?.cast_unsigned(),
                activity,
                contact,
                read_only: row.truth(3),
                sts: row.truth(4),
            });
            Ok(())
        })
    }
}
