//! The steps of a route as boxes of the graph: what each says, and how it is judged.

use std::collections::BTreeMap;

use super::View;
use super::grade::Grade;
use crate::model::arn;
use crate::report::names::via;
use crate::report::wire::chain::Route;
use crate::report::wire::origin::Origin;

/// How many characters of a name a node shows.
const LABEL: usize = 23;

/// How many characters the smaller line below it has.
pub(super) const SUB: usize = 28;

/// Stands between a role and how often it came before: no ARN holds it.
pub(super) const AGAIN: char = '\u{1}';

/// Begins the name of several roles in one node: no ARN begins so.
pub(super) const FOLDED: char = '…';

/// What a node stands for. The order is that of columns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Origin(String),
    Role(String),
    Account(String),
    Service(String),
    /// A ribbon on its way through a column in which it has no node.
    Pass(usize, usize, Grade),
}

/// One route to be drawn.
pub(super) struct Drawn<'a> {
    pub(super) route: Route<'a>,
    /// What findings say of each step: into each role, and what was done at the end.
    pub(super) steps: Vec<Grade>,
    /// The place of the worst finding about it on the page.
    pub(super) finding: Option<String>,
    /// How many of its runs called each service, by the service's name.
    pub(super) services: BTreeMap<&'a str, u64>,
}

/// One step of a route: which node, in which column.
pub(super) struct Step {
    pub(super) column: usize,
    pub(super) key: Key,
    pub(super) label: String,
    pub(super) sub: String,
    pub(super) title: String,
    pub(super) grade: Grade,
    pub(super) finding: Option<String>,
}

pub(super) fn origin(view: &View<'_>, origin: &Origin<'_>) -> Step {
    let parts = [
        &origin.provider,
        &origin.subject,
        &origin.principal_arn,
        &origin.access_key_id,
        &origin.service,
        &origin.account_id,
    ];
    let known: Vec<&str> = parts.into_iter().flatten().map(AsRef::as_ref).collect();
    let full = known.join(" ");
    let (label, sub) = origin_words(view, origin);
    Step {
        column: 0,
        label,
        sub,
        title: if full.is_empty() { "origin not known".to_owned() } else { full.clone() },
        key: Key::Origin(format!("{} {full}", origin.kind)),
        grade: Grade::Plain,
        finding: None,
    }
}

/// Returns what the box of an origin says: the repository and what it was issued to, when the token names them.
fn origin_words(view: &View<'_>, origin: &Origin<'_>) -> (String, String) {
    let repository = origin.subject_parts.as_ref().and_then(|parts| parts.repository.as_deref());
    let spoken = view.names.origin(origin, usize::MAX);
    let ids = origin
        .subject_parts
        .as_ref()
        .and_then(|parts| Some(format!(" · {}/{}", parts.owner_id.as_deref()?, parts.repository_id.as_deref()?)));
    match (repository, spoken.split_once(' ')) {
        // Names pass to others, ids do not.
        (Some(repository), Some((_, context))) if ids.is_some() => {
            (fit(repository), cut(&format!("{context}{}", ids.unwrap_or_default()), SUB))
        }
        (Some(repository), Some((_, context))) => (fit(repository), cut(&format!("{context}, {}", via(origin)), SUB)),
        _ => (view.names.origin(origin, LABEL), via(origin).to_owned()),
    }
}

pub(super) fn role_step(view: &View<'_>, role: &str, column: usize) -> Step {
    let (arn, again) = role.split_once(AGAIN).map_or((role, None), |(arn, again)| (arn, Some(again)));
    let name = match arn.strip_prefix(FOLDED) {
        Some(folded) => format!("… {folded}"),
        None => crate::report::names::short_role(arn),
    };
    let sub = arn::account(arn).map(|account| view.names.account(account)).unwrap_or_default();
    Step {
        column,
        key: Key::Role(role.to_owned()),
        label: fit(&name),
        sub: cut(&again.map_or(sub.clone(), |again| format!("{sub}, time {again}")), SUB),
        title: arn.to_owned(),
        grade: Grade::from(view.judged.roles.get(arn).copied()),
        finding: view.role_findings.get(arn).cloned(),
    }
}

pub(super) fn account_step(view: &View<'_>, drawn: &Drawn<'_>, column: usize) -> Step {
    let of_role = drawn.route.role_arns.last().and_then(|role| arn::account(role));
    let account = of_role.or(drawn.route.origin.account_id.as_deref());
    let name = account.and_then(|id| view.names.account_name(id));
    let id = account.unwrap_or("account not known");
    Step {
        column,
        key: Key::Account(id.to_owned()),
        label: fit(name.as_deref().unwrap_or(id)),
        sub: if name.is_some() { id.to_owned() } else { String::new() },
        title: id.to_owned(),
        grade: Grade::Plain,
        finding: None,
    }
}

pub(super) fn service_step(view: &View<'_>, service: &str, column: usize) -> Step {
    let shown = view.rows.shade.text(service).into_owned();
    let short = shown.strip_suffix(".amazonaws.com").unwrap_or(&shown);
    Step {
        column,
        key: Key::Service(service.to_owned()),
        label: fit(short),
        sub: String::new(),
        title: shown.clone(),
        grade: Grade::Plain,
        finding: None,
    }
}

fn fit(name: &str) -> String {
    cut(name, LABEL)
}

pub(super) fn cut(name: &str, columns: usize) -> String {
    crate::text::fit::cut_middle(&crate::text::terminal::escape(name), columns).into_owned()
}
