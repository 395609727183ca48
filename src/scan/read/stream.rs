//! Reads an object as a stream, so that memory stays flat however large it is.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::inflate::Inflate;
use super::machine::Machine;
use super::window::Stream;
use super::witness::Testimony;
use super::{Limits, ReadSummary, Scratch};
use crate::model::receipt::Content;
use crate::model::record::{ObjectKind, RecordSink};
use crate::model::width::wide;

/// Bytes of text that the inflating thread hands over at a time.
const CHUNK: usize = 512 << 10;

/// Reads the records of one object as its bytes come in. Gives what [`read_object`](super::read_object) gives.
///
/// When `is_overlapped`, the inflating has a thread of its own: worth it for one very large object. A gzip stream can only
/// be inflated from front to back, so that more threads would have nothing to do.
pub fn read_stream(
    reader: impl Read + Send,
    is_overlapped: bool,
    scratch: &mut Scratch,
    limits: &Limits,
    sink: &mut dyn RecordSink,
) -> ReadSummary {
    let read = if is_overlapped { read_ahead } else { read_in_turn };
    read(reader, scratch, limits, sink, None)
}

/// The same as [`read_stream`]; what was inflated is hashed on its way, and a digest file is kept. `None` when the object
/// was not read to its end.
pub fn read_witnessed(
    reader: impl Read + Send,
    is_overlapped: bool,
    scratch: &mut Scratch,
    limits: &Limits,
    sink: &mut dyn RecordSink,
) -> (ReadSummary, Option<Content>) {
    let testimony = Testimony::default();
    let read = if is_overlapped { read_ahead } else { read_in_turn };
    let summary = read(reader, scratch, limits, sink, Some(&testimony));
    let mut content = testimony.get().cloned();
    if let Some(content) = content.as_mut().filter(|_| summary.kind != ObjectKind::Digest) {
        content.digest = None;
    }
    (summary, content)
}

fn read_in_turn(
    reader: impl Read + Send,
    scratch: &mut Scratch,
    limits: &Limits,
    sink: &mut dyn RecordSink,
    testimony: Option<&Testimony>,
) -> ReadSummary {
    let mut inflate = Inflate::open(Box::new(reader), limits.inflated_bytes, testimony);
    let fault = inflate.first_fault();
    let (machine, is_blank, total) = read_text(&mut inflate, scratch, limits, sink);
    let kind = machine.ledger.finish(sink, fault.get().copied(), is_blank);
    inflate.drain();
    ReadSummary { kind, inflated_bytes: total, not_json: machine.not_json }
}

fn read_ahead(
    reader: impl Read + Send,
    scratch: &mut Scratch,
    limits: &Limits,
    sink: &mut dyn RecordSink,
    testimony: Option<&Testimony>,
) -> ReadSummary {
    let (full, filled) = sync_channel::<Vec<u8>>(2);
    let (empty, emptied) = sync_channel::<Vec<u8>>(4);
    thread::scope(|scope| {
        let inflate = Inflate::open(Box::new(reader), limits.inflated_bytes, testimony);
        let fault = inflate.first_fault();
        scope.spawn(move || inflate_ahead(inflate, &full, &emptied));
        let text = Handed { filled, empty, chunk: Vec::new(), at: 0 };
        let (machine, is_blank, total) = read_text(text, scratch, limits, sink);
        let kind = machine.ledger.finish(sink, fault.get().copied(), is_blank);
        ReadSummary { kind, inflated_bytes: total, not_json: machine.not_json }
    })
}

fn read_text<'l>(
    text: impl Read,
    scratch: &'l mut Scratch,
    limits: &'l Limits,
    sink: &mut dyn RecordSink,
) -> (Machine<'l>, bool, u64) {
    let mut machine = Machine::new(limits, &mut scratch.pattern);
    let buffer = &mut scratch.window;
    let mut stream = Stream { reader: text, buffer, start: 0, end: 0, ended: false, total: 0 };
    let is_blank = machine.drive(&mut stream, sink);
    let total = stream.total;
    (machine, is_blank, total)
}

fn inflate_ahead(mut inflate: Inflate<'_>, full: &SyncSender<Vec<u8>>, emptied: &Receiver<Vec<u8>>) {
    loop {
        let mut chunk = emptied.try_recv().unwrap_or_default();
        chunk.clear();
        match inflate.by_ref().take(wide(CHUNK)).read_to_end(&mut chunk) {
            Ok(count) if count > 0 => {}
            _ => return,
        }
        // The other end is gone when it needs no more.
        if full.send(chunk).is_err() {
            return inflate.drain();
        }
    }
}

/// The text as the inflating thread hands it over.
struct Handed {
    filled: Receiver<Vec<u8>>,
    empty: SyncSender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

impl Read for Handed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.chunk.len() {
            let Ok(next) = self.filled.recv() else { return Ok(0) };
            let used = std::mem::replace(&mut self.chunk, next);
            let _ = self.empty.try_send(used);
            self.at = 0;
        }
        let count = self.chunk.get(self.at..).unwrap_or_default().read(out)?;
        self.at += count;
        Ok(count)
    }
}
