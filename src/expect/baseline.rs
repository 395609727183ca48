//! Baselines as files: TOML, one stanza for each finding that was known, so that a review sees what was added.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use super::file_exception::SEVERITIES;
use super::file_exception::read_lifetime;
use super::problem::ExpectError;
use super::reader::Reader;
use super::reader::Section;
use super::reader::Value;
use super::schema;
use crate::model::baseline::Baseline;
use crate::model::baseline::Known;
use crate::model::baseline::MAX_BASELINE_DAYS;

/// The name and version of the file.
const SCHEMA: &str = "rolechain.baseline/1";

/// How a fingerprint begins.
const FINGERPRINT: &str = "rc1:";

/// How many digits follow.
const DIGITS: usize = 32;

/// How to make one, for hints.
const RECIPE: &str = "`rolechain baseline accept REPORT.json` makes one of a JSON report";

/// Reads a baseline. `file_name` is for messages only.
pub fn read(file_name: &str, text: &str) -> Result<Baseline, ExpectError> {
    let mut reader = Reader::new(file_name, text);
    if text.trim_start().starts_with('{') {
        reader.note(&(0..1), "this is JSON, and no baseline", Some(RECIPE.to_owned()));
        return finish(reader, None);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let message = error.message().replace('\n', " ");
        reader.note(&error.span().unwrap_or(0..0), format!("not TOML: {message}"), Some(RECIPE.to_owned()));
    }
    if !errors.is_empty() {
        return finish(reader, None);
    }
    let at = document.span();
    let document: Value<'_> = Spanned::new(at, DeValue::Table(document.into_inner()));
    read_file(file_name, text, &document)
}

fn read_file(file_name: &str, text: &str, document: &Value<'_>) -> Result<Baseline, ExpectError> {
    let mut reader = Reader::new(file_name, text);
    let table = document.get_ref().as_table();
    let schema =
        table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == "schema").map(|(_, value)| value));
    if schema.and_then(|schema| schema.get_ref().as_str()) != Some(SCHEMA) {
        let at = schema.map_or(0..text.len().min(1), Spanned::span);
        reader.note(&at, format!("this is no baseline: its schema is not {SCHEMA:?}"), Some(RECIPE.to_owned()));
        return finish(reader, None);
    }
    let baseline = reader.section(&schema::BASELINE, document).and_then(|file| {
        let lifetime = read_lifetime(&file, MAX_BASELINE_DAYS, &mut reader);
        let by = file.required_text("by", &mut reader);
        let reason = file.required_text("reason", &mut reader);
        let known = read_known(&file, &mut reader);
        let (created, expires) = lifetime?;
        Some(Baseline { created, expires, by: by?.0.to_owned(), reason: reason?.0.to_owned(), known })
    });
    finish(reader, baseline)
}

/// Whatever could not be read has been noted.
fn finish(reader: Reader<'_>, baseline: Option<Baseline>) -> Result<Baseline, ExpectError> {
    reader.finish(baseline).and_then(|baseline| baseline.ok_or(ExpectError { problems: Vec::new() }))
}

fn read_known<'t>(file: &Section<'t>, reader: &mut Reader<'t>) -> BTreeMap<String, Known> {
    let mut all = BTreeMap::new();
    for section in file.sections("finding", &schema::KNOWN, reader) {
        let fingerprint = section.required_text("fingerprint", reader);
        let rule = section.required_text("rule", reader);
        let severity = section.required("severity", reader).and_then(|it| reader.word("severity", it, SEVERITIES));
        let title = section.required_text("title", reader);
        let (Some((fingerprint, at)), Some((rule, _)), Some(severity), Some((title, _))) =
            (fingerprint, rule, severity, title)
        else {
            continue;
        };
        if !is_fingerprint(fingerprint) {
            let hint = format!("it is {FINGERPRINT} and {DIGITS} hexadecimal digits, as reports print it");
            reader.note(&at, format!("{fingerprint:?} is not a fingerprint"), Some(hint));
        }
        let known = Known { rule: rule.to_owned(), severity, title: title.to_owned() };
        if all.insert(fingerprint.to_owned(), known).is_some() {
            reader.note(&at, format!("finding {fingerprint} is listed twice"), None);
        }
    }
    all
}

/// True for what reports print as a fingerprint.
pub fn is_fingerprint(text: &str) -> bool {
    let digits = text.strip_prefix(FINGERPRINT).unwrap_or_default();
    digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Returns the file: findings by rule and then by fingerprint, so that one more finding is one more stanza.
pub fn write(baseline: &Baseline) -> String {
    let mut text = format!(
        "# Findings that were known on {}, accepted until {}. Made by `rolechain baseline accept`, used by\n\
         # `rolechain audit --baseline`. Take a stanza out to have its finding back.\n\
         schema = {}\ncreated = {}\nexpires = {}\nby = {}\nreason = {}\n",
        baseline.created.date(),
        baseline.expires.date(),
        quoted(SCHEMA),
        baseline.created.date(),
        baseline.expires.date(),
        quoted(&baseline.by),
        quoted(&baseline.reason),
    );
    let mut known: Vec<(&String, &Known)> = baseline.known.iter().collect();
    known.sort_by_key(|(fingerprint, known)| (&known.rule, *fingerprint));
    for (fingerprint, known) in known {
        let _ = write!(
            text,
            "\n[[finding]]\nfingerprint = {}\nrule = {}\nseverity = {}\ntitle = {}\n",
            quoted(fingerprint),
            quoted(&known.rule),
            quoted(known.severity.name()),
            quoted(&known.title),
        );
    }
    text
}

/// Writes a text as a TOML string. What cannot be seen, or turns the direction of writing, is written out: titles hold
/// foreign text, and the file is read by people.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}') =>
            {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
