//! GitHub Actions: github.com, enterprise issuers, GitHub Enterprise Server and GHE.com.

use super::claims::{decode, is_claim, is_number};
use super::github_run;
use super::github_run::is_name;
use super::pattern::{self, Admitted, Claim};
use super::{Admits, Context, Provider, Repeated, Subject, SubjectForm, Tenancy, run, spoken};
use crate::model::subject::DATA_STREAM;

pub(super) const PROVIDER: Provider = Provider {
    id: "github",
    name: "GitHub Actions",
    recognizes,
    parse: Some(parse),
    reads,
    parse_pattern,
    spoken: said,
    repeats,
    every_run,
    tells,
    clients: &[ACTION, "exec-env/GitHubActions"],
    run_in_agent: github_run::run_in_agent,
    ..Provider::USUAL
};

/// What the action for GitHub that asks AWS for credentials writes into its user agent.
pub const ACTION: &str = "configure-aws-credentials-for-github-actions";

/// The claims that may open a subject. Others may follow, as templates may name any claim of the token.
const FIRST_CLAIMS: &[&str] = &[
    "actor",
    "actor_id",
    "base_ref",
    "check_run_id",
    "context",
    "enterprise",
    "enterprise_id",
    "environment",
    "event_name",
    "head_ref",
    "job_workflow_ref",
    "job_workflow_sha",
    "ref",
    "ref_protected",
    "ref_type",
    "repo",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "run_attempt",
    "run_id",
    "run_number",
    "runner_environment",
    "sha",
    "workflow",
    "workflow_ref",
    "workflow_sha",
];

fn recognizes(issuer: &str) -> Option<Tenancy> {
    if issuer == "token.actions.githubusercontent.com" {
        return Some(Tenancy::Shared);
    }
    if issuer.starts_with("token.actions.githubusercontent.com/") {
        return Some(Tenancy::Tenant);
    }
    let (host, path) = issuer.split_once('/').unwrap_or((issuer, ""));
    if path == "_services/token" && !host.is_empty() {
        return Some(Tenancy::SelfHosted);
    }
    let subdomain = host.strip_prefix("token.actions.")?.strip_suffix(".ghe.com")?;
    (!subdomain.is_empty() && !subdomain.contains('.')).then_some(Tenancy::Tenant)
}

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    if let Some((DATA_STREAM, whose)) = text.split_once(':') {
        return data_stream(whose);
    }
    let mut reading = Reading::default();
    let mut parts = text.split(':').peekable();
    let mut first = true;
    while let Some(claim) = parts.next() {
        let known = if first { FIRST_CLAIMS.contains(&claim) } else { is_claim(claim) };
        if !known {
            return None;
        }
        first = false;
        match claim {
            // `context` in a template is written as what it stands for; some spell the word out before it.
            "context" if parts.peek().is_some_and(|next| is_context_word(next)) => {}
            "pull_request" => reading.pull_request = true,
            _ => reading.take(claim, &decode(parts.next()?))?,
        }
        reading.claims += 1;
    }
    Some(reading.finish())
}

/// Reads what follows `actions-data-stream:`, which is `organization/ID`.
fn data_stream(whose: &str) -> Option<Subject> {
    let (_, id) = whose.split_once('/').filter(|(kind, id)| *kind == "organization" && is_number(id))?;
    Some(Subject {
        form: SubjectForm::Immutable,
        owner_id: Some(id.to_owned()),
        extra: vec![(DATA_STREAM.to_owned(), whose.to_owned())],
        ..Subject::default()
    })
}

fn is_context_word(word: &str) -> bool {
    matches!(word, "environment" | "ref" | "pull_request")
}

/// What has been read of a subject so far.
#[derive(Default)]
struct Reading {
    subject: Subject,
    git_ref: Option<String>,
    environment: Option<String>,
    pull_request: bool,
    opened_by_repo: bool,
    claims: usize,
}

impl Reading {
    /// Takes one claim; `None` when its value contradicts the grammar or an earlier claim.
    fn take(&mut self, claim: &str, value: &str) -> Option<()> {
        match claim {
            "repo" | "repository" => {
                self.opened_by_repo |= self.claims == 0 && claim == "repo";
                self.take_repository(value)
            }
            "repository_owner" if is_name(value) => set(&mut self.subject.owner, value),
            "repository_owner_id" if is_number(value) => set(&mut self.subject.owner_id, value),
            "repository_id" if is_number(value) => set(&mut self.subject.repository_id, value),
            "repository_owner" | "repository_owner_id" | "repository_id" => None,
            "ref" => set(&mut self.git_ref, value),
            "environment" => set(&mut self.environment, value),
            _ => {
                let before = self.subject.claim(claim).map(str::to_owned);
                if before.is_none() {
                    self.subject.extra.push((claim.to_owned(), value.to_owned()));
                }
                before.is_none_or(|before| before == value).then_some(())
            }
        }
    }

    /// Reads `owner/name` or `owner@id/name@id`.
    fn take_repository(&mut self, value: &str) -> Option<()> {
        let (owner, name) = value.split_once('/')?;
        let (owner, name) = match (owner.split_once('@'), name.split_once('@')) {
            (None, None) => (owner, name),
            (Some((owner, owner_id)), Some((name, id))) if is_number(owner_id) && is_number(id) => {
                set(&mut self.subject.owner_id, owner_id)?;
                set(&mut self.subject.repository_id, id)?;
                (owner, name)
            }
            _ => return None,
        };
        if !is_name(owner) || !is_name(name) {
            return None;
        }
        set(&mut self.subject.owner, owner)?;
        set(&mut self.subject.repository_name, name)?;
        self.subject.set_repository(owner, name);
        Some(())
    }

    fn finish(self) -> Subject {
        let mut subject = self.subject;
        let environment = self.environment.filter(|name| !name.is_empty());
        let contexts = usize::from(self.git_ref.is_some()) + usize::from(environment.is_some());
        let contexts = contexts + usize::from(self.pull_request);
        let is_default = self.opened_by_repo && self.claims == 2 && contexts == 1;
        let from_ref = self.git_ref.as_deref().map(Context::from_git_ref);
        // A job in an environment is judged by the environment; its ref, if a template adds it, stays readable.
        subject.context = match (environment, from_ref) {
            (Some(name), _) => Context::Environment(name),
            (None, _) if self.pull_request => Context::PullRequest,
            (None, Some(context)) => context,
            (None, None) => Context::None,
        };
        if let Some(git_ref) = self.git_ref
            && !matches!(subject.context, Context::Branch(_) | Context::Tag(_))
        {
            subject.extra.push(("ref".to_owned(), git_ref));
        }
        subject.form = match (is_default, subject.repository_id.is_some()) {
            (true, true) => SubjectForm::Immutable,
            (true, false) => SubjectForm::Mutable,
            (false, _) => SubjectForm::Custom,
        };
        subject
    }
}

/// Sets a part once. A second, different value is a contradiction.
fn set(part: &mut Option<String>, value: &str) -> Option<()> {
    let before = part.get_or_insert_with(|| value.to_owned());
    (before == value).then_some(())
}

/// Says what a claim tells of a token. Whoever has a repository chooses all claims that are not named here; also the actor,
/// who may be anybody that does something to it, and Dependabot is in every one.
fn tells(claim: &str) -> Claim {
    match claim {
        "repository_owner" | "repository_owner_id" => Claim::Owner,
        "enterprise" | "enterprise_id" => Claim::Enterprise,
        "repository_id" => Claim::Project,
        // The workflow lies in the repository that runs it.
        "workflow_ref" => Claim::FileOfProject,
        "repo" | "repository" => Claim::OwnerAndProject,
        // A reusable workflow may lie elsewhere; a public one can be called by strangers.
        "job_workflow_ref" => Claim::Firm,
        "check_run_id" | "job_workflow_sha" | "run_attempt" | "run_id" | "run_number" | "sha" | "workflow_sha" => {
            Claim::Run
        }
        _ => Claim::Context,
    }
}

fn reads(pattern: &str) -> Admitted {
    if let Some(whose) = pattern.strip_prefix("actions-data-stream:") {
        return if whose.contains(['*', '?']) {
            Admitted::Known(Admits::Anybody)
        } else {
            Admitted::Known(Admits::OneWorkload)
        };
    }
    // `context` is a word that may stand before what it stands for, and `pull_request` has no value.
    let spelled = pattern.replacen(":context:", ":", 1).replace(":pull_request:", ":event_name:pull_request:");
    pattern::of_claims(&spelled, tells).into()
}

/// Reads `repo:OWNER[@ID]/NAME[@ID]:CONTEXT`, of which name, ids and context may be open. What is open in another way says more
/// than its parts.
fn parse_pattern(pattern: &str) -> Option<Subject> {
    let (owner, tail) = pattern.strip_prefix("repo:")?.split_once('/')?;
    let (name, context) = tail.split_once(':').unwrap_or((tail, "*"));
    let ((owner, owner_id), (name, repository_id)) = (with_id(owner)?, with_id(name)?);
    let mut subject = Subject { form: SubjectForm::Mutable, owner_id, ..Subject::default() };
    if name == "*" {
        subject.owner = Some(owner.to_owned());
    } else {
        subject.set_repository(owner, name);
        subject.repository_id = repository_id;
    }
    let has_one_value = |value: &str| !value.contains(':');
    subject.context = match context.split_once(':') {
        None if context == "*" => Context::None,
        None if context == "pull_request" => Context::PullRequest,
        Some(("environment", name)) if has_one_value(name) => Context::Environment(name.to_owned()),
        Some(("ref", name)) if has_one_value(name) => Context::from_git_ref(name),
        _ => return None,
    };
    let is_said = !matches!(subject.context, Context::Other(_)) && !context.starts_with("ref:refs/pull/");
    is_said.then_some(subject)
}

/// Splits a name from its id. An id that may be anything is none.
fn with_id(text: &str) -> Option<(&str, Option<String>)> {
    match text.split_once('@') {
        None => Some((text, None)),
        Some((name, "*")) => Some((name, None)),
        Some((name, id)) => is_number(id).then(|| (name, Some(id.to_owned()))),
    }
}

/// Says the default subject, with the ids where it has them: `acme@42/orders@9 branch main`.
fn said(subject: &Subject) -> Option<String> {
    let is_default = matches!(subject.form, SubjectForm::Mutable | SubjectForm::Immutable);
    let (place, _) = subject.raw.strip_prefix("repo:").filter(|_| is_default)?.split_once(':')?;
    spoken::said(Some(place), subject)
}

/// The default subject repeats the repository and its ids, and the environment or else the ref.
fn repeats(subject: &Subject) -> Vec<Repeated> {
    let mut repeated = Vec::new();
    let mut say = |claim, value: Option<&str>| {
        if let Some(value) = value {
            repeated.push((claim, Some(value.to_owned())));
        }
    };
    say("repository", subject.borne());
    say("repository_owner", subject.borne_owner());
    say("repository_id", subject.repository_id.as_deref());
    say("repository_owner_id", subject.owner_id.as_deref());
    say("environment", subject.environment());
    say("ref", subject.git_ref().as_deref());
    for (claim, _) in tellable() {
        say(claim, subject.claim(claim));
    }
    let is_default = matches!(subject.form, SubjectForm::Mutable | SubjectForm::Immutable);
    // A job that names an environment has it in its subject.
    if is_default && subject.environment().is_none() {
        repeated.push(("environment", None));
    }
    repeated
}

/// Returns the claims that a template may name, and that have no part of their own in a subject.
fn tellable() -> impl Iterator<Item = (&'static str, Claim)> {
    let own = ["repo", "repository", "repository_id", "repository_owner", "repository_owner_id", "environment", "ref"];
    FIRST_CLAIMS.iter().filter(move |claim| !own.contains(claim)).map(|claim| (*claim, tells(claim)))
}

fn every_run(subject: &str) -> Option<String> {
    run::of_claims(subject, |claim, value| match claim {
        "ref" => run::of_ref(value),
        _ if FIRST_CLAIMS.contains(&claim) && tells(claim) == Claim::Run => Some("*".to_owned()),
        _ => None,
    })
}
