//! Where are the logs? Lists objects and opens them. The only room that touches files of logs.

mod local;
mod name;
pub mod public_keys;
pub mod s3;

use std::fmt;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use s3::Address;

pub use name::name_of;

/// A signature has 512 digits; what `aws s3api head-object` prints around it is little more.
const LONGEST_SIDECAR: u64 = 64 << 10;

/// How the name of a sidecar ends: the signature of the digest file that it lies beside.
pub const SIDECAR: &str = ".signature";

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
    /// In a bucket: the number of the source among those in S3.
    Bucket(usize),
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
    /// A source in S3 that cannot be listed.
    #[error("cannot read {name}: {reason}\n  hint: {hint}")]
    Bucket {
        /// What the user typed.
        name: String,
        /// What S3 says, in words.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The system gives no threads or sockets.
    #[error("cannot speak to S3: {reason}\n  hint: check the limits of this process: ulimit -a")]
    System {
        /// What the system says.
        reason: io::Error,
    },
}

/// What listing found, and the paths below a source that it could not use.
#[derive(Debug, Default)]
pub struct Listing {
    /// The objects, sorted by name.
    pub objects: Vec<Object>,
    /// What could not be listed or is no file. It makes a run incomplete, not wrong.
    pub unreadable: Vec<Unreadable>,
    /// Folders of CI evidence below a source: they are not walked.
    pub evidence: Vec<PathBuf>,
    /// The sources in S3: their objects come as a [`s3::Stream`].
    pub buckets: Vec<Address>,
}

/// A path below a source that could not be listed, or is no file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The path.
    pub name: String,
    /// What is wrong with it.
    pub reason: String,
    /// True when it is an object rather than a directory: it then counts as one.
    pub is_object: bool,
}

impl Unreadable {
    fn of(path: &Path, reason: &dyn fmt::Display, is_object: bool) -> Self {
        Self { name: name_of(path), reason: reason.to_string(), is_object }
    }
}

/// Lists every object of the sources: `-`, files, and directories, which are walked; and says which are in S3. Each file
/// once, however often it is named.
///
/// Hidden files and directories are passed over. Symbolic links to directories below a source are not followed: where
/// they lead out of the source, they are told as unread. Pipes, sockets and devices are read only when they are named
/// themselves.
pub fn list(sources: &[String]) -> Result<Listing, SourceError> {
    let mut listing = Listing::default();
    for source in sources {
        if source == "-" {
            local::may_be_read(io::stdin().lock())?;
            listing.objects.push(Object { name: "-".to_owned(), place: Place::StandardInput, size: 0, version: None });
            continue;
        }
        if Address::is_meant_by(source) {
            listing.buckets.push(Address::parse(source)?);
            continue;
        }
        local::list(source, &mut listing)?;
    }
    listing.objects.sort_unstable();
    listing.objects.dedup();
    listing.unreadable.sort_unstable();
    listing.buckets.sort_unstable();
    listing.buckets.dedup();
    Ok(listing)
}

/// Opens a file that a user names besides the logs. Opening a pipe may wait for ever, and a device may never end, so that
/// neither is opened; what a shell hands over as an open descriptor is at hand already.
pub fn open_document(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    let is_handed_over = path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd");
    if kind.is_file() || kind.is_dir() || is_handed_over {
        return File::open(path);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
}

impl Object {
    /// Opens the object for reading from its beginning.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match &self.place {
            Place::File(path) => Ok(Box::new(File::open(path)?)),
            Place::StandardInput => Ok(Box::new(io::stdin())),
            Place::Bucket(_) => Err(io::Error::new(io::ErrorKind::Unsupported, "objects of buckets come as a stream")),
        }
    }

    /// Returns the number of the source in S3 that the object is of; 0 for others.
    fn number(&self) -> usize {
        if let Place::Bucket(number) = self.place { number } else { 0 }
    }

    /// Returns the text of the sidecar with an object's signature: `<file>.signature` beside a copied digest file. The
    /// copy itself lacks it, because S3 keeps it in the object's metadata.
    pub fn signature(&self) -> Option<String> {
        let Place::File(path) = &self.place else { return None };
        let mut sidecar = path.clone().into_os_string();
        sidecar.push(SIDECAR);
        let mut text = String::new();
        // Asked before it is opened: opening a pipe may wait for ever.
        let file = fs::metadata(&sidecar).ok().filter(fs::Metadata::is_file).and_then(|_| File::open(sidecar).ok())?;
        file.take(LONGEST_SIDECAR).read_to_string(&mut text).ok()?;
        Some(text)
    }
}
