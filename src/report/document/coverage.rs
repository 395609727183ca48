//! Coverage: which accounts and regions were read, from when to when, and what was defective.

use std::collections::BTreeSet;

use super::Block;
use super::Cell;
use super::Column;
use super::Kind;
use super::Mark;
use super::Section;
use super::Table;
use super::View;
use super::count;
use super::moment;
use crate::model::width::wide;
use crate::report::names::UNKNOWN;
use crate::report::names::number;
use crate::report::wire::coverage::Account;
use crate::report::wire::coverage::Coverage;

const ACCOUNTS: [Column; 7] = [
    Column::new("account", Kind::Name),
    Column::new("regions", Kind::Words).flowing(""),
    Column::new("records", Kind::Number),
    Column::new("read-only", Kind::Number),
    Column::new("STS", Kind::Number).detail(),
    Column::new("first event", Kind::Time).detail(),
    Column::new("last event", Kind::Time),
];

const DEFECTS: [Column; 4] = [
    Column::new("object", Kind::Name).flowing(""),
    Column::new("what is wrong", Kind::Words).flowing("  "),
    Column::new("defect", Kind::Words).detail(),
    Column::new("record", Kind::Words),
];

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let coverage = &view.coverage;
    let mut blocks = Vec::new();
    if !coverage.accounts.is_empty() {
        let mut table = Table::new("What was read of each account", &ACCOUNTS);
        table.short = 20;
        for account in &coverage.accounts {
            table.row(cells(view, account));
        }
        blocks.push(table.block());
    }
    blocks.push(Block::Note(objects(coverage)));
    let blind = wide(coverage.accounts.iter().filter(|account| is_blind(account)).count());
    if blind > 0 {
        blocks.push(Block::Note(format!(
            "No read-only record in {}: their trails may leave such events out, and what a session only looked at cannot \
             be seen.",
            count(blind, "account")
        )));
    }
    if let Some(note) = days_without(view) {
        blocks.push(Block::Note(note));
    }
    let note = if coverage.accounts.is_empty() {
        "no record was read".to_owned()
    } else {
        format!("{}; what is not covered was not judged", records(coverage))
    };
    Section { id: "coverage", title: "Coverage", note, blocks }
}

/// Names the days between the first record and the last on which there is none.
fn days_without(view: &View<'_>) -> Option<String> {
    let cells = view.rows.lineage().observations.cells.keys();
    let days: BTreeSet<i64> = cells.filter_map(|cell| cell.day).map(i64::from).collect();
    let span = days.last()? - days.first()? + 1;
    let without = u64::try_from(span).unwrap_or_default().saturating_sub(wide(days.len()));
    let verb = if without == 1 { "has" } else { "have" };
    (without > 0).then(|| {
        format!("{} of {} {verb} no record of any account.", number(without), count(span.unsigned_abs(), "day"))
    })
}

/// Shows that the records add up.
fn records(coverage: &Coverage<'_>) -> String {
    let records = &coverage.records;
    let mut parts = vec![format!("{} unique", number(records.unique))];
    for (records, word) in
        [(records.duplicate, "duplicate"), (records.malformed, "malformed"), (records.unsupported, "unsupported")]
    {
        if records > 0 {
            parts.push(format!("{} {word}", number(records)));
        }
    }
    format!("{} = {}", count(records.read, "record"), parts.join(" + "))
}

fn objects(coverage: &Coverage<'_>) -> String {
    let objects = &coverage.objects;
    let mut parts = vec![format!("{} read", number(objects.read))];
    if objects.skipped > 0 {
        let kinds = [(objects.digests, "digest file"), (objects.insights, "Insight file")];
        let kinds: Vec<String> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| count(*n, noun)).collect();
        let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        parts.push(format!("{} not of records{kinds}", number(objects.skipped)));
    }
    if objects.failed > 0 {
        parts.push(format!("{} failed", number(objects.failed)));
    }
    format!("{}: {}.", count(objects.listed, "object"), parts.join(", "))
}

/// A trail without read-only events cannot show what a session looked at.
fn is_blind(account: &Account<'_>) -> bool {
    account.records > 0 && account.read_only_records == 0
}

fn cells(view: &View<'_>, account: &Account<'_>) -> Vec<Cell> {
    let regions: Vec<&str> = account.regions.iter().map(AsRef::as_ref).collect();
    let mark = if is_blind(account) { Mark::Notice } else { Mark::Plain };
    vec![
        account_words(view, account.account_id.as_deref()).into(),
        if regions.is_empty() { UNKNOWN.to_owned() } else { regions.join(" ") }.into(),
        account.records.into(),
        Cell::marked(number(account.read_only_records), mark),
        account.sts_records.into(),
        moment(account.first_event).into(),
        moment(account.last_event).into(),
    ]
}

/// Returns an account's id, and the name that people gave to it.
pub(in crate::report) fn account_words(view: &View<'_>, account: Option<&str>) -> String {
    let Some(id) = account else { return "account not named".to_owned() };
    let id = view.rows.shade.text(id);
    match view.names.account_name(&id) {
        Some(name) => format!("{id} {name}"),
        None => id.into_owned(),
    }
}

/// The pieces of bad input.
pub(in crate::report) fn defects(view: &View<'_>) -> Section {
    let coverage = &view.coverage;
    let mut section = Section { id: "defects", title: "Defects", note: String::new(), blocks: Vec::new() };
    if coverage.defects_total == 0 {
        "none: every object and every record was understood".clone_into(&mut section.note);
        return section;
    }
    section.note = format!("{} not understood", count(coverage.defects_total, "piece"));
    let mut table = Table::new("Pieces of bad input", &DEFECTS);
    table.short = 8;
    for defect in &coverage.defects {
        table.row(vec![
            defect.object.as_ref().into(),
            defect.message.as_ref().into(),
            defect.kind.replace('_', " ").into(),
            defect.index.map_or_else(|| "all of it".to_owned(), |index| index.to_string()).into(),
        ]);
    }
    table.all = usize::try_from(coverage.defects_total).unwrap_or(usize::MAX);
    section.blocks.push(table.block());
    section
}
