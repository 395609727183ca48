//! Reads one item: a record, a wrapper that the machine should step into, or something broken.

use super::ledger::NOT_AN_OBJECT;
use super::machine::{Expect, Frame, MAX_ENVELOPES, Machine, Step};
use super::resync;
use super::stamp;
use super::window::{Window, first_solid};
use crate::model::coverage::{AsideKind, DefectKind};
use crate::model::record::{Record, RecordSink};
use crate::parse::{self, Parsed, Skipped, Skipper, Walk};

const NOT_JSON: &str = "not valid JSON";

/// How the message of a control message of CloudWatch Logs begins.
const CONTROL: &str = "CWL CONTROL MESSAGE";

impl Machine<'_> {
    /// Reads the item that starts at `at`.
    #[inline]
    pub(super) fn item(&mut self, at: usize, byte: u8, window: &Window<'_>, sink: &mut dyn RecordSink) -> Step {
        match byte {
            b'{' if at < window.text.len() => {
                let mut record = Record::default();
                let depth = u32::try_from(self.limits.nesting).unwrap_or(u32::MAX);
                match parse::walk(window.text, self.pattern, at, depth, &mut record) {
                    Walk::Record { end, recognized } if end - at <= self.limits.record_bytes => {
                        self.ledger.record(sink, &record, recognized);
                        self.expect = Expect::Comma;
                        Step::Go(end)
                    }
                    Walk::Envelope if self.stack.len() < MAX_ENVELOPES => self.push(Frame::Object, at),
                    Walk::More if !window.is_last() && window.text.len() == window.bytes.len() => Step::More,
                    _ => self.careful(at, byte, window, sink),
                }
            }
            b'[' if self.stack.len() < MAX_ENVELOPES && (!self.stack.is_empty() || opens_array(window.bytes, at)) => {
                self.push(Frame::Array, at)
            }
            b'[' if self.stack.is_empty() => self.scalar(at, window.bytes.get(at..).unwrap_or_default(), window, sink),
            _ => self.careful(at, byte, window, sink),
        }
    }

    /// Reads an item that the fast walker could not follow.
    fn careful(&mut self, at: usize, byte: u8, window: &Window<'_>, sink: &mut dyn RecordSink) -> Step {
        let rest = window.bytes.get(at..).unwrap_or_default();
        if byte != b'{' && byte != b'[' {
            return self.scalar(at, rest, window, sink);
        }
        let in_sequence = self.stack.is_empty();
        // Once something is broken, an item in a sequence ends before the next line that can begin one. Without that, each
        // of many lines that open what nothing closes would cost a look at all that follows.
        let next = if in_sequence && self.has_faults() { next_line(rest) } else { None };
        let rest = rest.get(..next.unwrap_or(rest.len())).unwrap_or(rest);
        if byte == b'{' && self.stack.len() < MAX_ENVELOPES {
            match shape(rest, in_sequence) {
                Shape::Envelope => return self.push(Frame::Object, at),
                Shape::Cut { is_digest: true } if window.is_last() => return self.push(Frame::Object, at),
                Shape::Cut { .. } if !window.is_last() && next.is_none() => return Step::More,
                _ => {}
            }
        }
        let mut skipper = Skipper::default();
        skipper.stop_at_line_break = in_sequence;
        match skipper.feed(rest) {
            Skipped::More if next.is_some() => self.cut_short(at, rest, next, window, sink),
            Skipped::More if !window.is_last() => Step::More,
            Skipped::More if rest.len() > self.limits.record_bytes => {
                self.too_large(sink);
                self.skip(skipper, window.bytes.len())
            }
            // The window is as large as it gets, but the record does not start at its beginning.
            Skipped::More if !window.at_end => Step::More,
            Skipped::More => {
                let next = if in_sequence { next_line(rest) } else { resync::next_record_start(rest, 1) };
                self.cut_short(at, rest, next, window, sink)
            }
            Skipped::Fault => {
                self.wasted(rest.len());
                self.malformed(rest, sink);
                self.fault(at + 1)
            }
            Skipped::End(length) if length > self.limits.record_bytes => {
                self.too_large(sink);
                Step::Again(at + length)
            }
            Skipped::End(length) => {
                let item = rest.get(..length).unwrap_or_default();
                self.whole(at, item, skipper.deepest(), sink)
            }
        }
    }

    /// Reads an item whose brackets match.
    fn whole(&mut self, at: usize, item: &[u8], depth: usize, sink: &mut dyn RecordSink) -> Step {
        self.expect = Expect::Comma;
        let end = at + item.len();
        if depth > self.limits.nesting {
            self.ledger.certain |= is_suspect(item);
            self.ledger.defect(sink, DefectKind::TooDeep, "nested deeper than the limit");
            return Step::Again(end);
        }
        let Ok(text) = simdutf8::basic::from_utf8(item) else {
            self.ledger.certain |= is_suspect(item);
            self.ledger.defect(sink, DefectKind::NotUtf8, "not UTF-8");
            return Step::Again(end);
        };
        if let Some(parsed) = parse::parse_careful(text) {
            self.parsed(&parsed, sink);
            return Step::Again(end);
        }
        self.malformed(item, sink);
        if self.stack.is_empty() {
            return if memchr::memchr(b'\n', item).is_some() { self.fault(at) } else { Step::Again(end) };
        }
        // An odd quote can make the brackets of two records match: do not let the second vanish in the first.
        match resync::next_record_start(item, 1) {
            Some(inside) => {
                self.fault(at);
                self.resume(at + inside)
            }
            None => Step::Again(end),
        }
    }

    /// The text ends inside this item, or the next one begins, at `next`.
    fn cut_short(
        &mut self,
        at: usize,
        rest: &[u8],
        next: Option<usize>,
        window: &Window<'_>,
        sink: &mut dyn RecordSink,
    ) -> Step {
        self.wasted(rest.len());
        if let Some(next) = next {
            self.malformed(rest.get(..next).unwrap_or_default(), sink);
            self.fault(at);
            return self.resume(at + next);
        }
        self.ledger.certain |= is_suspect(rest);
        self.ledger.defect(sink, DefectKind::Truncated, "the text ends inside the record");
        self.ledger.broken();
        self.stop(window.bytes.len())
    }

    /// Reads an item that is neither an object nor an array: a bare word, a string, a line that is no JSON.
    fn scalar(&mut self, at: usize, rest: &[u8], window: &Window<'_>, sink: &mut dyn RecordSink) -> Step {
        if let Some(length) = self.stack.is_empty().then(|| stamp::length(rest)).flatten() {
            return Step::Go(at + length);
        }
        let end = if self.stack.is_empty() {
            memchr::memchr(b'\n', rest)
        } else if rest.first() == Some(&b'"') {
            match Skipper::default().feed(rest) {
                Skipped::End(length) => Some(length),
                _ => None,
            }
        } else {
            rest.iter().position(|byte| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t'))
        };
        match end {
            None if !window.is_last() => Step::More,
            None if window.at_end && !self.stack.is_empty() => {
                self.ledger.defect(sink, DefectKind::Truncated, "the text ends inside the record");
                self.ledger.broken();
                self.stop(window.bytes.len())
            }
            None => {
                // The last line, or a line larger than any record.
                self.ledger.defect(sink, DefectKind::MalformedRecord, NOT_AN_OBJECT);
                if window.at_end { Step::Again(at + rest.len()) } else { self.fault(at + rest.len()) }
            }
            Some(end) => {
                self.ledger.defect(sink, DefectKind::MalformedRecord, NOT_AN_OBJECT);
                self.expect = Expect::Comma;
                Step::Again(at + end)
            }
        }
    }

    /// Reads a record that is quoted inside a string, as in `CloudTrailEvent` and `message`.
    pub(super) fn quoted(&mut self, inner: &str, sink: &mut dyn RecordSink) {
        let Some(text) = parse::decode(inner) else {
            self.ledger.defect(sink, DefectKind::MalformedRecord, NOT_JSON);
            return;
        };
        let text = text.trim();
        if text.starts_with(CONTROL) {
            self.ledger.aside(sink, AsideKind::ControlMessage);
            return;
        }
        if !text.starts_with('{') {
            self.ledger.defect(sink, DefectKind::MalformedRecord, NOT_AN_OBJECT);
            return;
        }
        let mut record = Record::default();
        let depth = u32::try_from(self.limits.nesting).unwrap_or(u32::MAX);
        match parse::walk(text, self.pattern, 0, depth, &mut record) {
            Walk::Record { end, recognized } if end == text.len() => self.ledger.record(sink, &record, recognized),
            _ => self.quoted_careful(text, sink),
        }
    }

    fn quoted_careful(&mut self, text: &str, sink: &mut dyn RecordSink) {
        let mut skipper = Skipper::default();
        if skipper.feed(text.as_bytes()) == Skipped::More {
            self.ledger.certain |= is_suspect(text.as_bytes());
            self.ledger.defect(sink, DefectKind::Truncated, "the quoted record is cut short");
        } else if skipper.deepest() > self.limits.nesting {
            self.ledger.defect(sink, DefectKind::TooDeep, "nested deeper than the limit");
        } else if let Some(parsed) = parse::parse_careful(text) {
            self.parsed(&parsed, sink);
        } else {
            self.malformed(text.as_bytes(), sink);
        }
    }

    fn parsed(&mut self, parsed: &Parsed<'_>, sink: &mut dyn RecordSink) {
        if parsed.recognized && parsed.holds_records {
            let message = "a record holds an array of records, which were not read";
            self.ledger.object_defect(DefectKind::MalformedObject, message);
        }
        self.ledger.record(sink, &parsed.record, parsed.recognized);
    }

    fn malformed(&mut self, item: &[u8], sink: &mut dyn RecordSink) {
        self.ledger.certain |= is_suspect(item);
        self.ledger.defect(sink, DefectKind::MalformedRecord, NOT_JSON);
    }

    fn too_large(&mut self, sink: &mut dyn RecordSink) {
        self.expect = Expect::Comma;
        self.ledger.defect(sink, DefectKind::RecordTooLarge, "larger than the limit for one record");
    }
}

/// Tells an array of objects from a line that merely starts with a bracket, such as `[INFO] started`.
fn opens_array(bytes: &[u8], at: usize) -> bool {
    first_solid(bytes, at + 1).is_none_or(|(_, byte)| matches!(byte, b'{' | b'[' | b']'))
}

/// Says whether broken JSON was meant to be a CloudTrail record.
fn is_suspect(item: &[u8]) -> bool {
    let head = item.get(..item.len().min(16 << 10)).unwrap_or_default();
    [b"\"eventVersion\"".as_slice(), b"\"eventSource\"", b"\"eventName\"", b"\"userIdentity\""]
        .iter()
        .any(|mark| memchr::memmem::find(head, mark).is_some())
}

fn next_line(rest: &[u8]) -> Option<usize> {
    match resync::next_line(rest, 0) {
        resync::Line::At(start) => Some(start),
        resync::Line::Beyond(_) => None,
    }
}

/// What the keys of an object say that it is.
enum Shape {
    /// An object around records, or a digest.
    Envelope,
    /// Anything else, or nothing that is sound.
    Other,
    /// The text ends first; whether a key was that of a digest.
    Cut { is_digest: bool },
}

/// Looks at the keys of an object until one tells what it is. Only a text of its own can be a digest, and only all of its
/// keys together make it one.
fn shape(text: &[u8], may_be_digest: bool) -> Shape {
    let mut is_digest = false;
    match holds_records(text, may_be_digest, &mut is_digest) {
        Some(true) => Shape::Envelope,
        Some(false) => Shape::Other,
        None => Shape::Cut { is_digest },
    }
}

fn holds_records(text: &[u8], may_be_digest: bool, is_digest: &mut bool) -> Option<bool> {
    let mut at = 1;
    loop {
        let (quote, byte) = first_solid(text, at)?;
        if byte != b'"' {
            return Some(false);
        }
        let Skipped::End(length) = Skipper::default().feed(text.get(quote..)?) else { return None };
        let key = text.get(quote + 1..quote + length - 1)?;
        let (colon, byte) = first_solid(text, quote + length)?;
        if byte != b':' {
            return Some(false);
        }
        let (value, first) = first_solid(text, colon + 1)?;
        let rest = text.get(value..)?;
        if parse::field_of(key).is_mark() {
            return Some(false);
        }
        if parse::is_envelope(key, rest)? {
            return Some(true);
        }
        *is_digest |= may_be_digest && parse::is_of_digest(key, first);
        let end = match first {
            b'"' | b'{' | b'[' => match Skipper::default().feed(rest) {
                Skipped::End(length) => length,
                Skipped::More => return None,
                Skipped::Fault => return Some(false),
            },
            _ => rest.iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t'))?,
        };
        let (comma, byte) = first_solid(text, value + end)?;
        if byte != b',' {
            return Some(*is_digest);
        }
        at = comma + 1;
    }
}
