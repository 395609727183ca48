//! Sessions: one for each issuance, and one for each set of credentials that is used although its issuance is not here.

use std::cmp::Ordering;

use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::chain::Issuance;
use crate::model::chain::Link;
use crate::model::chain::LinkKind;
use crate::model::chain::Origin;
use crate::model::chain::Run;
use crate::model::chain::Session;
use crate::model::chain::SessionId;
use crate::model::chain::Way;
use crate::model::lineage::Lineage;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::time::Timestamp;
use crate::model::width::id_of;
use crate::model::width::place;

use super::by_id::ById;
use super::finder::Finder;
use super::finder::Found;
use super::group::Activity;
use super::lists::Fit;
use super::lists::Lists;
use super::order::Order;
use super::order::compare;
use super::roles::Roles;

/// The sessions while they are being linked.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) sessions: Vec<Session>,
    pub(super) of_principal: Vec<Option<SessionId>>,
    /// Why each principal belongs to its session.
    pub(super) link_of_principal: Vec<Option<Link>>,
    /// Lists of sessions in order of issue: those that links point into.
    pub(super) lists: Lists,
    /// The list of each principal id.
    by_principal: Map<Sym, u32>,
}

impl Book {
    pub(super) fn ids(&self) -> impl Iterator<Item = SessionId> + use<> {
        (0..id_of(self.sessions.len())).map(SessionId)
    }

    #[expect(clippy::indexing_slicing, reason = "ids are only given to sessions of this book")]
    pub(super) fn session(&self, id: SessionId) -> &Session {
        &self.sessions[place(id.0)]
    }

    #[expect(clippy::indexing_slicing, reason = "ids are only given to sessions of this book")]
    pub(super) fn session_mut(&mut self, id: SessionId) -> &mut Session {
        &mut self.sessions[place(id.0)]
    }

    /// Returns the sessions of a principal id that were valid at a moment.
    pub(super) fn valid_at(&self, principal: Sym, moment: Timestamp) -> Fit {
        match self.by_principal.get(&principal) {
            Some(list) => self.lists.valid(*list, (moment, moment), |id| self.session(id)),
            None => Fit::of(Vec::new()),
        }
    }

    /// Hands the sessions over, with uses and children as lists.
    pub(super) fn into_lineage(
        mut self,
        observations: Observations,
        origins: Vec<Origin>,
        activity: Activity,
    ) -> Lineage {
        let mut children: ById<SessionId, Vec<SessionId>> = ById::new(Vec::new(), self.sessions.len());
        for (id, session) in self.ids().zip(&self.sessions) {
            if let Some(parent) = session.parent {
                children[parent].push(id);
            }
        }
        let mut uses: ById<SessionId, Vec<PrincipalId>> = ById::new(Vec::new(), self.sessions.len());
        for (principal, session) in (0u32..).zip(&self.of_principal) {
            if let Some(session) = session {
                uses[*session].push(PrincipalId(principal));
            }
        }
        let mut all_uses = Vec::new();
        let mut all_children = Vec::new();
        for (session, (mut used, children)) in self.sessions.iter_mut().zip(uses.into_iter().zip(children)) {
            used.sort_unstable_by(|a, b| compare_principals(&observations, *a, *b));
            session.uses = (id_of(all_uses.len()), id_of(used.len()));
            session.children = (id_of(all_children.len()), id_of(children.len()));
            all_uses.extend(used);
            all_children.extend(children);
        }
        let mut changes_by_target: Map<Sym, Vec<u32>> = Map::default();
        for (at, change) in (0u32..).zip(&observations.changes) {
            if let Some(target) = change.target {
                changes_by_target.entry(target).or_default().push(at);
            }
        }
        Lineage {
            changes_by_target,
            observations,
            sessions: self.sessions,
            origins,
            uses: all_uses,
            child_ids: all_children,
            session_of_principal: self.of_principal,
            actions: activity.actions,
            contacts: activity.contacts,
            lists: self.lists.into_ids(),
            ..Lineage::default()
        }
    }
}

/// Orders two principals by what their records say, never by their numbers. Only equal principals are equal.
pub(super) fn compare_principals(observations: &Observations, a: PrincipalId, b: PrincipalId) -> Ordering {
    let key = |id: PrincipalId| {
        let principal = observations.principals.get(place(id.0))?;
        let texts = [
            principal.principal_id,
            principal.invoked_by,
            principal.access_key,
            principal.issuer_arn,
            principal.arn,
            principal.issued_to,
            principal.account,
            principal.on_behalf_of,
            principal.user_name,
            principal.identity_provider,
            principal.federated_provider,
            principal.issuer_id,
            principal.source_identity,
        ];
        let rest = (principal.kind, principal.created, principal.mfa, principal.from_console, principal.assumed_root);
        Some((texts.map(|sym| observations.symbols.opt(sym)), rest))
    };
    key(a).cmp(&key(b))
}

/// Returns true for principals that act under temporary credentials of their own.
pub(super) fn is_session(principal: &Principal, symbols: &Symbols) -> bool {
    let has_temporary_key =
        principal.access_key.is_some_and(|key| arn::key_kind(symbols.get(key)) == KeyKind::Temporary);
    match principal.kind {
        PrincipalKind::AssumedRole | PrincipalKind::FederatedUser => true,
        PrincipalKind::IamUser | PrincipalKind::Root => {
            has_temporary_key || (principal.created.is_some() && principal.access_key.is_none())
        }
        _ => false,
    }
}

/// Makes the sessions, and finds for each principal the session that it is.
pub(super) fn build(observations: &mut Observations, issuances: &[Issuance], activity: &Activity) -> Book {
    let roles = Roles::collect(observations);
    let issued = issuances.iter().map(|issuance| issued_session(*issuance, observations)).collect();
    let mut finder = Finder::new(issued, &observations.symbols);
    let mut is_caller = ById::new(false, observations.principals.len());
    for record in &observations.assumptions {
        is_caller[record.caller] = true;
    }
    let mut places: Places = ById::new(None, observations.principals.len());
    let mut lost: Vec<PrincipalId> = Vec::new();
    for (id, principal) in (0u32..).map(PrincipalId).zip(&observations.principals) {
        // Who was seen only outside the window or the accounts asked for is nobody here.
        let is_here = !activity.contacts.of(id).is_empty() || is_caller[id];
        if !is_here || !is_session(principal, &observations.symbols) {
            continue;
        }
        match finder.find(principal, activity.span(id), &observations.symbols) {
            Found::One(session, link) => places[id] = Some((session, link)),
            Found::Several(_) | Found::None => lost.push(id),
        }
    }
    // The numbers of principals depend on who came first; what is made here must not.
    lost.sort_unstable_by(|a, b| compare_principals(observations, *a, *b));
    add_lost(&mut finder, &mut places, &lost, observations, activity, &roles);
    for (session, link) in places.iter().flatten() {
        let session = finder.session_mut(*session);
        // The session's own link is the best that any of its principals has.
        let is_better = |known: &Link| (link.kind, link.matched_on) < (known.kind, known.matched_on);
        if session.issuance.is_some() && session.use_link.as_ref().is_none_or(is_better) {
            session.use_link = Some(*link);
        }
    }
    sort(finder, places, observations)
}

/// Each principal's session, and why it is that one.
type Places = ById<PrincipalId, Option<(SessionId, Link)>>;

/// Makes the session that an issuance issued.
fn issued_session(issuance: Issuance, observations: &mut Observations) -> Session {
    let Some(record) = observations.assumptions.get(place(issuance.record)) else { return blank() };
    let caller = super::principal_of(&observations.principals, record.caller).copied();
    let symbols = &mut observations.symbols;
    let principal_id = record.assumed_role_id.or_else(|| match record.call {
        // The user stays who he is; only the key is temporary.
        IssuingCall::GetSessionToken => caller.and_then(|caller| caller.principal_id),
        _ => None,
    });
    let account = record
        .role_arn
        .and_then(|role| arn::account(symbols.get(role)).map(str::to_owned))
        .or_else(|| record.assumed_role_arn.and_then(|role| arn::account(symbols.get(role)).map(str::to_owned)));
    let account = account.map(|account| symbols.intern(&account)).or(record.recipient_account);
    let from_duration =
        || record.time.zip(record.duration_seconds).map(|(time, seconds)| time.plus(i64::from(seconds)));
    let session_name = record.session_name.or_else(|| {
        let name = symbols.opt(record.assumed_role_id)?.split_once(':')?.1.to_owned();
        Some(symbols.intern(&name))
    });
    Session {
        issuance: Some(issuance),
        access_key: record.issued_key,
        principal_id,
        role_arn: record.role_arn,
        account,
        session_name,
        issued: record.time,
        expires: record.expires.or_else(from_duration),
        ..blank()
    }
}

fn blank() -> Session {
    Session {
        issuance: None,
        access_key: None,
        principal_id: None,
        role_arn: None,
        account: None,
        session_name: None,
        issued: None,
        expires: None,
        parent: None,
        link: Link::new(LinkKind::Missing, &[]),
        use_link: None,
        origin: 0,
        gaps: Vec::new(),
        way: Way::UNKNOWN,
        uses: (0, 0),
        children: (0, 0),
    }
}

/// Makes sessions for the principals whose issuance is not here (or not certain). Direct use first: what services do
/// in a session's name joins the session when there is just one.
fn add_lost(
    finder: &mut Finder,
    places: &mut Places,
    lost: &[PrincipalId],
    observations: &mut Observations,
    activity: &Activity,
    roles: &Roles,
) {
    type Name = (Option<Sym>, Option<Timestamp>, Option<Sym>);
    let mut made: Map<Name, SessionId> = Map::default();
    let (direct, indirect): (Vec<_>, Vec<_>) =
        lost.iter().copied().partition(|id| super::principal_of(&observations.principals, *id).is_some_and(is_direct));
    let mut by_creation: Map<(Option<Sym>, Option<Timestamp>), Vec<SessionId>> = Map::default();
    for (id, may_join) in direct.into_iter().map(|id| (id, false)).chain(indirect.into_iter().map(|id| (id, true))) {
        let Some(principal) = super::principal_of(&observations.principals, id).copied() else { continue };
        let birth = (principal.principal_id, principal.created);
        let known = by_creation.get(&birth).map(Vec::as_slice).unwrap_or_default();
        if let (true, true, [only]) = (may_join, principal.created.is_some(), known) {
            let link = Link::new(LinkKind::Strong, &["principal_id", "creation_time"]);
            places[id] = Some((*only, link));
            continue;
        }
        let key = if may_join && principal.created.is_some() { None } else { principal.access_key };
        let name = (principal.principal_id, principal.created, key);
        let mut is_new = false;
        let session = *made.entry(name).or_insert_with(|| {
            is_new = true;
            let candidates = match finder.find(&principal, activity.span(id), &observations.symbols) {
                Found::Several(fit) => Some(finder.lists.keep(fit)),
                Found::One(..) | Found::None => None,
            };
            let session = lost_session(&principal, key, candidates, roles, &mut observations.symbols);
            finder.add(session)
        });
        if !may_join && is_new {
            by_creation.entry(birth).or_default().push(session);
        }
        places[id] = Some((session, own_link(&principal)));
    }
}

/// The link of a principal to the session that its own records are all there is of.
fn own_link(principal: &Principal) -> Link {
    match (principal.access_key, principal.created) {
        (Some(_), Some(_)) => Link::new(LinkKind::Exact, &["access_key", "principal_id", "creation_time"]),
        (Some(_), None) => Link::new(LinkKind::Exact, &["access_key", "principal_id"]),
        (None, Some(_)) => Link::new(LinkKind::Strong, &["principal_id", "creation_time"]),
        (None, None) => Link::new(LinkKind::Probable, &["principal_id"]),
    }
}

/// Returns true when the principal itself called, with a key that is the session's own.
///
/// The console makes a new key for each request, and so do services that act in a session's name.
fn is_direct(principal: &Principal) -> bool {
    principal.access_key.is_some()
        && principal.invoked_by.is_none()
        && !principal.from_console
        && principal.kind == PrincipalKind::AssumedRole
}

fn lost_session(
    principal: &Principal,
    key: Option<Sym>,
    candidates: Option<Run>,
    roles: &Roles,
    symbols: &mut Symbols,
) -> Session {
    let kind = if candidates.is_none() { LinkKind::Missing } else { LinkKind::Ambiguous };
    let matched_on: &'static [&'static str] = match (candidates.is_none(), principal.created) {
        (true, _) => &[],
        (false, Some(_)) => &["principal_id", "creation_time"],
        (false, None) => &["principal_id", "validity_window"],
    };
    let is_role = principal.kind == PrincipalKind::AssumedRole;
    let role_arn = if is_role { roles.of_principal(principal, symbols) } else { None };
    let session_name = if is_role {
        let from_arn = symbols.opt(principal.arn).and_then(arn::session_name).map(str::to_owned);
        from_arn.map(|name| symbols.intern(&name))
    } else {
        None
    };
    let link = Link { kind, matched_on, candidates };
    Session {
        access_key: key,
        principal_id: principal.principal_id,
        role_arn,
        account: principal.account,
        session_name,
        issued: principal.created,
        use_link: Some(link),
        link,
        ..blank()
    }
}

/// Sorts the sessions by time, then by what names them, and renames everything that points at one.
fn sort(finder: Finder, places: Places, observations: &Observations) -> Book {
    let order = Order::of(&finder.sessions, |a, b| compare(a, b, &observations.symbols));
    let renamed = |id: SessionId| order.new.get(place(id.0)).map_or(id, |name| SessionId(*name));
    let mut book = Book { lists: finder.lists, ..Book::default() };
    for place in places {
        let (session, link) = place.map(|(session, link)| (renamed(session), link)).unzip();
        book.of_principal.push(session);
        book.link_of_principal.push(link);
    }
    for list in book.lists.ids_mut() {
        for id in &mut *list {
            *id = renamed(*id);
        }
        // A run of a list is the same after it: lists had the order of the new names before. Scattered ones had not.
        list.sort_unstable();
    }
    for (id, session) in (0u32..).map(SessionId).zip(order.sorted(finder.sessions)) {
        if let Some(principal) = session.principal_id {
            let list = *book.by_principal.entry(principal).or_insert_with(|| book.lists.open());
            book.lists.push(list, id, &session);
        }
        book.sessions.push(session);
    }
    book
}

/// Returns who issued a session.
pub(super) fn record_of<'o>(session: &Session, observations: &'o Observations) -> Option<&'o Assumption> {
    observations.assumptions.get(place(session.issuance?.record))
}
