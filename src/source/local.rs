//! Logs on disk: files, and directories, which are walked.

use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::Listing;
use super::Object;
use super::Place;
use super::SourceError;
use super::Unreadable;

/// Adds every object of one source that is a path.
pub(super) fn list(source: &str, listing: &mut Listing) -> Result<(), SourceError> {
    let path = Path::new(source);
    let metadata = fs::metadata(path).map_err(|reason| missing(source, reason))?;
    if metadata.is_dir() {
        fs::read_dir(path).map_err(|reason| missing(source, reason))?;
        walk(path, listing);
    } else {
        listing.objects.push(file(path, &metadata));
    }
    Ok(())
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
        name: path.to_string_lossy().replace('\\', "/"),
        place: Place::File(path.to_owned()),
        size: metadata.len(),
        version: written.map(|time| time.as_nanos().to_string()),
    }
}

/// Walks a directory without recursion, so that no depth of folders can overflow the stack.
fn walk(root: &Path, listing: &mut Listing) {
    let mut waiting = vec![root.to_owned()];
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
                Ok(kind) if kind.is_dir() => waiting.push(path),
                // A link to a file is read; a link to a directory might lead back here.
                Ok(_) => match fs::metadata(&path) {
                    Ok(metadata) if metadata.is_dir() => {}
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
