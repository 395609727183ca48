//! Sessions whose issuance is not here, or not certain: all that there is of them is what was done with them.

use crate::model::arn;
use crate::model::chain::Candidates;
use crate::model::chain::Link;
use crate::model::chain::LinkKind;
use crate::model::chain::Session;
use crate::model::chain::SessionId;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::time::Timestamp;

use super::finder::Finder;
use super::finder::Found;
use super::finder::Places;
use super::group::Activity;
use super::roles::Roles;

/// Makes sessions for the principals whose issuance is not here (or not certain). Direct use first: what services do
/// in a session's name joins the session when there is just one.
pub(super) fn add(
    finder: &mut Finder,
    places: &mut Places,
    lost: &[PrincipalId],
    observations: &mut Observations,
    activity: &Activity,
    roles: &Roles,
) {
    type Name = (Option<Sym>, Option<Timestamp>, Option<Sym>, Option<Timestamp>);
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
        // Who is known only from afar fits other sessions at other times; where none fits, it is one session for all that
        // the logs say.
        let find = |finder: &Finder, symbols: &Symbols| finder.find(&principal, activity.span(id), symbols);
        let called = principal.called.filter(|_| matches!(find(finder, &observations.symbols), Found::Several(_)));
        let name = (principal.principal_id, principal.created, key, called);
        let mut is_new = false;
        let session = *made.entry(name).or_insert_with(|| {
            is_new = true;
            let candidates = match find(finder, &observations.symbols) {
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
    candidates: Option<Candidates>,
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
        ..Session::unknown()
    }
}
