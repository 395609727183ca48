//! Reads the keys of an object around records: which of its values holds them?

use super::machine::{Expect, Frame, MAX_ENVELOPES, Machine, Step};
use super::siblings;
use super::siblings::Sibling;
use super::window::{Window, first_solid};
use crate::model::coverage::{AsideKind, DefectKind};
use crate::model::record::RecordSink;
use crate::parse::{self, Skipped, Skipper};

impl Machine<'_> {
    /// Reads the key whose quote is at `at`, and its value.
    pub(super) fn key(&mut self, at: usize, window: &Window<'_>, sink: &mut dyn RecordSink) -> Step {
        let bytes = window.bytes;
        let Skipped::End(length) = Skipper::default().feed(bytes.get(at..).unwrap_or_default()) else {
            return Step::More;
        };
        let key = bytes.get(at + 1..at + length - 1).unwrap_or_default();
        let Some((colon, byte)) = first_solid(bytes, at + length) else { return Step::More };
        if byte != b':' {
            self.ledger.object_defect(DefectKind::MalformedObject, "the JSON around the records is not valid");
            self.ledger.broken();
            return self.fault(at + 1);
        }
        let Some((value, first)) = first_solid(bytes, colon + 1) else { return Step::More };
        let may_open = self.stack.len() < MAX_ENVELOPES;
        if let Some(kind) = kind_key(key, first).filter(|_| !self.is_typed()) {
            match self.sibling(kind, value, window) {
                Sibling::Text(text) => self.enter_typed(apart(kind, text)),
                Sibling::Absent => self.enter_typed(None),
                Sibling::Cut if !(window.is_full && at == 0) => return Step::More,
                Sibling::Cut => {}
            }
        }
        match (key, first) {
            (b"Records" | b"Events" | b"events" | b"logEvents", b'[') if may_open => {
                // The other two words are too common to prove anything.
                self.ledger.certain |= key == b"Records" || key == b"Events";
                self.push(Frame::Array, value)
            }
            (b"Records", _) if self.stack.len() == 1 => {
                self.ledger.certain = true;
                self.ledger.object_defect(DefectKind::MalformedObject, "\"Records\" is not an array");
                self.ledger.broken();
                self.pass_over(value, first, window)
            }
            (b"detail", b'{') => self.item(value, first, window, sink),
            (b"CloudTrailEvent" | b"message" | b"_raw", b'"') => self.quoted_value(value, window, sink),
            (b"detail-type" | b"messageType", b'"') => {
                let step = self.pass_over(value, first, window);
                if let Step::Go(end) = step {
                    self.enter_typed(apart(key, bytes.get(value + 1..end - 1).unwrap_or_default()));
                }
                step
            }
            _ => {
                self.ledger.digest |= self.stack.len() == 1 && parse::is_of_digest(key, first);
                if parse::field_of(key).is_mark() {
                    // One that is both would hide the one or the other.
                    self.ledger.certain = true;
                    let message = "an object around records is a record itself, and was not read as one";
                    self.ledger.object_defect(DefectKind::MalformedObject, message);
                }
                self.pass_over(value, first, window)
            }
        }
    }

    /// Looks behind a value for what its object says that it holds.
    fn sibling<'w>(&self, key: &[u8], value: usize, window: &Window<'w>) -> Sibling<'w> {
        let rest = window.bytes.get(value..).unwrap_or_default();
        let reach = siblings::REACH.min(self.limits.record_bytes);
        match siblings::text_of(rest.get(..reach).unwrap_or(rest), key) {
            // More text would be no use.
            Sibling::Cut if window.at_end || reach <= rest.len() => Sibling::Absent,
            found => found,
        }
    }

    fn quoted_value(&mut self, value: usize, window: &Window<'_>, sink: &mut dyn RecordSink) -> Step {
        let rest = window.bytes.get(value..).unwrap_or_default();
        let mut skipper = Skipper::default();
        let length = match skipper.feed(rest) {
            Skipped::End(length) => length,
            _ if !window.is_last() => return Step::More,
            _ if window.at_end => {
                self.ledger.defect(sink, DefectKind::Truncated, "the text ends inside the record");
                self.ledger.broken();
                return self.stop(window.bytes.len());
            }
            _ => {
                self.ledger.defect(sink, DefectKind::RecordTooLarge, "larger than the limit for one record");
                return self.skip(skipper, window.bytes.len());
            }
        };
        self.expect = Expect::Comma;
        match rest.get(1..length - 1).map(simdutf8::basic::from_utf8) {
            Some(Ok(text)) => self.quoted(text, sink),
            _ => self.ledger.defect(sink, DefectKind::NotUtf8, "not UTF-8"),
        }
        Step::Go(value + length)
    }

    /// Passes over a value that holds no records.
    fn pass_over(&mut self, value: usize, first: u8, window: &Window<'_>) -> Step {
        let rest = window.bytes.get(value..).unwrap_or_default();
        let length = if matches!(first, b'"' | b'{' | b'[') {
            let mut skipper = Skipper::default();
            match skipper.feed(rest) {
                Skipped::End(length) => length,
                Skipped::More if window.is_full && !window.at_end => return self.skip(skipper, window.bytes.len()),
                Skipped::More => return Step::More,
                Skipped::Fault => 0,
            }
        } else {
            let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
            match rest.iter().position(|byte| !is_word(byte)) {
                Some(length) => length,
                None => return Step::More,
            }
        };
        if length == 0 {
            self.ledger.object_defect(DefectKind::MalformedObject, "the JSON around the records is not valid");
            self.ledger.broken();
            return self.fault(value);
        }
        self.expect = Expect::Comma;
        Step::Go(value + length)
    }
}

/// Returns the key that says what an object holds under this one, when it need not stand before it.
fn kind_key(key: &[u8], first: u8) -> Option<&'static [u8]> {
    match (key, first) {
        (b"detail", b'{') => Some(b"detail-type"),
        (b"logEvents", b'[') => Some(b"messageType"),
        _ => None,
    }
}

/// Returns what an object is that says this of itself, unless it may hold records of CloudTrail.
fn apart(key: &[u8], text: &[u8]) -> Option<AsideKind> {
    match key {
        b"detail-type" => (!text.ends_with(b"via CloudTrail")).then_some(AsideKind::OtherEvent),
        _ => (text == b"CONTROL_MESSAGE").then_some(AsideKind::ControlMessage),
    }
}
