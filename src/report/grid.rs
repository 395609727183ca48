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

/// The least room for a column of text.
const LEAST: usize = 12;

/// On which side the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table: its cells are safe; a cell may have several lines.
pub(super) struct Grid {
    heads: Vec<(String, Side)>,
    rows: Vec<Vec<String>>,
    /// The column whose text takes as many lines as it needs, and the columns to its right where they are empty.
    flow: Option<usize>,
}

impl Grid {
    pub(super) fn new(heads: &[(&str, Side)]) -> Self {
        let heads = heads.iter().map(|(title, side)| ((*title).to_owned(), *side)).collect();
        Self { heads, rows: Vec::new(), flow: None }
    }

    /// Makes a table in which the text of one column flows, so that nothing of it is ever cut.
    pub(super) fn flowing(heads: &[(&str, Side)], column: Option<usize>) -> Self {
        Self { flow: column, ..Self::new(heads) }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Returns the lines of the table, whose cells fit.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.heads.iter().map(|(title, _)| Cell::new(title)));
        for row in &self.rows {
            table.add_row(row.iter().map(Cell::new));
        }
        for (at, (_, side)) in self.heads.iter().enumerate() {
            if let Some(column) = table.column_mut(at) {
                column.set_padding((if at == 0 { 0 } else { u16::try_from(GAP).unwrap_or_default() }, 0));
                column.set_cell_alignment(match side {
                    Side::Left => CellAlignment::Left,
                    Side::Right => CellAlignment::Right,
                });
            }
        }
        let indent = " ".repeat(INDENT);
        let styled = |(at, line): (usize, String)| match at {
            0 | 1 => format!("{indent}{}", paint(Style::Quiet, line.trim_end())),
            _ => format!("{indent}{line}"),
        };
        table.lines().enumerate().map(styled).collect()
    }

    /// Returns the lines of the table in so many columns of the terminal. A text that flows reaches below its neighbors,
    /// which no library draws.
    pub(super) fn lines_within(&self, width: usize) -> Vec<String> {
        let Some(flow) = self.flow else { return self.lines() };
        let widths = self.widths(flow, width);
        let indent = " ".repeat(INDENT);
        let titles: Vec<String> = self.heads.iter().map(|(title, _)| title.clone()).collect();
        let total: usize = widths.iter().map(|width| width + GAP).sum::<usize>() - GAP.min(widths.len());
        let head = self.line(&titles, &widths);
        let mut lines = vec![
            format!("{indent}{}", paint(Style::Quiet, head.trim_end())),
            format!("{indent}{}", paint(Style::Quiet, &"─".repeat(total))),
        ];
        for row in &self.rows {
            let cells = Self::cells(flow, row, &widths, width);
            let most = cells.iter().map(Vec::len).max().unwrap_or(0);
            for nth in 0..most {
                let cells: Vec<String> = cells.iter().map(|cell| cell.get(nth).cloned().unwrap_or_default()).collect();
                lines.push(format!("{indent}{}", self.line(&cells, &widths)));
            }
        }
        lines
    }

    /// Returns how wide each column is: the one that flows takes what the others leave; where that is too little, the
    /// widest columns of text are broken into lines, too.
    fn widths(&self, flow: usize, width: usize) -> Vec<usize> {
        let widest = |at: usize, most: usize| {
            let lines = |row: &Vec<String>| {
                row.get(at).and_then(|cell| cell.lines().take(most).map(fit::width).max()).unwrap_or(0)
            };
            let title = self.heads.get(at).map_or(0, |(title, _)| fit::width(title));
            self.rows.iter().map(lines).max().unwrap_or(0).max(title)
        };
        let mut widths: Vec<usize> = (0..self.heads.len()).map(|at| widest(at, usize::MAX)).collect();
        // Only first lines have something beside them.
        let most = if flow + 1 == self.heads.len() { usize::MAX } else { 1 };
        let wanted = widest(flow, most);
        loop {
            let others: Vec<usize> = widths.iter().enumerate().filter(|(at, _)| *at != flow).map(|(_, w)| *w).collect();
            let room = room(width, &others);
            if let Some(slot) = widths.get_mut(flow) {
                *slot = wanted.min(room.max(LEAST));
            }
            let is_text = |at: usize| self.heads.get(at).is_some_and(|(_, side)| *side == Side::Left) && at != flow;
            let widest = widths.iter_mut().enumerate().filter(|(at, width)| is_text(*at) && **width > LEAST);
            match widest.max_by_key(|(_, width)| **width) {
                Some((_, width)) if room < wanted.min(LEAST) => *width -= 1,
                _ => return widths,
            }
        }
    }

    /// Returns the lines of the cells of a row.
    fn cells(flowing: usize, row: &[String], widths: &[usize], width: usize) -> Vec<Vec<String>> {
        let of = |at: usize| widths.get(at).copied().unwrap_or(width);
        let mut cells: Vec<Vec<String>> = row
            .iter()
            .enumerate()
            .map(|(at, cell)| cell.lines().flat_map(|line| flow(line, of(at), of(at))).collect())
            .collect();
        let Some(text) = row.get(flowing) else { return cells };
        let before: usize = INDENT + widths.iter().take(flowing).map(|width| width + GAP).sum::<usize>();
        let is_free = cells.iter().skip(flowing + 1).all(|lines| lines.len() < 2);
        let rest = if is_free { width.saturating_sub(before).max(LEAST) } else { of(flowing) };
        if let Some(lines) = cells.get_mut(flowing) {
            let first = |nth| if nth == 0 { of(flowing) } else { rest };
            *lines = text.lines().enumerate().flat_map(|(nth, line)| flow(line, first(nth), rest)).collect();
        }
        cells
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        let mut column = 0;
        for ((cell, width), (_, side)) in cells.iter().zip(widths).zip(&self.heads) {
            let used = fit::width(&line);
            // Text that flows may reach into the columns to its right, which are empty then.
            line.push_str(&" ".repeat(column.max(used) - used));
            let pad = " ".repeat(width.saturating_sub(fit::width(cell)));
            if *side == Side::Right {
                line.push_str(&pad);
            }
            line.push_str(cell);
            column += width + GAP;
        }
        line
    }
}

/// Breaks a text into lines, of which the first may be shorter than the others. What follows an arrow or a margin stands
/// below the text after it.
fn flow(text: &str, first: usize, rest: usize) -> Vec<String> {
    if fit::width(text) <= first {
        return vec![text.to_owned()];
    }
    let margin: String = text.chars().take_while(|c| *c == ' ' || *c == '→').map(|_| ' ').collect();
    let head = fit::wrap(text, first).into_iter().next().unwrap_or_default();
    let Some(tail) = text.trim_start_matches(' ').strip_prefix(head.as_str()) else { return fit::wrap(text, first) };
    let lead = if text.starts_with(' ') { margin.as_str() } else { "" };
    let mut lines = vec![format!("{lead}{head}")];
    let more = fit::wrap(tail, rest.saturating_sub(margin.len()).max(1));
    lines.extend(more.into_iter().filter(|line| !line.is_empty()).map(|line| format!("{margin}{line}")));
    lines
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

#[cfg(test)]
mod tests {
    use super::{Grid, Side};

    fn bare(line: &str) -> String {
        line.trim_end().chars().filter(|c| !matches!(c, '\u{2061}'..='\u{206f}')).chain(['\n']).collect()
    }

    fn shown(width: usize) -> String {
        let heads = [("a", Side::Left), ("who", Side::Left), ("n", Side::Right)];
        let mut grid = Grid::flowing(&heads, Some(1));
        grid.row(["x", "one two three four five\n→ role (prod) of a long name", "12"].map(str::to_owned).to_vec());
        grid.row(["yy", "short", "3"].map(str::to_owned).to_vec());
        grid.lines_within(width).iter().map(|line| bare(line)).collect()
    }

    #[test]
    fn a_text_flows_into_the_empty_columns_and_is_never_cut() {
        assert_eq!(
            shown(28),
            "  a   who                  n\n  ──────────────────────────\n  x   one two three four  12\n      five\n      → role (prod) of a\n        long name\n  yy  short                3\n"
        );
        assert!(
            shown(120).contains("x   one two three four five  12\n      → role (prod) of a long name\n"),
            "{}",
            shown(120)
        );
    }
}
