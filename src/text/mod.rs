//! Makes foreign text safe for a medium, at the last moment: whoever writes the logs may be an attacker.

pub mod fit;
pub mod html;
pub mod terminal;

/// Returns a message of several lines made safe for a terminal: its line breaks stay, all else is escaped.
pub fn lines(message: &str) -> String {
    message.lines().map(terminal::escape).collect::<Vec<_>>().join("\n")
}
