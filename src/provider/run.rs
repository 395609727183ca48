//! What changes with the run: refs that are made for one release or one merge, and ids of runs.

/// How the branches begin that GitHub makes for a merge queue: `gh-readonly-queue/BRANCH/pr-NUMBER-SHA`.
const MERGE_QUEUE: &str = "gh-readonly-queue/";

/// Returns the pattern of a tag and those that follow it: `v1.2.3` becomes `v*`. A tag without digits is one place.
pub(super) fn of_tag(tag: &str) -> Option<String> {
    let first = tag.find(|letter: char| letter.is_ascii_digit())?;
    Some(format!("{}*", tag.get(..first)?))
}

/// Returns the pattern of a full git ref over its runs.
pub(super) fn of_ref(git_ref: &str) -> Option<String> {
    if let Some(tag) = git_ref.strip_prefix("refs/tags/") {
        return of_tag(tag).map(|pattern| format!("refs/tags/{pattern}"));
    }
    if let Some(queued) = git_ref.strip_prefix("refs/heads/").and_then(|branch| branch.strip_prefix(MERGE_QUEUE)) {
        let (branch, _) = queued.rsplit_once('/')?;
        return Some(format!("refs/heads/{MERGE_QUEUE}{branch}/*"));
    }
    let (number, end) = git_ref.strip_prefix("refs/pull/")?.split_once('/')?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| format!("refs/pull/*/{end}"))
}

/// Writes a subject of the shape `claim:value:claim:value` anew. `change` returns the new value of a claim that changes with
/// the run. `None` when none does.
pub(super) fn of_claims(subject: &str, change: impl Fn(&str, &str) -> Option<String>) -> Option<String> {
    let parts: Vec<&str> = subject.split(':').collect();
    let mut written: Vec<String> = Vec::with_capacity(parts.len());
    let mut is_changed = false;
    let mut before = "";
    for part in parts {
        let changed = if before.is_empty() { None } else { change(before, part) };
        is_changed |= changed.is_some();
        // A value is no claim of the next part.
        before = if changed.is_some() { "" } else { part };
        written.push(changed.unwrap_or_else(|| part.to_owned()));
    }
    is_changed.then(|| written.join(":"))
}
