//! Which findings are about which chains.

use super::Shape;
use super::Sink;
use super::cells::at;
use super::cells::moment;
use super::cells::text;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "finding_chains",
        doc: "One chain that one finding is about.",
        columns: &[
            text("fingerprint", "The finding."),
            text("chain_id", "The chain. Chains that are not listed are not in `chains`."),
            moment("last_seen", "The latest event of the finding."),
        ],
    },
    key: &["fingerprint", "chain_id"],
    joins: &[("fingerprint", "findings.fingerprint"), ("chain_id", "chains.chain_id")],
    day: "last_seen",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    for finding in source.rows.findings() {
        for chain in finding.chain_ids {
            sink(&[finding.fingerprint.as_ref().into(), chain.as_str().into(), at(finding.last_seen)])?;
        }
    }
    Ok(())
}
