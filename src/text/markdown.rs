//! Text for GitHub-flavored Markdown: what is not a plain word stands in a code span, where nothing links, mentions or
//! runs. Told by what is plain, not by what is dangerous: platforms add syntax, and nobody tells us.

use std::fmt::Write as _;

use super::html;
use super::terminal;

/// More digits, or letters of a hexadecimal number, in a row than this may be taken for a commit.
const MAX_HEX: usize = 6;

/// Returns foreign text as one code span.
pub fn code(text: &str) -> String {
    let text = terminal::escape(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A span may neither be empty nor touch a backtick of its text; the outer spaces are taken off again.
    let is_padded = text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() || text.starts_with(' ');
    if is_padded { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

/// Returns a sentence that may hold foreign words: those that are not plain become code spans.
pub fn prose(text: &str) -> String {
    spans(text, code)
}

/// Returns text for a cell of a table. A pipe would end the cell even inside a code span, and escaping it can be undone
/// by a backslash before it: it is written as `\u{7c}`.
pub fn cell(text: &str) -> String {
    prose(&text.replace('|', "\\u{7c}"))
}

/// Returns one name as a code span for a cell of a table.
pub fn code_cell(text: &str) -> String {
    code(&text.replace('|', "\\u{7c}"))
}

/// Returns a sentence for inside an HTML block, such as a `<summary>`.
pub fn summary(text: &str) -> String {
    spans(text, |word| {
        let mut out = String::from("<code>");
        html::escape(&terminal::escape(word), &mut out);
        out + "</code>"
    })
}

/// Goes from word to word; runs of words that are not plain become one code span.
fn spans(text: &str, code: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let opening = word.len() - word.trim_start_matches('(').len();
        let (before, rest) = word.split_at(opening);
        let bare = rest.trim_end_matches(['.', ',', ';', ':', ')', '?', '!']);
        let after = rest.get(bare.len()..).unwrap_or_default();
        // A closing bracket may only stand outside when one was opened outside.
        let is_balanced = before.len() == after.matches(')').count();
        if is_plain(bare) && (at > 0 || !begins_a_list(word)) {
            out.push_str(word);
        } else if is_balanced {
            let _ = write!(out, "{before}{}{after}", code(bare));
        } else {
            let _ = write!(out, "{before}{}", code(rest));
        }
    }
    out
}

/// True for words that no platform reads anything into.
fn is_plain(word: &str) -> bool {
    if word.is_empty() || matches!(word, "–" | "—" | "→" | "×" | "·" | "…" | "=" | "+") {
        return true;
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '–');
    let has_letter = word.contains(char::is_alphabetic);
    let has_digit = word.contains(char::is_numeric);
    let is_number = !has_letter && word.chars().all(|c| c.is_ascii_digit() || c == ',');
    let is_hex = word.len() > MAX_HEX && word.chars().all(|c| c.is_ascii_hexdigit());
    (is_number || is_moment(word) || (word.chars().all(is_word) && !has_digit))
        && !is_hex
        && !word.starts_with('-')
        && !has_unsafe(word)
}

/// True for a day or a time of day: `2026-11-21`, `23:01`.
fn is_moment(word: &str) -> bool {
    let is = |shape: &str| {
        let fits = |(byte, want): (u8, u8)| if want == b'0' { byte.is_ascii_digit() } else { byte == want };
        word.len() == shape.len() && word.bytes().zip(shape.bytes()).all(fits)
    };
    is("0000-00-00") || is("00:00")
}

fn has_unsafe(word: &str) -> bool {
    word.contains(terminal::is_unsafe)
}

/// True for a first word that makes its line an item or a rule: `1.`, `-`, `+`, `=`.
fn begins_a_list(word: &str) -> bool {
    let is_item = word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(['.', ')']);
    is_item || word.starts_with(['+', '=', '-', '*', '#', '>'])
}

#[cfg(test)]
mod tests {
    use super::{cell, code, code_cell, prose, summary};

    #[test]
    fn plain_words_stay_and_all_else_is_code() {
        for (text, safe) in [
            ("A token of repo:acme/orders entered (twice).", "A token of `repo:acme/orders` entered (twice)."),
            ("Let Jürgen's role be, then.", "Let Jürgen's role be, then."),
            ("in account tooling (111111111111), 3 times", "in account tooling (`111111111111`), 3 times"),
            ("ask @octavia about #12 or GH-12.", "ask `@octavia` about `#12` or `GH-12`."),
            ("see https://evil.example/x and www.evil.example", "see `https://evil.example/x` and `www.evil.example`"),
            ("**bold** <b>x</b> [a](b) ![i](j) ~~s~~", "`**bold**` `<b>x</b>` `[a](b)` `![i](j)` `~~s~~`"),
            ("a@b.example :tada: $x$ [^1]", "`a@b.example` `:tada`: `$x$` `[^1]`"),
            ("1. first", "`1`. first"),
            ("2 times", "2 times"),
            ("at 2026-11-21 23:01, 1:2 and 23:01:17", "at 2026-11-21 23:01, `1:2` and `23:01:17`"),
            ("- item", "`-` item"),
            ("deadbeef and 1234567", "`deadbeef` and `1234567`"),
            ("call f(x) now", "call `f(x)` now"),
            ("line\nbreak", "`line\\u{a}break`"),
        ] {
            assert_eq!(prose(text), safe);
        }
    }

    #[test]
    fn a_span_cannot_be_left() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`` <img src=x>"), "``` `` <img src=x> ```");
        assert_eq!(code(""), "`  `");
        assert_eq!(code("x\u{202e}y\n"), "`x\\u{202e}y\\u{a}`");
        assert_eq!(code_cell("a|b\\|c"), "`a\\u{7c}b\\\\u{7c}c`");
        assert_eq!(cell("a | b"), "a `\\u{7c}` b");
        assert_eq!(
            summary("role <script>alert(1)</script>"),
            "role <code>&lt;script&gt;alert(1)&lt;/script&gt;</code>"
        );
    }
}
