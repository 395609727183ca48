//! Finds the issued session that a principal is: by key where something besides agrees, else by what the key's owner is.

use crate::model::arn;
use crate::model::chain::Link;
use crate::model::chain::LinkKind;
use crate::model::chain::Session;
use crate::model::chain::SessionId;
use crate::model::observations::Map;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::time::Timestamp;
use crate::model::width::id_of;
use crate::model::width::place;

use super::by_id::ById;
use super::lists::CREATION_TOLERANCE;
use super::lists::Fit;
use super::lists::Lists;
use super::order::compare;

/// What was found for a principal.
pub(super) enum Found {
    One(SessionId, Link),
    Several(Fit),
    None,
}

/// Each principal's session, and why it is that one.
pub(super) type Places = ById<PrincipalId, Option<(SessionId, Link)>>;

/// Sessions, by the ways in which a principal may be found among them.
#[derive(Debug, Default)]
pub(super) struct Finder {
    pub(super) sessions: Vec<Session>,
    pub(super) lists: Lists,
    /// Lists by key, and by key and principal id: in redacted logs all sessions have one key.
    by_key: Map<Sym, u32>,
    by_key_and_principal: Map<(Sym, Option<Sym>), u32>,
    by_principal: Map<Sym, u32>,
    /// Sessions whose issuance does not say their principal id (services, before 2025).
    by_role: Map<(Sym, Sym), u32>,
}

impl Finder {
    /// Takes in issued sessions.
    pub(super) fn new(sessions: Vec<Session>, symbols: &Symbols) -> Self {
        let mut finder = Self { sessions, ..Self::default() };
        let mut ids: Vec<SessionId> = (0..id_of(finder.sessions.len())).map(SessionId).collect();
        // Every list is in order of issue, which is what finding in them rests on.
        ids.sort_by(|a, b| compare(finder.session(*a), finder.session(*b), symbols));
        let Self { sessions, lists, by_key, by_key_and_principal, by_principal, by_role } = &mut finder;
        for id in ids {
            let Some(session) = sessions.get(place(id.0)) else { continue };
            let put = |list: &mut u32, lists: &mut Lists| lists.push(*list, id, session);
            if let Some(key) = session.access_key {
                put(by_key.entry(key).or_insert_with(|| lists.open()), lists);
                put(by_key_and_principal.entry((key, session.principal_id)).or_insert_with(|| lists.open()), lists);
            }
            if let Some(principal) = session.principal_id {
                put(by_principal.entry(principal).or_insert_with(|| lists.open()), lists);
            } else if let Some(role) = session.role_arn.zip(session.session_name) {
                put(by_role.entry(role).or_insert_with(|| lists.open()), lists);
            }
        }
        let mut asked: Vec<u32> = by_principal.values().chain(by_role.values()).copied().collect();
        asked.sort_unstable();
        for list in asked {
            #[expect(clippy::indexing_slicing, reason = "ids are only given to sessions of this finder")]
            lists.by_duration(list, |id| &sessions[place(id.0)]);
        }
        finder
    }

    /// Adds a session that is nobody's candidate.
    pub(super) fn add(&mut self, session: Session) -> SessionId {
        let id = SessionId(id_of(self.sessions.len()));
        self.sessions.push(session);
        id
    }

    /// Finds the issued session that a principal is. By key, if nothing contradicts and something besides agrees: key
    /// ids are not unique. Else by principal id and creation time, which services, console switches and Identity
    /// Center keep. Else by principal id inside the validity window.
    pub(super) fn find(&self, principal: &Principal, span: Option<(Timestamp, Timestamp)>, symbols: &Symbols) -> Found {
        let with_key = self.with_key(principal);
        let agreeing: Vec<(SessionId, Agreement)> = with_key
            .filter_map(|id| Some((id, self.agreement(id, principal, symbols)?)))
            .filter(|(_, agreement)| agreement.principal || agreement.role || agreement.creation)
            .collect();
        match agreeing.as_slice() {
            [] => {}
            [(id, agreement)] => return Found::One(*id, agreement.link()),
            several => return Found::Several(Fit::Scattered(several.iter().map(|(id, _)| *id).collect())),
        }
        let same = self.same_principal(principal, symbols);
        let (fit, matched_on): (Fit, &'static [&'static str]) = match (principal.created, span) {
            (Some(created), _) => (self.nearest(&same, created), &["principal_id", "creation_time"]),
            (None, Some(span)) => (self.valid(&same, span), &["principal_id", "validity_window"]),
            (None, None) => return Found::None,
        };
        let kind = if principal.created.is_some() { LinkKind::Strong } else { LinkKind::Probable };
        match self.lists.first_two(&fit) {
            (None, _) => Found::None,
            (Some(only), None) => Found::One(only, Link::new(kind, matched_on)),
            (Some(_), Some(_)) => Found::Several(fit),
        }
    }

    /// Returns the issued sessions of a principal's key, without those that another principal id or another time of
    /// creation rules out.
    fn with_key(&self, principal: &Principal) -> impl Iterator<Item = SessionId> {
        let lists: Vec<u32> = match (principal.access_key, principal.principal_id) {
            (Some(key), Some(id)) => {
                [Some(id), None].iter().filter_map(|id| self.by_key_and_principal.get(&(key, *id))).copied().collect()
            }
            (Some(key), None) => self.by_key.get(&key).copied().into_iter().collect(),
            (None, _) => Vec::new(),
        };
        lists
            .into_iter()
            .flat_map(move |list| {
                let all = self.lists.all(list);
                let Some(created) = principal.created else { return [all, &[]] };
                // Those whose time is not known come first.
                let untimed = all.partition_point(|id| self.session(*id).issued.is_none());
                let near = (created.plus(-CREATION_TOLERANCE), created.plus(CREATION_TOLERANCE));
                let near = self.lists.issued(list, near, |id| self.session(id));
                [all.get(..untimed).unwrap_or_default(), self.lists.run(near)]
            })
            .flatten()
            .copied()
    }

    /// Returns the lists of the same principal id, and of those whose issuance does not say it but has the same role and
    /// session name.
    fn same_principal(&self, principal: &Principal, symbols: &Symbols) -> Vec<u32> {
        let by_id = principal.principal_id.and_then(|id| self.by_principal.get(&id));
        let name = symbols.opt(principal.principal_id).and_then(|id| id.split_once(':')).map(|(_, name)| name);
        let role = principal.issuer_arn.zip(name.and_then(|name| symbols.find(name)));
        let by_role = role.and_then(|role| self.by_role.get(&role));
        by_id.into_iter().chain(by_role).copied().collect()
    }

    /// Returns the sessions issued when the principal was created: in the same second if any, else 2 s around it.
    fn nearest(&self, lists: &[u32], created: Timestamp) -> Fit {
        let issued_within = |seconds: i64| -> Fit {
            let near = (created.plus(-seconds), created.plus(seconds));
            lists.iter().map(|list| self.lists.issued(*list, near, |id| self.session(id))).collect()
        };
        let same_second = issued_within(0);
        let is_none = self.lists.first_two(&same_second).0.is_none();
        if is_none { issued_within(CREATION_TOLERANCE) } else { same_second }
    }

    /// Returns the sessions that were valid from one moment to another.
    fn valid(&self, lists: &[u32], span: (Timestamp, Timestamp)) -> Fit {
        lists.iter().flat_map(|list| self.lists.valid(*list, span, |id| self.session(id))).collect()
    }

    #[expect(clippy::indexing_slicing, reason = "ids are only given to sessions of this finder")]
    fn session(&self, id: SessionId) -> &Session {
        &self.sessions[place(id.0)]
    }

    #[expect(clippy::indexing_slicing, reason = "ids are only given to sessions of this finder")]
    pub(super) fn session_mut(&mut self, id: SessionId) -> &mut Session {
        &mut self.sessions[place(id.0)]
    }

    /// Compares a principal with a session that issued its key. `None` when they contradict each other.
    fn agreement(&self, id: SessionId, principal: &Principal, symbols: &Symbols) -> Option<Agreement> {
        let session = self.session(id);
        let same_principal = session.principal_id.zip(principal.principal_id).map(|(a, b)| a == b);
        let same_creation =
            session.issued.zip(principal.created).map(|(a, b)| a.distance(b) <= CREATION_TOLERANCE.unsigned_abs());
        let same_role = session
            .role_arn
            .zip(principal.issuer_arn)
            .map(|(a, b)| a == b || arn::is_same_role(symbols.get(a), symbols.get(b)));
        if [same_principal, same_creation, same_role].contains(&Some(false)) {
            return None;
        }
        Some(Agreement {
            principal: same_principal == Some(true),
            creation: same_creation == Some(true),
            role: same_role == Some(true),
        })
    }
}

/// What agrees besides the key.
#[derive(Clone, Copy, Debug)]
struct Agreement {
    principal: bool,
    creation: bool,
    role: bool,
}

impl Agreement {
    fn link(self) -> Link {
        let Self { principal, creation, role } = self;
        match (principal, creation, role) {
            (true, true, _) => Link::new(LinkKind::Exact, &["access_key", "principal_id", "creation_time"]),
            (false, true, true) => Link::new(LinkKind::Exact, &["access_key", "role", "creation_time"]),
            (true, false, _) => Link::new(LinkKind::Strong, &["access_key", "principal_id"]),
            (false, true, false) => Link::new(LinkKind::Strong, &["access_key", "creation_time"]),
            (false, false, _) => Link::new(LinkKind::Strong, &["access_key", "role"]),
        }
    }
}
