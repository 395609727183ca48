//! The guard: what must not be learned, because it looks bad. A history that holds an intrusion must not become the
//! norm.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Sources;
use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::chain::Chain;
use crate::model::chain::ChainId;
use crate::model::chain::SessionId;
use crate::model::chains::Chains;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::origin::OriginKind;
use crate::provider::Context;
use crate::provider::Subject;

/// From this severity on, what a finding is about is not learned.
const BAD: Severity = Severity::High;

/// What the audit found against sessions and keys.
#[derive(Debug)]
pub(super) struct Guard {
    sessions: BTreeMap<SessionId, BTreeSet<&'static str>>,
    keys: BTreeMap<String, &'static str>,
}

impl Guard {
    /// Takes in every finding of severity high or above: its key, or all the sessions of its chains.
    pub(super) fn new(sources: &Sources<'_>) -> Self {
        let lineage = sources.lineage;
        let by_id: BTreeMap<ChainId, &Chain> = lineage.chains.iter().map(|chain| (chain.id, chain)).collect();
        let mut chains: BTreeMap<&'static str, Chains> = BTreeMap::new();
        let mut guard = Self { sessions: BTreeMap::new(), keys: BTreeMap::new() };
        for finding in sources.findings.iter().filter(|finding| finding.severity >= BAD) {
            // What is said of a long-term key names the good door beside it, too, and is not said of that.
            let key = finding.key.get("access_key_id").filter(|key| arn::key_kind(key) == KeyKind::LongTerm);
            if let Some(key) = key {
                guard.keys.entry(key.clone()).or_insert(finding.rule);
                continue;
            }
            chains.entry(finding.rule).or_default().extend(finding.chain_ids.clone());
        }
        for (rule, chains) in chains {
            let chains = chains.ids(&lineage.by_descent).filter_map(|id| by_id.get(&id)).copied();
            for session in lineage.sessions_of(chains) {
                guard.sessions.entry(session).or_default().insert(rule);
            }
        }
        guard
    }

    /// Returns the rule that a session breaks, itself or by the key that its chain began with.
    pub(super) fn broken_by(&self, session: SessionView<'_>) -> Option<&'static str> {
        let by_key = || self.keys.get(session.origin().access_key_id.as_deref()?).copied();
        self.sessions.get(&session.id).and_then(|rules| rules.first()).copied().or_else(by_key)
    }

    /// Says why a session must not be learned from, if so.
    pub(super) fn against(&self, session: SessionView<'_>) -> Option<String> {
        self.broken_by(session).map(|rule| format!("it carries the finding {rule}"))
    }
}

/// Says why an origin must not stand at the beginning of a deploy role's chains, if so.
pub(super) fn against_origin(kind: OriginKind) -> Option<&'static str> {
    match kind {
        OriginKind::LongTermKey => Some("a long-lived key stands at the beginning, and the role deploys"),
        OriginKind::SessionToken => Some("a user's session token stands at the beginning, and the role deploys"),
        OriginKind::ForwardAccess => Some("a service in a user's name stands at the beginning, and the role deploys"),
        OriginKind::Root => Some("the root user stands at the beginning, and the role deploys"),
        OriginKind::Console | OriginKind::Saml | OriginKind::IdentityCenter => {
            Some("a person stands at the beginning, and the role deploys")
        }
        _ => None,
    }
}

/// Says why a subject must not enter a role that deploys or leads to one, if so.
pub(super) fn against_subject(subject: &Subject) -> Option<&'static str> {
    (subject.context == Context::PullRequest).then_some("pull requests must not reach a role that deploys")
}
