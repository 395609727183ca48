//! Subjects: who holds the token at the beginning of each chain, read into parts once for each origin.

use crate::audit::rule::Context;
use crate::model::assumption::IssuingCall;
use crate::model::lineage::SessionView;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;
use crate::provider;
use crate::provider::Subject;
use crate::provider::Tenancy;

/// The subject of every origin that has one.
pub(super) struct Subjects {
    by_origin: Vec<Option<Subject>>,
    pipelines: Vec<bool>,
}

impl Subjects {
    /// Reads every subject of the lineage.
    pub(super) fn read(context: &Context<'_>) -> Self {
        let origins = &context.lineage.origins;
        let by_origin: Vec<Option<Subject>> = origins.iter().map(|origin| of_origin(context, origin)).collect();
        let pipelines = origins.iter().zip(&by_origin);
        let pipelines = pipelines.map(|(origin, subject)| is_pipeline(context, origin, subject.as_ref())).collect();
        Self { by_origin, pipelines }
    }

    /// Returns the subject at the beginning of the session's chain.
    pub(super) fn of(&self, session: SessionView<'_>) -> Option<&Subject> {
        self.by_origin.get(usize::try_from(session.session.origin).ok()?)?.as_ref()
    }

    /// Returns true when a token of a CI system stands at the beginning of the session's chain.
    pub(super) fn is_pipeline(&self, session: SessionView<'_>) -> bool {
        let origin = usize::try_from(session.session.origin).ok();
        origin.and_then(|origin| self.pipelines.get(origin)).copied().unwrap_or_default()
    }
}

/// Reads the subject of one origin.
pub(super) fn of_origin(context: &Context<'_>, origin: &Origin) -> Option<Subject> {
    if origin.kind != OriginKind::Oidc {
        return None;
    }
    Some(context.expectations.parse_subject(origin.provider.as_deref()?, origin.subject.as_deref()?))
}

fn is_pipeline(context: &Context<'_>, origin: &Origin, subject: Option<&Subject>) -> bool {
    let Some(issuer) = origin.provider.as_deref().filter(|_| origin.kind == OriginKind::Oidc) else { return false };
    provider_of(context, issuer).is_some_and(provider::is_for_pipelines) && !subject.is_some_and(Subject::is_log_stream)
}

/// Returns the kind of an issuer: the one that the file gives to it, else the one that its host tells.
pub(super) fn provider_of<'a>(context: &Context<'a>, issuer: &str) -> Option<&'a str> {
    let declared = context.expectations.issuer(issuer).and_then(|issuer| issuer.kind.as_deref());
    declared.or_else(|| provider::recognise(issuer).map(|provider| provider.id))
}

/// Returns true when many customers of a vendor share the issuer, so that its tokens may come from strangers.
pub(super) fn is_shared(issuer: &str) -> bool {
    provider::recognise(issuer).and_then(|provider| provider.tenancy(issuer)) == Some(Tenancy::Shared)
}

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

/// Returns the issuer's name for people: `GitHub Actions`, or its host.
pub(super) fn issuer_name(context: &Context<'_>, issuer: &str) -> String {
    let known = provider_of(context, issuer).and_then(provider::by_id);
    known.map_or_else(|| issuer.to_owned(), |provider| provider.name.to_owned())
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
