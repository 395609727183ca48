//! Every way to read an object gives the same records, defects and kind; each record index comes once.
#![no_main]

use std::io::{self, Read, Write as _};

use libfuzzer_sys::fuzz_target;
use rolechain::model::coverage::DefectKind;
use rolechain::model::record::{ObjectKind, Record, RecordIndex, RecordSink};
use rolechain::read::{self, Limits, ReadSummary, Scratch};

/// Small enough that an input of a few kilobytes meets every one of them.
const SMALL: Limits = Limits {
    inflated_bytes: 48 << 10,
    record_bytes: 1 << 10,
    nesting: 8,
    whole_compressed_bytes: 1 << 10,
    whole_inflated_bytes: 24 << 10,
};

fuzz_target!(|bytes: &[u8]| {
    let Some((selector, rest)) = bytes.split_first() else { return };
    let object = packed(selector & 15, rest);
    let limits = if selector & 16 == 0 { SMALL } else { Limits::default() };
    let mut scratch = Scratch::default();
    let (summary, sink) = whole(&object, &mut scratch, &limits);
    sink.check(summary);

    let mut streamed = Sink::default();
    let step = if selector & 32 == 0 { 97 } else { 8 << 10 };
    let by_stream = read::read_stream(Dribble { bytes: &object, step }, false, &mut scratch, &limits, &mut streamed);
    assert_eq!((summary, &sink), (by_stream, &streamed), "as a stream");
    if selector & 64 == 0 {
        let mut overlapped = Sink::default();
        let by_threads = read::read_stream(object.as_slice(), true, &mut scratch, &limits, &mut overlapped);
        assert_eq!((summary, &sink), (by_threads, &overlapped), "overlapped");
    } else {
        // What one object leaves in the scratch must not reach the next.
        assert_eq!((summary, sink), whole(&object, &mut scratch, &limits), "with a used scratch");
    }
});

fn whole(object: &[u8], scratch: &mut Scratch, limits: &Limits) -> (ReadSummary, Sink) {
    let mut sink = Sink::default();
    (read::read_object(object, scratch, limits, &mut sink), sink)
}

/// Packs text as objects come: plain, gzip, several members, zstd, cut short, packed twice, with a tail.
fn packed(way: u8, text: &[u8]) -> Vec<u8> {
    let (head, tail) = text.split_at(text.len() / 2);
    match way {
        1 => gzip(text),
        2 => [gzip(head), gzip(tail)].concat(),
        3 => zstd(text),
        4 => [zstd(head), zstd(tail)].concat(),
        5 => {
            let mut bytes = gzip(text);
            bytes.truncate(bytes.len() * 3 / 4);
            bytes
        }
        6 => gzip(&gzip(text)),
        7 => gzip(&zstd(text)),
        8 => [gzip(head), tail.to_vec()].concat(),
        9 => {
            let mut bytes = zstd(text);
            bytes.truncate(bytes.len() * 3 / 4);
            bytes
        }
        // Repeated, so that short inputs reach the limits.
        10 => gzip(&text.repeat(1 + (8 << 10) / text.len().max(1))),
        11 => text.repeat(1 + (8 << 10) / text.len().max(1)),
        _ => text.to_vec(),
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(text, 1).expect("memory takes all")
}

/// Hands bytes out a few at a time.
struct Dribble<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Dribble<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = out.len().min(self.step);
        self.bytes.read(out.get_mut(..count).unwrap_or_default())
    }
}

/// All that a sink is told.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sink {
    records: Vec<(u32, String)>,
    defects: Vec<(Option<u32>, DefectKind, String)>,
}

impl Sink {
    fn check(&self, summary: ReadSummary) {
        let mut indices: Vec<u32> = self.records.iter().map(|(index, _)| *index).collect();
        indices.extend(self.defects.iter().filter_map(|(index, ..)| *index));
        indices.sort_unstable();
        assert!(indices.iter().copied().eq(0..indices.len() as u32), "each index once, and none left out: {indices:?}");
        assert!(self.records.is_sorted_by_key(|(index, _)| *index), "records in the order of the object");
        if matches!(summary.kind, ObjectKind::Foreign | ObjectKind::Digest | ObjectKind::Insight) {
            assert!(self.records.is_empty(), "{:?} yields no records", summary.kind);
        }
        if summary.kind == ObjectKind::Broken {
            assert!(!self.defects.is_empty(), "a broken object says why");
        }
    }
}

impl RecordSink for Sink {
    fn record(&mut self, index: RecordIndex, record: &Record<'_>) {
        self.records.push((index.0, format!("{record:?}")));
    }

    fn defect(&mut self, index: Option<RecordIndex>, kind: DefectKind, message: &str) {
        self.defects.push((index.map(|index| index.0), kind, message.to_owned()));
    }
}
