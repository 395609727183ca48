//! A window on the text: the UTF-8 check is made for one window at a time, so that it stays in the cache, and a fault
//! costs no more than making a small window anew.

use std::io::Read;

use crate::model::width::wide;

/// How much a stream reads at a time.
const CHUNK: usize = 1 << 20;

/// Text that comes piece by piece.
pub(super) trait Pieces {
    /// Returns the text not consumed yet: at least `want` bytes unless it ends before, and whether it ends with them.
    fn window(&mut self, want: usize) -> (&[u8], bool);
    /// Drops `count` bytes from the front.
    fn consume(&mut self, count: usize);
}

/// Text that is in memory as a whole.
pub(super) struct Whole<'a>(pub(super) &'a [u8]);

impl Pieces for Whole<'_> {
    fn window(&mut self, want: usize) -> (&[u8], bool) {
        self.0.get(..want).map_or((self.0, true), |head| (head, head.len() == self.0.len()))
    }

    fn consume(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }
}

/// Text that is read from a stream into a buffer.
pub(super) struct Stream<'b, R> {
    pub(super) reader: R,
    pub(super) buffer: &'b mut Vec<u8>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) ended: bool,
    pub(super) total: u64,
}

impl<R: Read> Pieces for Stream<'_, R> {
    fn window(&mut self, want: usize) -> (&[u8], bool) {
        if self.end - self.start < want && !self.ended {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            let room = want.max(CHUNK);
            if self.buffer.len() < room {
                self.buffer.resize(room, 0);
            }
            while let Some(free) = self.buffer.get_mut(self.end..).filter(|free| !free.is_empty()) {
                match self.reader.read(free) {
                    Ok(0) | Err(_) => {
                        self.ended = true;
                        break;
                    }
                    Ok(count) => {
                        self.end += count;
                        self.total += wide(count);
                    }
                }
            }
        }
        let held = self.buffer.get(self.start..self.end).unwrap_or_default();
        match held.get(..want) {
            Some(wanted) if wanted.len() < held.len() => (wanted, false),
            _ => (held, self.ended),
        }
    }

    fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }
}

/// What the machine sees of the text.
pub(super) struct Window<'a> {
    pub(super) bytes: &'a [u8],
    /// The bytes up to the first that is not UTF-8.
    pub(super) text: &'a str,
    /// The text ends with this window.
    pub(super) at_end: bool,
    /// The window is as large as a record may be.
    pub(super) is_full: bool,
}

impl Window<'_> {
    /// Waiting for a larger window is of no use.
    pub(super) fn is_last(&self) -> bool {
        self.at_end || self.is_full
    }
}

/// Returns the first byte at or after `at` that is not white space.
#[inline]
pub(super) fn first_solid(bytes: &[u8], mut at: usize) -> Option<(usize, u8)> {
    loop {
        match bytes.get(at)? {
            b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            byte => return Some((at, *byte)),
        }
    }
}
