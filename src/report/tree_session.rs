//! One session of a tree: its name and time, who asked for it and from where, why it hangs there, and what it did.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io;

use super::client;
use super::names;
use super::names::Names;
use super::names::count;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::wire::Rows;
use super::wire::Time;
use super::wire::chain::Action;
use super::wire::chain::Hop;
use super::wire::chain::LeafActivity;
use super::wire::chain::Link;
use crate::model::lineage::SessionView;
use crate::model::width::wide;
use crate::text::fit;

/// How many actions are listed: all of the session that was asked for would be too many.
const MAX_ACTIONS: usize = 15;

/// How many addresses and clients are listed.
const MAX_CONTACTS: usize = 5;

/// The width of the labels.
const LABEL: usize = 11;

/// What is needed to draw, besides the session at hand.
pub(super) struct Drawing<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) names: Names<'a>,
}

impl Drawing<'_> {
    fn client<'t>(&self, user_agent: &Cow<'t, str>) -> Cow<'t, str> {
        if self.rows.options.all { user_agent.clone() } else { client::short(user_agent) }
    }
}

pub(super) fn write(
    drawing: &Drawing<'_>,
    session: SessionView<'_>,
    indent: &str,
    in_full: bool,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let hop = drawing.rows.hop(session_of(drawing, session));
    let name = hop.role_arn.as_deref().map_or_else(|| user(drawing, &hop), |role| drawing.names.role(role));
    let first = format!("{indent}└─ ");
    let below = format!("{indent}   ");
    screen.hanging(&first, &below, &name, Some(Style::Strong))?;
    for (label, value, style) in facts(drawing, &hop, session) {
        let first = format!("{below}{}", paint(Style::Quiet, &format!("{label:LABEL$}")));
        screen.paragraph(&first, &value, style)?;
    }
    let activity = drawing.rows.leaf_activity(session_of(drawing, session));
    if activity.total.calls == 0 {
        let words = if session.children().next().is_some() { "nothing but assume roles" } else { "nothing" };
        let first = format!("{below}{}", paint(Style::Quiet, &format!("{:LABEL$}", "did")));
        return screen.paragraph(&first, &format!("{words}, as far as these logs show"), Some(Style::Quiet));
    }
    did(drawing, &activity, &below, in_full, screen)
}

/// Returns the session with the lifetime of the rows.
fn session_of<'a>(drawing: &Drawing<'a>, session: SessionView<'_>) -> SessionView<'a> {
    drawing.rows.lineage().session(session.id)
}

fn user(drawing: &Drawing<'_>, hop: &Hop<'_>) -> String {
    match hop.account_id.as_deref() {
        Some(account) => format!("session of a user ({})", drawing.names.account(account)),
        None => "session of a user".to_owned(),
    }
}

fn facts(drawing: &Drawing<'_>, hop: &Hop<'_>, session: SessionView<'_>) -> Vec<(&'static str, String, Option<Style>)> {
    let mut facts = Vec::new();
    let mut fact = |label: &'static str, parts: &[Option<String>]| {
        let parts: Vec<&str> = parts.iter().flatten().map(String::as_str).filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            facts.push((label, parts.join(" · "), None));
        }
    };
    let text = |text: &Option<super::wire::Text<'_>>| text.as_deref().map(|text| safe(text).into_owned());
    fact("issued", &[Some(validity(hop.event_time, hop.expires_at)), hop.event_name.map(str::to_owned)]);
    fact("event", &[hop.event_id.as_deref().map(|id| safe(id).into_owned()), text(&hop.region)]);
    fact("copy", &[hop.counterpart_event_id.as_deref().map(|id| safe(id).into_owned())]);
    fact("session", &[text(&hop.role_session_name), text(&hop.issued_access_key_id)]);
    fact("role", &[text(&hop.role_arn)]);
    let client = hop.user_agent.as_ref().map(|client| safe(&drawing.client(client)).into_owned());
    fact("from", &[text(&hop.source_ip), client]);
    fact("ExternalId", &[text(&hop.external_id)]);
    fact("source id", &[text(&hop.source_identity)]);
    fact("delegate", &[text(&hop.delegate_account_id)]);
    let tags = hop.session_tags.iter().chain(&hop.incoming_session_tags);
    let tags: Vec<String> = tags.map(|(name, value)| format!("{}={}", safe(name), safe(value))).collect();
    fact("tags", &[Some(tags.join(", "))]);
    facts.push(("link", link(&hop.link), unsure(&hop.link)));
    if let Some(used) = hop.use_link.as_ref().filter(|used| used.kind != "exact") {
        facts.push(("use", link(used), unsure(used)));
    }
    for gap in &session.session.gaps {
        let message = safe(&drawing.rows.shade.text(&gap.message)).into_owned();
        facts.push(("gap", format!("{}: {message}", gap.kind.name().replace('_', " ")), Some(Style::Medium)));
    }
    facts
}

fn validity(issued: Option<Time>, expires: Option<Time>) -> String {
    match expires {
        Some(_) => names::span(issued, expires),
        None => names::second(issued),
    }
}

/// Says how sure the link is, what agreed, and which sessions would fit.
fn link(link: &Link) -> String {
    let mut text = link.kind.to_owned();
    if link.matched_on == ["origin"] {
        text = format!("{text}: the record itself names the origin");
    } else if !link.matched_on.is_empty() {
        let agreed: Vec<String> = link.matched_on.iter().map(|field| field.replace('_', " ")).collect();
        text = format!("{text}: {}", agreed.join(", "));
    }
    if !link.candidates.is_empty() {
        let candidates: Vec<_> = link.candidates.iter().map(|candidate| safe(candidate)).collect();
        let number = count(link.count(), "candidate");
        let more = if link.candidates_total.is_some() { ", …" } else { "" };
        text = format!("{text}; {number}: {}{more}", candidates.join(", "));
    }
    text
}

fn unsure(link: &Link) -> Option<Style> {
    matches!(link.kind, "ambiguous" | "missing").then_some(Style::Medium)
}

fn did(
    drawing: &Drawing<'_>,
    activity: &LeafActivity<'_>,
    below: &str,
    in_full: bool,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let total = &activity.total;
    let label = |label: &str| format!("{below}{}", paint(Style::Quiet, &format!("{label:LABEL$}")));
    let numbers = [count(total.calls, "call"), count(total.writes, "write"), count(total.errors, "error")].join(", ");
    let span = names::span(total.first_event, total.last_event);
    screen.paragraph(&label("did"), &format!("{numbers} · {span}"), None)?;
    if !in_full {
        return Ok(());
    }
    let mut actions: Vec<&Action<'_>> = activity.actions.iter().collect();
    let is_write = |action: &Action<'_>| action.read_only == Some(false) && action.error_code.is_none();
    actions.sort_by_key(|action| (!is_write(action), Reverse(action.count)));
    let shown = actions.get(..MAX_ACTIONS).unwrap_or(&actions);
    let widest = shown.iter().map(|action| names::number(action.count).len()).max().unwrap_or(0);
    for action in shown {
        let number = names::number(action.count);
        let first = format!("{below}{}{number:>widest$} × ", " ".repeat(LABEL));
        screen.paragraph(&first, &called(action), if is_write(action) { Some(Style::Accent) } else { None })?;
    }
    if actions.len() > shown.len() {
        let more = names::number(wide(actions.len() - shown.len()));
        screen.line(&format!(
            "{below}{}{}",
            " ".repeat(LABEL),
            paint(Style::Quiet, &format!("… and {more} other actions"))
        ))?;
    }
    contacts(&label("with"), &activity.user_agents.iter().map(|agent| drawing.client(agent)).collect(), screen)?;
    contacts(&label("at"), &activity.source_ips, screen)
}

/// Says what was called, and how that ended.
pub(super) fn called(action: &Action<'_>) -> String {
    let source = action.event_source.as_deref().unwrap_or(names::UNKNOWN);
    let service = safe(source.strip_suffix(".amazonaws.com").unwrap_or(source));
    let name = safe(action.event_name.as_deref().unwrap_or(names::UNKNOWN));
    let end = match (action.error_code.as_deref(), action.read_only) {
        (Some(error), _) => format!(" failed: {}", safe(error)),
        (None, Some(false)) => " (write)".to_owned(),
        (None, _) => String::new(),
    };
    format!("{service}:{name}{end}")
}

fn contacts(first: &str, contacts: &BTreeSet<Cow<'_, str>>, screen: &mut Screen<'_>) -> io::Result<()> {
    let rest = " ".repeat(fit::width(first));
    for (at, contact) in contacts.iter().take(MAX_CONTACTS).enumerate() {
        screen.hanging(if at == 0 { first } else { &rest }, &rest, &safe(contact), None)?;
    }
    match contacts.len().saturating_sub(MAX_CONTACTS) {
        0 => Ok(()),
        more => screen.line(&format!("{rest}{}", paint(Style::Quiet, &format!("… and {more} more")))),
    }
}
