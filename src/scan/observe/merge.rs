//! Merging: two sets of observations become one. Commutative and associative in all that they say.

use crate::model::coverage::Defect;
use crate::model::coverage::DefectKind;
use crate::model::index::Index;
use crate::model::observations::ActionId;
use crate::model::observations::Cell;
use crate::model::observations::Contact;
use crate::model::observations::Event;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::SlotId;
use crate::model::symbols::Renaming;
use crate::model::symbols::Symbols;
use crate::model::tallies::Tallies;
use crate::model::width::id_of;
use crate::model::width::place;

use super::MAX_DEFECTS;

impl Observations {
    /// Adds what another worker observed. Both must have shared one [`super::Seen`], or have read different records.
    pub fn merge(&mut self, other: Self) {
        // Piece by piece: what was taken over is given back at once, so that no two copies of the whole stand side by
        // side.
        let names = self.symbols.absorb(other.symbols);
        let slots = absorb(&mut self.slots, other.slots, |cell| cell_renamed(cell, &names));
        let principals = absorb(&mut self.principals, other.principals, |principal: &Principal| Principal {
            slot: principal.slot.and_then(|slot| slots.get(place(slot.0)).copied().map(SlotId)),
            ..principal.renamed(&names)
        });
        let principals: Vec<PrincipalId> = principals.into_iter().map(PrincipalId).collect();
        let actions = absorb(&mut self.actions, other.actions, |action| crate::model::observations::Action {
            source: names.opt(action.source),
            name: names.opt(action.name),
            error_code: names.opt(action.error_code),
            ..*action
        });
        let actions: Vec<ActionId> = actions.into_iter().map(ActionId).collect();
        let wants_rows = !other.events.is_empty();
        let maps = (&names, principals.as_slice(), actions.as_slice());
        let activity = merge_calls(&mut self.activity, &self.symbols, other.activity, maps, wants_rows);
        let network = merge_calls(&mut self.network, &self.symbols, other.network, maps, wants_rows);
        let contacts = self.merge_contacts(other.contacts, &names, &principals, wants_rows);
        self.events.extend(other.events.into_iter().map(|event| Event {
            activity: event.activity.and_then(|row| {
                let rows = if event.network { &network } else { &activity };
                rows.get(place(row)).copied()
            }),
            contact: contacts.get(place(event.contact)).copied().unwrap_or(event.contact),
            ..event
        }));
        for mut assumption in other.assumptions {
            assumption.rename(&names, &principals);
            self.assumptions.push(assumption);
        }
        let renamed = |id: PrincipalId| principals.get(place(id.0)).copied().unwrap_or(id);
        self.watched.extend(other.watched.iter().map(|(id, event)| (renamed(*id), event.renamed(&names))));
        for mut change in other.changes {
            change.rename(&names, &principals);
            self.changes.push(change);
        }
        for mut addendum in other.addenda {
            addendum.rename(&names, &principals);
            self.addenda.push(addendum);
        }
        for (cell, count) in other.cells {
            self.cells.entry(cell_renamed(&cell, &names)).or_default().merge(&count);
        }
        self.counts.merge(&other.counts);
        self.defects.extend(other.defects);
        keep_first_defects(&mut self.defects);
        for (kind, set_aside) in other.set_aside {
            self.set_aside.entry(kind).or_default().merge(set_aside);
        }
    }

    fn merge_contacts(
        &mut self,
        other: Tallies<(PrincipalId, Contact)>,
        names: &Renaming,
        principals: &[PrincipalId],
        wants_rows: bool,
    ) -> Vec<u32> {
        let mut rows = Vec::new();
        for ((who, contact), tally) in other.into_rows() {
            let who = principals.get(place(who.0)).copied().unwrap_or(who);
            let contact = Contact {
                source_ip: names.opt(contact.source_ip),
                user_agent: names.opt(contact.user_agent),
                via_vpc_endpoint: contact.via_vpc_endpoint,
            };
            let place = self.contacts.merge((who, contact), &tally.renamed(names), &self.symbols);
            rows.extend(wants_rows.then(|| place.row()));
        }
        rows
    }
}

/// How symbols, principals and actions of another set of observations are called in this one.
type Maps<'m> = (&'m Renaming, &'m [PrincipalId], &'m [ActionId]);

/// Takes in tallies of calls, and returns the row of each when they are wanted.
fn merge_calls(
    into: &mut Tallies<(PrincipalId, ActionId)>,
    symbols: &Symbols,
    other: Tallies<(PrincipalId, ActionId)>,
    (names, principals, actions): Maps<'_>,
    wants_rows: bool,
) -> Vec<u32> {
    let mut rows = Vec::new();
    for ((who, what), tally) in other.into_rows() {
        let who = principals.get(place(who.0)).copied().unwrap_or(who);
        let what = actions.get(place(what.0)).copied().unwrap_or(what);
        let place = into.merge((who, what), &tally.renamed(names), symbols);
        rows.extend(wants_rows.then(|| place.row()));
    }
    rows
}

fn cell_renamed(cell: &Cell, names: &Renaming) -> Cell {
    Cell { account: names.opt(cell.account), region: names.opt(cell.region), day: cell.day }
}

/// Adds rows that are new, and returns the number of every row.
fn absorb<T: Copy + Eq + std::hash::Hash>(into: &mut Vec<T>, from: Vec<T>, renamed: impl Fn(&T) -> T) -> Vec<u32> {
    let mut known = Index::default();
    for (number, row) in (0u32..).zip(into.iter()) {
        known.insert(known.tag(row), number);
    }
    from.into_iter()
        .map(|row| {
            let row = renamed(&row);
            let tag = known.tag(&row);
            known.find(tag, |number| into.get(place(number)) == Some(&row)).unwrap_or_else(|| {
                let number = id_of(into.len());
                into.push(row);
                known.insert(tag, number);
                number
            })
        })
        .collect()
}

/// Keeps the first defects by object and index, so that which ones are kept does not depend on who found them. Objects
/// and folders that could not be opened go before all others: thousands of bad records must not hide that.
pub fn keep_first_defects(defects: &mut Vec<Defect>) {
    let is_inside = |defect: &Defect| defect.kind != DefectKind::Unreadable || defect.index.is_some();
    defects.sort_unstable_by(|a, b| (is_inside(a), a).cmp(&(is_inside(b), b)));
    defects.truncate(MAX_DEFECTS);
}
