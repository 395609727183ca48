//! Findings, by severity: a line each, and the whole of it behind the line.

use std::fmt::Write as _;

use super::MAX_FINDINGS_BYTES;
use super::Page;
use super::REST;
use super::cut;
use super::spaced;
use crate::model::width::wide;
use crate::report::names;
use crate::report::wire::Rows;
use crate::report::wire::finding::Finding;
use crate::text::markdown;

/// The severities, the worst first, and what stands before them.
const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

/// How many chains of a finding are named.
const MAX_CHAINS: usize = 5;

pub(super) fn write(rows: &Rows<'_>, page: &mut Page) {
    let (open, closed): (Vec<_>, Vec<_>) = rows.findings().partition(|finding| finding.status != "excepted");
    page.line("\n## Findings\n");
    if open.is_empty() {
        page.line("None.");
    }
    let mut shown = 0;
    for severity in SEVERITIES {
        let of_severity: Vec<_> = open.iter().filter(|finding| finding.severity == severity).collect();
        if of_severity.is_empty() || !page.has_room(MAX_FINDINGS_BYTES) {
            continue;
        }
        page.line(&format!("### {} {severity}\n", names::number(wide(of_severity.len()))));
        for finding in of_severity {
            if !page.has_room(MAX_FINDINGS_BYTES) {
                break;
            }
            write_one(finding, page);
            shown += 1;
        }
    }
    if shown < open.len() {
        let more = names::number(wide(open.len() - shown));
        page.line(&format!(
            "\n… and {more} more findings: a job summary holds 1 MiB, and these are the worst. {REST}."
        ));
    }
    if let Some(hidden) = rows.report.run.hidden.told(&rows.report.run.choice) {
        page.line(&format!("\n{hidden}"));
    }
    write_closed(&closed, page);
}

fn write_one(finding: &Finding<'_>, page: &mut Page) {
    let status = match finding.status {
        "new" => String::new(),
        other => format!(" ({other})"),
    };
    let title = markdown::summary(&cut(&finding.title));
    // The empty line ends the HTML block: what follows is Markdown again.
    page.line(&format!("<details><summary><b>{}</b> {title}{status}</summary>\n", finding.severity));
    page.line(&markdown::prose(&cut(&finding.message)));
    page.line("");
    page.line(&format!("**Fix:** {}\n", markdown::prose(&format!(" {}", cut(&finding.remediation))).trim_start()));
    let mut facts = format!(
        "- rule {}, {}, {} confidence, {}",
        markdown::code(finding.rule),
        finding.basis,
        finding.confidence,
        spaced(&names::count(finding.count, "time"))
    );
    if finding.first_seen.is_some() {
        let _ = write!(facts, ", {} UTC", names::span(finding.first_seen, finding.last_seen));
    }
    if let Some(usual) = finding.regraded_from {
        let _ = write!(facts, ", graded by the owners ({usual} by the rule)");
    }
    page.line(&facts);
    for (name, value) in &finding.key {
        page.line(&format!("- {} {}", markdown::code(name), markdown::code(&cut(value))));
    }
    if !finding.chain_ids.is_empty() {
        let named: Vec<_> = finding.chain_ids.iter().take(MAX_CHAINS).map(|id| markdown::code(id)).collect();
        let more = match finding.count_chains().saturating_sub(wide(MAX_CHAINS)) {
            0 => String::new(),
            more => format!(" and {} more", names::number(more)),
        };
        page.line(&format!("- chains {}{more}", named.join(", ")));
    }
    for event in &finding.evidence {
        let id = match (&event.event_id, &event.object) {
            (Some(id), _) => format!("event {}", markdown::code(id)),
            (None, Some(_)) => "an event without id".to_owned(),
            // What is missing has no event and no object.
            (None, None) => "something missing".to_owned(),
        };
        let object = event.object.as_deref().map(|object| format!(" in {}", markdown::code(object)));
        let time = event.event_time.map(|time| format!(" at {time}")).unwrap_or_default();
        page.line(&format!("- {id}{time}{}", object.unwrap_or_default()));
    }
    page.line(&format!("- fingerprint {}", markdown::code(&finding.fingerprint)));
    page.line("\n</details>\n");
}

/// Names what is accepted, with the reason.
fn write_closed(closed: &[Finding<'_>], page: &mut Page) {
    if closed.is_empty() {
        return;
    }
    page.line("\n## Accepted\n");
    let rows = closed.iter().map(|finding| {
        vec![
            finding.status.to_owned(),
            finding.severity.to_owned(),
            markdown::code_cell(finding.rule),
            markdown::cell(&cut(&finding.title)),
            finding.exception.as_deref().map(|reason| markdown::cell(&cut(reason))).unwrap_or_default(),
        ]
    });
    page.table(&["status", "severity", "rule", "finding", "reason"], rows, closed.len());
}
