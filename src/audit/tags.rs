//! Tags: what a session carries, and whether anything names the CI run that it belongs to.

use crate::model::lineage::SessionView;

/// The tag that a run id in the user agent stands for: the action drops it when its tags are too long.
const RUN: &str = "RunId";

/// True when the session was given the tag, or inherited it, or names its run otherwise.
pub(super) fn carries(session: SessionView<'_>, key: &str) -> bool {
    tag_keys(session).any(|carried| carried.eq_ignore_ascii_case(key)) || (key == RUN && session.session.way.names_run)
}

/// True when a tag or a user agent names the run that the session belongs to.
pub(super) fn names_run(session: SessionView<'_>) -> bool {
    carries(session, RUN)
}

/// Returns the keys of the tags that the session was given and of those that it inherited.
pub(super) fn tag_keys(session: SessionView<'_>) -> impl Iterator<Item = &str> {
    let lineage = session.lineage();
    let extra = session.issuing_record().and_then(|record| record.extra.as_deref());
    let tags = extra.into_iter().flat_map(|extra| extra.tags.iter().chain(&extra.incoming_tags));
    tags.map(|(key, _)| lineage.str(*key))
}
