//! Vercel: `owner:TEAM:project:PROJECT:environment:production`.

use super::claims::pairs;
use super::pattern::{self, Admitted, Claim};
use super::{Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "vercel",
    name: "Vercel",
    recognizes,
    parse: Some(parse),
    project: "project",
    reads,
    ..Provider::USUAL
};

fn recognizes(issuer: &str) -> Option<Tenancy> {
    if issuer == "oidc.vercel.com" {
        return Some(Tenancy::Shared);
    }
    issuer.strip_prefix("oidc.vercel.com/").map(|_| Tenancy::Tenant)
}

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let claims = pairs(text)?;
    let [("owner", owner), ("project", project), ("environment", environment)] = claims.as_slice() else {
        return None;
    };
    if owner.is_empty() || project.is_empty() {
        return None;
    }
    let mut subject = Subject { form: SubjectForm::Mutable, ..Subject::default() };
    subject.set_repository(owner, project);
    subject.context = Context::Environment(environment.clone());
    Some(subject)
}

fn reads(pattern: &str) -> Admitted {
    let tells = |claim: &str| match claim {
        "owner" => Claim::Owner,
        "project" => Claim::Project,
        _ => Claim::Context,
    };
    pattern::of_claims(pattern, tells).into()
}
