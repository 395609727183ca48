//! The page while it is written. Markup comes only from the program's own text; all else is escaped on its way in.

use std::fmt;
use std::fmt::Write as _;
use std::io;

use crate::model::width::wide;
use crate::text::html;

/// Where the markup goes.
pub(super) struct Page<'o> {
    out: &'o mut dyn io::Write,
    buffer: String,
}

/// A column of a table: its head, and whether it holds numbers.
#[derive(Clone, Copy)]
pub(super) struct Col(pub(super) &'static str, pub(super) bool);

/// Makes columns of text.
pub(super) const fn text(head: &'static str) -> Col {
    Col(head, false)
}

/// Makes columns of numbers.
pub(super) const fn number(head: &'static str) -> Col {
    Col(head, true)
}

impl<'o> Page<'o> {
    pub(super) fn new(out: &'o mut dyn io::Write) -> Self {
        Self { out, buffer: String::new() }
    }

    /// Writes markup of the program.
    pub(super) fn raw(&mut self, markup: &'static str) -> io::Result<()> {
        self.out.write_all(markup.as_bytes())
    }

    /// Writes markup of the program with values in the places of `{}`. Whatever the values hold, they are text: every
    /// place is inside an element or inside quotation marks.
    pub(super) fn put<const N: usize>(
        &mut self,
        markup: &'static str,
        values: [&dyn fmt::Display; N],
    ) -> io::Result<()> {
        debug_assert_eq!(markup.matches("{}").count(), N, "{markup}");
        debug_assert!(!markup.contains("={}"), "attributes are quoted: {markup}");
        let mut parts = markup.split("{}");
        self.buffer.clear();
        self.buffer.push_str(parts.next().unwrap_or_default());
        for (part, value) in parts.zip(values) {
            // Writing to a string cannot fail.
            let _ = write!(Escaped(&mut self.buffer), "{value}");
            self.buffer.push_str(part);
        }
        self.out.write_all(self.buffer.as_bytes())
    }

    /// Begins a section with its heading.
    pub(super) fn section(&mut self, id: &'static str, title: &'static str) -> io::Result<()> {
        self.put(
            "<section id=\"{}\" aria-labelledby=\"{}-title\">\n<h2 id=\"{}-title\">{}</h2>\n",
            [&id, &id, &id, &title],
        )
    }

    /// Ends a section.
    pub(super) fn end_section(&mut self) -> io::Result<()> {
        self.raw("</section>\n")
    }

    /// Writes a paragraph.
    pub(super) fn paragraph(&mut self, words: &str) -> io::Result<()> {
        self.put("<p>{}</p>\n", [&words])
    }

    /// Writes a paragraph for those who look for it.
    pub(super) fn note(&mut self, words: &str) -> io::Result<()> {
        self.put("<p class=\"note\">{}</p>\n", [&words])
    }

    /// Begins a table. It scrolls by itself when it is wider than the page; the caption names it for those who hear it.
    pub(super) fn table(&mut self, caption: &str, columns: &[Col]) -> io::Result<()> {
        self.put("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"{}\"><table>", [&caption])?;
        self.put("<caption>{}</caption><thead><tr>", [&caption])?;
        for Col(head, is_number) in columns {
            let class = if *is_number { "n" } else { "t" };
            self.put("<th scope=\"col\" class=\"{}\">{}</th>", [&class, head])?;
        }
        self.raw("</tr></thead><tbody>\n")
    }

    /// Writes the cell that names a row; the row begins with it.
    pub(super) fn row(&mut self, name: &dyn fmt::Display) -> io::Result<()> {
        self.put("<tr><th scope=\"row\">{}</th>", [name])
    }

    /// Writes a cell of text.
    pub(super) fn cell(&mut self, value: &dyn fmt::Display) -> io::Result<()> {
        self.put("<td>{}</td>", [value])
    }

    /// Writes a cell with a moment, which stays on one line.
    pub(super) fn time(&mut self, value: &dyn fmt::Display) -> io::Result<()> {
        self.put("<td class=\"d\">{}</td>", [value])
    }

    /// Writes a cell with a number.
    pub(super) fn count(&mut self, value: u64) -> io::Result<()> {
        let class = if value == 0 { "n zero" } else { "n" };
        self.put("<td class=\"{}\">{}</td>", [&class, &crate::report::names::number(value)])
    }

    /// Writes a cell with ids, which break anywhere.
    pub(super) fn code(&mut self, value: &dyn fmt::Display) -> io::Result<()> {
        self.put("<td><code>{}</code></td>", [value])
    }

    /// Ends a row.
    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.raw("</tr>\n")
    }

    /// Ends a table.
    pub(super) fn end_table(&mut self) -> io::Result<()> {
        self.raw("</tbody></table></div>\n")
    }

    /// Says how many rows are not on the page, and where they are.
    pub(super) fn rest(&mut self, shown: usize, all: usize, what: &str) -> io::Result<()> {
        if all <= shown {
            return Ok(());
        }
        let more = crate::report::names::number(wide(all - shown));
        self.put(
            "<p class=\"rest\">… and {} more {}. The JSON report (<code>--format json</code>) lists all.</p>\n",
            [&more, &what],
        )
    }
}

/// Escapes whatever is formatted into it.
struct Escaped<'b>(&'b mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        html::escape(text, self.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn values_are_text_and_nothing_else() {
        let mut out = Vec::new();
        let mut page = Page::new(&mut out);
        page.put("<a title=\"{}\">{}</a>", [&"\"><script>", &"{}</a>&\u{202e}"]).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<a title=\"&quot;&gt;&lt;script&gt;\">{}&lt;/a&gt;&amp;\\u{202e}</a>"
        );
    }
}
