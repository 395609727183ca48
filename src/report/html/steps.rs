//! The steps of a route as boxes of the graph: what each says, and how it is judged.

use std::collections::BTreeMap;

use super::View;
use crate::model::arn;
use crate::report::document::Mark;
use crate::report::names::via;
use crate::report::wire::chain::Route;
use crate::report::wire::origin::Origin;
use crate::text::fit;
use crate::text::terminal;

/// The heads of the columns with the longest names.
pub(super) const ORIGIN: &str = "origin";
pub(super) const ROLE: &str = "role";

/// How many lines a name may take.
const MAX_LINES: usize = 3;

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
    Pass(usize, usize, Mark),
}

/// One route to be drawn.
pub(super) struct Drawn<'a> {
    pub(super) route: Route<'a>,
    /// What findings say of each step: into each role, and what was done at the end.
    pub(super) steps: Vec<Mark>,
    /// The place of the worst finding about it on the page.
    pub(super) finding: Option<String>,
    /// How many of its runs called each service, by the service's name.
    pub(super) services: BTreeMap<&'a str, u64>,
}

/// One step of a route: which node, in which column.
pub(super) struct Step {
    pub(super) column: usize,
    pub(super) key: Key,
    /// What the box says; the lines that are marked are smaller.
    pub(super) lines: Vec<(String, bool)>,
    pub(super) title: String,
    pub(super) grade: Mark,
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
        lines: lines(ORIGIN, &label, &sub),
        title: if full.is_empty() { "origin not known".to_owned() } else { full.clone() },
        key: Key::Origin(format!("{} {full}", origin.kind)),
        grade: Mark::Plain,
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
        (Some(repository), Some((_, context))) => {
            let ids = ids.unwrap_or_else(|| format!(", {}", via(origin)));
            (repository.to_owned(), format!("{context}{ids}"))
        }
        _ => (spoken, via(origin).to_owned()),
    }
}

pub(super) fn role_step(view: &View<'_>, role: &str, column: usize) -> Step {
    let (arn, again) = role.split_once(AGAIN).map_or((role, None), |(arn, again)| (arn, Some(again)));
    let name = match arn.strip_prefix(FOLDED) {
        Some(folded) => format!("… {folded}"),
        None => crate::report::names::short_role(arn),
    };
    let account = arn::account(arn).map(|account| view.names.account(account)).unwrap_or_default();
    let sub = again.map_or_else(|| account.clone(), |again| format!("{account}, time {again}"));
    Step {
        column,
        key: Key::Role(role.to_owned()),
        lines: lines(ROLE, &name, &sub),
        title: arn.to_owned(),
        grade: view.judged.roles.get(arn).copied().map(Mark::from).unwrap_or_default(),
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
        lines: lines("account", name.as_deref().unwrap_or(id), name.as_ref().map_or("", |_| id)),
        title: id.to_owned(),
        grade: Mark::Plain,
        finding: None,
    }
}

pub(super) fn service_step(view: &View<'_>, service: &str, column: usize) -> Step {
    let shown = view.rows.shade.text(service).into_owned();
    let short = shown.strip_suffix(".amazonaws.com").unwrap_or(&shown);
    Step {
        column,
        key: Key::Service(service.to_owned()),
        lines: lines("service", short, ""),
        title: shown.clone(),
        grade: Mark::Plain,
        finding: None,
    }
}

/// Returns how many characters a line of a box has below a head. Names of accounts and services are shorter than others.
pub(super) fn characters(head: &str) -> usize {
    match head {
        ORIGIN => 30,
        ROLE => 24,
        _ => 17,
    }
}

/// Breaks a name and what stands below it into lines that fit below a head.
fn lines(head: &str, name: &str, sub: &str) -> Vec<(String, bool)> {
    let columns = characters(head);
    // The smaller letters are narrower, too.
    let texts =
        [(name, columns, false), (sub, columns * 6 / 5, true)].into_iter().filter(|(text, ..)| !text.is_empty());
    texts
        .flat_map(|(text, columns, is_sub)| broken(text, columns).into_iter().map(move |line| (line, is_sub)))
        .collect()
}

/// Breaks a name into lines behind the characters that names are made of parts with. Of one that is too long, the middle is
/// left out.
fn broken(name: &str, columns: usize) -> Vec<String> {
    let name = terminal::escape(name);
    let mut lines = Vec::new();
    let mut rest = name.as_ref();
    while fit::width(rest) > columns && lines.len() + 1 < MAX_LINES {
        let mut used = 0;
        let end = rest.char_indices().find(|(_, character)| {
            used += fit::width_of(*character);
            used > columns
        });
        let (line, _) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        let part = line.rfind(|c: char| c.is_ascii_punctuation() || c == ' ').map_or(line.len(), |at| at + 1);
        let (line, after) = rest.split_at(if part > line.len() / 3 { part } else { line.len() });
        lines.push(line.trim_end().to_owned());
        rest = after;
    }
    lines.push(fit::cut_middle(rest, columns).into_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn names_are_broken_between_their_parts() {
        for (name, lines) in [
            ("ci-deploy-role", vec!["ci-deploy-role"]),
            ("deploy-to-production-012", vec!["deploy-to-", "production-012"]),
            ("abcdefghijklmnopqrstuvwxyz", vec!["abcdefghijklmnop", "qrstuvwxyz"]),
            ("environment production", vec!["environment", "production"]),
            (
                "a-very-long-name/of/many-parts/that/nobody/can/read-012",
                vec!["a-very-long-", "name/of/many-", "parts/…/read-012"],
            ),
            ("田中田中田中田中田中", vec!["田中田中田中田中", "田中"]),
            ("", vec![""]),
        ] {
            assert_eq!(broken(name, 16), lines);
        }
    }
}
