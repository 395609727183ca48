//! Subjects: who holds the token at the beginning of each chain.

use crate::audit::rule::Context;
use crate::model::assumption::IssuingCall;
use crate::model::lineage::SessionView;
use crate::provider::Issuer;
use crate::provider::Subject;

/// Returns true for a session that a token opened: the first of its chain, with the record that says so.
pub(super) fn is_entry(session: SessionView<'_>) -> bool {
    let is_web = session.issuing_record().is_some_and(|record| record.call == IssuingCall::WebIdentity);
    // A token of AWS goes from one session to the next, across partitions.
    is_web && session.parent().is_none()
}

/// Returns the session that the token opened, from the first one that is known for certain: one whose parent is not.
///
/// An ambiguous hop has no parent, and all that could be it share the origin, and so the role.
pub(super) fn entry_of(session: SessionView<'_>) -> SessionView<'_> {
    let candidate = session.candidates(&session.session.link).next().unwrap_or(session);
    candidate.first()
}

/// Returns what a finding is folded over instead of the whole subject: branches and tags are one thing each, so that
/// a hundred feature branches of one repository are one finding.
pub(super) fn context_class(subject: &Subject) -> String {
    use crate::provider::Context as Of;
    match &subject.context {
        Of::Branch(_) | Of::Tag(_) | Of::PullRequest | Of::None | Of::Other(_) => subject.context.kind().to_owned(),
        Of::Environment(name) => format!("environment:{name}"),
        Of::ServiceAccount { namespace, name } => format!("service_account:{namespace}/{name}"),
        Of::Workspace { project, workspace, run_phase } => {
            let project = project.as_deref().unwrap_or_default();
            format!("workspace:{project}/{workspace}/{run_phase}")
        }
    }
}

/// Returns the parts of a key that say whose token it is: issuer and repository, or the whole subject when it names
/// no repository.
pub(super) fn key_of(subject: &Subject) -> Vec<(&'static str, String)> {
    let named = match &subject.repository {
        Some(repository) => ("repository", repository.to_ascii_lowercase()),
        None => ("subject", subject.raw.clone()),
    };
    vec![("issuer", subject.issuer.clone()), named]
}

/// Returns an issuer of the kind that the file gives to it, else of the one that its host tells.
pub(super) fn issuer<'i>(context: &Context<'_>, issuer: &'i str) -> Issuer<'i> {
    Issuer::of(&context.lineage.kinds, issuer)
}

/// Writes the entry of `subjects` that admits exactly this subject.
pub(super) fn stanza(subject: &Subject) -> String {
    use crate::provider::Context as Of;
    // TOML's basic strings and Rust's debug form agree on quotes and backslashes.
    let pair = |key: &str, value: &str| format!("{key} = {value:?}");
    let mut pairs = Vec::new();
    if let Some(repository) = &subject.repository {
        pairs.push(pair("repo", repository));
        pairs.extend(subject.repository_id.as_ref().map(|id| pair("repo_id", id)));
    }
    match &subject.context {
        Of::Branch(_) | Of::Tag(_) => {
            pairs.extend(subject.git_ref().map(|git_ref| pair("ref", &git_ref)));
        }
        Of::Environment(name) => pairs.push(pair("environment", name)),
        Of::PullRequest => pairs.push("pull_request = true".to_owned()),
        Of::ServiceAccount { namespace, name } => {
            pairs.push(pair("namespace", namespace));
            pairs.push(pair("service_account", name));
        }
        Of::Workspace { project, workspace, run_phase } => {
            pairs.extend(project.as_ref().map(|project| pair("project", project)));
            pairs.push(pair("workspace", workspace));
            pairs.push(pair("run_phase", run_phase));
        }
        Of::None | Of::Other(_) => {}
    }
    let is_exact = !matches!(subject.context, Of::None | Of::Other(_));
    if !is_exact || pairs.is_empty() {
        pairs = vec![pair("issuer", &subject.issuer), pair("raw", &subject.raw)];
    }
    format!("{{ {} }}", pairs.join(", "))
}
