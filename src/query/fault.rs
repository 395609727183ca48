//! What is wrong with a query, and where in its text.

use std::fmt;

use polars::prelude::PolarsError;
use polars::sql::keywords::all_functions;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::ParserError;
use sqlparser::tokenizer::Location;
use sqlparser::tokenizer::Token;
use sqlparser::tokenizer::Tokenizer;

use super::words;
use crate::export::tables::Shape;

/// How alike two names must be for one to be suggested for the other; 1 is equal.
const ALIKE: f64 = 0.75;

/// How alike a word and a keyword must be: most words are names.
const VERY_ALIKE: f64 = 0.88;

/// What the engine cannot do, by a word of its message or of the query, and what to write instead.
const HINTS: &[(&str, &str)] = &[
    ("date_trunc", "write strftime(column, '%Y-%m-%d')"),
    ("datediff", "durations are columns in seconds, such as duration_seconds"),
    ("date_diff", "durations are columns in seconds, such as duration_seconds"),
    ("now", "compare with the newest event instead: with newest as (select max(last_event) as at from chains)"),
    (
        "current_timestamp",
        "compare with the newest event instead: with newest as (select max(last_event) as at from chains)",
    ),
    ("qualify", "number the rows in a subquery, and filter outside of it"),
    ("subquer", "put it into WITH name AS (…) and join it: from chains cross join name"),
    ("lateral", "put it into WITH name AS (…) and join it"),
    ("ambiguous", "name the table before the column: chains.chain_id"),
];

/// Words that queries are made of.
const KEYWORDS: &[&str] =
    &["select", "from", "where", "group", "order", "having", "limit", "join", "with", "union", "distinct", "between"];

/// A place in the text of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// From 1; 0 when nobody knows.
    line: u64,
    /// From 1, in characters.
    column: u64,
    /// How many characters are meant.
    width: usize,
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self { line: location.line, column: location.column, width: 1 }
    }
}

impl Place {
    pub(super) fn of_word(self, word: &str) -> Self {
        Self { width: word.chars().count().max(1), ..self }
    }
}

/// What is wrong with a query. Displays as lines: what, the line of the SQL with the word marked, and what to do.
#[derive(Debug)]
pub struct Fault {
    place: Place,
    what: String,
    hint: Option<String>,
    name: String,
    line: Option<String>,
}

impl Fault {
    pub(super) fn at(place: Place, what: String) -> Self {
        Self { place, what, hint: None, name: String::new(), line: None }
    }

    pub(super) fn whole(what: String) -> Self {
        Self::at(Place::default(), what)
    }

    pub(super) fn with_hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Says which query it is about.
    pub(super) fn of(self, name: &str, sql: &str) -> Self {
        let number = usize::try_from(self.place.line).ok().and_then(|line| line.checked_sub(1));
        let line = number.and_then(|number| sql.lines().nth(number)).map(str::to_owned);
        Self { name: name.to_owned(), line, ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column, width } = self.place;
        match &self.line {
            Some(text) => {
                // Tabs are one column, so that the mark stands below its word.
                let text = text.replace('\t', " ");
                let number = line.to_string();
                let skipped = usize::try_from(column).unwrap_or(1).saturating_sub(1);
                writeln!(f, "{}:{line}:{column}: {}", self.name, self.what)?;
                writeln!(f, "  {number} | {text}")?;
                write!(f, "  {} | {}{}", " ".repeat(number.len()), " ".repeat(skipped), "^".repeat(width))?;
            }
            None => write!(f, "{}: {}", self.name, self.what)?,
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\n  hint: {hint}"))
    }
}

/// Reads what the parser says, and where.
pub(super) fn of_parser(error: &ParserError, sql: &str) -> Fault {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
        ParserError::RecursionLimitExceeded => return Fault::whole("the query is nested too deep".to_owned()),
    };
    let Some((what, place)) = text.rsplit_once(" at Line: ") else {
        return match text.strip_suffix(", found: EOF").and_then(|text| text.strip_prefix("Expected: ")) {
            Some(missing) => Fault::whole(format!("the query ends too early: {missing} is missing")),
            None => Fault::whole(text),
        };
    };
    let numbers = place.split_once(", Column: ");
    let numbers = numbers.and_then(|(line, column)| Some((line.trim().parse().ok()?, column.trim().parse().ok()?)));
    let Some((line, column)) = numbers else { return Fault::whole(text) };
    let word = what.rsplit_once("found: ").map_or("", |(_, word)| word);
    let place = Place { line, column, width: 1 };
    let fault = Fault::at(if word == "EOF" { place } else { place.of_word(word) }, what.to_owned());
    // A misspelt word is often taken for a name, and the error is at the word after it.
    let before = word_before(sql, place);
    let misspelt = [Some(word.to_owned()), before].into_iter().flatten().find_map(|word| Some((keyword(&word)?, word)));
    match misspelt {
        Some((keyword, word)) => fault.with_hint(format!("did you mean {} instead of {word}?", keyword.to_uppercase())),
        None => fault,
    }
}

/// Returns the keyword that a word is very much like, and is not.
fn keyword(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let near = nearest(word, KEYWORDS).filter(|near| strsim::jaro_winkler(&lower, near) >= VERY_ALIKE)?;
    (near != lower).then_some(near)
}

/// Returns the word before a place.
fn word_before(sql: &str, place: Place) -> Option<String> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().ok()?;
    let is_before = |at: Location| (at.line, at.column) < (place.line, place.column);
    let mut words =
        tokens.into_iter().filter(|token| is_before(token.span.start)).filter_map(|token| match token.token {
            Token::Word(word) => Some(word.value),
            _ => None,
        });
    words.next_back()
}

/// Reads what the engine says, and looks for the word that it means.
pub(super) fn of_engine(error: &PolarsError, sql: &str, shapes: &[&'static Shape]) -> Fault {
    let text = error.to_string();
    // The engine goes on with its whole plan.
    let first = text.split("\n\n").next().unwrap_or_default().lines().next().unwrap_or_default();
    let first = first.split("; valid columns").next().unwrap_or_default().to_owned();
    let word = quoted(&first).find(|word| place_of(sql, word).is_some());
    let place = word.as_deref().and_then(|word| place_of(sql, word)).unwrap_or_default();
    let lower = format!("{}\n{}", first.to_lowercase(), word.as_deref().unwrap_or_default().to_lowercase());
    let columns: Vec<&str> = shapes.iter().flat_map(|shape| shape.table.columns).map(|column| column.name).collect();
    let is_about_columns = matches!(error, PolarsError::ColumnNotFound(_) | PolarsError::SchemaFieldNotFound(_))
        || lower.contains("unable to find column")
        || lower.contains("no column named")
        || lower.contains("not found");
    if let Some(word) = word.as_deref().filter(|word| is_about_columns && !columns.contains(word)) {
        let near = nearest(word, &columns);
        let hint = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let hint = match () {
            () if is_quoted(sql, word) => format!("text stands in single quotes: '{word}'"),
            () if shapes.is_empty() => "name a table after FROM".to_owned(),
            () => hint + &columns_of(shapes, near),
        };
        return Fault::at(place, format!("there is no column `{word}`")).with_hint(hint);
    }
    if is_about_columns && word.is_some() {
        let hint = "name its table before it; in JOIN … ON only columns of both tables are compared, other filters go into WHERE";
        return Fault::at(place, first).with_hint(hint.to_owned());
    }
    if let Some((what, hint)) = words::plain(&first) {
        return Fault::at(place, what).with_hint(hint);
    }
    let fault = Fault::at(place, first);
    let known = HINTS.iter().find(|(sign, _)| lower.contains(sign)).map(|(_, hint)| (*hint).to_owned());
    let function = || {
        let word = word.as_deref().filter(|_| lower.contains("function"))?;
        nearest(word, &all_functions()).map(|near| format!("did you mean `{near}`?"))
    };
    match known.or_else(function) {
        Some(hint) => fault.with_hint(hint),
        None => fault,
    }
}

/// Lists the columns of the tables, only of those with the column looked for when it is known.
fn columns_of(shapes: &[&'static Shape], near: Option<&str>) -> String {
    let has = |shape: &&&Shape| near.is_none_or(|near| shape.table.columns.iter().any(|column| column.name == near));
    let lists = shapes.iter().filter(has).map(|shape| {
        let names: Vec<&str> = shape.table.columns.iter().map(|column| column.name).collect();
        format!("`{}` has {}", shape.table.name, names.join(", "))
    });
    lists.collect::<Vec<_>>().join("; ")
}

/// Returns what stands in quotes of any kind.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    let marks = ['\'', '"', '`'];
    let words = text.split(marks).skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    // What is quoted may be several words, or a call.
    let parts: Vec<String> = words
        .iter()
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .map(str::to_owned)
        .collect();
    words.into_iter().chain(parts).filter(|word| !word.is_empty())
}

/// Says whether a word stands in double quotes, which are for names.
fn is_quoted(sql: &str, word: &str) -> bool {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap_or_default();
    tokens
        .iter()
        .any(|token| matches!(token, Token::Word(found) if found.value == word && found.quote_style == Some('"')))
}

/// Returns where a word stands first in a query, comments and texts left out.
fn place_of(sql: &str, word: &str) -> Option<Place> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().ok()?;
    let found = tokens.iter().find(|token| match &token.token {
        Token::Word(found) => found.value.eq_ignore_ascii_case(word),
        _ => false,
    });
    found.map(|token| Place::from(token.span.start).of_word(word))
}

/// Returns the name that is most like a word, if any is.
pub(super) fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let word = word.to_lowercase();
    let scored = names.iter().map(|name| (strsim::jaro_winkler(&word, name), *name));
    scored.filter(|(score, _)| *score >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}
