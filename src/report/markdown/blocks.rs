//! Sections of the document as Markdown.

use super::Page;
use super::cut;
use crate::report::document::Block;
use crate::report::document::Cell;
use crate::report::document::Kind;
use crate::report::document::Section;
use crate::report::document::Table;
use crate::report::document::capital;
use crate::text::markdown;

/// Writes a section.
pub(super) fn section(section: &Section, page: &mut Page) {
    page.heading(section.title);
    if !section.note.is_empty() {
        page.line(&format!("{}.\n", markdown::prose(&capital(&section.note))));
    }
    blocks(&section.blocks, page);
}

/// Writes blocks.
pub(super) fn blocks(blocks: &[Block], page: &mut Page) {
    let tables = blocks.iter().filter(|block| matches!(block, Block::Table(_))).count();
    for block in blocks {
        match block {
            Block::Text(text) | Block::Note(text) => page.line(&format!("{}\n", markdown::prose(text))),
            Block::Warning(word, text) => {
                page.line(&format!("> [!WARNING]\n> **{word}:** {}\n", markdown::prose(text)));
            }
            Block::Facts(facts) => {
                for fact in facts {
                    page.line(&format!(
                        "- {}: {}",
                        fact.name,
                        word(fact.kind, &fact.text, markdown::prose, markdown::code)
                    ));
                }
                page.line("");
            }
            Block::List(lines) => {
                for line in lines {
                    page.line(&format!("- {}", markdown::prose(line)));
                }
                page.line("");
            }
            Block::Table(table) => {
                if tables > 1 {
                    page.line(&format!("**{}**\n", markdown::prose(&table.caption)));
                }
                write_table(table, page);
                page.line("");
            }
        }
    }
}

fn write_table(table: &Table, page: &mut Page) {
    let heads: Vec<&str> = table.columns.iter().map(|column| column.title).collect();
    let cell = |(cell, kind): (&Cell, Kind)| word(kind, &cut(&cell.text), markdown::cell, markdown::code_cell);
    let kinds = || table.columns.iter().map(|column| column.kind);
    let rows = table.rows.iter().map(|row| row.iter().zip(kinds()).map(cell).collect());
    page.table(&heads, rows, table.all);
}

fn word(kind: Kind, text: &str, prose: fn(&str) -> String, code: fn(&str) -> String) -> String {
    match kind {
        Kind::Time => text.to_owned(),
        Kind::Name if !text.is_empty() => code(text),
        _ => prose(text),
    }
}
