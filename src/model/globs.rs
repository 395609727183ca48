//! Many globs, asked at once: what they begin with alike is compared once, and what begins otherwise is never looked at.

use std::collections::BTreeMap;

use super::glob;
use super::glob::Token;

/// Patterns by their place in a list.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// The first one is where every pattern begins.
    nodes: Vec<Node>,
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
    /// Takes patterns, in order.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let mut globs = Self { nodes: vec![Node::default()] };
        for (place, pattern) in patterns.into_iter().enumerate() {
            let end = glob::tokens(pattern).fold(0, |node, token| globs.after(node, token));
            if let Some(node) = globs.nodes.get_mut(end) {
                node.ends.push(place);
            }
        }
        globs
    }

    fn after(&mut self, node: usize, token: Token) -> usize {
        let new = self.nodes.len();
        let Some(node) = self.nodes.get_mut(node) else { return new };
        let next = *node.next.entry(token).or_insert(new);
        if next == new {
            self.nodes.push(Node { is_run: token == Token::Run, ..Node::default() });
        }
        next
    }

    /// Returns the places of the patterns that the whole of `text` fits. Case matters.
    pub fn fitting(&self, text: &str) -> impl Iterator<Item = usize> {
        let mut reached = Vec::new();
        self.reach(0, &mut reached);
        for character in text.chars() {
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
        reached.into_iter().filter_map(|at| self.nodes.get(at)).flat_map(|node| node.ends.iter().copied())
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
}
