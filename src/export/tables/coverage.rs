//! What was read, by account, region and day.

use super::Shape;
use super::Sink;
use super::push;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::observations::Cell;
use crate::model::observations::CellCount;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

columns! {
    /// What was read.
    pub(super) struct Coverage = "coverage",
        "Records of one account, region and day. No row: no records, and so no evidence about that day.";
    write (cell, count): (&'v Cell, &'v CellCount), with source: Source<'v>;
    account_id: str = cell.account, "The account in whose log the records stand; null when they do not say.";
    account_name: str = source.account_name(source.rows.text(cell.account).as_deref()),
        "What the expectations call that account.";
    region: str = cell.region, "The region; null when the records do not say.";
    day: Timestamp = cell.day.map(midnight), "The first moment of the day; null for records without a time.";
    records: i64 = count.records, "Unique records.";
    read_only_records: i64 = count.read_only,
        "Unique records that say `readOnly: true`. None at all often means that the trail leaves them out.";
    sts_records: i64 = count.sts, "Unique records of STS.";
    first_event: Timestamp = count.first, "The earliest.";
    last_event: Timestamp = count.last, "The latest.";
}

pub(super) static SHAPE: Shape =
    Shape { table: Coverage::TABLE, key: &["account_id", "region", "day"], joins: &[], day: "day", rows };

fn midnight(day: i32) -> Timestamp {
    Timestamp(i64::from(day).saturating_mul(DAY))
}

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    let mut cells: Vec<(&Cell, &CellCount)> = lineage.observations.cells.iter().collect();
    cells.sort_unstable_by_key(|(cell, _)| (lineage.opt(cell.account), lineage.opt(cell.region), cell.day));
    cells.into_iter().try_for_each(|row| push::<Coverage>(row, source, sink))
}
