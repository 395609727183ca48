//! Where the result goes, how wide it is, and whether it has colour.

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::IsTerminal as _;
use std::io::Write;
use std::path::Path;

use super::args::ColorArg;
use super::args::OutputArgs;
use super::exit::Failure;
use crate::report::Options;

/// The width for pipes and files, and when a terminal does not tell its own.
const DEFAULT_WIDTH: usize = 100;

/// Makes the report's options from what was typed and where it goes.
pub(super) fn options(args: &OutputArgs) -> Options {
    let to_terminal = args.output.is_none() && io::stdout().is_terminal();
    Options {
        redact: args.redact,
        include_services: args.include_services,
        width: width(to_terminal),
        color: use_color(args.color, to_terminal),
    }
}

/// Returns the width to write for: `COLUMNS` if it is set, else the terminal's own.
pub(super) fn width(to_terminal: bool) -> usize {
    let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let own = || to_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
    columns.or_else(own).filter(|width| *width > 0).unwrap_or(DEFAULT_WIDTH).clamp(60, 240)
}

pub(super) fn use_color(wanted: ColorArg, to_terminal: bool) -> bool {
    match wanted {
        ColorArg::Always => true,
        ColorArg::Never => false,
        // https://no-color.org: any non-empty value.
        ColorArg::Auto => {
            let no_color = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
            to_terminal && !no_color && variable("TERM").as_deref() != Some("dumb")
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Writes the result: to a file, whole or not at all, or to standard output.
pub(super) fn write(args: &OutputArgs, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let Some(path) = &args.output else {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        render(&mut out)?;
        out.flush()?;
        return Ok(());
    };
    let cannot = |error: io::Error| Failure::new(format!("cannot write {path}: {error}"));
    let path = Path::new(path);
    // A reader must never see half a report: it is written beside its place and then moved there.
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    let mut out = BufWriter::new(File::create(&draft).map_err(cannot)?);
    let written = render(&mut out).and_then(|()| out.flush()).and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        // Best effort: the error that matters is the one reported.
        let _ = std::fs::remove_file(&draft);
    }
    written.map_err(cannot)
}
