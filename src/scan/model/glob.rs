//! `StringLike` globs: `*` is any run of characters, `?` exactly one, all else itself.

use std::fmt;

/// One part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Token {
    /// `*`: any run of characters, also none, also across `/` and `:`.
    Run,
    /// `?`: exactly one character.
    One,
    /// This character. A wildcard that was escaped, or that a policy variable brought in, is one of these.
    Literal(char),
}

impl Token {
    /// Reads one character of a pattern.
    pub fn of(character: char) -> Self {
        match character {
            '*' => Self::Run,
            '?' => Self::One,
            other => Self::Literal(other),
        }
    }

    fn takes(self, character: char, any_case: bool) -> bool {
        match self {
            Self::Run | Self::One => true,
            Self::Literal(own) if any_case => own == character || own.to_lowercase().eq(character.to_lowercase()),
            Self::Literal(own) => own == character,
        }
    }
}

/// Reads a pattern without variables.
pub fn tokens(pattern: &str) -> impl Iterator<Item = Token> + Clone {
    pattern.chars().map(Token::of)
}

/// True when the whole of `text` fits the pattern.
///
/// Walks both once; on a mismatch the latest `*` takes one character more. That is enough: whatever an earlier `*`
/// could take instead, the latest one can take, too. No recursion, no allocation.
pub fn fits(pattern: impl Iterator<Item = Token> + Clone, text: &str, any_case: bool) -> bool {
    let mut pattern_rest = pattern;
    let mut text_rest = text.chars();
    let mut latest = None;
    loop {
        let mut pattern_next = pattern_rest.clone();
        let mut text_next = text_rest.clone();
        match (pattern_next.next(), text_next.next()) {
            (None, None) => return true,
            (Some(Token::Run), _) => {
                latest = Some((pattern_next.clone(), text_rest.clone()));
                pattern_rest = pattern_next;
                continue;
            }
            (Some(token), Some(character)) if token.takes(character, any_case) => {
                pattern_rest = pattern_next;
                text_rest = text_next;
                continue;
            }
            _ => {}
        }
        let Some((after, mut taken)) = latest.take() else { return false };
        if taken.next().is_none() {
            return false;
        }
        pattern_rest = after.clone();
        text_rest = taken.clone();
        latest = Some((after, taken));
    }
}

/// True when the whole of `text` fits `pattern`. Case matters.
pub fn matches(pattern: &str, text: &str) -> bool {
    fits(tokens(pattern), text, false)
}

/// As [`matches()`], in letters of either case.
pub fn matches_ignore_case(pattern: &str, text: &str) -> bool {
    fits(tokens(pattern), text, true)
}

/// A pattern that was found to be a good one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Glob(String);

impl Glob {
    /// Takes a pattern; an empty one matches nothing useful and is refused.
    pub fn new(pattern: &str) -> Option<Self> {
        (!pattern.is_empty()).then(|| Self(pattern.to_owned()))
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when the whole of `text` fits. Case matters.
    pub fn matches(&self, text: &str) -> bool {
        matches(&self.0, text)
    }

    /// As [`Self::matches`], in letters of either case.
    pub fn matches_ignore_case(&self, text: &str) -> bool {
        matches_ignore_case(&self.0, text)
    }

    /// True when the pattern has no wildcard.
    pub fn is_literal(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    /// How many characters the pattern pins: the more, the narrower it is.
    pub fn literal_chars(&self) -> usize {
        self.0.chars().filter(|c| !matches!(c, '*' | '?')).count()
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
        assert!(fits(tokens("ÀB*"), "àbc", true));
        assert!(!fits(tokens("AB*"), "abc", false));
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!matches(&pattern, &"a".repeat(20_000)));
    }
}
