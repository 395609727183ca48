//! The timeline: assumptions, denials and findings by day.

use std::io;

use super::View;
use super::count;
use super::days::Days;
use super::page::Page;
use super::page::number;
use super::page::text;
use super::ribbon::label;
use crate::model::finding::Severity;
use crate::report::names;

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

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("timeline", "Timeline")?;
    let Some(days) = view.days else {
        page.paragraph("No record has a time.")?;
        return page.end_section();
    };
    let columns = columns(view, days);
    let caption = format!("Assumptions and findings, one column for each {}", days.unit());
    draw(&columns, days, &caption, page)?;
    table(&columns, days, &caption, page)?;
    page.end_section()
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

fn draw(columns: &[Column], days: Days, caption: &str, page: &mut Page<'_>) -> io::Result<()> {
    let highest = columns.iter().map(|column| column.granted + column.denied).max().unwrap_or(0);
    let step = WIDTH / i64::try_from(columns.len()).unwrap_or(1).max(1);
    let bar = (step * 7 / 10).clamp(4, 48);
    page.put("<figure><figcaption>{}.</figcaption>\n", [&caption])?;
    page.raw("<p class=\"legend\"><span class=\"swatch granted\"></span> granted assumptions \
        <span class=\"swatch denied\"></span> denied, on top, striped <span class=\"swatch dot\"></span> findings first \
        seen, above; ▲ when one is critical or high.</p>\n")?;
    page.raw("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"Drawing of the timeline\">\n")?;
    page.put(
        "<svg class=\"time\" role=\"img\" aria-labelledby=\"time-title time-desc\" viewBox=\"0 0 {} {}\">\n",
        [&(LEFT + WIDTH + 10), &(TOP + HEIGHT + 28)],
    )?;
    page.put("<title id=\"time-title\">{}</title>\n", [&caption])?;
    page.raw(
        "<desc id=\"time-desc\">Bars for assumptions, marks for findings. The table below says the same in \
        text.</desc>\n<defs><pattern id=\"stripes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
        patternTransform=\"rotate(45)\"><rect class=\"denied-ground\" width=\"6\" height=\"6\"/>\
        <rect class=\"denied-stripe\" width=\"3\" height=\"6\"/></pattern></defs>\n",
    )?;
    for (value, y) in [(highest, TOP), (0, TOP + HEIGHT)] {
        page.put("<path class=\"axis\" d=\"M{} {}H{}\"/>\n", [&LEFT, &y, &(LEFT + WIDTH)])?;
        label(page, 2, y + 4, value)?;
    }
    let each = columns.len().div_ceil(MAX_DATES).max(1);
    for (at, column) in columns.iter().enumerate() {
        let left = LEFT + step * i64::try_from(at).unwrap_or(0);
        bars(column, left + (step - bar) / 2, bar, highest, &days.date(at), page)?;
        if at % each == 0 {
            let date = days.date(at);
            let short = date.get(5..).unwrap_or_default();
            let shown = if at == 0 { date.as_str() } else { short };
            page.put("<text class=\"sub\" x=\"{}\" y=\"{}\">{}</text>\n", [&left, &(TOP + HEIGHT + 18), &shown])?;
        }
    }
    page.raw("</svg>\n</div></figure>\n")
}

/// Draws one column: what was granted, what was denied on top of it, and above both the findings.
fn bars(column: &Column, x: i64, width: i64, highest: u64, date: &str, page: &mut Page<'_>) -> io::Result<()> {
    let scaled = |value: u64| -> i64 {
        let height = value.saturating_mul(HEIGHT.unsigned_abs()) / highest.max(1);
        // What is there is seen, however small.
        i64::try_from(height).unwrap_or(HEIGHT).max(if value > 0 { 2 } else { 0 })
    };
    let (granted, denied) = (scaled(column.granted), scaled(column.denied));
    page.put(
        "<g><title>{}: {} granted, {} denied, {}</title>",
        [&date, &names::number(column.granted), &names::number(column.denied), &count(column.findings, "finding")],
    )?;
    let bottom = TOP + HEIGHT;
    for (class, y, height) in [("granted", bottom - granted, granted), ("denied", bottom - granted - denied, denied)] {
        if height > 0 {
            page.put(
                "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                [&class, &x, &y, &width, &height],
            )?;
        }
    }
    if let Some(worst) = column.worst {
        let is_alarm = worst >= Severity::High;
        let class = if is_alarm { "alarm" } else { "notice" };
        let mark = if is_alarm { "▲" } else { "●" };
        page.put(
            "<text class=\"find {}\" x=\"{}\" y=\"{}\">{}</text>",
            [&class, &(x + width / 2), &(TOP - 24), &mark],
        )?;
        page.put(
            "<text class=\"find\" x=\"{}\" y=\"{}\">{}</text>",
            [&(x + width / 2), &(TOP - 10), &column.findings],
        )?;
    }
    page.raw("</g>\n")
}

fn table(columns: &[Column], days: Days, caption: &str, page: &mut Page<'_>) -> io::Result<()> {
    page.raw("<details><summary>The same timeline as a table</summary>\n")?;
    page.table(
        caption,
        &[text(days.head()), number("granted"), number("denied"), number("findings first seen"), text("worst")],
    )?;
    for (at, column) in columns.iter().enumerate() {
        page.row(&days.date(at))?;
        page.count(column.granted)?;
        page.count(column.denied)?;
        page.count(column.findings)?;
        page.cell(&column.worst.map_or("none", Severity::name))?;
        page.end_row()?;
    }
    page.end_table()?;
    page.raw("</details>\n")
}
