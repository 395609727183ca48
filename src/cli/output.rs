//! Where the result goes, how wide it is, and whether it has color.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::BufWriter;
use std::io::IsTerminal as _;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use super::args_shared::ColorArg;
use super::args_shared::OutputArgs;
use super::exit::Failure;
use crate::report::Options;

/// The width for pipes and files, and when a terminal does not tell its own.
const DEFAULT_WIDTH: usize = 100;

/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// No run writes longer: what is older was left by one that was killed.
const LONGEST_WRITE: Duration = Duration::from_hours(24);

/// How many names for a draft are tried beyond the first.
const MAX_DRAFTS: u32 = 8;

/// Makes the report's options from what was typed and whether it goes to standard output.
pub(super) fn options(args: &OutputArgs, to_stdout: bool) -> Options {
    let to_terminal = to_stdout && io::stdout().is_terminal();
    Options {
        redact: args.content.redact,
        include_services: args.content.include_services,
        width: width(to_terminal),
        color: use_color(args.color, to_terminal),
        // A file is kept, and nobody scrolls past the rest of it.
        all: args.all || !to_stdout,
        only_chains: false,
    }
}

/// Returns the width to write for: `COLUMNS` if it is set, else the terminal's own.
pub(super) fn width(to_terminal: bool) -> usize {
    let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let own = || to_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
    columns.or_else(own).filter(|width| *width > 0).unwrap_or(DEFAULT_WIDTH).clamp(60, 240)
}

/// Says whether nobody told a width: standard output is no terminal, and `COLUMNS` is not set.
pub(super) fn has_no_width() -> bool {
    !io::stdout().is_terminal() && variable("COLUMNS").is_none()
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
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Writes the result to every place that was named, or to standard output.
pub(super) fn write_all(
    args: &OutputArgs,
    render: impl Fn(&Options, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let named = args.output.iter().map(|file| (file != "-").then_some(file.as_str()));
    let to_stdout = args.output.is_empty().then_some(None);
    for file in named.chain(to_stdout) {
        let options = options(args, file.is_none());
        write(file, |out| render(&options, out))?;
    }
    Ok(())
}

/// Writes the result: to a file, whole or not at all, or to standard output.
pub(super) fn write(path: Option<&str>, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let Some(path) = path else {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        render(&mut out)?;
        out.flush()?;
        return Ok(());
    };
    let cannot = |error: io::Error| Failure::new(format!("cannot write {path}: {error}"));
    let target = resolve(Path::new(path));
    match fs::metadata(&target) {
        // A device or a pipe is written to; it must never be replaced by a file. A directory fails here.
        Ok(old) if !old.is_file() => {
            let mut out = BufWriter::new(File::options().write(true).open(&target).map_err(cannot)?);
            render(&mut out).and_then(|()| out.flush()).map_err(cannot)
        }
        Ok(old) => replace(&target, Some(&old), render).map_err(cannot),
        Err(_) => replace(&target, None, render).map_err(cannot),
    }
}

/// Follows symbolic links, also those that lead to nothing yet: the link stays, and what it names is written.
pub(super) fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(next) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or_else(|| Path::new("")).join(next);
    }
    path
}

/// Writes a file whole or not at all. A reader must never see half a report: it is written beside its place, and then
/// moved there.
fn replace(
    target: &Path,
    old: Option<&Metadata>,
    render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let (draft, file) = create_draft(target)?;
    let written = fill(file, old, render).and_then(|()| fs::rename(&draft, target));
    if written.is_err() {
        // Best effort: the error that matters is the one reported.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn fill(file: File, old: Option<&Metadata>, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if let Some(old) = old {
        // Before the first byte: who may not read the old file may not read the draft of the new one.
        file.set_permissions(old.permissions())?;
    }
    let mut out = BufWriter::new(file);
    render(&mut out)?;
    out.flush()
}

/// Removes the drafts that killed runs left of what is called `name`: `.name.<process>.part`. A run that still writes has
/// a draft of today.
pub(super) fn sweep(parent: &Path, name: &OsStr) {
    let Some(name) = name.to_str() else { return };
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let found = entry.file_name();
        let middle = found.to_str().and_then(|found| found.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.'));
        let is_draft = middle
            .and_then(|rest| rest.strip_suffix(".part"))
            .is_some_and(|numbers| numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
        let Ok(data) = entry.metadata() else { continue };
        let age = data.modified().ok().and_then(|time| time.elapsed().ok());
        if is_draft && age.is_some_and(|age| LONGEST_WRITE < age) {
            // Best effort: what cannot be removed harms nobody.
            let _ = if data.is_dir() { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) };
        }
    }
}

/// Creates a file beside the target that nobody else has, under a name that walking a directory passes over.
fn create_draft(target: &Path) -> io::Result<(PathBuf, File)> {
    let Some(name) = target.file_name() else { return Err(io::ErrorKind::IsADirectory.into()) };
    let parent = target.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    sweep(parent, name);
    let mut attempt = 0;
    loop {
        let mut draft = OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}", std::process::id()));
        if attempt > 0 {
            draft.push(format!(".{attempt}"));
        }
        draft.push(".part");
        let draft = target.with_file_name(draft);
        match File::options().write(true).create_new(true).open(&draft) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < MAX_DRAFTS => attempt += 1,
            opened => return opened.map(|file| (draft, file)),
        }
    }
}

/// Returns the file to write, if one is named. One that is there is refused unless it was said with force: somebody may
/// have edited it, and must not lose that by mistake. Devices and pipes keep nothing.
pub(super) fn new_file<'f>(named: Option<&'f str>, force: bool, way_out: &str) -> Result<Option<&'f str>, Failure> {
    let file = named.filter(|file| *file != "-");
    let is_there = |file: &&str| fs::metadata(file).is_ok_and(|there| there.is_file());
    match file.filter(|_| !force).filter(is_there) {
        None => Ok(file),
        Some(file) => Err(Failure::new(format!(
            "{file} is there already, and somebody may have edited it\n  hint: {way_out}, or pass --force to write over it"
        ))),
    }
}
