//! Which CI run was it? Read from the session tags or the user agents of a chain, never guessed. Whoever may assume a role
//! passes what tags and user agents they like: a run is proved only where a token of the CI system began the chain.

use crate::model::chain::Chain;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;

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
    /// Why it may be believed.
    pub basis: Basis,
}

/// Why a CI run may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The chain began with a token of the CI system for this repository, and its holder named the run.
    Proved,
    /// Somebody else named it: an IAM user's key, another provider, or nobody knows who.
    Claimed,
}

impl Basis {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Claimed => "claimed",
        }
    }

    /// Returns what stands before a run: a claim is never told as a fact.
    pub fn told(self) -> &'static str {
        match self {
            Self::Proved => "CI run",
            Self::Claimed => "claims CI run",
        }
    }
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
    let origin = sessions.first()?.origin();
    let proven = if origin.kind == OriginKind::Oidc { repository_of_subject(origin) } else { None };
    let basis = if proven.is_some() { Basis::Proved } else { Basis::Claimed };
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
    Some(CiRun { url, repository, run_id: run_id.to_owned(), basis })
}

/// Returns the host and the repository of a GitHub subject.
fn repository_of_subject(origin: &Origin) -> Option<(String, String)> {
    let subject = super::of_origin(origin)?;
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
    session.lineage().opt(session.session.sums.run_agent).and_then(run_id)
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
