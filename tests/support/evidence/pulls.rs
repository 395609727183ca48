//! What GitHub says of the commits of runs: the pull requests that they came with, and who reviewed those. Each was reviewed,
//! or nobody can say.

use serde_json::{Value, json};

use super::Run;
use super::rest::person;

/// How a commit came into its repository.
pub(crate) const WAYS: &[&str] = &[
    "squashed",
    "merged",
    "rebased",
    "of a program",
    "approved by a program, too",
    "changes were requested first",
    "still open",
    "dismissed since",
    "author is gone",
    "two pull requests",
    "updated and approved again",
];

fn way(run: &Run) -> &'static str {
    WAYS[usize::try_from(run.id).unwrap() % WAYS.len()]
}

/// The number of the run's pull request.
fn number(run: &Run) -> u64 {
    run.id % 1_000_000_000
}

/// The last commit of the branch that was merged.
fn head(run: &Run) -> String {
    if way(run) == "still open" { run.sha.clone() } else { run.sha.chars().rev().collect() }
}

fn has_pull(run: &Run) -> bool {
    !run.event.starts_with("pull_request") && run.event != "merge_group"
}

fn author(run: &Run) -> Value {
    match way(run) {
        "of a program" => person("renovate[bot]"),
        "author is gone" => Value::Null,
        _ => person("octavia"),
    }
}

/// True where the answers say for certain whether somebody reviewed the commit.
pub(crate) fn is_known(run: &Run) -> bool {
    has_pull(run) && !["dismissed since", "author is gone"].contains(&way(run))
}

/// Returns the pull requests of each run's commit, a line for each, as `rolechain ci wanted` asks for them.
pub(crate) fn pulls(runs: &[Run]) -> Vec<Value> {
    let line = |run: &Run| {
        let merged = (way(run) != "still open").then(|| run.created.plus(-30).to_string());
        let one = json!({
            "number": number(run), "state": "closed", "merged_at": merged, "user": author(run),
            "url": format!("https://api.github.com/repos/{}/pulls/{}", run.repository.name, number(run)),
            "merge_commit_sha": if merged.is_some() { &run.sha } else { "0123456789012345678901234567890123456789" },
            "base": {"ref": "main"}, "head": {"ref": "change", "sha": head(run)},
        });
        // A commit of a branch that was merged into another one, and into a third.
        let other = json!({
            "number": number(run) + 500_000_000, "state": "open", "merged_at": null, "user": author(run),
            "url": format!("https://api.github.com/repos/{}/pulls/{}", run.repository.name, number(run) + 500_000_000),
            "merge_commit_sha": null, "base": {"ref": "next"}, "head": {"ref": "main", "sha": "9".repeat(40)},
        });
        let all = match way(run) {
            _ if !has_pull(run) => vec![],
            "two pull requests" => vec![other, one],
            _ => vec![one],
        };
        json!({"repo": run.repository.name, "commit": run.sha, "pulls": all})
    };
    runs.iter().map(line).collect()
}

/// Returns the reviews of each run's pull request, a line for each.
pub(crate) fn reviews(runs: &[Run]) -> Vec<Value> {
    let line = |run: &Run| {
        let one = |login: &str, state: &str, before: i64, commit: &str| {
            json!({
                "id": run.id + before.unsigned_abs(), "user": person(login), "state": state, "commit_id": commit,
                "submitted_at": run.created.plus(-before).to_string(),
            })
        };
        let (head, old) = (head(run), "8".repeat(40));
        let mut all = vec![one("octavia", "COMMENTED", 4_000, &head), one("sam", "COMMENTED", 100, &head)];
        all.extend(match way(run) {
            "approved by a program, too" => {
                vec![one("approver[bot]", "APPROVED", 900, &head), one("priya", "APPROVED", 800, &head)]
            }
            "changes were requested first" => {
                vec![one("sam", "CHANGES_REQUESTED", 900, &old), one("sam", "APPROVED", 800, &head)]
            }
            "dismissed since" => vec![one("sam", "DISMISSED", 900, &head)],
            "updated and approved again" => {
                vec![one("sam", "DISMISSED", 900, &old), one("sam", "APPROVED", 800, &head)]
            }
            _ => vec![one("sam", "APPROVED", 900, &head)],
        });
        json!({"repo": run.repository.name, "pull": number(run), "reviews": all})
    };
    let other = |run: &Run| json!({"repo": run.repository.name, "pull": number(run) + 500_000_000, "reviews": []});
    let twice = runs.iter().filter(|run| has_pull(run) && way(run) == "two pull requests");
    runs.iter().filter(|run| has_pull(run)).map(line).chain(twice.map(other)).collect()
}

/// Returns the reviews as the first page of them shows them: thirty remarks, and the approval on the next one.
pub(crate) fn first_pages(runs: &[Run]) -> Vec<Value> {
    let page = |run: &Run| {
        let remark = |nth: u64| {
            json!({
                "id": run.id + nth, "user": person("sam"), "state": "COMMENTED", "commit_id": head(run),
                "submitted_at": run.created.plus(-900).to_string(),
                "html_url": format!("https://github.com/{}/pull/{}#pullrequestreview-{nth}", run.repository.name, number(run)),
            })
        };
        (0..30).map(remark).collect()
    };
    runs.iter().filter(|run| has_pull(run)).map(page).collect()
}

/// Returns each run's commit. Each changed the workflow that ran.
pub(crate) fn commits(runs: &[Run]) -> Vec<Value> {
    let commit = |run: &Run| {
        json!({
            "sha": run.sha, "author": person("octavia"), "committer": person("web-flow"),
            "html_url": format!("https://github.com/{}/commit/{}", run.repository.name, run.sha),
            "files": [{"filename": format!(".github/workflows/{}.yml", run.workflow.name)}, {"filename": "README.md"}],
        })
    };
    runs.iter().map(commit).collect()
}
