//! IAM's `StringLike` globs: `*` is any run of characters, `?` is exactly one, all else is itself.

use std::fmt;

/// True when the whole of `text` fits `pattern`. Case matters.
pub fn matches(pattern: &str, text: &str) -> bool {
    fits(pattern, text, |a, b| a == b)
}

/// As [`matches()`], but ASCII letters of either case are the same.
pub fn matches_ignore_case(pattern: &str, text: &str) -> bool {
    fits(pattern, text, |a, b| a.eq_ignore_ascii_case(&b))
}

/// Walks both texts once; on a mismatch the latest `*` takes one character more. No recursion, no allocation.
fn fits(pattern: &str, text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let mut pattern_rest = pattern.chars();
    let mut text_rest = text.chars();
    let mut latest_star = None;
    loop {
        let mut pattern_next = pattern_rest.clone();
        let mut text_next = text_rest.clone();
        match (pattern_next.next(), text_next.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                latest_star = Some((pattern_next.clone(), text_rest.clone()));
                pattern_rest = pattern_next;
                continue;
            }
            (Some(p), Some(t)) if p == '?' || same(p, t) => {
                pattern_rest = pattern_next;
                text_rest = text_next;
                continue;
            }
            _ => {}
        }
        let Some((after_star, mut taken)) = latest_star.take() else { return false };
        if taken.next().is_none() {
            return false;
        }
        pattern_rest = after_star.clone();
        text_rest = taken.clone();
        latest_star = Some((after_star, taken));
    }
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

    /// As [`Self::matches`], but ASCII letters of either case are the same.
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
