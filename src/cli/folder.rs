//! `--report DIR`: every format at once. Nobody sees half a file, and a new directory appears with all of its files.

use std::ffi::OsStr;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use super::exit::Failure;
use super::moment;
use super::output;
use crate::report::Format;
use crate::text;
use crate::text::redact::Shade;

/// How the hidden directory is called, with a dot before it, and the number of the process behind.
const DRAFT: &str = "rolechain-report";

/// Stands beside reports that are older than the last run.
const MARK: &str = "FAILED.txt";

/// Says beside reports that the last run failed: whoever opens them must not take them for its own.
pub(super) fn mark(folder: &str, failure: &Failure, shade: Shade) {
    let Failure::Message(message) = failure else { return };
    let target = Path::new(folder);
    if Format::ALL.iter().any(|format| target.join(format.file_name()).is_file()) {
        let text = format!(
            "The run of {} failed. Reports in this folder may be of an earlier run.\n\nerror: {}\n",
            moment::now(),
            text::lines(&shade.text(message))
        );
        // Best effort: the error is told in any case.
        let _ = fs::write(target.join(MARK), text);
    }
}

/// Writes every format into the directory.
///
/// All files are written in a hidden directory first. A directory that is not there yet is that one, renamed; in one that is
/// there, each file is replaced by a rename, one right after the other, and other people's files stay.
pub(super) fn write(
    folder: &str,
    mut render: impl FnMut(Format, &mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let cannot = |error: io::Error| Failure::new(format!("cannot write the reports to {folder}: {error}"));
    if folder.is_empty() {
        // An unset variable of a script: `/` is certainly not meant.
        return Err(Failure::new("--report names no directory\n  hint: `rolechain audit logs/ --report out/`"));
    }
    let target = output::resolve(Path::new(folder.trim_end_matches('/')));
    let target = if target.as_os_str().is_empty() { PathBuf::from("/") } else { target };
    let is_there = target.is_dir();
    if !is_there && fs::symlink_metadata(&target).is_ok() {
        return Err(Failure::new(format!(
            "cannot write the reports to {folder}: it is there and no directory\n  hint: `rolechain audit logs/ --report out/` makes a directory that is not there"
        )));
    }
    let draft = draft(&target, is_there).map_err(cannot)?;
    let written = fill(&draft, &mut render).and_then(|()| publish(&draft, &target, is_there));
    if written.is_err() || is_there {
        // Best effort: what matters is written, or the error that is reported.
        let _ = fs::remove_dir_all(&draft);
    }
    written.map_err(cannot)
}

/// Makes the hidden directory, on the same file system: in the target when it is there, else beside it.
fn draft(target: &Path, is_there: bool) -> io::Result<PathBuf> {
    let parent = if is_there {
        target
    } else {
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        parent
    };
    output::sweep(parent, OsStr::new(DRAFT));
    let draft = parent.join(format!(".{DRAFT}.{}.part", std::process::id()));
    // Of a run that was killed and had our number: nobody else uses this name.
    let _ = fs::remove_dir_all(&draft);
    fs::create_dir(&draft)?;
    Ok(draft)
}

fn fill(draft: &Path, render: &mut impl FnMut(Format, &mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    for format in Format::ALL {
        let mut out = BufWriter::new(File::create_new(draft.join(format.file_name()))?);
        render(format, &mut out)?;
        out.flush()?;
        // A power cut right after the rename must not leave an empty report under its final name.
        out.get_ref().sync_all()?;
    }
    Ok(())
}

fn publish(draft: &Path, target: &Path, is_there: bool) -> io::Result<()> {
    if !is_there {
        return fs::rename(draft, target);
    }
    let places = Format::ALL.map(|format| target.join(format.file_name()));
    // Asked before the first rename, so that a refusal changes nothing.
    if let Some(place) = places.iter().find(|place| place.is_dir()) {
        let message = format!("{} is a directory", place.display());
        return Err(io::Error::new(io::ErrorKind::IsADirectory, message));
    }
    for (format, place) in Format::ALL.into_iter().zip(&places) {
        fs::rename(draft.join(format.file_name()), place)?;
    }
    // These are the reports of the last run again.
    match fs::remove_file(target.join(MARK)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
