//! Standing: whose is the repository behind a token, as the owners of a role see it? What is advised depends on it: nobody
//! is told to let a stranger in.

use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::expect::RoleExpectation;
use crate::provider::Subject;

/// Whose a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The expectations name the repository itself, for this role or for another one.
    OwnRepository,
    /// The expectations name its owner.
    OwnOrganization,
    /// The expectations name owners of the same issuer, and its owner is none of them.
    Foreign,
    /// Nothing says whose it is, although strangers have tokens of the same issuer.
    Unknown,
    /// Its issuer signs for one customer only, or its subject names no owner: the question does not arise.
    Unasked,
}

/// Returns whose a subject is. `role_arn` is a role that it came into, or asked for.
pub(super) fn of(context: &Context<'_>, role_arn: Option<&str>, subject: &Subject) -> Standing {
    let Some(owner) = subject.owner.as_deref().filter(|_| subjects::issuer(context, &subject.issuer).is_shared())
    else {
        return Standing::Unasked;
    };
    let expectations = context.expectations;
    let are_listed = subject.is_from("github") && !expectations.github_owners().is_empty();
    let is_named = expectations.roles.name_repository(subject);
    let is_own = if are_listed {
        is_listed(context, owner, subject)
    } else {
        is_named || expectations.roles.name_owner(subject)
    };
    if is_own {
        return if is_named { Standing::OwnRepository } else { Standing::OwnOrganization };
    }
    let role = role_arn.and_then(|role_arn| expectations.role(role_arn));
    let are_known = are_listed || role.is_some_and(|role| names_owners(role, subject));
    if are_known { Standing::Foreign } else { Standing::Unknown }
}

/// True when `github_owners` lists the owner. An id outlives its name: where both are known, the id decides.
fn is_listed(context: &Context<'_>, owner: &str, subject: &Subject) -> bool {
    if subject.owner_id.as_deref().is_some_and(|id| context.expectations.github_owner_of_id(id).is_some()) {
        return true;
    }
    let known = context.expectations.github_owner(owner);
    known.is_some_and(|known| known.id.is_none() || subject.owner_id.is_none())
}

/// True when the role's stanza names owners for the subject's issuer, and does not admit any owner.
fn names_owners(role: &RoleExpectation, subject: &Subject) -> bool {
    let admits_any = role.repos.fits("\u{0}/\u{0}");
    !admits_any && (!role.repos.is_empty() || role.subjects.name_owners(&subject.issuer))
}

/// Chooses what is advised about a subject: `own` for one's own, and for a stranger's that it be shut out. `door` is the
/// role whose trust policy let it in, or would have to.
pub(super) fn advice(standing: Standing, subject: &Subject, door: &str, own: String) -> String {
    let who = subject.repository.as_deref().or(subject.owner.as_deref()).unwrap_or(&subject.raw);
    let owner = subject.owner.as_deref().unwrap_or(who);
    match standing {
        Standing::OwnRepository | Standing::OwnOrganization | Standing::Unasked => own,
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
