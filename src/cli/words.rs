//! Values as people type them: the words that the rest of the program uses are the ones that are read here.

use std::ffi::OsStr;

use clap::Arg;
use clap::Command;
use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;
use clap::builder::StringValueParser;
use clap::builder::TypedValueParser;

use super::exit::Failure;
use crate::audit;
use crate::expect;
use crate::export::tables;
use crate::model::arn;
use crate::model::origin::OriginKind;
use crate::query::shipped;
use crate::report::Format;

/// Reads one of these by its name.
pub(super) fn of<T, const N: usize>(values: [T; N], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(values.map(name)).try_map(move |typed: String| {
        // The words were checked before.
        values.into_iter().find(|value| name(*value) == typed).ok_or("no such word")
    })
}

/// As [`of`], with a word of help for each.
pub(super) fn with_help<T, const N: usize>(
    values: [(T, &'static str); N],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let shown = values.map(|(value, help)| PossibleValue::new(name(value)).help(help));
    PossibleValuesParser::new(shown).try_map(move |typed: String| {
        values.into_iter().map(|(value, _)| value).find(|value| name(*value) == typed).ok_or("no such word")
    })
}

/// Every format of reports.
pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    with_help(Format::ALL.map(|format| (format, format.help())), Format::name)
}

/// A report for people or for programs.
pub(super) fn table_or_json() -> impl TypedValueParser<Value = Format> {
    with_help([(Format::Table, "For people"), (Format::Json, "One document")], Format::name)
}

/// Words that completions offer. What else is typed is read all the same, so that the command itself says what is wrong with
/// it and which word was meant.
#[derive(Clone)]
pub(super) struct Offered<T> {
    words: fn() -> Vec<&'static str>,
    read: fn(&str) -> Result<T, String>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Offered<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let read = self.read;
        StringValueParser::new().try_map(move |typed| read(&typed)).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.words)().into_iter().map(PossibleValue::new)))
    }
}

/// Every shipped query.
pub(super) fn queries() -> Offered<String> {
    Offered { words: || shipped::SHIPPED.iter().map(|query| query.name).collect(), read: |typed| Ok(typed.to_owned()) }
}

/// Every rule.
pub(super) fn rules() -> Offered<String> {
    Offered { words: audit::rule_ids, read: |typed| Ok(typed.to_owned()) }
}

/// Every table of an export.
pub(super) fn tables() -> Offered<String> {
    Offered {
        words: || tables::TABLES.iter().map(|shape| shape.table.name).collect(),
        read: |typed| Ok(typed.to_owned()),
    }
}

/// Every kind of origin.
pub(super) fn origins() -> Offered<OriginKind> {
    Offered { words: || OriginKind::ALL.map(OriginKind::name).to_vec(), read: origin }
}

/// Reads the ARN of a role.
pub(super) fn role(typed: &str) -> Result<String, String> {
    let is_role = arn::account(typed).is_some() && arn::role_name(typed).is_some_and(|name| !name.is_empty());
    let hint = "this is no role\n  hint: write arn:aws:iam::111111111111:role/path/name";
    if is_role { Ok(typed.to_owned()) } else { Err(hint.to_owned()) }
}

/// Reads how many days to keep: `400d`, `52w`, or a number of days.
pub(super) fn days(typed: &str) -> Result<u32, String> {
    let (number, unit) = match typed.strip_suffix('w') {
        Some(weeks) => (weeks, 7),
        None => (typed.strip_suffix('d').unwrap_or(typed), 1),
    };
    let count = number.parse::<u32>().ok().and_then(|count| count.checked_mul(unit));
    count.filter(|count| *count > 0).ok_or_else(|| "write how many days to keep: 400d or 52w".to_owned())
}

/// What else a kind of origin is called on the command line alone.
const SHORTER: [(&str, OriginKind); 2] =
    [("service", OriginKind::AwsService), ("account", OriginKind::ExternalAccount)];

/// Reads the kind of an origin.
fn origin(typed: &str) -> Result<OriginKind, String> {
    let wanted = typed.to_ascii_lowercase().replace('-', "_");
    let short = || OriginKind::SHORT.into_iter().chain(SHORTER);
    let known = || OriginKind::ALL.into_iter().map(|kind| (kind.name(), kind)).chain(short());
    known().find(|(word, _)| word.replace('-', "_") == wanted).map(|(_, kind)| kind).ok_or_else(|| {
        let nearest = nearest(typed, known().map(|(word, _)| word));
        format!(
            "no such kind of origin\n  hint: {nearest}one of {}; sso, key, service and account are short for some",
            OriginKind::ALL.map(OriginKind::name).join(", ")
        )
    })
}

/// Asks whether one of these words was meant; says nothing when none is like what was typed.
fn nearest<'w>(typed: &str, words: impl IntoIterator<Item = &'w str>) -> String {
    expect::nearest(typed, words).map(|word| format!("did you mean `{word}`? ")).unwrap_or_default()
}

/// Says that a word is not one of those that there are, and where to find them.
pub(super) fn unknown<'w>(what: &str, typed: &str, words: impl IntoIterator<Item = &'w str>, hint: &str) -> Failure {
    Failure::new(format!("there is no {what} `{typed}`\n  hint: {}{hint}", nearest(typed, words)))
}
