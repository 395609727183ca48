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
    /// A key of an envelope that holds an array of records.
    Records,
    /// A key of an envelope around one record, or of a digest file.
    Envelope,
    /// Anything else.
    Other,
}

/// How many fields there are.
pub(super) const FIELDS: usize = Field::Other.number() + 1;

impl Field {
    /// Returns the place of its value among those of all fields.
    #[inline]
    #[expect(clippy::as_conversions, reason = "nothing else turns a variant into its number")]
    pub(super) const fn number(self) -> usize {
        self as usize
    }

    /// Says whether a string for this key is decoded, so that a bad escape in it is noticed.
    #[inline]
    pub(crate) fn is_decoded(self) -> bool {
        (Self::EventTime.number()..=Self::VpcEndpoint.number()).contains(&self.number())
    }

    /// Says whether the next record often has the very same value, and the value is long.
    #[inline]
    pub(super) fn comes_again(self) -> bool {
        matches!(self, Self::UserIdentity | Self::AdditionalEventData | Self::Resources | Self::TlsDetails)
    }

    /// Says whether the key shows that its object is a CloudTrail record.
    #[inline]
    pub(crate) fn is_mark(self) -> bool {
        matches!(self, Self::EventVersion | Self::EventName | Self::EventSource | Self::UserIdentity)
    }
}

/// Says whether `key` makes its object an envelope around records; `value` begins with the key's value. `None`: it ends too
/// early to tell.
pub(crate) fn is_envelope(key: &[u8], value: &[u8]) -> Option<bool> {
    let first = *value.first()?;
    Some(match key {
        b"Records" => true,
        b"Events" => first == b'[',
        // Too common words to prove anything when there is nothing in them.
        b"events" | b"logEvents" if first == b'[' => {
            *value.iter().skip(1).find(|byte| !byte.is_ascii_whitespace())? != b']'
        }
        b"detail" => first == b'{',
        b"CloudTrailEvent" | b"message" | b"_raw" => first == b'"',
        _ => false,
    })
}

/// Says whether `key` with a value that starts with `first` is one of a digest file.
pub(crate) fn is_of_digest(key: &[u8], first: u8) -> bool {
    matches!(key, b"digestS3Object" | b"digestEndTime") && first == b'"'
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
    /// A string for a key that is decoded: without its quotes, and whether it may hold an escape.
    Text(&'a str, bool),
    /// A string for any other key, as written.
    Quoted(&'a str),
    /// An object, as written.
    Object(&'a str),
    /// An array, as written.
    Array(&'a str),
}

impl<'a> Value<'a> {
    /// Classifies the text of the value of a key, which has no white space around it.
    pub(crate) fn of(field: Field, raw: &'a str) -> Self {
        match raw.as_bytes().first() {
            Some(b'"') if field.is_decoded() => {
                let inner = raw.get(1..raw.len() - 1).unwrap_or_default();
                Self::Text(inner, memchr::memchr(b'\\', inner.as_bytes()).is_some())
            }
            Some(b'"') => Self::Quoted(raw),
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
            Self::Number(raw) | Self::Text(raw, _) | Self::Quoted(raw) | Self::Object(raw) | Self::Array(raw) => {
                Some(raw)
            }
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
        }
    }

    /// Returns the text of a string that is not empty; `Err` when an escape in it is not valid.
    #[inline]
    fn text(self) -> Result<Option<Cow<'a, str>>, BadEscape> {
        match self {
            Self::Text("", _) => Ok(None),
            Self::Text(inner, false) => Ok(Some(Cow::Borrowed(inner))),
            Self::Text(inner, true) => text::decode(inner).map(Some).ok_or(BadEscape),
            _ => Ok(None),
        }
    }

    fn flag(self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(flag),
            Self::Quoted("\"true\"") => Some(true),
            Self::Quoted("\"false\"") => Some(false),
            _ => None,
        }
    }
}

/// Where people sign in. Its records tell of a failure without an `errorCode`.
const SIGN_IN: &str = "signin.amazonaws.com";

/// Returns what stands for the error code of a sign-in that failed: `Failed authentication`.
#[cold]
fn failed_sign_in<'a>(record: &Record<'a>) -> Option<Cow<'a, str>> {
    let is_failure = || record.response_elements.is_some_and(|raw| raw.contains("\"Failure\""));
    record.error_message.clone().or_else(|| is_failure().then_some(Cow::Borrowed("Failure")))
}

/// A string holds an escape that JSON does not know.
#[derive(Debug)]
pub(crate) struct BadEscape;

/// Puts the value of one key into a record that has none for it yet.
#[inline(always)]
#[expect(clippy::inline_always, reason = "in the loop over the keys")]
pub(super) fn set<'a>(record: &mut Record<'a>, field: Field, value: Value<'a>) -> Result<(), BadEscape> {
    match field {
        Field::EventTime => {
            record.event_time = value.text()?.as_deref().and_then(Timestamp::parse_event);
            record.has_bad_time = record.event_time.is_none() && !matches!(value, Value::Null | Value::Text("", _));
        }
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
        Field::UserIdentity => match value {
            Value::Object(raw) => record.user_identity = Some(raw),
            Value::Null => {}
            _ => record.odd_caller = Some("userIdentity is no object"),
        },
        Field::RequestParameters => record.request_parameters = value.raw(),
        Field::ResponseElements => record.response_elements = value.raw(),
        Field::AdditionalEventData => record.additional_event_data = value.raw(),
        Field::Resources => record.resources = value.raw(),
        Field::TlsDetails => record.tls_details = value.raw(),
        Field::Addendum => record.addendum = value.raw(),
        Field::EventVersion | Field::Records | Field::Envelope | Field::Other => {}
    }
    Ok(())
}

/// Completes a record that has all its values.
#[inline]
pub(super) fn complete(record: &mut Record<'_>) {
    if record.error_code.is_none() && record.event_source.as_deref() == Some(SIGN_IN) {
        record.error_code = failed_sign_in(record);
    }
}
