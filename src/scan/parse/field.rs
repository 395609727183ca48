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
    /// A string: with its quotes, and whether it may hold an escape.
    Text(&'a str, bool),
    /// An object, as written.
    Object(&'a str),
    /// An array, as written.
    Array(&'a str),
}

impl<'a> Value<'a> {
    /// Classifies the text of one JSON value, which has no white space around it.
    #[inline]
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

/// Fills a record with the values that its keys had; `value` returns that of a field, `Null` where there is none.
///
/// Field by field: a record built as a whole would be copied into its place.
#[inline]
pub(super) fn fill<'a>(record: &mut Record<'a>, mut value: impl FnMut(Field) -> Value<'a>) -> Result<(), BadEscape> {
    let time = value(Field::EventTime);
    let text = time.text()?;
    record.event_time = text.as_deref().and_then(Timestamp::parse_event);
    record.has_bad_time = record.event_time.is_none() && !matches!(time, Value::Null | Value::Text("\"\"", _));
    record.event_source = value(Field::EventSource).text()?;
    record.event_name = value(Field::EventName).text()?;
    record.region = value(Field::Region).text()?;
    record.source_ip = value(Field::SourceIp).text()?;
    record.user_agent = value(Field::UserAgent).text()?;
    record.error_code = value(Field::ErrorCode).text()?;
    record.error_message = value(Field::ErrorMessage).text()?;
    record.read_only = value(Field::ReadOnly).flag();
    record.event_id = value(Field::EventId).text()?;
    record.shared_event_id = value(Field::SharedEventId).text()?;
    record.request_id = value(Field::RequestId).text()?;
    record.event_type = value(Field::EventType).text()?;
    record.event_category = value(Field::EventCategory).text()?;
    record.recipient_account = value(Field::RecipientAccount).text()?;
    record.via_vpc_endpoint = value(Field::VpcEndpoint).text()?.is_some();
    record.from_console = value(Field::FromConsole).flag() == Some(true);
    record.user_identity = match value(Field::UserIdentity) {
        Value::Object(raw) => Some(raw),
        Value::Null => None,
        _ => {
            record.odd_caller = Some("userIdentity is no object");
            None
        }
    };
    record.request_parameters = value(Field::RequestParameters).raw();
    record.response_elements = value(Field::ResponseElements).raw();
    record.additional_event_data = value(Field::AdditionalEventData).raw();
    record.resources = value(Field::Resources).raw();
    record.tls_details = value(Field::TlsDetails).raw();
    record.addendum = value(Field::Addendum).raw();
    if record.error_code.is_none() && record.event_source.as_deref() == Some(SIGN_IN) {
        record.error_code = failed_sign_in(record);
    }
    Ok(())
}
