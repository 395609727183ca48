//! Parents: which session asked for which.

use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::chain::Candidates;
use crate::model::chain::Gap;
use crate::model::chain::GapKind;
use crate::model::chain::Link;
use crate::model::chain::LinkKind;
use crate::model::chain::SessionId;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::time::Timestamp;
use crate::model::width::place;

use super::by_id::ById;
use super::lists::CREATION_TOLERANCE;
use super::sessions::Book;
use super::sessions::record_of;

/// Finds the parent of each issued session, and cuts what contradicts itself.
pub(super) fn link(book: &mut Book, observations: &Observations) {
    let mut known = Known::default();
    let tokens = tokens(book, observations);
    for id in book.ids() {
        let Some(record) = record_of(book.session(id), observations) else { continue };
        let Some(caller) = super::principal_of(&observations.principals, record.caller) else { continue };
        let found = match from_token(book, &tokens, id, record) {
            Some(found) => found,
            None => parent(book, &mut known, id, record, caller, &observations.symbols),
        };
        let session = book.session_mut(id);
        session.link = found.link;
        session.parent = found.parent;
        session.gaps.extend(found.gap);
    }
    cut_cycles(book);
}

/// What was found for the same principal id and the same second: many calls share one list.
type Known = Map<(Sym, Timestamp), Candidates>;

/// The sessions that asked AWS for a token, by the token's id.
type Tokens = Map<Sym, SessionId>;

fn tokens(book: &Book, observations: &Observations) -> Tokens {
    let issued = observations
        .assumptions
        .iter()
        .filter(|record| record.call == IssuingCall::WebIdentityToken && record.is_granted());
    let named = issued.filter_map(|record| {
        let id = record.extra.as_ref()?.token_id?;
        Some((id, book.of_principal.get(place(record.caller.0)).copied().flatten()?))
    });
    named.collect()
}

/// A role of another partition is entered with a token of AWS, whose id is in the record of both calls.
fn from_token(book: &Book, tokens: &Tokens, child: SessionId, record: &Assumption) -> Option<Found> {
    let id = record.extra.as_ref().filter(|_| record.call == IssuingCall::WebIdentity)?.token_id?;
    let parent = tokens.get(&id).copied().filter(|parent| *parent != child)?;
    let issued = book.session(parent).issued.zip(record.time);
    let is_older = issued.is_none_or(|(issued, time)| issued <= time.plus(CREATION_TOLERANCE));
    let link = Link::new(LinkKind::Exact, &["web_identity_token_id"]);
    is_older.then_some(Found { parent: Some(parent), link, gap: None })
}

struct Found {
    parent: Option<SessionId>,
    link: Link,
    gap: Option<Gap>,
}

fn parent(
    book: &mut Book,
    known: &mut Known,
    child: SessionId,
    record: &Assumption,
    caller: &Principal,
    symbols: &Symbols,
) -> Found {
    let own = book.of_principal.get(place(record.caller.0)).copied().flatten();
    if let Some(parent) = own {
        let session = book.session(parent);
        // A parent that began after its child would be a contradiction: records of two worlds under one key.
        let is_older = session.issued.zip(record.time).is_none_or(|(issued, time)| issued <= time.plus(2));
        if parent != child && is_older {
            let link = book.link_of_principal.get(place(record.caller.0)).copied().flatten();
            let link = link.unwrap_or_else(|| Link::new(LinkKind::Missing, &[]));
            return Found { parent: Some(parent), link, gap: None };
        }
    }
    match caller.kind {
        PrincipalKind::AwsAccount => from_target_copy(book, known, child, record, caller, symbols),
        PrincipalKind::AssumedRole | PrincipalKind::FederatedUser => {
            Found { parent: None, link: Link::new(LinkKind::Missing, &[]), gap: None }
        }
        // The record itself names where trust began.
        _ => Found { parent: None, link: Link::new(LinkKind::Exact, &["origin"]), gap: None },
    }
}

/// The target account's copy names only the caller's principal id and account: every session of that id that was
/// valid then could be the parent.
fn from_target_copy(
    book: &mut Book,
    known: &mut Known,
    child: SessionId,
    record: &Assumption,
    caller: &Principal,
    symbols: &Symbols,
) -> Found {
    if caller.principal_id.is_some_and(|id| !symbols.get(id).contains(':')) {
        // A user, not a role session: there is no issuance that could be missing.
        return Found { parent: None, link: Link::new(LinkKind::Exact, &["origin"]), gap: None };
    }
    let named = caller.principal_id.zip(record.time);
    let set = named.map(|(principal, time)| {
        *known.entry((principal, time)).or_insert_with(|| {
            let fit = book.valid_at(principal, time);
            book.lists.keep(fit)
        })
    });
    let fitting = set.map(|set| book.lists.of_set(set)).unwrap_or_default();
    let mut others = fitting.filter(|id| *id != child);
    let (first, second) = (others.next(), others.next());
    let copy_missing = Some(Gap {
        kind: GapKind::CallerCopyMissing,
        message: "only the role owner's copy of the call is here; the caller's copy would name the calling key"
            .to_owned(),
    });
    let matched_on = &["principal_id", "validity_window"];
    match (first, second) {
        (None, _) => Found { parent: None, link: Link::new(LinkKind::Missing, &[]), gap: None },
        (Some(only), None) => {
            Found { parent: Some(only), link: Link::new(LinkKind::Probable, matched_on), gap: copy_missing }
        }
        (Some(_), Some(_)) => {
            let link = Link { kind: LinkKind::Ambiguous, matched_on, candidates: set };
            Found { parent: None, link, gap: copy_missing }
        }
    }
}

/// Takes the parent away from the earliest session of each cycle. Only records that contradict each other make one.
fn cut_cycles(book: &mut Book) {
    const NEW: u8 = 0;
    const OPEN: u8 = 1;
    const DONE: u8 = 2;
    let mut state: ById<SessionId, u8> = ById::new(NEW, book.sessions.len());
    for start in book.ids() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(id) = at {
            match state[id] {
                NEW => {
                    state[id] = OPEN;
                    path.push(id);
                    at = book.session(id).parent;
                }
                OPEN => {
                    let begin = path.iter().position(|on_path| *on_path == id).unwrap_or(0);
                    if let Some(earliest) = path.iter().skip(begin).min() {
                        let session = book.session_mut(*earliest);
                        session.parent = None;
                        session.link = Link::new(LinkKind::Missing, &[]);
                        session.gaps.push(Gap {
                            kind: GapKind::Cycle,
                            message: "the records make this session its own ancestor; its parent is left out"
                                .to_owned(),
                        });
                    }
                    at = None;
                }
                _ => at = None,
            }
        }
        for id in path {
            state[id] = DONE;
        }
    }
}
