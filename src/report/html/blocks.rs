//! Sections of the document on the page.

use maud::Markup;
use maud::html;

use super::page;
use super::page::prose;
use crate::model::width::wide;
use crate::report::document::Block;
use crate::report::document::Cell;
use crate::report::document::Column;
use crate::report::document::Fact;
use crate::report::document::Kind;
use crate::report::document::Section;
use crate::report::document::Table;
use crate::report::document::capital;
use crate::report::names::number;

/// How many rows a table of the page has.
const MAX_ROWS: usize = 500;

/// So many rows of a table are not folded.
const MANY: usize = 25;

/// Words of so many bytes stay on one line.
const SHORT: usize = 16;

/// So many rows are found without a filter.
const FILTERED: usize = 10;

/// A section.
pub(super) fn section(section: &Section) -> Markup {
    drawn(section, &Markup::default())
}

/// A section with a drawing before its tables.
pub(super) fn drawn(section: &Section, drawing: &Markup) -> Markup {
    let body = html! {
        @if !section.note.is_empty() { p { (prose(&capital(&section.note))) "." } }
        (drawing)
        (blocks(&section.blocks))
    };
    page::section(section.id, section.title, &body)
}

/// Blocks.
pub(super) fn blocks(blocks: &[Block]) -> Markup {
    html! {
        @for block in blocks {
            @match block {
                Block::Text(text) => p { (prose(text)) },
                Block::Note(text) => (page::note(text)),
                Block::Warning(word, text) => p.warning { strong { (word) ":" } " " (prose(text)) },
                Block::Facts(facts) => (self::facts(facts)),
                Block::List(lines) => ul.limits { @for line in lines { li { (line) } } },
                Block::Table(table) => (self::table(table, "cards")),
            }
        }
    }
}

/// Things by name.
pub(super) fn facts(facts: &[Fact]) -> Markup {
    html! {
        dl.facts {
            @for fact in facts {
                dt { (fact.name) }
                dd { @if fact.kind == Kind::Name { code { (fact.text) } } @else { (prose(&fact.text)) } }
            }
        }
    }
}

/// A table. Those of the class `cards` have the cells of a row below one another where the page is narrow, a filter, and the
/// rows behind the first ones folded.
pub(super) fn table(table: &Table, class: &str) -> Markup {
    let is_cards = class == "cards";
    let rows = table.rows.get(..MAX_ROWS).unwrap_or(&table.rows);
    let (first, others) = rows.split_at(if is_cards && rows.len() > MANY + MANY / 2 { MANY } else { rows.len() });
    html! {
        div.rows {
            @if is_cards && rows.len() > FILTERED { div.filter {} }
            (some_rows(table, first, class))
            @if !others.is_empty() {
                details.lines {
                    summary { "Rows " (number(wide(first.len() + 1))) " to " (number(wide(rows.len()))) }
                    (some_rows(table, others, class))
                }
            }
            (page::rest(rows.len(), table.all, "rows"))
        }
    }
}

fn some_rows(table: &Table, rows: &[Vec<Cell>], class: &str) -> Markup {
    // What flows is a name or a text: the first of them says what a row is about.
    let name = table.columns.iter().position(|column| column.flows == Some("") && column.kind == Kind::Name);
    let body = html! {
        table class=(class) {
            caption { (table.caption) }
            thead {
                tr {
                    @for column in &table.columns {
                        th scope="col" class=[(column.kind == Kind::Number).then_some("n")] { (column.title) }
                    }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        @for (nth, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
                            (self::cell(cell, column, nth == name.unwrap_or(0), class == "cards"))
                        }
                    }
                }
            }
        }
    };
    page::scroll(&table.caption, &body)
}

fn cell(cell: &Cell, column: &Column, is_name: bool, is_card: bool) -> Markup {
    let (mark, sign) = (cell.mark.class(), cell.mark.sign());
    let kind = match column.kind {
        Kind::Number if cell.text == "0" && mark.is_empty() => "n zero",
        Kind::Number => "n",
        Kind::Time => "d",
        // Short words are not broken.
        Kind::Words if cell.text.len() <= SHORT => "d",
        Kind::Words | Kind::Name => "",
    };
    let class = [kind, mark].join(" ");
    let class = Some(class.trim()).filter(|class| !class.is_empty());
    let words = match column.kind {
        Kind::Name if !cell.text.is_empty() => html! { code { (cell.text) } },
        Kind::Words if !is_name => prose(&cell.text),
        _ => html! { (cell.text) },
    };
    let body = html! { (sign) (page::link(cell.link.as_deref(), &words)) };
    let label = is_card.then_some(column.title);
    html! {
        @if is_name { th scope="row" class=[class] data-label=[label] { (body) } }
        @else { td class=[class] data-label=[label] { (body) } }
    }
}
