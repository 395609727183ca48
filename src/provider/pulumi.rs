//! Pulumi Cloud: `pulumi:deploy:org:ORG:project:PROJECT:stack:STACK:operation:OPERATION:scope:write` for deployments, and
//! `pulumi:environments:org:ORG:env:ENVIRONMENT` for its environments (ESC).

use super::claims::decode;
use super::pattern::{self, Admitted, Claim};
use super::{Admits, Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "pulumi",
    name: "Pulumi Cloud",
    project: "project",
    customer_claim: Some("aud"),
    recognizes: |issuer| (issuer == "api.pulumi.com/oidc").then_some(Tenancy::Shared),
    parse: Some(parse),
    reads,
    ..Provider::USUAL
};

/// The claim that names the organization, where an environment chooses what its subject says.
const OWNER: &str = "pulumi.organization.login";

/// Returns what follows the kind of token.
fn claims_of(text: &str) -> Option<&str> {
    text.strip_prefix("pulumi:deploy:").or_else(|| text.strip_prefix("pulumi:environments:"))
}

/// Reads pairs of claim and value. Names of claims hold dots where an environment chooses what its subject says.
fn pairs(text: &str) -> Option<Vec<(&str, String)>> {
    let parts: Vec<&str> = text.split(':').collect();
    let pairs = parts.chunks(2).map(|pair| match pair {
        [claim, value] if !claim.is_empty() => Some((*claim, decode(value))),
        _ => None,
    });
    pairs.collect()
}

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let claims = pairs(claims_of(text)?)?;
    let value = |claim: &str| claims.iter().find(|(name, _)| *name == claim).map(|(_, value)| value.as_str());
    let owner = value("org").or_else(|| value(OWNER)).filter(|owner| !owner.is_empty())?;
    let mut subject = Subject { form: SubjectForm::Mutable, owner: Some(owner.to_owned()), ..Subject::default() };
    if let Some(project) = value("project").filter(|project| !project.is_empty()) {
        subject.set_repository(owner, project);
    }
    let environment = ["env", "currentEnvironment.name", "rootEnvironment.name"].into_iter().find_map(value);
    subject.context = match (value("stack"), environment) {
        (Some(stack), _) => Context::Other(format!("stack {stack}")),
        (None, Some(environment)) => Context::Environment(environment.to_owned()),
        (None, None) => Context::None,
    };
    let is_told = |claim: &str| matches!(claim, "org" | "project" | "stack" | "env" | OWNER);
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
        "org" | OWNER => Claim::Owner,
        "project" => Claim::Project,
        // An environment lies in a project, or in none.
        "env" | "currentEnvironment.name" | "rootEnvironment.name" => Claim::ProjectAndContext,
        _ => Claim::Context,
    };
    pattern::of_claims(claims, tells).into()
}
