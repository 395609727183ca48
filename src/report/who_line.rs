//! One line of `rolechain who`: a chain, direct use of a key, or denied attempts.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use super::judged::Judged;
use super::judged::Judgment;
use super::names;
use super::names::ARROW;
use super::names::Names;
use super::names::count;
use super::names::unbroken;
use super::run_words;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::wire::Rows;
use super::wire::Text;
use super::wire::Time;
use super::wire::ci::CiRun;
use super::wire::denied::Denied;
use super::wire::origin::Origin;
use super::wire::run_link::Ci;
use crate::model::chain::Activity;
use crate::model::chain::Chain;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Action;
use crate::model::principal::PrincipalId;
use crate::model::tallies::Tally;
use crate::model::width::place;
use crate::text::fit;

/// How many kinds of writes a line names.
const MAX_WRITES: usize = 2;

/// As many roles are named; of more, the first and the last.
const MAX_ROLES: usize = 3;

/// Services whose changes open doors or hide tracks: they are named first.
const TELLING: [&str; 8] = [
    "cloudtrail.amazonaws.com",
    "iam.amazonaws.com",
    "organizations.amazonaws.com",
    "kms.amazonaws.com",
    "guardduty.amazonaws.com",
    "config.amazonaws.com",
    "secretsmanager.amazonaws.com",
    "sso.amazonaws.com",
];

/// What acted.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line<'a> {
    /// `chain`, `key` (used directly, without a role), `caller` (neither a session nor a key in these logs), or `denied`.
    pub(super) kind: &'static str,
    /// The last call, else when the session was issued.
    pub(super) time: Option<Time>,
    /// Who stood at the beginning; null for denied attempts of somebody who is not known.
    origin: Option<Origin<'a>>,
    /// Who asked, for denied attempts; whose key it is, and who called, for keys and callers.
    principal: Option<Text<'a>>,
    /// The token's subject, for denied attempts.
    subject: Option<Text<'a>>,
    /// The roles in order; for denied attempts the one that was asked for.
    role_arns: Vec<Text<'a>>,
    /// Calls of every session of the chain.
    calls: u64,
    /// Writes of every session of the chain.
    writes: u64,
    /// The writes by name, the most telling first.
    write_actions: Vec<String>,
    /// Denied attempts; retries within 120 seconds are one.
    attempts: u64,
    /// How they were denied.
    error_code: Option<Text<'a>>,
    /// Whether it was expected.
    pub(super) judgment: Judgment<'a>,
    /// The CI run, when it is known.
    ci_run: Option<CiRun>,
    /// What the CI system says of the run; null without `--ci`.
    ci: Option<Ci>,
    /// What `rolechain trace` takes: a chain id, an access key id, or the id of the last event.
    pub(super) id: Option<String>,
    /// What stands between time and judgment.
    #[serde(skip)]
    told: Vec<String>,
}

/// Makes lines.
pub(super) struct Lines<'a> {
    rows: Rows<'a>,
    names: Names<'a>,
    judged: Judged<'a>,
    callers: &'a BTreeSet<PrincipalId>,
    /// Names that stand for several repositories here: those are shown with their ids.
    shared: BTreeSet<String>,
    /// What each session and those above it did.
    totals: Vec<Activity>,
}

impl<'a> Lines<'a> {
    /// `callers` are those with neither a session nor a key that were asked for.
    pub(super) fn of(rows: &Rows<'a>, callers: &'a BTreeSet<PrincipalId>) -> Self {
        let lineage = rows.lineage();
        let origins: BTreeSet<u32> = lineage.chains.iter().map(|chain| lineage.leaf(chain).session.origin).collect();
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for parts in origins.iter().filter_map(|origin| rows.origin(lineage.origin(*origin)).subject_parts) {
            if let Some((name, id)) = parts.repository.zip(parts.repository_id) {
                ids.entry(name).or_default().insert(id);
            }
        }
        let shared = ids.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(name, _)| name).collect();
        let totals = lineage.handed_down(|session, above: Option<&Activity>| {
            let mut total = session.activity();
            total.merge(&above.copied().unwrap_or_default());
            total
        });
        let names = Names::new(&rows.report, &rows.options);
        Self { rows: *rows, names, judged: Judged::of(rows), callers, shared, totals }
    }

    /// Returns every line, the newest first.
    pub(super) fn all(&self) -> Vec<Line<'a>> {
        let lineage = self.rows.lineage();
        let chains =
            lineage.chains.iter().filter(|chain| self.rows.is_shown(chain.is_listed)).map(|chain| self.chain(chain));
        let keys = lineage.long_term_keys.iter().filter(|key| key.activity.calls > 0).map(|key| self.key(key));
        let denied = self.rows.denied().into_iter().map(|row| self.denied(row));
        let mut lines: Vec<Line<'a>> = chains.chain(keys).chain(self.callers()).chain(denied).collect();
        lines.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.id.cmp(&b.id)));
        lines
    }

    fn chain(&self, chain: &'a Chain) -> Line<'a> {
        let leaf = self.rows.lineage().leaf(chain);
        let total = self.totals.get(place(leaf.id.0)).copied().unwrap_or_default();
        // Of a long chain those in the middle stand in an earlier one.
        let sessions = chain.path.iter().map(|id| self.rows.lineage().session(*id));
        let write_actions = writes(sessions.flat_map(|session| session.actions()), &self.rows);
        let origin = self.rows.origin(self.rows.lineage().origin_of(chain));
        let role_arns = self.rows.roles_of(chain);
        let judgment = self.judged.chain(chain);
        let way = format!("{}{}", self.who(&origin, judgment.expected == "no"), self.way(&role_arns));
        Line {
            kind: "chain",
            time: total.last_event.or(leaf.issued()).map(Time),
            calls: total.calls,
            writes: total.writes,
            judgment,
            ci_run: self.rows.ci_run(chain),
            ci: self.rows.ci(chain),
            id: Some(chain.id.to_string()),
            told: vec![way, did(total.calls, total.writes, &write_actions)],
            write_actions,
            origin: Some(origin),
            role_arns,
            ..Line::default()
        }
    }

    fn key(&self, key: &'a LongTermKey) -> Line<'a> {
        let lineage = self.rows.lineage();
        let row = self.rows.long_term_key(key);
        let users: BTreeSet<&str> =
            key.principals.iter().filter_map(|id| lineage.opt(lineage.principal(*id).arn)).collect();
        let write_actions = writes(lineage.actions_of(&key.principals), &self.rows);
        let users: Vec<String> =
            users.iter().map(|arn| self.names.principal(&self.rows.shade.text(arn), usize::MAX)).collect();
        let user = if users.is_empty() { names::UNKNOWN.to_owned() } else { users.join(" and ") };
        Line {
            kind: "key",
            time: key.activity.last_event.map(Time),
            principal: row.principal_arn,
            calls: key.activity.calls,
            writes: key.activity.writes,
            judgment: self.judged.key(key),
            told: vec![
                format!("key {} of {user}", safe(&row.access_key_id)),
                paint(Style::Medium, "used directly, no role"),
                did(key.activity.calls, key.activity.writes, &write_actions),
            ],
            id: Some(row.access_key_id.into_owned()),
            write_actions,
            ..Line::default()
        }
    }

    /// Returns a line for each caller with neither a session nor a key here: a sign-in, another account, nobody known.
    fn callers(&self) -> impl Iterator<Item = Line<'a>> {
        let lineage = self.rows.lineage();
        let mut callers: BTreeMap<(&str, &str), Vec<PrincipalId>> = BTreeMap::new();
        for id in self.callers {
            let principal = lineage.principal(*id);
            let names = [principal.arn, principal.principal_id, principal.account];
            let name = names.into_iter().find_map(|sym| lineage.opt(sym)).unwrap_or(names::UNKNOWN);
            callers.entry((principal.kind.name(), name)).or_default().push(*id);
        }
        callers.into_iter().map(|((kind, name), ids)| self.caller(kind, name, &ids))
    }

    fn caller(&self, kind: &str, name: &'a str, ids: &[PrincipalId]) -> Line<'a> {
        let lineage = self.rows.lineage();
        let mut total = Activity::default();
        for id in ids {
            total.merge(&lineage.activity_of_principal(*id));
        }
        let last = lineage.actions_of(ids).map(|(_, tally)| &tally.last).max_by_key(|mark| mark.time());
        let write_actions = writes(lineage.actions_of(ids), &self.rows);
        let name = self.rows.shade.text(name);
        let told = format!("{kind} {}", self.names.principal(&name, usize::MAX));
        Line {
            kind: "caller",
            time: total.last_event.map(Time),
            principal: Some(name),
            calls: total.calls,
            writes: total.writes,
            judgment: self.judged.callers(ids),
            told: vec![told, "no session or key".to_owned(), did(total.calls, total.writes, &write_actions)],
            id: last.and_then(|mark| lineage.evidence(mark).event_id),
            write_actions,
            ..Line::default()
        }
    }

    fn denied(&self, row: Denied<'a>) -> Line<'a> {
        let subject = names::denied_subject(&row);
        let principal = || row.principal.as_deref().map(|principal| self.names.principal(principal, usize::MAX));
        let who = subject.or_else(principal).unwrap_or_else(|| names::UNKNOWN.to_owned());
        let role_arns: Vec<Text<'a>> = row.role_arn.iter().cloned().collect();
        let way =
            if role_arns.is_empty() { format!("{ARROW}a role that was not logged") } else { self.way(&role_arns) };
        let error = row.error_code.as_deref().map(|error| format!(": {}", safe(error))).unwrap_or_default();
        let settling = if row.settling_runs == row.runs { ", before a change of IAM had spread" } else { "" };
        Line {
            kind: "denied",
            time: row.last_event,
            attempts: row.runs,
            judgment: self.judged.denied(&row),
            told: vec![
                format!("{who}{way}"),
                paint(Style::Medium, &format!("denied{error}")),
                format!("{}{settling}", count(row.runs, "attempt")),
            ],
            id: row.event_ids.last().cloned(),
            principal: row.principal,
            subject: row.subject,
            error_code: row.error_code,
            role_arns,
            ..Line::default()
        }
    }

    /// Says `acme/orders env prod`, or the kind of origin and its name.
    ///
    /// Whoever is accused, or shares its name with another repository here, is named by its ids, too.
    fn who(&self, origin: &Origin<'_>, is_accused: bool) -> String {
        let name = self.names.origin(origin, usize::MAX);
        let parts = origin.subject_parts.as_ref().filter(|parts| parts.provider == "github");
        let Some((parts, repository)) = parts.and_then(|parts| Some((parts, parts.repository.as_ref()?))) else {
            let service = origin.service.as_deref().filter(|_| origin.kind == "forward_access");
            let service = service.map(|service| safe(service.strip_suffix(".amazonaws.com").unwrap_or(service)));
            return service
                .map_or_else(|| format!("{} {name}", names::via(origin)), |service| format!("{service} for {name}"));
        };
        let context = match (parts.context_kind, parts.environment.as_deref(), parts.git_ref.as_deref()) {
            (_, Some(environment), _) => format!("env {environment}"),
            ("branch" | "tag", _, Some(git_ref)) => {
                format!("{} {}", parts.context_kind, git_ref.splitn(3, '/').nth(2).unwrap_or(git_ref))
            }
            ("pull_request", ..) => "pull request".to_owned(),
            _ => return name,
        };
        let ids = parts.owner_id.as_ref().zip(parts.repository_id.as_ref()).zip(repository.split_once('/'));
        if let Some(((owner_id, id), (owner, name))) = ids.filter(|_| is_accused || self.shared.contains(repository)) {
            return format!("{} {}", safe(&format!("{owner}@{owner_id}/{name}@{id}")), safe(&context));
        }
        format!("{} {}", safe(repository), safe(&context))
    }

    fn way(&self, roles: &[Text<'_>]) -> String {
        let Some((last, before)) = roles.split_last() else { return ", no role".to_owned() };
        let named: Vec<String> = match before {
            [first, middle @ ..] if before.len() > MAX_ROLES => {
                vec![names::short_role(first), format!("… {} more …", middle.len())]
            }
            _ => before.iter().map(|role| names::short_role(role)).collect(),
        };
        let last = self.names.role(last);
        named.iter().chain([&last]).flat_map(|role| [ARROW, role]).collect()
    }
}

impl Line<'_> {
    /// Returns what stands behind the time: pieces that are broken only where one alone has not enough room.
    pub(super) fn pieces(&self, room: usize) -> Vec<String> {
        let run = self.ci_run.as_ref().map(|run| {
            let claim = if run.basis == "proved" { "run" } else { "claims run" };
            format!("{claim} {}", safe(&run.run_id))
        });
        let people = self.ci.as_ref().and_then(|ci| run_words::people(ci, self.time));
        let id = self.id.as_deref().map(|id| paint(Style::Quiet, &safe(id)));
        let pieces = self.told.iter().cloned().chain([self.judgment.words()]).chain(run).chain(people).chain(id);
        pieces.map(|piece| if fit::width(&piece) + 2 <= room { unbroken(&piece) } else { piece }).collect()
    }
}

/// Names the writes, the most telling first: what opens doors or hides tracks, then what was done least often.
pub(super) fn writes<'l>(actions: impl Iterator<Item = (&'l Action, &'l Tally)>, rows: &Rows<'_>) -> Vec<String> {
    let mut counts: BTreeMap<(Option<&str>, Option<&str>), u64> = BTreeMap::new();
    for (action, tally) in actions.filter(|(action, _)| action.read_only == Some(false) && action.error_code.is_none())
    {
        let name = (rows.lineage().opt(action.source), rows.lineage().opt(action.name));
        *counts.entry(name).or_default() += tally.count();
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    let is_telling = |source: Option<&str>| source.is_some_and(|source| TELLING.contains(&source));
    let ends = |name: Option<&str>| {
        name.is_some_and(|name| ["Stop", "Delete", "Disable"].iter().any(|verb| name.starts_with(verb)))
    };
    counts.sort_by_key(|((source, name), count)| (Reverse(is_telling(*source)), Reverse(ends(*name)), *count));
    let shown = |((source, name), _): &((Option<&str>, Option<&str>), u64)| {
        let service = source.unwrap_or(names::UNKNOWN);
        let service = service.strip_suffix(".amazonaws.com").unwrap_or(service);
        rows.shade.text(&format!("{service}:{}", name.unwrap_or(names::UNKNOWN))).into_owned()
    };
    counts.iter().map(shown).collect()
}

/// Says `4 writes (StopLogging, …)`.
fn did(calls: u64, writes: u64, actions: &[String]) -> String {
    if writes == 0 {
        return if calls == 0 { "no call".to_owned() } else { format!("{}, no write", count(calls, "call")) };
    }
    let mut named: Vec<String> = Vec::new();
    for action in actions.iter().take(MAX_WRITES) {
        named.push(safe(action.split_once(':').map_or(action.as_str(), |(_, name)| name)).into_owned());
    }
    if actions.len() > MAX_WRITES {
        named.push("…".to_owned());
    }
    format!("{} ({})", count(writes, "write"), named.join(", "))
}
