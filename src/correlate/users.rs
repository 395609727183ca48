//! Users' sessions: whether a person opened one in the console, a program asked for it with a key, or a service made it to
//! act in the user's name.
//!
//! The type, `IAMUser`, and the key, `ASIA…`, are the same in all three. What tells them apart is in the group of records of
//! one user and one time of creation: some records of the console lack `sessionCredentialFromConsole`.

use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::chain::Session;
use crate::model::observations::Action;
use crate::model::observations::Contact;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;
use crate::model::width::place;

use super::group::Activity;
use super::lists::CREATION_TOLERANCE;

/// What a session of the console may be old, and so how long after a sign-in a session may still be of it.
const LONGEST_SIGN_IN: i64 = 12 * HOUR;

/// How long after its last call a key may still be behind what a service does: a service creates its session when it is
/// called, and some put their work in a queue first.
const SERVICE_DELAY: i64 = 5 * 60;

/// Calls by which people sign in: to the console, and from it to a terminal (`aws login`).
const SIGN_INS: [&str; 3] = ["ConsoleLogin", "CreateOAuth2Token", "AuthorizeOAuth2Access"];

/// What the clients of the console, and the services behind its pages, call themselves.
const CONSOLE_CLIENTS: [&str; 8] = [
    "Mozilla/",
    "console.amazonaws.com",
    "signin.amazonaws.com",
    "AWS Internal",
    "aws-internal/",
    "S3Console",
    "AWS-Console",
    "exec-env/CloudShell",
];

/// How many keys of one user are told apart. AWS allows two at a time.
const MOST_KEYS: usize = 16;

/// A stretch of time.
type Span = (Timestamp, Timestamp);

/// When a user signed in.
#[derive(Default)]
struct SignIns {
    /// The moments that are known, in order.
    moments: Vec<Timestamp>,
    /// Stretches that begin and end with a sign-in, in order. Each ends with the latest of it and those before.
    spans: Vec<Span>,
}

impl SignIns {
    fn put_in_order(&mut self) {
        self.spans.sort_unstable();
        self.moments = self.spans.iter().flat_map(|(first, last)| [*first, *last]).collect();
        self.moments.sort_unstable();
        let mut latest = None;
        for span in &mut self.spans {
            span.1 = latest.map_or(span.1, |latest| span.1.max(latest));
            latest = Some(span.1);
        }
    }

    /// Says whether there is one at a moment.
    fn is_at(&self, moment: Timestamp) -> bool {
        let next = self.moments.partition_point(|known| *known < moment.plus(-CREATION_TOLERANCE));
        self.moments.get(next).is_some_and(|known| *known <= moment.plus(CREATION_TOLERANCE))
    }

    /// Says whether a session that was created at a moment may come from one.
    fn may_be_before(&self, moment: Timestamp) -> bool {
        let begun = self.spans.partition_point(|(first, _)| *first <= moment.plus(CREATION_TOLERANCE));
        let last = begun.checked_sub(1).and_then(|at| self.spans.get(at));
        last.is_some_and(|(_, last)| moment <= last.plus(LONGEST_SIGN_IN))
    }
}

/// What the records say of users: when they signed in, and which keys they used when.
pub(super) struct Users<'o> {
    observations: &'o Observations,
    activity: &'o Activity,
    sign_ins: Map<Sym, SignIns>,
    keys: Map<Sym, Vec<(Sym, Span)>>,
}

impl<'o> Users<'o> {
    /// Collects it from all principals.
    pub(super) fn collect(observations: &'o Observations, activity: &'o Activity) -> Self {
        let mut users = Self { observations, activity, sign_ins: Map::default(), keys: Map::default() };
        let mut spans: Map<(Sym, Sym), Span> = Map::default();
        for (id, principal) in (0u32..).map(PrincipalId).zip(&observations.principals) {
            let Some(user) = principal.principal_id.filter(|_| principal.kind == PrincipalKind::IamUser) else {
                continue;
            };
            if let Some(span) = users.signed_in(id) {
                users.sign_ins.entry(user).or_default().spans.push(span);
            }
            if let (Some(key), Some(span)) = (long_term_key(principal, observations), activity.span(id)) {
                let all = |known: &mut Span| *known = (known.0.min(span.0), known.1.max(span.1));
                spans.entry((user, key)).and_modify(all).or_insert(span);
            }
        }
        for sign_ins in users.sign_ins.values_mut() {
            sign_ins.put_in_order();
        }
        for ((user, key), span) in spans {
            users.keys.entry(user).or_default().push((key, span));
        }
        for keys in users.keys.values_mut() {
            keys.sort_unstable_by_key(|(key, _)| observations.symbols.get(*key));
        }
        users
    }

    fn signed_in(&self, id: PrincipalId) -> Option<Span> {
        let observations = self.observations;
        let is_sign_in = |action: &Action| {
            action.error_code.is_none()
                && observations.symbols.opt(action.name).is_some_and(|name| SIGN_INS.contains(&name))
        };
        let spans = self.activity.actions.of(id).iter().filter_map(|(action, tally)| {
            observations.actions.get(place(action.0)).filter(|action| is_sign_in(action))?;
            tally.first.time().zip(tally.last.time())
        });
        spans.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    /// Says where a user's session began whose issuance is not here; `principals` are all that the session appears as.
    pub(super) fn origin(&self, session: &Session, principals: &[PrincipalId]) -> Origin {
        let symbols = &self.observations.symbols;
        let here = || principals.iter().filter_map(|id| super::principal_of(&self.observations.principals, *id));
        let text = |sym: Option<Sym>| symbols.opt(sym).map(str::to_owned);
        let of_kind = |kind: OriginKind| Origin {
            principal_arn: here().find_map(|principal| text(principal.arn)),
            account_id: here().find_map(|principal| text(principal.account)).or_else(|| text(session.account)),
            ..Origin::of_kind(kind)
        };
        if here().any(|principal| principal.kind == PrincipalKind::Root) {
            return of_kind(OriginKind::Root);
        }
        if self.is_of_console(session, principals) {
            return of_kind(OriginKind::Console);
        }
        let direct = || here().filter(|principal| principal.invoked_by.is_none());
        let is_token = direct().any(|principal| has_temporary_key(principal, self.observations));
        // A session token always has a time of creation. Some services (AWS Glue, in public data of 2020) leave out both
        // that and their name, and pass the caller's client on.
        if direct().next().is_none() || (is_token && session.issued.is_none()) {
            let mut services: Vec<&str> = here().filter_map(|principal| symbols.opt(principal.invoked_by)).collect();
            services.sort_unstable();
            let service = services.first().map(|service| (*service).to_owned());
            let key = self.key_behind(session, principals);
            return Origin { service, access_key_id: text(key), ..of_kind(OriginKind::ForwardAccess) };
        }
        of_kind(if is_token && !self.may_be_signed_in(session) {
            OriginKind::SessionToken
        } else {
            OriginKind::Unknown
        })
    }

    /// Says whether anything proves the console: a flag, its own client, or a sign-in of that moment.
    fn is_of_console(&self, session: &Session, principals: &[PrincipalId]) -> bool {
        let symbols = &self.observations.symbols;
        let is_console = |text: Option<Sym>| {
            symbols.opt(text).is_some_and(|text| CONSOLE_CLIENTS.iter().any(|client| text.contains(client)))
        };
        let is_client = |contact: &Contact| is_console(contact.user_agent) || is_console(contact.source_ip);
        let shows = |id: &PrincipalId| {
            let principal = super::principal_of(&self.observations.principals, *id);
            principal.is_some_and(|principal| principal.from_console || is_console(principal.invoked_by))
                || self.activity.contacts.of(*id).iter().any(|(contact, _)| is_client(contact))
        };
        principals.iter().any(shows) || self.asks_sign_ins(session, SignIns::is_at)
    }

    /// Says whether the user signed in before, so that the session may come from there.
    fn may_be_signed_in(&self, session: &Session) -> bool {
        self.asks_sign_ins(session, SignIns::may_be_before)
    }

    fn asks_sign_ins(&self, session: &Session, ask: impl Fn(&SignIns, Timestamp) -> bool) -> bool {
        let sign_ins = session.principal_id.and_then(|user| self.sign_ins.get(&user));
        sign_ins.zip(session.issued).is_some_and(|(sign_ins, created)| ask(sign_ins, created))
    }

    /// Returns the one key of the user that was in use when a service began to act in his name.
    fn key_behind(&self, session: &Session, principals: &[PrincipalId]) -> Option<Sym> {
        let first_use = || principals.iter().filter_map(|id| self.activity.span(*id)).map(|(first, _)| first).min();
        let created = session.issued.or_else(first_use)?;
        let fits =
            |(first, last): Span| first <= created.plus(CREATION_TOLERANCE) && created <= last.plus(SERVICE_DELAY);
        let mut keys = self.keys_of(session).iter().filter(|(_, span)| fits(*span)).map(|(key, _)| *key);
        keys.next().filter(|_| keys.next().is_none())
    }

    /// Returns the keys of a session's user that are in these logs, by name; none when there are more than a user can have.
    fn keys_of(&self, session: &Session) -> &[(Sym, Span)] {
        let keys = session.principal_id.and_then(|user| self.keys.get(&user)).map(Vec::as_slice).unwrap_or_default();
        if keys.len() > MOST_KEYS { &[] } else { keys }
    }

    /// Returns the names of the keys of a session's user that are in these logs.
    pub(super) fn key_names(&self, session: &Session) -> impl Iterator<Item = &'o str> {
        self.keys_of(session).iter().map(|(key, _)| self.observations.symbols.get(*key))
    }
}

fn long_term_key(principal: &Principal, observations: &Observations) -> Option<Sym> {
    let is_long_term = |key: &Sym| arn::key_kind(observations.symbols.get(*key)) == KeyKind::LongTerm;
    principal.access_key.filter(is_long_term).filter(|_| principal.invoked_by.is_none())
}

fn has_temporary_key(principal: &Principal, observations: &Observations) -> bool {
    principal.access_key.is_some_and(|key| arn::key_kind(observations.symbols.get(key)) == KeyKind::Temporary)
}
