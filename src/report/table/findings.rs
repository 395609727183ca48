//! Findings on a terminal: the five groups to look at in full, the others in short.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;

use crate::model::width::wide;
use crate::report::document::View;
use crate::report::document::groups;
use crate::report::document::groups::Group;
use crate::report::names;
use crate::report::names::number;
use crate::report::names::unbroken;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::report::wire::finding::Finding;
use crate::text::fit;

/// How many groups are shown in full.
const MAX_FULL: usize = 5;

/// How many groups of one rule are shown.
const MAX_ALIKE: usize = 3;

/// How many groups are shown at all.
const MAX_GROUPS: usize = 30;

/// How many further findings of a group are named.
const MAX_NAMED: usize = 8;

/// The width of the severity and the space after it.
const MARGIN: usize = 10;

pub(super) fn write(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let groups = groups::groups(view);
    let all = view.rows.options.all;
    if groups.is_empty() {
        screen.heading("FINDINGS", "none")?;
    } else {
        super::blocks::heading("FINDINGS", &groups::note(&groups), screen)?;
    }
    let picked = pick(&groups, all);
    let shown = if all { picked.len() } else { picked.len().min(MAX_GROUPS) };
    let mut fixes: Vec<String> = Vec::new();
    for (nth, (group, more)) in picked.iter().take(shown).enumerate() {
        if nth == MAX_FULL && !all {
            screen.blank()?;
            let more = number(wide(picked.len() - MAX_FULL));
            let words = format!("{more} more in short; --all shows each finding in full");
            screen.paragraph("  ", &words, Some(Style::Quiet))?;
        }
        if nth < MAX_FULL || all {
            screen.blank()?;
            in_full(group, all, &mut fixes, screen)?;
        } else {
            in_short(group, screen)?;
        }
        if let Some(more) = more {
            screen.paragraph(&" ".repeat(MARGIN), more, Some(Style::Quiet))?;
        }
    }
    if picked.len() > shown {
        let more = number(wide(picked.len() - shown));
        screen.line(&paint(Style::Quiet, &format!("  … and {more} more groups (--all shows all)")))?;
    }
    Ok(())
}

/// Picks the groups to show. Of many that one rule found, the first stand for the others, so that no rule hides the rest: the
/// last of them is followed by how many more there are.
fn pick<'g, 'a>(groups: &'g [Group<'a>], all: bool) -> Vec<(&'g Group<'a>, Option<String>)> {
    let rule = |group: &Group<'a>| (group.severity, group.findings.first().map_or("", |finding| finding.rule));
    let mut alike: BTreeMap<(&str, &str), Vec<&Group<'a>>> = BTreeMap::new();
    for group in groups {
        alike.entry(rule(group)).or_default().push(group);
    }
    let mut nth: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut picked = Vec::new();
    for group in groups {
        let place = nth.entry(rule(group)).or_default();
        *place += 1;
        let rest = alike.get(&rule(group)).and_then(|of_rule| of_rule.get(MAX_ALIKE..)).unwrap_or_default();
        if all || rest.len() < 2 {
            picked.push((group, None));
        } else if *place <= MAX_ALIKE {
            let findings = rest.iter().map(|group| group.findings.len()).sum();
            let name = rule(group).1;
            let words = format!(
                "… and {} more groups of {name}, {} (--all shows all)",
                number(wide(rest.len())),
                names::count(wide(findings), "finding")
            );
            picked.push((group, (*place == MAX_ALIKE).then_some(words)));
        }
    }
    picked
}

fn in_full(group: &Group<'_>, all: bool, fixes: &mut Vec<String>, screen: &mut Screen<'_>) -> io::Result<()> {
    let indent = " ".repeat(MARGIN);
    for (nth, finding) in group.findings.iter().enumerate() {
        if nth == 0 || all {
            title(finding, screen)?;
            screen.paragraph(&indent, &safe(&groups::told(&finding.message)), None)?;
            let is_known = fixes.iter().any(|fix| *fix == finding.remediation);
            let fix = if is_known { "as above".to_owned() } else { groups::told(&finding.remediation) };
            screen.paragraph(&format!("{indent}{} ", paint(Style::Good, "fix:")), &safe(&fix), None)?;
            fixes.push(finding.remediation.clone().into_owned());
            let event = groups::event(finding).map(|event| format!("event {event}"));
            screen.paragraph(&indent, &joined(groups::facts(finding).into_iter().chain(event)), Some(Style::Quiet))?;
        } else if nth <= MAX_NAMED {
            let severity = paint(Style::of_severity(finding.severity), finding.severity);
            let first = format!("{indent}+ {severity} ");
            let words = format!("{} ({})", finding.title, finding.rule);
            screen.hanging(&first, &format!("{indent}  "), &safe(&words), None)?;
        }
    }
    if let Some(more) = group.findings.len().checked_sub(1 + MAX_NAMED).filter(|more| *more > 0 && !all) {
        screen.paragraph(&indent, &format!("+ {} more (--all)", number(wide(more))), Some(Style::Quiet))?;
    }
    if let Some(path) = &group.path {
        screen.paragraph(&indent, &safe(path), Some(Style::Accent))?;
    }
    match &group.command {
        Some(command) => screen.verbatim(&format!("{indent}{}", paint(Style::Accent, &safe(command)))),
        None => Ok(()),
    }
}

/// Writes a group in a few lines: what it is, when, and the way to more.
fn in_short(group: &Group<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let Some(finding) = group.findings.first() else { return Ok(()) };
    title(finding, screen)?;
    let rules: BTreeSet<&str> = group.findings.iter().skip(1).map(|finding| finding.rule).collect();
    let rules: Vec<&str> = rules.into_iter().collect();
    let more = groups::more(group).map(|more| format!("{more}: {}", rules.join(", ")));
    let facts = joined(groups::facts(finding).into_iter().chain(more));
    screen.paragraph(&" ".repeat(MARGIN), &facts, Some(Style::Quiet))?;
    match &group.command {
        Some(command) => screen.verbatim(&format!("{}{}", " ".repeat(MARGIN), paint(Style::Quiet, &safe(command)))),
        None => Ok(()),
    }
}

/// Joins facts; none is broken over lines.
fn joined(facts: impl Iterator<Item = String>) -> String {
    let facts: Vec<String> = facts.map(|fact| unbroken(&safe(&fact))).collect();
    facts.join(" · ")
}

fn title(finding: &Finding<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let severity = finding.severity.to_uppercase();
    let pad = " ".repeat(MARGIN.saturating_sub(fit::width(&severity)));
    let first = format!("{}{pad}", paint(Style::of_severity(finding.severity), &severity));
    screen.paragraph(&first, &safe(&finding.title), Some(Style::Strong))
}
