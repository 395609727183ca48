//! What is wrong with a query, and where in its text.

use std::fmt;

use polars::prelude::PolarsError;
use polars::sql::keywords::all_functions;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::ParserError;
use sqlparser::tokenizer::Location;
use sqlparser::tokenizer::Token;
use sqlparser::tokenizer::Tokenizer;

use crate::export::tables::Shape;

/// How alike two names must be for one to be suggested for the other; 1 is equal.
const ALIKE: f64 = 0.75;

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
pub(super) fn of_parser(error: &ParserError) -> Fault {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
        ParserError::RecursionLimitExceeded => return Fault::whole("the query is nested too deep".to_owned()),
    };
    let Some((what, place)) = text.rsplit_once(" at Line: ") else { return Fault::whole(text) };
    let numbers = place.split_once(", Column: ");
    let numbers = numbers.and_then(|(line, column)| Some((line.trim().parse().ok()?, column.trim().parse().ok()?)));
    let Some((line, column)) = numbers else { return Fault::whole(text) };
    let word = what.rsplit_once("found: ").map_or("", |(_, word)| word);
    let place = Place { line, column, width: 1 };
    Fault::at(if word == "EOF" { place } else { place.of_word(word) }, what.to_owned())
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
        let hint = hint + &columns_of(shapes, near);
        return Fault::at(place, format!("there is no column `{word}`")).with_hint(hint);
    }
    if is_about_columns && word.is_some() {
        let hint = "name its table before it; in JOIN … ON only columns of both tables are compared, other filters go into WHERE";
        return Fault::at(place, first).with_hint(hint.to_owned());
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
