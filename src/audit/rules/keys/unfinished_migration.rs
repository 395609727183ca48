//! `unfinished-migration`: one target, two doors: what a pipeline reaches with tokens is still reached with a long-lived key.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::ci_keys;
use crate::audit::key_owner::KeyOwner;
use crate::audit::key_status::KeyStatus;
use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Action;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::tallies::Tally;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "unfinished-migration",
    title: "A role, repository or account is reached by OIDC and still by a long-lived key",
    theme: Theme::Keys,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs",
    remediation: "Deactivate the key, watch one release, then delete it and its secret. If both must run side by side \
                  for a while, write an exception with an end date.",
    techniques: &["T1552"],
    reading: &[
        (
            "IAM User Guide: managing access keys",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        ),
        (
            "GitHub Docs: OpenID Connect in AWS",
            "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws",
        ),
    ],
    page: include_str!("../../../../docs/rules/unfinished-migration.md"),
    check,
};

/// What tokens reach: since when, how often, and whose tokens they are.
struct Door<'a> {
    first: SessionView<'a>,
    last: SessionView<'a>,
    /// When a token came first, as far as the logs say.
    since: Option<Timestamp>,
    count: u64,
    /// The origins of the sessions.
    origins: BTreeSet<u32>,
}

impl<'a> Door<'a> {
    fn new(session: SessionView<'a>) -> Self {
        Self { first: session, last: session, since: None, count: 0, origins: BTreeSet::new() }
    }

    fn widen(&mut self, session: SessionView<'a>) {
        self.last = session;
        self.since = [self.since, session.issued()].into_iter().flatten().min();
        self.count += 1;
        self.origins.insert(session.session.origin);
    }

    /// True when a key that was used at this time was used after tokens had come. What lies before, or at an unknown time,
    /// is no parallel use.
    fn is_before(&self, used: Option<Timestamp>) -> bool {
        self.since.zip(used).is_some_and(|(since, used)| since <= used)
    }

    /// Names whose tokens they are.
    fn subjects(&self, context: &Context<'_>) -> String {
        phrase::all_of(self.origins.iter().map(|origin| context.lineage.origin(*origin).label()))
    }
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let status = KeyStatus::read(context);
    let is_judged = |key: &&LongTermKey| {
        !KeyOwner::of(context, key).is_allowed(context) && status.off_since(context, key).is_none()
    };
    let keys: Vec<&LongTermKey> = context.lineage.long_term_keys.iter().filter(is_judged).collect();
    if keys.is_empty() {
        return;
    }
    let doors = Doors::observe(context);
    let by_key = sessions_by_key(context);
    for key in keys {
        let sessions = by_key.get(&key.access_key).map(Vec::as_slice).unwrap_or_default();
        let before = matches.len();
        same_role(context, &doors, key, sessions, matches);
        if matches.len() == before {
            same_repository(context, &doors, key, sessions, matches);
        }
        if matches.len() == before {
            matches.extend(same_account(context, &doors, key));
        }
    }
}

/// What pipelines reach with tokens.
struct Doors<'a> {
    roles: Map<Sym, Door<'a>>,
    repositories: BTreeMap<String, Door<'a>>,
    /// What tokens change, by account and call.
    writes: Map<(Sym, Option<Sym>, Option<Sym>), Door<'a>>,
    /// The services in which they change something, by account.
    services: Map<Sym, BTreeSet<&'a str>>,
}

impl<'a> Doors<'a> {
    fn observe(context: &Context<'a>) -> Self {
        let mut doors = Self {
            roles: Map::default(),
            repositories: BTreeMap::new(),
            writes: Map::default(),
            services: Map::default(),
        };
        for session in context.lineage.sessions().filter(|session| session.origin().is_pipeline) {
            if let Some(role) = session.session.role_arn {
                doors.roles.entry(role).or_insert_with(|| Door::new(session)).widen(session);
            }
            if session.session.parent.is_none()
                && let Some(repository) =
                    session.origin().token.as_ref().and_then(|subject| subject.repository.as_ref())
            {
                let repository = repository.to_ascii_lowercase();
                doors.repositories.entry(repository).or_insert_with(|| Door::new(session)).widen(session);
            }
            let writes: BTreeMap<(Option<&str>, Option<&str>), &Action> = session
                .actions()
                .filter(|(action, _)| is_write(action))
                .map(|(action, _)| ((context.lineage.opt(action.source), context.lineage.opt(action.name)), action))
                .collect();
            for action in writes.into_values() {
                if let Some(account) = session.session.account {
                    let call = (account, action.source, action.name);
                    doors.writes.entry(call).or_insert_with(|| Door::new(session)).widen(session);
                    doors.services.entry(account).or_default().extend(context.lineage.opt(action.source));
                }
            }
        }
        doors
    }
}

fn is_write(action: &Action) -> bool {
    action.read_only == Some(false) && action.error_code.is_none()
}

/// Returns the sessions whose chain a key began, by key.
fn sessions_by_key<'a>(context: &Context<'a>) -> Map<Sym, Vec<SessionView<'a>>> {
    let mut by_key: Map<Sym, Vec<SessionView<'a>>> = Map::default();
    for session in context.lineage.sessions() {
        if !session.origin().kind.rests_on_key() {
            continue;
        }
        let key = session.origin().access_key_id.as_deref();
        let key = key.filter(|key| arn::key_kind(key) == KeyKind::LongTerm);
        if let Some(key) = key.and_then(|key| context.lineage.observations.symbols.find(key)) {
            by_key.entry(key).or_default().push(session);
        }
    }
    by_key
}

/// The same role is entered through tokens and, since they came, by the key.
fn same_role(
    context: &Context<'_>,
    doors: &Doors<'_>,
    key: &LongTermKey,
    sessions: &[SessionView<'_>],
    matches: &mut Vec<Match>,
) {
    let since = sessions.iter().filter_map(|session| {
        let role = session.session.role_arn?;
        doors.roles.get(&role)?.is_before(session.issued()).then_some((role, *session))
    });
    for (role, by_key) in occurrences::gather(since) {
        let Some(door) = doors.roles.get(&role) else { continue };
        let role_arn = context.lineage.str(role);
        let role = phrase::role(context, role_arn);
        let mut found = entered(context, key, door, (&role, arn::short(role_arn)), &by_key);
        found.key.push(("role_arn", role_arn.to_owned()));
        matches.push(found);
    }
}

/// The same repository uses both: the tags of the key's sessions name it, and so do tokens.
fn same_repository(
    context: &Context<'_>,
    doors: &Doors<'_>,
    key: &LongTermKey,
    sessions: &[SessionView<'_>],
    matches: &mut Vec<Match>,
) {
    let since = sessions.iter().filter_map(|session| {
        let repository = session.tag("Repository")?.to_ascii_lowercase();
        doors.repositories.get(&repository)?.is_before(session.issued()).then_some((repository, *session))
    });
    for (repository, by_key) in occurrences::gather(since) {
        let Some(door) = doors.repositories.get(&repository) else { continue };
        let what = format!("AWS for the repository {repository}");
        let mut found = entered(context, key, door, (&what, &repository), &by_key);
        found.key.push(("repository", repository));
        matches.push(found);
    }
}

/// Says that tokens and the sessions of a key enter the same.
fn entered(
    context: &Context<'_>,
    key: &LongTermKey,
    door: &Door<'_>,
    (what, short): (&str, &str),
    by_key: &Occurrences<'_>,
) -> Match {
    let used = Used {
        times: format!("in {}", phrase::count(by_key.count(), "session")),
        count: by_key.count(),
        last: by_key.sessions().iter().filter_map(SessionView::issued).max(),
    };
    let mut found = matched(context, key, door, (what, short), &used);
    found.evidence.extend(by_key.evidence());
    found.chain_ids.extend(by_key.chain_ids(context));
    found
}

/// The key itself makes the changes that a pipeline makes in the same account: all services it writes to are ones
/// that the pipeline writes to, and at least one call is the same and was made with the key after tokens had made it.
fn same_account(context: &Context<'_>, doors: &Doors<'_>, key: &LongTermKey) -> Option<Match> {
    let lineage = context.lineage;
    let direct = key.principals.iter().filter(|id| lineage.principal(**id).invoked_by.is_none());
    let writes: Vec<(Sym, &Action, &Tally)> = direct
        .flat_map(|id| lineage.actions.of(*id).iter().map(|row| (lineage.principal(*id).account, row)))
        .filter_map(|(account, (action, tally))| Some((account?, lineage.action(*action), tally)))
        .filter(|(_, action, _)| is_write(action))
        .collect();
    let (account, ..) = writes.first()?;
    let pipeline = doors.services.get(account)?;
    let is_subset = writes.iter().all(|(of, action, _)| {
        of == account && lineage.opt(action.source).is_some_and(|source| pipeline.contains(source))
    });
    if !is_subset {
        return None;
    }
    let shared: Vec<(&Door<'_>, &Action, &Tally)> = writes
        .iter()
        .filter_map(|(of, action, tally)| {
            let door = doors.writes.get(&(*of, action.source, action.name))?;
            door.is_before(tally.last.time()).then_some((door, *action, *tally))
        })
        .collect();
    // The call that tokens made first tells since when both are there.
    let (door, ..) = shared.iter().min_by_key(|(door, ..)| door.since)?;
    let calls = phrase::all_of(shared.iter().filter_map(|(_, action, _)| lineage.opt(action.name)));
    let account_id = lineage.str(*account);
    let what = format!("{calls} in {}", phrase::account(context, account_id));
    let count: u64 = shared.iter().map(|(door, _, tally)| calls_since(door, tally)).sum();
    let is_whole = shared.iter().all(|(door, _, tally)| door.is_before(tally.first.time()));
    let used = Used {
        times: format!("{}{}", if is_whole { "in " } else { "in at least " }, phrase::count(count, "call")),
        count,
        last: shared.iter().filter_map(|(.., tally)| tally.last.time()).max(),
    };
    let mut found = matched(context, key, door, (&what, &what), &used);
    found.key.push(("account_id", account_id.to_owned()));
    found.confidence = Confidence::Medium;
    found.basis = Basis::Heuristic;
    if key.ci.is_none() {
        found.severity = Severity::Medium;
    }
    let marks = shared
        .iter()
        .flat_map(|(door, _, tally)| [tally.first, tally.last].into_iter().filter(|mark| door.is_before(mark.time())));
    found.evidence.extend(marks.map(|mark| lineage.evidence(&mark)));
    Some(found)
}

/// Counts the calls that are known to lie behind the first token: all, or the last one alone. Of those between the first
/// and the last the times are not kept.
fn calls_since(door: &Door<'_>, tally: &Tally) -> u64 {
    if door.is_before(tally.first.time()) { tally.count() } else { 1 }
}

/// How a key was used since tokens came.
struct Used {
    /// How often, in words.
    times: String,
    count: u64,
    last: Option<Timestamp>,
}

/// Says that `what` is reached both ways; the caller adds what it rests on.
fn matched(
    context: &Context<'_>,
    key: &LongTermKey,
    door: &Door<'_>,
    (what, short): (&str, &str),
    used: &Used,
) -> Match {
    let owner = KeyOwner::of(context, key);
    let (access_key, who) = (owner.key, owner.who());
    let since = door.since.map(|time| format!(" since {time}")).unwrap_or_default();
    let last = used.last.map(|time| format!(", last at {time}")).unwrap_or_default();
    let days = used.last.zip(door.since).map(|(last, first)| (last.0 - first.0) / DAY);
    let overlap = match days {
        Some(days @ 1..) => {
            let days = phrase::count(u64::try_from(days).unwrap_or_default(), "day");
            format!(" The key was still used {days} after the first token in these logs.")
        }
        _ => String::new(),
    };
    let in_ci = key.ci.as_ref().map(|ci| format!(" A CI system used the key: {}.", ci_keys::said(ci)));
    let sessions = phrase::count(door.count, "session");
    Match {
        key: owner.key_parts(),
        severity: Severity::High,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("{short} is reached by OIDC and still by {access_key} of {}", owner.short()),
        message: format!(
            "Tokens of {} reach {what}{since} ({sessions}), and the key {access_key} of {who} did so after that, too: \
             {}{last}.{overlap}{} As long as the key works, the checks on the token protect nothing.",
            door.subjects(context),
            used.times,
            in_ci.unwrap_or_default(),
        ),
        remediation: Some(format!(
            "Find the workflow that still holds {access_key} and move it to OIDC. Deactivate the key, watch one \
             release, then delete the key and its secret; {} needs no key any more.",
            door.last.origin().label()
        )),
        count: used.count,
        evidence: door.first.issuing_evidence(),
        chain_ids: context.chain_ids(door.first.id),
    }
}
