//! GitLab CI/CD: `project_path:GROUP/PROJECT:ref_type:branch:ref:NAME`.

use super::claims::pairs;
use super::pattern::{self, Admitted, Claim};
use super::{Context, Provider, Subject, SubjectForm, Tenancy, run};

pub(super) const PROVIDER: Provider = Provider {
    id: "gitlab",
    name: "GitLab CI/CD",
    recognizes: |issuer| (issuer == "gitlab.com").then_some(Tenancy::Shared),
    parse: Some(parse),
    project: "project",
    reads,
    every_run,
    tells,
    ..Provider::USUAL
};

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let claims = pairs(text)?;
    let ((first, path), rest) = claims.split_first()?;
    // The top-level group owns the project; subgroups belong to the name.
    let (owner, name) = path.split_once('/')?;
    if *first != "project_path" || owner.is_empty() || name.is_empty() {
        return None;
    }
    let mut subject = Subject { form: SubjectForm::Mutable, ..Subject::default() };
    subject.set_repository(owner, name);
    let value = |claim: &str| rest.iter().find(|(name, _)| *name == claim).map(|(_, value)| value.as_str());
    subject.context = match (value("ref_type"), value("ref")) {
        (Some("branch"), Some(name)) => Context::Branch(name.to_owned()),
        (Some("tag"), Some(name)) => Context::Tag(name.to_owned()),
        (Some(kind), Some(name)) => Context::Other(format!("{kind}:{name}")),
        _ => value("environment").map_or(Context::None, |name| Context::Environment(name.to_owned())),
    };
    let has_ref = value("ref_type").is_some() && value("ref").is_some();
    if !has_ref || rest.len() != 2 {
        subject.form = SubjectForm::Custom;
    }
    subject.extra = rest
        .iter()
        .filter(|(claim, _)| !(has_ref && matches!(*claim, "ref_type" | "ref")))
        .map(|(claim, value)| ((*claim).to_owned(), value.clone()))
        .collect();
    Some(subject)
}

fn tells(claim: &str) -> Claim {
    match claim {
        "namespace_id" | "namespace_path" => Claim::Owner,
        "project_id" => Claim::Project,
        "project_path" => Claim::OwnerAndProject,
        "ci_config_ref_uri" | "user_email" | "user_id" | "user_login" => Claim::Firm,
        "ci_config_sha" | "job_id" | "pipeline_id" | "sha" => Claim::Run,
        _ => Claim::Context,
    }
}

fn reads(pattern: &str) -> Admitted {
    // That it is a branch says nothing, as long as it may be any.
    pattern::of_claims(&pattern.replace(":ref_type:branch:", ":"), tells).into()
}

fn every_run(subject: &str) -> Option<String> {
    let is_tag = subject.contains(":ref_type:tag:");
    run::of_claims(subject, |claim, value| match claim {
        "ref" if is_tag => run::of_tag(value),
        "ci_config_sha" | "job_id" | "pipeline_id" | "sha" => Some("*".to_owned()),
        _ => None,
    })
}
