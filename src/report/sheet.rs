//! Rows of any columns, for a terminal: what queries answer.

use std::io;

use super::Options;
use super::grid::Grid;
use super::grid::INDENT;
use super::grid::Side;
use super::screen::Screen;
use super::screen::Style;
use super::screen::safe;
use crate::model::time::Timestamp;
use crate::text::fit;

/// The least that is left of a column that is cut.
const LEAST: usize = 10;

/// The spaces between columns.
const GAP: usize = 2;

/// Writes rows under their heads, each with whether it is of numbers. The widest columns are cut in their middle until
/// all fit; where that is not enough, each row is a list.
pub fn write(
    heads: &[(String, bool)],
    rows: &[Vec<String>],
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let shown: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| safe(cell).into_owned()).collect()).collect();
    let mut widths: Vec<usize> = heads.iter().map(|(head, _)| fit::width(head)).collect();
    for row in &shown {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = fit::width(cell).max(*width);
        }
    }
    // A time without its middle is no time, and a number without it another one.
    let is_whole = |at: usize, is_number: bool| {
        let mut cells = shown.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_empty()).peekable();
        is_number || (cells.peek().is_some() && cells.all(|cell| Timestamp::parse_event(cell).is_some()))
    };
    let whole: Vec<bool> = heads.iter().enumerate().map(|(at, (_, is_number))| is_whole(at, *is_number)).collect();
    let mut screen = Screen::new(options, out);
    if narrow(&mut widths, heads, &whole, screen.width) {
        let sides: Vec<(&str, Side)> = heads
            .iter()
            .map(|(head, is_number)| (head.as_str(), if *is_number { Side::Right } else { Side::Left }))
            .collect();
        let mut grid = Grid::new(&sides);
        for row in shown {
            let cells = row.iter().zip(&widths).map(|(cell, width)| fit::cut_middle(cell, *width).into_owned());
            grid.row(cells.collect());
        }
        for line in grid.lines() {
            screen.line(&line)?;
        }
    } else {
        lists(heads, &shown, &mut screen)?;
    }
    screen.blank()?;
    let noun = if rows.len() == 1 { "row" } else { "rows" };
    screen.line(&format!("{}{} {noun}", " ".repeat(INDENT), rows.len()))
}

/// Writes a table of names and what they stand for, and a line below it.
pub fn glossary(
    heads: [&str; 2],
    entries: &[(String, String)],
    end: &str,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut screen = Screen::new(options, out);
    let widest = entries.iter().map(|(name, _)| fit::width(name)).max().unwrap_or(0);
    let mut grid = Grid::new(&heads.map(|head| (head, Side::Left)));
    for (name, text) in entries {
        let lines = fit::wrap(&safe(text), screen.width.saturating_sub(INDENT + widest + GAP));
        grid.row(vec![safe(name).into_owned(), lines.join("\n")]);
    }
    for line in grid.lines() {
        screen.line(&line)?;
    }
    screen.blank()?;
    screen.paragraph(&" ".repeat(INDENT), end, None)
}

fn lists(heads: &[(String, bool)], rows: &[Vec<String>], screen: &mut Screen<'_>) -> io::Result<()> {
    let widest = heads.iter().map(|(head, _)| fit::width(head)).max().unwrap_or(0);
    for (number, row) in (1..).zip(rows) {
        screen.heading(&format!("ROW {number}"), "")?;
        for ((head, _), cell) in heads.iter().zip(row) {
            entry(head, cell, widest, screen)?;
        }
    }
    Ok(())
}

/// Writes a name, and a text in the column beside it.
fn entry(name: &str, text: &str, widest: usize, screen: &mut Screen<'_>) -> io::Result<()> {
    let pad = " ".repeat(widest.saturating_sub(fit::width(name)));
    let first = format!("{}{name}{pad}{}", " ".repeat(INDENT), " ".repeat(GAP));
    let rest = " ".repeat(fit::width(&first));
    if text.is_empty() { screen.line(&first) } else { screen.hanging(&first, &rest, text, None::<Style>) }
}

/// Takes from the widest column that may be cut until all fit. Returns false when none can give more.
fn narrow(widths: &mut [usize], heads: &[(String, bool)], whole: &[bool], room: usize) -> bool {
    loop {
        let total: usize = INDENT + widths.iter().map(|width| width + GAP).sum::<usize>();
        let Some(excess) = total.checked_sub(room + GAP).filter(|excess| *excess > 0) else { return true };
        let least = |at: usize| heads.get(at).map_or(LEAST, |(head, _)| fit::width(head).max(LEAST));
        let widest = widths
            .iter()
            .enumerate()
            .filter(|(at, width)| whole.get(*at) == Some(&false) && **width > least(*at))
            .max_by_key(|(_, width)| **width)
            .map(|(at, width)| (at, *width));
        let Some((at, width)) = widest else { return false };
        // Down to the next widest in one step would be unfair to the widest; a tenth at a time is quick enough.
        let step = (width / 10).clamp(1, excess.max(1));
        if let Some(slot) = widths.get_mut(at) {
            *slot = width.saturating_sub(step).max(least(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_never_cut() {
        let time = "2026-11-10T09:30:12Z";
        let heads = ["first", "what"].map(|head| (head.to_owned(), false));
        let mut out = Vec::new();
        let options = Options { width: 60, ..Options::default() };
        write(&heads, &[vec![time.to_owned(), "a long text ".repeat(20)]], &options, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(time) && text.contains('…'), "{text}");
    }
}
