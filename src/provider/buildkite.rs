//! Buildkite: `organization:ORG:pipeline:SLUG:ref:REF:commit:SHA:step:KEY`.

use super::claims::pairs;
use super::{Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "buildkite",
    name: "Buildkite",
    audiences: &["sts.amazonaws.com"],
    recognises: |issuer| (issuer == "agent.buildkite.com").then_some(Tenancy::Shared),
    parse: Some(parse),
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
