//! Text for HTML: nothing that a browser obeys, nothing that hides or turns around what stands beside it.

use std::fmt::Write as _;

use super::terminal;
use super::terminal::Look;

/// Appends the text, safe inside an element and inside a quoted attribute.
///
/// What is not plainly visible is written as `\u{202e}`, as on a terminal; line breaks and tabs, too: foreign text stays
/// on the line where it was put. What a runner of CI would obey is written as a reference.
pub fn escape(text: &str, out: &mut String) {
    for (_, character, look) in terminal::looks(text) {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ if look == Look::Hidden => out.extend(character.escape_unicode()),
            _ if look == Look::Command => {
                // Writing to a string cannot fail.
                let _ = write!(out, "&#{};", u32::from(character));
            }
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_browser_obeys_is_written_out() {
        for (text, safe) in [
            ("gha-orders-42", "gha-orders-42"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\"><img src=x onerror='x'>", "&quot;&gt;&lt;img src=x onerror=&#39;x&#39;&gt;"),
            ("&lt;", "&amp;lt;"),
            ("evil\u{202e}moc\n\0", "evil\\u{202e}moc\\u{a}\\u{0}"),
            ("##vso[x]", "&#35;#vso[x]"),
            ("Jürgen 田中 ✓", "Jürgen 田中 ✓"),
        ] {
            let mut out = String::new();
            super::escape(text, &mut out);
            assert_eq!(out, safe);
        }
    }
}
