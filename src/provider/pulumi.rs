//! Pulumi Cloud: `pulumi:deploy:org:ORG:project:PROJECT:stack:STACK:operation:OPERATION:scope:write` for deployments, and
//! `pulumi:environments:org:ORG:env:ENVIRONMENT` for its environments (ESC).

use super::claims::pairs;
use super::pattern::{self, Admitted, Claim};
use super::{Admits, Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "pulumi",
    name: "Pulumi Cloud",
    // The audience names the organisation: no value holds for everybody.
    project: "project",
    customer_claim: Some("aud"),
    recognises: |issuer| (issuer == "api.pulumi.com/oidc").then_some(Tenancy::Shared),
    parse: Some(parse),
    reads,
    ..Provider::USUAL
};

/// Returns what follows the kind of token.
fn claims_of(text: &str) -> Option<&str> {
    text.strip_prefix("pulumi:deploy:").or_else(|| text.strip_prefix("pulumi:environments:"))
}

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let claims = pairs(claims_of(text)?)?;
    let value = |claim: &str| claims.iter().find(|(name, _)| *name == claim).map(|(_, value)| value.as_str());
    let owner = value("org").filter(|owner| !owner.is_empty())?;
    let mut subject = Subject { form: SubjectForm::Mutable, owner: Some(owner.to_owned()), ..Subject::default() };
    if let Some(project) = value("project").filter(|project| !project.is_empty()) {
        subject.set_repository(owner, project);
    }
    subject.context = match (value("stack"), value("env")) {
        (Some(stack), _) => Context::Other(format!("stack {stack}")),
        (None, Some(environment)) => Context::Environment(environment.to_owned()),
        (None, None) => Context::None,
    };
    let is_told = |claim: &str| matches!(claim, "org" | "project" | "stack" | "env");
    let others = claims.iter().filter(|(claim, _)| !is_told(claim));
    subject.extra = others.map(|(claim, value)| ((*claim).to_owned(), value.clone())).collect();
    Some(subject)
}

fn reads(pattern: &str) -> Admitted {
    let Some(claims) = claims_of(pattern) else {
        return if pattern.contains(['*', '?']) {
            Admitted::Known(Admits::Anybody)
        } else {
            Admitted::Known(Admits::NotRead)
        };
    };
    let tells = |claim: &str| match claim {
        "org" => Claim::Owner,
        "project" => Claim::Project,
        // An environment lies in a project, or in none.
        "env" => Claim::ProjectAndContext,
        _ => Claim::Context,
    };
    pattern::of_claims(claims, tells).into()
}
