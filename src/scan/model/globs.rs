//! Many globs, asked at once: what they begin with alike is compared once, and what begins otherwise is never looked at.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::glob;
use super::glob::Token;

/// Patterns by their place in a list.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// Those without wildcards.
    literal: BTreeMap<String, Vec<usize>>,
    /// The others. The first one is where every pattern begins.
    nodes: Vec<Node>,
    ignores_case: bool,
}

/// So much of a pattern as others begin with, too.
#[derive(Clone, Debug, Default)]
struct Node {
    /// Where patterns go on, by what comes next.
    next: BTreeMap<Token, usize>,
    /// The patterns that end here.
    ends: Vec<usize>,
    /// True behind a `*`, which takes whatever comes.
    is_run: bool,
}

impl Globs {
    /// Takes patterns, in order. Case matters.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        Self::default().with(patterns)
    }

    /// Takes patterns, in order. Letters of either case fit.
    pub fn ignoring_case<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        Self { ignores_case: true, ..Self::default() }.with(patterns)
    }

    fn with<'p>(mut self, patterns: impl IntoIterator<Item = &'p str>) -> Self {
        self.nodes.push(Node::default());
        for (place, pattern) in patterns.into_iter().enumerate() {
            if !pattern.contains(['*', '?']) {
                self.literal.entry(self.folded(pattern).into_owned()).or_default().push(place);
                continue;
            }
            let end = glob::tokens(pattern).fold(0, |node, token| self.after(node, token));
            if let Some(node) = self.nodes.get_mut(end) {
                node.ends.push(place);
            }
        }
        self
    }

    fn after(&mut self, node: usize, token: Token) -> usize {
        let new = self.nodes.len();
        let token = match token {
            Token::Literal(character) => Token::Literal(self.fold(character)),
            other => other,
        };
        let Some(node) = self.nodes.get_mut(node) else { return new };
        let next = *node.next.entry(token).or_insert(new);
        if next == new {
            self.nodes.push(Node { is_run: token == Token::Run, ..Node::default() });
        }
        next
    }

    /// Writes a character so that it is the same in either case, when that does not matter. One that has no single other
    /// case stays as it is, as [`glob::fits`] has it.
    fn fold(&self, character: char) -> char {
        let mut lower = character.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(lower), None) if self.ignores_case => lower,
            _ => character,
        }
    }

    fn folded<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.ignores_case { text.chars().map(|character| self.fold(character)).collect() } else { text.into() }
    }

    /// Returns the places of the patterns that the whole of `text` fits.
    pub fn fitting(&self, text: &str) -> impl Iterator<Item = usize> {
        // Most files name few, or none: then nobody folds the text or walks over it.
        let literal = if self.literal.is_empty() { None } else { self.literal.get(&*self.folded(text)) };
        let literal = literal.into_iter().flatten().copied();
        let reached = if self.nodes.len() > 1 { self.reached(text) } else { Vec::new() };
        literal
            .chain(reached.into_iter().filter_map(|at| self.nodes.get(at)).flat_map(|node| node.ends.iter().copied()))
    }

    /// Returns the nodes at which the whole of `text` may end.
    fn reached(&self, text: &str) -> Vec<usize> {
        let mut reached = Vec::new();
        self.reach(0, &mut reached);
        for character in text.chars() {
            let character = self.fold(character);
            let before = std::mem::take(&mut reached);
            for (at, node) in before.iter().filter_map(|at| Some((*at, self.nodes.get(*at)?))) {
                if node.is_run {
                    self.reach(at, &mut reached);
                }
                for token in [Token::One, Token::Literal(character)] {
                    node.next.get(&token).into_iter().for_each(|next| self.reach(*next, &mut reached));
                }
            }
            reached.sort_unstable();
            reached.dedup();
        }
        reached
    }

    /// Notes a node, and those that a `*` which takes nothing leads to.
    fn reach(&self, node: usize, reached: &mut Vec<usize>) {
        let run = |at: &usize| self.nodes.get(*at)?.next.get(&Token::Run).copied();
        reached.extend(std::iter::successors(Some(node), run));
    }
}

#[cfg(test)]
mod tests {
    use super::Globs;
    use crate::model::glob;

    #[test]
    fn many_globs_say_what_each_says() {
        let patterns =
            ["", "*", "?", "a", "a*", "a**", "*a", "*a*", "a?", "?a", "a*b", "a*b*c", "a?c", "é*", "ab*", "*b?"];
        let globs = Globs::new(patterns);
        for text in
            ["", "a", "b", "aa", "ab", "ba", "abc", "aXbYc", "aXc", "é", "éa", "aab", "abab", "abcabc", "*", "?"]
        {
            let mut found: Vec<usize> = globs.fitting(text).collect();
            found.sort_unstable();
            let each = (0..patterns.len()).filter(|at| glob::matches(patterns[*at], text));
            assert_eq!(found, each.collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn many_globs_ignore_case_as_each_does() {
        let patterns = ["acme/orders", "ACME/*", "*/Orders", "Éa?", "İ*", "i*", "\u{130}", "ß", "?"];
        let globs = Globs::ignoring_case(patterns);
        for text in ["Acme/ORDERS", "acme/x", "éAb", "İx", "i\u{307}", "I", "\u{130}", "ẞ", "ss"] {
            let mut found: Vec<usize> = globs.fitting(text).collect();
            found.sort_unstable();
            let each = (0..patterns.len()).filter(|at| glob::matches_ignore_case(patterns[*at], text));
            assert_eq!(found, each.collect::<Vec<_>>(), "{text}");
        }
    }
}
