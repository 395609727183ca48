//! Documents that a user names, in whatever packing a shell has left them: plain, gzip, or UTF-16, as shells of Windows write.
//! Every file besides the logs is read here, so that none keeps a run waiting and none is read without end.

use std::io;
use std::path::Path;

use crate::pipeline::RunError;
use crate::read::gunzip;
use crate::read::read_limited;
use crate::source::open_document;

/// Reads a document; `-` is standard input. `what` says what it should be.
pub(super) fn read(file: &str, what: &str) -> Result<String, RunError> {
    let text = if file == "-" { unpacked(io::stdin().lock()) } else { read_file(Path::new(file)) };
    text.map_err(|error| RunError::refused(format!("cannot read {what} {file}: {error}")))
}

/// Reads the text of a file, whatever it is called.
pub(super) fn read_file(path: &Path) -> io::Result<String> {
    unpacked(open_document(path)?)
}

fn unpacked(source: impl io::Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    read_limited(source, &mut bytes)?;
    let none = || {
        let why = "it is neither UTF-8 nor UTF-16 text\n  hint: save it as UTF-8";
        io::Error::new(io::ErrorKind::InvalidData, why)
    };
    text(&gunzip(bytes)?).ok_or_else(none)
}

fn text(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], number: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| number(*pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        // Without a mark: no text that this program reads has a zero byte.
        [_, 0, ..] => wide(bytes, u16::from_le_bytes),
        [0, _, ..] => wide(bytes, u16::from_be_bytes),
        plain => String::from_utf8(plain.to_vec()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn both_orders_of_utf_16_are_read_with_and_without_a_mark() {
        let le: Vec<u8> = "{\"é\": 1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "{\"é\": 1}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, bytes) in [(&[0xff, 0xfe][..], &le), (&[], &le), (&[0xfe, 0xff], &be), (&[], &be)] {
            assert_eq!(text(&[mark, bytes].concat()).as_deref(), Some("{\"é\": 1}"));
        }
        assert_eq!(text(&[0xff, 0xfe, 0x7b]), None);
        assert_eq!(text(&[0x7b, 0xff]), None);
        assert_eq!(text(b"").as_deref(), Some(""));
    }
}
