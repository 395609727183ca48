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

/// The width of the first column of a page's table.
const ROW: usize = 12;

/// Writes the page of a rule.
pub fn explain(rule: &Rule, width: usize, color: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let mut screen = Screen::new(&Options { width, color, ..Options::default() }, out);
    let severity = rule.severity.name();
    screen.line(&format!(
        "{}  {}  {}",
        paint(Style::Strong, rule.id),
        paint(Style::of_severity(severity), severity),
        paint(Style::Quiet, &format!("{}, {} confidence", rule.basis.name(), rule.confidence.name()))
    ))?;
    page(rule.page, &mut screen)
}

/// Writes Markdown: headings stand out, code is indented, paragraphs, lists and tables are wrapped.
fn page(markdown: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut paragraph = String::new();
    let mut is_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            flush(&mut paragraph, screen)?;
            is_code = !is_code;
        } else if is_code {
            code(line, screen)?;
        } else if line.trim().is_empty() {
            flush(&mut paragraph, screen)?;
            screen.blank()?;
        } else if line.starts_with("# ") {
            // The page's own title: it stands above already.
        } else if let Some(heading) = line.strip_prefix('#') {
            flush(&mut paragraph, screen)?;
            let heading = heading.trim_start_matches('#').trim();
            screen.paragraph("", &safe(heading), Some(Style::Strong))?;
        } else if line.starts_with('|') {
            flush(&mut paragraph, screen)?;
            row(line, screen)?;
        } else {
            let is_item = item(line).is_some();
            if is_item {
                flush(&mut paragraph, screen)?;
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim_end());
        }
    }
    flush(&mut paragraph, screen)
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

/// Writes a line of code, indented and unbroken.
fn code(line: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.verbatim(&paint(Style::Quiet, &format!("    {}", safe(line))))
}

/// Writes a row of a table of two columns: what it is, and what is said of it. Rules between rows are left out.
fn row(line: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut cells = line.trim().trim_matches('|').splitn(2, '|').map(str::trim);
    let (name, text) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
    if name.chars().all(|c| c == '-') && text.chars().all(|c| c == '-') {
        return Ok(());
    }
    screen.paragraph(&format!("  {:ROW$}", safe(name)), &safe(text), None)
}
