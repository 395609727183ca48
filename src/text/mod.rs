//! Makes foreign text safe for a medium, at the last moment: whoever writes the logs may be an attacker.
//!
//! Printers escape what they print; [`exit`] is the wall behind them, which no report passes by.

pub mod command;
pub mod exit;
pub mod fit;
pub mod html;
pub mod markdown;
pub mod redact;
pub mod terminal;
pub mod workflow;

/// Returns a message of several lines made safe for standard error: its line breaks stay, all else is escaped.
pub fn lines(message: &str) -> String {
    message.lines().map(|line| command::broken(&terminal::escape(line)).into_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_line_of_a_message_is_a_command() {
        assert_eq!(
            super::lines("cannot read x\n  ::error::y\n\u{1b}[2J"),
            "cannot read x\n  \\u{3a}:error::y\n\\u{1b}[2J"
        );
    }
}
