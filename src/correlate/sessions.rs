//! Sessions: one for each issuance, and one for each set of credentials that is used although its issuance is not here.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::chain::Issuance;
use crate::model::chain::Link;
use crate::model::chain::Session;
use crate::model::chain::SessionId;
use crate::model::lineage::Lineage;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::origin::Origin;
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
use super::finder::Places;
use super::group::Activity;
use super::lists::Fit;
use super::lists::Lists;
use super::order::Order;
use super::order::compare;
use super::order::text_order;
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
            Some(list) => self.lists.valid(*list, (moment, moment), |id| self.session(id)).collect(),
            None => Fit::Runs(Vec::new()),
        }
    }

    /// Returns for each session without issuance the principals that it appears as, in the order of what they say.
    pub(super) fn lost_principals(&self, observations: &Observations) -> ById<SessionId, Vec<PrincipalId>> {
        let mut lost: ById<SessionId, Vec<PrincipalId>> = ById::new(Vec::new(), self.sessions.len());
        for (principal, session) in (0u32..).map(PrincipalId).zip(&self.of_principal) {
            if let Some(session) = session
                && self.session(*session).issuance.is_none()
            {
                lost[*session].push(principal);
            }
        }
        for principals in lost.iter_mut() {
            principals.sort_unstable_by(|a, b| compare_principals(observations, *a, *b));
        }
        lost
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
        let (lists, runs) = self.lists.into_parts();
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
            lists,
            runs,
            ..Lineage::default()
        }
    }
}

/// Orders two principals by what their records say, never by their numbers. Only equal principals are equal.
pub(super) fn compare_principals(observations: &Observations, a: PrincipalId, b: PrincipalId) -> Ordering {
    let principal = |id: PrincipalId| observations.principals.get(place(id.0));
    let (Some(a), Some(b)) = (principal(a), principal(b)) else { return a.cmp(&b) };
    let texts = |principal: &Principal| {
        [
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
            principal.federated_subject,
            principal.federated_audience,
            principal.delegate,
        ]
    };
    let rest = |one: &Principal| (one.kind, one.created, one.mfa, one.from_console, one.assumed_root, one.called);
    let unlike = texts(a).into_iter().zip(texts(b)).find(|(a, b)| a != b);
    unlike.map_or_else(|| rest(a).cmp(&rest(b)), |(a, b)| text_order(a, b, &observations.symbols))
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
        PrincipalKind::AwsAccount => principal.is_seen_from_afar(),
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
    let find = |(at, principal): (usize, &Principal)| {
        let id = PrincipalId(id_of(at));
        // Who was seen only outside the window or the accounts asked for is nobody here.
        let is_here = !activity.contacts.of(id).is_empty() || is_caller[id];
        (is_here && is_session(principal, &observations.symbols))
            .then(|| finder.find(principal, activity.span(id), &observations.symbols))
    };
    let found: Vec<Option<Found>> =
        observations.principals.par_iter().enumerate().with_min_len(256).map(find).collect();
    let mut places: Places = ById::new(None, observations.principals.len());
    let mut lost: Vec<PrincipalId> = Vec::new();
    for (id, found) in (0u32..).map(PrincipalId).zip(found) {
        match found {
            Some(Found::One(session, link)) => places[id] = Some((session, link)),
            Some(Found::Several(_) | Found::None) => lost.push(id),
            None => {}
        }
    }
    // The numbers of principals depend on who came first; what is made here must not.
    lost.par_sort_unstable_by(|a, b| compare_principals(observations, *a, *b));
    super::lost::add(&mut finder, &mut places, &lost, observations, activity, &roles);
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

/// Returns the account of `AssumeRoot`'s target: a number, or the ARN of a root user.
fn account_of_target(target: &str) -> &str {
    arn::account(target).unwrap_or(target)
}

/// Makes the session that an issuance issued.
fn issued_session(issuance: Issuance, observations: &mut Observations) -> Session {
    let Some(record) = observations.assumptions.get(place(issuance.record)) else { return Session::unknown() };
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
    // `AssumeRoot` acts in the account that it names, whoever's log holds the call.
    let target = record
        .extra
        .as_ref()
        .and_then(|extra| extra.target_principal)
        .filter(|_| record.call == IssuingCall::AssumeRoot);
    let account = account.or_else(|| target.map(|target| account_of_target(symbols.get(target)).to_owned()));
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
        ..Session::unknown()
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
    let mut asked: Vec<u32> = book.by_principal.values().copied().collect();
    asked.sort_unstable();
    for list in asked {
        #[expect(clippy::indexing_slicing, reason = "ids are only given to sessions of this book")]
        book.lists.by_duration(list, |id| &book.sessions[place(id.0)]);
    }
    book
}

/// Returns who issued a session.
pub(super) fn record_of<'o>(session: &Session, observations: &'o Observations) -> Option<&'o Assumption> {
    observations.assumptions.get(place(session.issuance?.record))
}
