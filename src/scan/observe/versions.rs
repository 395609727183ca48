//! What the original of an addendum may have said: what the addendum says, with everything that its caller is known for in
//! place of the fields that were updated.

use crate::model::addendum::Addendum;
use crate::model::event_id::EventId;
use crate::model::observations::Action;
use crate::model::observations::Contact;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Sym;
use crate::model::width::place;

/// So many versions are tried in all, each for a fingerprint: whoever writes records chooses how many corrections there are,
/// and how many clients a caller has. Where an event has more than its share, both records count.
const MOST_IN_ALL: usize = 65_536;

/// The share that an event has at least: a caller of AWS has a few clients and addresses.
const LEAST: usize = 32;

/// What one record of an event said, as far as it is tallied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Version {
    pub(super) caller: PrincipalId,
    pub(super) action: Action,
    pub(super) contact: Contact,
}

impl Version {
    pub(super) fn of(addendum: &Addendum) -> Self {
        Self { caller: addendum.caller, action: addendum.action, contact: addendum.contact }
    }
}

/// The account in whose log an event stands, and its id.
pub(super) type Name = (Option<Sym>, EventId);

/// The addenda to one event.
pub(super) type Group = (Name, Vec<Addendum>);

/// Which fields of an original may have said something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "five fields, independent of each other")]
struct Free {
    mode: bool,
    error: bool,
    address: bool,
    client: bool,
    endpoint: bool,
}

impl Free {
    /// Reads `updatedFields`. Where it is missing, any field may be meant. Who called what is never one: such a record would
    /// hide the call of another.
    fn of(updated: Option<&str>) -> Self {
        let Some(updated) = updated else {
            let all = true;
            return Self { mode: all, error: all, address: all, client: all, endpoint: all };
        };
        // Names come alone and as paths, such as `userIdentity.sessionContext`.
        let names = |name: &str| {
            updated.split([',', ' ', ';']).any(|part| part.split(['.', '[']).next().unwrap_or_default() == name)
        };
        Self {
            mode: names("readOnly"),
            // What stands for the error code of a failed sign-in comes from these.
            error: names("errorCode") || names("errorMessage") || names("responseElements"),
            address: names("sourceIPAddress"),
            client: names("userAgent"),
            endpoint: names("vpcEndpointId"),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            mode: self.mode || other.mode,
            error: self.error || other.error,
            address: self.address || other.address,
            client: self.client || other.client,
            endpoint: self.endpoint || other.endpoint,
        }
    }

    /// Returns what is fixed of a contact.
    fn contact(self, contact: Contact) -> Contact {
        Contact {
            source_ip: contact.source_ip.filter(|_| !self.address),
            user_agent: contact.user_agent.filter(|_| !self.client),
            via_vpc_endpoint: contact.via_vpc_endpoint && !self.endpoint,
        }
    }

    /// Returns what is fixed of an action.
    fn action(self, action: Action) -> Action {
        Action {
            source: action.source,
            name: action.name,
            read_only: action.read_only.filter(|_| !self.mode),
            error_code: action.error_code.filter(|_| !self.error),
        }
    }
}

/// What tallies have in common that may be of one original.
type Key<T> = (Free, PrincipalId, T);

/// The tallies under each key that is asked for.
type Found<T> = Map<Key<T>, Vec<T>>;

/// Finds the versions that the originals of some addenda may have had.
pub(super) struct Versions;

impl Versions {
    /// Returns them for each group of addenda to one event, of which the first is the one that counts. Every tally is
    /// looked at once, whatever the number of addenda.
    pub(super) fn among(observations: &Observations, groups: &[Group]) -> Vec<Vec<Version>> {
        let symbols = &observations.symbols;
        let most = (MOST_IN_ALL / groups.len().max(1)).max(LEAST);
        let frees: Vec<Free> = groups
            .iter()
            .map(|(_, group)| {
                let each = group.iter().map(|row| Free::of(symbols.opt(row.updated)));
                each.fold(Free::default(), Free::or)
            })
            .collect();
        let keys: Vec<Option<(Key<Contact>, Key<Action>)>> = groups
            .iter()
            .zip(&frees)
            .map(|((_, group), free)| {
                let kept = group.first()?;
                let contact = (*free, kept.caller, free.contact(kept.contact));
                Some((contact, (*free, kept.caller, free.action(kept.action))))
            })
            .collect();
        let contacts = observations.contacts.iter().map(|((who, contact), _)| (*who, *contact));
        let contacts = find(contacts, keys.iter().flatten().map(|(key, _)| *key), Free::contact, most);
        let actions = observations.activity.iter().filter_map(|((who, action), _)| {
            let action = observations.actions.get(place(action.0))?;
            Some((*who, *action))
        });
        let actions = find(actions, keys.iter().flatten().map(|(_, key)| *key), Free::action, most);
        let issued = issued(observations, groups, most);
        let mut all = Vec::with_capacity(groups.len());
        for (((name, group), key), free) in groups.iter().zip(&keys).zip(&frees) {
            let mut versions = issued.get(name).cloned().unwrap_or_default();
            if let (Some(kept), Some((contact, action))) = (group.first(), key) {
                let contacts = contacts.get(contact).map(Vec::as_slice).unwrap_or_default();
                let is_same_action = !(free.mode || free.error);
                let actions = actions.get(action).map(Vec::as_slice).unwrap_or_default();
                versions.extend(combined(kept, contacts, if is_same_action { None } else { Some(actions) }, most));
            }
            all.push(versions);
        }
        all
    }
}

/// Sorts rows under the keys that are asked for.
fn find<T: Copy + Eq + std::hash::Hash>(
    rows: impl Iterator<Item = (PrincipalId, T)>,
    keys: impl Iterator<Item = Key<T>>,
    fixed: impl Fn(Free, T) -> T,
    most: usize,
) -> Found<T> {
    let mut found: Found<T> = keys.map(|key| (key, Vec::new())).collect();
    // There are as many as there are kinds of corrections: a few.
    let frees: Map<Free, ()> = found.keys().map(|(free, _, _)| (*free, ())).collect();
    for (who, what) in rows {
        for free in frees.keys() {
            let key = (*free, who, fixed(*free, what));
            if let Some(list) = found.get_mut(&key).filter(|list| list.len() <= most) {
                list.push(what);
            }
        }
    }
    found
}

/// Says whether an addendum may take the place of a record: it tells of the same call by the same caller, and takes nothing
/// back. Whoever can write one record could hide any other by it.
pub(super) fn may_correct(addendum: &Addendum, caller: PrincipalId, original: Action) -> bool {
    let corrected = addendum.action;
    (addendum.caller, corrected.source, corrected.name) == (caller, original.source, original.name)
        && (corrected.error_code.is_none() || original.error_code.is_some())
        && (corrected.read_only != Some(true) || original.read_only == Some(true))
}

/// Puts together from where and what. `None` when the action is the addendum's.
fn combined(kept: &Addendum, contacts: &[Contact], actions: Option<&[Action]>, most: usize) -> Vec<Version> {
    let tries = contacts.len().saturating_mul(actions.map_or(1, |actions| actions.len() + 1));
    if tries > most {
        return Vec::new();
    }
    let mut versions = Vec::with_capacity(tries);
    for contact in contacts {
        let others = actions.unwrap_or_default().iter().copied();
        let others = others.filter(|action| *action != kept.action && may_correct(kept, kept.caller, *action));
        // Issuances are no activity: what they did stands in their rows alone.
        let all = others.chain([kept.action]);
        versions.extend(all.map(|action| Version { caller: kept.caller, action, contact: *contact }));
    }
    versions
}

/// Returns the versions of events that are rows of their own: attempts to issue a session.
fn issued(observations: &Observations, groups: &[Group], most: usize) -> Map<Name, Vec<Version>> {
    let of_group: Map<_, &Addendum> = groups.iter().filter_map(|(name, group)| Some((*name, group.first()?))).collect();
    let mut issued: Map<_, Vec<Version>> = Map::default();
    for row in &observations.assumptions {
        let Some(name) = row.event_id.map(|id| (row.recipient_account, id)) else { continue };
        let Some(kept) = of_group.get(&name) else { continue };
        let versions = issued.entry(name).or_default();
        // Rows come in no order yet: all that there are, or none.
        if versions.len() > most {
            continue;
        }
        for via_vpc_endpoint in [false, true] {
            let contact = Contact { source_ip: row.source_ip, user_agent: row.user_agent, via_vpc_endpoint };
            let action = Action { error_code: row.error_code, ..kept.action };
            if !may_correct(kept, row.caller, action) {
                continue;
            }
            let version = Version { caller: row.caller, action, contact };
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
    }
    issued.retain(|_, versions| versions.len() <= most);
    issued
}
