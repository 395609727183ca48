//! Coverage: a map of accounts and days in which zeros are seen, and what was read of each account.

use std::collections::BTreeMap;

use maud::Markup;
use maud::html;

use super::View;
use super::blocks;
use super::count;
use super::days::Days;
use super::page;
use crate::model::width::wide;
use crate::report::document::coverage;

/// How many accounts are shown.
const MAX_ACCOUNTS: usize = 200;

/// How many shades a cell may have, besides that of zero.
const SHADES: u32 = 5;

pub(super) fn section(view: &View<'_>) -> Markup {
    let map = view.days.map(|days| map(view, days)).unwrap_or_default();
    blocks::drawn(&coverage::section(view), &map)
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

fn map(view: &View<'_>, days: Days) -> Markup {
    let rows = cells(view, days);
    let most = rows.values().flatten().copied().max().unwrap_or(0);
    let caption = format!("Unique records of each account, one column for each {}", days.unit());
    let unseen = rows.iter().filter(|(_, row)| row.iter().all(|records| *records == 0)).count();
    let table = html! {
        table.map {
            caption { (caption) }
            thead {
                tr {
                    th scope="col" { "account" }
                    @for date in (0..days.columns).map(|column| days.date(column)) {
                        th.day scope="col" { abbr title=(date) { (date.get(5..).unwrap_or_default()) } }
                    }
                }
            }
            tbody {
                @for (account, row) in rows.iter().take(MAX_ACCOUNTS) {
                    tr {
                        th scope="row" { (coverage::account_words(view, *account)) }
                        @for records in row { td class={ "q" (shade(*records, most)) } { (short(*records)) } }
                    }
                }
            }
        }
    };
    html! {
        p.legend {
            span.swatch.q0 {} " no record " span.swatch.q1 {} " few " span.swatch.q3 {} " more " span.swatch.q5 {}
            " most. Regions are folded; the table below names them. The number in a cell counts its records."
        }
        (page::scroll(&caption, &table))
        (page::rest(MAX_ACCOUNTS, rows.len(), "accounts"))
        @if unseen > 0 {
            p.warning { strong { "No record at all" } " in " (count(wide(unseen), "account")) ": see the rows of zeros." }
        }
    }
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
