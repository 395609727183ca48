//! Finds the records in JSON text of any shape that CloudTrail records come in, one window at a time.
//!
//! The machine remembers only which brackets are open around the records, so that text of any length passes through it.
//! [`items`](super::items) reads one record, [`envelope`](super::envelope) the keys of an object around records.

use super::head;
use super::ledger::Ledger;
use super::limits::Limits;
use super::resync::{self, Line};
use super::stamp;
use super::window::Pieces;
use super::window::Window;
use super::window::first_solid;
use crate::model::coverage::{AsideKind, DefectKind};
use crate::model::record::RecordSink;
use crate::parse::{Pattern, Skipped, Skipper};

/// Window to start with.
const SMALL: usize = 16 << 10;
/// Window after a fault: thousands of them may follow each other.
const TINY: usize = 512;
/// Window for smooth going.
const LARGE: usize = 256 << 10;
/// Deepest nesting of envelopes: files in arrays of wrappers need four.
pub(super) const MAX_ENVELOPES: usize = 8;
/// After this many broken places in one array the rest is given up: each may cost a look at `record_bytes` of text.
const MAX_FAULTS: u32 = 512;
/// After this many bytes that were looked at in vain, too.
const MAX_WASTE: usize = 64 << 20;

/// What is open around the next value. Nothing open: a sequence of values, as in JSON lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Array,
    Object,
}

/// What may come next inside the innermost frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// The first value or key, or the end.
    First,
    /// A value or key.
    Another,
    /// A comma or the end.
    Comma,
}

/// What the machine is at.
enum Mode {
    /// Reading values.
    Read,
    /// Passing over a value that is too large to look at.
    Skip(Skipper),
    /// Looking for the next record after a fault.
    SeekRecord,
    /// Looking for the next line after a fault.
    SeekLine,
    /// There is nothing more to read here.
    Done,
}

/// What one step came to.
pub(super) enum Step {
    /// Go on at this position.
    Go(usize),
    /// Go on at this position with a new window: what is at hand may be too large from here on.
    Again(usize),
    /// The window ends inside a value.
    More,
}

/// What the machine needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// More text, or a larger window when nothing was consumed.
    More,
    /// A new window on the same text.
    Again,
    /// Nothing: it is done.
    Done,
}

/// The machine for one object.
pub(super) struct Machine<'l> {
    pub(super) limits: &'l Limits,
    pub(super) pattern: &'l mut Pattern,
    pub(super) ledger: Ledger,
    pub(super) stack: Vec<Frame>,
    pub(super) expect: Expect,
    mode: Mode,
    faults: u32,
    /// Bytes that were looked at for the end of items in arrays that have none.
    waste: usize,
    /// The length of the stack in an object that said what it holds: an EventBridge event, a message of CloudWatch Logs.
    typed: Option<usize>,
    /// The text starts with something that is not JSON.
    starts_odd: Option<bool>,
    /// What the text is when it is no log, by how it begins.
    pub(super) not_json: Option<head::NotJson>,
}

impl<'l> Machine<'l> {
    pub(super) fn new(limits: &'l Limits, pattern: &'l mut Pattern) -> Self {
        Self {
            limits,
            pattern,
            ledger: Ledger::default(),
            stack: Vec::new(),
            expect: Expect::First,
            mode: Mode::Read,
            faults: 0,
            waste: 0,
            typed: None,
            starts_odd: None,
            not_json: None,
        }
    }

    /// Reads all the text, window by window. Returns whether there was nothing but white space.
    pub(super) fn drive(&mut self, pieces: &mut impl Pieces, sink: &mut dyn RecordSink) -> bool {
        let largest = self.limits.record_bytes.saturating_add(1 << 10).max(SMALL);
        let mut want = SMALL;
        if pieces.window(4).0.starts_with(b"\xef\xbb\xbf") {
            pieces.consume(3);
        }
        let mut is_blank = true;
        loop {
            let (bytes, at_end) = pieces.window(want);
            is_blank = is_blank && bytes.iter().all(u8::is_ascii_whitespace);
            let text = valid_prefix(bytes);
            let window = Window { bytes, text, at_end, is_full: bytes.len() >= largest };
            let (consumed, next) = self.run(&window, sink);
            pieces.consume(consumed);
            want = match next {
                Next::Done => return is_blank,
                Next::Again if self.has_faults() => TINY,
                Next::Again => SMALL,
                Next::More if consumed == 0 => want.saturating_mul(4).min(largest),
                Next::More => want.saturating_mul(2).min(LARGE.min(largest)),
            };
        }
    }

    /// Reads as much of the window as it can. Returns how many bytes are done with, and what is needed next.
    pub(super) fn run(&mut self, window: &Window<'_>, sink: &mut dyn RecordSink) -> (usize, Next) {
        let mut at = 0;
        loop {
            match &mut self.mode {
                Mode::Done => return (window.bytes.len(), Next::Done),
                Mode::Read => {}
                Mode::Skip(skipper) => {
                    let rest = window.bytes.get(at..).unwrap_or_default();
                    let outcome = skipper.feed(rest);
                    return self.skipped(outcome, at, window);
                }
                Mode::SeekRecord | Mode::SeekLine => return self.seek(at, window),
            }
            let Some((start, byte)) = first_solid(window.bytes, at) else {
                if window.at_end {
                    self.end_of_text();
                }
                return (window.bytes.len(), if window.at_end { Next::Done } else { Next::More });
            };
            match self.step(start, byte, window, sink) {
                Step::Go(next) => at = next,
                Step::Again(next) => return (next, Next::Again),
                Step::More if window.at_end => {
                    self.end_of_text();
                    return (window.bytes.len(), Next::Done);
                }
                Step::More if window.is_full && start == 0 => {
                    self.ledger.object_defect(DefectKind::TooLarge, "a value around the records is too large");
                    self.ledger.broken();
                    return (window.bytes.len(), Next::Done);
                }
                Step::More => return (start, Next::More),
            }
        }
    }

    fn step(&mut self, at: usize, byte: u8, window: &Window<'_>, sink: &mut dyn RecordSink) -> Step {
        match (self.stack.last(), self.expect, byte) {
            (None, ..) => {
                if self.starts_odd.is_none() {
                    let head = window.bytes.get(at..).unwrap_or_default();
                    self.not_json = head::not_json(head).or_else(|| head::odd_json(head));
                }
                let is_odd = || {
                    let line = window.bytes.get(at..).unwrap_or_default();
                    byte != b'{' && byte != b'[' && stamp::length(line).is_none()
                };
                let odd = *self.starts_odd.get_or_insert_with(is_odd);
                if odd && self.ledger.seen() >= 2 && !self.ledger.is_recognized() {
                    // Two lines, and neither is a record: this is some other kind of text.
                    self.mode = Mode::Done;
                    return Step::Again(at);
                }
                self.item(at, byte, window, sink)
            }
            (Some(Frame::Array), Expect::First | Expect::Comma, b']')
            | (Some(Frame::Object), Expect::First | Expect::Comma, b'}') => self.pop(at),
            (Some(Frame::Array), Expect::Another, b']') | (Some(Frame::Object), Expect::Another, b'}') => {
                self.ledger.object_defect(DefectKind::MalformedObject, "a comma without a value after it");
                self.pop(at)
            }
            (Some(Frame::Array), Expect::First | Expect::Another, _) => self.item(at, byte, window, sink),
            (Some(Frame::Object), Expect::First | Expect::Another, b'"') => self.key(at, window, sink),
            (Some(_), Expect::Comma, b',') => {
                self.expect = Expect::Another;
                Step::Go(at + 1)
            }
            (Some(Frame::Array), Expect::Comma, b'{') => {
                self.ledger.object_defect(DefectKind::MalformedObject, "a comma is missing between two records");
                self.expect = Expect::Another;
                Step::Go(at)
            }
            (Some(_), ..) => {
                self.ledger.object_defect(DefectKind::MalformedObject, "the JSON around the records is not valid");
                self.ledger.broken();
                self.fault(at)
            }
        }
    }

    pub(super) fn push(&mut self, frame: Frame, at: usize) -> Step {
        self.stack.push(frame);
        self.expect = Expect::First;
        Step::Go(at + 1)
    }

    fn pop(&mut self, at: usize) -> Step {
        self.stack.pop();
        if self.typed.is_some_and(|length| length > self.stack.len()) {
            self.leave_typed();
        }
        self.expect = Expect::Comma;
        Step::Go(at + 1)
    }

    /// Notes what the innermost object says that it holds: `None` when that may be records of CloudTrail.
    pub(super) fn enter_typed(&mut self, apart: Option<AsideKind>) {
        self.typed = Some(self.stack.len());
        self.ledger.apart = apart;
    }

    fn leave_typed(&mut self) {
        self.typed = None;
        self.ledger.apart = None;
    }

    /// Says whether the innermost object has said what it holds.
    pub(super) fn is_typed(&self) -> bool {
        self.typed == Some(self.stack.len())
    }

    /// Notes that so many bytes were looked at in vain. In a sequence that goes on at the next line, and costs nothing more.
    pub(super) fn wasted(&mut self, bytes: usize) {
        self.waste += if self.stack.is_empty() { 0 } else { bytes };
    }

    /// Says whether something in this object was broken.
    pub(super) fn has_faults(&self) -> bool {
        self.faults > 0
    }

    /// Nothing more is of interest in this object.
    pub(super) fn stop(&mut self, at: usize) -> Step {
        self.mode = Mode::Done;
        Step::Again(at)
    }

    /// Goes looking for the next record, from just behind the fault at `at`.
    pub(super) fn fault(&mut self, at: usize) -> Step {
        self.faults += 1;
        self.leave_typed();
        let is_too_much = self.faults > MAX_FAULTS || self.waste > MAX_WASTE;
        self.mode = if is_too_much && !self.stack.is_empty() {
            self.ledger.object_defect(DefectKind::MalformedObject, "broken in too many places; the rest was not read");
            self.ledger.broken();
            Mode::Done
        } else if self.stack.contains(&Frame::Array) {
            Mode::SeekRecord
        } else {
            self.stack.clear();
            Mode::SeekLine
        };
        Step::Again(at)
    }

    /// Passes over a value whose beginning `skipper` has seen.
    pub(super) fn skip(&mut self, skipper: Skipper, fed: usize) -> Step {
        self.mode = Mode::Skip(skipper);
        Step::Again(fed)
    }

    /// Goes on to the next item at `at`, which is known to start a record.
    pub(super) fn resume(&mut self, at: usize) -> Step {
        if matches!(self.mode, Mode::Done) {
            return Step::Again(at);
        }
        if self.stack.last() == Some(&Frame::Object) {
            self.stack.push(Frame::Array);
        }
        self.expect = Expect::Another;
        self.mode = Mode::Read;
        Step::Again(at)
    }

    fn skipped(&mut self, skipped: Skipped, at: usize, window: &Window<'_>) -> (usize, Next) {
        match skipped {
            Skipped::End(length) => {
                self.mode = Mode::Read;
                self.expect = Expect::Comma;
                (at + length, Next::Again)
            }
            Skipped::More if window.at_end => {
                self.end_of_text();
                self.ledger.object_defect(DefectKind::Truncated, "the JSON ends inside a value");
                self.ledger.broken();
                (window.bytes.len(), Next::Done)
            }
            Skipped::More => (window.bytes.len(), Next::More),
            Skipped::Fault => {
                self.ledger.object_defect(DefectKind::MalformedObject, "the JSON around the records is not valid");
                self.ledger.broken();
                self.fault(at);
                (at, Next::Again)
            }
        }
    }

    fn seek(&mut self, at: usize, window: &Window<'_>) -> (usize, Next) {
        let (found, keep) = if matches!(self.mode, Mode::SeekRecord) {
            // White space may stand between the brace and the key, and the window may cut the two apart.
            (resync::next_record_start(window.bytes, at), window.bytes.len().saturating_sub(64).max(at))
        } else {
            match resync::next_line(window.bytes, at) {
                Line::At(start) => (Some(start), 0),
                Line::Beyond(keep) => (None, keep),
            }
        };
        if let Some(start) = found {
            self.resume(start);
            return (start, Next::Again);
        }
        if window.at_end {
            if !self.stack.is_empty() {
                self.ledger.object_defect(DefectKind::MalformedObject, "what follows the fault could not be read");
                self.ledger.broken();
            }
            self.mode = Mode::Done;
            return (window.bytes.len(), Next::Done);
        }
        (keep, Next::More)
    }

    fn end_of_text(&mut self) {
        if !self.stack.is_empty() {
            self.ledger.object_defect(DefectKind::Truncated, "the JSON ends before its brackets close");
            self.ledger.broken();
        }
        self.mode = Mode::Done;
    }
}

fn valid_prefix(bytes: &[u8]) -> &str {
    simdutf8::basic::from_utf8(bytes).unwrap_or_else(|_| {
        let valid = simdutf8::compat::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        bytes.get(..valid).and_then(|head| simdutf8::basic::from_utf8(head).ok()).unwrap_or_default()
    })
}
