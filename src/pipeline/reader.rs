//! Reads one object after the other, each with the buffers of the one before.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use super::plan::Plan;
use crate::model::coverage::DefectKind;
use crate::model::receipt::Content;
use crate::model::record::ObjectKind;
use crate::model::record::RecordSink as _;
use crate::model::width::wide;
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

/// What an object turned out to be (`None` when it could not be opened or fetched), and what the check of digests needs.
pub(super) type Outcome = (Option<ObjectKind>, Option<Content>);

/// How objects are read.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// One thread may inflate while another parses.
    pub(super) has_idle_threads: bool,
    /// What is inflated is hashed on its way.
    pub(super) is_witnessed: bool,
}

impl Reader {
    /// Reads one object from the disk or from standard input.
    pub(super) fn read(&mut self, object: &Object, plan: &Plan, way: Way, observer: &mut Observer<'_>) -> Outcome {
        observer.begin(&object.name);
        let read = object.open().and_then(|source| {
            if way.is_witnessed {
                let source = Counted { source, count: Arc::default() };
                let count = Arc::clone(&source.count);
                let is_overlapped = way.has_idle_threads && STREAMED <= object.size;
                let signature = || object.signature();
                let (summary, content) = self.witness(source, is_overlapped, signature, plan, observer);
                return Ok((summary, count.load(Ordering::Relaxed), content));
            }
            if object.size == 0 || STREAMED <= object.size {
                let source = Counted { source, count: Arc::default() };
                let count = Arc::clone(&source.count);
                let summary = if way.has_idle_threads {
                    read::read_stream_overlapped(source, &mut self.scratch, &plan.limits, observer)
                } else {
                    read::read_stream(source, &mut self.scratch, &plan.limits, observer)
                };
                return Ok((summary, count.load(Ordering::Relaxed), None));
            }
            self.bytes.clear();
            let mut source = source;
            source.read_to_end(&mut self.bytes)?;
            let summary = read::read_object(&self.bytes, &mut self.scratch, &plan.limits, observer);
            Ok((summary, wide(self.bytes.len()), None))
        });
        match read {
            Ok((summary, stored, content)) => (Some(end(object, &summary, stored, observer)), content),
            Err(error) => fail(&error.to_string(), observer),
        }
    }

    /// Reads one object that came from a bucket as a whole.
    pub(super) fn read_fetched(
        &mut self,
        object: &Object,
        fetched: &Result<Fetched, String>,
        plan: &Plan,
        way: Way,
        observer: &mut Observer<'_>,
    ) -> Outcome {
        observer.begin(&object.name);
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(reason) => return fail(reason, observer),
        };
        let (summary, content) = if way.is_witnessed {
            self.witness(fetched.bytes.as_slice(), false, || fetched.signature.clone(), plan, observer)
        } else {
            (read::read_object(&fetched.bytes, &mut self.scratch, &plan.limits, observer), None)
        };
        (Some(end(object, &summary, wide(fetched.bytes.len()), observer)), content)
    }

    /// Reads and hashes. Only digest files have signatures.
    fn witness(
        &mut self,
        source: impl Read + Send,
        is_overlapped: bool,
        signature: impl FnOnce() -> Option<String>,
        plan: &Plan,
        observer: &mut Observer<'_>,
    ) -> (read::ReadSummary, Option<Content>) {
        let (summary, mut content) =
            read::read_witnessed(source, is_overlapped, &mut self.scratch, &plan.limits, observer);
        if let Some(content) = content.as_mut().filter(|content| content.digest.is_some()) {
            content.signature = signature();
        }
        (summary, content)
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
fn fail(reason: &str, observer: &mut Observer<'_>) -> Outcome {
    observer.defect(None, DefectKind::Unreadable, reason);
    observer.end(ObjectKind::Broken, 0, 0);
    (None, None)
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
        self.count.fetch_add(wide(read), Ordering::Relaxed);
        Ok(read)
    }
}
