//! Logs on disk: files, and directories, which are walked.

use std::fs;
use std::io;
use std::io::BufRead;
use std::path::Path;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use super::Listing;
use super::Object;
use super::Place;
use super::SourceError;
use super::Unreadable;
use super::name_of;
use super::s3::spelling;

/// A folder of this name beside logs holds what a CI system says, which is read when it is asked for (`--ci`).
const EVIDENCE: &str = "ci-evidence";

/// Adds every object of one source that is a path.
pub(super) fn list(source: &str, listing: &mut Listing) -> Result<(), SourceError> {
    let path = Path::new(source);
    let metadata = fs::metadata(path).map_err(|reason| {
        // What lies under such a name is read; what does not is meant to be elsewhere.
        spelling::refuse(source).unwrap_or_else(|| missing(source, reason))
    })?;
    if metadata.is_dir() {
        fs::read_dir(path).map_err(|reason| missing(source, reason))?;
        walk(path, listing);
    } else {
        listing.objects.push(file(path, &metadata));
    }
    Ok(())
}

/// Waits for the first bytes of standard input: what cannot be read is an error, and not an empty log.
pub(super) fn may_be_read(mut input: impl BufRead) -> Result<(), SourceError> {
    loop {
        match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(reason) => {
                let hint = "pipe logs into it: aws s3 cp s3://bucket/key - | rolechain audit -";
                return Err(SourceError::Missing { name: "standard input".to_owned(), reason, hint });
            }
            Ok(_) => return Ok(()),
        }
    }
}

fn missing(source: &str, reason: io::Error) -> SourceError {
    let hint = match reason.kind() {
        io::ErrorKind::NotFound => "name a directory, a file, or - for standard input",
        io::ErrorKind::PermissionDenied => "check who may read it",
        _ => "check that it is a readable file or directory",
    };
    SourceError::Missing { name: source.to_owned(), reason, hint }
}

fn file(path: &Path, metadata: &fs::Metadata) -> Object {
    let written = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Object {
        name: name_of(path),
        place: Place::File(path.to_owned()),
        size: metadata.len(),
        version: written.map(|time| time.as_nanos().to_string()),
    }
}

/// Walks a directory without recursion, so that no depth of folders can overflow the stack.
fn walk(root: &Path, listing: &mut Listing) {
    let mut waiting = vec![root.to_owned()];
    // Asked for only when there is such a link.
    let mut own: Option<PathBuf> = None;
    while let Some(directory) = waiting.pop() {
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(reason) => {
                listing.unreadable.push(Unreadable::of(&directory, &reason, false));
                continue;
            }
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(reason) => {
                    listing.unreadable.push(Unreadable::of(&directory, &reason, false));
                    continue;
                }
            };
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && entry.file_name() == EVIDENCE => listing.evidence.push(path),
                Ok(kind) if kind.is_dir() => waiting.push(path),
                // A link to a file is read; a link to a directory might lead back here.
                Ok(_) => match fs::metadata(&path) {
                    Ok(metadata) if metadata.is_dir() => {
                        let own = own.get_or_insert_with(|| fs::canonicalize(root).unwrap_or_else(|_| root.to_owned()));
                        if !fs::canonicalize(&path).is_ok_and(|place| place.starts_with(own)) {
                            let reason = "a link to a directory is not followed: name it as a source, too";
                            listing.unreadable.push(Unreadable::of(&path, &reason, false));
                        }
                    }
                    Ok(metadata) if metadata.is_file() => listing.objects.push(file(&path, &metadata)),
                    // Opening a pipe may wait for ever, and a device may never end.
                    Ok(_) => {
                        listing.unreadable.push(Unreadable::of(&path, &"not a regular file", true));
                    }
                    Err(reason) => {
                        listing.unreadable.push(Unreadable::of(&path, &reason, true));
                    }
                },
                Err(reason) => listing.unreadable.push(Unreadable::of(&path, &reason, true)),
            }
        }
    }
}
