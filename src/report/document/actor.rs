//! Who is behind a finding: a group holds what one of them did.

use std::collections::BTreeSet;

use super::View;
use crate::model::arn;
use crate::model::origin::Origin;
use crate::report::judged_rank::is_of_door;

/// The parts of a key that name somebody, the surest first.
const PARTS: [&str; 8] =
    ["access_key_id", "principal_arn", "repository", "subject", "owner", "caller", "caller_account_id", "origin"];

/// Returns all who came the routes that a finding names, or whom its key names. Of a changed door that is whoever changed
/// it: its routes are those of whoever came in later, too.
pub(super) fn actors(view: &View<'_>, at: usize) -> BTreeSet<String> {
    let lineage = view.rows.lineage();
    let Some(finding) = view.rows.report.findings.get(at) else { return BTreeSet::new() };
    let routes = view.judged.routes_of(at).filter(|_| !is_of_door(finding));
    let routes = routes.filter_map(|route| lineage.routes.get(route));
    let mut actors: BTreeSet<String> = routes.map(|route| of_origin(lineage.origin(route.origin))).collect();
    if actors.is_empty() {
        let named = PARTS.iter().find_map(|part| finding.key.get(*part));
        actors.extend(named.map(|name| arn::role_name(name).unwrap_or(name).to_owned()));
    }
    actors
}

/// Names whoever stood there: a repository by its id, whatever the branch.
fn of_origin(origin: &Origin) -> String {
    let token = origin.token.as_ref().and_then(|token| token.repository_id.as_deref().or(token.repository.as_deref()));
    let account = origin.account_id.as_deref();
    let names = [token, origin.access_key_id.as_deref(), origin.subject.as_deref(), origin.principal_arn.as_deref()];
    let name = names.into_iter().chain([origin.service.as_deref(), account]).flatten().next();
    format!("{} {}", origin.kind.name(), name.unwrap_or_default())
}
