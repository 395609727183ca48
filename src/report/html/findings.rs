//! Findings: the worst ones linked, an index by what they are about, and a closed row for each group.

use std::collections::BTreeMap;
use std::io;

use super::View;
use super::count;
use super::finding;
use super::finding::anchor;
use super::page::Col;
use super::page::Page;
use super::page::number;
use super::page::text;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::provider;
use crate::report::document::capital;
use crate::report::document::groups;
use crate::report::document::groups::Group;
use crate::report::names::minute;
use crate::report::wire::finding::Finding;

/// How many groups the first screen names.
const MAX_WORST: usize = 5;

/// How many findings are shown in full on the whole page. The rest of them get one line each.
const MAX_FULL: usize = 1_000;

/// How many findings get a line each on the whole page, besides those in full. What is beyond is in the JSON report.
pub(super) const MAX_LINES: usize = 9_000;

/// How many rows of one severity the page shows from the start.
const MAX_OPEN: usize = 60;

/// How many values of one kind the index names.
const MAX_INDEX: usize = 200;

/// The columns of findings that get one line.
const LINE: [Col; 4] = [text("finding"), number("times"), text("last seen"), text("fingerprint")];

/// What the index is by, and the parts of a key that name it.
const INDEX: [(&str, &[&str]); 4] = [
    ("repository", &["repository"]),
    ("role", &["role_arn", "entry_role_arn"]),
    ("account", &["account_id", "caller_account_id", "other_account_id"]),
    ("key", &["access_key_id"]),
];

/// How much room is left on the page.
struct Room {
    full: usize,
    lines: usize,
}

/// Links what to look at first.
pub(super) fn worst(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    if view.groups.is_empty() {
        return Ok(());
    }
    page.raw("<h3>Look at first</h3>\n<ol class=\"worst\">\n")?;
    for group in view.groups.iter().take(MAX_WORST) {
        page.put(
            "<li><span class=\"chip {}\">{}</span> <a href=\"#{}\">{}</a> <span class=\"note\">{}{}</span></li>\n",
            [&group.severity, &group.severity, &group_anchor(group), &group.title(), &group.when(), &more(group)],
        )?;
    }
    page.raw("</ol>\n")
}

fn more(group: &Group<'_>) -> String {
    groups::more(group).map(|more| format!(", {more}")).unwrap_or_default()
}

fn group_anchor(group: &Group<'_>) -> String {
    format!("g-{}", group.findings.first().map(|finding| anchor(&finding.fingerprint)).unwrap_or_default())
}

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("findings", "Findings")?;
    if view.groups.is_empty() {
        page.paragraph("No finding is open.")?;
        return page.end_section();
    }
    page.paragraph(&format!("{}.", capital(&groups::note(&view.groups))))?;
    page.raw("<div id=\"filter\"></div>\n")?;
    index(view, page)?;
    let mut room = Room { full: MAX_FULL, lines: MAX_LINES };
    for severity in Severity::WORST_FIRST {
        let of_severity: Vec<&Group<'_>> =
            view.groups.iter().filter(|group| group.severity == severity.name()).collect();
        if of_severity.is_empty() {
            continue;
        }
        let findings: usize = of_severity.iter().map(|group| group.findings.len()).sum();
        page.put("<details class=\"severity\" id=\"s-{}\"", [&severity.name()])?;
        page.raw(if of_severity.len() <= MAX_OPEN { " open>" } else { ">" })?;
        page.put(
            "<summary><h3><span class=\"chip {}\">{}</span> {} with {}</h3></summary>\n",
            [
                &severity.name(),
                &severity.name(),
                &count(wide(of_severity.len()), "group"),
                &count(wide(findings), "finding"),
            ],
        )?;
        for group in of_severity {
            write_group(view, group, &mut room, page)?;
        }
        page.raw("</details>\n")?;
    }
    page.end_section()
}

fn write_group(view: &View<'_>, group: &Group<'_>, room: &mut Room, page: &mut Page<'_>) -> io::Result<()> {
    page.put(
        "<details class=\"group {}\" id=\"{}\"><summary><h4>{}<span class=\"note\">{}</span></h4> <span class=\"d\">{}</span></summary>\n",
        [&group.severity, &group_anchor(group), &group.title(), &more(group), &minute(group.last)],
    )?;
    if let Some(path) = &group.path {
        page.put("<p class=\"path\">{}</p>\n", [path])?;
    }
    if let Some(command) = &group.command {
        page.put("<p><code>{}</code></p>\n", [command])?;
    }
    let findings = &group.findings;
    let full = findings.len().min(room.full);
    let lines = (findings.len() - full).min(room.lines);
    room.full -= full;
    room.lines -= lines;
    for one in findings.iter().take(full) {
        finding::write(view, one, page)?;
    }
    if lines > 0 {
        page.table(&format!("{} in one line each", count(wide(lines), "finding")), &LINE)?;
        for one in findings.iter().skip(full).take(lines) {
            line(one, page)?;
        }
        page.end_table()?;
    }
    page.rest(full + lines, findings.len(), "findings of this group")?;
    page.raw("</details>\n")
}

fn line(finding: &Finding<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.put("<tr id=\"{}\"><th scope=\"row\">{}</th>", [&anchor(&finding.fingerprint), &finding.title])?;
    page.count(finding.count)?;
    page.time(&minute(finding.last_seen))?;
    page.code(&finding.fingerprint)?;
    page.end_row()
}

/// Writes the index: what findings are about, the worst first, each with the way to its worst finding.
fn index(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    // Only what is sure to be on the page is linked.
    let is_whole = view.groups.iter().map(|group| group.findings.len()).sum::<usize>() <= MAX_LINES;
    page.raw("<div class=\"indexes\">\n")?;
    for (name, parts) in INDEX {
        let mut about: BTreeMap<String, Vec<&Finding<'_>>> = BTreeMap::new();
        for finding in view.groups.iter().flat_map(|group| &group.findings) {
            let values = finding.key.iter().filter(|(part, _)| parts.contains(&part.as_ref()));
            let repository = repository(finding).filter(|_| name == "repository");
            for value in values.map(|(_, value)| value.to_string()).chain(repository) {
                about.entry(value).or_default().push(finding);
            }
        }
        if about.is_empty() || !is_whole {
            continue;
        }
        let rank =
            |finding: &Finding<'_>| Severity::WORST_FIRST.iter().position(|known| known.name() == finding.severity);
        let mut about: Vec<(String, Vec<&Finding<'_>>)> = about.into_iter().collect();
        for (_, findings) in &mut about {
            findings.sort_by_key(|finding| rank(finding));
        }
        about.sort_by_key(|(_, findings)| {
            (findings.first().map(|worst| rank(worst)), std::cmp::Reverse(findings.len()))
        });
        page.put("<details class=\"index\"><summary>By {} ({})</summary>\n", [&name, &about.len()])?;
        page.table(&format!("Findings by {name}"), &[text(name), number("findings"), text("worst")])?;
        for (value, findings) in about.iter().take(MAX_INDEX) {
            page.put("<tr><th scope=\"row\"><code>{}</code></th>", [value])?;
            page.count(wide(findings.len()))?;
            if let Some(worst) = findings.first() {
                page.put(
                    "<td><span class=\"chip {}\">{}</span> <a href=\"#{}\">{}</a></td>",
                    [&worst.severity, &worst.severity, &anchor(&worst.fingerprint), &worst.title],
                )?;
            }
            page.end_row()?;
        }
        page.end_table()?;
        page.rest(MAX_INDEX, about.len(), "of these")?;
        page.raw("</details>\n")?;
    }
    page.raw("</div>\n")
}

/// Returns the repository of the subject that a finding is about, when no part of its key names it.
fn repository(finding: &Finding<'_>) -> Option<String> {
    let subject = finding.key.get("subject").filter(|_| !finding.key.contains_key("repository"))?;
    let issuer = finding.key.get("issuer").map_or("", AsRef::as_ref);
    let subject = provider::parse(issuer, subject);
    subject.provider.and(subject.repository)
}
