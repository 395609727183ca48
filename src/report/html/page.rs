//! What every part of the page is made of, and the way out. Markup is checked when the program is compiled; whatever is put into
//! it is text.

use std::io;

use maud::Markup;
use maud::html;

use crate::model::width::wide;
use crate::report::document::Mark;
use crate::report::names::number;

/// The elements whose end ends a line of the page.
const LINES: [&str; 18] = [
    "</a>",
    "</dd>",
    "</div>",
    "</figcaption>",
    "</g>",
    "</h2>",
    "</h3>",
    "</head>",
    "</li>",
    "</p>",
    "</path>",
    "</section>",
    "</style>",
    "</summary>",
    "</table>",
    "</text>",
    "</thead>",
    "</tr>",
];

/// Writes markup. Line breaks in it are foreign and become visible: ours follow from the elements.
pub(super) fn write(markup: &Markup, out: &mut dyn io::Write) -> io::Result<()> {
    for part in markup.0.split_inclusive('>') {
        let (mut rest, mut broken) = (part, part.split_once('\n'));
        while let Some((before, after)) = broken {
            out.write_all(before.as_bytes())?;
            out.write_all(b"\\u{a}")?;
            (rest, broken) = (after, after.split_once('\n'));
        }
        out.write_all(rest.as_bytes())?;
        if part.rfind("</").and_then(|at| part.get(at..)).is_some_and(|end| LINES.contains(&end)) {
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// A section with its heading.
pub(super) fn section(id: &str, title: &str, body: &Markup) -> Markup {
    html! { section id=(id) aria-labelledby={ (id) "-title" } { h2 id={ (id) "-title" } { (title) } (body) } }
}

/// A paragraph for those who look for it.
pub(super) fn note(words: &str) -> Markup {
    html! { p.note { (prose(words)) } }
}

/// What is wider than a narrow page: it scrolls by itself.
pub(super) fn scroll(name: &str, body: &Markup) -> Markup {
    html! { div.scroll role="group" tabindex="0" aria-label=(name) { (body) } }
}

impl Mark {
    /// The class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Notice => "notice",
            Self::Alarm => "alarm",
        }
    }

    /// What stands before words that are marked: color alone says nothing.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Plain | Self::Good => "",
            Self::Notice => "△ ",
            Self::Alarm => "▲ ",
        }
    }

    /// The color where no style sheet may be used, and the judgment in words.
    pub(super) fn color_and_words(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain | Self::Good => ("#8090a8", "not flagged"),
            Self::Notice => ("#7a4d00", "flagged (medium or low)"),
            Self::Alarm => ("#a61b1b", "flagged (critical or high)"),
        }
    }
}

/// A severity.
pub(super) fn chip(severity: &str) -> Markup {
    html! { span class={ "chip " (severity) } { (severity) } }
}

/// Something that leads somewhere, if there is an address: to a place on the page, or away from it.
pub(super) fn link(address: Option<&str>, words: &Markup) -> Markup {
    html! {
        @match address {
            None => (words),
            Some(place) if place.starts_with('#') => a href=(place) { (words) },
            Some(address) => a href=(address) rel="noopener noreferrer" { (words) },
        }
    }
}

/// Sentences; what stands between backticks is code.
pub(super) fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    html! {
        @if parts.len().is_multiple_of(2) {
            (text)
        } @else {
            @for (nth, part) in parts.iter().enumerate() {
                @if nth.is_multiple_of(2) { (part) } @else { code { (part) } }
            }
        }
    }
}

/// Says how many rows are not on the page, and where they are.
pub(super) fn rest(shown: usize, all: usize, what: &str) -> Markup {
    html! {
        @if all > shown {
            p.rest {
                "… and " (number(wide(all - shown))) " more " (what) ". The JSON report (" code { "--format json" } ") lists all."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{link, prose, write};
    use maud::{Markup, html};

    fn written(markup: &Markup) -> String {
        let mut out = Vec::new();
        write(markup, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_text_and_nothing_else() {
        assert_eq!(
            written(&html! { p title=("\"><script>\n") { ("</p>\n\n&") } td { ("\n") } }),
            "<p title=\"&quot;&gt;&lt;script&gt;\\u{a}\">&lt;/p&gt;\\u{a}\\u{a}&amp;</p>\n<td>\\u{a}</td>"
        );
    }

    #[test]
    fn only_pairs_of_backticks_are_code() {
        for (text, markup) in
            [("a `<b>` c", "a <code>&lt;b&gt;</code> c"), ("a ` c", "a ` c"), ("", ""), ("``", "<code></code>")]
        {
            assert_eq!(written(&prose(text)), markup);
        }
    }

    #[test]
    fn what_leads_away_says_nothing_of_the_page() {
        let words = html! { "x" };
        assert_eq!(written(&link(None, &words)), "x");
        assert_eq!(written(&link(Some("#y"), &words)), "<a href=\"#y\">x</a>\n");
        let away = "<a href=\"https://x/&quot;\" rel=\"noopener noreferrer\">x</a>\n";
        assert_eq!(written(&link(Some("https://x/\""), &words)), away);
    }
}
