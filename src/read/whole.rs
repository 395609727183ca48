//! Whole documents that are no logs, such as snapshots: small, and named by the user.

use std::io;
use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;

/// Inflates a document that is gzip; what is not is returned as it is.
pub fn gunzip(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut inflated = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut inflated)?;
    Ok(inflated)
}
