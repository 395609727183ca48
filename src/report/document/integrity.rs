//! Integrity: what CloudTrail's digest files prove of the log files, when they were checked. What failed comes first.

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
use crate::report::proof;
use crate::report::wire::Text;
use crate::report::wire::integrity::Count;
use crate::report::wire::integrity::Integrity;

/// How many rows of a table a terminal shows.
const MAX_ROWS: usize = 60;

const FAILURES: [Column; 4] = [
    Column::new("what", Kind::Words),
    Column::new("file", Kind::Name).flowing(""),
    Column::new("why", Kind::Words).flowing("  "),
    Column::new("read at", Kind::Name).detail(),
];

const GAPS: [Column; 7] = [
    Column::new("account", Kind::Name),
    Column::new("region", Kind::Name),
    Column::new("trail", Kind::Name).detail(),
    Column::new("from", Kind::Time),
    Column::new("to", Kind::Time).detail(),
    Column::new("hours", Kind::Number),
    Column::new("why", Kind::Words).flowing(""),
];

const BARE: [Column; 3] = [
    Column::new("account", Kind::Name),
    Column::new("region", Kind::Name),
    Column::new("what is known", Kind::Words).flowing(""),
];

const UNPROVED: [Column; 3] =
    [Column::new("what", Kind::Words), Column::new("files", Kind::Number), Column::new("why", Kind::Words).flowing("")];

const TRAILS: [Column; 8] = [
    Column::new("account", Kind::Name),
    Column::new("region", Kind::Name),
    Column::new("trail", Kind::Name).flowing(""),
    Column::new("digests", Kind::Number),
    Column::new("logs", Kind::Number),
    Column::new("hours", Kind::Time).flowing(""),
    Column::new("empty", Kind::Number),
    Column::new("gaps", Kind::Number),
];

/// Returns what was checked, when something was.
pub(in crate::report) fn section(view: &View<'_>) -> Option<Section> {
    let integrity = view.coverage.integrity.as_ref()?;
    let sentence = plain(&proof::sentence(integrity));
    let mut blocks = vec![match integrity.verdict {
        "verified" => Block::Text(format!("{}: {sentence}", proof::word(integrity))),
        _ => Block::Warning(proof::word(integrity), sentence),
    }];
    let empty: u64 = integrity.trails.iter().map(|trail| trail.hours_proven_empty).sum();
    if empty > 0 {
        let hours = count(empty, "hour");
        blocks.push(Block::Note(format!("{hours} proven empty: a verified digest file names no log file of them.")));
    }
    let others = sections(integrity).into_iter().flat_map(|section| section.blocks);
    let failures = failures(integrity);
    blocks.extend((!failures.rows.is_empty()).then(|| failures.block()).into_iter().chain(others));
    let note = "what the digest files of CloudTrail prove".to_owned();
    Some(Section { id: "integrity", title: "Integrity", note, blocks })
}

/// Returns what there is to know besides files that failed: a table each, unless it is empty.
pub(in crate::report) fn sections(integrity: &Integrity<'_>) -> Vec<Section> {
    let all = [
        ("Gaps", "hours that no digest file covers", gaps(integrity)),
        ("No digest files", "accounts and regions with log files and not one digest file", bare(integrity)),
        ("Not verifiable", "nothing speaks against it, and nothing proves it", unproved(integrity)),
        ("Trails", "verified of all, by account and region; times are UTC", trails(integrity)),
    ];
    let all = all.into_iter().filter(|(.., table)| !table.rows.is_empty());
    all.map(|(title, note, mut table)| {
        table.short = MAX_ROWS;
        Section { id: "integrity", title, note: note.to_owned(), blocks: vec![table.block()] }
    })
    .collect()
}

fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

fn failures(integrity: &Integrity<'_>) -> Table {
    let mut table = Table::new(&format!("{} failed", count(integrity.failures_total, "file")), &FAILURES);
    for file in &integrity.failures {
        let object = file.object.as_deref().filter(|object| **object != *file.place);
        table.row(vec![
            proof::noun(file.kind).into(),
            file.place.as_ref().into(),
            Cell::marked(file.why.as_str(), Mark::Alarm),
            object.unwrap_or_default().into(),
        ]);
    }
    table.all = usize::try_from(integrity.failures_total).unwrap_or(usize::MAX);
    table
}

fn gaps(integrity: &Integrity<'_>) -> Table {
    let all: usize = integrity.trails.iter().map(|trail| trail.gaps.len()).sum();
    let mut table = Table::new(&format!("{} between digest files", count(wide(all), "gap")), &GAPS);
    for (trail, gap) in integrity.trails.iter().flat_map(|trail| trail.gaps.iter().map(move |gap| (trail, gap))) {
        table.row(vec![
            name(&trail.account_id),
            name(&trail.region),
            name(&trail.trail),
            moment(Some(gap.from)).into(),
            moment(Some(gap.to)).into(),
            gap.hours.into(),
            proof::gap(gap).into(),
        ]);
    }
    table
}

fn bare(integrity: &Integrity<'_>) -> Table {
    let places = proof::places(integrity.without_digests.len());
    let mut table = Table::new(&format!("{places} without digest files"), &BARE);
    for bare in proof::worst_first(integrity) {
        let mark = if bare.lost_by.is_some() { Mark::Alarm } else { Mark::Plain };
        let known = plain(&proof::bare(bare, str::to_owned));
        table.row(vec![name(&bare.account_id), name(&bare.region), Cell::marked(known, mark)]);
    }
    table
}

fn unproved(integrity: &Integrity<'_>) -> Table {
    let mut table = Table::new("Not verifiable: nothing speaks against it, and nothing proves it", &UNPROVED);
    for unproved in &integrity.not_verifiable {
        table.row(vec![proof::noun(unproved.kind).into(), unproved.files.into(), unproved.message.as_str().into()]);
    }
    if integrity.logs_without_digests > 0 {
        table.row(vec!["log file".into(), integrity.logs_without_digests.into(), proof::WITHOUT.into()]);
    }
    table
}

fn trails(integrity: &Integrity<'_>) -> Table {
    let mut table = Table::new("Digest files and log files of each trail: verified of all", &TRAILS);
    for trail in &integrity.trails {
        table.row(vec![
            name(&trail.account_id),
            name(&trail.region),
            name(&trail.trail),
            ratio(&trail.all_digests(), 0),
            ratio(&trail.logs, trail.not_in_any_digest),
            format!("{} to {}", moment(trail.first), moment(trail.last)).into(),
            trail.hours_proven_empty.into(),
            wide(trail.gaps.len()).into(),
        ]);
    }
    table
}

fn ratio(files: &Count, others: u64) -> Cell {
    let mark = match () {
        () if files.failed + others > 0 => Mark::Alarm,
        () if files.not_verifiable > 0 => Mark::Notice,
        () => Mark::Plain,
    };
    Cell::marked(format!("{}/{}", number(files.verified), number(files.all())), mark)
}

fn name(text: &Text<'_>) -> Cell {
    if text.is_empty() { UNKNOWN.into() } else { text.as_ref().into() }
}
