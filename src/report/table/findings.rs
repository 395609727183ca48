//! Findings: what was not expected, why it matters, and what to do.

use std::io;

use super::empty;
use super::rest;
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

/// The width of the severity and the space after it.
const MARGIN: usize = 10;

pub(super) fn write(rows: &Rows<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let open: Vec<Finding<'_>> =
        rows.findings().filter(|finding| !matches!(finding.status, "excepted" | "resolved")).collect();
    let excepted = rows.summary().findings_excepted;
    let excepted = if excepted > 0 { format!(", {} excepted", number(excepted)) } else { String::new() };
    if open.is_empty() {
        return empty(screen, "FINDINGS", &format!("none{excepted}"));
    }
    screen.heading("FINDINGS", &format!("{}{excepted}", count(open.len() as u64, "finding")))?;
    let mut before: Option<&Finding<'_>> = None;
    for finding in open.iter().take(MAX_FINDINGS) {
        screen.blank()?;
        write_one(finding, before, screen)?;
        before = Some(finding);
    }
    if open.len() > MAX_FINDINGS {
        screen.blank()?;
    }
    rest(screen, MAX_FINDINGS, open.len())
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
    if finding.count > 1 {
        facts.push(format!("{} times", number(finding.count)));
    }
    if finding.last_seen.is_some() {
        facts.push(format!("last {}", minute(finding.last_seen)));
    }
    if finding.status == "reopened" {
        facts.push("reopened".to_owned());
    }
    let event = finding.evidence.iter().rev().find_map(|event| event.event_id.as_deref());
    if let Some(event) = event {
        facts.push(format!("event {}", safe(event)));
    }
    let facts: Vec<String> = facts.iter().map(|fact| unbroken(fact)).collect();
    facts.join(" · ")
}
