//! Reading trust policies: as an object or as text, plain or percent-encoded. Every fault says where it is.

use std::fmt;

use serde_json::Map;
use serde_json::Value;

use super::operator::Operator;
use super::policy::Actions;
use super::policy::Condition;
use super::policy::Effect;
use super::policy::Policy;
use super::policy::Statement;
use super::policy::Who;
use super::principal::Principal;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `line 3 column 5`, or a path such as `Statement[1].Condition.StringLike`; empty for the document itself.
    pub place: String,
    /// What is wrong, and what to write.
    pub message: String,
}

impl Fault {
    fn new(place: &str, message: impl Into<String>) -> Self {
        Self { place: place.to_owned(), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.place, self.message) }
    }
}

impl std::error::Error for Fault {}

/// Names under which a document stands inside others: the output of `aws iam get-role`, and request parameters.
const WRAPPERS: [&str; 4] = ["Role", "AssumeRolePolicyDocument", "assumeRolePolicyDocument", "policyDocument"];

/// So many wrappings are undone.
const MAX_WRAPPINGS: usize = 4;

impl Policy {
    /// Reads a trust policy from text: JSON, or JSON that is percent-encoded, as the API of IAM returns it.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        parse(text.trim_start_matches('\u{feff}'), 0)
    }

    /// Reads a trust policy from a value: the document, a text that holds it, or what wraps it.
    pub fn of_value(value: &Value) -> Result<Self, Fault> {
        of_value(value, 0)
    }
}

fn parse(text: &str, depth: usize) -> Result<Policy, Fault> {
    let decoded;
    let text = if text.trim_start().starts_with('%') {
        decoded = percent_decoded(text);
        &decoded
    } else {
        text
    };
    if text.trim().is_empty() {
        return Err(Fault::new("", "the document is empty"));
    }
    let value = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        // serde_json repeats the place at the end of its message.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Fault::new(&place, format!("this is not JSON: {message}"))
    })?;
    of_value(&value, depth)
}

fn of_value(value: &Value, depth: usize) -> Result<Policy, Fault> {
    match value {
        Value::String(text) if depth < MAX_WRAPPINGS => parse(text, depth + 1),
        Value::Object(object) => {
            if let Some(statements) = object.get("Statement") {
                return of_document(object, statements);
            }
            match WRAPPERS.iter().find_map(|name| object.get(*name)) {
                Some(inner) if depth < MAX_WRAPPINGS => of_value(inner, depth + 1),
                _ => Err(Fault::new("", "a trust policy has a `Statement`, and this object has none")),
            }
        }
        _ => Err(Fault::new("", "a trust policy is a JSON object with a `Statement`")),
    }
}

fn of_document(document: &Map<String, Value>, statements: &Value) -> Result<Policy, Fault> {
    let version = document.get("Version").and_then(Value::as_str);
    // A lone statement may stand without its list.
    let (list, is_list) = match statements {
        Value::Array(list) => (list.as_slice(), true),
        lone => (std::slice::from_ref(lone), false),
    };
    let place = |at: usize| if is_list { format!("Statement[{at}]") } else { "Statement".to_owned() };
    let statements = list.iter().enumerate().map(|(at, value)| statement(value, &place(at)));
    Ok(Policy { has_variables: version == Some("2012-10-17"), statements: statements.collect::<Result<_, _>>()? })
}

fn statement(value: &Value, place: &str) -> Result<Statement, Fault> {
    let Value::Object(object) = value else {
        return Err(Fault::new(place, "a statement is an object"));
    };
    let under = |name: &str| format!("{place}.{name}");
    let effect = match object.get("Effect").map(Value::as_str) {
        Some(Some("Allow")) => Effect::Allow,
        Some(Some("Deny")) => Effect::Deny,
        Some(_) => return Err(Fault::new(&under("Effect"), "write \"Allow\" or \"Deny\"")),
        None => return Err(Fault::new(place, "the statement has no `Effect`")),
    };
    let who = match (object.get("Principal"), object.get("NotPrincipal")) {
        (Some(_), Some(_)) => return Err(Fault::new(place, "`Principal` and `NotPrincipal` exclude each other")),
        (Some(value), None) => Who::These(principals(value, &under("Principal"))?),
        (None, Some(_)) => Who::NotThese,
        (None, None) => {
            return Err(Fault::new(place, "the statement names no `Principal`: a trust policy says who may assume"));
        }
    };
    let actions = match (object.get("Action"), object.get("NotAction")) {
        (Some(_), Some(_)) => return Err(Fault::new(place, "`Action` and `NotAction` exclude each other")),
        (Some(value), None) => Actions { patterns: texts(value, &under("Action"))?, is_negated: false },
        (None, Some(value)) => Actions { patterns: texts(value, &under("NotAction"))?, is_negated: true },
        (None, None) => return Err(Fault::new(place, "the statement has no `Action`")),
    };
    Ok(Statement {
        sid: object.get("Sid").and_then(Value::as_str).map(str::to_owned),
        effect,
        who,
        actions,
        conditions: object.get("Condition").map_or(Ok(Vec::new()), |value| conditions(value, &under("Condition")))?,
    })
}

fn principals(value: &Value, place: &str) -> Result<Vec<Principal>, Fault> {
    match value {
        Value::String(text) if text == "*" => Ok(vec![Principal::Anybody]),
        Value::Object(kinds) => {
            let mut found = Vec::new();
            for (kind, values) in kinds {
                let values = texts(values, &format!("{place}.{kind}"))?;
                found.extend(values.iter().map(|value| Principal::read(kind, value)));
            }
            Ok(found)
        }
        _ => Err(Fault::new(place, "write \"*\", or an object such as {\"AWS\": \"arn:…\"}")),
    }
}

fn conditions(value: &Value, place: &str) -> Result<Vec<Condition>, Fault> {
    let Value::Object(operators) = value else {
        return Err(Fault::new(place, "a condition is an object of operators"));
    };
    let mut found = Vec::new();
    for (written, keys) in operators {
        let place = format!("{place}.{written}");
        let Some(operator) = Operator::read(written) else {
            let nearest = Operator::nearest(written).map(|name| format!("; did you mean `{name}`?"));
            return Err(Fault::new(&place, format!("there is no such operator{}", nearest.unwrap_or_default())));
        };
        let Value::Object(keys) = keys else {
            return Err(Fault::new(&place, "an operator holds an object of condition keys"));
        };
        for (key, values) in keys {
            let values = texts(values, &format!("{place}.{key}"))?;
            found.push(Condition { operator: operator.clone(), key: key.clone(), values });
        }
    }
    Ok(found)
}

/// Returns a text, or a list of them, as a list. Numbers and truth values are as good as their text.
fn texts(value: &Value, place: &str) -> Result<Vec<String>, Fault> {
    match value {
        Value::Array(items) => items.iter().map(|item| text(item, place)).collect(),
        lone => Ok(vec![text(lone, place)?]),
    }
}

fn text(value: &Value, place: &str) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Fault::new(place, "write a text, or a list of texts")),
    }
}

/// Undoes percent-encoding (RFC 3986). What is no code stays as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail.first_chunk::<2>().filter(|_| *first == b'%');
        let byte =
            pair.and_then(|pair| std::str::from_utf8(pair).ok()).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
