//! Finds the issued session that a principal is: by key where something besides agrees, else by what the key's owner is.

use crate::model::arn;
use crate::model::chain::Link;
use crate::model::chain::LinkKind;
use crate::model::chain::Session;
use crate::model::chain::SessionId;
use crate::model::observations::Map;
use crate::model::principal::Principal;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::time::HOUR;
use crate::model::time::LONGEST_SESSION;
use crate::model::time::Timestamp;
use crate::model::width::id_of;
use crate::model::width::place;

/// How long a role session may live when its record does not say: 12 hours.
const LONGEST_ROLE_SESSION: i64 = 12 * HOUR;

/// Clocks of the issuing event and of `creationDate` may round differently (0 s in all real pairs seen).
pub(super) const CREATION_TOLERANCE: i64 = 2;

/// Returns the part of a list, which is in order of issue, that was issued between two moments, both included.
///
/// The default session name makes one principal id out of a hundred thousand sessions: they are never walked.
fn issued_in<'b>(
    list: &'b [SessionId],
    (from, to): (Timestamp, Timestamp),
    session: impl Fn(SessionId) -> &'b Session,
) -> &'b [SessionId] {
    let start = list.partition_point(|id| session(*id).issued < Some(from));
    let end = list.partition_point(|id| session(*id).issued <= Some(to));
    list.get(start..end).unwrap_or_default()
}

/// Returns the sessions of a list, which is in order of issue, that were valid from one moment to another.
pub(super) fn valid_in<'b>(
    sessions: &'b [SessionId],
    (first, last): (Timestamp, Timestamp),
    session: impl Fn(SessionId) -> &'b Session + Copy + 'b,
) -> impl Iterator<Item = SessionId> + 'b {
    let issued = issued_in(sessions, (last.plus(-LONGEST_SESSION), first), session);
    issued.iter().copied().filter(move |id| {
        let session = session(*id);
        let end = session.expires.or_else(|| session.issued.map(|issued| issued.plus(LONGEST_ROLE_SESSION)));
        end.is_some_and(|end| last <= end.plus(CREATION_TOLERANCE))
    })
}

/// What was found for a principal.
pub(super) enum Found {
    One(SessionId, Link),
    Several(Vec<SessionId>),
    None,
}

/// Sessions, by the ways in which a principal may be found among them.
#[derive(Debug, Default)]
pub(super) struct Finder {
    pub(super) sessions: Vec<Session>,
    by_key: Map<Sym, Vec<SessionId>>,
    by_principal: Map<Sym, Vec<SessionId>>,
    /// Sessions whose issuance does not say their principal id (services, before 2025).
    by_role: Map<(Sym, Sym), Vec<SessionId>>,
}

impl Finder {
    pub(super) fn add(&mut self, session: Session) -> SessionId {
        let id = SessionId(id_of(self.sessions.len()));
        if session.issuance.is_some() {
            if let Some(key) = session.access_key {
                self.by_key.entry(key).or_default().push(id);
            }
            if let Some(principal) = session.principal_id {
                self.by_principal.entry(principal).or_default().push(id);
            } else if let Some(role) = session.role_arn.zip(session.session_name) {
                self.by_role.entry(role).or_default().push(id);
            }
        }
        self.sessions.push(session);
        id
    }

    /// Puts every list in order of issue, which is what finding in them rests on.
    pub(super) fn order(&mut self) {
        let Self { sessions, by_key, by_principal, by_role } = self;
        for list in by_key.values_mut().chain(by_principal.values_mut()).chain(by_role.values_mut()) {
            list.sort_by_key(|id| sessions.get(place(id.0)).and_then(|session| session.issued));
        }
    }

    /// Finds the issued session that a principal is. By key, if nothing contradicts and something besides agrees: key
    /// ids are not unique. Else by principal id and creation time, which services, console switches and Identity
    /// Center keep. Else by principal id inside the validity window.
    pub(super) fn find(&self, principal: &Principal, span: Option<(Timestamp, Timestamp)>, symbols: &Symbols) -> Found {
        let with_key = principal.access_key.and_then(|key| self.by_key.get(&key)).into_iter().flatten();
        let agreeing: Vec<(SessionId, Agreement)> = with_key
            .filter_map(|id| Some((*id, self.agreement(*id, principal, symbols)?)))
            .filter(|(_, agreement)| agreement.principal || agreement.role || agreement.creation)
            .collect();
        match agreeing.as_slice() {
            [] => {}
            [(id, agreement)] => return Found::One(*id, agreement.link()),
            several => return Found::Several(several.iter().map(|(id, _)| *id).collect()),
        }
        let same = self.same_principal(principal, symbols);
        let (candidates, matched_on): (Vec<SessionId>, &'static [&'static str]) = match (principal.created, span) {
            (Some(created), _) => (self.nearest(same, created), &["principal_id", "creation_time"]),
            (None, Some(span)) => {
                let valid = same.into_iter().flat_map(|sessions| valid_in(sessions, span, |id| self.session(id)));
                (valid.collect(), &["principal_id", "validity_window"])
            }
            (None, None) => (Vec::new(), &[]),
        };
        let kind = if principal.created.is_some() { LinkKind::Strong } else { LinkKind::Probable };
        match candidates.as_slice() {
            [] => Found::None,
            [only] => Found::One(*only, Link::new(kind, matched_on)),
            _ => Found::Several(candidates),
        }
    }

    /// Returns the sessions of the same principal id, and those whose issuance does not say it but has the same role and
    /// session name. Each list is in order of issue.
    fn same_principal(&self, principal: &Principal, symbols: &Symbols) -> [&[SessionId]; 2] {
        let by_id = principal.principal_id.and_then(|id| self.by_principal.get(&id));
        let name = symbols.opt(principal.principal_id).and_then(|id| id.split_once(':')).map(|(_, name)| name);
        let role = principal.issuer_arn.zip(name.and_then(|name| symbols.find(name)));
        let by_role = role.and_then(|role| self.by_role.get(&role));
        [by_id, by_role].map(|list| list.map(Vec::as_slice).unwrap_or_default())
    }

    /// Returns the sessions issued when the principal was created: in the same second if any, else 2 s around it.
    fn nearest(&self, lists: [&[SessionId]; 2], created: Timestamp) -> Vec<SessionId> {
        let issued_within = |seconds: i64| -> Vec<SessionId> {
            let near = |list| issued_in(list, (created.plus(-seconds), created.plus(seconds)), |id| self.session(id));
            lists.into_iter().flat_map(near).copied().collect()
        };
        let same_second = issued_within(0);
        if same_second.is_empty() { issued_within(CREATION_TOLERANCE) } else { same_second }
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
