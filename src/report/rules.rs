//! `rolechain rules` and `rolechain explain`: what is looked for, and why.

use std::io;

use super::Options;
use super::grid;
use super::grid::Grid;
use super::grid::Side;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use crate::audit;
use crate::audit::Rule;

/// Writes the rules as a table.
pub fn list(rules: &[&Rule], width: usize, color: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let mut screen = Screen::new(&Options { width, color, ..Options::default() }, out);
    if rules.is_empty() {
        return screen.line("No rule.");
    }
    let ids: Vec<String> = rules.iter().map(|rule| rule.id.to_owned()).collect();
    let room = grid::room(screen.width, &[grid::widest("rule", &ids), 8]);
    let mut table = Grid::new(&[("rule", Side::Left), ("severity", Side::Left), ("what it finds", Side::Left)]);
    for rule in rules {
        let severity = rule.severity.name();
        table.row(vec![
            rule.id.to_owned(),
            paint(Style::of_severity(severity), severity),
            crate::text::fit::wrap(&safe(rule.title), room).join("\n"),
        ]);
    }
    for line in table.lines() {
        screen.line(&line)?;
    }
    screen.blank()?;
    screen.paragraph("  ", "`rolechain explain RULE` tells what a rule means and what to do.", Some(Style::Quiet))
}

/// The width of the first column of a table.
const ROW: usize = 12;

/// Writes what a rule says of itself, and what its page adds.
pub fn explain(rule: &Rule, width: usize, color: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let mut screen = Screen::new(&Options { width, color, ..Options::default() }, out);
    let severity = rule.severity.name();
    screen.line(&format!(
        "{}  {}  {}",
        paint(Style::Strong, rule.id),
        paint(Style::of_severity(severity), severity),
        paint(Style::Quiet, &format!("{}, {} confidence", rule.basis.name(), rule.confidence.name()))
    ))?;
    screen.blank()?;
    screen.paragraph("", &format!("{}.", rule.title), None)?;
    screen.blank()?;
    fact("Theme", rule.theme.title(), &mut screen)?;
    fact("Persona", rule.persona.name(), &mut screen)?;
    fact("Needs", rule.needs, &mut screen)?;
    fact("To do", rule.remediation, &mut screen)?;
    for number in rule.techniques {
        fact("ATT&CK", &format!("{number} {}", audit::technique(number).unwrap_or_default()), &mut screen)?;
    }
    for (title, address) in rule.reading {
        fact("Read more", title, &mut screen)?;
        screen.verbatim(&format!("  {:ROW$}{address}", ""))?;
    }
    screen.blank()?;
    page(rule.prose(), &mut screen)
}

fn fact(name: &str, text: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.paragraph(&format!("  {name:ROW$}"), text, None)
}

/// Writes Markdown: headings stand out, paragraphs and lists are wrapped, links are their words.
fn page(markdown: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut paragraph = String::new();
    for line in markdown.lines() {
        if line.trim().is_empty() {
            flush(&mut paragraph, screen)?;
            screen.blank()?;
        } else if let Some(heading) = line.strip_prefix("## ") {
            flush(&mut paragraph, screen)?;
            screen.paragraph("", &safe(heading), Some(Style::Strong))?;
        } else {
            let is_item = item(line).is_some();
            if is_item {
                flush(&mut paragraph, screen)?;
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(&without_targets(line.trim_end()));
        }
    }
    flush(&mut paragraph, screen)
}

/// Returns the text with every link replaced by its words.
fn without_targets(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, words, after)) = next_link(rest) {
        text.push_str(before);
        text.push_str(words);
        rest = after;
    }
    text + rest
}

/// Splits a line at its first link, into what is before it, its words, and what is after it.
fn next_link(line: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = line.split_once("](")?;
    let (before, words) = before.rsplit_once('[')?;
    let (_, after) = rest.split_once(')')?;
    Some((before, words, after))
}

/// Returns the bullet or number of a list item, with the space after it.
fn item(line: &str) -> Option<&str> {
    let body = line.trim_start();
    let mark = body.split(' ').next()?;
    let is_number =
        mark.strip_suffix('.').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let length = line.len() - body.len() + mark.len() + 1;
    (matches!(mark, "-" | "*") || is_number).then(|| line.get(..length)).flatten()
}

fn flush(paragraph: &mut String, screen: &mut Screen<'_>) -> io::Result<()> {
    let text = std::mem::take(paragraph);
    match item(&text) {
        _ if text.is_empty() => Ok(()),
        Some(mark) => screen.paragraph(mark, &safe(text.get(mark.len()..).unwrap_or_default()), None),
        None => screen.paragraph("", &safe(&text), None),
    }
}
