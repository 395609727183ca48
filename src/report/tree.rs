//! One session in full, as a tree from its origin down, with the reason for every link.

use std::io;

use super::names;
use super::names::Names;
use super::names::count;
use super::run_words;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::tree_session;
use super::tree_session::Drawing;
use super::wire::Rows;
use super::wire::Time;
use super::wire::origin::Origin;
use super::wire::run_link::Ci;
use crate::model::chain::Chain;
use crate::model::chain::SessionId;
use crate::model::chains::Chains;
use crate::model::lineage::SessionView;
use crate::model::width::wide;
use crate::provider::ci_run;

/// How many sessions that one session issued are drawn.
const MAX_CHILDREN: usize = 20;

/// The way down that is drawn.
struct Walk<'a> {
    drawing: Drawing<'a>,
    /// The sessions from the first hop to the one that was asked for.
    path: Vec<SessionId>,
    /// Draw all that descends from the last of the path.
    with_descendants: bool,
}

/// Draws a session: its ancestors, itself, and all that descends from it.
pub(super) fn session(rows: &Rows<'_>, id: SessionId, screen: &mut Screen<'_>) -> io::Result<()> {
    let lineage = rows.lineage();
    let session = lineage.session(id);
    let chains: Chains = std::iter::once(session.session.way.chains).collect();
    let title = match chains.ids(&lineage.by_descent).next() {
        Some(only) if chains.len() == 1 => only.to_string(),
        _ => count(wide(chains.len()), "chain"),
    };
    let mut path: Vec<SessionId> = session.ancestry().map(|session| session.id).collect();
    path.reverse();
    let ci = chains.ids(&lineage.by_descent).next().and_then(|id| rows.ci_of(id));
    draw(rows, (&title, ci), path, true, screen)
}

/// Draws one chain.
pub(super) fn chain(rows: &Rows<'_>, chain: &Chain, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut path: Vec<SessionId> = rows.lineage().leaf(chain).ancestry().map(|session| session.id).collect();
    path.reverse();
    draw(rows, (&chain.id.to_string(), rows.ci(chain)), path, false, screen)
}

fn draw(
    rows: &Rows<'_>,
    (title, ci): (&str, Option<Ci>),
    path: Vec<SessionId>,
    with_descendants: bool,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let Some((first, last)) = path.first().copied().zip(path.last().copied()) else { return Ok(()) };
    let lineage = rows.lineage();
    let names = Names::new(&rows.report, &rows.options);
    let origin = rows.origin(lineage.session(first).origin());
    screen.line(&paint(Style::Strong, title))?;
    let issued = lineage.session(first).issued().map(Time);
    if let Some((people, mark)) = ci.as_ref().and_then(|ci| Some((run_words::people(ci, issued)?, run_words::mark(ci))))
    {
        screen.hanging("", "  ", &people, Some(mark))?;
    }
    let head = format!("{} ", paint(Style::Accent, names::via(&origin)));
    screen.hanging(&head, "  ", &names.origin(&origin, usize::MAX), Some(Style::Strong))?;
    for (label, value) in origin_facts(&origin, names) {
        screen.paragraph(&paint(Style::Quiet, &format!("│ {label:9} ")), &value, None)?;
    }
    for (label, value, style) in ci.as_ref().map(run_words::facts).unwrap_or_default() {
        screen.paragraph(&paint(Style::Quiet, &format!("│ {label:9} ")), &value, style)?;
    }
    let walk = Walk { drawing: Drawing { rows: *rows, names }, path, with_descendants };
    nodes(&walk, lineage.session(first), screen)?;
    let is_known = ci.is_some_and(|ci| ci.run.is_some());
    if let Some(run) = ci_run::of_session(lineage.session(last)).filter(|_| !is_known) {
        screen.blank()?;
        let head = format!("{}  ", run.basis.told());
        screen.paragraph(&paint(Style::Quiet, &head), &safe(&rows.shade.text(&run.url())), None)?;
    }
    Ok(())
}

fn origin_facts(origin: &Origin<'_>, names: Names<'_>) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut fact = |label: &'static str, value: Option<&str>| {
        if let Some(value) = value {
            facts.push((label, safe(value).into_owned()));
        }
    };
    fact("subject", origin.subject.as_deref());
    fact("issuer", origin.provider.as_deref());
    fact("audience", origin.audience.as_deref());
    fact("principal", origin.principal_arn.as_deref());
    fact("service", origin.service.as_deref());
    if let Some(id) = origin.account_id.as_deref() {
        let name = names.account_name(id).map(|name| format!(" {name}")).unwrap_or_default();
        facts.push(("account", format!("{}{name}", safe(id))));
    }
    facts
}

/// What is left to draw.
enum Left<'a> {
    /// A session, with its place on the way down.
    Session { session: SessionView<'a>, depth: usize, indent: String },
    /// How many sessions are not drawn.
    More(String),
}

/// Draws a session and what hangs below it, whatever its depth: the path first, and from its end on all that descends.
fn nodes(walk: &Walk<'_>, first: SessionView<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut left = vec![Left::Session { session: first, depth: 0, indent: String::new() }];
    while let Some(next) = left.pop() {
        match next {
            Left::Session { session, depth, indent } => node(walk, session, depth, &indent, &mut left, screen)?,
            Left::More(text) => screen.line(&paint(Style::Quiet, &text))?,
        }
    }
    Ok(())
}

/// Draws a session, and says what is to be drawn next: the last one is.
fn node<'a>(
    walk: &Walk<'a>,
    session: SessionView<'_>,
    depth: usize,
    indent: &str,
    left: &mut Vec<Left<'a>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let lineage = walk.drawing.rows.lineage();
    let session = lineage.session(session.id);
    let next = walk.path.get(depth + 1).map(|id| lineage.session(*id));
    let is_beyond_path = depth + 1 >= walk.path.len();
    let all = session.children().count();
    let drawn: Vec<SessionView<'_>> = match next {
        Some(next) => vec![next],
        None if walk.with_descendants => session.children().take(MAX_CHILDREN).collect(),
        None => Vec::new(),
    };
    screen.line(&format!("{indent}│"))?;
    tree_session::write(&walk.drawing, session, indent, is_beyond_path, screen)?;
    // Deeper than this the text would have no room left: chains of such length keep the same indent.
    let deeper = if indent.chars().count() < screen.width / 3 { format!("{indent}   ") } else { indent.to_owned() };
    let more = all.saturating_sub(drawn.len());
    if more > 0 && (next.is_none() || walk.with_descendants) {
        let other = if drawn.is_empty() { "session" } else { "more session" };
        left.push(Left::More(format!("{deeper}… {} issued by it, not drawn", count(wide(more), other))));
    }
    let drawn = drawn.into_iter().rev();
    left.extend(drawn.map(|session| Left::Session { session, depth: depth + 1, indent: deeper.clone() }));
    Ok(())
}
