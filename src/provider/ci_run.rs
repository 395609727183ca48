//! Which CI run was it? Read from the token, the user agents, the session tags or the session name of a chain, never guessed.
//! Whoever may assume a role passes what tags, names and user agents they like: a run is proved only where a token of the CI
//! system began the chain.

use crate::model::chain::Chain;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;

use super::Subject;
use super::github_run;

/// A run of GitHub Actions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CiRun {
    /// The host that it ran on: `github.com`, or that of an enterprise.
    pub host: String,
    /// `owner/name`.
    pub repository: String,
    /// The run's number.
    pub run_id: String,
    /// Which attempt at the run, where the records say it.
    pub attempt: Option<u32>,
    /// Which part of the records names it.
    pub named_in: NamedIn,
    /// Why it may be believed.
    pub basis: Basis,
}

impl CiRun {
    /// Returns where to look at it.
    pub fn url(&self) -> String {
        let attempt = self.attempt.map(|attempt| format!("/attempts/{attempt}")).unwrap_or_default();
        format!("https://{}/{}/actions/runs/{}{attempt}", self.host, self.repository, self.run_id)
    }
}

/// Which part of a chain's records names a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedIn {
    /// The token's subject, which the CI system signed.
    Subject,
    /// A user agent.
    UserAgent,
    /// The session tag `RunId`.
    SessionTag,
    /// The name of a session: `gha-19420100888`.
    SessionName,
}

impl NamedIn {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::UserAgent => "user_agent",
            Self::SessionTag => "session_tag",
            Self::SessionName => "session_name",
        }
    }
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

/// Returns where to look at the repository that a token names.
pub fn repository_url(subject: &Subject) -> Option<String> {
    github_run::runs_at(subject).map(|(host, repository)| format!("https://{host}/{repository}"))
}

/// Returns the run that a session belongs to, when its records or those of its ancestors name it.
pub fn of_session(session: SessionView<'_>) -> Option<CiRun> {
    let mut sessions: Vec<SessionView<'_>> = session.ancestry().collect();
    sessions.reverse();
    of_sessions(&sessions)
}

fn of_sessions(sessions: &[SessionView<'_>]) -> Option<CiRun> {
    let first = *sessions.first()?;
    // Only a subject that names a repository whose runs have an address proves whose run it was.
    let subject = first.origin().token.as_ref().filter(|subject| github_run::runs_at(subject).is_some());
    // Tags are what the workflow says about itself; they may add a run to the token's repository, not replace it.
    let tagged =
        sessions.iter().find_map(|session| session.tag("Repository").filter(|name| github_run::is_repository(name)));
    let (host, repository) = match (subject, tagged) {
        (Some(subject), Some(tagged)) if !subject.borne()?.eq_ignore_ascii_case(tagged) => return None,
        (Some(subject), _) => github_run::runs_at(subject)?,
        (None, tagged) => ("github.com".to_owned(), tagged?),
    };
    let (run_id, attempt, named_in) = named(sessions, subject)?;
    let basis = if subject.is_some() { Basis::Proved } else { Basis::Claimed };
    Some(CiRun {
        host,
        repository: repository.to_owned(),
        run_id: run_id.to_owned(),
        attempt: attempt.and_then(|number| number.parse().ok()),
        named_in,
        basis,
    })
}

/// What names the run: its id, the attempt, and where they stand. What is nearest to the token counts first.
type Named<'l> = (&'l str, Option<&'l str>, NamedIn);

fn named<'l>(sessions: &[SessionView<'l>], subject: Option<&'l Subject>) -> Option<Named<'l>> {
    let claim = |name| subject.and_then(|subject| subject.claim(name)).filter(|value| github_run::is_run(value));
    let by_subject = claim("run_id").map(|id| (id, claim("run_attempt"), NamedIn::Subject));
    let of_agent = |agent: Option<&'l str>| {
        let agent = agent?;
        super::run_in_agent(agent).map(|id| (id, github_run::attempt_in_agent(agent), NamedIn::UserAgent))
    };
    let issuing = |session: &SessionView<'l>| session.lineage().opt(session.issuing_record()?.user_agent);
    let any = |session: &SessionView<'l>| session.lineage().opt(session.session.sums.run_agent);
    by_subject
        .or_else(|| of_agent(sessions.first().and_then(issuing)))
        .or_else(|| {
            let tagged = |session: &SessionView<'l>| session.tag("RunId").filter(|id| github_run::is_run(id));
            sessions.iter().find_map(tagged).map(|id| (id, None, NamedIn::SessionTag))
        })
        .or_else(|| sessions.iter().find_map(|session| of_agent(any(session))))
        .or_else(|| {
            let by_name = |session: &SessionView<'l>| github_run::run_in_session_name(session.session_name()?);
            sessions.iter().find_map(by_name).map(|(id, attempt)| (id, attempt, NamedIn::SessionName))
        })
}
