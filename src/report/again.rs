//! Commands that a report prints, so that each works as pasted: they ask the same logs in the same way again.

use super::RunInfo;

/// Longer lists of sources are not repeated.
const MAX_SOURCES: usize = 200;

/// What a command takes to ask again: flags and their values, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Again {
    /// What is read: the window, the store, and how to reach the bucket.
    pub read: Vec<String>,
    /// What it is held against, and what of it is shown.
    pub judged: Vec<String>,
}

/// Writes a command over the same logs, held against the same.
pub fn command(words: &[&str], run: &RunInfo) -> String {
    written(words, run, run.again.read.iter().chain(&run.again.judged))
}

/// Writes a command over the same logs, which expects nothing yet.
pub(super) fn draft(words: &[&str], run: &RunInfo) -> String {
    written(words, run, run.again.read.iter())
}

fn written<'r>(words: &[&str], run: &'r RunInfo, flags: impl Iterator<Item = &'r String>) -> String {
    let mut sources: Vec<String> = run.sources.iter().map(|source| quoted(source)).collect();
    if sources.is_empty() || sources.iter().map(String::len).sum::<usize>() > MAX_SOURCES {
        sources = vec!["SOURCE...".to_owned()];
    }
    let words = words.iter().map(|word| quoted(word)).chain(sources);
    let flags = flags.map(|flag| quoted(flag));
    std::iter::once("rolechain".to_owned()).chain(words).chain(flags).collect::<Vec<_>>().join(" ")
}

/// Writes a word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
