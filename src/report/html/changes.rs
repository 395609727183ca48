//! What changed since the run before: possible only when a store remembers that run.

use std::io;

use super::View;
use super::count;
use super::finding::anchor;
use super::findings::MAX_LINES;
use super::page::Page;
use super::page::text;
use crate::model::width::wide;
use crate::report::names::minute;
use crate::report::wire::finding::Finding;

/// How many findings of each status are named.
const MAX_NAMED: usize = 100;

/// The statuses that are changes, and what they mean.
const CHANGES: [(&str, &str, &str); 3] = [
    ("new", "New", "not seen in any run before"),
    ("reopened", "Reopened", "there again after it was dormant or resolved"),
    ("dormant", "Dormant", "not seen on the last seven covered days or longer, and not known to be over"),
];

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("changes", "What changed")?;
    let findings: Vec<Finding<'_>> = view.rows.findings().filter(|finding| finding.status != "excepted").collect();
    if findings.iter().all(|finding| finding.status == "new") {
        page.paragraph(
            "No earlier run is known here, so every finding counts as new. With a store, this part says what \
            is new, what came back and what is gone.",
        )?;
        return page.end_section();
    }
    let is_whole = findings.len() <= MAX_LINES;
    let ongoing = wide(findings.iter().filter(|finding| finding.status == "ongoing").count());
    page.paragraph(&format!("{} as before.", count(ongoing, "finding")))?;
    for (status, title, meaning) in CHANGES {
        let changed: Vec<&Finding<'_>> = findings.iter().filter(|finding| finding.status == status).collect();
        page.put("<h3>{}: {}</h3>\n", [&title, &changed.len()])?;
        if changed.is_empty() {
            continue;
        }
        page.table(
            &format!("{title}: {meaning}"),
            &[text("finding"), text("severity"), text("rule"), text("last seen")],
        )?;
        for finding in changed.iter().take(MAX_NAMED) {
            name(finding, is_whole, page)?;
            page.cell(&finding.severity)?;
            page.code(&finding.rule)?;
            page.time(&minute(finding.last_seen))?;
            page.end_row()?;
        }
        page.end_table()?;
        page.rest(MAX_NAMED, changed.len(), "of these")?;
    }
    page.end_section()
}

/// Names a finding; open ones are linked when the page is sure to hold them.
fn name(finding: &Finding<'_>, is_whole: bool, page: &mut Page<'_>) -> io::Result<()> {
    if !is_whole {
        return page.row(&finding.title);
    }
    page.put("<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th>", [&anchor(&finding.fingerprint), &finding.title])
}
