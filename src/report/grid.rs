//! Tables without boxes: a head, a thin line, and columns apart by two spaces.

use comfy_table::Cell;
use comfy_table::CellAlignment;
use comfy_table::ContentArrangement;
use comfy_table::LineStyle;
use comfy_table::Table;
use comfy_table::TableStyle;

use super::screen::Style;
use super::screen::paint;
use crate::text::fit;

/// The spaces before the first column.
pub(super) const INDENT: usize = 2;

/// The spaces between columns.
const GAP: usize = 2;

const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// On which side the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table: its cells are safe and fit; a cell may have several lines.
pub(super) struct Grid {
    heads: Vec<(String, Side)>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    pub(super) fn new(heads: &[(&str, Side)]) -> Self {
        let heads = heads.iter().map(|(title, side)| ((*title).to_owned(), *side)).collect();
        Self { heads, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Returns the lines of the table.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.heads.iter().map(|(title, _)| Cell::new(title)));
        for row in &self.rows {
            table.add_row(row.iter().map(Cell::new));
        }
        for (at, (_, side)) in self.heads.iter().enumerate() {
            if let Some(column) = table.column_mut(at) {
                column.set_padding((if at == 0 { 0 } else { narrow(GAP) }, 0));
                column.set_cell_alignment(match side {
                    Side::Left => CellAlignment::Left,
                    Side::Right => CellAlignment::Right,
                });
            }
        }
        let indent = " ".repeat(INDENT);
        let styled = |(at, line): (usize, String)| {
            let is_head = at < 2;
            if is_head {
                format!("{indent}{}", paint(Style::Quiet, line.trim_end()))
            } else {
                format!("{indent}{line}")
            }
        };
        table.lines().enumerate().map(styled).collect()
    }
}

/// Returns how many columns are left for a text when the others have these widths.
pub(super) fn room(width: usize, others: &[usize]) -> usize {
    width.saturating_sub(INDENT + others.iter().map(|other| other + GAP).sum::<usize>())
}

/// Returns the width of the widest cell, its title included.
pub(super) fn widest<'c>(title: &str, cells: impl IntoIterator<Item = &'c String>) -> usize {
    cells.into_iter().map(|cell| fit::width(cell)).chain([fit::width(title)]).max().unwrap_or(0)
}

/// Walks several columns at once: yields what they hold row by row, as far as all of them go.
pub(super) fn across<const N: usize>(columns: [Vec<String>; N]) -> impl Iterator<Item = [String; N]> {
    let mut columns = columns.map(Vec::into_iter);
    std::iter::from_fn(move || {
        let row = columns.each_mut().map(Iterator::next);
        row.iter().all(Option::is_some).then(|| row.map(Option::unwrap_or_default))
    })
}

fn narrow(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
