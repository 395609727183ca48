//! Buildkite: `organization:ORG:pipeline:SLUG:ref:REF:commit:SHA:step:KEY`.

use super::claims::{is_uuid, pairs};
use super::pattern::{self, Admitted, Claim};
use super::{Admits, Context, Provider, Subject, SubjectForm, Tenancy, run};

pub(super) const PROVIDER: Provider = Provider {
    id: "buildkite",
    name: "Buildkite",
    recognizes: |issuer| (issuer == "agent.buildkite.com").then_some(Tenancy::Shared),
    parse: Some(parse),
    project: "pipeline",
    reads,
    every_run,
    ..Provider::USUAL
};

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let claims = pairs(text)?;
    let [("organization", owner), ("pipeline", pipeline), ("ref", git_ref), rest @ ..] = claims.as_slice() else {
        return None;
    };
    if owner.is_empty() || pipeline.is_empty() {
        return None;
    }
    let mut subject = Subject { form: SubjectForm::Mutable, ..Subject::default() };
    subject.set_repository(owner, pipeline);
    subject.context = Context::from_git_ref(git_ref);
    subject.extra = rest.iter().map(|(claim, value)| ((*claim).to_owned(), value.clone())).collect();
    Some(subject)
}

fn reads(pattern: &str) -> Admitted {
    if !pattern.contains(':') {
        // `--subject-claim` makes one claim the whole subject. Strangers choose names, such as that of a branch, and no ids.
        return if is_uuid(pattern) { Admitted::Known(Admits::Owner) } else { Admitted::Known(Admits::Anybody) };
    }
    let tells = |claim: &str| match claim {
        "organization" => Claim::Owner,
        "pipeline" => Claim::Project,
        "commit" => Claim::Run,
        _ => Claim::Context,
    };
    pattern::of_claims(pattern, tells).into()
}

fn every_run(subject: &str) -> Option<String> {
    run::of_claims(subject, |claim, value| match claim {
        "commit" => Some("*".to_owned()),
        "ref" => run::of_ref(value),
        _ => None,
    })
}
