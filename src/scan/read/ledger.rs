//! Keeps the account of one object: every record is delivered or noted as a defect, once, and at the end the object
//! gets its kind.
//!
//! Whether an odd object is a defect or simply not CloudTrail is known only when a record was recognized. Until then
//! defects wait here.

use crate::model::coverage::{AsideKind, DefectKind};
use crate::model::record::{ObjectKind, Record, RecordIndex, RecordSink};

/// Defects of neighboring records with the same fault.
struct Waiting {
    first: u32,
    count: u32,
    kind: DefectKind,
    message: &'static str,
}

/// The account of one object.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "four facts, independent of each other")]
pub(super) struct Ledger {
    next: u32,
    waiting: Vec<Waiting>,
    insights: u32,
    delivered: bool,
    /// The object says that it holds CloudTrail records, whatever they turn out to be.
    pub(super) certain: bool,
    /// The object has the keys of a digest.
    pub(super) digest: bool,
    /// What comes next is part of something that holds no records, unless it proves to be one.
    pub(super) apart: Option<AsideKind>,
    broken: bool,
    object_defects: Vec<(DefectKind, &'static str)>,
}

/// What is said of a piece that is no object.
pub(super) const NOT_AN_OBJECT: &str = "not a JSON object";

impl Ledger {
    /// How many records were seen, defective ones included.
    pub(super) fn seen(&self) -> u32 {
        self.next
    }

    /// Says whether anything shows that this object holds CloudTrail records.
    pub(super) fn is_recognized(&self) -> bool {
        self.certain || self.delivered || self.insights > 0
    }

    /// Delivers one record, or notes why not.
    pub(super) fn record(&mut self, sink: &mut dyn RecordSink, record: &Record<'_>, recognized: bool) {
        if let Some(kind) = self.apart.filter(|_| !is_whole(record)) {
            return self.aside(sink, kind);
        }
        if let Some(kind) = aside_kind(record) {
            return self.aside(sink, kind);
        }
        if let Some((kind, message)) = reason_to_refuse(record, recognized) {
            self.certain |= recognized;
            return self.defect(sink, kind, message);
        }
        if !self.delivered {
            self.delivered = true;
            self.deliver_waiting(sink);
        }
        sink.record(RecordIndex(self.next), record);
        self.next = self.next.saturating_add(1);
    }

    /// Sets aside one piece that is no record of a call and need not be one.
    pub(super) fn aside(&mut self, sink: &mut dyn RecordSink, kind: AsideKind) {
        match kind {
            AsideKind::Insight => self.insights += 1,
            // All of them are in one stream, CloudTrail's and everybody else's.
            AsideKind::OtherEvent => {}
            _ => self.certain = true,
        }
        self.defect(sink, DefectKind::Unsupported, kind.message());
    }

    /// Notes one defective record.
    pub(super) fn defect(&mut self, sink: &mut dyn RecordSink, kind: DefectKind, message: &'static str) {
        if let Some(apart) = self.apart.filter(|_| kind == DefectKind::MissingField || message == NOT_AN_OBJECT) {
            return self.aside(sink, apart);
        }
        let index = self.next;
        self.next = self.next.saturating_add(1);
        if self.delivered {
            sink.defect(Some(RecordIndex(index)), kind, message);
            return;
        }
        match self.waiting.last_mut() {
            Some(last) if last.kind == kind && last.message == message => last.count += 1,
            _ => self.waiting.push(Waiting { first: index, count: 1, kind, message }),
        }
    }

    /// Notes that the object could not be read to its end.
    pub(super) fn broken(&mut self) {
        self.broken = true;
    }

    /// Notes a defect of the object as a whole, once per kind.
    pub(super) fn object_defect(&mut self, kind: DefectKind, message: &'static str) {
        if !self.object_defects.iter().any(|(known, _)| *known == kind) {
            self.object_defects.push((kind, message));
        }
    }

    fn deliver_waiting(&mut self, sink: &mut dyn RecordSink) {
        for run in self.waiting.drain(..) {
            for index in run.first..run.first + run.count {
                sink.defect(Some(RecordIndex(index)), run.kind, run.message);
            }
        }
    }

    /// Closes the account. `inflate_fault` is what went wrong before there was any JSON to look at.
    pub(super) fn finish(
        mut self,
        sink: &mut dyn RecordSink,
        inflate_fault: Option<super::fault::Fault>,
        is_blank: bool,
    ) -> ObjectKind {
        let only_insights = self.insights > 0 && self.insights == self.next;
        let is_ours = self.delivered || ((self.certain || self.insights > 0) && !only_insights);
        if is_ours {
            self.deliver_waiting(sink);
        }
        if is_ours || only_insights {
            for (kind, message) in std::mem::take(&mut self.object_defects) {
                sink.defect(None, kind, message);
            }
        }
        if let Some(fault) = inflate_fault {
            sink.defect(None, fault.kind, fault.message);
            if fault.loses_data {
                return ObjectKind::Broken;
            }
        } else if is_blank {
            sink.defect(None, DefectKind::Empty, "the object holds nothing");
            return ObjectKind::Broken;
        }
        match () {
            () if self.broken && (is_ours || only_insights) => ObjectKind::Broken,
            () if self.digest && !is_ours && !only_insights => ObjectKind::Digest,
            () if only_insights => ObjectKind::Insight,
            () if is_ours => ObjectKind::Records,
            () => ObjectKind::Foreign,
        }
    }
}

/// Says what an object in valid JSON is when it is something else than a record of a call, by its whole shape: one word in a
/// record of a call hides nothing.
#[inline]
fn aside_kind(record: &Record<'_>) -> Option<AsideKind> {
    let category = record.event_category.as_deref().unwrap_or_default();
    let kind = record.event_type.as_deref().unwrap_or_default();
    let has_call = record.event_name.is_some() || record.user_identity.is_some();
    if (category == "Insight" || kind == "AwsCloudTrailInsight") && !has_call {
        return Some(AsideKind::Insight);
    }
    if (category == "Aggregated" || kind == "AwsAggregatedEvent") && !has_call {
        return Some(AsideKind::Aggregated);
    }
    // S3, SNS and DynamoDB notifications have the same keys as CloudTrail, but neither type nor recipient.
    let service = record.event_source.as_deref()?.strip_prefix("aws:")?;
    let is_typed = record.event_type.is_some() || record.event_category.is_some() || record.recipient_account.is_some();
    if is_typed {
        return None;
    }
    Some(if service == "kinesis" { AsideKind::Kinesis } else { AsideKind::Notification })
}

/// Says whether a record names a call and its service: nothing else in EventBridge does.
fn is_whole(record: &Record<'_>) -> bool {
    record.event_source.is_some() && record.event_name.is_some()
}

/// Says why an object in valid JSON is not a record to deliver.
#[inline]
fn reason_to_refuse(record: &Record<'_>, recognized: bool) -> Option<(DefectKind, &'static str)> {
    if record.event_source.is_none() && record.event_name.is_none() {
        let message =
            if recognized { "no event name and no event source" } else { "none of the keys of a CloudTrail record" };
        return Some((DefectKind::MissingField, message));
    }
    record.has_bad_time.then_some((DefectKind::MalformedRecord, "the event time is not a time"))
}
