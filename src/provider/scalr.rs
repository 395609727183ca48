//! Scalr: `account:ACCOUNT:environment:ENVIRONMENT:workspace:WORKSPACE`.

use super::claims::pairs;
use super::pattern::{self, Admitted, Claim};
use super::{Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "scalr",
    name: "Scalr",
    project: "workspace",
    recognizes: |issuer| (issuer == "scalr.io").then_some(Tenancy::Shared),
    parse: Some(parse),
    reads,
    ..Provider::USUAL
};

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let claims = pairs(text)?;
    let [("account", owner), ("environment", environment), ("workspace", workspace), rest @ ..] = claims.as_slice()
    else {
        return None;
    };
    if owner.is_empty() || environment.is_empty() || workspace.is_empty() {
        return None;
    }
    let mut subject = Subject { form: SubjectForm::Mutable, ..Subject::default() };
    subject.set_repository(owner, workspace);
    subject.context = Context::Environment(environment.clone());
    subject.extra = rest.iter().map(|(claim, value)| ((*claim).to_owned(), value.clone())).collect();
    Some(subject)
}

fn reads(pattern: &str) -> Admitted {
    let tells = |claim: &str| match claim {
        "account" => Claim::Owner,
        "workspace" => Claim::Project,
        _ => Claim::Context,
    };
    pattern::of_claims(pattern, tells).into()
}
