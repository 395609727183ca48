//! Coverage: which accounts and regions were read, from when to when, and what was defective.

use std::io;

use super::empty;
use super::rest;
use crate::report::grid;
use crate::report::grid::Grid;
use crate::report::grid::Side;
use crate::report::names;
use crate::report::names::Names;
use crate::report::names::UNKNOWN;
use crate::report::names::count;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::report::wire::coverage::Account;
use crate::report::wire::coverage::Coverage;
use crate::text::fit;

/// How many accounts are shown.
const MAX_ACCOUNTS: usize = 20;

/// The width from which accounts are shown with name and id.
const WIDE: usize = 100;

/// How many defects are shown.
const MAX_DEFECTS: usize = 8;

pub(super) fn write(coverage: &Coverage<'_>, names: Names<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    if coverage.accounts.is_empty() {
        empty(screen, "COVERAGE", "no record was read")?;
    } else {
        screen.heading("COVERAGE", &records(coverage))?;
        for line in table(&coverage.accounts, names, screen.width).lines() {
            screen.line(&line)?;
        }
        rest(screen, MAX_ACCOUNTS, coverage.accounts.len())?;
    }
    objects(coverage, screen)?;
    defects(coverage, screen)
}

/// Shows that the records add up.
fn records(coverage: &Coverage<'_>) -> String {
    let records = &coverage.records;
    let mut parts = vec![format!("{} unique", names::number(records.unique))];
    for (number, word) in
        [(records.duplicate, "duplicate"), (records.malformed, "malformed"), (records.unsupported, "unsupported")]
    {
        if number > 0 {
            parts.push(format!("{} {word}", names::number(number)));
        }
    }
    format!("{} = {}", count(records.read, "record"), parts.join(" + "))
}

fn objects(coverage: &Coverage<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let objects = &coverage.objects;
    if objects.skipped == 0 && objects.failed == 0 {
        return Ok(());
    }
    let mut parts = vec![format!("{} read", names::number(objects.read))];
    if objects.skipped > 0 {
        let kinds = [(objects.digests, "digest"), (objects.insights, "Insight file")];
        let kinds: Vec<String> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| count(*n, noun)).collect();
        let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        parts.push(format!("{} set apart{kinds}", names::number(objects.skipped)));
    }
    if objects.failed > 0 {
        parts.push(format!("{} failed", names::number(objects.failed)));
    }
    let text = format!("{}: {}", count(objects.listed, "object"), parts.join(", "));
    screen.paragraph("  ", &text, Some(Style::Quiet))
}

fn table(accounts: &[Account<'_>], names: Names<'_>, width: usize) -> Grid {
    let accounts = accounts.get(..MAX_ACCOUNTS).unwrap_or(accounts);
    let column = |cell: &dyn Fn(&Account<'_>) -> String| accounts.iter().map(cell).collect::<Vec<String>>();
    let id = |account: &Account<'_>| account.account_id.as_deref().map_or(UNKNOWN.into(), |id| safe(id).into_owned());
    // Where there is no room for both, the name says more.
    let has_room = width >= WIDE;
    let ids = column(&|account| {
        let name = account.account_id.as_deref().and_then(|id| names.account_name(id));
        match name.map(|name| fit::cut(&name, 16).into_owned()) {
            Some(name) if has_room => format!("{} {name}", fit::cut(&id(account), 16)),
            Some(name) => name,
            None => fit::cut(&id(account), 16).into_owned(),
        }
    });
    let records = column(&|account| names::number(account.records));
    let reads = column(&|account| names::number(account.read_only_records));
    let first = column(&|account| names::day(account.first_event));
    let last = column(&|account| names::day(account.last_event));
    let others = [
        grid::widest("account", &ids),
        grid::widest("records", &records),
        grid::widest("read-only", &reads),
        grid::widest("first", &first),
        grid::widest("last", &last),
    ];
    let room = grid::room(width, &others).max(8);
    let mut grid = Grid::new(&[
        ("account", Side::Left),
        ("regions", Side::Left),
        ("records", Side::Right),
        ("read-only", Side::Right),
        ("first", Side::Left),
        ("last", Side::Left),
    ]);
    let columns = grid::across([ids, records, reads, first, last]);
    for (account, [id, records, reads, first, last]) in accounts.iter().zip(columns) {
        // A trail without read-only events cannot show what a session looked at.
        let is_blind = account.read_only_records == 0 && account.records > 0;
        grid.row(vec![
            id,
            regions(account, room),
            records,
            if is_blind { paint(Style::Medium, &reads) } else { reads },
            first,
            last,
        ]);
    }
    grid
}

/// Names the regions, or as many as fit and how many more there are.
fn regions(account: &Account<'_>, room: usize) -> String {
    let regions: Vec<_> = account.regions.iter().map(|region| safe(region)).collect();
    for shown in (1..=regions.len()).rev() {
        let more = regions.len() - shown;
        let more = if more > 0 { format!(" +{more}") } else { String::new() };
        let text = format!("{}{more}", regions.get(..shown).unwrap_or_default().join(" "));
        if fit::width(&text) <= room {
            return text;
        }
    }
    match regions.as_slice() {
        [] => UNKNOWN.to_owned(),
        [only] => fit::cut(only, room).into_owned(),
        several => fit::cut(&format!("{} regions", several.len()), room).into_owned(),
    }
}

fn defects(coverage: &Coverage<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    if coverage.defects_total == 0 {
        return empty(screen, "DEFECTS", "none");
    }
    screen.heading("DEFECTS", &count(coverage.defects_total, "defect"))?;
    for defect in coverage.defects.iter().take(MAX_DEFECTS) {
        let place = defect.index.map(|index| format!(", record {index}")).unwrap_or_default();
        let room = screen.width.saturating_sub(2 + fit::width(&place));
        screen.line(&format!("  {}{place}", fit::cut_start(&safe(&defect.object), room)))?;
        screen.paragraph("    ", &safe(&defect.message), Some(Style::Quiet))?;
    }
    rest(screen, MAX_DEFECTS, usize::try_from(coverage.defects_total).unwrap_or(usize::MAX))
}
