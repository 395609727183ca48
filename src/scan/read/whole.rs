//! Whole documents that are no logs, such as snapshots: small, and named by the user.

use std::io;
use std::io::BufRead;
use std::io::Read;

use flate2::bufread::MultiGzDecoder;

use crate::model::width::wide;

/// The largest document that is read: those of an organization with thousands of accounts have a tenth of it.
const LARGEST_DOCUMENT: u64 = 256 << 20;

/// Inflates a document that is gzip; what is not is returned as it is.
pub fn gunzip(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut inflated = Vec::new();
    read_limited(MultiGzDecoder::new(bytes.as_slice()), &mut inflated)?;
    Ok(inflated)
}

/// Inflates a document piece by piece.
pub fn inflating(source: impl BufRead) -> impl Read {
    MultiGzDecoder::new(source)
}

/// Reads a document to its end, and no more than the largest has.
pub fn read_limited(source: impl io::Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    source.take(LARGEST_DOCUMENT + 1).read_to_end(bytes)?;
    if wide(bytes.len()) > LARGEST_DOCUMENT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it has more than 256 MiB"));
    }
    Ok(())
}
