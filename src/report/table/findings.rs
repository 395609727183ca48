//! Findings: what was not expected, why it matters, and what to do.

use std::io;

use super::empty;
use super::rest;
use crate::model::width::wide;
use crate::report::names::count;
use crate::report::names::minute;
use crate::report::names::number;
use crate::report::names::unbroken;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::report::wire::Rows;
use crate::report::wire::finding::Finding;
use crate::text::fit;

/// How many findings are shown.
const MAX_FINDINGS: usize = 30;

/// How many accepted findings are named.
const MAX_ACCEPTED: usize = 10;

/// The width of the severity and the space after it.
const MARGIN: usize = 10;

pub(super) fn write(rows: &Rows<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let open: Vec<Finding<'_>> = rows.findings().filter(|finding| finding.status != "excepted").collect();
    let excepted = rows.summary().findings_excepted;
    let excepted = if excepted > 0 { format!(", {} excepted", number(excepted)) } else { String::new() };
    let hidden = rows.report.run.hidden.told(&rows.report.run.choice);
    if open.is_empty() {
        empty(screen, "FINDINGS", &format!("none{excepted}"))?;
        write_accepted(rows, screen)?;
        return write_hidden(hidden.as_deref(), screen);
    }
    screen.heading("FINDINGS", &format!("{}{excepted}", count(wide(open.len()), "finding")))?;
    let mut before: Option<&Finding<'_>> = None;
    for finding in open.iter().take(MAX_FINDINGS) {
        screen.blank()?;
        write_one(finding, before, screen)?;
        before = Some(finding);
    }
    if open.len() > MAX_FINDINGS {
        screen.blank()?;
    }
    rest(screen, MAX_FINDINGS, open.len())?;
    write_accepted(rows, screen)?;
    write_hidden(hidden.as_deref(), screen)
}

/// Names what is accepted, with the reason, the owner and the time that is left.
fn write_accepted(rows: &Rows<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let accepted: Vec<Finding<'_>> = rows.findings().filter(|finding| finding.status == "excepted").collect();
    if accepted.is_empty() {
        return Ok(());
    }
    screen.blank()?;
    for finding in accepted.iter().take(MAX_ACCEPTED) {
        let margin = " ".repeat(MARGIN);
        let severity = finding.severity;
        let first = format!("{}{}", paint(Style::Quiet, "excepted"), " ".repeat(MARGIN.saturating_sub(8)));
        screen.paragraph(&first, &format!("{} ({severity}, {})", safe(&finding.title), finding.rule), None)?;
        let why = finding.exception.as_deref().unwrap_or("no reason given");
        screen.paragraph(&margin, &safe(why), Some(Style::Quiet))?;
    }
    rest(screen, MAX_ACCEPTED, accepted.len())
}

/// Says what was left out because less was asked for.
fn write_hidden(hidden: Option<&str>, screen: &mut Screen<'_>) -> io::Result<()> {
    let Some(hidden) = hidden else { return Ok(()) };
    screen.blank()?;
    screen.paragraph("  ", hidden, Some(Style::Quiet))
}

fn write_one(finding: &Finding<'_>, before: Option<&Finding<'_>>, screen: &mut Screen<'_>) -> io::Result<()> {
    let margin = " ".repeat(MARGIN);
    let severity = finding.severity.to_uppercase();
    let style = Style::of_severity(finding.severity);
    let first = format!("{}{}", paint(style, &severity), " ".repeat(MARGIN.saturating_sub(fit::width(&severity))));
    screen.paragraph(&first, &safe(&finding.title), Some(Style::Strong))?;
    screen.paragraph(&margin, &safe(&finding.message), None)?;
    let is_same_fix = before.is_some_and(|before| before.remediation == finding.remediation);
    let fix = if is_same_fix { "as above".into() } else { safe(&finding.remediation) };
    screen.paragraph(&format!("{margin}{} ", paint(Style::Good, "fix:")), &fix, None)?;
    screen.paragraph(&margin, &facts(finding), Some(Style::Quiet))
}

/// Says which rule it was, how sure it is, how often, and which event proves it.
fn facts(finding: &Finding<'_>) -> String {
    let mut facts = vec![finding.rule.to_owned(), format!("{}, {} confidence", finding.basis, finding.confidence)];
    if let Some(usual) = finding.regraded_from {
        facts.push(format!("graded by the owners, {usual} by the rule"));
    }
    if finding.count > 1 {
        facts.push(format!("{} times", number(finding.count)));
    }
    if finding.last_seen.is_some() {
        facts.push(format!("last {}", minute(finding.last_seen)));
    }
    if matches!(finding.status, "reopened" | "dormant") {
        facts.push(finding.status.to_owned());
    }
    let event = finding.evidence.iter().rev().find_map(|event| event.event_id.as_deref());
    if let Some(event) = event {
        facts.push(format!("event {}", safe(event)));
    }
    let facts: Vec<String> = facts.iter().map(|fact| unbroken(fact)).collect();
    facts.join(" · ")
}
