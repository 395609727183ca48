//! Standing: whose is the repository behind a token, as the owners of a role see it? What is advised depends on it: nobody
//! is told to let a stranger in.

use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::expect::RoleExpectation;
use crate::expect::SubjectMatcher;
use crate::model::glob::Glob;
use crate::provider::Subject;

/// Whose a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The expectations name the repository itself, for this role or for another one.
    OwnRepository,
    /// The expectations name its owner.
    OwnOrganisation,
    /// The expectations name owners of the same issuer, and its owner is none of them.
    Foreign,
    /// Nothing says whose it is, although strangers have tokens of the same issuer.
    Unknown,
    /// Its issuer signs for one customer only, or its subject names no owner: the question does not arise.
    Unasked,
}

/// Returns whose a subject is. `role_arn` is a role that it came into, or asked for.
pub(super) fn of(context: &Context<'_>, role_arn: Option<&str>, subject: &Subject) -> Standing {
    let Some(owner) = subject.owner.as_deref().filter(|_| subjects::is_shared(&subject.issuer)) else {
        return Standing::Unasked;
    };
    let expectations = context.expectations;
    let is_own = if subject.is_from("github") && !expectations.github_owners().is_empty() {
        Some(is_declared(context, owner, subject))
    } else {
        role_arn.and_then(|role_arn| is_named(expectations.role(role_arn)?, owner, subject))
    };
    match is_own {
        None => Standing::Unknown,
        Some(false) => Standing::Foreign,
        Some(true) if expectations.roles.iter().any(|role| names_repository(role, subject)) => Standing::OwnRepository,
        Some(true) => Standing::OwnOrganisation,
    }
}

/// True when `github_owners` lists the owner. An id outlives its name: where both are known, the id decides.
fn is_declared(context: &Context<'_>, owner: &str, subject: &Subject) -> bool {
    let owners = context.expectations.github_owners();
    if subject.owner_id.is_some() && owners.iter().any(|known| known.id == subject.owner_id) {
        return true;
    }
    let known = context.expectations.github_owner(owner);
    known.is_some_and(|known| known.id.is_none() || subject.owner_id.is_none())
}

/// Says whether the role's stanza names the owner; `None` when it names none for this issuer.
fn is_named(role: &RoleExpectation, owner: &str, subject: &Subject) -> Option<bool> {
    let of_repos = role.repos.iter().filter_map(owner_of);
    let of_subjects = matchers(role, subject)
        .filter_map(|matcher| matcher.owner.clone().or_else(|| owner_of(matcher.repo.as_ref()?)));
    let owners: Vec<Glob> = of_repos.chain(of_subjects).collect();
    (!owners.is_empty()).then(|| owners.iter().any(|glob| glob.matches_ignore_case(owner)))
}

/// True when the role's stanza names the repository.
fn names_repository(role: &RoleExpectation, subject: &Subject) -> bool {
    let Some(repository) = subject.repository.as_deref() else { return false };
    let mut of_subjects = matchers(role, subject).filter_map(|matcher| matcher.repo.as_ref());
    role.admits_repository(repository) || of_subjects.any(|repo| repo.matches_ignore_case(repository))
}

/// Returns the role's matchers that may speak of the subject's issuer.
fn matchers<'a>(role: &'a RoleExpectation, subject: &Subject) -> impl Iterator<Item = &'a SubjectMatcher> {
    let fits = |issuer: &Glob| issuer.matches_ignore_case(&subject.issuer);
    role.subjects.iter().filter(move |matcher| matcher.issuer.as_ref().is_none_or(fits))
}

fn owner_of(repo: &Glob) -> Option<Glob> {
    Glob::new(repo.as_str().split_once('/')?.0)
}

/// Chooses what is advised about a subject: `own` for one's own, and for a stranger's that it be shut out. `door` is the
/// role whose trust policy let it in, or would have to.
pub(super) fn advice(standing: Standing, subject: &Subject, door: &str, own: String) -> String {
    let who = subject.repository.as_deref().or(subject.owner.as_deref()).unwrap_or(&subject.raw);
    let owner = subject.owner.as_deref().unwrap_or(who);
    match standing {
        Standing::OwnRepository | Standing::OwnOrganisation | Standing::Unasked => own,
        Standing::Unknown => {
            format!("{own} If {owner} is not yours, take {who} out of the trust policy of {door} instead.")
        }
        Standing::Foreign => format!(
            "Take {who} out of the trust policy of {door}: {owner} is none of the owners that are known as yours. Narrow \
             the sub condition to your owner with a slash right after its name, and pin its id \
             (repo:OWNER@ID/REPOSITORY@ID:…). Deny sessions of the role that were issued before now (aws:TokenIssueTime), \
             and review what they did."
        ),
    }
}
