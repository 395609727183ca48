//! What was read, by account, region and day.

use super::Shape;
use super::Sink;
use super::cells::integer;
use super::cells::moment;
use super::cells::text;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::model::observations::Cell;
use crate::model::observations::CellCount;
use crate::model::time::Timestamp;

const SECONDS_OF_A_DAY: i64 = 86_400;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "coverage",
        doc: "Records of one account, region and day. No row: no records, and so no evidence about that day.",
        columns: &[
            text("account_id", "The account in whose log the records stand; null when they do not say."),
            text("account_name", "What the expectations call that account."),
            text("region", "The region; null when the records do not say."),
            moment("day", "The first moment of the day; null for records without a time."),
            integer("records", "Unique records."),
            integer(
                "read_only_records",
                "Unique records that say `readOnly: true`. None at all often means that the trail leaves them out.",
            ),
            integer("sts_records", "Unique records of STS."),
            moment("first_event", "The earliest."),
            moment("last_event", "The latest."),
        ],
    },
    key: &["account_id", "region", "day"],
    joins: &[],
    day: "day",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    let mut cells: Vec<(&Cell, &CellCount)> = lineage.observations.cells.iter().collect();
    cells.sort_unstable_by_key(|(cell, _)| (lineage.opt(cell.account), lineage.opt(cell.region), cell.day));
    for (cell, count) in cells {
        let account = source.rows.text(cell.account);
        let region = source.rows.text(cell.region);
        sink(&[
            account.as_deref().into(),
            source.account_name(account.as_deref()).into(),
            region.as_deref().into(),
            cell.day.map(|day| Timestamp(i64::from(day).saturating_mul(SECONDS_OF_A_DAY))).into(),
            count.records.into(),
            count.read_only.into(),
            count.sts.into(),
            count.first.into(),
            count.last.into(),
        ])?;
    }
    Ok(())
}
