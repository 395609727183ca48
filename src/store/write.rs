//! From observations to tables: one file of each table for each day.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::draft::Draft;
use super::draft::DraftFile;
use super::error::StoreError;
use super::layout::Day;
use super::tables;
use super::tags;
use crate::frame::Value;
use crate::model::assumption::Assumption;
use crate::model::assumption::AssumptionExtra;
use crate::model::change::Change;
use crate::model::event_id::EventId;
use crate::model::observations::ActionId;
use crate::model::observations::Cell;
use crate::model::observations::CellCount;
use crate::model::observations::Contact;
use crate::model::observations::Observations;
use crate::model::principal::PrincipalId;
use crate::model::principal_key::key_text;
use crate::model::principal_key::principal_key;
use crate::model::symbols::Symbols;
use crate::model::tallies::Mark;
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
    /// Rows by their number.
    activity: Vec<usize>,
    contacts: Vec<usize>,
    cells: Vec<(&'o Cell, &'o CellCount)>,
    /// Fingerprint, rows in the files of the day, and two truths.
    events: Vec<(u32, Option<u32>, u64, bool, bool)>,
}

/// Writes observations with slots. Of days before the first that is kept, only what open chains need is written.
pub(super) fn observations(draft: &mut Draft, part: &Observations, kept_since: Option<i32>) -> Result<(), StoreError> {
    let keys: Vec<String> =
        part.principals.iter().map(|principal| key_text(principal_key(principal, &part.symbols))).collect();
    let activity: Vec<_> = part.activity.iter().collect();
    let contacts: Vec<_> = part.contacts.iter().collect();
    let writer = Writer { part, keys: &keys, activity: &activity, contacts: &contacts };
    let days = writer.by_day();
    for (day, mut of_day) in days {
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
    activity: &'o [&'o ((PrincipalId, ActionId), Tally)],
    contacts: &'o [&'o ((PrincipalId, Contact), Tally)],
}

impl<'o> Writer<'o> {
    fn symbols(&self) -> &'o Symbols {
        &self.part.symbols
    }

    fn key(&self, who: PrincipalId) -> &'o str {
        usize::try_from(who.0).ok().and_then(|at| self.keys.get(at)).map(String::as_str).unwrap_or_default()
    }

    /// Returns the day, account and region of a principal's records.
    fn cell(&self, who: PrincipalId) -> Cell {
        let principal = usize::try_from(who.0).ok().and_then(|at| self.part.principals.get(at));
        let slot = principal.and_then(|principal| principal.slot).and_then(|slot| usize::try_from(slot.0).ok());
        let cell = slot.and_then(|slot| self.part.slots.get(slot));
        cell.copied().unwrap_or(Cell { account: None, region: None, day: None })
    }

    fn by_day(&self) -> BTreeMap<Day, OfDay<'o>> {
        let part = self.part;
        let mut days: BTreeMap<Day, OfDay<'o>> = BTreeMap::new();
        let mut used = BTreeSet::new();
        // Where each row of the tallies stands in the file of its day.
        let mut activity_at = Vec::with_capacity(part.activity.len());
        for (row, ((who, _), _)) in self.activity.iter().enumerate() {
            used.insert(*who);
            let rows = &mut days.entry(self.cell(*who).day).or_default().activity;
            activity_at.push(number(rows.len()));
            rows.push(row);
        }
        let mut contact_at = Vec::with_capacity(part.contacts.len());
        for (row, ((who, _), _)) in self.contacts.iter().enumerate() {
            used.insert(*who);
            let day = self.cell(*who).day;
            let rows = &mut days.entry(day).or_default().contacts;
            contact_at.push((day, number(rows.len())));
            rows.push(row);
        }
        for event in &part.events {
            let at = |row: u32| usize::try_from(row).unwrap_or(usize::MAX);
            let Some((day, contact)) = contact_at.get(at(event.contact)) else { continue };
            let activity = event.activity.and_then(|row| activity_at.get(at(row)).copied());
            let events = &mut days.entry(*day).or_default().events;
            events.push((*contact, activity, event.fingerprint, event.read_only, event.sts));
        }
        for assumption in &part.assumptions {
            used.insert(assumption.caller);
            days.entry(self.cell(assumption.caller).day).or_default().assumptions.push(assumption);
        }
        for change in &part.changes {
            used.insert(change.caller);
            days.entry(self.cell(change.caller).day).or_default().changes.push(change);
        }
        for (cell, count) in &part.cells {
            days.entry(cell.day).or_default().cells.push((cell, count));
        }
        for who in used {
            days.entry(self.cell(who).day).or_default().principals.insert(self.key(who), who);
        }
        days
    }

    fn write(&self, draft: &mut Draft, day: Day, of_day: &mut OfDay<'o>) -> Result<(), StoreError> {
        let opt = |sym| Value::from(self.symbols().opt(sym));
        write_rows(draft, &tables::PRINCIPALS, day, of_day.principals.values(), |file, who| {
            self.principal(file, *who)
        })?;
        of_day.assumptions.sort_by_key(|row| (self.symbols().get(row.object), row.index));
        write_rows(draft, &tables::ASSUMPTIONS, day, &of_day.assumptions, |file, row| self.assumption(file, row))?;
        write_rows(draft, &tables::CHANGES, day, &of_day.changes, |file, row| self.change(file, row))?;
        write_rows(
            draft,
            &tables::ACTIVITY,
            day,
            of_day.activity.iter().filter_map(|at| self.activity.get(*at)),
            |file, row| {
                let ((who, what), tally) = row;
                let Cell { account, region, .. } = self.cell(*who);
                let action = usize::try_from(what.0).ok().and_then(|at| self.part.actions.get(at));
                let (source, name, error) =
                    action.map_or((None, None, None), |action| (action.source, action.name, action.error_code));
                let read_only = action.and_then(|action| action.read_only);
                let head = [
                    opt(account),
                    opt(region),
                    self.key(*who).into(),
                    opt(source),
                    opt(name),
                    read_only.into(),
                    opt(error),
                ];
                self.tally(file, &head, tally)
            },
        )?;
        write_rows(
            draft,
            &tables::CONTACTS,
            day,
            of_day.contacts.iter().filter_map(|at| self.contacts.get(*at)),
            |file, row| {
                let ((who, contact), tally) = row;
                let Cell { account, region, .. } = self.cell(*who);
                let (ip, agent) = (opt(contact.source_ip), opt(contact.user_agent));
                let head =
                    [opt(account), opt(region), self.key(*who).into(), ip, agent, contact.via_vpc_endpoint.into()];
                self.tally(file, &head, tally)
            },
        )?;
        of_day.cells.sort_by_key(|(cell, _)| (self.symbols().opt(cell.account), self.symbols().opt(cell.region)));
        write_rows(draft, &tables::COVERAGE, day, &of_day.cells, |file, (cell, count)| {
            file.push(&[
                opt(cell.account),
                opt(cell.region),
                count.records.into(),
                count.read_only.into(),
                count.sts.into(),
                count.first.into(),
                count.last.into(),
            ])
        })?;
        // Neighbours share their rows: all that takes room then is the fingerprints.
        of_day.events.sort_unstable();
        write_rows(draft, &tables::EVENTS, day, &of_day.events, |file, event| {
            let (contact, activity, fingerprint, read_only, sts) = *event;
            let fingerprint = Value::Integer(fingerprint.cast_signed());
            file.push(&[fingerprint, activity.into(), contact.into(), read_only.into(), sts.into()])
        })
    }

    fn principal(&self, file: &mut DraftFile, who: PrincipalId) -> Result<(), StoreError> {
        let opt = |sym| Value::from(self.symbols().opt(sym));
        let Some(principal) = usize::try_from(who.0).ok().and_then(|at| self.part.principals.get(at)) else {
            return Ok(());
        };
        file.push(&[
            self.key(who).into(),
            principal.kind.name().into(),
            opt(principal.principal_id),
            opt(principal.arn),
            opt(principal.account),
            opt(principal.access_key),
            opt(principal.user_name),
            opt(principal.invoked_by),
            opt(principal.identity_provider),
            opt(principal.issuer_arn),
            opt(principal.issuer_id),
            opt(principal.federated_provider),
            principal.created.into(),
            principal.mfa.into(),
            opt(principal.source_identity),
            principal.assumed_root.into(),
            opt(principal.on_behalf_of),
            opt(principal.issued_to),
            principal.from_console.into(),
        ])
    }

    fn assumption(&self, file: &mut DraftFile, row: &Assumption) -> Result<(), StoreError> {
        let symbols = self.symbols();
        let opt = |sym| Value::from(symbols.opt(sym));
        let [event_id, shared_event_id, request_id] =
            [row.event_id, row.shared_event_id, row.request_id].map(|id| self.id(id));
        let none = AssumptionExtra::default();
        let extra = row.extra.as_deref().unwrap_or(&none);
        let (tags, incoming) = (tags::write(&extra.tags, symbols), tags::write(&extra.incoming_tags, symbols));
        file.push(&[
            event_id.as_deref().into(),
            shared_event_id.as_deref().into(),
            request_id.as_deref().into(),
            row.call.event_name().into(),
            row.time.into(),
            row.expires.into(),
            row.duration_seconds.into(),
            opt(row.region),
            opt(row.recipient_account),
            self.key(row.caller).into(),
            opt(row.role_arn),
            opt(row.session_name),
            opt(row.external_id),
            opt(row.source_identity),
            opt(row.issued_key),
            opt(row.assumed_role_id),
            opt(row.assumed_role_arn),
            opt(row.subject),
            opt(row.audience),
            opt(row.provider),
            opt(row.source_ip),
            opt(row.user_agent),
            opt(row.error_code),
            opt(row.error_message),
            symbols.get(row.object).into(),
            row.index.into(),
            tags.as_deref().into(),
            incoming.as_deref().into(),
            extra.has_session_policy.into(),
            opt(extra.target_principal),
            opt(extra.task_policy),
            opt(extra.serving_region),
            opt(extra.endpoint_type),
            extra.explicit_trust_grant.into(),
            opt(extra.denied_action),
        ])
    }

    fn change(&self, file: &mut DraftFile, row: &Change) -> Result<(), StoreError> {
        let symbols = self.symbols();
        let opt = |sym| Value::from(symbols.opt(sym));
        let event_id = self.id(row.event_id);
        file.push(&[
            event_id.as_deref().into(),
            row.time.into(),
            symbols.get(row.source).into(),
            symbols.get(row.name).into(),
            opt(self.cell(row.caller).region),
            opt(row.account),
            self.key(row.caller).into(),
            opt(row.target),
            opt(row.document),
            row.omitted.into(),
            opt(row.error_code),
            opt(row.user_agent),
            symbols.get(row.object).into(),
        ])
    }

    fn tally(&self, file: &mut DraftFile, head: &[Value<'_>], tally: &Tally) -> Result<(), StoreError> {
        let (first, last) = (self.id(tally.first.event_id), self.id(tally.last.event_id));
        let mut row = head.to_vec();
        row.push(tally.count().into());
        for (mark, id) in [(&tally.first, &first), (&tally.last, &last)] {
            let Mark { object, .. } = mark;
            let object = Value::from(self.symbols().get(*object));
            row.extend::<[Value<'_>; 3]>([mark.time().into(), id.as_deref().into(), object]);
        }
        file.push(&row)
    }

    fn id(&self, id: Option<EventId>) -> Option<String> {
        id.map(|id| id.text(self.symbols()))
    }
}

/// Writes a file of a table of a day, when there is anything to write.
fn write_rows<T>(
    draft: &mut Draft,
    table: &'static crate::frame::Table,
    day: Day,
    rows: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut DraftFile, T) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    let mut file = draft.file(table, Some(day))?;
    for row in rows {
        write(&mut file, row)?;
    }
    file.finish()
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
