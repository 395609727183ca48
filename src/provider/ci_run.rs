//! Which CI run was it? Read from the session tags or the user agents of a chain, never guessed.

use crate::model::chain::Chain;
use crate::model::chain::Origin;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;

/// What the action for GitHub that asks AWS for credentials writes into its user agent.
pub const ACTION: &str = "configure-aws-credentials-for-github-actions";

/// A run of GitHub Actions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CiRun {
    /// Where to look at it.
    pub url: String,
    /// `owner/name`.
    pub repository: String,
    /// The run's number.
    pub run_id: String,
}

/// Returns the run that a chain belongs to, when its records name it.
pub fn of_chain(lineage: &Lineage, chain: &Chain) -> Option<CiRun> {
    let sessions: Vec<SessionView<'_>> = chain.path.iter().map(|id| lineage.session(*id)).collect();
    of_sessions(&sessions)
}

/// Returns the run that a session belongs to, when its records or those of its ancestors name it.
pub fn of_session(session: SessionView<'_>) -> Option<CiRun> {
    let mut sessions: Vec<SessionView<'_>> = session.ancestry().collect();
    sessions.reverse();
    of_sessions(&sessions)
}

fn of_sessions(sessions: &[SessionView<'_>]) -> Option<CiRun> {
    let proven = repository_of_subject(sessions.first()?.origin());
    // Tags are what the workflow says about itself; they may add a run to the token's repository, not replace it.
    let tagged = sessions.iter().find_map(|session| session.tag("Repository").filter(|name| is_repository(name)));
    let (host, repository) = match (proven, tagged) {
        (Some((_, repository)), Some(tagged)) if !repository.eq_ignore_ascii_case(tagged) => return None,
        (Some(proven), _) => proven,
        (None, Some(tagged)) => ("github.com".to_owned(), tagged.to_owned()),
        (None, None) => return None,
    };
    let run_id = sessions.iter().find_map(|session| session.tag("RunId").filter(|id| is_run_id(id)));
    let run_id = run_id.or_else(|| sessions.iter().find_map(|session| run_id_of_user_agents(*session)))?;
    let url = format!("https://{host}/{repository}/actions/runs/{run_id}");
    Some(CiRun { url, repository, run_id: run_id.to_owned() })
}

/// Returns the host and the repository of a GitHub subject.
fn repository_of_subject(origin: &Origin) -> Option<(String, String)> {
    let subject = super::parse(origin.provider.as_deref()?, origin.subject.as_deref()?);
    if !subject.is_from("github") {
        return None;
    }
    let issuer_host = subject.issuer.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let host = if issuer_host == "token.actions.githubusercontent.com" {
        "github.com".to_owned()
    } else {
        issuer_host.strip_prefix("token.actions.").unwrap_or(&issuer_host).to_owned()
    };
    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    subject.repository.filter(|repository| is_host && is_repository(repository)).map(|repository| (host, repository))
}

/// `aws-actions/configure-aws-credentials` and others add `md/run_id#123` to the user agent.
fn run_id_of_user_agents(session: SessionView<'_>) -> Option<&str> {
    let lineage = session.lineage();
    let issuing = session.issuing_record().and_then(|record| lineage.opt(record.user_agent));
    let later = session.contacts().filter_map(|(_, contact, _)| lineage.opt(contact.user_agent));
    issuing.into_iter().chain(later).find_map(run_id)
}

/// Returns the run that the action for GitHub, and others, write into their user agent.
pub fn run_id(user_agent: &str) -> Option<&str> {
    let (_, rest) = user_agent.split_once("md/run_id#")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end).filter(|id| is_run_id(id))
}

fn is_run_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_repository(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name != ".."
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

#[cfg(test)]
mod tests {
    use super::run_id;

    #[test]
    fn a_user_agent_names_the_run() {
        assert_eq!(run_id("aws-sdk-js/3.1 md/run_id#1234567 md/x"), Some("1234567"));
        assert_eq!(run_id("aws-sdk-js/3.1 md/run_id#abc"), None);
        assert_eq!(run_id("aws-sdk-js/3 md/run_id#"), None);
        assert_eq!(run_id("aws-cli/2"), None);
    }
}
