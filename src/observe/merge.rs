//! Merging: two sets of observations become one. Commutative and associative in all that they say.

use crate::model::coverage::Defect;
use crate::model::observations::ActionId;
use crate::model::observations::Cell;
use crate::model::observations::Contact;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::observations::Tally;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Renaming;

use super::MAX_DEFECTS;

impl Observations {
    /// Adds what another worker observed. Both must have shared one [`super::Seen`], or have read different records.
    pub fn merge(&mut self, other: Self) {
        let names = self.symbols.absorb(&other.symbols);
        let principals =
            absorb(&mut self.principals, &other.principals, |principal: &Principal| principal.renamed(&names));
        let principals: Vec<PrincipalId> = principals.into_iter().map(PrincipalId).collect();
        let actions = absorb(&mut self.actions, &other.actions, |action| crate::model::observations::Action {
            source: names.opt(action.source),
            name: names.opt(action.name),
            error_code: names.opt(action.error_code),
            ..*action
        });
        let actions: Vec<ActionId> = actions.into_iter().map(ActionId).collect();
        self.merge_tallies(&other, &names, &principals, &actions);
        for mut assumption in other.assumptions {
            assumption.rename(&names, &principals);
            self.assumptions.push(assumption);
        }
        for mut change in other.changes {
            change.rename(&names, &principals);
            self.changes.push(change);
        }
        for (cell, count) in other.cells {
            let cell = Cell { account: names.opt(cell.account), region: names.opt(cell.region), day: cell.day };
            self.cells.entry(cell).or_default().merge(&count);
        }
        self.counts.merge(&other.counts);
        self.defects.extend(other.defects);
        keep_first_defects(&mut self.defects);
    }

    fn merge_tallies(&mut self, other: &Self, names: &Renaming, principals: &[PrincipalId], actions: &[ActionId]) {
        let symbols = &self.symbols;
        let principal = |id: PrincipalId| principals.get(index(id.0)).copied().unwrap_or(id);
        let mut add = |into: &mut Tally, tally: &Tally| into.merge(tally, symbols);
        for ((who, what), tally) in &other.activity {
            let what = actions.get(index(what.0)).copied().unwrap_or(*what);
            insert(&mut self.activity, (principal(*who), what), &tally.renamed(names), &mut add);
        }
        for ((who, contact), tally) in &other.contacts {
            let contact = Contact {
                source_ip: names.opt(contact.source_ip),
                user_agent: names.opt(contact.user_agent),
                via_vpc_endpoint: contact.via_vpc_endpoint,
            };
            insert(&mut self.contacts, (principal(*who), contact), &tally.renamed(names), &mut add);
        }
    }
}

fn insert<K: std::hash::Hash + Eq>(
    map: &mut Map<K, Tally>,
    key: K,
    tally: &Tally,
    add: &mut impl FnMut(&mut Tally, &Tally),
) {
    match map.entry(key) {
        hashbrown::hash_map::Entry::Occupied(mut known) => add(known.get_mut(), tally),
        hashbrown::hash_map::Entry::Vacant(slot) => {
            slot.insert(*tally);
        }
    }
}

/// Adds rows that are new, and returns the number of every row.
fn absorb<T: Copy + Eq + std::hash::Hash>(into: &mut Vec<T>, from: &[T], renamed: impl Fn(&T) -> T) -> Vec<u32> {
    let mut known: Map<T, u32> = (0u32..).zip(into.iter()).map(|(number, row)| (*row, number)).collect();
    from.iter()
        .map(|row| {
            let row = renamed(row);
            *known.entry(row).or_insert_with(|| {
                into.push(row);
                u32::try_from(into.len() - 1).unwrap_or(u32::MAX)
            })
        })
        .collect()
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Keeps the first defects by object and index, so that which ones are kept does not depend on who found them.
pub(super) fn keep_first_defects(defects: &mut Vec<Defect>) {
    defects.sort_unstable();
    defects.truncate(MAX_DEFECTS);
}
