//! Runs of GitHub Actions: where the records of a session name them, and where they can be looked at.

use super::Subject;
use super::claims::is_number;

/// The action writes `md/run_id#123`, and so do others.
pub(super) fn run_in_agent(user_agent: &str) -> Option<&str> {
    let (_, rest) = user_agent.split_once("md/run_id#")?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end).filter(|run| is_run(run))
}

/// True for the number of a run.
pub(super) fn is_run(text: &str) -> bool {
    text.len() <= 20 && is_number(text)
}

/// Returns the attempt that the action writes beside the run: `md/attempt#2`.
pub(super) fn attempt_in_agent(user_agent: &str) -> Option<&str> {
    let (_, rest) = user_agent.split_once("md/attempt#")?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end).filter(|attempt| is_run(attempt))
}

/// What a session name begins with that holds the id of its run, as the action's documentation and many workflows have it.
const BEFORE_RUN: [&str; 5] = ["gha-", "github-actions-", "github-", "gh-", "run-"];

/// Returns the run, and the attempt if it follows, that a session name holds: `gha-19420100888`, `gha-run-19420100888-2`.
pub(super) fn run_in_session_name(name: &str) -> Option<(&str, Option<&str>)> {
    let rest = BEFORE_RUN.iter().find_map(|before| name.strip_prefix(before))?;
    let rest = rest.strip_prefix("run-").unwrap_or(rest);
    let (run, attempt) = rest.split_once('-').map_or((rest, None), |(run, attempt)| (run, Some(attempt)));
    let has_length = (9..=20).contains(&run.len());
    let is_attempt = attempt.is_none_or(|attempt| attempt.len() <= 2 && is_number(attempt));
    (has_length && is_number(run) && is_attempt).then_some((run, attempt))
}

/// Returns where the runs of a subject's repository lie: on the host that the issuer is of (github.com, or that of an
/// enterprise), and under which name.
pub(super) fn runs_at(subject: &Subject) -> Option<(String, &str)> {
    if !subject.is_from("github") {
        return None;
    }
    let issuer_host = subject.issuer.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let host = match issuer_host.strip_prefix("token.actions.") {
        Some("githubusercontent.com") => "github.com",
        Some(host) => host,
        None => &issuer_host,
    };
    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let repository = subject.borne().filter(|repository| is_host && is_repository(repository))?;
    Some((host.to_owned(), repository))
}

/// True for what GitHub allows as the name of an owner or a repository.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// True for `owner/name` that can stand in an address.
pub(super) fn is_repository(text: &str) -> bool {
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name) && owner != ".." && name != "..")
}

#[cfg(test)]
mod tests {
    use super::attempt_in_agent;
    use super::run_in_agent;
    use super::run_in_session_name;

    #[test]
    fn a_user_agent_names_the_run() {
        assert_eq!(run_in_agent("aws-sdk-js/3.1 md/run_id#1234567 md/x"), Some("1234567"));
        assert_eq!(run_in_agent("aws-sdk-js/3.1 md/run_id#abc"), None);
        assert_eq!(run_in_agent("aws-sdk-js/3 md/run_id#"), None);
        assert_eq!(run_in_agent("aws-cli/2"), None);
        assert_eq!(attempt_in_agent("x md/run_id#1234567 md/attempt#2 md/x"), Some("2"));
    }

    #[test]
    fn a_session_name_holds_the_run_only_where_people_put_it() {
        for (name, run) in [
            ("gha-19420100888", Some(("19420100888", None))),
            ("gha-run-19420100888-2", Some(("19420100888", Some("2")))),
            ("github-actions-19420100888", Some(("19420100888", None))),
            // What SDKs make of the time, a date, and a name with more in it.
            ("botocore-session-1762077600", None),
            ("aws-go-sdk-1762077600000000000", None),
            ("gha-20261110", None),
            ("gha-19420100888-prod", None),
            ("gha-orders-prod", None),
        ] {
            assert_eq!(run_in_session_name(name), run, "{name}");
        }
    }
}
