//! What a chain says about its run, and where its token is from.

use std::sync::Arc;

use crate::ci::Place;
use crate::ci::System;
use crate::model::chain::Chain;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::subject::Subject;
use crate::provider::ci_run;

/// The run or the job that a chain's records name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub(super) system: System,
    /// The host of the run.
    pub(super) host: Arc<str>,
    /// The repository, where a tag names it beside a token that does not, or in place of one.
    pub(super) repository: Option<Box<str>>,
    /// What is named.
    pub(super) names: Names,
}

/// What a claim names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Names {
    /// A run, and which attempt at it.
    Run(Box<str>, Option<u32>),
    /// A job, signed by the CI system.
    SignedJob(Box<str>),
    /// A job or a run: the records hold an id that the workflow put there.
    JobOrRun(Box<str>),
    /// The commit and the key of a step, signed.
    Step { commit: Box<str>, key: Option<Box<str>> },
}

/// Returns what a chain claims.
pub(super) fn of_chain(lineage: &Lineage, chain: &Chain) -> Option<Claim> {
    if let Some(run) = ci_run::of_chain(lineage, chain) {
        return Some(Claim {
            system: System::GitHub,
            host: run.host.to_ascii_lowercase().into(),
            repository: Some(run.repository.into()),
            names: Names::Run(run.run_id.into(), run.attempt),
        });
    }
    let first = lineage.session(*chain.path.first()?);
    let token = first.origin().token.as_ref()?;
    let (system, host) = at(token)?;
    let names = match system {
        System::Bitbucket => Names::SignedJob(token.claim("step")?.into()),
        System::Buildkite => written_id(first, is_uuid).map_or_else(
            || {
                let commit = token.claim("commit")?;
                Some(Names::Step { commit: commit.into(), key: token.claim("step").map(Into::into) })
            },
            |id| Some(Names::JobOrRun(id.into())),
        )?,
        System::GitLab => Names::JobOrRun(written_id(first, is_number)?.into()),
        System::HcpTerraform => Names::JobOrRun(written_id(first, |part| part.starts_with("run-"))?.into()),
        System::GitHub | System::CircleCi => return None,
    };
    Some(Claim { system, host, repository: None, names })
}

/// Returns the CI system of a token, and the host on which its runs lie.
pub(super) fn at(token: &Subject) -> Option<(System, Arc<str>)> {
    let host = || token.issuer.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let (system, host) = match token.provider? {
        "github" => {
            let host = host();
            let host = match host.strip_prefix("token.actions.") {
                Some("githubusercontent.com") => "github.com".to_owned(),
                Some(rest) => rest.to_owned(),
                None => host,
            };
            (System::GitHub, host)
        }
        "gitlab" => (System::GitLab, host()),
        "bitbucket" => (System::Bitbucket, "bitbucket.org".to_owned()),
        "buildkite" => (System::Buildkite, "buildkite.com".to_owned()),
        "circleci" => (System::CircleCi, "circleci.com".to_owned()),
        "hcp-terraform" => (System::HcpTerraform, host()),
        _ => return None,
    };
    Some((system, host.into()))
}

/// Returns where a token or a claim is from.
pub(super) fn place(token: Option<&Subject>, claim: Option<&Claim>) -> Option<Place> {
    let (system, host) = match token {
        Some(token) => at(token)?,
        None => claim.map(|claim| (claim.system, claim.host.clone()))?,
    };
    let named = token.and_then(Subject::borne).or_else(|| claim.and_then(|claim| claim.repository.as_deref()));
    Some(Place { system, host, name: named?.to_ascii_lowercase().into() })
}

/// True when a job of a CI system began with this session, or somebody says so. Log deliveries of the CI system itself are no
/// jobs.
pub(super) fn is_of_ci(entry: SessionView<'_>, claim: Option<&Claim>) -> bool {
    let token = entry.origin().token.as_ref();
    let is_job = token.is_some_and(|token| !token.is_log_stream() && at(token).is_some());
    is_job || (token.is_none() && claim.is_some())
}

/// Returns an id that the workflow put into the source identity or the session name: a part of it between other characters.
fn written_id(session: SessionView<'_>, is_id: fn(&str) -> bool) -> Option<String> {
    let source = session.lineage().opt(session.session.sums.source_identity);
    let texts = source.into_iter().chain(session.session_name());
    let mut parts = texts.flat_map(|text| [text].into_iter().chain(text.split(['/', '_', ':', '@', '=', ',', '.'])));
    let whole = parts.find(|part| is_id(part)).map(str::to_owned);
    // Names are often written with hyphens, which UUIDs have, too.
    whole.or_else(|| {
        let tail = |text: &str| text.rsplit_once('-').map(|(_, tail)| tail.to_owned()).filter(|tail| is_id(tail));
        source.and_then(tail).or_else(|| session.session_name().and_then(tail))
    })
}

fn is_number(part: &str) -> bool {
    (4..=19).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(part: &str) -> bool {
    part.len() == 36
        && part.char_indices().all(|(at, letter)| match at {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}
