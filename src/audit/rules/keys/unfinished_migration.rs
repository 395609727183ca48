//! `unfinished-migration`: one target, two doors: what a pipeline reaches with tokens is still reached with a long-lived key.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects::Subjects;
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

/// When OIDC came through a door, and how often.
#[derive(Clone, Copy)]
struct Door<'a> {
    first: SessionView<'a>,
    last: SessionView<'a>,
    count: u64,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let keys: Vec<&LongTermKey> =
        context.lineage.long_term_keys.iter().filter(|key| !is_allowed(context, key)).collect();
    if keys.is_empty() {
        return;
    }
    let subjects = Subjects::read(context);
    let doors = Doors::observe(context, &subjects);
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

fn is_allowed(context: &Context<'_>, key: &LongTermKey) -> bool {
    user(context, key).is_some_and(|user| context.expectations.keys.allows_user(user))
}

fn user<'a>(context: &Context<'a>, key: &LongTermKey) -> Option<&'a str> {
    key.principals.iter().find_map(|id| context.lineage.opt(context.lineage.principal(*id).arn))
}

/// What pipelines reach with tokens.
struct Doors<'a> {
    roles: Map<Sym, Door<'a>>,
    repositories: BTreeMap<String, Door<'a>>,
    /// What tokens change, by account: the calls and the first chain that made each.
    writes: Map<(Sym, Option<Sym>, Option<Sym>), Door<'a>>,
}

impl<'a> Doors<'a> {
    fn observe(context: &Context<'a>, subjects: &Subjects) -> Self {
        let mut doors = Self { roles: Map::default(), repositories: BTreeMap::new(), writes: Map::default() };
        for session in context.lineage.sessions().filter(|session| subjects.is_pipeline(*session)) {
            let door = Door { first: session, last: session, count: 1 };
            let widen = |known: &mut Door<'a>| {
                known.last = session;
                known.count += 1;
            };
            if let Some(role) = session.session.role_arn {
                doors.roles.entry(role).and_modify(widen).or_insert(door);
            }
            if session.session.parent.is_none()
                && let Some(repository) = subjects.of(session).and_then(|subject| subject.repository.as_ref())
            {
                doors.repositories.entry(repository.to_ascii_lowercase()).and_modify(widen).or_insert(door);
            }
            let writes: BTreeMap<(Option<&str>, Option<&str>), &Action> = session
                .actions()
                .filter(|(action, _)| is_write(action))
                .map(|(action, _)| ((context.lineage.opt(action.source), context.lineage.opt(action.name)), action))
                .collect();
            for action in writes.into_values() {
                if let Some(account) = session.session.account {
                    doors.writes.entry((account, action.source, action.name)).and_modify(widen).or_insert(door);
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

/// The same role is entered through tokens and by the key.
fn same_role(
    context: &Context<'_>,
    doors: &Doors<'_>,
    key: &LongTermKey,
    sessions: &[SessionView<'_>],
    matches: &mut Vec<Match>,
) {
    let by_role = sessions.iter().filter_map(|session| Some((session.session.role_arn?, *session)));
    for (role, by_key) in occurrences::gather(by_role) {
        let Some(door) = doors.roles.get(&role) else { continue };
        let role_arn = context.lineage.str(role);
        let role = phrase::role(context, role_arn);
        let last = by_key.sessions().last().and_then(SessionView::issued);
        let mut found = matched(context, key, door, &role, arn::short(role_arn), last);
        found.key.push(("role_arn", role_arn.to_owned()));
        found.count = by_key.count();
        found.evidence.extend(by_key.evidence());
        found.chain_ids.extend(by_key.chain_ids(context));
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
    let by_repository =
        sessions.iter().filter_map(|session| Some((session.tag("Repository")?.to_ascii_lowercase(), *session)));
    for (repository, by_key) in occurrences::gather(by_repository) {
        let Some(door) = doors.repositories.get(&repository) else { continue };
        let last = by_key.sessions().last().and_then(SessionView::issued);
        let what = format!("AWS for the repository {repository}");
        let mut found = matched(context, key, door, &what, &repository, last);
        found.key.push(("repository", repository));
        found.count = by_key.count();
        found.evidence.extend(by_key.evidence());
        found.chain_ids.extend(by_key.chain_ids(context));
        matches.push(found);
    }
}

/// The key itself makes the changes that a pipeline makes in the same account: all services it writes to are ones
/// that the pipeline writes to, and at least one call is the same.
fn same_account(context: &Context<'_>, doors: &Doors<'_>, key: &LongTermKey) -> Option<Match> {
    let lineage = context.lineage;
    let direct = key.principals.iter().filter(|id| lineage.principal(**id).invoked_by.is_none());
    let writes: Vec<(Sym, &Action, &Tally)> = direct
        .flat_map(|id| lineage.actions.of(*id).iter().map(|row| (lineage.principal(*id).account, row)))
        .filter_map(|(account, (action, tally))| Some((account?, lineage.action(*action), tally)))
        .filter(|(_, action, _)| is_write(action))
        .collect();
    let (account, ..) = writes.first()?;
    let pipeline: BTreeSet<&str> = doors
        .writes
        .keys()
        .filter(|(of, ..)| of == account)
        .filter_map(|(_, source, _)| lineage.opt(*source))
        .collect();
    let is_subset = writes.iter().all(|(of, action, _)| {
        of == account && lineage.opt(action.source).is_some_and(|source| pipeline.contains(source))
    });
    if !is_subset {
        return None;
    }
    let shared: Vec<(&Door<'_>, &Action, &Tally)> = writes
        .iter()
        .filter_map(|(of, action, tally)| {
            Some((doors.writes.get(&(*of, action.source, action.name))?, *action, *tally))
        })
        .collect();
    let (door, ..) = shared.first()?;
    let calls = phrase::all_of(shared.iter().filter_map(|(_, action, _)| lineage.opt(action.name)));
    let account_id = lineage.str(*account);
    let what = format!("{calls} in {}", phrase::account(context, account_id));
    let last = shared.iter().filter_map(|(.., tally)| tally.last.time()).max();
    let mut found = matched(context, key, door, &what, &what, last);
    found.key.push(("account_id", account_id.to_owned()));
    found.confidence = Confidence::Medium;
    found.basis = Basis::Heuristic;
    if key.ci.is_none() {
        found.severity = Severity::Medium;
    }
    found.count = shared.iter().map(|(.., tally)| tally.count()).sum();
    found
        .evidence
        .extend(shared.iter().flat_map(|(.., tally)| [tally.first, tally.last]).map(|mark| lineage.evidence(&mark)));
    Some(found)
}

/// Says that `what` is reached both ways; the caller adds what it rests on.
fn matched(
    context: &Context<'_>,
    key: &LongTermKey,
    door: &Door<'_>,
    what: &str,
    short: &str,
    last_by_key: Option<Timestamp>,
) -> Match {
    let access_key = context.lineage.str(key.access_key);
    let user = user(context, key);
    let who = user.map_or_else(|| "an unnamed user".to_owned(), str::to_owned);
    let since = door.first.issued().map(|time| format!(" since {time}")).unwrap_or_default();
    let last = last_by_key.map(|time| format!(", last at {time}")).unwrap_or_default();
    let days = last_by_key.zip(door.first.issued()).map(|(last, first)| (last.0 - first.0) / DAY);
    let overlap = match days {
        Some(days @ 1..) => {
            let days = phrase::count(u64::try_from(days).unwrap_or_default(), "day");
            format!(" The key was still used {days} after the first token in these logs.")
        }
        _ => String::new(),
    };
    let mut id = vec![("access_key_id", access_key.to_owned())];
    id.extend(user.map(|user| ("principal_arn", user.to_owned())));
    let times = phrase::count(door.count, "session");
    Match {
        key: id,
        severity: Severity::High,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("{short} is reached by OIDC and still by {access_key} of {}", arn::short(&who)),
        message: format!(
            "Tokens of {} reach {what}{since} ({times}), and the key {access_key} of {who} still does so, too{last}.\
             {overlap} As long as the key works, the checks on the token protect nothing.",
            door.first.origin().label()
        ),
        remediation: Some(format!(
            "Find the workflow that still holds {access_key} and move it to OIDC. Deactivate the key, watch one \
             release, then delete the key and its secret; {} needs no key any more.",
            door.last.origin().label()
        )),
        count: 1,
        evidence: door.first.issuing_evidence(),
        chain_ids: context.chain_ids(door.first.id),
    }
}
