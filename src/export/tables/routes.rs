//! Routes.

use super::Shape;
use super::origin;
use super::origin::OriginColumns;
use super::push;
use crate::export::Source;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::arn;
use crate::model::time::Timestamp;
use crate::report::wire::chain::Route;

columns! {
    /// Routes.
    pub(super) struct Routes = "routes", "One route: chains with the same origin and the same roles, folded.";
    write route: &'v Route<'v>, with source: Source<'v> {
        let last = route.role_arns.last().map(AsRef::<str>::as_ref);
        let account = last.and_then(arn::account);
    };
    route_id: str = &route.id, "Stable: the same route has the same id in every run.";
    ..origin: OriginColumns = &route.origin;
    role_path: str = origin::role_path(&route.roles()),
        "The names of the roles, joined by ` > `; null when there is no role.";
    roles: i64 = route.count_roles(), "How many roles the route has.";
    first_role_arn: str = route.role_arns.first(), "The first role, with its path.";
    last_role_arn: str = last, "The last role, with its path.";
    last_role_name: str = last.map(origin::role_name), "The last role's name.";
    last_account_id: str = account, "The account that owns the last role.";
    last_account_name: str = source.account_name(account), "What the expectations call that account.";
    chains: i64 = route.chains, "How many chains took the route.";
    calls: i64 = route.activity.calls, "Calls of their last sessions. Assumptions are not counted.";
    writes: i64 = route.activity.writes, "Successful calls of their last sessions with `readOnly: false`.";
    errors: i64 = route.activity.errors, "Calls of their last sessions that failed.";
    first_event: Timestamp = route.activity.first_event, "The earliest event of their last sessions.";
    last_event: Timestamp = route.activity.last_event, "The latest event of their last sessions.";
}

pub(super) static SHAPE: Shape = Shape {
    table: Routes::TABLE,
    key: &["route_id"],
    joins: &[("origin_access_key_id", "long_term_keys.access_key_id")],
    day: "last_event",
    rows: |source, sink| source.rows.routes().try_for_each(|route| push::<Routes>(&route, source, sink)),
};
