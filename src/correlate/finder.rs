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
use crate::model::time::Timestamp;

use super::index;
use super::number;
use super::sessions::LONGEST_ROLE_SESSION;

/// Clocks of the issuing event and of `creationDate` may round differently (0 s in all real pairs seen).
const CREATION_TOLERANCE: u64 = 2;

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
        let id = SessionId(number(self.sessions.len()));
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
        let (candidates, matched_on): (Vec<SessionId>, &'static [&'static str]) =
            if let Some(created) = principal.created {
                (self.nearest(&same, created), &["principal_id", "creation_time"])
            } else {
                let valid = |id: &&SessionId| {
                    let session = &self.sessions[index(id.0)];
                    session.issued.zip(span).is_some_and(|(issued, (first, last))| {
                        let end = session.expires.unwrap_or_else(|| issued.plus(LONGEST_ROLE_SESSION));
                        issued <= first && last <= end.plus(300)
                    })
                };
                (same.iter().filter(valid).copied().collect(), &["principal_id", "validity_window"])
            };
        let kind = if principal.created.is_some() { LinkKind::Strong } else { LinkKind::Probable };
        match candidates.as_slice() {
            [] => Found::None,
            [only] => Found::One(*only, Link::new(kind, matched_on)),
            _ => Found::Several(candidates),
        }
    }

    /// Returns the sessions of the same principal id; for issuances that do not say it, of the same role and name.
    fn same_principal(&self, principal: &Principal, symbols: &Symbols) -> Vec<SessionId> {
        let by_id = principal.principal_id.and_then(|id| self.by_principal.get(&id)).into_iter().flatten();
        let name = symbols.opt(principal.principal_id).and_then(|id| id.split_once(':')).map(|(_, name)| name);
        let role = principal.issuer_arn.zip(name.and_then(|name| symbols.find(name)));
        let by_role = role.and_then(|role| self.by_role.get(&role)).into_iter().flatten();
        by_id.chain(by_role).copied().collect()
    }

    /// Returns the sessions issued when the principal was created: in the same second if any, else 2 s around it.
    fn nearest(&self, sessions: &[SessionId], created: Timestamp) -> Vec<SessionId> {
        let issued_within = |seconds: u64| -> Vec<SessionId> {
            let near = |id: &&SessionId| {
                self.sessions[index(id.0)].issued.is_some_and(|issued| issued.distance(created) <= seconds)
            };
            sessions.iter().filter(near).copied().collect()
        };
        let same_second = issued_within(0);
        if same_second.is_empty() { issued_within(CREATION_TOLERANCE) } else { same_second }
    }

    /// Compares a principal with a session that issued its key. `None` when they contradict each other.
    fn agreement(&self, id: SessionId, principal: &Principal, symbols: &Symbols) -> Option<Agreement> {
        let session = &self.sessions[index(id.0)];
        let same_principal = session.principal_id.zip(principal.principal_id).map(|(a, b)| a == b);
        let same_creation = session.issued.zip(principal.created).map(|(a, b)| a.distance(b) <= CREATION_TOLERANCE);
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
