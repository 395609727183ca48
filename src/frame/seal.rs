//! Seals: the length and the hash of a file, by which a later reader knows whether it is still what was written.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use super::FrameError;
use crate::model::width::wide;

/// What tells whether bytes are those that were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// How many there are.
    pub bytes: u64,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
}

impl Seal {
    /// Seals bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::made(wide(bytes.len()), Sha256::new_with_prefix(bytes))
    }

    fn made(bytes: u64, hash: Sha256) -> Self {
        let sha256 = hash.finalize().iter().fold(String::new(), |mut text, byte| {
            // Writing to text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self { bytes, sha256 }
    }

    /// Reads a file as a whole, and refuses it when it is not what was sealed.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, FrameError> {
        let mut bytes = Vec::new();
        // One byte more tells that there are more; what has grown need not be read.
        File::open(path)
            .and_then(|file| file.take(self.bytes.saturating_add(1)).read_to_end(&mut bytes))
            .map_err(|error| FrameError::new(path, error))?;
        let found = wide(bytes.len());
        if found != self.bytes {
            let found = if found < self.bytes { found.to_string() } else { "more".to_owned() };
            return Err(FrameError::new(
                path,
                format!("it had {} bytes when it was written, and has {found}", self.bytes),
            ));
        }
        if Self::of(&bytes) != *self {
            return Err(FrameError::new(path, "it is not what was written: its checksum (SHA-256) is another"));
        }
        Ok(bytes)
    }
}

/// A file that seals what is written to it.
pub(super) struct Sealing {
    file: File,
    hash: Sealer,
}

/// What was written so far. Shared, because the writer of Parquet keeps the file that it was given.
#[derive(Clone, Default)]
pub(super) struct Sealer(Arc<Mutex<(u64, Sha256)>>);

impl Sealing {
    pub(super) fn new(file: File) -> (Self, Sealer) {
        let hash = Sealer::default();
        (Self { file, hash: hash.clone() }, hash)
    }
}

impl Sealer {
    /// Returns the seal of everything that was written.
    pub(super) fn seal(&self) -> Seal {
        let written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Seal::made(written.0, written.1.clone())
    }
}

impl io::Write for Sealing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        let mut written = self.hash.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.0 += wide(count);
        written.1.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::fs::File;
    use std::io::Write as _;

    use super::Seal;
    use super::Sealing;

    #[test]
    fn a_file_is_read_when_it_is_what_was_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let (mut file, sealer) = Sealing::new(File::create(&path).unwrap());
        file.write_all(b"ab").unwrap();
        file.write_all(b"c").unwrap();
        let seal = sealer.seal();
        assert_eq!(seal, Seal::of(b"abc"));
        assert_eq!(seal.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(seal.read(&path).unwrap(), b"abc");
        for (now, said) in [
            (&b"abd"[..], "its checksum (SHA-256) is another"),
            (b"ab", "it had 3 bytes when it was written, and has 2"),
            (b"", "and has 0"),
            (b"abcabc", "and has more"),
        ] {
            fs::write(&path, now).unwrap();
            let error = seal.read(&path).unwrap_err().to_string();
            assert!(error.starts_with(&*path.to_string_lossy()) && error.ends_with(said), "{error}");
        }
        fs::remove_file(&path).unwrap();
        assert!(seal.read(&path).is_err());
    }
}
