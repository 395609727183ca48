//! CircleCI: `org/ORG/project/PROJECT/user/USER`, version 2 with `/vcs-origin/ORIGIN/vcs-ref/REF`.

use super::claims::is_uuid;
use super::pattern::{Admitted, Claim, Part, Pins};
use super::{Context, Provider, Subject, SubjectForm, Tenancy, run};

pub(super) const PROVIDER: Provider = Provider {
    id: "circleci",
    name: "CircleCI",
    recognizes,
    parse: Some(parse),
    project: "project",
    reads,
    every_run,
    ..Provider::USUAL
};

fn recognizes(issuer: &str) -> Option<Tenancy> {
    if issuer == "oidc.circleci.com" {
        return Some(Tenancy::Shared);
    }
    issuer.strip_prefix("oidc.circleci.com/org/").map(|_| Tenancy::Tenant)
}

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let (org, rest) = text.strip_prefix("org/")?.split_once("/project/")?;
    let (project, rest) = rest.split_once("/user/")?;
    let (user, origin_and_ref) = match rest.split_once("/vcs-origin/") {
        Some((user, rest)) => (user, Some(rest.split_once("/vcs-ref/")?)),
        None => (rest, None),
    };
    if ![org, project, user].into_iter().all(is_uuid) {
        return None;
    }
    let mut subject = Subject {
        form: SubjectForm::Immutable,
        owner_id: Some(org.to_owned()),
        repository_id: Some(project.to_owned()),
        extra: vec![("user".to_owned(), user.to_owned())],
        ..Subject::default()
    };
    if let Some((origin, git_ref)) = origin_and_ref {
        subject.context = Context::from_git_ref(git_ref);
        // The origin is `HOST/OWNER/NAME`.
        if let Some((owner, name)) = origin.split_once('/').and_then(|(_, path)| path.split_once('/')) {
            subject.set_repository(owner, name);
        }
        subject.extra.push(("vcs-origin".to_owned(), origin.to_owned()));
        subject.extra.push(("vcs-ref".to_owned(), git_ref.to_owned()));
    }
    Some(subject)
}

fn reads(pattern: &str) -> Admitted {
    let mut pins = Pins::default();
    let mut parts = pattern.splitn(9, '/');
    while let Some(claim) = parts.next() {
        if Part::of(claim) != Part::Whole {
            pins.open_end();
            break;
        }
        match (claim, parts.next()) {
            ("org", Some(value)) => pins.take(Claim::Owner, value),
            ("project", Some(value)) => pins.take(Claim::Project, value),
            // Whoever started the run: one person or, with a wildcard, any.
            ("user", Some(value)) if Part::of(value) == Part::Whole => pins.take(Claim::Context, value),
            // It may reach over all that follows it.
            ("user", Some(value)) if value.contains('*') && parts.next().is_some() => {
                pins.open_end();
                break;
            }
            ("user", _) | (_, None) => {}
            (_, Some(value)) => pins.take(Claim::Context, value),
        }
    }
    pins.into()
}

/// Anybody in the project may start the run of a branch.
fn every_run(subject: &str) -> Option<String> {
    let (before, rest) = subject.split_once("/user/")?;
    let behind = rest.split_once('/').map(|(_, behind)| format!("/{behind}")).unwrap_or_default();
    let behind = match behind.split_once("/vcs-ref/") {
        Some((origin, git_ref)) => format!("{origin}/vcs-ref/{}", run::of_ref(git_ref).as_deref().unwrap_or(git_ref)),
        None => behind,
    };
    parse("", subject).map(|_| format!("{before}/user/{}{behind}", run::UUID))
}
