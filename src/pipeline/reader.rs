//! Reads one object after the other, each with the buffers of the one before.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use super::plan::Plan;
use crate::model::arn;
use crate::model::coverage::DefectKind;
use crate::model::receipt::Content;
use crate::model::record::ObjectKind;
use crate::model::record::RecordSink as _;
use crate::model::width::wide;
use crate::observe::Observer;
use crate::read;
use crate::source::Object;
use crate::source::Place;
use crate::source::SIDECAR;
use crate::source::s3::Fetched;

/// Objects from this size on are inflated as a stream, so that memory stays flat.
const STREAMED: u64 = 4 << 20;

/// One worker's buffers.
#[derive(Default)]
pub(super) struct Reader {
    bytes: Vec<u8>,
    scratch: read::Scratch,
    /// What was skipped and is none of CloudTrail's, and why.
    pub(super) set_apart: Vec<(String, &'static str)>,
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
    /// The user named this very object: it is expected to be a log.
    pub(super) is_named: bool,
}

impl Reader {
    /// Reads one object from the disk or from standard input.
    pub(super) fn read(&mut self, object: &Object, plan: &Plan, way: Way, observer: &mut Observer<'_>) -> Outcome {
        observer.begin(&object.name);
        if is_marker(object, way) && matches!(object.place, Place::File(_)) {
            return self.mark(object, observer);
        }
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
                let summary =
                    read::read_stream(source, way.has_idle_threads, &mut self.scratch, &plan.limits, observer);
                return Ok((summary, count.load(Ordering::Relaxed), None));
            }
            self.bytes.clear();
            let mut source = source;
            source.read_to_end(&mut self.bytes)?;
            let summary = read::read_object(&self.bytes, &mut self.scratch, &plan.limits, observer);
            Ok((summary, wide(self.bytes.len()), None))
        });
        match read {
            Ok((summary, stored, content)) => (Some(self.end(object, &summary, stored, way, observer)), content),
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
        if let Some(when) = fetched.written {
            observer.written(when);
        }
        if is_marker(object, way) && fetched.bytes.is_empty() {
            return self.mark(object, observer);
        }
        let (summary, content) = if way.is_witnessed {
            self.witness(fetched.bytes.as_slice(), false, || fetched.signature.clone(), plan, observer)
        } else {
            (read::read_object(&fetched.bytes, &mut self.scratch, &plan.limits, observer), None)
        };
        (Some(self.end(object, &summary, wide(fetched.bytes.len()), way, observer)), content)
    }

    /// Counts an empty object that other tools leave behind.
    fn mark(&mut self, object: &Object, observer: &mut Observer<'_>) -> Outcome {
        self.set_apart.push((object.name.clone(), "empty"));
        observer.end(ObjectKind::Foreign, 0, 0);
        (Some(ObjectKind::Foreign), None)
    }

    /// Counts an object that was read.
    fn end(
        &mut self,
        object: &Object,
        summary: &read::ReadSummary,
        stored: u64,
        way: Way,
        observer: &mut Observer<'_>,
    ) -> ObjectKind {
        let mut kind = summary.kind;
        if kind == ObjectKind::Foreign {
            let (what, is_broken, may_hold_logs) = match summary.not_json {
                Some(other) => (
                    other.what,
                    !other.is_json && claims_json(&object.name),
                    other.may_hold_logs && !is_of_others(&object.name),
                ),
                None => ("JSON, and not of CloudTrail", false, false),
            };
            if is_broken || may_hold_logs || way.is_named && !object.name.ends_with(SIDECAR) {
                let defect = if is_broken { DefectKind::MalformedObject } else { DefectKind::UnreadForm };
                observer.defect(None, defect, what);
                kind = ObjectKind::Broken;
            } else {
                self.set_apart.push((object.name.clone(), what.trim_start_matches("not JSON: ")));
            }
        }
        observer.end(kind, stored, summary.inflated_bytes);
        kind
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

/// Says whether an object is as empty as the markers of other tools are, such as `_SUCCESS`, and has a name like theirs: a
/// log without bytes is a defect.
fn is_marker(object: &Object, way: Way) -> bool {
    object.size == 0 && !way.is_named && !claims_json(&object.name)
}

/// Says whether an object is a document of people, or lies where a service other than CloudTrail writes its logs, in
/// whatever form.
fn is_of_others(name: &str) -> bool {
    if matches!(name.rsplit_once('.'), Some((_, "docx" | "pptx" | "odt" | "odp" | "jar" | "epub"))) {
        return true;
    }
    let mut names = name.rsplit_once("AWSLogs/").map_or("", |(_, below)| below).split('/').peekable();
    names.next_if(|name| name.starts_with("o-"));
    names.next().is_some_and(arn::is_account_id) && names.next().is_some_and(|name| !name.starts_with("CloudTrail"))
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
