//! Text for the workflow commands of GitHub Actions (`::error title=…::…`): one command stays one command.

use super::command;
use super::terminal;

/// Returns the text of a message of these lines. A line break inside of one is foreign, and is written out.
pub fn message(lines: &[&str]) -> String {
    let safe: Vec<_> = lines.iter().map(|line| command::broken(&terminal::escape(line)).replace('%', "%25")).collect();
    safe.join("%0A")
}

/// Returns the text of a property: here a colon or a comma would end it.
pub fn property(text: &str) -> String {
    terminal::escape(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{message, property};

    #[test]
    fn nothing_ends_a_command() {
        assert_eq!(message(&["100% of\n::x", "::it\r"]), "100%25 of\\u{a}::x%0A\\u{3a}:it\\u{d}");
        assert_eq!(property("a,line=1::b%0A\n"), "a%2Cline=1%3A%3Ab%250A\\u{a}");
    }
}
