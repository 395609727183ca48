//! The timeline: assumptions, denials and findings by day.

use maud::Markup;
use maud::html;

use super::View;
use super::blocks;
use super::count;
use super::days::Days;
use super::page;
use crate::model::finding::Severity;
use crate::report::document;
use crate::report::document::Cell;
use crate::report::document::Kind;
use crate::report::document::Table;
use crate::report::names::number;

/// The width of the drawing, without its margins.
const WIDTH: i64 = 1_000;

/// The height of the bars.
const HEIGHT: i64 = 120;

/// The room left of the bars, for the numbers.
const LEFT: i64 = 52;

/// The top of the bars: findings are above.
const TOP: i64 = 46;

/// How many dates are written below the bars, at most.
const MAX_DATES: usize = 12;

/// What happened in one column of the time axis.
#[derive(Clone, Copy, Default)]
struct Column {
    granted: u64,
    denied: u64,
    findings: u64,
    worst: Option<Severity>,
}

pub(super) fn section(view: &View<'_>) -> Markup {
    let body = view.days.map_or_else(
        || html! { p { "No record has a time." } },
        |days| {
            let columns = columns(view, days);
            let caption = format!("Assumptions and findings, one column for each {}", days.unit());
            html! {
                (draw(&columns, days, &caption))
                details { summary { "The same timeline as a table" } (blocks::table(&table(&columns, days, &caption), "plain")) }
            }
        },
    );
    page::section("timeline", "Timeline", &body)
}

fn columns(view: &View<'_>, days: Days) -> Vec<Column> {
    let mut columns = vec![Column::default(); days.columns];
    let lineage = view.rows.lineage();
    let sessions = lineage.sessions().filter_map(|session| session.issuing_record()?.time);
    for time in sessions {
        if let Some(column) = days.column(time).and_then(|at| columns.get_mut(at)) {
            column.granted += 1;
        }
    }
    let denied = lineage.observations.assumptions.iter().filter(|assumption| assumption.is_refused());
    for time in denied.filter_map(|assumption| assumption.time) {
        if let Some(column) = days.column(time).and_then(|at| columns.get_mut(at)) {
            column.denied += 1;
        }
    }
    for finding in view.rows.report.findings {
        let is_open = finding.status.name() != "excepted";
        let at = finding.first_seen.filter(|_| is_open).and_then(|time| days.column(time));
        if let Some(column) = at.and_then(|at| columns.get_mut(at)) {
            column.findings += 1;
            column.worst = column.worst.max(Some(finding.severity));
        }
    }
    columns
}

fn draw(columns: &[Column], days: Days, caption: &str) -> Markup {
    let highest = columns.iter().map(|column| column.granted + column.denied).max().unwrap_or(0);
    let step = WIDTH / i64::try_from(columns.len()).unwrap_or(1).max(1);
    let bar = (step * 7 / 10).clamp(4, 48);
    let each = columns.len().div_ceil(MAX_DATES).max(1);
    let drawing = html! {
        svg.time font-family="sans-serif" font-size="10.5" role="img" aria-labelledby="time-title time-desc" viewBox={ "0 0 " (LEFT + WIDTH + 10) " " (TOP + HEIGHT + 28) } {
            title #time-title { (caption) }
            desc #time-desc {
                "Bars for assumptions, marks for findings. The table below says the same in text."
            }
            defs {
                pattern #stripes width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect.denied-ground fill="#a61b1b" width="6" height="6" {}
                    rect.denied-stripe fill="#e9b3ad" width="3" height="6" {}
                }
            }
            @for (value, y) in [(highest, TOP), (0, TOP + HEIGHT)] {
                path.axis stroke="#8090a8" fill="none" d={ "M" (LEFT) " " (y) "H" (LEFT + WIDTH) } {}
                text.sub x="2" y=(y + 4) { (number(value)) }
            }
            @for (at, column) in columns.iter().enumerate() {
                @let left = LEFT + step * i64::try_from(at).unwrap_or(0);
                @let date = days.date(at);
                (bars(column, left + (step - bar) / 2, bar, highest, &date))
                @if at % each == 0 {
                    text.sub x=(left) y=(TOP + HEIGHT + 18) { (if at == 0 { &date } else { date.get(5..).unwrap_or_default() }) }
                }
            }
        }
    };
    html! {
        figure {
            figcaption { (caption) "." }
            p.legend {
                span.swatch.granted {} " granted assumptions " span.swatch.denied {} " denied, on top, striped "
                span.swatch.dot {} " findings first seen, above; ▲ when one is critical or high."
            }
            (page::scroll("Drawing of the timeline", &drawing))
        }
    }
}

/// One column: what was granted, what was denied on top of it, and above both the findings.
fn bars(column: &Column, x: i64, width: i64, highest: u64, date: &str) -> Markup {
    let scaled = |value: u64| -> i64 {
        let height = value.saturating_mul(HEIGHT.unsigned_abs()) / highest.max(1);
        // What is there is seen, however small.
        i64::try_from(height).unwrap_or(HEIGHT).max(if value > 0 { 2 } else { 0 })
    };
    let (granted, denied) = (scaled(column.granted), scaled(column.denied));
    let bottom = TOP + HEIGHT;
    let bars = [
        ("granted", "#2f68c4", bottom - granted, granted),
        ("denied", "url(#stripes)", bottom - granted - denied, denied),
    ];
    let (granted, denied) = (number(column.granted), number(column.denied));
    html! {
        g {
            title { (date) ": " (granted) " granted, " (denied) " denied, " (count(column.findings, "finding")) }
            @for (class, fill, y, height) in bars.into_iter().filter(|(.., height)| *height > 0) {
                rect class=(class) fill=(fill) x=(x) y=(y) width=(width) height=(height) {}
            }
            @if let Some(worst) = column.worst {
                @let (class, sign) = if worst >= Severity::High { ("find alarm", "▲") } else { ("find notice", "●") };
                text class=(class) text-anchor="middle" x=(x + width / 2) y=(TOP - 24) { (sign) }
                text.find text-anchor="middle" x=(x + width / 2) y=(TOP - 10) { (column.findings) }
            }
        }
    }
}

fn table(columns: &[Column], days: Days, caption: &str) -> Table {
    let heads = [
        document::Column::new(days.head(), Kind::Time),
        document::Column::new("granted", Kind::Number),
        document::Column::new("denied", Kind::Number),
        document::Column::new("findings first seen", Kind::Number),
        document::Column::new("worst", Kind::Words),
    ];
    let mut table = Table::new(caption, &heads);
    for (at, column) in columns.iter().enumerate() {
        let worst = column.worst.map_or_else(Cell::default, |worst| Cell::marked(worst.name(), worst.into()));
        table.row(vec![
            days.date(at).into(),
            column.granted.into(),
            column.denied.into(),
            column.findings.into(),
            worst,
        ]);
    }
    table
}
