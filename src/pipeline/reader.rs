//! Reads one object after the other, each with the buffers of the one before.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use super::Plan;
use crate::model::coverage::DefectKind;
use crate::model::record::ObjectKind;
use crate::model::record::RecordSink as _;
use crate::observe::Observer;
use crate::read;
use crate::source::Object;
use crate::source::s3::Fetched;

/// Objects from this size on are inflated as a stream, so that memory stays flat.
const STREAMED: u64 = 4 << 20;

/// One worker's buffers.
#[derive(Default)]
pub(super) struct Reader {
    bytes: Vec<u8>,
    scratch: read::Scratch,
}

impl Reader {
    /// Reads one object, and returns what it turned out to be; `None` when it could not be opened or fetched.
    pub(super) fn read(
        &mut self,
        object: &Object,
        plan: &Plan,
        has_idle_threads: bool,
        observer: &mut Observer<'_>,
    ) -> Option<ObjectKind> {
        observer.begin(&object.name);
        let read = object.open().and_then(|source| {
            if object.size == 0 || STREAMED <= object.size {
                let source = Counted { source, count: Arc::default() };
                let count = Arc::clone(&source.count);
                let summary = if has_idle_threads {
                    read::read_stream_overlapped(source, &mut self.scratch, &plan.limits, observer)
                } else {
                    read::read_stream(source, &mut self.scratch, &plan.limits, observer)
                };
                return Ok((summary, count.load(Ordering::Relaxed)));
            }
            self.bytes.clear();
            let mut source = source;
            source.read_to_end(&mut self.bytes)?;
            let summary = read::read_object(&self.bytes, &mut self.scratch, &plan.limits, observer);
            Ok((summary, count(self.bytes.len())))
        });
        match read {
            Ok((summary, stored)) => Some(end(object, &summary, stored, observer)),
            Err(error) => {
                fail(&error.to_string(), observer);
                None
            }
        }
    }

    /// Reads one object that came from a bucket as a whole, and returns what it turned out to be; `None` when it could
    /// not be fetched.
    pub(super) fn read_fetched(
        &mut self,
        object: &Object,
        fetched: &Result<Fetched, String>,
        plan: &Plan,
        observer: &mut Observer<'_>,
    ) -> Option<ObjectKind> {
        observer.begin(&object.name);
        match fetched {
            Ok(fetched) => {
                let summary = read::read_object(&fetched.bytes, &mut self.scratch, &plan.limits, observer);
                Some(end(object, &summary, count(fetched.bytes.len()), observer))
            }
            Err(reason) => {
                fail(reason, observer);
                None
            }
        }
    }
}

/// Counts an object that was read.
fn end(object: &Object, summary: &read::ReadSummary, stored: u64, observer: &mut Observer<'_>) -> ObjectKind {
    let kind = match summary.not_json {
        Some(reason) if summary.kind == ObjectKind::Foreign && claims_json(&object.name) => {
            observer.defect(None, DefectKind::MalformedObject, reason);
            ObjectKind::Broken
        }
        _ => summary.kind,
    };
    observer.end(kind, stored, summary.inflated_bytes);
    kind
}

/// Counts an object that could not be read.
fn fail(reason: &str, observer: &mut Observer<'_>) {
    observer.defect(None, DefectKind::Unreadable, reason);
    observer.end(ObjectKind::Broken, 0, 0);
}

/// Says whether an object's name promises JSON, packed or not: then another content is a defect, not another kind of
/// file. `x.log.gz` promises something else, and buckets hold many such beside CloudTrail's; `x.gz` promises nothing else.
fn claims_json(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let inner = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst"));
    match inner.unwrap_or(&name).rsplit_once('.') {
        Some((_, "json" | "jsonl" | "ndjson")) => true,
        Some((_, ending)) => inner.is_some() && !ending.bytes().all(|byte| byte.is_ascii_alphabetic()),
        None => inner.is_some(),
    }
}

/// Counts the bytes that go through it.
struct Counted {
    source: Box<dyn Read + Send>,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.count.fetch_add(count(read), Ordering::Relaxed);
        Ok(read)
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
