//! Gaps: why a session's beginning is not in these logs, in words that say what to fetch.

use crate::model::arn;
use crate::model::chain::Gap;
use crate::model::chain::GapKind;
use crate::model::chain::Link;
use crate::model::chain::LinkKind;
use crate::model::chain::Session;
use crate::model::chain::SessionId;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;
use crate::model::width::place;

use super::by_id::ById;
use super::sessions::Book;
use super::sessions::record_of;
use super::users::Users;

/// Names the gaps of every session that lacks its issuance or its parent.
pub(super) fn name(book: &mut Book, observations: &Observations, origins: &[Origin], users: &Users<'_>) {
    let first_records = first_records(observations);
    let principals = book.lost_principals(observations);
    let seen_from_afar = seen_from_afar(book, observations);
    let lists = &book.lists;
    for ((id, session), principals) in (0u32..).map(SessionId).zip(&mut book.sessions).zip(principals) {
        let origin = origins.get(place(session.origin));
        if session.parent.is_none()
            && session.link.kind == LinkKind::Exact
            && origin.is_none_or(|origin| origin.kind == OriginKind::Unknown)
        {
            // Nobody is linked exactly to what is not known.
            session.link = Link::new(LinkKind::Missing, &[]);
        }
        let namer = Namer { observations, first_records: &first_records };
        if session.link.kind == LinkKind::Ambiguous {
            let others = lists.fitting(&session.link).others_than(id);
            session.gaps.push(Gap {
                kind: GapKind::AmbiguousParent,
                message: format!("{others} sessions fit and none is chosen"),
            });
        } else if session.issuance.is_none() {
            let principals: Vec<&Principal> =
                principals.iter().filter_map(|id| super::principal_of(&observations.principals, *id)).collect();
            session.gaps.extend(match origin.filter(|_| is_user(&principals)) {
                Some(origin) => namer.of_user(session, origin, users),
                None => Some(namer.of_lost(session, &principals)),
            });
        } else if session.gaps.is_empty() && namer.is_caller_out_of_sight(session) {
            session.gaps.push(namer.of_parent(session));
        }
        if seen_from_afar[id] && session.issuance.is_some() {
            session.gaps.push(Gap {
                kind: GapKind::CallerCopyMissing,
                message:
                    "some of its calls are only in the log of the account that was called; they are attributed by \
                          principal id and time"
                        .to_owned(),
            });
        }
    }
}

/// Returns the sessions of which other accounts have logged calls that their own account has not.
fn seen_from_afar(book: &Book, observations: &Observations) -> ById<SessionId, bool> {
    let mut seen = ById::new(false, book.sessions.len());
    for (principal, session) in observations.principals.iter().zip(&book.of_principal) {
        if let Some(session) = session.filter(|_| principal.is_seen_from_afar()) {
            seen[session] = true;
        }
    }
    seen
}

fn is_user(principals: &[&Principal]) -> bool {
    principals.iter().any(|principal| matches!(principal.kind, PrincipalKind::IamUser | PrincipalKind::Root))
}

fn first_records(observations: &Observations) -> Map<Sym, Timestamp> {
    let mut first: Map<Sym, Timestamp> = Map::default();
    for (cell, count) in &observations.cells {
        if let Some((account, time)) = cell.account.zip(count.first) {
            first.entry(account).and_modify(|known| *known = time.min(*known)).or_insert(time);
        }
    }
    first
}

struct Namer<'o> {
    observations: &'o Observations,
    first_records: &'o Map<Sym, Timestamp>,
}

impl Namer<'_> {
    /// Says why a session that is used was issued out of sight.
    fn of_lost(&self, session: &Session, principals: &[&Principal]) -> Gap {
        let symbols = &self.observations.symbols;
        let is_service = principals.iter().all(|p| p.invoked_by.is_some()) && !principals.is_empty();
        let is_linked = symbols.opt(session.role_arn).is_some_and(arn::is_service_linked_role);
        if is_service || is_linked {
            return Gap {
                kind: GapKind::ServiceDeliveredKey,
                message: "an AWS service uses the session; its issuance is not in these logs".to_owned(),
            };
        }
        self.of_lost_record(session)
    }

    /// Says why the session of a user has no beginning here; `None` when a service acts for the one key that fits.
    fn of_user(&self, session: &Session, origin: &Origin, users: &Users<'_>) -> Option<Gap> {
        let message = match origin.kind {
            OriginKind::SessionToken => return Some(self.of_lost_record(session)),
            OriginKind::ForwardAccess if origin.access_key_id.is_some() => return None,
            OriginKind::ForwardAccess => {
                let service = origin.service.as_deref().unwrap_or("an AWS service");
                let keys: Vec<&str> = users.key_names(session).collect();
                let seen = if keys.is_empty() {
                    "no key of the user is in these logs".to_owned()
                } else {
                    format!("keys of the user in these logs: {}", keys.join(", "))
                };
                format!("{service} acts in the user's name; which credentials called it is not logged ({seen})")
            }
            OriginKind::Unknown => {
                "CloudTrail does not say whether the user's session is of the console or of a session token".to_owned()
            }
            _ => "CloudTrail logs no issuance for console sessions of users".to_owned(),
        };
        Some(Gap { kind: GapKind::IssuanceNotLogged, message })
    }

    /// Says why the record that issued a session is not here.
    fn of_lost_record(&self, session: &Session) -> Gap {
        let symbols = &self.observations.symbols;
        let Some(account) = session.account else {
            return Gap {
                kind: GapKind::AccountNotCovered,
                message: "the records do not say which account issued the session".to_owned(),
            };
        };
        let account_id = symbols.get(account);
        let Some(first) = self.first_records.get(&account) else {
            let inferred = symbols.opt(session.access_key).and_then(arn::account_in_id);
            let by_key = match inferred {
                Some(by_key) if by_key != account_id => format!(" (its key id encodes account {by_key}, inferred)"),
                _ => String::new(),
            };
            return Gap {
                kind: GapKind::AccountNotCovered,
                message: format!("account {account_id}, where the session was issued, has no records here{by_key}"),
            };
        };
        match session.issued {
            Some(issued) if issued < *first => Gap {
                kind: GapKind::IssuedBeforeWindow,
                message: format!("issued at {issued}, before the first record of account {account_id} at {first}"),
            },
            Some(issued) => Gap {
                kind: GapKind::IssuanceMissing,
                message: format!(
                    "account {account_id} has records, but not the one that issued this session at {issued}"
                ),
            },
            None => Gap {
                kind: GapKind::IssuanceMissing,
                message: format!("account {account_id} has records, but none that issued this session"),
            },
        }
    }

    /// Returns true when who asked is only named from afar, and no session of his is here.
    fn is_caller_out_of_sight(&self, session: &Session) -> bool {
        let caller = record_of(session, self.observations)
            .and_then(|record| super::principal_of(&self.observations.principals, record.caller));
        let is_other_account = caller.is_some_and(|caller| caller.kind == PrincipalKind::AwsAccount);
        session.link.kind == LinkKind::Missing || (is_other_account && session.parent.is_none())
    }

    /// Says why the session that asked for this one is not here.
    fn of_parent(&self, session: &Session) -> Gap {
        let symbols = &self.observations.symbols;
        let caller = record_of(session, self.observations)
            .and_then(|record| super::principal_of(&self.observations.principals, record.caller));
        let account = caller.and_then(|caller| caller.account);
        let account_id = symbols.opt(account).unwrap_or("unknown");
        // A type alone names nobody.
        let is_nobody = |caller: &Principal| {
            caller.kind == PrincipalKind::Unknown
                || [caller.principal_id, caller.arn, caller.account, caller.access_key].iter().all(Option::is_none)
        };
        if caller.is_none_or(is_nobody) {
            return Gap {
                kind: GapKind::CallerUnknown,
                message: "the record that issued the session does not say who asked, or not so that it can be read"
                    .to_owned(),
            };
        }
        if account.is_some_and(|account| self.first_records.contains_key(&account)) {
            Gap {
                kind: GapKind::IssuanceMissing,
                message: format!("account {account_id} has records, but none of the session that asked"),
            }
        } else {
            Gap {
                kind: GapKind::AccountNotCovered,
                message: format!("account {account_id}, whose principal asked, has no records here"),
            }
        }
    }
}
