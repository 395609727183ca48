//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the escapes `${*}`, `${?}`, `${$}`.

use super::request::Lookup;
use super::request::Request;
use super::truth::Lack;
use crate::model::glob::Token;

/// Reads a value of a policy as a pattern, its variables replaced by what the request has for them.
///
/// What a variable brings in is text: its `*` and `?` are no wildcards.
pub(super) fn pattern(
    text: &str,
    has_variables: bool,
    has_wildcards: bool,
    request: &Request,
) -> Result<Vec<Token>, Lack> {
    let plain = |text: &str| -> Vec<Token> {
        let literal = |character| if has_wildcards { Token::of(character) } else { Token::Literal(character) };
        text.chars().map(literal).collect()
    };
    if !has_variables {
        return Ok(plain(text));
    }
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((variable, tail)) = after.split_once('}') else { break };
        found.extend(plain(before));
        match variable {
            "*" | "?" | "$" => found.extend(variable.chars().map(Token::Literal)),
            _ => found.extend(value(variable, request)?.chars().map(Token::Literal)),
        }
        rest = tail;
    }
    found.extend(plain(rest));
    Ok(found)
}

/// Returns what a variable stands for.
fn value(variable: &str, request: &Request) -> Result<String, Lack> {
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => {
            (key.trim(), default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\'')))
        }
        None => (variable.trim(), None),
    };
    match (request.lookup(key), default) {
        (Lookup::Values([own]), _) => Ok(own.clone()),
        (Lookup::Absent, Some(default)) => Ok(default.to_owned()),
        (Lookup::Unknown, _) => Err(Lack::Key(key.to_owned())),
        (Lookup::Absent, None) => Err(Lack::Fact(format!("a value of ${{{key}}}, which the request does not have"))),
        (Lookup::Values(_), _) => Err(Lack::Unmodelled(format!("${{{key}}} with several values"))),
    }
}

/// Writes a text so that a policy of version 2012-10-17 means exactly it.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "${$}{")
}
