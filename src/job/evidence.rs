//! The files of CI systems: `--ci FILE` and `--ci DIR`, whatever they hold.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::ci;
use crate::ci::Facts;
use crate::ci::RunKey;
use crate::ci::Wanted;
use crate::pipeline::RunError;
use crate::source::open_document;

/// How the names of files end that are read in a folder; a file that is named is read whatever it is called.
const ENDINGS: [&str; 4] = [".json", ".ndjson", ".jsonl", ".gz"];

/// Reads files and folders, and brings together what they say.
pub(super) fn read(named: &[String]) -> Result<Facts, RunError> {
    let mut facts = Facts::default();
    for name in named {
        let refused = |error: io::Error| {
            RunError::refused(format!(
                "cannot read the CI evidence {name}: {error}\n  hint: name a file or a folder that your CI system's API \
                 filled; docs/ci.md says how to fetch it"
            ))
        };
        let mut files = Vec::new();
        let path = Path::new(name);
        if path.is_dir() {
            walk(path, &mut files).map_err(refused)?;
            // A folder that is still empty says nothing, and so does the report.
        } else {
            files.push(path.to_owned());
        }
        files.sort();
        for file in files {
            open_document(&file).and_then(|source| facts.read(&file.to_string_lossy(), source)).map_err(refused)?;
        }
    }
    facts.settle();
    // A pipeline that names the wrong file must not turn green by it.
    if !facts.files.is_empty() && facts.says_nothing() {
        return Err(RunError::refused(format!(
            "nothing in {} is what a CI system says\n  hint: --ci takes JSON of a CI system's API, and logs are sources; \
             docs/ci.md says how to fetch it",
            named.join(", ")
        )));
    }
    Ok(facts)
}

/// Writes the script that fetches evidence of these runs, and of some who reviewed their commits.
pub fn fetch_script(wanted: &[Wanted], reviewed: &BTreeSet<RunKey>) -> String {
    ci::script(wanted, reviewed)
}

/// Finds the files in a folder and all below it. Links are not followed.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let (entry, path) = entry.map(|entry| (entry.file_type(), entry.path()))?;
        let kind = entry?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if kind.is_dir() {
            walk(&path, files)?;
        } else if kind.is_file() && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            files.push(path);
        }
    }
    Ok(())
}
