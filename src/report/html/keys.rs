//! Long-lived keys: whose they are, and what they still do.

use std::collections::BTreeSet;
use std::io;

use super::View;
use super::count;
use super::page::Page;
use super::page::number;
use super::page::text;
use crate::model::width::wide;
use crate::report::names::UNKNOWN;
use crate::report::names::day;
use crate::report::wire::key::LongTermKey;

/// How many keys are shown.
const MAX_KEYS: usize = 500;

/// How many addresses and clients of a key are named.
const MAX_CONTACTS: usize = 3;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("keys", "Long-lived keys")?;
    let keys: Vec<LongTermKey<'_>> = view.rows.long_term_keys().collect();
    if keys.is_empty() {
        page.paragraph("No long-lived key was used.")?;
        return page.end_section();
    }
    let in_ci = keys.iter().filter(|key| key.ci).count();
    page.paragraph(&format!(
        "{} of IAM users used; {in_ci} by a CI system. What a key did through roles stands at the routes.",
        count(wide(keys.len()), "key")
    ))?;
    page.table(
        "Long-lived keys, the most writes first",
        &[
            text("key"),
            text("user"),
            number("calls"),
            number("writes"),
            number("assumptions"),
            text("CI"),
            text("first use"),
            text("last use"),
            text("from"),
            text("with"),
        ],
    )?;
    for key in keys.iter().take(MAX_KEYS) {
        page.put("<tr><th scope=\"row\"><code>{}</code></th>", [&key.access_key_id])?;
        let user = key.principal_arn.as_deref();
        page.cell(&user.map_or_else(|| UNKNOWN.to_owned(), |user| view.names.principal(user, usize::MAX)))?;
        page.count(key.calls)?;
        page.count(key.writes)?;
        page.count(key.assumptions)?;
        let ci = key.ci_sign.zip(key.ci_reason.as_deref()).map(|(sign, reason)| format!("△ yes ({sign}: {reason})"));
        match ci {
            Some(ci) => page.put("<td class=\"notice\">{}</td>", [&ci])?,
            None => page.put("<td class=\"plain\">{}</td>", [&"no"])?,
        }
        page.time(&day(key.first_event))?;
        page.time(&day(key.last_event))?;
        page.cell(&some(key.source_ips.iter().map(AsRef::as_ref)))?;
        page.cell(&some(key.user_agents.iter().map(|agent| product(agent))))?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_KEYS, keys.len(), "keys")?;
    page.end_section()
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

/// Returns the first product of a user agent: `aws-cli/2.31.32`. The rest is long, and stands in the JSON report.
fn product(agent: &str) -> &str {
    agent.split(' ').next().unwrap_or(agent)
}
