//! Corrections that are refused: they would hide a session or a change that their originals tell of.

use std::collections::HashSet;

use crate::model::correction;
use crate::model::event_id::EventId;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::symbols::Sym;

use super::versions::Group;
use super::versions::Name;

/// One row of a table of records.
struct Row<'o, T> {
    name: Name,
    amends: Option<EventId>,
    object: Sym,
    record: &'o T,
}

/// Returns the originals among the assumptions and changes whose corrections are refused.
pub(super) fn refused(observations: &Observations, groups: &[Group]) -> HashSet<Name> {
    let assumptions = observations.assumptions.iter().filter_map(|row| {
        let amends = row.extra.as_deref().and_then(|extra| extra.amends);
        Some(Row { name: (row.recipient_account, row.event_id?), amends, object: row.object, record: row })
    });
    let changes = observations.changes.iter().filter_map(|row| {
        Some(Row { name: (row.account, row.event_id?), amends: row.amends, object: row.object, record: row })
    });
    let mut all = HashSet::new();
    among(assumptions, groups, |new, old| correction::may_correct(new, old, observations), &mut all);
    among(changes, groups, |new, old| correction::may_correct_change(new, old, observations), &mut all);
    all
}

fn among<'o, T: 'o>(
    rows: impl Iterator<Item = Row<'o, T>>,
    groups: &[Group],
    may_correct: impl Fn(&T, &T) -> bool,
    all: &mut HashSet<Name>,
) {
    let mut found: Map<Name, Vec<Row<'o, T>>> = Map::default();
    let kept = groups.iter().filter_map(|(name, group)| Some((*name, group.first()?)));
    for (name, kept) in kept.clone() {
        let own = kept.event_id.map(|id| (kept.account, id));
        found.extend([Some(name), own].into_iter().flatten().map(|name| (name, Vec::new())));
    }
    for row in rows {
        if let Some(rows) = found.get_mut(&row.name) {
            rows.push(row);
        }
    }
    for (name, kept) in kept {
        let rows = |name: Option<Name>| name.and_then(|name| found.get(&name)).map(Vec::as_slice).unwrap_or_default();
        let own = rows(kept.event_id.map(|id| (kept.account, id)));
        let corrected = own.iter().find(|row| row.amends == Some(name.1) && row.object == kept.object);
        let hides = |corrected: &Row<'_, T>| {
            // What it corrects may be a correction itself, and bear the id of what it corrects.
            let mut others = rows(Some(name)).iter().filter(|row| !std::ptr::eq(row.record, corrected.record));
            others.any(|other| !may_correct(corrected.record, other.record))
        };
        if corrected.is_some_and(hides) {
            all.insert(name);
        }
    }
}
