//! Long-lived keys: whose they are, and what they still do.

use std::collections::BTreeSet;

use super::Cell;
use super::Column;
use super::Kind;
use super::Mark;
use super::Section;
use super::Table;
use super::View;
use super::count_of;
use super::moment;
use crate::model::width::wide;
use crate::report::names::UNKNOWN;
use crate::report::names::number;
use crate::report::wire::key::LongTermKey;

/// How many addresses and clients of a key are named.
const MAX_CONTACTS: usize = 3;

const COLUMNS: [Column; 11] = [
    Column::new("key", Kind::Name),
    Column::new("user", Kind::Name).flowing(""),
    Column::new("calls", Kind::Number),
    Column::new("writes", Kind::Number),
    Column::new("assumed", Kind::Number),
    Column::new("CI", Kind::Words),
    Column::new("seen by", Kind::Words).detail(),
    Column::new("first use", Kind::Time).detail(),
    Column::new("last use", Kind::Time),
    Column::new("from", Kind::Words).detail(),
    Column::new("with", Kind::Words).detail(),
];

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let keys: Vec<LongTermKey<'_>> = view.rows.long_term_keys().collect();
    let mut section = Section { id: "keys", title: "Long-lived keys", note: String::new(), blocks: Vec::new() };
    if keys.is_empty() {
        "none was used".clone_into(&mut section.note);
        return section;
    }
    let in_ci = match wide(keys.iter().filter(|key| key.ci).count()) {
        0 => String::new(),
        in_ci => format!(", {} by a CI system", number(in_ci)),
    };
    section.note = format!("{} used{in_ci}; what they did through roles is in the routes", count_of(keys.len(), "key"));
    let mut table = Table::new("Long-lived keys, the most writes first", &COLUMNS);
    for key in &keys {
        table.row(cells(view, key));
    }
    section.blocks.push(table.block());
    section
}

fn cells(view: &View<'_>, key: &LongTermKey<'_>) -> Vec<Cell> {
    let user = key.principal_arn.as_deref();
    vec![
        key.access_key_id.as_ref().into(),
        user.map_or_else(|| UNKNOWN.to_owned(), |user| view.names.principal(user, usize::MAX)).into(),
        key.calls.into(),
        key.writes.into(),
        key.assumptions.into(),
        key.ci_sign.map_or_else(Cell::default, |sign| Cell::marked(sign, Mark::Notice)),
        key.ci_reason.as_deref().unwrap_or_default().into(),
        moment(key.first_event).into(),
        moment(key.last_event).into(),
        some(key.source_ips.iter().map(AsRef::as_ref)).into(),
        some(key.user_agents.iter().map(|agent| product(agent))).into(),
    ]
}

/// Names the first of them, and says how many more there are.
fn some<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: BTreeSet<&str> = texts.collect();
    let named: Vec<&str> = texts.iter().take(MAX_CONTACTS).copied().collect();
    match texts.len().saturating_sub(MAX_CONTACTS) {
        0 if named.is_empty() => UNKNOWN.to_owned(),
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Returns the first product of a user agent: `aws-cli/2.31.32`. The rest is long, and is in the JSON report.
fn product(agent: &str) -> &str {
    agent.split(' ').next().unwrap_or(agent)
}
