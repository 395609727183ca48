//! Bitbucket Pipelines: `{REPOSITORY}[:{ENVIRONMENT}]:{STEP}`, all of them UUIDs.

use super::claims::is_uuid;
use super::pattern::{Admitted, Claim, Part, Pins};
use super::{Admits, Context, Provider, Subject, SubjectForm, Tenancy, run};

pub(super) const PROVIDER: Provider = Provider {
    id: "bitbucket",
    name: "Bitbucket Pipelines",
    recognizes: |issuer| {
        workspace(issuer).filter(|_| issuer.starts_with("api.bitbucket.org/")).map(|_| Tenancy::Tenant)
    },
    parse: Some(parse),
    reads,
    every_run,
    ..Provider::USUAL
};

const BEFORE_WORKSPACE: &str = "2.0/workspaces/";
const AFTER_WORKSPACE: &str = "/pipelines-config/identity/oidc";

fn workspace(issuer: &str) -> Option<&str> {
    let (_, path) = issuer.split_once('/')?;
    let workspace = path.strip_prefix(BEFORE_WORKSPACE)?.strip_suffix(AFTER_WORKSPACE)?;
    (!workspace.is_empty() && !workspace.contains('/')).then_some(workspace)
}

fn parse(issuer: &str, text: &str) -> Option<Subject> {
    let ids = text.split(':').map(braced_uuid).collect::<Option<Vec<_>>>()?;
    let (repository, environment, step) = match ids.as_slice() {
        [repository, step] => (repository, None, step),
        [repository, environment, step] => (repository, Some(environment), step),
        _ => return None,
    };
    Some(Subject {
        form: SubjectForm::Immutable,
        owner: workspace(issuer).map(str::to_owned),
        repository_id: Some((*repository).to_owned()),
        context: environment.map_or(Context::None, |id| Context::Environment((*id).to_owned())),
        extra: vec![("step".to_owned(), (*step).to_owned())],
        ..Subject::default()
    })
}

fn braced_uuid(text: &str) -> Option<&str> {
    text.strip_prefix('{')?.strip_suffix('}').filter(|id| is_uuid(id))
}

/// The issuer is one workspace's: the workspace owns whatever a pattern names.
fn reads(pattern: &str) -> Admitted {
    let mut pins = Pins::of_owner();
    let mut parts = pattern.split(':');
    let repository = parts.next().unwrap_or_default();
    if Part::of(repository) == Part::Open {
        return Admitted::Known(Admits::Anybody);
    }
    // `{…}*` crosses into environment and step.
    pins.take(Claim::Project, repository.strip_suffix("}*").unwrap_or(repository));
    match parts.collect::<Vec<_>>().as_slice() {
        // The last part is the step, another one in every run.
        [environment, _] => pins.take(Claim::Context, environment),
        // A step of a fixed length has no environment before it.
        [step] if !step.contains('*') => pins.take(Claim::Context, "step"),
        _ => {}
    }
    pins.into()
}

fn every_run(subject: &str) -> Option<String> {
    let (before, _) = subject.rsplit_once(':')?;
    parse("", subject).map(|_| format!("{before}:{{{}}}", run::UUID))
}
