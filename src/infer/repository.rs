//! Repositories: which ones stand at the far end of a deploy role's chains.

use std::collections::BTreeMap;

use super::evidence::Seen;
use super::material::Material;
use crate::trust::observed::Observed;

/// Returns the repositories at the far end of the chains, those that came often enough.
pub(super) fn learned(material: &Material<'_>, well: &[&Observed<'_>]) -> Vec<String> {
    let mut by_repository: BTreeMap<String, Seen> = BTreeMap::new();
    for one in well {
        let far_end = one.session.origin().token.as_ref().filter(|subject| !material.disputes.is_about(subject));
        if let Some(repository) = far_end.and_then(|subject| subject.repository.clone())
            && !repository.contains(['*', '?', '[', ']', '{', '}'])
        {
            by_repository.entry(repository).or_default().add(one.time);
        }
    }
    by_repository.into_iter().filter(|(_, seen)| seen.is_enough()).map(|(repository, _)| repository).collect()
}
