//! How reports call a path.

use std::path::Path;

/// Returns how reports call a path: as the user would type it. No two paths have one name: a byte that is no text is
/// written as U+FFFD and its two digits, and so is U+FFFD itself.
pub fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                char::REPLACEMENT_CHARACTER => escape(&mut name, "\u{fffd}".as_bytes()),
                '\\' if cfg!(windows) => name.push('/'),
                character => name.push(character),
            }
        }
        escape(&mut name, chunk.invalid());
    }
    name
}

fn escape(name: &mut String, bytes: &[u8]) {
    for byte in bytes {
        name.push(char::REPLACEMENT_CHARACTER);
        name.extend([byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(u32::from(digit), 16)));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeSet;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    use super::name_of;

    #[test]
    fn different_paths_have_different_names() {
        let paths: [&[u8]; 8] = [
            b"a/b.json",
            b"a\\b.json",
            b"a\xff.json",
            b"a\xfe.json",
            b"a\xff\xfe.json",
            "a\u{fffd}.json".as_bytes(),
            "a\u{fffd}ff.json".as_bytes(),
            "\u{e4}\u{fffd}".as_bytes(),
        ];
        let names: BTreeSet<String> = paths.iter().map(|path| name_of(Path::new(OsStr::from_bytes(path)))).collect();
        assert_eq!(names.len(), paths.len(), "{names:?}");
        assert!(names.contains("a/b.json") && names.contains("a\\b.json") && names.contains("a\u{fffd}ff.json"));
    }
}
