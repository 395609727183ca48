//! Reads an object that is in memory as a whole.

use super::fault::Fault;
use super::inflate::Packing;
use super::machine::Machine;
use super::stream::read_stream;
use super::window::Whole;
use super::{Limits, ReadSummary, Scratch};
use crate::model::record::RecordSink;
use crate::model::width::wide;

/// Deflate cannot shrink text further than this.
const MOST_DEFLATED: usize = 1_032;

/// The largest buffer that is kept from one object to the next.
const KEPT: usize = 2 << 20;

/// Reads the records of one object: compressed or not, in any shape that is recognized.
///
/// It never fails and never panics: whatever is wrong goes to `sink` as a defect. Each record reaches `sink` exactly
/// once, as a record or as a defect with its index. An object of kind `Foreign`, `Digest` or `Insight` yields neither.
pub fn read_object(bytes: &[u8], scratch: &mut Scratch, limits: &Limits, sink: &mut dyn RecordSink) -> ReadSummary {
    match Packing::of(bytes) {
        Packing::Plain => read_text(bytes, scratch, limits, sink),
        Packing::Gzip => {
            // Taken out so that the text may be borrowed while the scratch is in use.
            let mut text = std::mem::take(&mut scratch.inflated);
            let summary = match inflate_whole(bytes, scratch, limits, &mut text) {
                Some(length) => read_text(text.get(..length).unwrap_or_default(), scratch, limits, sink),
                None => read_stream(bytes, false, scratch, limits, sink),
            };
            // A few objects are large, and come first: their buffer is not kept for the thousands of small ones.
            scratch.inflated = if text.len() > KEPT { Vec::new() } else { text };
            summary
        }
        Packing::Zstd => read_stream(bytes, false, scratch, limits, sink),
    }
}

/// Inflates a gzip file of one member, which is what CloudTrail writes, by the fastest way there is.
///
/// `None` for everything else, which the stream reader sorts out: several members, garbage, corruption, large output.
fn inflate_whole(bytes: &[u8], scratch: &mut Scratch, limits: &Limits, text: &mut Vec<u8>) -> Option<usize> {
    let claimed = usize::try_from(u32::from_le_bytes(*bytes.last_chunk::<4>()?)).ok()?;
    let is_plausible = claimed > 0 && claimed / MOST_DEFLATED <= bytes.len();
    if !is_plausible || claimed > limits.whole_inflated_bytes || wide(claimed) > limits.inflated_bytes {
        return None;
    }
    // A further member would start with these bytes. Finding them by chance only costs the slower way.
    memchr::memmem::find(bytes.get(4..)?, &[0x1f, 0x8b, 0x08]).is_none().then_some(())?;
    if text.len() < claimed {
        text.resize(claimed, 0);
    }
    let written = scratch.inflater.gzip_decompress(bytes, text.get_mut(..claimed)?).ok()?;
    // A text packed twice is rare enough for the slower way, too.
    let is_text = Packing::of(text.get(..written)?) == Packing::Plain;
    (written == claimed && is_text).then_some(written)
}

fn read_text(bytes: &[u8], scratch: &mut Scratch, limits: &Limits, sink: &mut dyn RecordSink) -> ReadSummary {
    let limit = usize::try_from(limits.inflated_bytes).unwrap_or(usize::MAX);
    let text = bytes.get(..limit).unwrap_or(bytes);
    let fault = (text.len() < bytes.len()).then_some(Fault::TOO_LARGE);
    let mut machine = Machine::new(limits, &mut scratch.pattern);
    let is_blank = machine.drive(&mut Whole(text), sink);
    let kind = machine.ledger.finish(sink, fault, is_blank);
    ReadSummary { kind, inflated_bytes: wide(text.len()), not_json: machine.not_json }
}
