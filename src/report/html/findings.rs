//! Findings: the worst ones linked, an index by what they are about, and a closed row for each group.

use std::collections::BTreeMap;

use maud::Markup;
use maud::html;

use super::View;
use super::blocks;
use super::count;
use super::finding;
use super::page;
use super::page::chip;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::provider;
use crate::report::document::Cell;
use crate::report::document::Column;
use crate::report::document::Kind;
use crate::report::document::MAX_PLACES;
use crate::report::document::Table;
use crate::report::document::anchor;
use crate::report::document::capital;
use crate::report::document::groups;
use crate::report::document::groups::Group;
use crate::report::document::seen;
use crate::report::names::number;
use crate::report::wire::finding::Finding;

/// How many groups the first screen names.
const MAX_WORST: usize = 5;

/// How many findings are shown in full on the whole page, and of one group. The rest of them get one line each.
const MAX_FULL: usize = 1_000;
const MAX_FULL_OF_GROUP: usize = 40;

/// How many lines are opened together.
const MAX_OPENED: usize = 100;

/// How many rows of one severity the page shows from the start.
const MAX_OPEN: usize = 60;

/// How many values of one kind the index names.
const MAX_INDEX: usize = 200;

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
pub(super) fn worst(view: &View<'_>) -> Markup {
    html! {
        @if !view.groups.is_empty() {
            h3 { "Look at first" }
            ol.worst {
                @for group in view.groups.iter().take(MAX_WORST) {
                    li {
                        (chip(group.severity)) " " a href={ "#" (place(group)) } { (group.title()) } " "
                        span.note { @if group.last.is_some() { (group.when()) ", " } (more(group)) }
                    }
                }
            }
        }
    }
}

/// Says how much there is in a group.
fn more(group: &Group<'_>) -> String {
    groups::more(group).unwrap_or_else(|| "one finding".to_owned())
}

fn place(group: &Group<'_>) -> String {
    format!("g-{}", group.findings.first().map(|finding| anchor(&finding.fingerprint)).unwrap_or_default())
}

pub(super) fn section(view: &View<'_>) -> Markup {
    let mut room = Room { full: MAX_FULL, lines: MAX_PLACES };
    let body = html! {
        @if view.groups.is_empty() {
            p { "No finding is open." }
        } @else {
            p { (capital(&groups::note(&view.groups))) "." }
            p.paper { "Paper has the first two events of each finding; the page has all of them, with their files and references." }
            div.filter #filter {}
            (index(view))
            @for severity in Severity::WORST_FIRST { (of_severity(view, severity.name(), &mut room)) }
        }
    };
    page::section("findings", "Findings", &body)
}

fn of_severity(view: &View<'_>, severity: &str, room: &mut Room) -> Markup {
    let groups: Vec<&Group<'_>> = view.groups.iter().filter(|group| group.severity == severity).collect();
    let findings: usize = groups.iter().map(|group| group.findings.len()).sum();
    html! {
        @if !groups.is_empty() {
            details.severity id={ "s-" (severity) } open[groups.len() <= MAX_OPEN] {
                summary {
                    h3 {
                        (chip(severity)) " " (count(wide(groups.len()), "group")) " with "
                        (count(wide(findings), "finding"))
                    }
                }
                @for group in groups { (of_group(view, group, room)) }
            }
        }
    }
}

fn of_group(view: &View<'_>, group: &Group<'_>, room: &mut Room) -> Markup {
    let findings = &group.findings;
    let full = findings.len().min(room.full).min(MAX_FULL_OF_GROUP);
    let lines = (findings.len() - full).min(room.lines);
    room.full -= full;
    room.lines -= lines;
    let (in_full, others) = findings.split_at(full);
    html! {
        details class={ "group " (group.severity) } id=(place(group)) {
            summary {
                h4 { (group.title()) @if findings.len() > 1 { span.note { ", " (more(group)) } } }
                " " span.d { (seen(group.last)) }
            }
            @if let Some(path) = &group.path { p.path { (path) } }
            @if let Some(command) = &group.command { p { code { (command) } } }
            @for (nth, one) in in_full.iter().enumerate() { (finding::in_full(view, one, nth == 0)) }
            @for (nth, some) in others.chunks(MAX_OPENED).take(lines.div_ceil(MAX_OPENED)).enumerate() {
                (in_lines(some, full + nth * MAX_OPENED, lines - nth * MAX_OPENED))
            }
            (page::rest(full + lines, findings.len(), "findings of this group"))
        }
    }
}

/// Findings in one line each, closed.
fn in_lines(findings: &[Finding<'_>], before: usize, room: usize) -> Markup {
    let shown = findings.len().min(room);
    html! {
        details.lines {
            summary { "Findings " (number(wide(before + 1))) " to " (number(wide(before + shown))) ", a line each" }
            table.plain {
                thead { tr { th scope="col" { "finding" } th.n scope="col" { "times" } th scope="col" { "last seen" } } }
                tbody {
                    @for one in findings.iter().take(shown) {
                        tr id=(anchor(&one.fingerprint)) {
                            th scope="row" { (one.title) }
                            td.n { (number(one.count)) }
                            td.d { (seen(one.last_seen)) }
                        }
                    }
                }
            }
        }
    }
}

/// The index: what findings are about, the worst first, each with the way to its worst finding.
fn index(view: &View<'_>) -> Markup {
    html! {
        div.indexes {
            @for (name, parts) in INDEX {
                @let table = index_by(view, name, parts);
                @if !table.rows.is_empty() {
                    details.index {
                        summary { "By " (name) " (" (table.all) ")" }
                        (blocks::table(&table, "plain"))
                    }
                }
            }
        }
    }
}

fn index_by(view: &View<'_>, name: &'static str, parts: &[&str]) -> Table {
    let mut about: BTreeMap<String, Vec<&Finding<'_>>> = BTreeMap::new();
    for finding in view.groups.iter().flat_map(|group| &group.findings) {
        let values = finding.key.iter().filter(|(part, _)| parts.contains(&part.as_ref()));
        let repository = repository(finding).filter(|_| name == "repository");
        for value in values.map(|(_, value)| value.to_string()).chain(repository) {
            about.entry(value).or_default().push(finding);
        }
    }
    let rank = |finding: &Finding<'_>| Severity::WORST_FIRST.iter().position(|known| known.name() == finding.severity);
    let mut about: Vec<(String, Vec<&Finding<'_>>)> = about.into_iter().collect();
    for (_, findings) in &mut about {
        findings.sort_by_key(|finding| rank(finding));
    }
    about.sort_by_key(|(_, findings)| (findings.first().map(|worst| rank(worst)), std::cmp::Reverse(findings.len())));
    let columns = [
        Column::new(name, Kind::Name).flowing(""),
        Column::new("findings", Kind::Number),
        Column::new("severity", Kind::Words),
        Column::new("worst", Kind::Words),
    ];
    let mut table = Table::new(&format!("Findings by {name}"), &columns);
    for (value, findings) in about.iter().take(MAX_INDEX) {
        let Some(worst) = findings.first() else { continue };
        table.row(vec![
            value.as_str().into(),
            wide(findings.len()).into(),
            worst.severity.into(),
            Cell::from(worst.title.as_ref()).linked(view.place(&worst.fingerprint)),
        ]);
    }
    table.all = about.len();
    table
}

/// Returns the repository of the subject that a finding is about, when no part of its key names it.
fn repository(finding: &Finding<'_>) -> Option<String> {
    let subject = finding.key.get("subject").filter(|_| !finding.key.contains_key("repository"))?;
    let issuer = finding.key.get("issuer").map_or("", AsRef::as_ref);
    let subject = provider::parse(issuer, subject);
    subject.provider.and(subject.repository)
}
