//! Sections of the document on the page.

use std::io;

use super::page::Col;
use super::page::Page;
use crate::report::document::Block;
use crate::report::document::Cell;
use crate::report::document::Column;
use crate::report::document::Fact;
use crate::report::document::Kind;
use crate::report::document::Mark;
use crate::report::document::Section;
use crate::report::document::Table;
use crate::report::document::capital;

/// How many rows a table of the page has.
const MAX_ROWS: usize = 500;

/// Writes a section.
pub(super) fn section(section: &Section, page: &mut Page<'_>) -> io::Result<()> {
    begin(section, page)?;
    blocks(&section.blocks, page)?;
    page.end_section()
}

/// Begins a section: its heading, and what it comes to.
pub(super) fn begin(section: &Section, page: &mut Page<'_>) -> io::Result<()> {
    page.section(section.id, section.title)?;
    if section.note.is_empty() { Ok(()) } else { page.paragraph(&format!("{}.", capital(&section.note))) }
}

/// Writes blocks.
pub(super) fn blocks(blocks: &[Block], page: &mut Page<'_>) -> io::Result<()> {
    for block in blocks {
        match block {
            Block::Text(text) => page.paragraph(text)?,
            Block::Note(text) => page.note(text)?,
            Block::Warning(word, text) => {
                page.put("<p class=\"warning\"><strong>{}:</strong> {}</p>\n", [word, text])?;
            }
            Block::Facts(facts) => write_facts(facts, page)?,
            Block::List(lines) => {
                page.raw("<ul class=\"limits\">\n")?;
                for line in lines {
                    page.put("<li>{}</li>\n", [line])?;
                }
                page.raw("</ul>\n")?;
            }
            Block::Table(table) => write_table(table, page)?,
        }
    }
    Ok(())
}

pub(super) fn write_facts(facts: &[Fact], page: &mut Page<'_>) -> io::Result<()> {
    page.raw("<dl class=\"facts\">\n")?;
    for fact in facts {
        match fact.kind {
            Kind::Name => page.put("<dt>{}</dt>\n<dd><code>{}</code></dd>\n", [&fact.name, &fact.text])?,
            _ => page.put("<dt>{}</dt>\n<dd>{}</dd>\n", [&fact.name, &fact.text])?,
        }
    }
    page.raw("</dl>\n")
}

fn write_table(table: &Table, page: &mut Page<'_>) -> io::Result<()> {
    let columns: Vec<Col> = table.columns.iter().map(|column| Col(column.title, column.kind == Kind::Number)).collect();
    page.table(&table.caption, &columns)?;
    // What flows is a name or a text: the first of them says what a row is about.
    let name =
        table.columns.iter().position(|column| column.flows == Some("") && column.kind == Kind::Name).unwrap_or(0);
    for row in table.rows.iter().take(MAX_ROWS) {
        page.raw("<tr>")?;
        for (nth, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
            write_cell(cell, column, nth == name, page)?;
        }
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(table.rows.len().min(MAX_ROWS), table.all, "rows")
}

fn write_cell(cell: &Cell, column: &Column, is_first: bool, page: &mut Page<'_>) -> io::Result<()> {
    let (class, sign) = match cell.mark {
        Mark::Plain => ("", ""),
        Mark::Good => ("good", ""),
        Mark::Notice => ("notice", "△ "),
        Mark::Alarm => ("alarm", "▲ "),
    };
    match (is_first, column.kind) {
        (true, Kind::Name) => page.put("<th scope=\"row\"><code>{}</code></th>", [&cell.text]),
        (true, _) => page.put("<th scope=\"row\">{}</th>", [&cell.text]),
        (_, Kind::Number) if cell.text == "0" && class.is_empty() => page.raw("<td class=\"n zero\">0</td>"),
        (_, Kind::Words) if class.is_empty() => page.cell(&cell.text),
        (_, Kind::Name) if class.is_empty() && cell.text.is_empty() => page.raw("<td></td>"),
        (_, Kind::Name) if class.is_empty() => page.code(&cell.text),
        (_, Kind::Time) => page.time(&cell.text),
        (_, Kind::Number) => page.put("<td class=\"n {}\">{}{}</td>", [&class, &sign, &cell.text]),
        (_, Kind::Name) => page.put("<td class=\"{}\">{}<code>{}</code></td>", [&class, &sign, &cell.text]),
        (_, Kind::Words) => page.put("<td class=\"{}\">{}{}</td>", [&class, &sign, &cell.text]),
    }
}
