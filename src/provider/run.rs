//! What changes with the run: refs that are made for one release or one merge, and ids of runs.

/// How the branches begin that GitHub makes for a merge queue: `gh-readonly-queue/BRANCH/pr-NUMBER-SHA`.
const MERGE_QUEUE: &str = "gh-readonly-queue/";

/// The pattern of a UUID, with the hyphens in their places: it reaches over nothing else.
pub(super) const UUID: &str = "????????-????-????-????-????????????";

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
    let mut written: Vec<String> = Vec::new();
    let mut is_changed = false;
    let mut parts = subject.split(':');
    while let Some(claim) = parts.next() {
        written.push(claim.to_owned());
        // The one claim of GitHub that has no value.
        if claim == "pull_request" {
            continue;
        }
        let Some(value) = parts.next() else { break };
        let changed = change(claim, value);
        is_changed |= changed.is_some();
        written.push(changed.unwrap_or_else(|| value.to_owned()));
    }
    is_changed.then(|| written.join(":"))
}

#[cfg(test)]
mod tests {
    use crate::provider::Issuer;

    #[test]
    fn what_is_no_run_stays_and_nobody_else_fits() {
        let github = "token.actions.githubusercontent.com";
        for (issuer, subject, pattern) in [
            (github, "repo:acme/orders:ref:refs/tags/v1.2", Some("repo:acme/orders:ref:refs/tags/v*")),
            (github, "repo:acme/orders:environment:sha", None),
            (github, "repo:acme/orders:pull_request", None),
            (github, "repo:acme/orders:run_id:7:environment:prod", Some("repo:acme/orders:run_id:*:environment:prod")),
            // Anybody has such a token, in every run.
            (github, "run_id:7:environment:prod", None),
            (github, "environment:sha:repo:acme/orders:ref:refs/heads/main", None),
            (
                "agent.buildkite.com",
                "organization:acme:pipeline:commit:ref:refs/heads/main:commit:0a:step:x",
                Some("organization:acme:pipeline:commit:ref:refs/heads/main:commit:*:step:x"),
            ),
        ] {
            assert_eq!(Issuer::from(issuer).every_run(subject).as_deref(), pattern, "{subject}");
        }
    }
}
