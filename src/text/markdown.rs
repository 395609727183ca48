//! Text for Markdown: no markup, no links, no raw HTML, and nothing that a terminal could not show either.

use super::terminal;

/// Returns the text so that Markdown shows it as it is written, inside a paragraph, a heading or a table cell.
pub fn escape(text: &str) -> String {
    let visible = terminal::escape(text);
    let mut safe = String::with_capacity(visible.len() + 8);
    for character in visible.chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '+' | '-' | '!' | '|' | '~'
        ) {
            safe.push('\\');
        }
        match character {
            '&' => safe.push_str("&amp;"),
            // Addresses would become links, and names would call people.
            ':' => safe.push_str("&#58;"),
            '@' => safe.push_str("&#64;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_is_shown_and_not_obeyed() {
        assert_eq!(escape("[x](y)|<b>"), "\\[x\\]\\(y\\)\\|\\<b\\>");
        assert_eq!(escape("https://a.example @you & me"), "https&#58;//a.example &#64;you &amp; me");
    }
}
