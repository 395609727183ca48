//! Findings, by severity and then by rule, with an index before them.

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
use crate::audit;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::report::names::day;
use crate::report::wire::finding::Finding;

/// How many findings of one rule and severity are shown in full. The rest of them get one line each.
const MAX_FULL: usize = 50;

/// How many findings are shown in full on the whole page.
const MAX_FULL_IN_ALL: usize = 1_000;

/// How many findings get a line each on the whole page, besides those in full. What is beyond stands in the JSON report.
pub(super) const MAX_LINES: usize = 9_000;

/// How many findings a group may have and still be open from the start.
const MAX_OPEN: usize = 12;

/// The columns of findings that get one line.
const LINE: [Col; 4] = [text("finding"), number("times"), text("last seen"), text("fingerprint")];

/// The findings of one rule and severity.
struct Group<'a> {
    severity: &'static str,
    rule: &'static str,
    findings: Vec<Finding<'a>>,
}

impl Group<'_> {
    fn anchor(&self) -> String {
        format!("g-{}-{}", self.severity, self.rule)
    }
}

/// How much room is left on the page.
struct Room {
    full: usize,
    lines: usize,
}

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("findings", "Findings")?;
    let groups = groups(view);
    if groups.is_empty() {
        page.paragraph("No finding is open.")?;
        return page.end_section();
    }
    index(&groups, page)?;
    let mut room = Room { full: MAX_FULL_IN_ALL, lines: MAX_LINES };
    for severity in Severity::WORST_FIRST {
        let of_severity: Vec<&Group<'_>> = groups.iter().filter(|group| group.severity == severity.name()).collect();
        if of_severity.is_empty() {
            continue;
        }
        let all: usize = of_severity.iter().map(|group| group.findings.len()).sum();
        page.put(
            "<h3 id=\"s-{}\"><span class=\"chip {}\">{}</span> {}</h3>\n",
            [&severity.name(), &severity.name(), &severity.name(), &count(wide(all), "finding")],
        )?;
        for group in of_severity {
            write_group(view, group, &mut room, page)?;
        }
    }
    page.end_section()
}

/// Puts the open findings into groups, in one pass: the worst severity first, then by rule.
fn groups<'a>(view: &View<'a>) -> Vec<Group<'a>> {
    let rank = |name: &str| Severity::WORST_FIRST.iter().position(|severity| severity.name() == name);
    let mut groups: BTreeMap<_, Group<'a>> = BTreeMap::new();
    for finding in view.rows.findings().filter(|finding| finding.status != "excepted") {
        let (severity, rule) = (finding.severity, finding.rule);
        let group =
            groups.entry((rank(severity), rule)).or_insert_with(|| Group { severity, rule, findings: Vec::new() });
        group.findings.push(finding);
    }
    groups.into_values().collect()
}

/// Writes the index: one row for each rule and severity, with the way to it.
fn index(groups: &[Group<'_>], page: &mut Page<'_>) -> io::Result<()> {
    page.table(
        "Open findings by severity and rule",
        &[text("rule"), text("severity"), number("findings"), text("last seen"), text("what it finds")],
    )?;
    for group in groups {
        page.put("<tr><th scope=\"row\"><a href=\"#{}\"><code>{}</code></a></th>", [&group.anchor(), &group.rule])?;
        page.put("<td><span class=\"chip {}\">{}</span></td>", [&group.severity, &group.severity])?;
        page.count(wide(group.findings.len()))?;
        page.time(&day(group.findings.iter().filter_map(|finding| finding.last_seen).max()))?;
        page.cell(&audit::rule(group.rule).map_or("", |rule| rule.title))?;
        page.end_row()?;
    }
    page.end_table()
}

fn write_group(view: &View<'_>, group: &Group<'_>, room: &mut Room, page: &mut Page<'_>) -> io::Result<()> {
    let findings = &group.findings;
    // Small groups of what matters are open; where there is much, the reader opens what they look for.
    let is_open = findings.len() <= MAX_OPEN && matches!(group.severity, "critical" | "high" | "medium");
    page.put("<details class=\"group {}\" id=\"{}\"", [&group.severity, &group.anchor()])?;
    page.raw(if is_open { " open>" } else { ">" })?;
    page.put(
        "<summary><h4><code>{}</code> <span class=\"title\">{}</span></h4> <span class=\"n\">{}</span></summary>\n",
        [&group.rule, &audit::rule(group.rule).map_or("", |rule| rule.title), &count(wide(findings.len()), "finding")],
    )?;
    let full = findings.len().min(MAX_FULL).min(room.full);
    let lines = (findings.len() - full).min(room.lines);
    room.full -= full;
    room.lines -= lines;
    for one in findings.iter().take(full) {
        finding::write(view, one, page)?;
    }
    if lines > 0 {
        page.table(&format!("{} of {} in one line each", count(wide(lines), "finding"), group.rule), &LINE)?;
        for one in findings.iter().skip(full).take(lines) {
            line(one, page)?;
        }
        page.end_table()?;
    }
    page.rest(full + lines, findings.len(), "findings of this rule")?;
    page.raw("</details>\n")
}

fn line(finding: &Finding<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.put("<tr id=\"{}\"><th scope=\"row\">{}</th>", [&anchor(&finding.fingerprint), &finding.title])?;
    page.count(finding.count)?;
    page.time(&day(finding.last_seen))?;
    page.code(&finding.fingerprint)?;
    page.end_row()
}
