//! Reads what the owners grade anew and what they accept.

use std::collections::BTreeMap;

use super::exception::ALIASES;
use super::exception::Exception;
use super::exception::MAX_EXCEPTION_DAYS;
use super::problem::nearest;
use super::reader::Reader;
use super::reader::Section;
use super::reader::Value;
use crate::model::acceptance::ACCEPTANCE_RULES;
use crate::model::finding::KEY_PARTS;
use crate::model::finding::Severity;
use crate::model::glob::Glob;
use crate::model::time::Timestamp;

/// Every severity, by its word.
pub(super) const SEVERITIES: &[(&str, Severity)] = &[
    ("info", Severity::Info),
    ("low", Severity::Low),
    ("medium", Severity::Medium),
    ("high", Severity::High),
    ("critical", Severity::Critical),
];

/// Reads `[severity]`.
pub(super) fn read_severity<'t>(
    value: &'t Value<'t>,
    rule_ids: &[&str],
    reader: &mut Reader<'t>,
) -> BTreeMap<String, Severity> {
    let mut grades = BTreeMap::new();
    for (rule, value) in reader.table("severity", value).into_iter().flatten() {
        let id = rule.get_ref().as_ref();
        if !rule_ids.contains(&id) {
            reader.unknown_word(&rule.span(), "rule", id, rule_ids);
        }
        if value.get_ref().as_str() == Some("off") {
            let hint = "grade it \"info\", or accept single findings with [[exception]], which has an owner and an end";
            reader.note(&value.span(), "a rule cannot be turned off", Some(hint.to_owned()));
        } else if let Some(severity) = reader.word("severity", value, SEVERITIES) {
            grades.insert(id.to_owned(), severity);
        }
    }
    grades
}

/// Reads `[[exception]]`.
pub(super) fn read_exception<'t>(
    section: &Section<'t>,
    rule_ids: &[&str],
    reader: &mut Reader<'t>,
) -> Option<Exception> {
    let detection = section.required_text("detection", reader);
    if let Some((id, at)) = &detection
        && !rule_ids.contains(id)
    {
        reader.unknown_word(at, "rule", id, rule_ids);
    }
    if let Some((_, at)) = detection.as_ref().filter(|(id, _)| ACCEPTANCE_RULES.contains(id)) {
        let hint = "grade the rule in [severity] instead".to_owned();
        reader.note(at, "findings about exceptions and baselines cannot be accepted", Some(hint));
    }
    let matches = section.required("match", reader).map(|value| read_match(value, reader));
    let reason = section.required_text("reason", reader);
    let owner = section.required_text("owner", reader);
    let ticket = section.text("ticket", reader);
    let lifetime = read_lifetime(section, MAX_EXCEPTION_DAYS, reader);
    let (created, expires) = lifetime?;
    Some(Exception {
        detection: detection?.0.to_owned(),
        matches: matches?,
        reason: reason?.0.to_owned(),
        owner: owner?.0.to_owned(),
        ticket,
        created,
        expires,
        line: reader.line(&section.at),
    })
}

fn read_match<'t>(value: &'t Value<'t>, reader: &mut Reader<'t>) -> Vec<(String, Glob)> {
    let Some(table) = reader.table("match", value) else { return Vec::new() };
    if table.is_empty() {
        let hint = "name what it accepts, such as { role_arn = \"arn:aws:iam::111111111111:role/ci\" }".to_owned();
        reader.note(&value.span(), "match is empty: the exception would accept every finding of the rule", Some(hint));
    }
    let mut matches = Vec::new();
    let known: Vec<&str> = KEY_PARTS.iter().copied().chain(ALIASES.iter().map(|(alias, _)| *alias)).collect();
    for (key, value) in table {
        let part = key.get_ref().as_ref();
        if !known.contains(&part) {
            let hint = match nearest(part, known.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => "a finding's key names what it is about: `rolechain audit --format json` shows it".to_owned(),
            };
            reader.note(&key.span(), format!("no finding has a {part:?} in its key"), Some(hint));
        }
        if let Some((text, _)) = reader.text(part, value)
            && let Some(glob) = Glob::new(text)
        {
            matches.push((part.to_owned(), glob));
        }
    }
    matches.sort_by(|(a, _), (b, _)| a.cmp(b));
    matches
}

/// Reads the days on which something was made and on which it ends: not before it began, and not too long after.
pub(super) fn read_lifetime<'t>(
    section: &Section<'t>,
    most_days: i64,
    reader: &mut Reader<'t>,
) -> Option<(Timestamp, Timestamp)> {
    let created = section.required("created", reader).and_then(|value| reader.day("created", value));
    let expires_value = section.required("expires", reader);
    let expires = expires_value.and_then(|value| reader.day("expires", value));
    let (created, expires, at) = (created?, expires?, expires_value?.span());
    let days = expires.day() - created.day();
    if days < 0 {
        reader.note(&at, "expires lies before created", None);
    } else if days > most_days {
        let message = format!("expires lies {days} days after created, and {most_days} are the most");
        reader.note(&at, message, Some("renew it when the time has come".to_owned()));
    }
    Some((created, expires))
}
