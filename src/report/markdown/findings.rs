//! Findings by what brought them about: a heading for each group, and each finding behind a line.

use std::fmt::Write as _;

use super::MAX_FINDINGS_BYTES;
use super::Page;
use super::REST;
use super::cut;
use crate::model::width::wide;
use crate::report::document::View;
use crate::report::document::capital;
use crate::report::document::groups;
use crate::report::document::groups::Group;
use crate::report::names;
use crate::report::wire::finding::Finding;
use crate::text::markdown;

/// How many chains of a finding are named.
const MAX_CHAINS: usize = 5;

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let groups = groups::groups(view);
    page.heading("Findings");
    if groups.is_empty() {
        return page.line("None.");
    }
    page.line(&format!("{}.\n", capital(&groups::note(&groups))));
    let mut shown = 0;
    for group in &groups {
        if !page.has_room(MAX_FINDINGS_BYTES) {
            break;
        }
        shown += write_group(group, page);
    }
    let all: usize = groups.iter().map(|group| group.findings.len()).sum();
    if shown < all {
        let more = names::number(wide(all - shown));
        page.line(&format!(
            "\n… and {more} more findings: a job summary holds 1 MiB, and these are the worst. {REST}."
        ));
    }
}

/// Writes a group, and returns how many of its findings there was room for.
fn write_group(group: &Group<'_>, page: &mut Page) -> usize {
    let more = groups::more(group).map(|more| format!(", {more}")).unwrap_or_default();
    page.line(&format!("### {}: {}{more}\n", group.severity, markdown::prose(&cut(group.title()))));
    if group.last.is_some() {
        page.line(&format!("- {} UTC", group.when()));
    }
    if let Some(path) = &group.path {
        page.line(&format!("- {}", markdown::code(&cut(path))));
    }
    if let Some(command) = &group.command {
        page.line(&format!("- {}", markdown::code(command)));
    }
    page.line("");
    let mut shown = 0;
    for finding in &group.findings {
        if !page.has_room(MAX_FINDINGS_BYTES) {
            break;
        }
        write_one(finding, page);
        shown += 1;
    }
    shown
}

fn write_one(finding: &Finding<'_>, page: &mut Page) {
    let title = markdown::summary(&cut(&finding.title));
    // The empty line ends the HTML block: what follows is Markdown again.
    page.line(&format!("<details><summary><b>{}</b> {title}</summary>\n", finding.severity));
    page.line(&markdown::prose(&cut(&groups::told(&finding.message))));
    page.line("");
    let fix = markdown::prose(&format!(" {}", cut(&groups::told(&finding.remediation))));
    page.line(&format!("**Fix:** {}\n", fix.trim_start()));
    page.line(&format!("- {}", groups::facts(finding).join(" · ")));
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
        let mut words = match (&event.event_id, &event.object) {
            (Some(id), _) => format!("event {}", markdown::code(id)),
            (None, Some(_)) => "an event without id".to_owned(),
            // What is missing has no event and no object.
            (None, None) => "something missing".to_owned(),
        };
        if event.event_time.is_some() {
            let _ = write!(words, " at {}", names::second(event.event_time));
        }
        if let Some(object) = &event.object {
            let _ = write!(words, " in {}", markdown::code(object));
        }
        page.line(&format!("- {words}"));
    }
    page.line(&format!("- fingerprint {}", markdown::code(&finding.fingerprint)));
    page.line("\n</details>\n");
}
