//! Sections of the document on a terminal.

use std::io;

use crate::model::width::wide;
use crate::report::document::Block;
use crate::report::document::Cell;
use crate::report::document::Column;
use crate::report::document::Fact;
use crate::report::document::Kind;
use crate::report::document::Mark;
use crate::report::document::Section;
use crate::report::document::Table;
use crate::report::grid;
use crate::report::grid::Grid;
use crate::report::grid::Side;
use crate::report::names::number;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::text::fit;

/// The width of the names of facts.
const LABEL: usize = 14;

/// Writes a section; all rows of its tables, or as many as one likes to read.
pub(in crate::report) fn section(section: &Section, all: bool, screen: &mut Screen<'_>) -> io::Result<()> {
    heading(&section.title.to_uppercase(), &section.note, screen)?;
    blocks(&section.blocks, all, screen)
}

/// Writes a heading, and beside or below it what the section comes to.
pub(super) fn heading(title: &str, note: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    let note = safe(note);
    if fit::width(title) + 2 + fit::width(&note) <= screen.width {
        return screen.heading(title, &note);
    }
    screen.heading(title, "")?;
    screen.paragraph("  ", &note, Some(Style::Quiet))
}

/// Writes blocks.
pub(super) fn blocks(blocks: &[Block], all: bool, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut tables = blocks.iter().filter(|block| matches!(block, Block::Table(_)));
    let is_only_table = tables.next().is_some() && tables.next().is_none();
    for block in blocks {
        match block {
            Block::Text(text) => screen.paragraph("  ", &safe(text), None)?,
            Block::Note(text) => screen.paragraph("  ", &safe(text), Some(Style::Quiet))?,
            Block::Warning(word, text) => {
                screen.paragraph(&format!("{} ", paint(Style::High, &format!("{word}:"))), &safe(text), None)?;
            }
            Block::Facts(facts) => facts.iter().try_for_each(|fact| write_fact(fact, screen))?,
            Block::List(lines) => lines.iter().try_for_each(|line| screen.paragraph("  - ", line, None))?,
            Block::Table(table) => {
                // Where there is but one table, the heading of the section says what it is.
                if !is_only_table {
                    screen.paragraph("  ", &safe(&table.caption), Some(Style::Strong))?;
                }
                write_table(table, all, screen)?;
            }
        }
    }
    Ok(())
}

fn write_fact(fact: &Fact, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.paragraph(&paint(Style::Quiet, &format!("  {:LABEL$}", fact.name)), &safe(&fact.text), None)
}

fn write_table(table: &Table, all: bool, screen: &mut Screen<'_>) -> io::Result<()> {
    let len = table.rows.len();
    let is_whole = all || len <= table.short.saturating_add(table.tail);
    let (head, tail) = if is_whole { (len, 0) } else { (table.short, table.tail) };
    let rows: Vec<&Vec<Cell>> = table.rows.iter().take(head).chain(table.rows.iter().skip(len - tail)).collect();
    for line in lay_out(&table.columns, &rows, screen.width) {
        screen.line(&line)?;
    }
    let shown = rows.len();
    match table.all.saturating_sub(shown) {
        0 => Ok(()),
        more if tail > 0 => {
            let words = format!("  … and {} more before the last {tail} (--all lists all)", number(wide(more)));
            screen.line(&paint(Style::Quiet, &words))
        }
        more => {
            let how = if all { "--format json" } else { "--all" };
            screen.line(&paint(Style::Quiet, &format!("  … and {} more ({how} lists all)", number(wide(more)))))
        }
    }
}

/// Lays a table out: texts that flow stand side by side where all fit, else below one another.
fn lay_out(columns: &[Column], rows: &[&Vec<Cell>], width: usize) -> Vec<String> {
    let shown: Vec<(usize, &Column)> = columns.iter().enumerate().filter(|(_, column)| !column.is_detail).collect();
    let text = |row: &[Cell], at: usize| row.get(at).map_or_else(String::new, |cell| painted(cell, columns.get(at)));
    let widest = |at: usize, title: &str| {
        let cells: Vec<String> = rows.iter().map(|row| text(row, at)).collect();
        grid::widest(title, &cells)
    };
    let widths: Vec<usize> = shown.iter().map(|(at, column)| widest(*at, column.title)).collect();
    let flowing: Vec<usize> = shown.iter().filter(|(_, column)| column.flows.is_some()).map(|(at, _)| *at).collect();
    let is_stacked = flowing.len() > 1 && grid::room(width, &widths) == 0;
    let mut heads: Vec<(String, Side)> = Vec::new();
    let mut flow = None;
    for (at, column) in &shown {
        let before = flow.filter(|_| is_stacked && flowing.contains(at));
        if let Some((title, _)) = before.and_then(|first: usize| heads.get_mut(first)) {
            title.push_str(" and ");
            title.push_str(column.title);
            continue;
        }
        if flowing.contains(at) {
            flow = Some(heads.len());
        }
        heads.push((column.title.to_owned(), if column.kind == Kind::Number { Side::Right } else { Side::Left }));
    }
    let heads: Vec<(&str, Side)> = heads.iter().map(|(title, side)| (title.as_str(), *side)).collect();
    let mut grid = Grid::flowing(&heads, flow);
    for row in rows {
        let mut cells: Vec<String> = Vec::new();
        for (at, _) in &shown {
            match flow.and_then(|first| cells.get_mut(first)).filter(|_| is_stacked && flowing.contains(at)) {
                Some(cell) => stack(cell, &text(row, *at), columns.get(*at)),
                None => cells.push(text(row, *at)),
            }
        }
        grid.row(cells);
    }
    grid.lines_within(width)
}

/// Puts a text below another.
fn stack(cell: &mut String, text: &str, column: Option<&Column>) {
    if text.is_empty() {
        return;
    }
    if !cell.is_empty() {
        cell.push('\n');
        cell.push_str(column.and_then(|column| column.flows).unwrap_or_default());
    }
    cell.push_str(text);
}

/// Makes a cell safe, and colors what is marked. What flows is broken into lines, where colors would end.
fn painted(cell: &Cell, column: Option<&Column>) -> String {
    let text = safe(&cell.text);
    let style = match cell.mark {
        _ if column.is_some_and(|column| column.flows.is_some()) => None,
        Mark::Plain => None,
        Mark::Good => Some(Style::Good),
        Mark::Notice => Some(Style::Medium),
        Mark::Alarm => Some(Style::High),
    };
    style.map_or_else(|| text.to_string(), |style| paint(style, &text))
}
