//! Zstandard, frame by frame. Like [`Gzip`](super::gzip::Gzip) it hands over every block that stands before a fault,
//! however input and output are cut into pieces.

use std::io::{BufRead, ErrorKind};

use zstd::stream::raw::{Decoder, Operation as _};

use super::fault::Fault;

/// The decoder asks for this much when a frame begins.
const START: usize = 5;

/// Inflates all frames of a Zstandard stream.
pub(super) struct Zstandard<R> {
    source: R,
    decoder: Decoder<'static>,
    /// How much the decoder wants to see next: never more than one block, so that an error costs no block but its own.
    wanted: usize,
    in_frame: bool,
    /// The last output was filled, and there may be more of it.
    may_hold_more: bool,
}

impl<R: BufRead> Zstandard<R> {
    pub(super) fn new(source: R) -> Option<Self> {
        let decoder = Decoder::new().ok()?;
        Some(Self { source, decoder, wanted: START, in_frame: false, may_hold_more: false })
    }

    /// Reads some text; 0 bytes at the end of the last frame.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            let input = match self.source.fill_buf() {
                Ok(input) => input,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Fault::of(&error)),
            };
            let is_flush = self.may_hold_more;
            if input.is_empty() && !is_flush {
                return if self.in_frame { Err(Fault::CUT) } else { Ok(0) };
            }
            let piece = if is_flush { &[] } else { input.get(..self.wanted).unwrap_or(input) };
            let status = self.decoder.run_on_buffers(piece, out).map_err(|_| Fault::CORRUPT)?;
            self.source.consume(status.bytes_read);
            self.may_hold_more = status.bytes_written == out.len();
            if !is_flush || status.bytes_written > 0 {
                self.in_frame = status.remaining > 0;
                self.wanted = if self.in_frame { status.remaining } else { START };
            }
            if status.bytes_written > 0 {
                return Ok(status.bytes_written);
            }
        }
    }
}
