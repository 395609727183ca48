//! Settles addenda: where CloudTrail delivered an event again, corrected, the corrected record counts, and nothing else.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::model::addendum;
use crate::model::addendum::Addendum;
use crate::model::event_id::EventId;
use crate::model::observations::Action;
use crate::model::observations::ActionId;
use crate::model::observations::Cell;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::record::Record;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::tallies::Mark;
use crate::model::width::id_of;
use crate::model::width::place;

use super::intern;
use super::refused;
use super::seen;
use super::seen::Seen;
use super::versions;
use super::versions::Group;
use super::versions::Name;
use super::versions::Version;
use super::versions::Versions;

/// Takes the records for which others stand in out of what was tallied. `seen` remembers every record of the run.
///
/// Tallies do not say which events they count, and what an event says is not kept. But an original says what its addendum
/// says, but for the fields that the addendum calls updated; and what these said stands among the tallies. So the versions
/// that may have been are tried, and the fingerprints tell which of them was. An original that is not there takes nothing
/// out. Assumptions and changes are rows with an id, of which correlation leaves the corrected one.
pub fn amend(observations: &mut Observations, seen: &Seen<'_>) {
    let addenda = std::mem::take(&mut observations.addenda);
    if addenda.is_empty() {
        return;
    }
    let pairs: Vec<(Option<Name>, Name)> =
        addenda.iter().map(|row| (row.event_id.map(|own| (row.account, own)), (row.account, row.original))).collect();
    let replaced = addendum::replaced(&pairs);
    let mut groups: Map<Name, Vec<Addendum>> = Map::default();
    for row in addenda {
        let name = (row.account, row.original);
        if replaced.contains(&name) {
            groups.entry(name).or_default().push(row);
        }
    }
    let mut groups: Vec<Group> = groups.into_iter().collect();
    for (_, group) in &mut groups {
        // The one that counts comes first.
        group.sort_unstable_by(|a, b| order(b, a, &observations.symbols));
    }
    let refused = refused::refused(observations, &groups);
    groups.retain(|(name, _)| !refused.contains(name));
    let versions = Versions::among(observations, &groups);
    let actions = observations.actions.iter().enumerate();
    let numbers: Map<Action, ActionId> = actions.map(|(at, action)| (*action, ActionId(id_of(at)))).collect();
    let mut taken: Map<(Name, Version), u32> = Map::default();
    let mut emptied: Vec<Version> = Vec::new();
    let mut buffer = Vec::new();
    for ((name, group), versions) in groups.iter().zip(versions) {
        let Some(kept) = group.first() else { continue };
        let kept_version = Version::of(kept);
        let own = kept.event_id.map(|id| (kept.account, id));
        let others = group.iter().filter(|row| versions::may_correct(kept, row.caller, row.action));
        let others = others.filter_map(|row| Some(((row.account, row.event_id?), Version::of(row))));
        let all = versions.into_iter().map(|version| (*name, version)).chain(others).chain(own.zip(Some(kept_version)));
        for (of, version) in all {
            // Of the version that is kept, one record stays.
            let stays = u32::from(own == Some(of) && version == kept_version);
            let already = taken.entry((of, version)).or_default();
            let found = count(observations, seen, kept, of.1, &version, &mut buffer);
            let more = found.saturating_sub(stays).saturating_sub(*already);
            *already += more;
            if more > 0 {
                emptied.push(version);
                take_out(observations, &numbers, (kept, of.1, &version), more);
            }
        }
    }
    drop_empty(observations, &numbers, &emptied);
}

/// Orders two addenda to one event, so that the last one counts: the one delivered last; where nothing tells, by what they
/// say, so that the choice depends on no order.
fn order(a: &Addendum, b: &Addendum, symbols: &Symbols) -> Ordering {
    let texts = |row: &Addendum| {
        let texts = [row.updated, row.contact.source_ip, row.contact.user_agent, row.action.error_code];
        (row.event_id.map(|id| id.text(symbols)), texts.map(|sym| symbols.opt(sym)), row.action.read_only)
    };
    addendum::by_delivery(a.object, b.object, symbols)
        .then_with(|| texts(a).cmp(&texts(b)))
        // Copies say the same, and the one in the first object by name is the evidence.
        .then_with(|| symbols.get(b.object).cmp(symbols.get(a.object)))
}

/// Returns how many records of a version of an event were counted.
fn count(
    observations: &Observations,
    seen: &Seen<'_>,
    addendum: &Addendum,
    id: EventId,
    version: &Version,
    buffer: &mut Vec<u8>,
) -> u32 {
    let symbols = &observations.symbols;
    let Some(principal) = observations.principals.get(place(version.caller.0)) else { return 0 };
    let id = id.text(symbols);
    let text = |sym: Option<Sym>| symbols.opt(sym).map(Into::into);
    let record = Record {
        event_id: Some(id.into()),
        event_time: addendum.time,
        region: text(addendum.region),
        recipient_account: text(addendum.account),
        event_source: text(version.action.source),
        event_name: text(version.action.name),
        error_code: text(version.action.error_code),
        read_only: version.action.read_only,
        source_ip: text(version.contact.source_ip),
        user_agent: text(version.contact.user_agent),
        via_vpc_endpoint: version.contact.via_vpc_endpoint,
        ..Record::default()
    };
    let day = day(addendum);
    seen.recall(day);
    let (account, region) = (record.recipient_account.as_deref(), record.region.as_deref());
    let neighborhood = seen::at_hour(seen::neighborhood(account, region, day), addendum.time);
    let hash = intern::hash_of(principal, symbols, seen.is_lasting());
    seen.count(&record, neighborhood, hash, buffer)
}

fn day(addendum: &Addendum) -> Option<i32> {
    addendum.time.and_then(|time| i32::try_from(time.day()).ok())
}

/// Takes records of a version out of every count.
fn take_out(
    observations: &mut Observations,
    numbers: &Map<Action, ActionId>,
    (addendum, id, version): (&Addendum, EventId, &Version),
    records: u32,
) {
    let mark = Mark::new(addendum.time, addendum.object, addendum.event_id);
    let Observations { symbols, activity, contacts, cells, counts, .. } = observations;
    let row = numbers.get(&version.action).and_then(|action| activity.find((version.caller, *action)));
    if let Some(tally) = row.and_then(|row| activity.at(row)) {
        tally.uncount(records);
        tally.name_instead(id, &mark);
    }
    let row = contacts.find((version.caller, version.contact));
    if let Some(tally) = row.and_then(|row| contacts.at(row)) {
        tally.uncount(records);
        tally.name_instead(id, &mark);
    }
    let cell = Cell { account: addendum.account, region: addendum.region, day: day(addendum) };
    let records = u64::from(records);
    if let Some(count) = cells.get_mut(&cell) {
        let is_sts = symbols.opt(version.action.source) == Some(super::STS);
        count.records = count.records.saturating_sub(records);
        count.read_only -= count.read_only.min(if version.action.read_only == Some(true) { records } else { 0 });
        count.sts -= count.sts.min(if is_sts { records } else { 0 });
    }
    let moved = records.min(counts.unique);
    counts.unique -= moved;
    counts.duplicate += moved;
}

/// Drops the tallies that records were taken out of, where they count nothing any more.
fn drop_empty(observations: &mut Observations, numbers: &Map<Action, ActionId>, taken: &[Version]) {
    let actions: HashSet<_> =
        taken.iter().filter_map(|version| Some((version.caller, *numbers.get(&version.action)?))).collect();
    let places: HashSet<_> = taken.iter().map(|version| (version.caller, version.contact)).collect();
    let Observations { symbols, activity, contacts, .. } = observations;
    for (key, tally) in std::mem::take(activity).into_rows() {
        if tally.count() > 0 || !actions.contains(&key) {
            activity.merge(key, &tally, symbols);
        }
    }
    for (key, tally) in std::mem::take(contacts).into_rows() {
        if tally.count() > 0 || !places.contains(&key) {
            contacts.merge(key, &tally, symbols);
        }
    }
}
