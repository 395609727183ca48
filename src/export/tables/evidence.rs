//! The events that prove findings.

use super::Shape;
use super::Sink;
use super::cells::at;
use super::cells::count;
use super::cells::integer;
use super::cells::moment;
use super::cells::text;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "evidence",
        doc: "One event that proves a finding; at most five for each, the first and the last included.",
        columns: &[
            text("fingerprint", "The finding."),
            integer("evidence_number", "Its place among the finding's events, from 1."),
            text("event_id", "`eventID`; null for files that could not be read."),
            moment("event_time", "When it happened."),
            text("object", "The log file that holds the record."),
        ],
    },
    key: &["fingerprint", "evidence_number"],
    joins: &[("fingerprint", "findings.fingerprint"), ("event_id", "assumptions.event_id")],
    day: "event_time",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    for finding in source.rows.findings() {
        for (position, event) in (1..).zip(&finding.evidence) {
            sink(&[
                finding.fingerprint.as_ref().into(),
                count(position),
                event.event_id.as_deref().into(),
                at(event.event_time),
                event.object.as_deref().into(),
            ])?;
        }
    }
    Ok(())
}
