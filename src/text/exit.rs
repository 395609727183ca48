//! The one way out for a report that is no terminal's: whatever a printer wrote, a line leaves with nothing that a
//! terminal, a browser or a runner of CI obeys, and with no key id when those are masked.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;
use std::io::Write as _;

use super::command;
use super::redact::Shade;
use super::terminal;
use super::terminal::Look;

/// What a report is written in. Each has its own way to write a character as its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// JSON and JSON lines, SARIF, and HCL: `\u0023`. A parser reads the same text.
    Json,
    /// HTML and XML: `&#35;`, which reads as the same text; what their grammars forbid is written as `\u{1b}`.
    Markup,
    /// Markdown, and text for people: `\u{23}`.
    Plain,
    /// Commands for GitHub's runner: ours begin each line.
    Workflow,
}

impl Medium {
    /// Returns a line, without its line break, as it may leave.
    pub fn line(self, line: &str) -> Cow<'_, str> {
        let body = line.trim_start();
        let margin = line.len() - body.len();
        let is_command = matches!(self, Self::Markup | Self::Plain) && command::begins(body);
        if !is_command && terminal::is_plain(line) {
            return Cow::Borrowed(line);
        }
        let mut safe = String::with_capacity(line.len() + 16);
        for (at, character, look) in terminal::looks(line) {
            match look {
                _ if is_command && at == margin => self.push_number(character, &mut safe),
                // Ours, or foreign and harmless beside words.
                Look::Hidden if character == '\u{a0}' => safe.push(character),
                Look::Hidden if self == Self::Markup => safe.extend(character.escape_unicode()),
                Look::Hidden | Look::Command => self.push_number(character, &mut safe),
                Look::Plain => safe.push(character),
            }
        }
        Cow::Owned(safe)
    }

    fn push_number(self, character: char, safe: &mut String) {
        // Writing to a string cannot fail.
        match self {
            Self::Json => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(safe, "\\u{unit:04x}");
                }
            }
            Self::Markup => {
                let _ = write!(safe, "&#{};", u32::from(character));
            }
            Self::Plain | Self::Workflow => safe.extend(character.escape_unicode()),
        }
    }
}

/// So many bytes are looked at together: printers write a word at a time.
const BLOCK: usize = 1 << 15;

/// What a printer writes to. Only whole lines leave it.
pub struct Exit<'o> {
    medium: Medium,
    shade: Shade,
    /// What was written and has not left.
    waiting: Vec<u8>,
    /// How long it may grow before it is looked at: twice as long as the line that was not whole the last time.
    room: usize,
    out: io::BufWriter<&'o mut dyn io::Write>,
}

/// Writes a report through its exit.
pub fn through(
    medium: Medium,
    shade: Shade,
    out: &mut dyn io::Write,
    print: impl FnOnce(&mut Exit<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut exit = Exit { medium, shade, waiting: Vec::new(), room: BLOCK, out: io::BufWriter::new(out) };
    print(&mut exit)?;
    exit.flush()?;
    let rest = std::mem::take(&mut exit.waiting);
    exit.leave(&rest)?;
    exit.out.flush()
}

impl Exit<'_> {
    /// Writes one line.
    fn leave(&mut self, line: &[u8]) -> io::Result<()> {
        // Whole text, as it nearly always is, is found to be that quickly.
        let line = str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed);
        let line = self.shade.text(&line);
        self.out.write_all(self.medium.line(&line).as_bytes())
    }

    /// Writes every line that is whole.
    fn leave_whole(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut rest = waiting.as_slice();
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(at);
            self.leave(line)?;
            self.out.write_all(b"\n")?;
            rest = after.get(1..).unwrap_or_default();
        }
        self.waiting.extend_from_slice(rest);
        self.room = BLOCK.max(2 * rest.len());
        Ok(())
    }
}

impl io::Write for Exit<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= self.room {
            self.leave_whole()?;
        }
        Ok(bytes.len())
    }

    /// A line that is not whole waits for its end.
    fn flush(&mut self) -> io::Result<()> {
        self.leave_whole()?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::Medium;
    use super::Shade;
    use super::through;

    #[test]
    fn each_medium_has_its_own_number_for_a_character() {
        let line = "  ::x ##vso[a\u{1b}\u{202e}\u{e0041}";
        for (medium, safe) in [
            (Medium::Json, "  ::x \\u0023#vso[a\\u001b\\u202e\\udb40\\udc41"),
            (Medium::Markup, "  &#58;:x &#35;#vso[a\\u{1b}\\u{202e}\\u{e0041}"),
            (Medium::Plain, "  \\u{3a}:x \\u{23}#vso[a\\u{1b}\\u{202e}\\u{e0041}"),
            (Medium::Workflow, "  ::x \\u{23}#vso[a\\u{1b}\\u{202e}\\u{e0041}"),
        ] {
            assert_eq!(medium.line(line), safe);
        }
        assert_eq!(Medium::Plain.line("Jürgen 田中 ✓ ## x"), "Jürgen 田中 ✓ ## x");
    }

    #[test]
    fn json_reads_as_it_was() {
        let text = "##vso[x]\u{7f}\u{9b}\u{2028}\u{e0041} \"\\ \u{1b}\n田";
        let written = serde_json::to_string(text).unwrap();
        let line = Medium::Json.line(&written);
        assert!(line.is_ascii() || line.contains('田'));
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn lines_leave_whole_however_they_were_written() {
        let mut out = Vec::new();
        through(Medium::Plain, Shade::new(true), &mut out, |exit| {
            for piece in ["x #", "#vs", "o[y AKIAIOSF", "ODNN7EXAMPLE\n:", ":error", "::"] {
                exit.write_all(piece.as_bytes())?;
                exit.flush()?;
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "x \\u{23}#vso[y ****************MPLE\n\\u{3a}:error::");
    }
}
