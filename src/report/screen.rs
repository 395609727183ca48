//! The terminal: lines that never exceed the width, color only when asked for, and nothing that a terminal obeys.

use std::borrow::Cow;
use std::io;

use super::Options;
use crate::text::command;
use crate::text::fit;
use crate::text::redact::Shade;
use crate::text::terminal;
use crate::text::terminal::Look;

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Titles and names that matter.
    Strong,
    /// What is there for those who look for it.
    Quiet,
    /// Critical findings.
    Critical,
    /// High findings, and input that is not complete.
    High,
    /// Medium findings.
    Medium,
    /// Low findings.
    Low,
    /// What is as it should be.
    Good,
    /// Numbers of the kind that is looked for.
    Accent,
}

/// The greatest width of running text.
const MAX_TEXT: usize = 110;

/// Ends a style.
const PLAIN: char = '\u{206f}';

impl Style {
    const ALL: [Self; 8] =
        [Self::Strong, Self::Quiet, Self::Critical, Self::High, Self::Medium, Self::Low, Self::Good, Self::Accent];

    /// Styles travel inside text as invisible characters of no width, so that tables measure right. Foreign text
    /// cannot hold them: escaping writes them out.
    fn mark(self) -> char {
        match self {
            Self::Strong => '\u{2061}',
            Self::Quiet => '\u{2062}',
            Self::Critical => '\u{2063}',
            Self::High => '\u{2064}',
            Self::Medium => '\u{206a}',
            Self::Low => '\u{206b}',
            Self::Good => '\u{206c}',
            Self::Accent => '\u{206d}',
        }
    }

    /// The parameters of Select Graphic Rendition: only what every terminal's own palette decides.
    fn sgr(self) -> &'static str {
        match self {
            Self::Strong => "\u{1b}[1m",
            Self::Quiet => "\u{1b}[2m",
            Self::Critical => "\u{1b}[1;31m",
            Self::High => "\u{1b}[31m",
            Self::Medium => "\u{1b}[33m",
            Self::Low => "\u{1b}[34m",
            Self::Good => "\u{1b}[32m",
            Self::Accent => "\u{1b}[36m",
        }
    }

    /// Returns the style of a severity.
    pub(super) fn of_severity(name: &str) -> Self {
        match name {
            "critical" => Self::Critical,
            "high" => Self::High,
            "medium" => Self::Medium,
            "low" => Self::Low,
            _ => Self::Quiet,
        }
    }
}

/// Gives text a style. The text is already safe.
pub(super) fn paint(style: Style, text: &str) -> String {
    format!("{}{text}{PLAIN}", style.mark())
}

/// Makes foreign text safe: the only way for it into a line.
pub(super) fn safe(text: &str) -> Cow<'_, str> {
    terminal::escape(text)
}

/// Returns the line so that no runner of CI takes it for a command: many look at the beginning, and a long foreign name
/// may be broken just there.
fn without_command(text: &str) -> Cow<'_, str> {
    let is_mark = |c: char| c == PLAIN || Style::ALL.iter().any(|style| style.mark() == c);
    let body = text.trim_start_matches(|c: char| c == ' ' || c == '\u{a0}' || is_mark(c));
    let margin = text.get(..text.len() - body.len()).unwrap_or_default();
    match command::broken(body) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(body) => Cow::Owned(format!("{margin}{body}")),
    }
}

/// A terminal of some width, or what is piped as if to one.
pub(super) struct Screen<'o> {
    out: &'o mut dyn io::Write,
    /// How many columns a line may have.
    pub(super) width: usize,
    color: bool,
    shade: Shade,
}

impl<'o> Screen<'o> {
    pub(super) fn new(options: &Options, out: &'o mut dyn io::Write) -> Self {
        // Narrower than this nothing could be told; such a terminal breaks the lines itself.
        Self { out, width: options.width.max(40), color: options.color, shade: Shade::new(options.redact) }
    }

    /// Writes one line. What is too long is cut: callers have made it fit, this is the second wall.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        let text =
            text.trim_end_matches(|c: char| c == ' ' || c == PLAIN || Style::ALL.iter().any(|style| style.mark() == c));
        let shaded = self.shade.text(text);
        let guarded = without_command(&shaded);
        let text = guarded.as_ref();
        let is_fitting = fit::width(text) <= self.width;
        let room = if is_fitting { self.width } else { self.width - 1 };
        let mut line = String::with_capacity(text.len() + 16);
        let mut used = 0;
        let mut is_styled = false;
        for (_, character, look) in terminal::looks(text) {
            if let Some(style) = Style::ALL.into_iter().find(|style| style.mark() == character) {
                if self.color {
                    line.push_str(style.sgr());
                    is_styled = true;
                }
                continue;
            }
            if character == PLAIN {
                if is_styled {
                    line.push_str("\u{1b}[0m");
                    is_styled = false;
                }
                continue;
            }
            if character == '\u{a0}' {
                // Ours: foreign ones are written out. It has kept two words together and has done its work.
                used += 1;
                line.push(' ');
            } else if look != Look::Plain {
                // What is foreign was written out before: this was forgotten, or came of two texts side by side.
                line.push('\u{fffd}');
                used += 1;
            } else {
                used += fit::width_of(character);
                if used > room {
                    line.push('…');
                    break;
                }
                line.push(character);
            }
        }
        if is_styled {
            line.push_str("\u{1b}[0m");
        }
        line.push('\n');
        self.out.write_all(line.as_bytes())
    }

    /// Writes one line that is there to be copied: it is as long as it is, and the terminal breaks it.
    pub(super) fn verbatim(&mut self, text: &str) -> io::Result<()> {
        let width = std::mem::replace(&mut self.width, usize::MAX);
        let written = self.line(text);
        self.width = width;
        written
    }

    /// Writes an empty line.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// Writes the heading of a section, and beside it what the section holds.
    pub(super) fn heading(&mut self, title: &str, note: &str) -> io::Result<()> {
        self.blank()?;
        let room = self.width.saturating_sub(fit::width(title) + 2);
        self.line(&format!("{}  {}", paint(Style::Strong, title), paint(Style::Quiet, &fit::cut(note, room))))
    }

    /// Writes safe text in as many lines as it needs, the first after `first`, the others after as many spaces.
    pub(super) fn paragraph(&mut self, first: &str, text: &str, style: Option<Style>) -> io::Result<()> {
        let rest = " ".repeat(fit::width(first));
        self.hanging(first, &rest, text, style)
    }

    /// Writes safe text in as many lines as it needs, the first after `first` and the others after `rest`.
    pub(super) fn hanging(&mut self, first: &str, rest: &str, text: &str, style: Option<Style>) -> io::Result<()> {
        // Longer lines are hard to follow back to their beginning.
        let width = self.width.min(MAX_TEXT);
        let room = width.saturating_sub(fit::width(first).max(fit::width(rest))).max(16);
        for (at, line) in fit::wrap(&self.shade.text(text), room).iter().enumerate() {
            let line = style.map_or_else(|| line.clone(), |style| paint(style, line));
            self.line(&format!("{}{line}", if at == 0 { first } else { rest }))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Screen, Style, paint};
    use crate::report::Options;

    fn shown(text: &str, color: bool) -> String {
        let mut out = Vec::new();
        let options = Options { width: 40, color, ..Options::default() };
        Screen::new(&options, &mut out).line(text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn color_is_written_only_when_asked_for() {
        let text = format!("a {} b", paint(Style::High, "bad"));
        assert_eq!(shown(&text, false), "a bad b\n");
        assert_eq!(shown(&text, true), "a \u{1b}[31mbad\u{1b}[0m b\n");
    }

    #[test]
    fn nothing_passes_that_was_not_made_safe() {
        assert_eq!(shown("a\u{1b}[2Jb\u{202e}c\n\u{7f}d", false), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}\u{fffd}d\n");
    }

    #[test]
    fn no_line_is_a_command_of_a_runner() {
        assert_eq!(shown("   ::error::x", false), "   \\u{3a}:error::x\n");
        assert_eq!(shown(&paint(Style::Quiet, "::set-env name=x::y"), false), "\\u{3a}:set-env name=x::y\n");
        assert_eq!(shown("a ::error::x", false), "a ::error::x\n");
    }

    #[test]
    fn a_line_never_exceeds_the_width() {
        let long = "田".repeat(30);
        assert_eq!(shown(&long, false), format!("{}…\n", "田".repeat(19)));
        assert_eq!(shown(&paint(Style::Low, &long), true), format!("\u{1b}[34m{}…\u{1b}[0m\n", "田".repeat(19)));
    }
}
