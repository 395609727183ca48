//! Where in a repository a finding belongs: the line of the expectations file that it breaks, for the formats that hang
//! findings on files.

use std::fmt::Write as _;

use super::Report;

/// Where an answer belongs when no expectations file was used.
const DEFAULT_FILE: &str = "rolechain.toml";

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The file, as the user named it.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: usize,
    /// False when there is no such file yet.
    pub(super) exists: bool,
}

/// Returns the place of a finding: the line of the expectation that speaks of it, else the first of the file.
///
/// Logs are no place: they are in no repository, and platforms refuse a whole upload for one address they do not know.
pub(super) fn of(report: &Report<'_>, fingerprint: &str) -> Place {
    let Some(file) = report.run.expectations.as_deref() else {
        return Place { file: DEFAULT_FILE.to_owned(), line: 1, exists: false };
    };
    let line = report.run.expectation_lines.get(fingerprint).copied().unwrap_or(1);
    Place { file: file.to_owned(), line: line.max(1), exists: true }
}

/// Returns a path as a reference by RFC 3986: relative to the repository when it is relative, else a `file:` URI.
pub(super) fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_become_references() {
        for (path, uri) in [
            ("rolechain.toml", "rolechain.toml"),
            ("./ci/my file.toml", "ci/my%20file.toml"),
            ("/etc/rolechain.toml", "file:///etc/rolechain.toml"),
            ("a:b#c?d", "a%3Ab%23c%3Fd"),
        ] {
            assert_eq!(super::uri(path), uri);
        }
    }
}
