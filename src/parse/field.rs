//! The top-level keys of a record, and how each one's value enters the [`Record`].

use std::borrow::Cow;

use super::text;
use crate::model::record::Record;
use crate::model::time::Timestamp;

/// A top-level key that means something to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    EventVersion,
    EventTime,
    EventSource,
    EventName,
    Region,
    SourceIp,
    UserAgent,
    ErrorCode,
    ErrorMessage,
    EventId,
    SharedEventId,
    RequestId,
    EventType,
    EventCategory,
    RecipientAccount,
    VpcEndpoint,
    // Those above are decoded; the order matters to `is_decoded`.
    ReadOnly,
    FromConsole,
    UserIdentity,
    RequestParameters,
    ResponseElements,
    AdditionalEventData,
    Resources,
    TlsDetails,
    Addendum,
    /// A key of an envelope around records, or of a digest file.
    Envelope,
    /// Anything else.
    Other,
}

impl Field {
    /// Looks a key up, by length first: comparing with a constant of known length is a few instructions.
    #[inline]
    pub(crate) fn of(key: &[u8]) -> Self {
        match key.len() {
            4 if key == b"_raw" => Self::Envelope,
            6 if key == b"detail" || key == b"Events" || key == b"events" => Self::Envelope,
            7 => Self::of_seven(key),
            8 if key == b"readOnly" => Self::ReadOnly,
            8 if key == b"addendum" => Self::Addendum,
            9 => Self::of_nine(key),
            10 if key == b"tlsDetails" => Self::TlsDetails,
            11 if key == b"eventSource" => Self::EventSource,
            12 if key == b"eventVersion" => Self::EventVersion,
            12 if key == b"userIdentity" => Self::UserIdentity,
            12 if key == b"errorMessage" => Self::ErrorMessage,
            13 if key == b"eventCategory" => Self::EventCategory,
            13 if key == b"sharedEventID" => Self::SharedEventId,
            13 if key == b"vpcEndpointId" => Self::VpcEndpoint,
            13 if key == b"digestEndTime" => Self::Envelope,
            14 if key == b"digestS3Object" => Self::Envelope,
            15 if key == b"sourceIPAddress" => Self::SourceIp,
            15 if key == b"CloudTrailEvent" => Self::Envelope,
            16 if key == b"responseElements" => Self::ResponseElements,
            17 if key == b"requestParameters" => Self::RequestParameters,
            18 if key == b"recipientAccountId" => Self::RecipientAccount,
            19 if key == b"additionalEventData" => Self::AdditionalEventData,
            28 if key == b"sessionCredentialFromConsole" => Self::FromConsole,
            _ => Self::Other,
        }
    }

    #[inline]
    fn of_seven(key: &[u8]) -> Self {
        match key {
            _ if key == b"eventID" => Self::EventId,
            _ if key == b"Records" || key == b"message" => Self::Envelope,
            _ => Self::Other,
        }
    }

    #[inline]
    fn of_nine(key: &[u8]) -> Self {
        match key {
            _ if key == b"eventTime" => Self::EventTime,
            _ if key == b"eventName" => Self::EventName,
            _ if key == b"eventType" => Self::EventType,
            _ if key == b"awsRegion" => Self::Region,
            _ if key == b"userAgent" => Self::UserAgent,
            _ if key == b"requestID" => Self::RequestId,
            _ if key == b"errorCode" => Self::ErrorCode,
            _ if key == b"resources" => Self::Resources,
            _ if key == b"logEvents" => Self::Envelope,
            _ => Self::Other,
        }
    }

    /// Says whether a string for this key is decoded, so that a bad escape in it is noticed.
    #[inline]
    pub(crate) fn is_decoded(self) -> bool {
        (Self::EventTime as u8..=Self::VpcEndpoint as u8).contains(&(self as u8))
    }

    /// Says whether the key shows that its object is a CloudTrail record.
    #[inline]
    pub(crate) fn is_mark(self) -> bool {
        matches!(self, Self::EventVersion | Self::EventName | Self::EventSource | Self::UserIdentity)
    }
}

/// Says whether `key` with a value that starts with `first` makes its object an envelope around records.
pub(crate) fn is_envelope(key: &[u8], first: u8) -> bool {
    match key {
        b"Records" => true,
        b"Events" | b"events" | b"logEvents" => first == b'[',
        b"detail" => first == b'{',
        b"CloudTrailEvent" | b"message" | b"_raw" | b"digestS3Object" | b"digestEndTime" => first == b'"',
        _ => false,
    }
}

/// The value of a top-level key, not looked into.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    /// `null`, or a number: no field of ours is one.
    Null,
    /// A number, as written.
    Number(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// A string: with its quotes, and whether it may hold an escape.
    Text(&'a str, bool),
    /// An object, as written.
    Object(&'a str),
    /// An array, as written.
    Array(&'a str),
}

impl<'a> Value<'a> {
    /// Classifies the text of one JSON value, which has no white space around it.
    pub(crate) fn of(raw: &'a str) -> Self {
        match raw.as_bytes().first() {
            Some(b'"') => Self::Text(raw, memchr::memchr(b'\\', raw.as_bytes()).is_some()),
            Some(b'{') => Self::Object(raw),
            Some(b'[') => Self::Array(raw),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(raw),
        }
    }

    #[inline]
    fn raw(self) -> Option<&'a str> {
        match self {
            Self::Null => None,
            Self::Number(raw) | Self::Text(raw, _) | Self::Object(raw) | Self::Array(raw) => Some(raw),
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
        }
    }

    /// Returns the text of a string that is not empty; `Err` when an escape in it is not valid.
    #[inline]
    fn text(self) -> Result<Option<Cow<'a, str>>, BadEscape> {
        match self {
            Self::Text(raw, escaped) => {
                let inner = raw.get(1..raw.len() - 1).unwrap_or_default();
                if inner.is_empty() {
                    Ok(None)
                } else if escaped {
                    text::decode(inner).map(Some).ok_or(BadEscape)
                } else {
                    Ok(Some(Cow::Borrowed(inner)))
                }
            }
            _ => Ok(None),
        }
    }

    fn flag(self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(flag),
            Self::Text("\"true\"", _) => Some(true),
            Self::Text("\"false\"", _) => Some(false),
            _ => None,
        }
    }
}

/// A string holds an escape that JSON does not know.
#[derive(Debug)]
pub(crate) struct BadEscape;

/// Puts a value into its field. Of two values for one key the last one stays, whatever it is.
#[inline]
pub(crate) fn set<'a>(record: &mut Record<'a>, field: Field, value: Value<'a>) -> Result<(), BadEscape> {
    match field {
        Field::EventTime => record.event_time = value.text()?.and_then(|text| Timestamp::parse_iso(&text)),
        Field::EventSource => record.event_source = value.text()?,
        Field::EventName => record.event_name = value.text()?,
        Field::Region => record.region = value.text()?,
        Field::SourceIp => record.source_ip = value.text()?,
        Field::UserAgent => record.user_agent = value.text()?,
        Field::ErrorCode => record.error_code = value.text()?,
        Field::ErrorMessage => record.error_message = value.text()?,
        Field::EventId => record.event_id = value.text()?,
        Field::SharedEventId => record.shared_event_id = value.text()?,
        Field::RequestId => record.request_id = value.text()?,
        Field::EventType => record.event_type = value.text()?,
        Field::EventCategory => record.event_category = value.text()?,
        Field::RecipientAccount => record.recipient_account = value.text()?,
        Field::VpcEndpoint => record.via_vpc_endpoint = value.text()?.is_some(),
        Field::ReadOnly => record.read_only = value.flag(),
        Field::FromConsole => record.from_console = value.flag() == Some(true),
        Field::UserIdentity => {
            record.user_identity = match value {
                Value::Object(raw) => Some(raw),
                _ => None,
            }
        }
        Field::RequestParameters => record.request_parameters = value.raw(),
        Field::ResponseElements => record.response_elements = value.raw(),
        Field::AdditionalEventData => record.additional_event_data = value.raw(),
        Field::Resources => record.resources = value.raw(),
        Field::TlsDetails => record.tls_details = value.raw(),
        Field::Addendum => record.addendum = value.raw(),
        Field::EventVersion | Field::Envelope | Field::Other => {}
    }
    Ok(())
}
