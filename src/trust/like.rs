//! `StringLike`: `*` is any run of characters, `?` exactly one, all else itself. Two pointers, no recursion.

use std::str::Chars;

/// One part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// `*`: any run of characters, also none, also across `/` and `:`.
    Run,
    /// `?`: exactly one character.
    One,
    /// This character. A wildcard that was escaped, or that a policy variable brought in, is one of these.
    Literal(char),
}

impl Token {
    fn takes(self, character: char, any_case: bool) -> bool {
        match self {
            Self::Run | Self::One => true,
            Self::Literal(own) if any_case => own == character || own.to_lowercase().eq(character.to_lowercase()),
            Self::Literal(own) => own == character,
        }
    }
}

/// Reads a pattern without variables.
pub fn tokens(pattern: &str) -> Vec<Token> {
    pattern.chars().map(token).collect()
}

/// Reads one character of a pattern.
pub fn token(character: char) -> Token {
    match character {
        '*' => Token::Run,
        '?' => Token::One,
        other => Token::Literal(other),
    }
}

/// True when the whole of `text` fits the pattern.
///
/// Walks both once; on a mismatch the latest `*` takes one character more. That is enough: whatever an earlier `*`
/// could take instead, the latest one can take, too.
pub fn fits(pattern: &[Token], text: &str, any_case: bool) -> bool {
    let mut pattern_rest = pattern;
    let mut text_rest = text.chars();
    let mut latest: Option<(&[Token], Chars<'_>)> = None;
    loop {
        if let Some((Token::Run, after)) = pattern_rest.split_first() {
            latest = Some((after, text_rest.clone()));
            pattern_rest = after;
            continue;
        }
        let mut text_next = text_rest.clone();
        match (pattern_rest.split_first(), text_next.next()) {
            (None, None) => return true,
            (Some((token, after)), Some(character)) if token.takes(character, any_case) => {
                pattern_rest = after;
                text_rest = text_next;
                continue;
            }
            _ => {}
        }
        let Some((after, mut taken)) = latest.take() else { return false };
        if taken.next().is_none() {
            return false;
        }
        pattern_rest = after;
        text_rest = taken.clone();
        latest = Some((after, taken));
    }
}

/// True when `text` fits a pattern as it is written. Case matters.
pub fn matches(pattern: &str, text: &str) -> bool {
    fits(&tokens(pattern), text, false)
}

#[cfg(test)]
mod tests {
    use super::fits;
    use super::matches;
    use super::tokens;

    #[test]
    fn a_star_crosses_slashes_and_colons() {
        for (pattern, text, is_fit) in [
            ("repo:acme/*", "repo:acme/orders:environment:prod", true),
            ("repo:acme*", "repo:acme-evil/orders:pull_request", true),
            ("repo:acme/orders*", "repo:acme/orders-evil:pull_request", true),
            ("*:ref:refs/heads/main", "repo:evil/x:ref:refs/heads/main", true),
            ("repo:acme/orders:*", "repo:acme/orders-evil:pull_request", false),
            ("repo:acme/?rders:*", "repo:acme/orders:pull_request", true),
            ("?", "", false),
            ("?", "é", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
        ] {
            assert_eq!(matches(pattern, text), is_fit, "{pattern} {text}");
        }
    }

    #[test]
    fn case_is_free_only_when_asked_for() {
        assert!(fits(&tokens("ÀB*"), "àbc", true));
        assert!(!fits(&tokens("AB*"), "abc", false));
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!matches(&pattern, &"a".repeat(20_000)));
    }
}
