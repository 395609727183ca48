//! Principals and actions by number. Callers act in bursts, so the last raw identities are remembered and compared as
//! bytes: parsing JSON is the exception.

use std::hash::BuildHasher as _;
use std::hash::Hasher as _;

use rapidhash::fast::RandomState;

use crate::model::arn;
use crate::model::index::Index;
use crate::model::observations::Action;
use crate::model::observations::ActionId;
use crate::model::observations::Contact;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::principal::SlotId;
use crate::model::principal_key::principal_bytes;
use crate::model::principal_key::principal_key;
use crate::model::record::Record;
use crate::model::symbols::Symbols;
use crate::model::tallies::Place;
use crate::model::time::Timestamp;
use crate::model::width::id_of;
use crate::model::width::place;
use crate::parse;

/// How many raw identities are remembered: about a megabyte.
const REMEMBERED: usize = 2_048;

/// Bytes at the front of an identity that are hashed to find it again.
const HEAD: usize = 256;

/// Bytes at its end that are hashed, too.
const TAIL: usize = 64;

/// Seconds in a quarter of an hour: the shortest that a session can live.
const QUARTER: i64 = 15 * 60;

/// How many actions are remembered.
const ACTIONS: usize = 4_096;

/// Numbers principals.
pub(super) struct PrincipalCache {
    remembered: Vec<Remembered>,
    /// The principals by what they are.
    index: Index,
    /// The hash of what each says, by its number.
    hashes: Vec<u64>,
    hasher: RandomState,
    /// Where the identity of the last record is remembered.
    last: usize,
    /// The day, account and region of the records that come, in runs that remember.
    pub(super) slot: Option<SlotId>,
}

#[derive(Clone, Default)]
struct Remembered {
    raw: String,
    from_console: bool,
    slot: Option<SlotId>,
    principal: Option<Known>,
}

/// What is known of a raw identity.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// The number of the principal.
    pub(super) id: PrincipalId,
    /// A hash of what it says that is the same for all workers.
    pub(super) hash: u64,
    /// What is wrong with the raw identity.
    pub(super) fault: Option<&'static str>,
    /// It is a role session of another account: all that its records say of it is its principal id.
    pub(super) is_from_afar: bool,
}

impl Default for PrincipalCache {
    fn default() -> Self {
        Self {
            remembered: vec![Remembered::default(); REMEMBERED],
            index: Index::default(),
            hashes: Vec::new(),
            hasher: RandomState::new(),
            last: 0,
            slot: None,
        }
    }
}

impl PrincipalCache {
    /// Returns what is known of a record's principal.
    pub(super) fn intern(&mut self, record: &Record<'_>, observations: &mut Observations) -> Known {
        let raw = record.user_identity.unwrap_or_default();
        if let Some(known) = self.known(self.last, raw, record.from_console) {
            return known;
        }
        self.last = usize::try_from(self.slot_hash(raw.as_bytes())).unwrap_or_default() % REMEMBERED;
        self.known(self.last, raw, record.from_console).unwrap_or_else(|| self.read(raw, record, observations))
    }

    #[inline]
    fn known(&self, slot: usize, raw: &str, from_console: bool) -> Option<Known> {
        let remembered = self.remembered.get(slot)?;
        let is_same = remembered.from_console == from_console && remembered.slot == self.slot && remembered.raw == raw;
        remembered.principal.filter(|_| is_same)
    }

    #[inline(never)]
    fn read(&mut self, raw: &str, record: &Record<'_>, observations: &mut Observations) -> Known {
        let (identity, fault) = record.user_identity.map(parse::identity_and_fault).unwrap_or_default();
        let mut principal = of_identity(&identity, record.from_console, &mut observations.symbols);
        principal.slot = self.slot;
        let (id, hash) = self.number(principal, observations);
        let id_text = observations.symbols.opt(principal.principal_id);
        let is_from_afar =
            principal.kind == PrincipalKind::AwsAccount && id_text.is_some_and(|text| text.contains(':'));
        let known = Known { id, hash, fault, is_from_afar };
        if let Some(slot) = self.remembered.get_mut(self.last) {
            slot.raw.clear();
            slot.raw.push_str(raw);
            slot.from_console = record.from_console;
            slot.slot = self.slot;
            slot.principal = Some(known);
        }
        known
    }

    /// Returns a principal of another account as of the time of its call: many sessions share a principal id, and when they
    /// called is all that tells them apart.
    pub(super) fn at_time(&mut self, known: Known, record: &Record<'_>, observations: &mut Observations) -> Known {
        let Some(principal) = observations.principals.get(place(known.id.0)).copied() else { return known };
        let called = record.event_time.map(|time| Timestamp(time.0.div_euclid(QUARTER) * QUARTER));
        let (id, hash) = self.number(Principal { called, ..principal }, observations);
        Known { id, hash, ..known }
    }

    /// Hashes what tells identities apart: who and which key stand at the front, since when stands at the end. What is
    /// between (the issuing role) follows from these, and hashing it would take half the time.
    fn slot_hash(&self, raw: &[u8]) -> u64 {
        let mut hash = self.hasher.build_hasher();
        match (raw.first_chunk::<HEAD>(), raw.last_chunk::<TAIL>()) {
            (Some(head), Some(tail)) => {
                hash.write(head);
                hash.write(tail);
            }
            _ => hash.write(raw),
        }
        hash.finish()
    }

    fn number(&mut self, principal: Principal, observations: &mut Observations) -> (PrincipalId, u64) {
        let principals = &mut observations.principals;
        let tag = self.index.tag(&principal);
        if let Some(number) = self.index.find(tag, |number| principals.get(place(number)) == Some(&principal)) {
            return (PrincipalId(number), self.hashes.get(place(number)).copied().unwrap_or_default());
        }
        let number = id_of(principals.len());
        let hash = hash_of(&principal, &observations.symbols, principal.slot.is_some());
        principals.push(principal);
        self.hashes.push(hash);
        self.index.insert(tag, number);
        (PrincipalId(number), hash)
    }
}

/// Hashes what a principal says, its slot left out. Every worker must find the same number; one that is to last is compared
/// with what is remembered, and made by a recipe that never changes.
pub(super) fn hash_of(principal: &Principal, symbols: &Symbols, is_lasting: bool) -> u64 {
    if is_lasting {
        principal_key(principal, symbols).first_chunk().map_or(0, |head| u64::from_le_bytes(*head))
    } else {
        rapidhash::v3::rapidhash_v3(&principal_bytes(principal, symbols))
    }
}

/// Reads who called: from the JSON of `userIdentity`, and whether the console made the credentials.
pub fn principal(raw: &str, from_console: bool, symbols: &mut Symbols) -> Principal {
    of_identity(&parse::identity(raw).unwrap_or_default(), from_console, symbols)
}

fn of_identity(identity: &parse::Identity<'_>, from_console: bool, symbols: &mut Symbols) -> Principal {
    let mut intern = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(|text| symbols.intern(text));
    let mut principal = Principal {
        kind: identity.kind.as_deref().map_or(PrincipalKind::Unknown, PrincipalKind::parse),
        principal_id: intern(&identity.principal_id),
        arn: intern(&identity.arn),
        account: intern(&identity.account_id),
        access_key: intern(&identity.access_key_id),
        user_name: intern(&identity.user_name),
        invoked_by: intern(&identity.invoked_by),
        identity_provider: intern(&identity.identity_provider),
        issuer_arn: intern(&identity.issuer_arn),
        issuer_id: intern(&identity.issuer_principal_id),
        federated_provider: intern(&identity.federated_provider),
        federated_subject: intern(&identity.federated_subject),
        federated_audience: intern(&identity.federated_audience),
        created: identity.created,
        mfa: identity.mfa,
        source_identity: intern(&identity.source_identity),
        assumed_root: identity.assumed_root == Some(true),
        on_behalf_of: intern(&identity.on_behalf_of),
        issued_to: intern(&identity.issued_to),
        delegate: intern(&identity.delegate),
        from_console,
        called: None,
        slot: None,
    };
    if principal.kind == PrincipalKind::Unknown {
        principal.kind = kind_by_arn(&principal, symbols);
    }
    principal
}

/// Says what a principal without a (known) type is, by its ARN. Real records leave the type out.
fn kind_by_arn(principal: &Principal, symbols: &Symbols) -> PrincipalKind {
    let resource = symbols.opt(principal.arn).and_then(arn::resource).unwrap_or_default();
    match resource.split('/').next() {
        Some("assumed-role") => PrincipalKind::AssumedRole,
        Some("user") => PrincipalKind::IamUser,
        Some("federated-user") => PrincipalKind::FederatedUser,
        Some("root") => PrincipalKind::Root,
        Some("role") => PrincipalKind::Role,
        _ if principal.invoked_by.is_some() => PrincipalKind::AwsService,
        _ => PrincipalKind::Unknown,
    }
}

/// Numbers actions.
pub(super) struct ActionCache {
    remembered: Vec<Option<ActionId>>,
    numbers: Map<Action, ActionId>,
    hasher: RandomState,
}

impl Default for ActionCache {
    fn default() -> Self {
        Self { remembered: vec![None; ACTIONS], numbers: Map::default(), hasher: RandomState::new() }
    }
}

impl ActionCache {
    /// Returns the number of what a record did.
    #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the number of slots is a slot")]
    pub(super) fn intern(&mut self, record: &Record<'_>, symbols: &mut Symbols, actions: &mut Vec<Action>) -> ActionId {
        let source = record.event_source.as_deref();
        let name = record.event_name.as_deref();
        let error_code = record.error_code.as_deref();
        let mut hash = self.hasher.build_hasher();
        for part in [source, name, error_code] {
            hash.write(part.unwrap_or_default().as_bytes());
        }
        let slot = usize::try_from(hash.finish()).unwrap_or_default() % ACTIONS;
        let known = self.remembered[slot].filter(|id| {
            let action = actions.get(place(id.0));
            action.is_some_and(|action| {
                symbols.opt(action.name) == name
                    && symbols.opt(action.source) == source
                    && action.read_only == record.read_only
                    && symbols.opt(action.error_code) == error_code
            })
        });
        if let Some(known) = known {
            return known;
        }
        let action = Action {
            source: source.map(|text| symbols.intern(text)),
            name: name.map(|text| symbols.intern(text)),
            read_only: record.read_only,
            error_code: error_code.map(|text| symbols.intern(text)),
        };
        let id = *self.numbers.entry(action).or_insert_with(|| {
            actions.push(action);
            ActionId(id_of(actions.len() - 1))
        });
        self.remembered[slot] = Some(id);
        id
    }
}

/// Names contacts. A session calls from one address with one client again and again, so the last contact of each
/// principal is compared before anything is looked up.
pub(super) struct ContactCache {
    remembered: Vec<Option<(PrincipalId, Contact, Place)>>,
}

impl Default for ContactCache {
    fn default() -> Self {
        Self { remembered: vec![None; REMEMBERED] }
    }
}

impl ContactCache {
    /// Returns the place of the tally for where a record came from; `find` finds it when it is not remembered.
    #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the number of slots is a slot")]
    pub(super) fn intern(
        &mut self,
        record: &Record<'_>,
        principal: PrincipalId,
        symbols: &mut Symbols,
        find: impl FnOnce(Contact) -> Place,
    ) -> Place {
        let source_ip = record.source_ip.as_deref();
        let user_agent = record.user_agent.as_deref();
        let slot = place(principal.0) % REMEMBERED;
        if let Some((of, contact, place)) = self.remembered[slot]
            && of == principal
            && contact.via_vpc_endpoint == record.via_vpc_endpoint
            && symbols.opt(contact.source_ip) == source_ip
            && symbols.opt(contact.user_agent) == user_agent
        {
            return place;
        }
        let contact = Contact {
            source_ip: source_ip.map(|ip| symbols.intern(ip)),
            user_agent: user_agent.map(|agent| symbols.intern(agent)),
            via_vpc_endpoint: record.via_vpc_endpoint,
        };
        let place = find(contact);
        self.remembered[slot] = Some((principal, contact, place));
        place
    }
}
