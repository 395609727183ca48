//! The files of CI systems: `--ci FILE` and `--ci DIR`, whatever they hold.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;

use crate::ci;
use crate::ci::Facts;
use crate::ci::RunKey;
use crate::ci::Wanted;
use crate::pipeline::RunError;
use crate::source::open_document;

/// How the names of files end that are read in a folder whatever is in them, as is a file that is named.
const ENDINGS: [&str; 4] = [".json", ".ndjson", ".jsonl", ".gz"];

/// What the script of `ci wanted` writes for itself.
const MARKERS: [&str; 3] = ["not-there.txt", "repository.txt", "project.txt"];

/// Reads files and folders, and brings together what they say.
pub(super) fn read(named: &[String]) -> Result<Facts, RunError> {
    let mut facts = Facts::default();
    let mut count = 0_usize;
    for name in named {
        let refused = |error: io::Error| {
            RunError::refused(format!(
                "cannot read the CI evidence {name}: {error}\n  hint: name a file or a folder that your CI system's API \
                 filled; docs/ci.md says how to fetch it"
            ))
        };
        let mut files = Vec::new();
        let path = Path::new(name);
        let is_folder = path.is_dir();
        if is_folder {
            walk(path, &mut files).map_err(refused)?;
            // A folder that is still empty says nothing, and so does the report.
        } else {
            files.push(path.to_owned());
        }
        files.sort();
        for file in files {
            let name = file.to_string_lossy();
            let left = if is_folder { unread(&file).map_err(refused)? } else { None };
            let source = open_document(&file).map_err(refused)?;
            count += usize::from(left.is_none());
            let read = match left {
                Some(why) => facts.leave(&name, source, why),
                None => facts.read(&name, source),
            };
            read.map_err(refused)?;
        }
    }
    facts.settle();
    // A pipeline that names the wrong file must not turn green by it.
    if count > 0 && facts.says_nothing() {
        let defects = facts.files.iter().filter_map(|file| file.defects.first().map(|defect| (&file.name, defect)));
        let first = defects.take(1).map(|(name, defect)| format!(": {name}: byte {}: {}", defect.at, defect.message));
        return Err(RunError::refused(format!(
            "nothing in {} is what a CI system says{}\n  hint: --ci takes JSON of a CI system's API, and logs are sources; \
             docs/ci.md says how to fetch it",
            named.join(", "),
            first.collect::<String>()
        )));
    }
    Ok(facts)
}

/// Writes the script that fetches evidence of these runs, and of some who reviewed their commits.
pub fn fetch_script(wanted: &[Wanted], reviewed: &BTreeSet<RunKey>) -> String {
    ci::script(wanted, reviewed)
}

/// Returns why a file of a folder is not read: it is not whole, or does not begin as JSON or gzip does.
fn unread(path: &Path) -> io::Result<Option<&'static str>> {
    let name = name_of(path);
    if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return Ok(None);
    }
    if ends_in(&name, "part") {
        return Ok(Some("this download is not finished: start the script again"));
    }
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x1e | 0xef | 0xbb | 0xbf);
    let mut source = BufReader::new(open_document(path)?);
    let first = loop {
        let bytes = source.fill_buf()?;
        let blanks = bytes.iter().take_while(|byte| is_blank(byte)).count();
        let rest = bytes.get(blanks..).unwrap_or_default();
        if !rest.is_empty() || bytes.is_empty() {
            break rest;
        }
        source.consume(blanks);
    };
    Ok(match first {
        // The latter two are text of two bytes a letter: the reader says so.
        [] | [b'{' | b'[', ..] | [0x1f, 0x8b, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => None,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'P', b'K', ..] | [0x42, 0x5a, 0x68, ..] | [0xfd, b'7', b'z', ..] => {
            Some("this is packed: unpack it; of packed files, those of gzip are read")
        }
        _ => Some("this is not JSON, and is not read"),
    })
}

/// Returns the last part of a path, in small letters.
fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

fn ends_in(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|own| own == extension)
}

/// Finds the files in a folder and all below it. Links are not followed, and hidden files and what explains or marks others are
/// no evidence.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let (entry, path) = entry.map(|entry| (entry.file_type(), entry.path()))?;
        let kind = entry?;
        let name = name_of(&path);
        let is_page = name.starts_with("pipelines-") && ends_in(&name, "txt");
        let is_beside = name.starts_with('.') || ends_in(&name, "md") || is_page || MARKERS.contains(&&*name);
        if kind.is_dir() && name != ".git" {
            walk(&path, files)?;
        } else if kind.is_file() && !is_beside {
            files.push(path);
        }
    }
    Ok(())
}
