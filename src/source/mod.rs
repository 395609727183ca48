//! Where are the logs? Lists objects and opens them. The only room that touches files of logs.

pub mod public_keys;

use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

/// A signature has 512 digits; what `aws s3api head-object` prints around it is little more.
const LONGEST_SIDECAR: u64 = 64 << 10;

/// One log file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// How reports call it: the path as the user would type it.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// Its size as stored, in bytes; 0 when not known before reading.
    pub size: u64,
    /// What changes when the object changes: its `ETag`, or when the file was written, in nanoseconds.
    pub version: Option<String>,
}

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// Standard input.
    StandardInput,
}

/// What could not be listed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The user named something that is not there, or that may not be read.
    #[error("cannot read {name}: {reason}\n  hint: {hint}")]
    Missing {
        /// What the user typed.
        name: String,
        /// What the system says.
        reason: io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// The source is of a kind that this version cannot read.
    #[error(
        "cannot read {name}: S3 sources are not built into this version\n  hint: copy the logs first: aws s3 sync {name} logs/ && rolechain audit logs/"
    )]
    NotBuiltIn {
        /// What the user typed.
        name: String,
    },
}

/// What listing found, and the paths below a source that it could not use.
#[derive(Debug, Default)]
pub struct Listing {
    /// The objects, sorted by name.
    pub objects: Vec<Object>,
    /// Paths below a source that could not be listed or are no files, with the reason. They make a run incomplete, not wrong.
    pub unreadable: Vec<(String, String)>,
}

/// Lists every object of the sources: `-`, files, and directories, which are walked. Each file once, however often it
/// is named.
///
/// Hidden files and directories are passed over, and symbolic links to directories below a source are not followed.
/// Pipes, sockets and devices are read only when they are named themselves.
pub fn list(sources: &[String]) -> Result<Listing, SourceError> {
    let mut listing = Listing::default();
    for source in sources {
        if source == "-" {
            listing.objects.push(Object { name: "-".to_owned(), place: Place::StandardInput, size: 0, version: None });
            continue;
        }
        if source.starts_with("s3://") {
            return Err(SourceError::NotBuiltIn { name: source.clone() });
        }
        let path = Path::new(source);
        let metadata = fs::metadata(path).map_err(|reason| missing(source, reason))?;
        if metadata.is_dir() {
            fs::read_dir(path).map_err(|reason| missing(source, reason))?;
            walk(path, &mut listing);
        } else {
            listing.objects.push(file(path, &metadata));
        }
    }
    listing.objects.sort_unstable();
    listing.objects.dedup();
    listing.unreadable.sort_unstable();
    Ok(listing)
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
                listing.unreadable.push((directory.to_string_lossy().into_owned(), reason.to_string()));
                continue;
            }
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(reason) => {
                    listing.unreadable.push((directory.to_string_lossy().into_owned(), reason.to_string()));
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
                        let reason = "not a regular file".to_owned();
                        listing.unreadable.push((path.to_string_lossy().into_owned(), reason));
                    }
                    Err(reason) => {
                        listing.unreadable.push((path.to_string_lossy().into_owned(), reason.to_string()));
                    }
                },
                Err(reason) => listing.unreadable.push((path.to_string_lossy().into_owned(), reason.to_string())),
            }
        }
    }
}

impl Object {
    /// Opens the object for reading from its beginning.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match &self.place {
            Place::File(path) => Ok(Box::new(File::open(path)?)),
            Place::StandardInput => Ok(Box::new(io::stdin())),
        }
    }

    /// Returns the text of the sidecar with an object's signature: `<file>.signature` beside a copied digest file. The
    /// copy itself lacks it, because S3 keeps it in the object's metadata.
    pub fn signature(&self) -> Option<String> {
        let Place::File(path) = &self.place else { return None };
        let mut sidecar = path.clone().into_os_string();
        sidecar.push(".signature");
        let mut text = String::new();
        let file = File::open(sidecar).ok().filter(|file| file.metadata().is_ok_and(|about| about.is_file()))?;
        file.take(LONGEST_SIDECAR).read_to_string(&mut text).ok()?;
        Some(text)
    }
}
