//! Reads typed values out of the TOML tree and notes what is wrong, with its place, instead of stopping.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::arn::ArnPattern;
use super::problem::{ExpectError, Problem, listed, nearest};
use super::schema::Table;
use crate::model::arn;
use crate::model::time::Timestamp;

/// A value of the tree and its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A text of the file and its place.
pub(super) type Text<'t> = (&'t str, Range<usize>);

/// A file that is not TOML at all has a problem on every line: after so many nobody reads on.
const MAX_PROBLEMS: usize = 1_000;

/// Words that people write for a key, and the key.
const SYNONYMS: &[(&str, &str)] = &[
    ("rule", "detection"),
    ("repository", "repo"),
    ("repository_id", "repo_id"),
    ("branch", "ref"),
    ("tag", "ref"),
    ("sub", "raw"),
    ("aud", "audiences"),
    ("accounts", "account"),
    ("roles", "role"),
    ("actions", "may"),
    ("callers", "from"),
    ("reviewers", "approvers"),
    ("environments", "environment"),
    ("until", "expires"),
];

/// The file and what has been found wrong with it.
pub(super) struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    /// Where lines end.
    ends: Vec<usize>,
    problems: Vec<(usize, Problem)>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, ends: text.match_indices('\n').map(|(at, _)| at).collect(), problems: Vec::new() }
    }

    /// Notes a problem.
    pub(super) fn note(&mut self, at: &Range<usize>, message: impl Into<String>, hint: Option<String>) {
        if self.problems.len() == MAX_PROBLEMS {
            return;
        }
        let problem = Problem::new(self.file, self.text, at, message.into(), hint);
        self.problems.push((at.start, problem));
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, at: &Range<usize>) -> usize {
        self.ends.partition_point(|end| *end < at.start) + 1
    }

    /// Returns `value` if nothing was found wrong.
    pub(super) fn finish<T>(mut self, value: T) -> Result<T, ExpectError> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        self.problems.sort_by_key(|(at, _)| *at);
        Err(ExpectError { problems: self.problems.into_iter().map(|(_, problem)| problem).collect() })
    }

    /// Reads a table of the given kind; keys that the kind does not know are problems.
    pub(super) fn section(&mut self, kind: &'static Table, value: &'t Value<'t>) -> Option<Section<'t>> {
        let table = self.table(kind.name, value)?;
        for key in table.keys().filter(|key| !kind.keys.contains(&key.get_ref().as_ref())) {
            let word = key.get_ref().as_ref();
            let synonym = SYNONYMS.iter().find(|(wrong, right)| *wrong == word && kind.keys.contains(right));
            let meant = synonym.map(|(_, right)| *right).or_else(|| nearest(word, kind.keys.iter().copied()));
            let hint = match meant {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("{} knows {}", kind.name, listed(kind.keys)),
            };
            self.note(&key.span(), format!("unknown key {word:?} in {}", kind.name), Some(hint));
        }
        Some(Section { kind, table, at: value.span() })
    }

    /// Reads a table whose keys are of the owner's choice.
    pub(super) fn table(&mut self, name: &str, value: &'t Value<'t>) -> Option<&'t DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(name, "a table", value);
        }
        table
    }

    /// Reads a text; an empty one is a problem.
    pub(super) fn text(&mut self, name: &str, value: &'t Value<'t>) -> Option<Text<'t>> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(name, "a string", value);
            return None;
        };
        if text.is_empty() {
            self.note(&value.span(), format!("{name} is empty"), Some("leave the key out instead".to_owned()));
            return None;
        }
        Some((text, value.span()))
    }

    /// Reads a word out of a closed list.
    pub(super) fn word<T: Copy>(&mut self, name: &str, value: &'t Value<'t>, words: &[(&str, T)]) -> Option<T> {
        let (text, at) = self.text(name, value)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.unknown_word(&at, name, text, &known);
        }
        found
    }

    /// Notes a word that is not in a closed list.
    pub(super) fn unknown_word(&mut self, at: &Range<usize>, name: &str, wrong: &str, known: &[&str]) {
        if self.problems.len() == MAX_PROBLEMS {
            return;
        }
        let hint = match nearest(wrong, known.iter().copied()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None if known.is_empty() => "none is known".to_owned(),
            None if known.len() > 20 => "there is none that is spelled alike".to_owned(),
            None => format!("it is {}", listed(known)),
        };
        self.note(at, format!("unknown {name} {wrong:?}"), Some(hint));
    }

    /// Reads the pattern of an ARN whose resource begins with one of `kinds`, such as `role/`.
    pub(super) fn arn(&mut self, (text, at): Text<'t>, kinds: &[&str]) -> Option<ArnPattern> {
        let pattern = match ArnPattern::new(text) {
            Ok(pattern) => pattern,
            Err(message) => {
                self.note(&at, message, None);
                return None;
            }
        };
        let resource = pattern.resource();
        if !resource.starts_with(['*', '?']) && !kinds.iter().any(|kind| resource.starts_with(kind)) {
            let words: Vec<&str> = kinds.iter().map(|kind| kind.trim_end_matches('/')).collect();
            let hint = match (resource, pattern.account()) {
                ("root", Some(account)) if kinds.len() > 1 => {
                    format!("write account = \"{account}\" to admit a whole account")
                }
                _ => format!("it has the form arn:aws:iam::<account>:{}/<name>", words.first().unwrap_or(&"role")),
            };
            self.note(&at, format!("{pattern} is not the ARN of a {}", listed(&words)), Some(hint));
            return None;
        }
        Some(pattern)
    }

    /// Reads an account id, which is a string of 12 digits.
    pub(super) fn account_id(&mut self, name: &str, value: &'t Value<'t>) -> Option<Text<'t>> {
        if let Some(number) = value.get_ref().as_integer() {
            let hint = format!("write \"{:0>12}\": a number would lose leading zeros", number.as_str());
            self.note(&value.span(), format!("{name} must be quoted"), Some(hint));
            return None;
        }
        let (text, at) = self.text(name, value)?;
        if !arn::is_account_id(text) {
            self.note(&at, format!("{name} {text:?} is not an account id of 12 digits"), None);
            return None;
        }
        Some((text, at))
    }

    /// Reads a day.
    pub(super) fn day(&mut self, name: &str, value: &'t Value<'t>) -> Option<Timestamp> {
        let date = value.get_ref().as_datetime().and_then(|moment| moment.date);
        let day = date.and_then(|date| Timestamp::parse_date(&date.to_string()));
        if day.is_none() {
            let quoted = value.get_ref().is_str();
            let hint = if quoted { "leave the quotes out" } else { "write it as 2026-12-31" };
            self.note(&value.span(), format!("{name} must be a date"), Some(hint.to_owned()));
        }
        day
    }

    /// Reads a whole number that is not negative.
    pub(super) fn number(&mut self, name: &str, value: &'t Value<'t>) -> Option<u64> {
        let Some(number) = value.get_ref().as_integer() else {
            self.wrong_type(name, "a whole number", value);
            return None;
        };
        let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
        if number.is_none() {
            self.note(&value.span(), format!("{name} must be a whole number from 0"), None);
        }
        number
    }

    /// Reads an id that the provider gave: a number, or a string.
    pub(super) fn id(&mut self, name: &str, value: &'t Value<'t>) -> Option<String> {
        if value.get_ref().is_integer() {
            return self.number(name, value).map(|number| number.to_string());
        }
        self.text(name, value).map(|(text, _)| text.to_owned())
    }

    /// Notes that a value is of another type.
    pub(super) fn wrong_type(&mut self, name: &str, wanted: &str, value: &Value<'_>) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a fraction",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.note(&value.span(), format!("{name} must be {wanted}, and this is {found}"), None);
    }
}

/// A table of a known kind.
#[derive(Clone)]
pub(super) struct Section<'t> {
    kind: &'static Table,
    table: &'t DeTable<'t>,
    /// Where the table begins.
    pub(super) at: Range<usize>,
}

impl<'t> Section<'t> {
    /// True when the table gives no key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Returns the value of a key, if it is given.
    pub(super) fn get(&self, key: &str) -> Option<&'t Value<'t>> {
        debug_assert!(self.kind.keys.contains(&key), "{} does not declare {key}", self.kind.name);
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// Returns the value of a key that must be given.
    pub(super) fn required(&self, key: &str, reader: &mut Reader<'t>) -> Option<&'t Value<'t>> {
        let value = self.get(key);
        if value.is_none() {
            reader.note(&self.at, format!("{} lacks the key {key:?}", self.kind.name), None);
        }
        value
    }

    /// Reads a text.
    pub(super) fn text(&self, key: &str, reader: &mut Reader<'t>) -> Option<String> {
        reader.text(key, self.get(key)?).map(|(text, _)| text.to_owned())
    }

    /// Reads a text that must be given.
    pub(super) fn required_text(&self, key: &str, reader: &mut Reader<'t>) -> Option<Text<'t>> {
        let value = self.required(key, reader)?;
        reader.text(key, value)
    }

    /// Returns the entries of a list.
    pub(super) fn list(&self, key: &str, reader: &mut Reader<'t>) -> Vec<&'t Value<'t>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        if let Some(items) = value.get_ref().as_array() {
            return items.iter().collect();
        }
        let hint = match value.get_ref() {
            DeValue::Table(_) => {
                let parent = self.kind.name.strip_prefix("[[").and_then(|name| name.strip_suffix("]]"));
                let name = parent.map_or_else(|| key.to_owned(), |parent| format!("{parent}.{key}"));
                format!("write [[{name}]] with two brackets on each side, or {key} = [{{ … }}]")
            }
            _ => format!("put it in brackets: {key} = [ … ]"),
        };
        reader.note(&value.span(), format!("{key} must be a list"), Some(hint));
        Vec::new()
    }

    /// Reads a list of texts.
    pub(super) fn texts(&self, key: &str, reader: &mut Reader<'t>) -> Vec<Text<'t>> {
        self.list(key, reader).into_iter().filter_map(|item| reader.text(key, item)).collect()
    }

    /// Reads a number, at least 1.
    pub(super) fn count(&self, key: &str, reader: &mut Reader<'t>) -> Option<u64> {
        let value = self.get(key)?;
        let number = reader.number(key, value)?;
        if number == 0 {
            reader.note(&value.span(), format!("{key} must be at least 1"), None);
        }
        Some(number)
    }

    /// Reads `true` or `false`.
    pub(super) fn flag(&self, key: &str, reader: &mut Reader<'t>) -> Option<bool> {
        let value = self.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            reader.wrong_type(key, "true or false", value);
        }
        flag
    }

    /// Reads a list of tables.
    pub(super) fn sections(&self, key: &str, kind: &'static Table, reader: &mut Reader<'t>) -> Vec<Self> {
        self.list(key, reader).into_iter().filter_map(|item| reader.section(kind, item)).collect()
    }
}
