//! Coverage: what was read, what was not, and why.

use std::fmt;

/// What is wrong with an object or a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefectKind {
    /// The object could not be opened or fetched.
    Unreadable,
    /// The object has no bytes, or nothing but white space.
    Empty,
    /// The compressed stream is corrupt.
    CorruptCompression,
    /// The compressed stream or the JSON ends too early.
    Truncated,
    /// The object holds something else than when it was read before.
    Changed,
    /// The object inflates past the limit.
    TooLarge,
    /// The object is not text in UTF-8.
    NotUtf8,
    /// The object is not JSON, or not the JSON that it claims to be.
    MalformedObject,
    /// The object may hold logs, and has a form that is not read: an archive, a table, JSON of another shape.
    UnreadForm,
    /// One record is not a JSON object, is not valid JSON, or has an event time that is none.
    MalformedRecord,
    /// One record is larger than the limit.
    RecordTooLarge,
    /// One record is nested deeper than the limit.
    TooDeep,
    /// One record has neither event name nor event source.
    MissingField,
    /// Who made the call cannot be read off one record, which was read for the rest. It counts as a record all the same.
    UnreadableCaller,
    /// One record is of another account than the folder it lies in. It was read and counts all the same.
    Misplaced,
    /// One record is dated after its own delivery, or after now. It counts nowhere.
    ImplausibleTime,
    /// The record has a shape that is known and not supported, such as aggregated events.
    Unsupported,
}

impl DefectKind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Unreadable,
        Self::Changed,
        Self::Empty,
        Self::CorruptCompression,
        Self::Truncated,
        Self::TooLarge,
        Self::NotUtf8,
        Self::MalformedObject,
        Self::UnreadForm,
        Self::MalformedRecord,
        Self::RecordTooLarge,
        Self::TooDeep,
        Self::MissingField,
        Self::UnreadableCaller,
        Self::Misplaced,
        Self::ImplausibleTime,
        Self::Unsupported,
    ];

    /// Reads the name used in reports.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Changed => "changed",
            Self::Empty => "empty",
            Self::CorruptCompression => "corrupt_compression",
            Self::Truncated => "truncated",
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::MalformedObject => "malformed_object",
            Self::UnreadForm => "unread_form",
            Self::MalformedRecord => "malformed_record",
            Self::RecordTooLarge => "record_too_large",
            Self::TooDeep => "too_deep",
            Self::MissingField => "missing_field",
            Self::UnreadableCaller => "unreadable_caller",
            Self::Misplaced => "misplaced",
            Self::ImplausibleTime => "implausible_time",
            Self::Unsupported => "unsupported",
        }
    }

    /// Says whether the record was read in spite of the defect.
    pub fn is_of_read_record(self) -> bool {
        matches!(self, Self::UnreadableCaller | Self::Misplaced)
    }
}

/// What is set aside because it is regular content that is no record of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AsideKind {
    /// CloudWatch Logs asks whether the receiver is there.
    ControlMessage,
    /// An EventBridge event that does not come from CloudTrail.
    OtherEvent,
    /// A notification of S3, SQS, SNS or DynamoDB.
    Notification,
    /// A Kinesis record: whatever it carries is encoded once more.
    Kinesis,
    /// An aggregated event of CloudTrail.
    Aggregated,
    /// An Insights event of CloudTrail.
    Insight,
    /// A network activity event: a second record of a call that went through a VPC endpoint.
    NetworkActivity,
}

impl AsideKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::ControlMessage,
        Self::OtherEvent,
        Self::Notification,
        Self::Kinesis,
        Self::Aggregated,
        Self::Insight,
        Self::NetworkActivity,
    ];

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlMessage => "control_message",
            Self::OtherEvent => "other_event",
            Self::Notification => "notification",
            Self::Kinesis => "kinesis",
            Self::Aggregated => "aggregated",
            Self::Insight => "insight",
            Self::NetworkActivity => "network_activity",
        }
    }

    /// Says in words what it is, and why it is set aside.
    pub fn message(self) -> &'static str {
        match self {
            Self::ControlMessage => "a control message of CloudWatch Logs, not a CloudTrail record",
            Self::OtherEvent => "an EventBridge event of another source, not a CloudTrail record",
            Self::Notification => "a notification of a service, not a CloudTrail record",
            Self::Kinesis => "a Kinesis record: what it carries is encoded and is not read",
            Self::Aggregated => "an aggregated event: it has no single caller, name or time",
            Self::Insight => "an Insights event among ordinary records",
            Self::NetworkActivity => "a network activity event of a VPC endpoint: a second record of a call",
        }
    }

    /// Finds the kind that a reader's message stands for.
    pub fn of_message(message: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.message() == message)
    }
}

/// What was set aside of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetAside {
    /// How many pieces.
    pub records: u64,
    /// In how many objects.
    pub objects: u64,
    /// One of the objects: the first by name.
    pub example: String,
}

impl SetAside {
    /// Takes in what was set aside in other objects.
    pub fn merge(&mut self, other: Self) {
        let is_first = self.objects == 0 || (other.objects > 0 && other.example < self.example);
        self.records += other.records;
        self.objects += other.objects;
        if is_first {
            self.example = other.example;
        }
    }
}

impl fmt::Display for DefectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One piece of bad input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// The object, as the user named it: a path or an `s3://` address.
    pub object: String,
    /// The record inside the object, counted from 0; `None` when the object itself is defective.
    pub index: Option<u32>,
    /// What kind of defect it is.
    pub kind: DefectKind,
    /// What is wrong, in words. Never a quotation of the record.
    pub message: String,
}
