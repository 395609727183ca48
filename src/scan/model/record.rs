//! A record: what the parser hands on from one CloudTrail record, borrowed from the inflated object.

use std::borrow::Cow;

use super::coverage::DefectKind;
use super::time::Timestamp;

/// One CloudTrail record: the few fields that every record needs, and raw JSON for those that only some need.
///
/// Every field is optional because real records leave each of them out. An empty string in the log is `None`.
/// `responseElements.credentials.sessionToken` is never looked at: there is no field for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record<'a> {
    /// `eventTime`.
    pub event_time: Option<Timestamp>,
    /// True when `eventTime` says something that is no moment.
    pub has_bad_time: bool,
    /// `eventSource`, such as `sts.amazonaws.com`.
    pub event_source: Option<Cow<'a, str>>,
    /// `eventName`, such as `AssumeRole`.
    pub event_name: Option<Cow<'a, str>>,
    /// `awsRegion`.
    pub region: Option<Cow<'a, str>>,
    /// `sourceIPAddress`: an address, a service's host name, or `AWS Internal`.
    pub source_ip: Option<Cow<'a, str>>,
    /// `userAgent`.
    pub user_agent: Option<Cow<'a, str>>,
    /// `errorCode`.
    pub error_code: Option<Cow<'a, str>>,
    /// `errorMessage`.
    pub error_message: Option<Cow<'a, str>>,
    /// `readOnly`: a boolean, or the strings `"true"` and `"false"` that `lookup-events` writes.
    pub read_only: Option<bool>,
    /// `eventID`.
    pub event_id: Option<Cow<'a, str>>,
    /// `sharedEventID`: the same on both copies of a cross-account call.
    pub shared_event_id: Option<Cow<'a, str>>,
    /// `requestID`.
    pub request_id: Option<Cow<'a, str>>,
    /// `eventType`, such as `AwsApiCall`.
    pub event_type: Option<Cow<'a, str>>,
    /// `eventCategory`, such as `Management` or `Aggregated`.
    pub event_category: Option<Cow<'a, str>>,
    /// `recipientAccountId`: the account in whose log the record stands.
    pub recipient_account: Option<Cow<'a, str>>,
    /// True when `vpcEndpointId` is present.
    pub via_vpc_endpoint: bool,
    /// True when `sessionCredentialFromConsole` is `"true"`.
    pub from_console: bool,
    /// The raw JSON of `userIdentity`, when it is an object.
    pub user_identity: Option<&'a str>,
    /// What is wrong with `userIdentity` as a value of the record.
    pub odd_caller: Option<&'static str>,
    /// The raw JSON of `requestParameters`, when it is not null.
    pub request_parameters: Option<&'a str>,
    /// The raw JSON of `responseElements`, when it is not null.
    pub response_elements: Option<&'a str>,
    /// The raw JSON of `additionalEventData`, when it is not null.
    pub additional_event_data: Option<&'a str>,
    /// The raw JSON of `resources`, when it is not null.
    pub resources: Option<&'a str>,
    /// The raw JSON of `tlsDetails`, when it is not null.
    pub tls_details: Option<&'a str>,
    /// The raw JSON of `addendum`, when it is not null.
    pub addendum: Option<&'a str>,
}

/// Where a record stands inside its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordIndex(pub u32);

/// Takes what reading one object yields, in the order of the object.
pub trait RecordSink {
    /// Takes one record. `index` counts the object's records from 0, defective ones included.
    fn record(&mut self, index: RecordIndex, record: &Record<'_>);

    /// Takes one defective record (or, without an index, a defect of the object as a whole).
    ///
    /// `message` says what is wrong and quotes nothing of the record: records carry session tokens.
    fn defect(&mut self, index: Option<RecordIndex>, kind: DefectKind, message: &str);
}

/// What an object turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// CloudTrail records, in any of the envelopes that are recognized. It may hold none.
    Records,
    /// A CloudTrail digest file: skipped.
    Digest,
    /// A CloudTrail Insight file: skipped.
    Insight,
    /// Not CloudTrail at all, and not pretending to be: skipped.
    Foreign,
    /// Could not be read to its end: the defects say why. Records before the fault were handed on.
    Broken,
}

impl ObjectKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Records, Self::Digest, Self::Insight, Self::Foreign, Self::Broken];

    /// Returns the name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Digest => "digest",
            Self::Insight => "insight",
            Self::Foreign => "foreign",
            Self::Broken => "broken",
        }
    }
}
