//! Text for the workflow commands of GitHub Actions (`::error title=…::…`): one command stays one command.

use super::terminal;

/// Returns the text of a message.
pub fn message(text: &str) -> String {
    // Line breaks of ours are `%0A`; foreign ones are written out by the first step.
    let safe: Vec<_> = text.split('\n').map(|line| terminal::escape(line).replace('%', "%25")).collect();
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
        assert_eq!(message("100% of\nit\r::warning::x"), "100%25 of%0Ait\\u{d}::warning::x");
        assert_eq!(property("a,line=1::b%0A\n"), "a%2Cline=1%3A%3Ab%250A\\u{a}");
    }
}
