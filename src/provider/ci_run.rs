//! Which CI run was it? Read from the session tags or the user agents of a chain, never guessed. Whoever may assume a role
//! passes what tags and user agents they like: a run is proved only where a token of the CI system began the chain.

use crate::model::chain::Chain;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;

use super::github;

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
    let subject = sessions.first()?.origin().token.clone().filter(|subject| {
        // Only a subject that names a repository whose runs have an address proves whose run it was.
        super::run_address(subject, "0").is_some()
    });
    let basis = if subject.is_some() { Basis::Proved } else { Basis::Claimed };
    // Tags are what the workflow says about itself; they may add a run to the token's repository, not replace it.
    let tagged =
        sessions.iter().find_map(|session| session.tag("Repository").filter(|name| github::is_repository(name)));
    let subject = match (subject, tagged) {
        (Some(subject), Some(tagged)) if !subject.borne()?.eq_ignore_ascii_case(tagged) => return None,
        (Some(subject), _) => subject,
        (None, tagged) => github::untold(tagged?),
    };
    let by_tag = sessions.iter().find_map(|session| session.tag("RunId").filter(|id| github::is_run(id)));
    let by_agent = || sessions.iter().find_map(|session| run_id_of_user_agents(*session));
    let run_id = by_tag.or_else(by_agent)?;
    let url = super::run_address(&subject, run_id)?;
    Some(CiRun { url, repository: subject.borne()?.to_owned(), run_id: run_id.to_owned(), basis })
}

/// The user agent of a session that names its run.
fn run_id_of_user_agents(session: SessionView<'_>) -> Option<&str> {
    session.lineage().opt(session.session.sums.run_agent).and_then(super::run_in_agent)
}
