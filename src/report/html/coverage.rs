//! Coverage: a map of accounts and days in which zeros are seen, and what was read of each account.

use std::collections::BTreeMap;
use std::io;

use super::View;
use super::blocks;
use super::count;
use super::days::Days;
use super::page::Page;
use crate::model::width::wide;
use crate::report::document::coverage;

/// How many accounts are shown.
const MAX_ACCOUNTS: usize = 200;

/// How many shades a cell may have, besides that of zero.
const SHADES: u32 = 5;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let section = coverage::section(view);
    blocks::begin(&section, page)?;
    if let Some(days) = view.days {
        map(view, days, page)?;
    }
    blocks::blocks(&section.blocks, page)?;
    page.end_section()
}

/// Counts the records of each account and column, regions folded. Accounts that the owners named and of which nothing
/// was read are there, too, with zeros.
fn cells<'a>(view: &'a View<'_>, days: Days) -> BTreeMap<Option<&'a str>, Vec<u64>> {
    let lineage = view.rows.lineage();
    let none = || vec![0; days.columns];
    let named = view.rows.report.account_names.keys().map(|id| (Some(id.as_str()), none()));
    let mut rows: BTreeMap<Option<&str>, Vec<u64>> = named.collect();
    for (cell, count) in &lineage.observations.cells {
        let row = rows.entry(lineage.opt(cell.account)).or_insert_with(none);
        let at = cell.day.and_then(|day| days.column_of_day(i64::from(day)));
        if let Some(records) = at.and_then(|at| row.get_mut(at)) {
            *records += count.records;
        }
    }
    rows
}

fn map(view: &View<'_>, days: Days, page: &mut Page<'_>) -> io::Result<()> {
    let rows = cells(view, days);
    let most = rows.values().flatten().copied().max().unwrap_or(0);
    let caption = format!("Unique records of each account, one column for each {}", days.unit());
    page.raw("<p class=\"legend\"><span class=\"swatch q0\"></span> no record <span class=\"swatch q1\"></span> few ")?;
    page.raw(
        "<span class=\"swatch q3\"></span> more <span class=\"swatch q5\"></span> most. Regions are folded; the \
        table below names them. The number in a cell counts its records.</p>\n",
    )?;
    page.put("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"{}\">", [&caption])?;
    page.put("<table class=\"map\"><caption>{}</caption><thead><tr><th scope=\"col\">account</th>", [&caption])?;
    for column in 0..days.columns {
        let date = days.date(column);
        page.put(
            "<th scope=\"col\" class=\"day\"><abbr title=\"{}\">{}</abbr></th>",
            [&date, &date.get(5..).unwrap_or_default()],
        )?;
    }
    page.raw("</tr></thead><tbody>\n")?;
    for (account, row) in rows.iter().take(MAX_ACCOUNTS) {
        page.row(&coverage::account_words(view, *account))?;
        for records in row {
            page.put("<td class=\"q{}\">{}</td>", [&shade(*records, most), &short(*records)])?;
        }
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ACCOUNTS, rows.len(), "accounts")?;
    let unseen = rows.iter().filter(|(_, row)| row.iter().all(|records| *records == 0)).count();
    if unseen > 0 {
        page.put(
            "<p class=\"warning\"><strong>No record at all</strong> in {}: see the rows of zeros.</p>\n",
            [&count(wide(unseen), "account")],
        )?;
    }
    Ok(())
}

/// Returns a shade from 0 (nothing) to 5 (most), by the logarithm: a quiet day is not an empty one.
fn shade(records: u64, most: u64) -> u32 {
    match (records, most) {
        (0, _) => 0,
        (_, 0 | 1) => SHADES,
        _ => 1 + (SHADES - 1) * records.ilog2() / most.ilog2().max(1),
    }
}

/// Writes a number in at most four characters: `950`, `12k`, `3M`.
fn short(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => format!("{}k", number / 1_000),
        1_000_000..1_000_000_000 => format!("{}M", number / 1_000_000),
        _ => format!("{}G", number / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{shade, short};

    #[test]
    fn zero_alone_has_the_shade_of_zero() {
        assert_eq!([0, 1, 2, 900, 1_000].map(|records| shade(records, 1_000)), [0, 1, 1, 5, 5]);
        assert_eq!((shade(0, 0), shade(1, 1), shade(3, 3)), (0, 5, 5));
    }

    #[test]
    fn numbers_fit_into_cells() {
        assert_eq!([0, 999, 1_999, 3_000_000].map(short), ["0", "999", "1k", "3M"]);
    }
}
